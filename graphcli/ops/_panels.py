"""A product of matrices a panel of rows at a time, each small enough for OpenBLAS to multiply without packing it.

On processors with AVX-512 its products of up to 100 ** 3 multiplications take the operands as they lie: measured,
57 of them in a nanosecond against 45 to 49 in a large product, which is copied into its buffers first. One call
of numpy's does all panels. Where a panel ends follows from the shapes, and so do the bits.
"""
from __future__ import annotations

from functools import cache
from typing import Any

from ..graph.blas import architectures

MOST = 100 ** 3
"""Multiplications of a panel (OpenBLAS, kernel/x86_64/sgemm_small_kernel_permit_skylakex.c)."""
STEP, LONGEST = 4, 256
"""Rows of a panel are a multiple of STEP, up to LONGEST."""
UNPACKED = {"SkylakeX", "Cooperlake", "SapphireRapids"}
"""OpenBLAS's names of processors for which it has such products."""


@cache
def known() -> bool:
    """Whether the BLAS of this process multiplies small matrices as they lie."""
    return bool(architectures()) and architectures() <= UNPACKED


def height(inner: int, columns: int) -> int:
    """The rows of a panel; 0 where none is small enough."""
    return min(LONGEST, MOST // max(1, inner * columns) // STEP * STEP)


def product(xp: Any, a: Any, b: Any, out: Any) -> Any:
    """``a @ b`` into ``out``, of single precision in panels."""
    rows, (inner, columns) = len(a), b.shape
    size = height(inner, columns) if out.dtype.char == "f" and xp.__name__ == "numpy" and known() else 0
    if not size or rows <= size:
        return xp.matmul(a, b, out=out)
    whole = rows - rows % size
    xp.matmul(a[:whole].reshape(-1, size, inner), b, out=out[:whole].reshape(-1, size, columns))
    if whole < rows:
        xp.matmul(a[whole:], b, out=out[whole:])
    return out
