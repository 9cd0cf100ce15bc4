"""arg_scope: arguments that calls of functions take inside of a ``with`` (tf.contrib.framework.arg_scope)."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from ..errors import InvalidType, InvalidValue, said

EXPORTS = """
contrib.framework contrib.slim: arg_scope add_arg_scope current_arg_scope has_arg_scope
contrib.slim: arg_scope_func_key
"""

F = TypeVar("F", bound=Callable[..., Any])
Scope = dict[Any, dict[str, Any]]

_scopes: list[Scope] = [{}]
_known: set[Any] = set()
"""The functions that take arguments of a scope."""


def arg_scope_func_key(op: Any) -> Any:
    """By what a scope knows a function."""
    return getattr(op, "_key_op", str(op))


def add_arg_scope(func: F) -> F:
    """The function, made to take arguments of ``arg_scope`` (tf.contrib.framework.add_arg_scope)."""
    @wraps(func)
    def with_arguments(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **{**_scopes[-1].get(func, {}), **kwargs})

    with_arguments._key_op = func  # type: ignore[attr-defined]
    _known.add(func)
    return with_arguments  # type: ignore[return-value]


def has_arg_scope(func: Any) -> bool:
    """Whether a function takes arguments of ``arg_scope``."""
    return arg_scope_func_key(func) in _known


def current_arg_scope() -> Scope:
    """The arguments that are in force, by function."""
    return _scopes[-1]


@contextmanager
def arg_scope(list_ops_or_scope: Any, **kwargs: Any) -> Iterator[Scope]:
    """Inside, each of the functions has these arguments where a call does not give them.

    list_ops_or_scope: a list of functions that ``add_arg_scope`` made, or what an ``arg_scope`` yielded, which is then
    in force alone. Yields what is in force. Raises InvalidType and InvalidValue for anything else.
    """
    if isinstance(list_ops_or_scope, dict):
        if kwargs:
            raise InvalidValue(f"a scope that is opened again takes no arguments, not {next(iter(kwargs))}")
        scope: Scope = list_ops_or_scope.copy()
    else:
        if not isinstance(list_ops_or_scope, (list, tuple)):
            raise InvalidType(f"arg_scope takes a list of functions or a scope, not {said(list_ops_or_scope)}")
        scope = _scopes[-1].copy()
        for function in list_ops_or_scope:
            _check(function)
            key = arg_scope_func_key(function)
            scope[key] = {**scope.get(key, {}), **kwargs}
    _scopes.append(scope)
    try:
        yield scope
    finally:
        _scopes.pop()


def _check(function: Any) -> None:
    if not has_arg_scope(function):
        name = getattr(function, "__name__", None) or said(function)
        raise InvalidValue(f"{name} takes no arguments of an arg_scope", hint="decorate it with add_arg_scope")
