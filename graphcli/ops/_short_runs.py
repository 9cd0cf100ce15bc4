"""Runs of a few rows each reduced row by row: ``reduceat`` goes column by column, at a cost for each of every run."""
from __future__ import annotations

from typing import Any

import numpy

WIDE, LEAST = 64, 1 << 13
"""Elements of a row, and of all, from which rows at once are quicker."""
SHORT = 8
"""Rows of a run up to which numpy adds one after the other; more it adds in pairs."""


def reduced(ufunc: Any, rows: Any, first: Any, total: int) -> Any:
    """``ufunc.reduceat(rows, first)``, the same bits. total: where the last run ends.

    Only of single and double precision: sums of whole numbers become wider, complex numbers are multiplied otherwise.
    """
    if (type(rows) is not numpy.ndarray or rows.dtype.char not in "fd" or rows.size < LEAST
            or rows.size < WIDE * len(rows)):
        return ufunc.reduceat(rows, first, axis=0)
    counts = numpy.diff(first, append=total)
    longest = int(counts.max())
    if longest > SHORT:
        return ufunc.reduceat(rows, first, axis=0)
    out = rows[first]
    if longest == 1:
        return out
    more = numpy.flatnonzero(counts > 1)
    # numpy adds up the others, and then adds the first
    rest = rows[first[more] + 1] if ufunc is numpy.add and longest > 2 else None
    for turn in range(2 if rest is not None else 1, longest):
        here = numpy.flatnonzero(counts[more] > turn)
        into, at = (out, more[here]) if rest is None else (rest, here)
        changed = ufunc(into[at], rows[first[more[here]] + turn])
        into[at] = changed
    if rest is not None:
        out[more] = ufunc(out[more], rest)
    return out
