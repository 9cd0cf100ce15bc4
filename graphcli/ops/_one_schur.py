"""Roots and logarithms of one large matrix by Schur's form, in its own precision, as TensorFlow makes them.

LAPACK takes an array in rows for the transposed matrix, so x = z^H @ t @ z, and t is lower triangular, in real numbers
but for pairs of conjugate eigenvalues, whose blocks are 2x2. A triangle's function is made where it lies, so that z is
all that is taken beside operands and results.
"""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial.legendre import leggauss

from ..graph.lapack import AFTER, Lapack

SOME = 32
"""Rows that are multiplied or solved at a time."""
BLOCK = 64
"""Rows and columns of what LAPACK solves without products of matrices."""
NEAR, NODES = 0.5, 12
"""How far from 1 a triangle may be, by the greatest sum of a row's sizes, of which Gauss's rule with so many nodes
gives the logarithm in double precision."""


def schur(own: Lapack, t: Any, z: Any) -> Any:
    """Puts t where x lies, and z; the eigenvalues, or None where they are not found."""
    size = len(t)
    values = [np.empty(size, own.dtype) for _ in range(1 if own.complex else 2)]
    if own.worked("gees", *_gees(own, t, z, values), after=_gees_after(own, size)):
        return None
    return values[0] if own.complex else values[0] + 1j * values[1]


def schur_room(own: Lapack, size: int) -> int:
    """Bytes that ``schur`` works in, and what follows it."""
    unused = np.broadcast_to(own.unused, (size, size))
    work = own.room("gees", *_gees(own, unused, unused, [own.unused] * (1 if own.complex else 2)),
                    after=_gees_after(own, size))
    return max(work, 3 * SOME * size * int(own.dtype.itemsize))


def _gees(own: Lapack, t: Any, z: Any, values: list[Any]) -> tuple[Any, ...]:
    size = len(t)
    return "V", "N", own.unused, size, t, size, np.zeros(1, "l"), *values, z, size


def _gees_after(own: Lapack, size: int) -> AFTER:
    return [*[(own.real.char, size)] * own.complex, ("l", size)]


def back(own: Lapack, t: Any, z: Any) -> None:
    """Puts z^H @ t @ z where t lies."""
    size = len(t)
    for i in range(0, size, SOME):
        rows = t[i:i + SOME].copy()
        own.call("gemm", "N", "N", size, len(rows), size, 1.0, z, size, rows, size, 0.0, t[i:], size, info=False)
    for i in range(0, size, SOME):
        columns = t[:, i:i + SOME].copy()
        many = columns.shape[1]
        own.call("gemm", "N", "C", many, size, size, 1.0, columns, many, z, size, 0.0, t[:, i:], size, info=False)


def root(own: Lapack, t: Any, first: int = 0, last: int | None = None) -> None:
    """Puts the principal root where a triangle lies, of which a part is given by its rows; none of its real
    eigenvalues is negative, one at most is 0."""
    last = len(t) if last is None else last
    middle = _between(own, t, first, last)
    if middle == first:
        _root_of_block(own, t[first:last, first:last])
        return
    root(own, t, first, middle)
    root(own, t, middle, last)
    _sylvester(own, t, (middle, last), (first, middle))


def _between(own: Lapack, t: Any, first: int, last: int) -> int:
    """Where a triangle falls into two, about in the middle; ``first`` where it is one block."""
    middle = (first + last) // 2
    if not own.complex and middle > first and t[middle - 1, middle] != 0:
        middle += 1 if middle + 1 < last else -1
    return middle


def _root_of_block(own: Lapack, block: Any) -> None:
    if own.complex or len(block) == 1:
        # of a negative number with -0i too it is on the positive axis
        block += 0
        np.sqrt(block, block)
        return
    # equal on the diagonal, with eigenvalues a +- bi
    real = float(block[0, 0])
    imaginary = (abs(float(block[0, 1])) * abs(float(block[1, 0]))) ** 0.5
    length = np.hypot(real, imaginary)
    half = ((length + real) / 2) ** 0.5 if real > 0 else imaginary / (2 * (length - real)) ** 0.5
    block /= 2 * half
    block[0, 0] = block[1, 1] = half


def _sylvester(own: Lapack, t: Any, rows: tuple[int, int], columns: tuple[int, int]) -> None:
    """Puts X, for which a @ X + X @ b is what lies in these rows and columns, there. a, b: the blocks on the diagonal
    in these rows, and in these columns."""
    (top, bottom), (left, right) = rows, columns
    size = len(t)
    tall, wide = bottom - top, right - left
    if max(tall, wide) <= BLOCK:
        scale = np.empty(1, own.real)
        own.call("trsyl", "N", "N", 1, wide, tall, t[left:, left:], size, t[top:, top:], size, t[top:, left:], size,
                 scale)
        if scale[0] != 1:
            t[top:bottom, left:right] /= scale
    elif tall >= wide:
        middle = _between(own, t, top, bottom)
        _sylvester(own, t, (top, middle), columns)
        # t[middle:bottom, left:right] -= t[middle:bottom, top:middle] @ t[top:middle, left:right]
        own.call("gemm", "N", "N", wide, bottom - middle, middle - top, -1.0, t[top:, left:], size, t[middle:, top:],
                 size, 1.0, t[middle:, left:], size, info=False)
        _sylvester(own, t, (middle, bottom), columns)
    else:
        middle = _between(own, t, left, right)
        _sylvester(own, t, rows, (middle, right))
        # t[top:bottom, left:middle] -= t[top:bottom, middle:right] @ t[middle:right, left:middle]
        own.call("gemm", "N", "N", middle - left, tall, right - middle, -1.0, t[middle:, left:], size,
                 t[top:, middle:], size, 1.0, t[top:, left:], size, info=False)
        _sylvester(own, t, rows, (left, middle))


def logarithm(own: Lapack, t: Any) -> None:
    """Puts the logarithm where a triangle of complex numbers lies, of which no eigenvalue is 0 or negative: of a root
    that is near to 1, by Gauss's quadrature of the integral of e / (1 + s e) over s from 0 to 1, e = t - 1."""
    size, roots = len(t), 0
    diagonal = t.reshape(-1)[::size + 1]
    diagonal -= 1
    while _greatest(t) > NEAR and roots < 60:
        diagonal += 1
        root(own, t)
        roots += 1
        diagonal -= 1
    kept = diagonal.copy()
    # the last rows first: those above them need nothing of them
    for first in range((size - 1) // SOME * SOME, -1, -SOME):
        last = min(size, first + SOME)
        diagonal[:last] = kept[:last]
        rows = t[first:last, :last].copy()
        total, part = np.zeros_like(rows), np.empty_like(rows)
        for node, weight in zip(*leggauss(NODES)):
            part[...] = rows
            s = (node + 1) / 2
            diagonal[:last] = kept[:last] + 1 / s
            own.call("trsm", "L", "U", "N", "N", last, len(rows), 1.0, t, size, part, last, info=False)
            part *= weight / 2 / s
            total += part
        t[first:last, :last] = total
    t *= 2.0 ** roots


def _greatest(t: Any) -> float:
    """The greatest sum of the absolute values of a row."""
    return max((float(abs(t[i:i + SOME]).sum(1).max()) for i in range(0, len(t), SOME)), default=0.0)
