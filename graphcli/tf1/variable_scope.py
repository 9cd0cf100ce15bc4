"""Variable scopes: what names begin with, and what get_variable takes from around it (tf.variable_scope)."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.collections import GraphKeys
from ..graph.types import as_dtype
from ..graph.variables import AUTO_REUSE, VariableScope, VariableStore, store_of
from .framework import get_default_graph, name_scope

EXPORTS = """
tf: variable_scope VariableScope get_variable_scope AUTO_REUSE no_regularizer
tf: variable_op_scope
python.ops.variable_scope: _pure_variable_scope=pure_variable_scope
"""

__all__ = ["AUTO_REUSE", "VariableScope", "get_variable_scope", "variable_scope"]

_FIELDS = ("initializer", "regularizer", "caching_device", "partitioner", "custom_getter", "dtype", "use_resource")
"""What a scope takes from the one around it."""


def open_store() -> VariableStore:
    return store_of(get_default_graph())


def get_variable_scope() -> VariableScope:
    """The variable scope that is open (tf.get_variable_scope)."""
    return open_store().scope


def no_regularizer(_: Any) -> None:
    """A regularizer that adds nothing, over one of the scope (tf.no_regularizer)."""
    return None


@contextmanager
def variable_scope(name_or_scope: Any = None, default_name: str | None = None, values: Any = None,
                   initializer: Any = None, regularizer: Any = None, caching_device: Any = None,
                   partitioner: Any = None, custom_getter: Any = None, reuse: Any = None, dtype: Any = None,
                   use_resource: Any = None, constraint: Any = None,
                   auxiliary_name_scope: bool = True) -> Iterator[VariableScope]:
    """Opens a variable scope (tf.variable_scope).

    name_or_scope: a name below the current scope, a VariableScope to open again, or None to take
    ``default_name``, made unique. reuse: True (variables must exist), AUTO_REUSE, or None (as the
    scope around it). The other fields are defaults for get_variable inside.

    Raises InvalidType and InvalidValue for what is none of these.
    """
    if name_or_scope is None and default_name is None:
        raise InvalidType("variable_scope needs a name or a default_name")
    if name_or_scope is not None and not isinstance(name_or_scope, (str, VariableScope)):
        raise InvalidType(f"variable_scope takes a name or a scope, not {said(name_or_scope)}")
    if reuse is False:
        reuse = None
    if reuse is not True and reuse is not None and reuse is not AUTO_REUSE:
        raise InvalidValue(f"reuse is True, False, None or AUTO_REUSE, not {said(reuse)}")
    if not isinstance(auxiliary_name_scope, bool):
        raise InvalidType(f"auxiliary_name_scope is True or False, not {said(auxiliary_name_scope)}")
    given = {"initializer": initializer, "regularizer": regularizer, "caching_device": caching_device,
             "partitioner": partitioner, "custom_getter": custom_getter,
             "dtype": None if dtype is None else as_dtype(dtype), "use_resource": use_resource}
    graph = get_default_graph()
    with ExitStack() as stack:
        # a scope makes its graph the default one again
        stack.enter_context(graph.scopes.settled())
        if name_or_scope is None:
            if reuse:
                raise InvalidValue("reuse cannot be set on a scope without a name of its own")
            opened = _open_name(stack, graph, default_name, auxiliary_name_scope)
            name = store_of(graph).unique_default(str(default_name))
            yield stack.enter_context(_pure(name, opened, None, given, constraint))
            return
        base = name_or_scope if isinstance(name_or_scope, str) else name_or_scope.name.split("/")[-1]
        original = None
        if base or not auxiliary_name_scope:
            original = _open_name(stack, graph, base, auxiliary_name_scope)
        if isinstance(name_or_scope, VariableScope):
            original = name_or_scope.original_name_scope
        yield stack.enter_context(_pure(name_or_scope, original, reuse, given, constraint))


def _open_name(stack: ExitStack, graph: Any, name: str | None, auxiliary: bool) -> str:
    if auxiliary:
        return stack.enter_context(name_scope(name))
    current = graph.scopes.name
    return stack.enter_context(name_scope(current + "/" if current else ""))


@contextmanager
def _pure(name_or_scope: Any, name_scope_name: str | None, reuse: Any, given: dict[str, Any],
          constraint: Any) -> Iterator[VariableScope]:
    """The scope of variables alone, without one of op names."""
    store = open_store()
    old = store.scope
    again = isinstance(name_or_scope, VariableScope)
    source = name_or_scope if again else old
    name = source.name if again else old.full_name(name_or_scope)
    if again:
        original = source.original_name_scope
    else:
        original = name_or_scope if name_scope_name is None else name_scope_name
    fields = {f: getattr(source, f) for f in _FIELDS}
    for key, value in given.items():
        if value is not None:
            fields[key] = _chained(value, source.custom_getter) if key == "custom_getter" else value
    scope = VariableScope(reuse or source.reuse, name=name, name_scope=original, constraint=constraint, **fields)
    store.count(name)
    before = dict(store.opened) if again else None
    store.scope = scope
    try:
        yield scope
    finally:
        store.scope = old
        if before is not None:
            store.opened = before
        else:
            store.close_below(name)


def pure_scope(name: str, custom_getter: Any = None) -> AbstractContextManager[VariableScope]:
    """A scope of variables alone, below the current one; their dtype is float32, whatever is around."""
    return pure_variable_scope(name, custom_getter=custom_getter)


def pure_variable_scope(name_or_scope: Any, reuse: Any = None, initializer: Any = None, regularizer: Any = None,
                        caching_device: Any = None, partitioner: Any = None, custom_getter: Any = None,
                        old_name_scope: str | None = None, dtype: Any = "float32", use_resource: Any = None,
                        constraint: Any = None) -> AbstractContextManager[VariableScope]:
    """tf.variable_scope without its scope of op names (variable_scope._pure_variable_scope)."""
    given = {"initializer": initializer, "regularizer": regularizer, "caching_device": caching_device,
             "partitioner": partitioner, "custom_getter": custom_getter,
             "dtype": None if dtype is None else as_dtype(dtype), "use_resource": use_resource}
    return _pure(name_or_scope, old_name_scope, reuse, given, constraint)


def unique_scope_name(prefix: str) -> str:
    """``prefix`` or ``prefix_1``, …: the first scope that has not been opened in the current one."""
    return open_store().unique_default(prefix)


def _chained(inner: Callable[..., Any], outer: Callable[..., Any] | None) -> Callable[..., Any]:
    """A custom getter that hands on to the one of the scope around it."""
    if outer is None:
        return inner

    def get(getter: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return inner(partial(outer, getter), *args, **kwargs)

    return get


@contextmanager
def variable_op_scope(values: Any, name_or_scope: Any, default_name: str | None = None,
                      **fields: Any) -> Iterator[VariableScope]:
    """tf.variable_op_scope: variable_scope with its arguments in another order."""
    with variable_scope(name_or_scope, default_name=default_name, values=values, **fields) as scope:
        yield scope


# -- variables


def _method(self: VariableScope, name: str, *args: Any, **kwargs: Any) -> Any:
    """VariableScope.get_variable(store, name, …): get_variable as if this scope were open."""
    from .get_variable import get_variable

    store = open_store()
    if isinstance(name, VariableStore):
        name, args = args[0], args[1:]
    old, store.scope = store.scope, self
    try:
        return get_variable(name, *args, **kwargs)
    finally:
        store.scope = old


def _collection(key: str) -> Callable[[VariableScope], list[Any]]:
    def get(self: VariableScope) -> list[Any]:
        return get_default_graph().get_collection(key, self.name + "/" if self.name else "")

    return get


VariableScope.get_variable = _method  # type: ignore[attr-defined]
VariableScope.trainable_variables = _collection(GraphKeys.TRAINABLE_VARIABLES)  # type: ignore[attr-defined]
VariableScope.global_variables = _collection(GraphKeys.GLOBAL_VARIABLES)  # type: ignore[attr-defined]
VariableScope.local_variables = _collection(GraphKeys.LOCAL_VARIABLES)  # type: ignore[attr-defined]
VariableScope.get_collection = (  # type: ignore[attr-defined]
    lambda self, key: get_default_graph().get_collection(key, self.name + "/" if self.name else ""))
