"""Distinct elements in order of appearance.

Each element is first given the place of the first that is equal to it: from a table where there are few whole numbers
between the least and the greatest, else from its equals, which lie together when ranges of values are sorted. The
elements that have their own place are the first ones, and their numbers take the places' place in one walk.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ._distinct_rows import Bits, bits_of, by_few, compare, in_block
from ._packed import infinite
from ._ranges import Ranges, room, seen, within

PART = 1 << 16
"""Elements that are looked up at a time, and up to which they are sorted all at once."""
WIDE = 1 << 16
"""A table has so many values at most, ..."""
THIN = 8
"""... or one for so many elements."""
SOME = 1 << 12
"""Texts that are Python's at a time."""
TEXT, RARE = 8, 64
"""Words that a text takes at least, with what leads to it; in a table of Python's are so many times fewer at most."""
FEW = 1 << 9
"""Elements of rows up to which Python compares them."""


def distinct(n: Any, x: Any, index: Any, counted: bool, axis: int = 0) -> tuple[Any, Any, Any]:
    """The distinct elements of a vector, or slices along an axis, which of them each is, how many of each (None where
    they are not counted). No NaN is equal to another; zeros of half precision are equal in rows alone.
    """
    rows = n.xp.moveaxis(x, axis, 0)
    which = _first_places(n, rows, index)
    found = _numbered(n.xp, which, rows, axis)
    return found, which, _counts(n.xp, which, found.shape[axis]) if counted else None


def taken(size: int, width: int, index: int) -> int:
    """Bytes that this takes beside its results, of elements of so many bytes and indices of so many."""
    many = room(size * (width + 2 * index), 0, size)
    return max(40 * min(PART, size), within(min(many, size), size, width) if size > PART else 0)


def _table(x: Any) -> tuple[Callable[[int], Any], int] | None:
    """Indices of a table for the elements from one on, and its size; None where there are too many values."""
    if x.dtype.kind in "iub":
        low, high = int(x.min()), int(x.max())
        if high - low >= max(WIDE, len(x) // THIN):
            return None
        return lambda i: _from(x[i:i + PART], x.dtype.type(low)), high - low + 1
    return None


def _by_table(keys: Callable[[int], Any], many: int, into: Any) -> None:
    """Into the places of elements: the first of those that are equal."""
    table = np.empty(many, into.dtype)
    for i in reversed(range(0, len(into), PART)):
        # of what is set twice the last stays
        table[keys(i)[::-1]] = np.arange(min(len(into), i + PART) - 1, i - 1, -1)
    for i in range(0, len(into), PART):
        into[i:i + PART] = table[keys(i)]


def _first_places(n: Any, x: Any, index: Any) -> Any:
    """For each element, or row, the place of the first that is equal to it."""
    xp = n.xp
    places = xp.empty(len(x), index)
    if x[:1].size == 1:
        x = x.reshape(-1)
    if x.ndim > 1 and x.size <= FEW:
        met: dict[Any, int] = {}
        places[:] = [met.setdefault(tuple(row), i) for i, row in enumerate(x.reshape(len(x), x[:1].size).tolist())]
    elif x.ndim > 1:
        # what is made of rows may be next to nothing
        bits = bits_of(x, places.nbytes)
        if len(x) <= PART or not by_few(bits, places):
            _by_ranges(n, bits, (x.nbytes + places.nbytes) // 2, places)
        compare(x, places)
    elif x.dtype == object:
        if not _by_names(x, places):
            texts = x.reshape(-1, 1)
            _by_ranges(n, Bits(texts)[:], 8 * len(x) * TEXT, places)
            compare(texts, places)
    else:
        bits = as_hashed(x)
        table = None if xp.__name__ != "numpy" or len(x) <= PART else _table(bits)
        if table is None:
            _by_ranges(n, bits, x.nbytes + 2 * places.nbytes, places)
        else:
            _by_table(*table, places)
        for i in range(0, len(x), PART) if bits is not x else ():
            nothing = i + xp.nonzero(no_numbers(bits[i:i + PART], x.dtype))[0]
            places[nothing] = nothing
    return places


def _by_names(x: Any, into: Any) -> bool:
    """Into the places of texts, by a table of Python's; False where it would be large beside them."""
    known: dict[Any, int] = {}
    most = max(PART, len(x) // RARE)
    for i in range(0, len(x), SOME):
        into[i:i + SOME] = [known.setdefault(v, j) for j, v in enumerate(x[i:i + SOME].tolist(), i)]
        if len(known) > most:
            return False
    return True


def as_hashed(x: Any) -> Any:
    """Elements as TensorFlow tells them apart: the bits of half precision, of which zero has two."""
    return x.view(np.uint16) if x.itemsize == 2 and x.dtype.kind not in "iu" else x


def no_numbers(bits: Any, dtype: Any) -> Any:
    """Where bits of half precision are those of NaN."""
    return (bits & np.uint16(0x7FFF)) > np.uint16(infinite(dtype))


def _by_ranges(n: Any, x: Any, size: int, into: Any) -> None:
    """size: bytes of elements and results."""
    if n.xp.__name__ != "numpy" or len(x) <= PART:
        x = x[:]
        _of_sorted(n.xp, x, n.xp.argsort(seen(x), kind="stable"), into)
        return
    for found, first in Ranges(x, room(size, 0, len(x)), n.each):
        if first is None:
            _of_sorted(n.xp, x, found, into)
        else:
            into[found] = first


def _of_sorted(xp: Any, x: Any, order: Any, into: Any) -> None:
    """Into the places of sorted elements, equals in their order: the first of those that are equal."""
    last = order[:1]
    for i in range(0, len(order), PART):
        some = order[i:i + PART]
        # with the one before them
        part = x[order[max(0, i - 1):i + PART]]
        new = part[1:] != part[:-1]
        if not i:
            new = xp.concatenate([xp.zeros(1, bool), new])
        firsts = xp.concatenate([last, some[new]])
        into[some] = firsts[xp.cumsum(new)]
        last = firsts[-1:]


def _numbered(xp: Any, places: Any, rows: Any, axis: int) -> Any:
    """Rows of the elements that are the first of their value. places: the first for each, which become numbers."""
    step = PART if rows.ndim == 1 else in_block(rows)
    parts = [slice(i, min(len(places), i + step)) for i in range(0, len(places), step)]
    many = sum(int((places[p] == xp.arange(p.start, p.stop)).sum()) for p in parts)
    shape = list(rows.shape[1:])
    shape.insert(axis, many)
    found = xp.empty(shape, rows.dtype)
    firsts = xp.moveaxis(found, axis, 0)
    many = 0
    for p in parts:
        some = places[p]
        new = some == xp.arange(p.start, p.stop)
        first = rows[p][new]
        firsts[many:many + len(first)] = first
        seen = some[~new]
        some[new] = xp.arange(many, many + len(first))
        # the first ones lie before, and have their numbers
        some[~new] = places[seen]
        many += len(first)
    return found


def _counts(xp: Any, which: Any, many: int) -> Any:
    if xp.__name__ != "numpy":
        return xp.bincount(which, minlength=many).astype(which.dtype)
    counts = np.zeros(many, which.dtype)
    for i in range(0, len(which), PART):
        some = which[i:i + PART]
        if many < PART:
            counts += np.bincount(some, minlength=many)
        else:
            np.add.at(counts, some, which.dtype.type(1))
    return counts


def differ(x: Any, y: Any, index: Any) -> tuple[Any, Any]:
    """The elements of x that are not in y, and where they are."""
    kept, count = [], 0
    for stays in absent(x, y):
        # a bit for each
        kept.append(np.packbits(stays))
        count += int(np.count_nonzero(stays))
    found, places = np.empty(count, x.dtype), np.empty(count, index)
    count = 0
    for i, some in zip(range(0, len(x), PART), kept):
        here = np.flatnonzero(np.unpackbits(some, count=min(PART, len(x) - i)))
        here += i
        found[count:count + len(here)] = x[here]
        places[count:count + len(here)] = here
        count += len(here)
    return found, places


def absent(x: Any, y: Any) -> Iterator[Any]:
    """Which elements of x are not in y, PART at a time."""
    if x.dtype == object:
        names = set(y.flat)
        for i in range(0, len(x), PART):
            yield np.array([v not in names for v in x[i:i + PART].flat], bool)
        return
    bits, kind = None, x.dtype
    x, y = as_hashed(x), as_hashed(y)
    if len(y) and y.dtype.kind in "iu":
        low, high = y.min(), y.max()
        bits = _bits(y, int(low), int(high), max(WIDE, len(x) + len(y)))
    known = np.sort(seen(y)) if bits is None else y
    for i in range(0, len(x), PART):
        some = seen(x[i:i + PART])
        into = np.ones(len(some), bool)
        if not len(y):
            pass
        elif bits is None:
            # in order, so that the search goes on from where it was
            order = np.argsort(some)
            some = some[order]
            at = np.searchsorted(known, some)
            at[at == len(known)] = 0
            into[order] = known[at] != some
        else:
            inside = (some >= low) & (some <= high)
            at = _from(some[inside], low)
            into[inside] = (bits[at >> 3] >> (at & 7).astype(np.uint8)) & np.uint8(1) == 0
        if x.dtype != kind:
            into |= no_numbers(x[i:i + PART], kind)
        yield into


def _bits(y: Any, low: int, high: int, most: int) -> Any:
    """A bit for each whole number from the least to the greatest, 1 for those that are there; None for too many."""
    if high - low >= most:
        return None
    bits = np.zeros((high - low) // 8 + 1, np.uint8)
    for i in range(0, len(y), PART):
        at = _from(y[i:i + PART], y.dtype.type(low))
        np.bitwise_or.at(bits, at >> 3, np.left_shift(np.uint8(1), (at & 7).astype(np.uint8)))
    return bits


def _from(x: Any, low: Any) -> Any:
    """How far elements are from the least of all."""
    return x.astype(np.intp) - int(low) if x.itemsize < 8 else (x - low).astype(np.intp)
