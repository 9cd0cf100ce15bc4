"""Rows of an array changed by a ufunc, one after the other where an index comes again (``ufunc.at``).

``ufunc.at`` goes element by element. Rows are taken, changed and put back at once here: first all indices for the
first time they come, then those that come again, and so on, so that each element meets its updates in their order.
Part after part of the updates does the same.
"""
from __future__ import annotations

from math import prod
from typing import Any

import numpy

ROW = 4
"""Elements of a row from which rows at once are quicker."""
PART = 1 << 18
"""Bytes of the rows that are taken out at a time, and eight times the indices that are ranked at a time."""
ROUNDS = 8
"""So many times an index may come; what comes more often is done one by one."""


def at(ufunc: Any, value: Any, indices: Any, updates: Any) -> None:
    """``ufunc.at(value, indices, updates)``, the same bits. indices: whole numbers of any shape, within the rows."""
    flat = indices.reshape(-1)
    shape = value.shape[1:]
    if not isinstance(value, numpy.ndarray):
        _elsewhere(ufunc, value, indices, updates)
        return
    if type(value) is not numpy.ndarray or value.dtype.hasobject or value.size < ROW * len(value) or not flat.size:
        ufunc.at(value, indices, updates)
        return
    rows = updates.reshape((flat.size, *shape))
    many = many_of(prod(shape) * value.itemsize)
    for start in range(0, flat.size, many):
        _at(ufunc, value, flat[start:start + many], rows[start:start + many])


def many_of(width: int) -> int:
    """How many rows of so many bytes are a part."""
    return max(1, min(PART // 8, PART // max(1, width)))


def _at(ufunc: Any, value: Any, flat: Any, rows: Any) -> None:
    ranked = numpy.sort(flat)
    again = ranked[1:] == ranked[:-1]
    if not again.any():
        _once(ufunc, value, flat, rows)
        return
    order = numpy.argsort(flat, kind="stable")
    first = numpy.flatnonzero(numpy.concatenate([[True], ~again]))
    time = numpy.arange(flat.size) - numpy.repeat(first, numpy.diff(first, append=flat.size))
    for turn in range(min(ROUNDS, int(time.max()) + 1)):
        now = order[time == turn]
        _once(ufunc, value, flat[now], rows[now])
    late = numpy.sort(order[time >= ROUNDS])
    if late.size:
        ufunc.at(value, flat[late], rows[late])


def at_tuples(ufunc: Any, value: Any, indices: Any, updates: Any) -> None:
    """The same at tuples of indices: an array for each of the first axes, within their sizes."""
    depth = len(indices)
    if not isinstance(value, numpy.ndarray):
        _elsewhere(ufunc, value, indices, updates)
        return
    if not indices or not value.flags.c_contiguous or not value.size:
        ufunc.at(value, indices, updates)
        return
    rows = value.reshape((prod(value.shape[:depth]), *value.shape[depth:]))
    flat = [i.reshape(-1) for i in indices]
    given = updates.reshape((flat[0].size, *value.shape[depth:]))
    many = many_of(0)
    for start in range(0, flat[0].size, many):
        places = tuple(i[start:start + many] for i in flat)
        at(ufunc, rows, numpy.ravel_multi_index(places, value.shape[:depth]), given[start:start + many])


ADDED = "iIlLqQefd"
"""The dtypes that cupy adds at places."""


def _elsewhere(ufunc: Any, value: Any, indices: Any, updates: Any) -> None:
    """``ufunc.at`` for an array of a GPU, which only adds at places (its extremes of float64 are rounded to float32);
    the rest is done in this process."""
    name = ufunc.__name__.removeprefix("cupy_")
    if name in ("add", "subtract") and value.dtype.char in ADDED:
        import cupy

        cupy.add.at(value, indices, -updates if name == "subtract" else updates)
        return
    mine = value.get()
    places = tuple(i.get() for i in indices) if isinstance(indices, tuple) else indices.get()
    getattr(numpy, name).at(mine, places, updates.get())
    value.set(mine)


def taken(n: Any, updates: int, places: int) -> int:
    """Bytes of the rows that are taken out for so many updates, of which an op's input ``updates`` consists: half as
    much again, for those that come again, and some of their order."""
    if n.shapes[updates] == () and places > 1:
        return PART * 5 // 2
    if n.size(updates) < ROW * places:
        # ufunc.at takes them one by one, by indices of 64 bits
        return 8 * min(places, many_of(0))
    size = int(n.bytes(updates))
    return min(PART, size) * 3 // 2 + 30 * min(places, many_of(size // max(1, places)))


def _once(ufunc: Any, value: Any, indices: Any, rows: Any) -> None:
    changed = value.take(indices, 0)
    ufunc(changed, rows, out=changed)
    value[indices] = changed
