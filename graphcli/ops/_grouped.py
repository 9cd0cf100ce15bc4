"""The elements of a sparse tensor in the order of numbers of their places, where they are not in it: those of a range
of numbers at a time, all elements of one number together."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ._meeting import Key, keys_of
from ._ranges import STEP, Each, Ranges, room

MANY = 1 << 17
"""Elements up to which they are put in order at once."""


class _Falling:
    """Numbers that fall where those of rows rise."""

    dtype = np.dtype(np.int64)

    def __init__(self, rows: Any, key: Key) -> None:
        self.rows, self.key = rows, key

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: Any) -> Any:
        keys = self.key(self.rows[which])
        return np.invert(keys, out=keys)


def grouped(rows: Any, size: int, each: Each) -> Iterator[Any] | None:
    """Which elements come next, in the order of their rows, equals as they stand: all that are alike in one part. None:
    they are few, or in order, or their rows have no numbers. size: bytes of operands and results."""
    key = keys_of(rows) if len(rows) > MANY else None
    if key is None or all((np.diff(key(rows[i:i + STEP + 1])) >= 0).all() for i in range(0, len(rows), STEP)):
        return None
    return _parts(Ranges(_Falling(rows, key), room(size // 2, 0, len(rows)), each))


def taken(rows: int, size: int) -> int:
    """Bytes that this takes, or an order of few."""
    return 20 * (room(size // 2, 0, rows) + STEP) if rows > MANY else 12 * rows


def _parts(ranges: Ranges) -> Iterator[Any]:
    alike: list[Any] = []
    before = None
    for found, first in ranges:
        if alike and first != before:
            yield np.concatenate(alike)
            alike.clear()
        before = first
        if first is None:
            yield found
        else:
            alike.append(found)
    if alike:
        yield np.concatenate(alike)
