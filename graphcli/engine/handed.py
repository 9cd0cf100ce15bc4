"""Handed out: what a step gives is the caller's own, in this process's memory."""
from __future__ import annotations

from sys import getrefcount
from typing import Any

import numpy as np


def copied(value: Any) -> Any:
    """A value that no later step changes; rank 0 as a scalar, as TensorFlow gives it."""
    if isinstance(value, np.ndarray):
        return value[()] if not value.ndim else value.copy()
    return value


def let_go(value: Any) -> Any:
    """The same for a local variable of who calls and returns at once: what nobody else holds needs no copy.

    Who holds an array, or a view of it, is counted in it: a feed's caller, a variable, a constant, what a kernel keeps.
    """
    if isinstance(value, np.ndarray) and value.ndim and getrefcount(value) <= LOCAL and _has_its_own(value):
        return value
    return copied(value)


def _has_its_own(array: Any) -> bool:
    """Whether nobody else sees the memory of an array: it is its own, or all of an array that nothing else holds."""
    if not array.flags.writeable:
        return False
    if array.base is None:
        return True
    return (type(array.base) is np.ndarray and array.base.base is None and getrefcount(array.base) <= BASE
            and array.nbytes == array.base.nbytes and array.flags.c_contiguous)


def _counts() -> tuple[int, int]:
    """What is counted in an array that one local variable of who calls holds, and in one that one view holds."""
    found: list[tuple[int, int]] = []
    space: dict[str, Any] = {"made": lambda: np.empty(4).reshape(2, 2), "count": lambda value: found.append(
        (getrefcount(value), getrefcount(value.base)))}
    exec(compile("def part():\n    v1 = made()\n    return (count(v1),)", "<count>", "exec"), space)
    space["part"]()
    return found[0]


LOCAL, BASE = _counts()


def here(value: Any) -> Any:
    """A value in this process's memory; itself where it is there."""
    return value.get() if hasattr(value, "__cuda_array_interface__") else value


def on_host(value: Any) -> Any:
    """A copy of a variable's value in this process's memory."""
    return copied(here(value))


def is_array(value: Any) -> bool:
    """Whether a value is an array, of this process or of a GPU."""
    return isinstance(value, np.ndarray) or hasattr(value, "__cuda_array_interface__")


def shares_memory(view: Any, array: Any) -> bool:
    """Whether a view may be of an array; of a GPU's views that is not known, so that all may."""
    if isinstance(view, np.ndarray):
        return view.base is not None and np.may_share_memory(view, array)
    return is_array(view) and view.base is not None


def owned(value: Any) -> Any:
    """The same for a value that a ufunc has just made."""
    if isinstance(value, np.ndarray) and not value.ndim:
        return value[()]
    return value
