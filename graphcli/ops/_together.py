"""The values of elements brought together by whole numbers that they have, a range of numbers at a time.

How many elements there are of each number says where each of their values goes. Some elements at a time are sorted, and
put behind those of their number that came before: in the order of all, and in less time than it takes to find that.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

STEP = 1 << 15
"""Elements that are put in their places at a time."""
MANY = 1 << 17
"""Elements up to which they are put in order at once."""
PARTS = 2048
"""Parts of all numbers of which it is counted how many elements they have, to choose the ranges."""
ONE = np.int32(1)
SHARE = 20
"""Bytes of elements and sums of which there is room for one value and a quarter of a count."""


def room(size: int) -> int:
    """How many elements a range may have, of operands and results of so many bytes, and four times its numbers."""
    return max(STEP, size // SHARE // 4)


def few(span: int, count: int) -> bool:
    """Whether so many numbers are few enough for so many elements, and these are many."""
    return MANY < count >= span


def taken(size: int, width: int) -> int:
    """Bytes that this takes of operands and results of so many bytes, of values of so many."""
    return room(size) * (width + 2) + 24 * STEP + 8 * PARTS


def together(numbers: Callable[[slice], Any], values: Any, span: int, size: int) -> Iterator[tuple[Any, Any, Any]]:
    """(numbers below ``span`` in rising order, where the values of each begin, the values), range by range.

    numbers: those of a part of the elements. size: bytes of operands and results.
    """
    many = room(size)
    shift = max(0, (span - 1).bit_length() - PARTS.bit_length() + 1)
    each = 1 << shift
    pieces = [slice(i, i + STEP) for i in range(0, len(values), STEP)]
    counts = np.zeros(-(-span // each), np.int64)
    for piece in pieces:
        counts += np.bincount(numbers(piece) >> shift, minlength=len(counts))
    ends = np.cumsum(counts)
    low = 0
    while low < len(ends):
        before = int(ends[low - 1]) if low else 0
        high = max(low + 1, min(low + many // 4 // each, int(np.searchsorted(ends, before + many, side="right"))))
        if ends[high - 1] > before:
            yield _range(numbers, values, pieces, low * each, high * each)
        low = high


def _range(numbers: Any, values: Any, pieces: list[slice], low: int, high: int) -> tuple[Any, Any, Any]:
    """Those from ``low`` on, before ``high``."""
    span, counts = np.uint64(high - low), np.zeros(high - low, np.int32)
    for piece in pieces:
        keys = numbers(piece) - low
        # numbers below ``low`` wrap around
        np.add.at(counts, keys[np.flatnonzero(keys.view(np.uint64) < span)], ONE)
    goes = np.cumsum(counts, dtype=np.int32)
    out = np.empty(int(goes[-1]), values.dtype)
    found = np.flatnonzero(counts)
    goes -= counts
    first = goes[found]
    del counts
    for piece in pieces:
        keys = numbers(piece) - low
        here = np.flatnonzero(keys.view(np.uint64) < span)
        if len(here):
            keys = keys[here]
            sort = _order(keys, high - low)
            keys = keys[sort]
            new = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
            number = np.diff(new, append=len(keys))
            there = np.repeat(goes[keys[new]] - new, number)
            there += np.arange(len(keys))
            goes[keys[new]] += number
            out[there] = values[piece][here[sort]]
    return found + low, first, out


def _order(keys: Any, span: int) -> Any:
    """What brings numbers below ``span`` in order, equals as they stand, 16 bits at a time, which numpy counts."""
    sort = np.argsort(keys.astype(np.uint16), kind="stable")
    if span <= 1 << 16:
        return sort
    return sort[np.argsort((keys >> 16)[sort].astype(np.uint16), kind="stable")]
