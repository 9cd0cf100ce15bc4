"""Room: the arrays that programs keep. Loops over blocks that run one after the other have the same."""
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
    """One set of arrays for each thread, numbers that are spread over a block, which nobody writes to, and what small
    programs have for themselves."""

    def __init__(self) -> None:
        self._raw: dict[tuple[int, int], Any] = {}
        self._spread: dict[Any, Any] = {}
        self._own: list[Any] = []

    def array(self, shape: Shape, dtype: Any, thread: int, turn: int) -> Any:
        """The array of a thread's turn, whoever had it before."""
        size = prod(shape) * dtype.itemsize
        found = self._raw.get((thread, turn))
        if found is None or found.nbytes < size + LINE * (LINES + 1):
            # in powers of two, for who has the smaller one keeps it
            found = self._raw[thread, turn] = _raw(_rounded(size))
        return _within(found, shape, dtype, turn)

    def own(self, shape: Shape, dtype: Any, turn: int) -> Any:
        """An array for one program only."""
        self._own.append(aligned(shape, dtype, turn))
        return self._own[-1]

    def spread(self, value: Any, shape: Shape) -> Any:
        """One number in an array of this shape. Shapes of about the same size have the same memory."""
        size = _rounded(prod(shape))
        key = value.tobytes(), value.dtype, size
        found = self._spread.get(key)
        if found is None:
            found = self._spread[key] = np.full(size, value, value.dtype)
        return found[:prod(shape)].reshape(shape)

    @property
    def nbytes(self) -> int:
        """Bytes of it all, but for what became too small."""
        return sum(a.nbytes for a in (*self._raw.values(), *self._spread.values(), *self._own))


class Sizes(Room):
    """A room without memory, which tells how large it would be."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes: dict[Any, int] = {}

    def array(self, shape: Shape, dtype: Any, thread: int, turn: int) -> Any:
        size = _rounded(prod(shape) * dtype.itemsize)
        self._sizes[thread, turn] = max(size, self._sizes.get((thread, turn), 0))
        return _nowhere(shape, dtype)

    def own(self, shape: Shape, dtype: Any, turn: int) -> Any:
        self._sizes[len(self._sizes)] = prod(shape) * dtype.itemsize
        return _nowhere(shape, dtype)

    def spread(self, value: Any, shape: Shape) -> Any:
        size = _rounded(prod(shape))
        self._sizes[value.tobytes(), value.dtype, size] = size * value.dtype.itemsize
        return _nowhere(shape, value.dtype)

    @property
    def nbytes(self) -> int:
        return sum(self._sizes.values())


def _rounded(size: int) -> int:
    return 1 << max(0, size - 1).bit_length()


def _nowhere(shape: Shape, dtype: Any) -> Any:
    return np.broadcast_to(np.zeros((), dtype), shape)
