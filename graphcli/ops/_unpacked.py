"""A product of two matrices of single precision in tiles that OpenBLAS multiplies without packing them.

OpenBLAS copies both matrices of a large product into buffers first, which of few rows takes longer than to multiply
them. Sums are cut where OpenBLAS's one thread cuts them, so that the bits are those of the product at once.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy

from ..graph.blas import architectures

Matmul = Callable[..., Any]

MOST = 100 ** 3
"""Multiplications of a product that is not packed (OpenBLAS, kernel/x86_64/sgemm_small_kernel_permit_skylakex.c)."""
UNPACKED = {"SkylakeX", "Cooperlake", "SapphireRapids"}
"""OpenBLAS's names of processors for which it has such products."""
WIDE = 256
"""Columns of a tile, at most."""
EVEN = 16
"""Columns of a product that is made so are a multiple of it: of others OpenBLAS's small products add the last ones in
another order."""
TERMS = 448
"""Terms of a sum that OpenBLAS's one thread adds at a time, at most (param.h, SGEMM_DEFAULT_Q of SkylakeX)."""
STEP, LONGEST = 4, 256
"""Rows of a tile are a multiple of STEP, up to LONGEST."""
TALL = 128
"""Rows of what is added to sums at a time; of so many rows tiles take 0.3 to 0.97 of the time, ..."""
LARGE = 1 << 18
"""... of more too if all columns are one tile, or no sum is cut and the first matrix has so many elements at most."""
FEW = 16
"""Rows of a matrix that is turned; of more if all columns are one tile and no sum is cut."""
LOW = 32
"""Rows up to which a product with a turned matrix is made the other way round: 0.4 to 0.9 of the time."""


@cache
def known() -> bool:
    """Whether the BLAS of this process multiplies small matrices as they lie."""
    return bool(architectures()) and architectures() <= UNPACKED


@cache
def alike() -> bool:
    """Whether the BLAS of this process gives tiles the bits of the product at once: it is tried."""
    if not known():
        return False
    rows, terms, columns = 13, 2 * TERMS + 2 * EVEN, WIDE + EVEN
    numbers = numpy.arange(4999, dtype=numpy.uint32) * numpy.uint32(2654435761) >> numpy.uint32(8)
    b = numpy.resize(numbers.astype(numpy.float32) - numpy.float32(1 << 23), (terms, columns))
    a, turned = numpy.ascontiguousarray(b[::-1, :rows].T), b.reshape(columns, terms).T
    return (numpy.array_equal(tiled(a, b, numpy.empty((rows, columns), a.dtype)), numpy.matmul(a, b))
            and numpy.array_equal(_turned(a, turned)[:, :rows].T, numpy.matmul(a, turned)))


def in_tiles(matmul: Matmul) -> Matmul:
    """``matmul`` of two matrices, in tiles where that is quicker."""
    def product(a: Any, b: Any, out: Any = None) -> Any:
        rows, columns = a.shape[0], b.shape[1]
        if rows * a.shape[1] * columns <= MOST or rows == 1 or a.dtype.char != "f" or not alike():
            return matmul(a, b, out=out)
        if fits(a, b) and (out is None or out.strides[1] == out.itemsize):
            return tiled(a, b, numpy.empty((rows, columns), a.dtype) if out is None else out)
        if fits_turned(a, b):
            made = _turned(a, b)[:, :rows].T
            if out is None:
                return numpy.ascontiguousarray(made)
            out[...] = made
            return out
        return matmul(a, b, out=out)

    return product


def fits(a: Any, b: Any) -> bool:
    """Whether matrices are of a form, and lie so, that tiles of them are quicker."""
    size, (rows, terms), columns = a.itemsize, a.shape, b.shape[1]
    if b.strides[1] != size or columns % EVEN:
        return False
    wide = columns > WIDE
    if a.strides[1] != size:
        # of a matrix and itself, turned, numpy would ask for one half only
        return bool(a.strides[0] == size) and rows != columns and (rows <= FEW or not wide and terms <= TERMS)
    return rows <= TALL or not wide or terms <= TERMS and rows * terms <= LARGE


def fits_turned(a: Any, b: Any) -> bool:
    """The same where the second is turned: the turned result is the product of what is not and the first, turned."""
    return bool(len(a) <= LOW and b.strides[0] == b.itemsize == a.strides[1] and len(a) != b.shape[1])


def tiled(a: Any, b: Any, out: Any) -> Any:
    """The product, in tiles."""
    (rows, terms), columns = a.shape, b.shape[1]
    cuts = sums(terms)
    room = numpy.empty((min(rows, TALL), min(columns, WIDE)), a.dtype) if room_of(rows, terms, columns) else None
    for at in range(0, columns, WIDE):
        some = slice(at, at + WIDE)
        _product(a, b[:, some], out[:, some], cuts, room)
    return out


def _turned(a: Any, b: Any) -> Any:
    """The turned product of the matrix that ``b`` is turned, zeros beside it up to a multiple of EVEN columns."""
    rows, terms = a.shape
    wide = -(-rows // EVEN) * EVEN
    first = (numpy.empty if wide == rows else numpy.zeros)((terms, wide), a.dtype)
    first[:, :rows] = a.T
    out = numpy.empty((b.shape[1], wide), a.dtype)
    if b.shape[1] * terms * wide <= MOST:
        return numpy.matmul(b.T, first, out=out)
    return tiled(b.T, first, out)


def room_of(rows: int, terms: int, columns: int) -> int:
    """Elements of what is added to sums at a time; 0 where no sum is cut."""
    return min(rows, TALL) * min(columns, WIDE) if terms > TERMS else 0


def beside(rows: int, terms: int, columns: int, turned: bool) -> int:
    """Elements that ``in_tiles`` takes beside the result, at most. turned: whether the second matrix is."""
    if rows * terms * columns <= MOST or rows == 1:
        return 0
    if turned:
        return (terms + columns + TALL) * LOW if rows <= LOW else 0
    return 0 if columns % EVEN or rows > TALL and columns > WIDE else room_of(rows, terms, columns)


@lru_cache(1024)
def sums(terms: int) -> tuple[tuple[int, int], ...]:
    """From where to where OpenBLAS's one thread adds at a time (driver/level3/level3.c)."""
    found, start = [], 0
    while start < terms:
        left = terms - start
        some = TERMS if left >= 2 * TERMS else left if left <= TERMS else -(-(left // 2) // EVEN) * EVEN
        found.append((start, start + some))
        start += some
    return tuple(found)


def _product(a: Any, b: Any, out: Any, cuts: tuple[tuple[int, int], ...], room: Any) -> None:
    """The columns of one tile."""
    if room is None:
        _tiles(a, b, out)
        return
    for at in range(0, len(a), TALL):
        some = slice(at, at + TALL)
        part = out[some]
        added = room[:len(part), :b.shape[1]]
        for start, end in cuts:
            _tiles(a[some, start:end], b[start:end], added if start else part)
            if start:
                part += added


def _tiles(a: Any, b: Any, out: Any) -> None:
    (rows, terms), columns = a.shape, b.shape[1]
    high, whole, rest = heights(rows, terms, columns)
    if whole:
        numpy.matmul(a[:whole].reshape(-1, high, terms), b, out=out[:whole].reshape(-1, high, columns))
    for start, end in rest:
        numpy.matmul(a[start:end], b, out=out[start:end])


@lru_cache(1024)
def heights(rows: int, terms: int, columns: int) -> tuple[int, int, tuple[tuple[int, int], ...]]:
    """(rows of a tile, rows that all tiles of that height have, where the others begin and end): none has one row, for
    that is no product of matrices to BLAS, and has other bits."""
    high = min(rows, max(STEP, min(LONGEST, MOST // (terms * columns) // STEP * STEP)))
    rest = rows % high
    if rest != 1:
        return high, rows - rest, ((rows - rest, rows),) if rest else ()
    start = rows - high - 1
    middle = start + (high + 1) // 2
    return high, start, ((start, middle), (middle, rows))
