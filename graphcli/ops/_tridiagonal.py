"""Equations of matrices with three diagonals, which take memory beside the solution for a piece of rows or of systems.

A few long systems are eliminated by LAPACK, some rows at a time; what the next rows need of them is their last pivot.
The rows are eliminated again when the solution comes back to them, so no factors are kept. Many short systems are
eliminated side by side, a row of each at a time.
"""
from __future__ import annotations

from typing import Any

import numpy

from ..graph.lapack import Lapack

PIECE = 1 << 19
"""Bytes of what is worked in."""
WORKED = 12
"""Numbers for each row that LAPACK gets, beside the right side."""


def room(size: int, columns: int, width: int) -> int:
    """Bytes for each system that is eliminated beside others. width: bytes of a number."""
    return (size * (4 + columns) + 12 + 3 * columns) * width


def rows_of(size: int, columns: int, width: int) -> int:
    """How many rows LAPACK gets at a time."""
    return min(size, max(64, PIECE // ((WORKED + columns) * width)))


class Long:
    """One system for LAPACK. diagonals: [3, size]. out: [size, columns], the right side, and then the solution."""

    def __init__(self, own: Lapack, diagonals: Any, out: Any) -> None:
        self.own, self.out = own, out
        self.above, self.middle, self.below = diagonals
        self.size = len(self.middle)
        self.many = rows_of(self.size, out.shape[1], own.dtype.itemsize)

    def solve(self) -> bool:
        """False where the matrix is singular."""
        first = self.middle[0], self.above[0]
        begins = []
        for start in range(0, self.size, self.many):
            stop = min(self.size, start + self.many)
            begins.append((start, stop, first))
            factors = self._factored(start, stop, first)
            if not factors[1][:stop - start].all():
                return False
            if stop == self.size:
                self._run(start, stop, factors)
            else:
                self._forward(start, stop + 1, factors)
                first = factors[1][stop - start], factors[2][stop - start]
            del factors
        for start, stop, first in begins[-2::-1]:
            self._backward(start, stop, self._factored(start, stop, first))
        return True

    def _factored(self, start: int, stop: int, first: Any) -> tuple[Any, Any, Any, Any, Any]:
        """Multipliers, three diagonals and the order of rows from start to stop, and of one more, whose pivot is to
        come: a row of its own behind it leaves it as it is. first: the pivot of the first row, and what is beside it.
        """
        ends = stop == self.size
        rows = stop - start if ends else stop - start + 1
        size = rows if ends else rows + 1
        below, middle, above, second = (numpy.zeros(max(1, size - i), self.own.dtype) for i in (1, 0, 1, 2))
        order = numpy.empty(size, "int64")
        middle[:rows], middle[rows:] = self.middle[start:start + rows], 1
        below[:rows - 1] = self.below[start + 1:start + rows]
        # beside the last row there is nothing
        beside = min(size - 1, self.size - 1 - start)
        above[:beside] = self.above[start:start + beside]
        middle[0] = first[0]
        if beside:
            above[0] = first[1]
        self.own.call("gttrf", size, below, middle, above, second, order)
        return below, middle, above, second, order

    def _run(self, start: int, stop: int, factors: Any) -> None:
        """Puts the solution by factors in the place of rows of the right side."""
        rows = self.out[start:stop]
        lines = rows.T if rows.shape[1] == 1 else rows.T.copy()
        self.own.call("gttrs", "N", stop - start, len(lines), *factors, lines, stop - start)
        if len(lines) > 1:
            rows[...] = lines.T

    def _forward(self, start: int, stop: int, factors: Any) -> None:
        """By the multipliers alone."""
        below, _, _, _, order = factors
        none = numpy.zeros(stop - start, self.own.dtype)
        self._run(start, stop, (below, none + 1, none, none, order))

    def _backward(self, start: int, stop: int, factors: Any) -> None:
        """By the diagonals alone. The rows behind are solved."""
        _, middle, above, second, _ = factors
        out, last = self.out, stop - start - 1
        out[stop - 1] -= above[last] * out[stop]
        if stop + 1 < self.size:
            out[stop - 1] -= second[last] * out[stop + 1]
        if last:
            out[stop - 2] -= second[last - 1] * out[stop]
        none = numpy.zeros(last + 1, self.own.dtype)
        self._run(start, stop, (none, middle, above, second, numpy.arange(1, last + 2)))


def side_by_side(diagonals: Any, out: Any) -> Any:
    """Solves systems [systems, 3, size], right sides [systems, size, columns], where they lie: which of them have an
    answer. Of two rows the one with the greater pivot comes first."""
    above, middle, below = (diagonals[:, i].T.copy() for i in range(3))
    size = len(middle)
    rows = out.transpose(1, 0, 2).copy()
    second = numpy.zeros_like(middle)
    above[-1:] = 0
    for i in range(size - 1):
        here, there = slice(i, i + 1), slice(i + 1, i + 2)
        swap = abs(below[there]) > abs(middle[here])
        pivot, other = numpy.where(swap, below[there], middle[here]), numpy.where(swap, middle[here], below[there])
        beside, next_ = numpy.where(swap, middle[there], above[here]), numpy.where(swap, above[here], middle[there])
        far, near = numpy.where(swap, above[there], 0), numpy.where(swap, 0, above[there])
        times = numpy.where(pivot == 0, 0, other / pivot)
        middle[here], above[here], second[here] = pivot, beside, far
        middle[there], above[there] = next_ - times * beside, near - times * far
        swap = swap[..., None]
        first, then = numpy.where(swap, rows[there], rows[here]), numpy.where(swap, rows[here], rows[there])
        rows[here] = first
        rows[there] = then - times[..., None] * first
    for i in range(size - 1, -1, -1):
        if i + 1 < size:
            rows[i] -= above[i, :, None] * rows[i + 1]
        if i + 2 < size:
            rows[i] -= second[i, :, None] * rows[i + 2]
        rows[i] /= middle[i, :, None]
    out[...] = rows.transpose(1, 0, 2)
    return (middle != 0).all(0)


def in_order(xp: Any, diagonals: Any, out: Any) -> Any:
    """The same without another order of rows (Thomas): which systems have no pivot of 0, or none that is infinite."""
    above, middle, below = (diagonals[:, i] for i in range(3))
    size = middle.shape[-1]
    pivots = middle.copy()
    for i in range(1, size):
        factor = below[:, i] / pivots[:, i - 1]
        pivots[:, i] -= factor * above[:, i - 1]
        out[:, i] -= factor[:, None] * out[:, i - 1]
    for i in range(size - 1, -1, -1):
        if i < size - 1:
            out[:, i] -= above[:, i, None] * out[:, i + 1]
        out[:, i] /= pivots[:, i, None]
    # a pivot of 0 leaves NaN in those that follow
    return xp.isfinite(pivots).all(-1) & (pivots != 0).all(-1)
