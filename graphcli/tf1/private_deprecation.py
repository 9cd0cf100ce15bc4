"""Marks of what a library will drop (tensorflow.python.util.deprecation): a message where it is used first."""
from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from . import logging
from .private_util import make_decorator

EXPORTS = """
contrib.framework python.util.deprecation: deprecated deprecated_args deprecated_arg_values
python.util.deprecation: deprecated_alias deprecated_argument_lookup deprecated_endpoints silence
python.util.deprecation: _PRINT_DEPRECATION_WARNINGS=SHOWN
"""

SHOWN = True
DATE = re.compile(r"20\d\d-[01]\d-[0123]\d")
Function = Callable[..., Any]
_silent = [False]


def _check(date: str | None, instructions: str) -> None:
    if date is not None and not DATE.match(date):
        raise ValueError(f"a date is YYYY-MM-DD, not {date!r}")
    if not instructions:
        raise ValueError("what is deprecated needs instructions what to use instead")


def _warn(func: Any, what: str, date: str | None, instructions: str) -> None:
    if not _silent[0]:
        when = "in a future version" if date is None else f"after {date}"
        logging.warning("%s (from %s) is deprecated%s and will be removed %s.\nInstructions for updating:\n%s",
                        func.__qualname__, func.__module__, what, when, instructions)


def deprecated(date: str | None, instructions: str, warn_once: bool = True) -> Callable[[Function], Function]:
    """Marks a function: its first call warns (deprecation.deprecated)."""
    _check(date, instructions)

    def marked(func: Function) -> Any:
        return _warning(func, "", date, instructions, warn_once, lambda args, words: True)

    return marked


def _warning(func: Any, what: str, date: str | None, instructions: str, once: bool,
             concerns: Callable[[Any, Any], bool]) -> Any:
    told = False

    @functools.wraps(func)
    def wrapped(*args: Any, **words: Any) -> Any:
        nonlocal told
        if not (told and once) and concerns(args, words):
            told = True
            _warn(func, what, date, instructions)
        return func(*args, **words)

    return make_decorator(func, wrapped, "deprecated")


def deprecated_args(date: str | None, instructions: str, *deprecated_arg_names_or_tuples: Any,
                    **kwargs: Any) -> Callable[[Function], Function]:
    """Marks arguments of a function: a call by their name warns (deprecation.deprecated_args)."""
    _check(date, instructions)
    if not deprecated_arg_names_or_tuples:
        raise ValueError("which arguments are deprecated?")
    names = {a if isinstance(a, str) else a[0] for a in deprecated_arg_names_or_tuples}
    return lambda func: _warning(func, f" with the arguments {sorted(names)}", date, instructions,
                                 kwargs.get("warn_once", True), lambda args, words: bool(names & set(words)))


def deprecated_arg_values(date: str | None, instructions: str, warn_once: bool = True,
                          **deprecated_kwargs: Any) -> Callable[[Function], Function]:
    """Marks values of arguments: a call with one of them warns (deprecation.deprecated_arg_values)."""
    _check(date, instructions)
    if not deprecated_kwargs:
        raise ValueError("which values are deprecated?")
    return lambda func: _warning(func, f" with {deprecated_kwargs}", date, instructions, warn_once, lambda args, words:
                                 any(n in words and words[n] == v for n, v in deprecated_kwargs.items()))


def deprecated_alias(deprecated_name: str, name: str, func_or_class: Any, warn_once: bool = True) -> Any:
    """A function or class by its old name (deprecation.deprecated_alias)."""
    if isinstance(func_or_class, type):
        return type(func_or_class.__name__, (func_or_class,), {"__module__": func_or_class.__module__})
    return _warning(func_or_class, "", None, f"Please use {name} instead.", warn_once, lambda args, words: True)


def deprecated_endpoints(*args: Any) -> Callable[[Any], Any]:
    """Writes old names of a function down (deprecation.deprecated_endpoints)."""
    def marked(func: Any) -> Any:
        if "_tf_deprecated_api_names" in func.__dict__:
            raise ValueError(f"the old names of {func.__name__} are told already")
        func._tf_deprecated_api_names = args
        return func

    return marked


def deprecated_argument_lookup(new_name: str, new_value: Any, old_name: str, old_value: Any) -> Any:
    """The value of an argument with two names. Raises ValueError if both are given."""
    if old_value is not None:
        if new_value is not None:
            raise ValueError(f"Cannot specify both {old_name!r} and {new_name!r}")
        return old_value
    return new_value


@contextmanager
def silence() -> Iterator[None]:
    """Inside, nothing warns (deprecation.silence)."""
    before, _silent[0] = _silent[0], True
    try:
        yield
    finally:
        _silent[0] = before
