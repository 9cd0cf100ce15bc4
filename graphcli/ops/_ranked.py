"""Distinct whole numbers in rising order, and the place of each number among them.

Where there are many for their range, a bit for each number of the range says whether it is there; how many bits come
before a number is its place. It takes a tenth of the time of a sort, and next to no memory.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PART = 1 << 16
"""Numbers that are looked at at a time, and up to which they are sorted all at once."""
THIN = 4
"""A table has so many bits for each number at most."""
SPARSE = 8
"""A byte for each number below a bound is more than a sort takes, where the bound is so many times their count."""

Find = Callable[[Any], Any]


def ranked(xp: Any, x: Any) -> tuple[Any, Find]:
    """(the distinct ones of a vector of whole numbers, what gives the places of some of them)."""
    if xp.__name__ == "numpy" and len(x) > PART:
        low, high = int(x.min()), int(x.max())
        if high - low < THIN * len(x):
            return _by_bits(x, low, high)
        places = _by_sort(x)
    else:
        places = xp.unique(x)
    return places, lambda some: xp.searchsorted(places, some)


def all_different(xp: Any, x: Any, size: int) -> bool:
    """Whether no number of a vector of numbers below ``size`` comes twice."""
    if xp.__name__ != "numpy":
        return len(xp.unique(x)) == len(x)
    if size > SPARSE * len(x):
        ordered = np.sort(x)
        return not (ordered[1:] == ordered[:-1]).any()
    there = np.zeros(size, bool)
    there[x] = True
    return bool(np.count_nonzero(there) == len(x))


def marks(count: int, size: int) -> int:
    """Bytes that it takes to tell whether so many numbers below ``size`` are all different."""
    return size if size <= SPARSE * count else 5 * count


def bits_of(x: Any, low: int, size: int) -> Any:
    """A bit for each number from the least on, 1 for those that are there, the lowest bit first; whole words of 64."""
    table = np.zeros(8 * -(-size // 64), np.uint8)
    for i in range(0, len(x), PART):
        at = _from(x[i:i + PART], low)
        np.bitwise_or.at(table, at >> 3, np.left_shift(np.uint8(1), (at & 7).astype(np.uint8)))
    return table


def _by_bits(x: Any, low: int, high: int) -> tuple[Any, Find]:
    table = bits_of(x, low, high - low + 1)
    words = table.view("<u8")
    before = np.cumsum(np.bitwise_count(words), dtype=np.int32)
    places = np.empty(int(before[-1]), x.dtype)
    before -= np.bitwise_count(words)
    count = 0
    for i in range(0, len(table), PART // 8):
        some = np.flatnonzero(np.unpackbits(table[i:i + PART // 8], bitorder="little"))
        places[count:count + len(some)] = some + (low + 8 * i)
        count += len(some)

    def find(some: Any) -> Any:
        at = _from(some, low)
        word = at >> 6
        below = (np.uint64(1) << (at & 63).astype(np.uint64)) - np.uint64(1)
        return before[word] + np.bitwise_count(words[word] & below)

    return places, find


def _from(x: Any, low: int) -> Any:
    return x.astype(np.int64) - low


def _by_sort(x: Any) -> Any:
    ordered = np.sort(x)
    count = 1
    for i in range(1, len(ordered), PART):
        some = ordered[i:i + PART]
        some = some[some != ordered[i - 1:i + PART - 1][:len(some)]]
        ordered[count:count + len(some)] = some
        count += len(some)
    return ordered[:count].copy()
