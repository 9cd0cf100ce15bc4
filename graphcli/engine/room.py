"""Room: scratch arrays of loops over blocks. Loops that run one after the other have the same."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from .instr import Shape

LINE, LINES = 64, 61
"""Bytes of a cache line, and lines among which the beginnings of arrays are spread."""


def aligned(shape: Shape, dtype: Any, turn: int) -> Any:
    """An array that begins a cache line; each turn at another place of a page, for loads and stores that agree in
    their last bits wait for each other."""
    size = prod(shape) * dtype.itemsize
    return np.empty(shape, dtype) if size < 1024 else _within(_raw(size), shape, dtype, turn)


def _raw(size: int) -> Any:
    return np.empty(size + LINE * (LINES + 1), np.uint8)


def _within(raw: Any, shape: Shape, dtype: Any, turn: int) -> Any:
    start = -raw.ctypes.data % LINE + LINE * (turn * 13 % LINES)
    return raw[start:start + prod(shape) * dtype.itemsize].view(dtype).reshape(shape)


class Room:
    """One set of arrays for each thread, and numbers that are spread over a block, which nobody writes to."""

    def __init__(self) -> None:
        self._raw: dict[tuple[int, int], Any] = {}
        self._spread: dict[Any, Any] = {}

    def array(self, shape: Shape, dtype: Any, thread: int, turn: int) -> Any:
        """The array of a thread's turn, whoever had it before."""
        size = prod(shape) * dtype.itemsize
        found = self._raw.get((thread, turn))
        if found is None or found.nbytes < size + LINE * (LINES + 1):
            # in powers of two, for who has the smaller one keeps it
            found = self._raw[thread, turn] = _raw(1 << max(0, size - 1).bit_length())
        return _within(found, shape, dtype, turn)

    def spread(self, value: Any, shape: Shape) -> Any:
        """One number in an array of this shape."""
        key = value.tobytes(), value.dtype, shape
        found = self._spread.get(key)
        if found is None:
            found = self._spread[key] = np.full(shape, value, value.dtype)
        return found

    @property
    def nbytes(self) -> int:
        """Bytes of it all, but for what became too small."""
        return sum(a.nbytes for a in (*self._raw.values(), *self._spread.values()))
