"""The greatest of elements of 8 and 16 bits: how many there are of each value says where each element goes.

Some elements at a time are sorted, by numpy's sort of 16 bits, and put behind those of their value that came before.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ._packed import infinite

STEP = 1 << 16
"""Elements that are put in their places at a time."""
TOP = 1 << 15
MOST = (1 << 16) - 1


def falling_of_16(x: Any) -> Any:
    """Keys of 16 bits that rise where x falls: equal for zeros of both signs, the last for NaN."""
    if x.dtype.kind in "ub":
        return ~x.astype(np.uint16)
    if x.dtype.kind == "i":
        return ~(x.astype(np.int16).view(np.uint16) ^ np.uint16(TOP))
    bits = x.view(np.uint16)
    size = bits & np.uint16(TOP - 1)
    nothing = size > np.uint16(infinite(x.dtype))
    # of what is below zero the bits, of what is not its size from above
    key = np.where((bits == size) | (size == 0), np.uint16(TOP - 1) - size, bits)
    key[nothing] = MOST
    return key


def greatest_of_row(x: Any, k: int, values: Any, places: Any) -> None:
    """Into values and places: the k greatest of a row in falling order; of equals the first comes first, NaN last."""
    counts = np.zeros(MOST + 1, np.int64)
    for i in range(0, len(x), STEP):
        counts += np.bincount(falling_of_16(x[i:i + STEP]), minlength=MOST + 1)
    ends = np.cumsum(counts)
    last = np.searchsorted(ends, k)
    starts = ends - counts
    for i in range(0, len(x), STEP):
        some = x[i:i + STEP]
        keys = falling_of_16(some)
        if ends[last] < len(x):
            here = np.flatnonzero(keys <= last)
            keys, some = keys[here], some[here]
            order = np.argsort(keys, kind="stable")
            found = here[order] + i
        else:
            order = np.argsort(keys, kind="stable")
            found = order + i
        keys = keys[order]
        first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[:len(keys)])
        number = np.diff(first, append=len(keys))
        there = np.repeat(starts[keys[first]] - first, number)
        there += np.arange(len(keys))
        starts[keys[first]] += number
        if ends[last] > k:
            stays = there < k
            there, order, found = there[stays], order[stays], found[stays]
        values[there] = some[order]
        places[there] = found


def greatest(x: Any, k: int, index: Any, each: Any) -> tuple[Any, Any]:
    """The k greatest of the last axis and their places."""
    shape = (*x.shape[:-1], k)
    values, places = np.empty(shape, x.dtype), np.empty(shape, index)
    for row, value, place in zip(x.reshape(-1, x.shape[-1]), values.reshape(-1, k), places.reshape(-1, k)):
        greatest_of_row(row, k, value, place)
    return values, places


def taken(row: int, width: int, results: int, k: int) -> int:
    """Bytes that ``greatest`` takes beside its results."""
    return 32 * (MOST + 1) + 48 * min(STEP, row)
