"""Indices of sparse tensors: their order, where two of them meet, and whether they are inside of a shape."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import RunError

SOME = 1 << 15
"""Elements that are given places at a time."""
MOST = 1 << 62
"""Places of a shape up to which they have numbers."""


def components(n: Any, indices: Any, values: Any, shape: Any, what: str = "input_") -> tuple[Any, Any]:
    """(number of elements, rank) of a sparse tensor as far as its static shapes tell; they must fit."""
    indices = n.with_rank(indices, 2, f"{what}indices")
    count, = n.merge(indices[:1], n.with_rank(values, 1, f"{what}values"), f"numbers of {what}indices and values")
    rank, = n.merge(indices[1:], n.with_rank(shape, 1, f"{what}shape"), f"ranks of {what}indices and {what}shape")
    return count, rank


def checked(indices: Any, values: Any, shape: Any) -> None:
    """Refuses arrays that make no sparse tensor."""
    if np.ndim(indices) != 2:
        raise RunError(f"Input indices should be a matrix but received shape {list(np.shape(indices))}")
    if np.ndim(values) != 1:
        raise RunError(f"Input values should be a vector but received shape {list(np.shape(values))}")
    if np.ndim(shape) != 1:
        raise RunError(f"Input shape should be a vector but received shape {list(np.shape(shape))}")
    if len(indices) != len(values):
        raise RunError(f"Number of indices ({len(indices)}) does not match number of values ({len(values)})")
    if indices.shape[1] != len(shape):
        raise RunError(f"Index rank {indices.shape[1]} and shape rank {len(shape)} do not match")
    if min(shape, default=0) < 0:
        raise RunError(f"the sizes of a shape are not negative, but it is {list(map(int, shape))}")


def inside(indices: Any, shape: Any) -> None:
    """Refuses an index outside of the shape."""
    columns = zip(indices.T, np.asarray(shape).tolist())
    if len(indices) and any(column.min() < 0 or column.max() >= size for column, size in columns):
        row = int(np.argmax(((indices < 0) | (indices >= np.asarray(shape))).any(axis=1)))
        raise RunError(f"indices[{row}] = {indices[row].tolist()} is out of bounds: need 0 <= index < "
                       f"{[int(s) for s in shape]}")


def columns(counts: Any) -> Any:
    """The number of each element within its row, for rows of so many."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def side_by_side(counts: Any) -> Any:
    """The places of elements of which each row has so many, from its first column on."""
    places = np.empty((int(counts.sum()), 2), np.int64)
    rows = np.flatnonzero(counts)
    ends = np.cumsum(counts[rows])
    for i in range(0, len(places), SOME):
        some = places[i:i + SOME]
        first, last = np.searchsorted(ends, (i, i + len(some) - 1), side="right")
        stops = np.minimum(ends[first:last + 1] - i, len(some))
        sizes = np.diff(stops, prepend=0)
        some[:, 0] = np.repeat(rows[first:last + 1], sizes)
        # how many elements of the first row lie before
        begins = stops - sizes
        begins[0] -= i - (ends[first] - counts[rows[first]])
        some[:, 1] = np.arange(len(some)) - np.repeat(begins, sizes)
    return places


def numbered(*places: Any) -> list[Any]:
    """A number for each row of some matrices of as many columns, in the order of the rows."""
    if len(places[0].T) == 1:
        return [p[:, 0] for p in places]
    some = [p for p in places if len(p)]
    if not some or not places[0].shape[1]:
        return [np.zeros(len(p), np.int64) for p in places]
    low = [min(int(p[:, i].min()) for p in some) for i in range(places[0].shape[1])]
    spans = [max(int(p[:, i].max()) for p in some) - least + 1 for i, least in enumerate(low)]
    if prod(spans) < MOST:
        return [linear(p, low, spans) for p in places]
    numbers = np.unique(np.concatenate(places), axis=0, return_inverse=True)[1].reshape(-1)
    return np.split(numbers, np.cumsum([len(p) for p in places[:-1]]))


def linear(rows: Any, low: list[int], spans: list[int]) -> Any:
    """The place of each row in a box that begins at ``low``."""
    out, first = rows[:, 0].astype(np.int64), low[0]
    for column, least, span in zip(rows.T[1:], low[1:], spans[1:]):
        out *= span
        out += column
        first = first * span + least
    if first:
        # far from 0 both have wrapped around
        out -= np.int64((first + (1 << 63)) % (1 << 64) - (1 << 63))
    return out


def unlinear(numbers: Any, low: list[int], spans: list[int]) -> Any:
    """The rows that have these places in such a box."""
    out = np.empty((len(numbers), len(low)), np.int64)
    for i in range(len(low) - 1, 0, -1):
        numbers, out[:, i] = np.divmod(numbers, spans[i])
    out[:, 0] = numbers
    out += low
    return out


def order(numbers: Any) -> Any:
    """What brings numbers in order, equals as they stand; None where they are."""
    if (numbers[1:] >= numbers[:-1]).all():
        return None
    return np.argsort(numbers, kind="stable")


def joined(a: Any, b: Any) -> tuple[Any, Any]:
    """Two lists of numbers, each in order, as one: where each of its numbers is in the first and in the second, -1
    where it is not."""
    if all((x[1:] > x[:-1]).all() for x in (a, b)):
        both = np.concatenate([a, b])
        # the equals of both as they stand, and two runs are merged in one sweep
        sort = both.argsort(kind="stable")
        both = both[sort]
        new = both[1:] != both[:-1]
        some = min(len(both), 1)
        from_a, from_b = sort[np.append(np.ones(some, bool), new)], sort[np.append(new, np.ones(some, bool))]
        from_a[from_a >= len(a)] = -1
        from_b -= len(a)
        return from_a, np.maximum(from_b, -1, out=from_b)
    left, right = a.tolist(), b.tolist()
    pairs, i, j = [], 0, 0
    while i < len(left) or j < len(right):
        # what comes again or out of order meets what stands beside it
        one = j == len(right) or i < len(left) and left[i] <= right[j]
        other = i == len(left) or j < len(right) and right[j] <= left[i]
        pairs.append((i if one else -1, j if other else -1))
        i, j = i + one, j + other
    found = np.asarray(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def either(first: Any, second: Any, from_first: Any, from_second: Any) -> Any:
    """The rows of two matrices that ``joined`` has found."""
    other = np.flatnonzero(from_first < 0)
    if len(other) == len(from_first):
        return second.take(from_second, 0)
    out = first.take(from_first, 0)
    out[other] = second.take(from_second[other], 0)
    return out
