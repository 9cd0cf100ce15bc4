"""Where the elements of two sparse tensors meet, some at a time: both are in order, so they are walked side by side."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from ._sparse import MOST, joined, linear, numbered

STEP = 1 << 15
"""Elements of each that are met at a time."""

Key = Callable[[Any], Any]
Part = tuple[int, int, Any, Any]
"""The first elements of a part, and where each of its places is in the first and in the second tensor from there on, -1
where it is not."""


def meeting(a: Any, b: Any) -> Iterator[Part]:
    """a, b: the places of the elements. All at once, if they are few, not in order, or so far apart that they have no
    numbers."""
    keys = None if len(a) + len(b) <= STEP else in_order(a, b)
    if keys is None:
        yield 0, 0, *joined(*numbered(a, b))
    else:
        yield from walked(a, b, *keys)


def in_order(a: Any, b: Any, shift: Any = 0) -> tuple[Key, Key] | None:
    """What gives numbers for some places of each, that rise as they do; None where they do not, or there are none.
    shift: how far those of the second are from where they are to be."""
    key = keys_of(a, b, shift)
    if key is None:
        return None

    def shifted(rows: Any) -> Any:
        return key(rows + shift)

    other = shifted if np.any(shift) else key
    return (key, other) if _rises(a, key) and _rises(b, other) else None


def keys_of(a: Any, b: Any = (), shift: Any = 0) -> Key | None:
    """What gives a number for each of some places, in the order of the rows; None where there are too many for that.
    b, shift: others, and how far these are from where they are to be."""
    box = box_of(a, b, shift)
    return None if box is None else lambda rows: linear(rows, *box)


def box_of(a: Any, b: Any = (), shift: Any = 0) -> tuple[list[int], list[int]] | None:
    """The least of some places, and how far they go from there; None where there are too many for numbers."""
    low = high = None
    for rows, by in ((a, 0), (b, shift)):
        if len(rows) and a.shape[1]:
            least, most = (np.array([end(column) for column in rows.T]) + by for end in (np.min, np.max))
            low = least if low is None else np.minimum(low, least)
            high = most if high is None else np.maximum(high, most)
    if low is None or high is None:
        return None
    first, spans = low.tolist(), [m - n + 1 for n, m in zip(low.tolist(), high.tolist())]
    return (first, spans) if prod(spans) < MOST else None


def walked(a: Any, b: Any, key: Key, other: Key) -> Iterator[Part]:
    """The parts of what is in order, by its numbers."""
    for i, j, mine, found in _side_by_side(a, b, key, other):
        yield i, j, *joined(mine, found)


def united(a: Any, b: Any) -> int:
    """How many places ``meeting`` gives at most."""
    keys = None if len(a) + len(b) <= STEP else in_order(a, b)
    total = len(a) + len(b)
    for _, _, mine, found in () if keys is None else _side_by_side(a, b, *keys):
        both = np.sort(np.concatenate([mine, found]), kind="stable")
        total -= int(np.count_nonzero(both[1:] == both[:-1]))
    return total


def _side_by_side(a: Any, b: Any, key: Key, other: Key) -> Iterator[tuple[int, int, Any, Any]]:
    """The first elements of a part of each, and the numbers of their places."""
    i = j = 0
    while i < len(a) or j < len(b):
        stop = min(i + STEP, len(a))
        last = len(b) if stop == len(a) else up_to(b, other, key(a[stop - 1:stop])[0], j)
        if last - j > STEP:
            last = j + STEP
            stop = up_to(a, key, other(b[last - 1:last])[0], i)
        yield i, j, key(a[i:stop]), other(b[j:last])
        i, j = stop, last


def _rises(rows: Any, key: Key) -> bool:
    """Whether each row comes after the one before it."""
    for i in range(0, len(rows), STEP):
        keys = key(rows[i:i + STEP + 1])
        if (keys[1:] <= keys[:-1]).any():
            return False
    return True


def up_to(rows: Any, key: Key, last: Any, low: int) -> int:
    """How many rows have no greater number than this; at least ``low``."""
    high = len(rows)
    while low < high:
        middle = (low + high) // 2
        if key(rows[middle:middle + 1])[0] <= last:
            low = middle + 1
        else:
            high = middle
    return low
