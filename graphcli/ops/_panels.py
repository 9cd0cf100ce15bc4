"""A product of matrices a panel of rows at a time, each small enough for OpenBLAS to multiply without packing it.

On processors with AVX-512 its products of up to 100 ** 3 multiplications take the operands as they lie: measured,
57 of them in a nanosecond against 45 to 49 in a large product, which is copied into its buffers first. One call
of numpy's does all panels. Where a panel ends follows from the shapes, and so do the bits.
"""
from __future__ import annotations

from typing import Any

from ..graph.blas import adder
from ._unpacked import LONGEST, MOST, STEP, known

SHORTEST = 8
"""Rows of a panel of a transposed matrix, at least."""
PART = 1 << 16
"""Elements of a sum that panels are added to at a time."""


def height(inner: int, columns: int) -> int:
    """The rows of a panel; 0 where none is small enough."""
    return min(LONGEST, MOST // max(1, inner * columns) // STEP * STEP)


def _height(a: Any, b: Any, out: Any) -> int:
    size = height(*b.shape) if out.dtype.char == "f" and known() else 0
    return size if size >= SHORTEST or a.strides[1] == a.itemsize else 0


def product(xp: Any, a: Any, b: Any, out: Any) -> Any:
    """``a @ b`` into ``out``, of single precision in panels."""
    rows, (inner, columns) = len(a), b.shape
    size = _height(a, b, out) if xp.__name__ == "numpy" else 0
    if not size or rows <= size:
        return xp.matmul(a, b, out=out)
    whole = rows - rows % size
    xp.matmul(a[:whole].reshape(-1, size, inner), b, out=out[:whole].reshape(-1, size, columns))
    if whole < rows:
        xp.matmul(a[whole:], b, out=out[whole:])
    return out


def adds(xp: Any, dtype: Any) -> Any:
    """``add(a, b, total)``, in which BLAS puts ``total += a @ b`` where it lies, or a product beside it is added."""
    by_blas = adder(dtype) if xp.__name__ == "numpy" and dtype.char in "fd" else None
    if by_blas is None:
        return lambda a, b, total: xp.add(total, xp.matmul(a, b), out=total)
    return lambda a, b, total: by_blas(total, a, b, 1.0)


class Panels:
    """Adds products in panels, a part of the sum at a time."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp
        self.room: Any = None

    def __call__(self, a: Any, b: Any, total: Any) -> None:
        rows, columns = total.shape
        size = max(1, height(*b.shape))
        some = min(rows, max(1, PART // max(1, columns) // size) * size)
        if self.room is None or self.room.size < some * columns:
            self.room = self.xp.empty(some * columns, total.dtype)
        for i in range(0, rows, some):
            part = total[i:i + some]
            part += product(self.xp, a[i:i + some], b, self.room[:part.size].reshape(part.shape))
