"""Operations on sets of whole numbers, row by row: the numbers of both are sorted together, those of the first set
ahead of their equals, so that each run of equals tells by its ends in which sets it is.

Short rows are sorted some at a time; a long one is walked in falling ranges of its values. All is found twice: how many
there are, and then what they are, where they are to lie.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from ._ranges import STEP, Each, Ranges, room
from ._sparse import MOST, columns

BLOCK = 1 << 15
"""Numbers that are sorted at a time."""
LONG = 1 << 17
"""Numbers of a row from which it is walked."""

Kept = Callable[[Any, Any], Any]
"""Which numbers stay, of those that are in the first set and those that are in the second."""
Part = tuple[int, int, Any, Any]
"""A row, how many of its numbers were found before, how many stay of it and each of those after it, and the numbers."""


def operate(a: Any, b: Any, kept: Kept, each: Each) -> tuple[Any, Any, Any]:
    """Of the last axes of two tensors: where the numbers that stay are in a tensor of rows, the numbers, and the sizes
    of that tensor."""
    sizes = a.shape[:-1]
    a, b = (x.reshape(prod(sizes), x.shape[-1]) for x in (a, b))
    parts = long_rows if a.shape[1] + b.shape[1] > LONG else _short
    return gathered(lambda: parts(a, b, kept, each), lambda rows: np.unravel_index(rows, sizes), sizes, a.dtype)


def gathered(parts: Callable[[], Iterator[Part]], places_of: Callable[[Any], Any], sizes: tuple[int, ...],
             dtype: Any) -> tuple[Any, Any, Any]:
    """What is found in parts of rows, as a sparse tensor. places_of: where rows are, by axes."""
    total, most = 0, 0
    for _, before, counts, numbers in parts():
        total += len(numbers)
        most = max(most, before + int(counts.max(initial=0)))
    places, found = np.empty((total, len(sizes) + 1), np.int64), np.empty(total, dtype)
    total = 0
    for row, before, counts, numbers in parts():
        some = slice(total, total + len(numbers))
        found[some] = numbers
        for axis, at in enumerate(places_of(np.arange(row, row + len(counts)))):
            places[some, axis] = np.repeat(at, counts)
        places[some, -1] = before + columns(counts)
        total = some.stop
    return places, found, np.array([*sizes, most], np.int64)


def _short(a: Any, b: Any, kept: Kept, each: Each) -> Iterator[Part]:
    many = max(1, BLOCK // max(1, a.shape[1] + b.shape[1]))
    for i in range(0, len(a), many):
        parts = a[i:i + many], b[i:i + many]
        some = len(parts[0])
        rows = np.concatenate([np.repeat(np.arange(some), x.shape[1]) for x in parts])
        mine, numbers = stay(np.concatenate([x.reshape(-1) for x in parts]), rows, some, parts[0].size, kept)
        yield i, 0, np.bincount(mine, minlength=some), numbers


def stay(values: Any, rows: Any, many: int, cut: int, kept: Kept) -> tuple[Any, Any]:
    """Of the numbers of some rows: which stay, in order, and of which row each of them is. many: rows. cut: where the
    numbers of the second set begin."""
    low = int(values.min(initial=0))
    span = int(values.max(initial=0)) - low + 1
    if 2 * span * many > MOST:
        # too far apart for one number that tells row, value and set
        order = values.argsort(kind="stable")
        order = order[rows[order].astype(np.uint16).argsort(kind="stable")]
        values, rows = values[order], rows[order]
        starts = _steps(values)
        starts[1:] |= rows[1:] != rows[:-1]
        some = _staying(starts, order >= cut, kept)
        return rows[some], values[some]
    # numpy sorts 16 bits in one sweep
    kind = np.uint16 if 2 * span * many <= 1 << 16 else np.int32 if 2 * span * many < 1 << 31 else np.int64
    keys = values.astype(np.int64)
    keys -= low
    keys += rows * span
    keys = keys.astype(kind, copy=False)
    keys *= 2
    keys[cut:] += 1
    keys.sort(kind="stable" if kind is np.uint16 else None)
    second = keys & 1 == 1
    keys >>= 1
    keys = keys[_staying(_steps(keys), second, kept)]
    rows = keys // kind(span)
    keys -= rows * kind(span)
    return rows, (keys.astype(np.int64) + low).astype(values.dtype)


def _steps(sorted_: Any) -> Any:
    """Where runs of equals start."""
    starts = np.ones(len(sorted_), bool)
    np.not_equal(sorted_[1:], sorted_[:-1], out=starts[1:])
    return starts


def _staying(starts: Any, second: Any, kept: Kept) -> Any:
    """The first numbers of the runs of equals that stay. second: what is of the second set."""
    at = np.flatnonzero(starts)
    ends = np.append(at[1:], len(starts)) - 1 if len(at) else at
    return at[kept(~second[at], second[ends])]


class _Fallen:
    """The numbers of two vectors, one after the other, that fall where these rise."""

    def __init__(self, a: Any, b: Any) -> None:
        self.a, self.b = a, b
        self.dtype = a.dtype

    def __len__(self) -> int:
        return len(self.a) + len(self.b)

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice) and which.step is None:
            cut = len(self.a)
            return ~np.concatenate([self.a[which], self.b[max(0, which.start - cut):max(0, which.stop - cut)]])
        at = np.arange(*which.indices(len(self))) if isinstance(which, slice) else which
        first = at < len(self.a)
        out = np.empty(len(at), self.dtype)
        out[first], out[~first] = self.a[at[first]], self.b[at[~first] - len(self.a)]
        return np.invert(out, out=out)


def long_rows(a: Any, b: Any, kept: Kept, each: Each) -> Iterator[Part]:
    for row in range(len(a)):
        both, before = _Fallen(a[row], b[row]), 0
        # a range is looked at as a whole
        for found, first in Ranges(both, room((a[row].nbytes + b[row].nbytes) // 4, 0, len(both)), each):
            if first is None:
                numbers = both[found]
                numbers = numbers[_staying(_steps(numbers), found >= a.shape[1], kept)]
            elif first == found[0]:
                numbers = both[found[:1]]
                second = any((~b[row, i:i + STEP] == numbers).any() for i in range(0, b.shape[1], STEP))
                numbers = numbers[kept(found[:1] < a.shape[1], np.array([second]))]
            else:
                continue
            yield row, before, np.array([len(numbers)]), ~numbers
            before += len(numbers)
