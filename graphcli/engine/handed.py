"""Handed out: what a step gives is the caller's own, in this process's memory."""
from __future__ import annotations

from typing import Any

import numpy as np


def copied(value: Any) -> Any:
    """A value that no later step changes; rank 0 as a scalar, as TensorFlow gives it."""
    if isinstance(value, np.ndarray):
        return value[()] if not value.ndim else value.copy()
    return value


def on_host(value: Any) -> Any:
    """A copy of a variable's value in this process's memory."""
    return copied(value.get() if hasattr(value, "__cuda_array_interface__") else value)


def owned(value: Any) -> Any:
    """The same for a value that a ufunc has just made."""
    if isinstance(value, np.ndarray) and not value.ndim:
        return value[()]
    return value
