"""variable_scope and get_variable: variables by name, made once and shared under reuse (tf.variable_scope)."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any

from ..errors import GraphError, InvalidType, InvalidValue
from ..graph.collections import GraphKeys
from ..graph.graph import Node, Tensor
from ..graph.types import DType, as_dtype, as_shape, show
from ..graph.variables import AUTO_REUSE, VariableScope, VariableStore, store_of
from .framework import colocate_with, convert_to_tensor, get_default_graph, name_scope
from .operators import install_on
from .resource_toggle import resource_variables_enabled
from .variables import Variable, VariableAggregation, VariableSynchronization

EXPORTS = """
tf: variable_scope VariableScope get_variable get_variable_scope get_local_variable AUTO_REUSE no_regularizer
tf: variable_op_scope
"""

__all__ = ["AUTO_REUSE", "VariableScope", "get_variable", "get_variable_scope", "variable_scope"]

_FIELDS = ("initializer", "regularizer", "caching_device", "partitioner", "custom_getter", "dtype", "use_resource")
"""What a scope takes from the one around it."""


def _store() -> VariableStore:
    return store_of(get_default_graph())


def get_variable_scope() -> VariableScope:
    """The variable scope that is open (tf.get_variable_scope)."""
    return _store().scope


def no_regularizer(_: Any) -> None:
    """A regularizer that adds nothing, over one of the scope (tf.no_regularizer)."""
    return None


# -- opening scopes

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
        raise InvalidType(f"variable_scope takes a name or a scope, not {name_or_scope!r}")
    if reuse is False:
        reuse = None
    if reuse is not True and reuse is not None and reuse is not AUTO_REUSE:
        raise InvalidValue(f"reuse is True, False, None or AUTO_REUSE, not {reuse!r}")
    if not isinstance(auxiliary_name_scope, bool):
        raise InvalidType(f"auxiliary_name_scope is True or False, not {auxiliary_name_scope!r}")
    given = {"initializer": initializer, "regularizer": regularizer, "caching_device": caching_device,
             "partitioner": partitioner, "custom_getter": custom_getter,
             "dtype": None if dtype is None else as_dtype(dtype), "use_resource": use_resource}
    graph = get_default_graph()
    with ExitStack() as stack:
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
    store = _store()
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
    """A scope of variables alone, below the current one."""
    return _pure(name, None, None, {"custom_getter": custom_getter}, None)


def unique_scope_name(prefix: str) -> str:
    """``prefix`` or ``prefix_1``, …: the first scope that has not been opened in the current one."""
    return _store().unique_default(prefix)


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

def get_variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None,
                 regularizer: Any = None, trainable: bool | None = None, collections: Any = None,
                 caching_device: Any = None, partitioner: Any = None, validate_shape: bool = True,
                 use_resource: bool | None = None, custom_getter: Any = None, constraint: Any = None,
                 synchronization: Any = VariableSynchronization.AUTO,
                 aggregation: Any = VariableAggregation.NONE) -> Any:
    """The variable of this name in the current variable scope: made, or shared under reuse (tf.get_variable).

    initializer: a function of a shape, or a value (then without shape); the scope's, or
    glorot_uniform (zeros for integers and booleans), by default. regularizer: a function of the
    variable whose value is added to REGULARIZATION_LOSSES.

    Raises InvalidValue if the variable exists and is not to be reused, does not exist and is to be,
    or differs in shape or dtype from the one that is shared.
    """
    return _get(get_variable_scope(), name, shape, dtype, initializer, regularizer, trainable, collections,
                caching_device, partitioner, validate_shape, use_resource, custom_getter, constraint,
                synchronization, aggregation)


def get_local_variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None,
                       regularizer: Any = None, trainable: bool = False, collections: Any = None,
                       caching_device: Any = None, partitioner: Any = None, validate_shape: bool = True,
                       use_resource: bool | None = None, custom_getter: Any = None, constraint: Any = None,
                       synchronization: Any = VariableSynchronization.AUTO,
                       aggregation: Any = VariableAggregation.NONE) -> Any:
    """get_variable of a variable that is not trained, in LOCAL_VARIABLES (tf.get_local_variable)."""
    return get_variable(name, shape, dtype, initializer, regularizer, False,
                        [*(collections or ()), GraphKeys.LOCAL_VARIABLES], caching_device, partitioner,
                        validate_shape, use_resource, custom_getter, constraint, synchronization, aggregation)


def _get(scope: VariableScope, name: str, shape: Any, dtype: Any, initializer: Any, regularizer: Any,
         trainable: Any, collections: Any, caching_device: Any, partitioner: Any, validate_shape: bool,
         use_resource: Any, custom_getter: Any, constraint: Any, synchronization: Any, aggregation: Any) -> Any:
    if not isinstance(name, str):
        raise InvalidType(f"a variable's name is a string, not {name!r}")
    getter = custom_getter or scope.custom_getter
    if getter is not None and not callable(getter):
        raise InvalidValue(f"a custom_getter is a function, not {getter!r}")
    dtype = None if dtype is None else as_dtype(dtype)
    with name_scope(None):
        if dtype is not None and initializer is not None and not callable(initializer):
            found = convert_to_tensor(initializer).dtype.base_dtype
            if found is not dtype.base_dtype:
                raise InvalidValue(f"variable {scope.full_name(name)}: the initializer is {found.name}, "
                                   f"but dtype is {dtype.base_dtype.name}")
        fields = {
            "shape": shape, "dtype": (dtype or scope.dtype).base_dtype,
            "initializer": scope.initializer if initializer is None else initializer,
            "regularizer": scope.regularizer if regularizer is None else regularizer,
            "reuse": scope.reuse, "trainable": trainable, "collections": collections,
            "caching_device": caching_device or scope.caching_device, "partitioner": partitioner or scope.partitioner,
            "validate_shape": validate_shape,
            "use_resource": scope.use_resource if use_resource is None else use_resource,
            "synchronization": synchronization, "aggregation": aggregation,
            "constraint": scope.constraint if constraint is None else constraint,
        }
        if trainable is None:
            fields["trainable"] = synchronization != VariableSynchronization.ON_READ
        full = scope.full_name(name)
        if getter is None:
            return _true_getter(full, **fields)
        if not _takes(getter, "constraint"):
            del fields["constraint"]
        return getter(getter=_true_getter, name=full, **fields)


def _takes(function: Any, argument: str) -> bool:
    parameters = inspect.signature(function).parameters
    return argument in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _true_getter(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
                 reuse: Any = None, trainable: Any = None, collections: Any = None, caching_device: Any = None,
                 partitioner: Any = None, validate_shape: bool = True, use_resource: Any = None,
                 constraint: Any = None, synchronization: Any = None, aggregation: Any = None) -> Any:
    """What a custom getter calls: the variable in one piece or in parts."""
    from .partitioned import get_partitioned

    store = _store()
    kind = as_dtype("float32" if dtype is None else dtype)
    rest = {"regularizer": regularizer, "trainable": trainable, "collections": collections,
            "caching_device": caching_device, "validate_shape": validate_shape, "use_resource": use_resource,
            "constraint": constraint, "synchronization": synchronization, "aggregation": aggregation}
    scalar = isinstance(shape, (list, tuple)) and not shape
    if partitioner is not None and not scalar or reuse is True and name in store.partitioned:
        with name_scope(None):
            return get_partitioned(_single, name, partitioner, shape, kind, initializer, reuse or False, **rest)
    if f"{name}/part_0" in store.declared:
        found = store.declared[f"{name}/part_0"]
        raise InvalidValue(f"variable {name} exists in parts, and no partitioner is given",
                           hint="with reuse=True it is shared without one",
                           notes=[(f"{name}/part_0 was made here", found.span)] if found.span is not None else [])
    return _single(name, shape=shape, dtype=dtype, initializer=initializer, reuse=reuse, **rest)


def _single(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
            reuse: Any = None, trainable: Any = None, collections: Any = None, caching_device: Any = None,
            validate_shape: bool = True, use_resource: Any = None, constraint: Any = None,
            synchronization: Any = None, aggregation: Any = None) -> Any:
    graph = get_default_graph()
    store = store_of(graph)
    from_value = initializer is not None and not callable(initializer)
    if shape is not None and from_value:
        raise InvalidValue(f"variable {name}: an initializer that is a value has the shape; shape is given too",
                           hint=f"leave shape out, or use constant_initializer({_short(initializer)})")
    kind = as_dtype("float32" if dtype is None else dtype)
    static = None if shape is None else as_shape(shape)

    def known() -> list[str]:
        return [v.op.name for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES) if hasattr(v, "initializer")]

    shared = store.shared(name, static, kind, False if reuse is None else reuse, known)
    if shared is not None:
        return shared
    value: Any
    if from_value:
        value, wanted = initializer, None
    else:
        value, wanted = _initial(name, shape, static, kind, initializer)
    variable = Variable(value, trainable=trainable, collections=collections, validate_shape=validate_shape,
                        caching_device=caching_device, name=name, dtype=wanted, constraint=constraint,
                        synchronization=synchronization, aggregation=aggregation,
                        use_resource=resource_variables_enabled() if use_resource is None else use_resource,
                        shape=None if shape is None else static)
    store.declare(name, variable, graph.scopes.span)
    if regularizer is not None:
        _regularize(graph, name, variable, regularizer)
    return variable


def _short(value: Any) -> str:
    text = "VALUE" if isinstance(value, (Tensor, Variable)) else repr(value)
    return text if len(text) <= 30 else "VALUE"


def _initial(name: str, shape: Any, static: Any, kind: DType, initializer: Any) -> tuple[Callable[[], Any], Any]:
    """A function that makes the initial value, and the dtype that it must have."""
    if initializer is None:
        if shape is None:
            raise InvalidValue(f"variable {name} has neither a shape nor an initial value",
                               hint="shape: [2, 3], or an initializer that is a value")
        initializer = _default_initializer(name, kind)
    if inspect.isclass(initializer):
        initializer = initializer()
    if static is not None and None not in static:
        return partial(_made, name, initializer, list(static), kind.base_dtype), kind.base_dtype
    if _needs_nothing(initializer):
        return initializer, None
    if shape is None:
        raise InvalidValue(f"variable {name} has no shape, and its initializer needs one",
                           hint="shape: [2, 3], or an initializer that is a value")
    raise InvalidValue(f"variable {name} must have a known shape, not {show(static)}",
                       hint="an initializer that is a value may have any shape with validate_shape=False")


def _made(name: str, initializer: Any, shape: list[int], dtype: DType) -> Any:
    try:
        return initializer(shape, dtype=dtype)
    except GraphError as error:
        if error.span is None:
            error.message = f"the initializer of {name}: {error.message}"
        raise


def _needs_nothing(function: Any) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


def _default_initializer(name: str, kind: DType) -> Any:
    from .initializers import GlorotUniform, Zeros

    if kind.is_floating:
        return GlorotUniform()
    if kind.is_integer or kind.is_bool or kind.kind == "S":
        return Zeros()
    raise InvalidValue(f"variable {name} of {kind.name} needs an initializer")


# -- regularizers

class LazyTensor:
    """A regularization loss: made anew, below ``NAME/Regularizer/``, each time it is used, as in TF1."""

    __array_priority__ = 100

    def __init__(self, make: Callable[[], Tensor]) -> None:
        self._make = make
        self._first = make()

    def _as_tensor(self, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
        return self._make()

    def _as_graph_element(self) -> Tensor:
        return self._first

    @property
    def name(self) -> str:
        return self._first.name

    @property
    def op(self) -> Node:
        return self._first.op

    @property
    def dtype(self) -> DType:
        return self._first.dtype

    @property
    def graph(self) -> Any:
        return self._first.graph

    @property
    def device(self) -> str:
        return self._first.device

    @property
    def shape(self) -> Any:
        return self._first.shape

    @property
    def static(self) -> Any:
        return self._first.static

    def get_shape(self) -> Any:
        return self._first.shape

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return repr(self._first)


install_on(LazyTensor)


def _regularize(graph: Any, name: str, variable: Variable, regularizer: Any) -> None:
    def make() -> Tensor:
        with colocate_with(variable.op), name_scope(name + "/Regularizer/"):
            return regularizer(variable)  # type: ignore[no-any-return]

    # TF1 calls the regularizer once only to see whether it gives something; its nodes stay in the graph
    if regularizer(variable) is not None:
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, LazyTensor(make))


def _method(self: VariableScope, name: str, *args: Any, **kwargs: Any) -> Any:
    """VariableScope.get_variable(store, name, …): get_variable as if this scope were open."""
    store = _store()
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
