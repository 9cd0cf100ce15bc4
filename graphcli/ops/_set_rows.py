"""Operations on sets of whole numbers that are rows of different lengths, as those of sparse tensors are: of two
tensors whose rows stand in order, some rows at a time are put in order together, and a long one is walked by itself."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..record import Record
from ._ranges import Each
from ._sets import BLOCK, LONG, Kept, Part, gathered, long_rows, stay
from ._sparse import numbered


class Rows(Record):
    """The rows of a tensor that have numbers, in order. places: where each is. starts: where each begins among
    ``values``, and where the last ends."""

    places: Any
    starts: Any
    values: Any


def dense_rows(a: Any) -> Rows:
    """The last axis of a tensor."""
    places = np.stack(np.unravel_index(np.arange(a.size // max(1, a.shape[-1])), a.shape[:-1]), 1)
    return Rows(places, np.arange(len(places) + 1) * a.shape[-1], a.reshape(-1))


def sparse_rows(indices: Any, values: Any) -> Rows:
    """The last axis of a sparse tensor, in any order."""
    starts = _starts(indices)
    if (np.diff(numbered(indices[starts, :-1])[0]) <= 0).any():
        order = np.argsort(numbered(indices[:, :-1])[0], kind="stable")
        indices, values = indices[order], values[order]
        starts = _starts(indices)
    return Rows(indices[starts, :-1], np.append(starts, len(values)), values)


def _starts(indices: Any) -> Any:
    """Where another row begins."""
    found = [np.arange(min(1, len(indices)))]
    for i in range(0, len(indices), BLOCK):
        some = indices[i:i + BLOCK + 1, :-1]
        found.append(np.flatnonzero((some[1:] != some[:-1]).any(axis=1)) + i + 1)
    return np.concatenate(found)


def operate_rows(a: Rows, b: Rows, sizes: tuple[int, ...], kept: Kept, each: Each) -> tuple[Any, Any, Any]:
    """Where the numbers that stay are in a tensor of rows, the numbers, and the sizes of that tensor."""
    places, one, other = met(a, b)
    return gathered(lambda: _parts(a.values, one, b.values, other, kept, each), lambda rows: places[rows].T, sizes,
                    a.values.dtype)


def met(a: Rows, b: Rows) -> tuple[Any, Any, Any]:
    """The places of the rows that any of two tensors has, in order, and where these begin among the values of each."""
    _, first = np.unique(np.concatenate(numbered(a.places, b.places)), return_index=True)
    places = np.concatenate([a.places, b.places])[first]
    return places, _offsets(a, places), _offsets(b, places)


def _offsets(rows: Rows, places: Any) -> Any:
    """Where each of these places begins among the values, and where the last ends."""
    mine, every = numbered(rows.places, places)
    counts = np.zeros(len(places) + 1, np.int64)
    counts[np.searchsorted(every, mine) + 1] = np.diff(rows.starts)
    return np.cumsum(counts)


def _parts(a: Any, one: Any, b: Any, other: Any, kept: Kept, each: Each) -> Iterator[Part]:
    total, i = one + other, 0
    while i + 1 < len(total):
        j = min(i + BLOCK, max(i + 1, int(np.searchsorted(total, total[i] + BLOCK, "right")) - 1))
        first, second = a[one[i]:one[j]], b[other[i]:other[j]]
        if total[j] - total[i] > LONG:
            for _, before, counts, numbers in long_rows(first[None], second[None], kept, each):
                yield i, before, counts, numbers
        else:
            rows = np.concatenate([np.repeat(np.arange(j - i), np.diff(x[i:j + 1])) for x in (one, other)])
            mine, numbers = stay(np.concatenate([first, second]), rows, j - i, len(first), kept)
            yield i, 0, np.bincount(mine, minlength=j - i), numbers
        i = j


def sizes_of_rows(a: Rows, shape: Any) -> Any:
    """How many different numbers each row has, in a tensor of the rows of this shape."""
    out = np.zeros(shape[:-1], np.int32)
    none = np.zeros_like(a.starts)
    for row, _, counts, _ in _parts(a.values, a.starts, a.values[:0], none, lambda first, _: first, _alone):
        places = a.places[row:row + len(counts)]
        out[tuple(places.T)] += counts.astype(np.int32)
    return out


def _alone(many: int, body: Any) -> None:
    for i in range(many):
        body(i)
