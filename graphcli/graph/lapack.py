"""LAPACK as numpy's wheels bundle it, called in a matrix's own precision and memory.

numpy.linalg computes single precision in double, in copies; a routine called here writes over what it is given. To
LAPACK matrices lie column by column, so an array in rows is the transposed matrix; nothing here turns or copies.
"""
from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from .blas import address, bundled

LETTERS = {"f": "s", "d": "d", "F": "c", "D": "z"}
AFTER = Sequence[tuple[str, int]]
"""Arrays to work in beside the first: their dtypes and how many elements each has."""


class Lapack:
    """The routines for matrices of one dtype. real: the dtype of their absolute values.

    What a routine is given: whole numbers as int, numbers of the dtype as float, words as str, and arrays; ``info`` is
    its result: 0, or why there is no answer.
    """

    def __init__(self, library: Any, dtype: Any) -> None:
        self.library = library
        self.dtype: Any = np.dtype(dtype)
        self.complex = self.dtype.kind == "c"
        self.real = np.zeros(0, self.dtype).real.dtype
        self.letter = LETTERS[self.dtype.char]
        self.unused = np.zeros(1, self.dtype)
        """In the place of a matrix that is not looked at."""

    def call(self, name: str, *args: Any, info: bool = True) -> int:
        """A routine, of LAPACK or (info=False) of BLAS."""
        from ctypes import addressof, c_char, c_int64, c_size_t, c_void_p

        held: list[Any] = []
        for arg in args:
            held.append(c_char(arg.encode()) if isinstance(arg, str) else c_int64(arg) if isinstance(arg, int) else
                        np.array([arg], self.dtype) if isinstance(arg, float) else arg)
        found = c_int64(0)
        if info:
            held.append(found)
        routine = getattr(self.library, f"scipy_{self.letter}{name}_64_")
        routine.restype = None
        # Fortran wants the lengths of words behind all else
        routine(*[c_void_p(address(x) if isinstance(x, np.ndarray) else addressof(x)) for x in held],
                *[c_size_t(1) for arg in args if isinstance(arg, str)])
        return found.value

    def worked(self, name: str, *args: Any, after: AFTER = (), asks: bool = False) -> int:
        """A routine that wants memory to work in: as much as it asks for, and the arrays ``after`` behind it. asks:
        whether it asks for these too."""
        sizes = self._asked(name, args, after, asks)
        work = [np.empty(max(1, size), kind) for size, (kind, _) in zip(sizes, self._all(after))]
        return self.call(name, *args, *_tail(work, sizes, asks))

    def room(self, name: str, *args: Any, after: AFTER = (), asks: bool = False) -> int:
        """Bytes of the memory that ``worked`` takes."""
        sizes = self._asked(name, args, after, asks)
        return sum(size * int(np.dtype(kind).itemsize) for size, (kind, _) in zip(sizes, self._all(after)))

    def _all(self, after: AFTER) -> AFTER:
        return [(self.dtype.char, 0), *after]

    def _asked(self, name: str, args: Sequence[Any], after: AFTER, asks: bool) -> list[int]:
        work = [np.zeros(1, kind) for kind, _ in self._all(after)]
        self.call(name, *args, *_tail(work, [-1] * len(work), asks))
        # the number of elements is told as a number of the dtype, which may have rounded it
        first = int(np.nextafter(work[0][0].real, self.real.type("inf")))
        return [first, *(int(w[0]) if asks else size for w, (_, size) in zip(work[1:], after))]


def _tail(work: Sequence[Any], sizes: Sequence[int], asks: bool) -> list[Any]:
    """The last arguments of a routine: each array to work in, and where it wants to know it how long it is."""
    out: list[Any] = []
    for i, (array, size) in enumerate(zip(work, sizes)):
        out += [array, size] if asks or i == 0 else [array]
    return out


@cache
def _lapack(char: str) -> Lapack | None:
    library = bundled()
    return Lapack(library, char) if library is not None and hasattr(library, "scipy_sgetrf_64_") else None


def lapack(dtype: Any) -> Lapack | None:
    """The routines for a dtype; None where numpy's LAPACK is not known, or it has none for the dtype."""
    return _lapack(dtype.char) if dtype.char in LETTERS else None
