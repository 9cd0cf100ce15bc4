"""Singular values, eigenvalues of self-adjoint matrices, and least squares of any rank, of one large matrix at a time.

As numpy asks LAPACK: of the matrix itself, whose columns are laid out first, so that the signs of vectors are numpy's.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.lapack import Lapack
from ._one_matrix import CHUNK, TILE, columns_of, finite, put_turned, qr, qr_room, turn

AFTER = list[tuple[str, int]]


def svd(own: Lapack, x: Any, over: bool, s: Any, u: Any, v: Any) -> bool:
    """The singular values of a matrix, and where u and v are not None its vectors, u as columns and v likewise; False
    where they are not found. over: whether x may be written over, as a square one and for values alone it is."""
    rows, columns = x.shape
    if u is not None and u.shape[1] + v.shape[1] == 2 * min(rows, columns) and _long(rows, columns):
        return _svd_of_long(own, x, s, u, v)
    if u is None:
        # the values of the transposed are the same
        return own.worked("gesdd", *_svd_args("N", columns, rows, x if over else x.copy(), s, own.unused, own.unused),
                          after=_svd_after(own, rows, columns, False)) == 0
    over = over and rows == columns
    turned = x if over else np.empty((columns, rows), own.dtype)
    columns_of(own, x, False, turned)
    job = "A" if u.shape[1] == rows and v.shape[1] == columns else "S"
    if own.worked("gesdd", *_svd_args(job, rows, columns, turned, s, u, v), after=_svd_after(own, rows, columns, True)):
        return False
    # u lies column by column now; v as it should but for the sign of what is imaginary
    if u.shape[1] == rows:
        turn(u)
    else:
        aside = turned.reshape(-1)[:u.size].reshape(u.shape[::-1])
        aside[...] = u.reshape(u.shape[::-1])
        put_turned(u, aside)
    if own.complex:
        np.conj(v, v)
    return True


def _long(rows: int, columns: int) -> bool:
    """Whether LAPACK makes a matrix square first."""
    return max(rows, columns) >= min(rows, columns) * 11 // 6 and rows != columns


def _svd_of_long(own: Lapack, x: Any, s: Any, u: Any, v: Any) -> bool:
    """The same as LAPACK's way for a long matrix, Q where its result lies: x = Q @ R, or, where it is wide, x^H."""
    wide = x.shape[0] < x.shape[1]
    q, other = (v, u) if wide else (u, v)
    r, turn_by = np.empty((len(s), len(s)), own.dtype), np.empty((len(s), len(s)), own.dtype)
    qr(own, x, q, r, adjoint=wide)
    if wide:
        turn(r)
        if own.complex:
            np.conj(r, r)
    found = svd(own, r, True, s, *(other, turn_by) if wide else (turn_by, other))
    del r
    many = max(1, CHUNK // max(1, len(s) * own.dtype.itemsize))
    for i in range(0, len(q), many):
        q[i:i + many] = q[i:i + many] @ turn_by
    return found


def svd_room(own: Lapack, rows: int, columns: int, vectors: bool, full: bool, over: bool) -> int:
    """Bytes that ``svd`` takes beside its results."""
    less = min(rows, columns)
    if vectors and not full and _long(rows, columns):
        small = less * less * int(own.dtype.itemsize)
        return 2 * small + max(svd_room(own, less, less, True, False, True), CHUNK,
                               qr_room(own, max(rows, columns), less, less))
    job = "N" if not vectors else "A" if full or rows == columns else "S"
    work = own.room("gesdd", *_svd_args(job, rows, columns, *[own.unused] * 4),
                    after=_svd_after(own, rows, columns, vectors))
    over = over and (rows == columns or not vectors)
    return work if over else rows * columns * int(own.dtype.itemsize) + work


def _svd_args(job: str, rows: int, columns: int, x: Any, s: Any, u: Any, v: Any) -> tuple[Any, ...]:
    return job, rows, columns, x, rows, s, u, rows, v, columns if job == "A" else min(rows, columns)


def _svd_after(own: Lapack, rows: int, columns: int, vectors: bool) -> AFTER:
    less, more = min(rows, columns), max(rows, columns)
    whole = [("l", 8 * less)]
    if not own.complex:
        return whole
    return [(own.real.char, max(5 * less + 5, 2 * more + 2 * less + 1) * less if vectors else 7 * less), *whole]


def eigh(own: Lapack, x: Any, e: Any, v: Any, over: bool) -> bool:
    """Eigenvalues of a matrix of which the lower triangle is looked at, and where v is not None eigenvectors, as the
    columns of v; False where they are not found. over: whether x may be written over."""
    size = len(x)
    if v is None:
        # the lower triangle is the upper one of the transposed, whose values are the same
        return own.worked(_named(own, "syevd"), "N", "U", size, x if over else x.copy(), size, e,
                          after=_eigh_after(own), asks=True) == 0
    # as syevd does it, but that of the reflections only the triangle is kept while others are worked out
    m, scales, beside = x if over else v, np.empty(size, own.dtype), np.empty(size, own.real)
    columns_of(own, x, False, m)
    own.worked(_named(own, "sytrd"), "L", size, m, size, e, beside, scales)
    tiles = [] if over else [m[i:i + TILE, i:].copy() for i in range(0, size, TILE)]
    if own.worked("stedc", "I", size, e, beside, v, size, after=_eigh_after(own), asks=True):
        return False
    if not over:
        m = np.empty_like(v)
        for i, tile in enumerate(tiles):
            m[i * TILE:(i + 1) * TILE, i * TILE:] = tile
    own.worked(_named(own, "ormtr"), "L", "L", "N", size, size, m, size, scales, v, size)
    turn(v)
    return True


def eigh_room(own: Lapack, size: int, vectors: bool, over: bool) -> int:
    """Bytes that ``eigh`` takes beside its results."""
    none, width = own.unused, int(own.dtype.itemsize)
    if not vectors:
        return size * size * width * (not over) + own.room(
            _named(own, "syevd"), "N", "U", size, none, size, none, after=_eigh_after(own), asks=True)
    work = own.room("stedc", "I", size, none, none, none, size, after=_eigh_after(own), asks=True)
    if over:
        return work
    turned = own.room(_named(own, "ormtr"), "L", "L", "N", size, size, none, size, none, none, size)
    return (size + TILE) * size // 2 * width + max(work, size * size * width + turned)


def _named(own: Lapack, name: str) -> str:
    """A routine for self-adjoint matrices, as it is called for complex ones too."""
    return name.replace("sy", "he").replace("or", "un") if own.complex else name


def _eigh_after(own: Lapack) -> AFTER:
    return [*[(own.real.char, 0)] * own.complex, ("l", 0)]


def least_norm(own: Lapack, x: Any, rhs: Any, out: Any) -> bool:
    """Of what makes |x @ out - rhs| least, the smallest, by a complete orthogonal factoring, of x of any rank; False
    where it is not found."""
    if not (finite(x) and finite(rhs)):
        # to TensorFlow such a matrix has the rank 0
        out.fill(np.nan if finite(x) else 0)
        return True
    rows, columns = x.shape
    more, many = max(rows, columns), rhs.shape[1]
    m, y = np.empty((columns, rows), own.dtype), np.zeros((many, more), own.dtype)
    put_turned(m, x)
    put_turned(y[:, :rows], rhs)
    # numbers that do not count are cut off where Eigen does, which TensorFlow asks
    least = np.array([np.finfo(own.real).eps * min(rows, columns)], own.real)
    order, rank = np.zeros(columns, "l"), np.zeros(1, "l")
    if own.worked("gelsy", rows, columns, many, m, rows, y, more, order, least, rank, after=_gelsy_after(own, columns)):
        return False
    put_turned(out, y[:, :columns])
    return True


def least_norm_room(own: Lapack, rows: int, columns: int, many: int) -> int:
    """Bytes that ``least_norm`` takes beside its result."""
    more = max(rows, columns)
    return (rows * columns + many * more) * int(own.dtype.itemsize) + own.room(
        "gelsy", rows, columns, many, own.unused, rows, own.unused, more, np.zeros(1, "l"), own.unused,
        np.zeros(1, "l"), after=_gelsy_after(own, columns))


def _gelsy_after(own: Lapack, columns: int) -> AFTER:
    return [(own.real.char, 2 * columns)] * own.complex
