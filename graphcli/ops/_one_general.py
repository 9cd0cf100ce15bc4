"""Eigenvalues and right eigenvectors of one large matrix of any kind, by LAPACK in its own precision.

A real matrix and its real vectors are half as large each as the complex vectors that are the result: LAPACK has both
where these will be, and they are put together from the first on, each where nothing is left that is still to be read.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.lapack import AFTER, Lapack
from ._one_matrix import put_turned, turn


def eig(own: Lapack, x: Any, e: Any, v: Any, over: bool) -> bool:
    """The eigenvalues of a square matrix, and where v is not None its vectors as columns; False where they are not
    found. over: whether x may be written over."""
    size = len(x)
    # the second half is for the vectors, as the rows of a matrix
    halves = [] if v is None else [v, v] if own.complex else v.view(own.dtype).reshape(2, size, size)
    if over:
        a = x
        turn(a)
    else:
        a = np.empty_like(x) if v is None or own.complex else halves[0]
        put_turned(a, x)
    found = [np.empty(size, own.dtype) for _ in range(1 if own.complex else 2)]
    vectors = own.unused if v is None else halves[1]
    if own.worked("geev", *_args(own, a, found, vectors, v is not None), after=_after(own, size)):
        return False
    if own.complex:
        e[...] = found[0]
    else:
        e.real, e.imag = found
    if v is not None:
        if not own.complex:
            _put_together(v, vectors, found[1])
        turn(v)
    return True


def _put_together(out: Any, rows: Any, imaginary: Any) -> None:
    """Complex vectors, as rows, from those of LAPACK: of a pair the first has what is real, the second the rest."""
    j = 0
    while j < len(rows):
        if imaginary[j] == 0:
            real = rows[j].copy()
            out[j].real, out[j].imag = real, 0
            j += 1
            continue
        real, rest = rows[j].copy(), rows[j + 1].copy()
        for row, part in zip(out[j:j + 2], (rest, -rest)):
            row.real, row.imag = real, part
        j += 2


def eig_room(own: Lapack, size: int, vectors: bool, over: bool) -> int:
    """Bytes that ``eig`` takes beside its results."""
    unused = np.broadcast_to(own.unused, (size, size))
    values = [own.unused] * (1 if own.complex else 2)
    copied = 0 if over or vectors and not own.complex else size * size
    return copied * int(own.dtype.itemsize) + own.room("geev", *_args(own, unused, values, unused, vectors),
                                                       after=_after(own, size))


def _args(own: Lapack, a: Any, values: list[Any], vectors: Any, wanted: bool) -> tuple[Any, ...]:
    size = len(a)
    return "N", "V" if wanted else "N", size, a, size, *values, own.unused, 1, vectors, size if wanted else 1


def _after(own: Lapack, size: int) -> AFTER:
    return [(own.real.char, 2 * size)] * own.complex
