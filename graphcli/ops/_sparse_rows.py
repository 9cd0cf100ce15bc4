"""Elements of sparse tensors put elsewhere, some at a time: what is made on the way is as large as these."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._meeting import keys_of
from ._sparse import numbered, order

SOME = 1 << 15
"""Elements that are put elsewhere at a time."""


def _narrow(sort: Any) -> Any:
    """An order in half of the memory, where it has fewer than 2**31 places."""
    return sort.astype(np.int32) if sort is not None and len(sort) < 1 << 31 else sort


def ordering(many: int, rank: int, results: int) -> int:
    """Bytes beside results of so many bytes that an order is made in: numbers, the order, and what numpy's C takes."""
    return max(0, (20 if rank > 1 else 12) * many - results) + (8 * rank + 12) * min(SOME, many)


def reordered(indices: Any, values: Any) -> tuple[Any, Any]:
    """The elements of a sparse tensor in its order, which is kept where their indices will be."""
    sort = order(*numbered(indices))
    if sort is None:
        return indices, values
    sort = _narrow(sort)
    places = np.empty(indices.shape, np.int64)
    places[:, -1] = sort
    del sort
    made = np.empty(values.shape, values.dtype)
    for i in range(0, len(made), SOME):
        some = places[i:i + SOME, -1].copy()
        places[i:i + SOME], made[i:i + SOME] = indices[some], values[some]
    return places, made


def in_one(indices: Sequence[Any], values: Sequence[Any], axis: int, begins: Any) -> tuple[Any, Any]:
    """The elements of sparse tensors as those of one, in its order: each begins at its place along an axis."""
    ends = np.cumsum([len(i) for i in indices])
    firsts = ends - [len(i) for i in indices]
    sort = _narrow(order(_numbers(indices, axis, begins, firsts)))
    places = np.empty((ends[-1], indices[0].shape[1]), np.int64)
    if sort is not None:
        # kept where indices will be
        places[:, -1] = sort
        sort = places[:, -1]
    every = np.empty(ends[-1], values[0].dtype)
    for i in range(0, len(every), SOME):
        some = np.arange(i, min(i + SOME, len(every))) if sort is None else sort[i:i + SOME].copy()
        which = np.searchsorted(ends, some, side="right")
        for k in np.unique(which):
            here = which == k
            rows = some[here] - firsts[k]
            places[i:i + SOME][here], every[i:i + SOME][here] = indices[k][rows], values[k][rows]
        places[i:i + SOME, axis] += begins[which]
    return places, every


def _numbers(indices: Sequence[Any], axis: int, begins: Any, firsts: Any) -> Any:
    """A number for each element, in the order of its place."""
    met = [(column.min(), column.max()) for i in indices if len(i) for column in i.T]
    rank = indices[0].shape[1]
    shifts = [begin for i, begin in zip(indices, begins) if len(i)]
    corners = np.array(met, np.int64).reshape(-1, rank, 2)
    corners[:, axis] += np.array(shifts, np.int64).reshape(-1, 1)
    key = keys_of(np.concatenate([corners[..., 0], corners[..., 1]]))
    total = sum(map(len, indices))
    if key is None:
        whole = np.concatenate(indices)
        whole[:, axis] += np.repeat(begins, [len(i) for i in indices])
        return numbered(whole)[0]
    out = np.empty(total, np.int64)
    for rows, begin, first in zip(indices, begins, firsts):
        for i in range(0, len(rows), SOME):
            some = rows[i:i + SOME].copy()
            some[:, axis] += begin
            out[first + i:first + i + len(some)] = key(some)
    return out


def dealt(indices: Any, values: Any, which: Callable[[Any], Any], many: int) -> list[tuple[Any, Any]]:
    """The elements of each part. which: for some indices the part, -1 for none."""
    counts = np.zeros(many + 1, np.int64)
    for i in range(0, len(indices), SOME):
        counts += np.bincount(which(indices[i:i + SOME]) + 1, minlength=many + 1)
    out = [(np.empty((c, indices.shape[1]), indices.dtype), np.empty(c, values.dtype)) for c in counts[1:]]
    filled = [0] * many
    for i in range(0, len(indices), SOME):
        parts = which(indices[i:i + SOME])
        for k in np.flatnonzero(np.bincount(parts + 1, minlength=many + 1)[1:]).tolist():
            rows = np.flatnonzero(parts == k) + i
            mine = slice(filled[k], filled[k] + len(rows))
            out[k][0][mine], out[k][1][mine] = indices.take(rows, 0), values.take(rows)
            filled[k] += len(rows)
    return out
