"""A large matrix is turned where it lies, a band of rows at a time.

Each band is turned within its own memory, in cache. Then runs of a band's length are what has to be put in another
order, which is a permutation: each of its cycles is followed, with room for one run.
"""
from __future__ import annotations

from typing import Any

import numpy

BAND = 1 << 16
"""Elements of a band."""
SHORT = 1 << 8
"""Elements of a run, at least: each is a call."""


def band_of(rows: int, columns: int) -> int:
    """How many rows are a band: a number that divides ``rows``, where there is one that is not much smaller."""
    most = min(rows, max(SHORT, BAND // max(1, columns)))
    return next((b for b in range(most, most // 2, -1) if not rows % b), most)


def room(rows: int, columns: int) -> int:
    """Elements that turning takes."""
    band = band_of(rows, columns)
    return columns * (band + rows % band) + (band if rows > band else 0)


def turned(x: Any) -> Any:
    """``[columns, rows]`` where x ``[rows, columns]`` lay, which is in one piece."""
    rows, columns = x.shape
    band, flat = band_of(rows, columns), x.reshape(-1)
    many = rows // band
    cut = many * band
    left = x[cut:].copy()
    aside = numpy.empty((band, columns), x.dtype)
    for i in range(many):
        here = flat[i * band * columns:(i + 1) * band * columns]
        aside[...] = here.reshape(band, columns)
        here.reshape(columns, band)[...] = aside.T
    del aside
    _permute(flat[:cut * columns].reshape(-1, band), many, columns)
    if len(left):
        for c in range(columns - 1, -1, -1):
            if c:
                # from the last on, none lies over one that is still to be moved
                flat[c * rows:c * rows + cut] = flat[c * cut:(c + 1) * cut]
            flat[c * rows + cut:(c + 1) * rows] = left[:, c]
    return flat.reshape(columns, rows)


def _permute(runs: Any, rows: int, columns: int) -> None:
    """Puts runs that lie as ``[rows, columns]`` in the order of ``[columns, rows]``."""
    if rows == 1 or columns == 1:
        return
    done, hold = bytearray(len(runs)), numpy.empty_like(runs[0])
    for first in range(1, len(runs) - 1):
        if done[first]:
            continue
        at, source = first, first % rows * columns + first // rows
        if source == first:
            continue
        hold[...] = runs[first]
        while source != first:
            runs[at] = runs[source]
            done[source] = 1
            at, source = source, source % rows * columns + source // rows
        runs[at] = hold
