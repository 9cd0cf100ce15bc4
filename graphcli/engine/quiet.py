"""Quiet: a call during which numpy is set as kernels want it (``graph/quiet.py``).

``np.errstate`` costs more than a small step. From numpy 2 on what it sets lives in the context of the caller, so
a context that is set so is entered instead.
"""
from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.quiet import BUFFER, quietly


def _by_context() -> bool:
    """Whether this numpy keeps its error state in the context."""
    before = np.geterr()
    contextvars.copy_context().run(np.seterr, all="ignore", over="raise")
    after = np.geterr()
    np.seterr(**before)
    return before == after


BY_CONTEXT = _by_context()


def quiet() -> Callable[..., Any]:
    """``enter(function, *args)``, for one thread at a time."""
    if not BY_CONTEXT:
        return _plainly
    made = contextvars.copy_context()
    made.run(np.seterr, all="ignore")
    made.run(np.setbufsize, BUFFER)
    return made.run


def _plainly(function: Callable[..., Any], *args: Any) -> Any:
    with quietly():
        return function(*args)
