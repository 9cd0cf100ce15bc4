"""The greatest of rows by keys of 64 bits: the order of an element above, its place below.

Such keys are unique, so that any way to sort or to select them gives the order in which of equals the first comes
first; numpy sorts and selects them in place, with the processor's widest registers.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.kernel import in_turn

LONG = 1 << 16
"""Elements of a row from which some of it are looked at at a time, and how many at least."""
CUTS = 4
"""Into how many parts keys are cut that threads sort."""


def fits(dtype: Any) -> bool:
    """Whether the order of a dtype has room in 32 bits."""
    return bool(dtype.itemsize <= 4 and (dtype.kind in "iufb" or dtype.name == "bfloat16"))


def falling_as(x: Any, kind: Any) -> Any:
    """Keys that rise where x falls, whole numbers of 32 or 64 bits as x can be: equal for zeros of both signs."""
    size = np.dtype(kind).itemsize
    top = kind(1 << (8 * size - 1))
    if x.dtype.kind in "ub":
        return ~x.astype(kind, copy=False)
    if x.dtype.kind == "i":
        return ~(x.astype(f"i{size}", copy=False).view(kind) ^ top)
    key = (x + x.dtype.type(0)).view(kind)
    key ^= ((key >> kind(8 * size - 1)) - kind(1)) & (top - kind(1))
    return key


def falling(x: Any) -> Any:
    """Keys of 32 bits that rise where x falls: equal for zeros of both signs, the last for NaN."""
    if x.dtype.kind in "iub":
        return falling_as(x, np.uint32)
    x = x.astype(np.float32, copy=False)
    key = falling_as(x, np.uint32)
    # beyond minus infinity
    key[np.isnan(x)] = np.uint32((1 << 32) - 1)
    return key


def infinite(dtype: Any) -> int:
    """The bits of infinity in a dtype of half precision; what is more, without the sign, is no number."""
    return 0x7C00 if dtype.kind == "f" else 0x7F80


def shared_sort(keys: Any, each: Any) -> None:
    """Sorts keys in place, of many in parts that threads share. each: as a kernel has it."""
    if len(keys) > LONG:
        ends = [len(keys) * i // CUTS for i in range(CUTS + 1)]
        keys.partition(ends[1:-1])
        each(CUTS, lambda i: keys[ends[i]:ends[i + 1]].sort())
    else:
        keys.sort()


def pack(x: Any, first: int, out: Any) -> None:
    """Into out: the keys of elements of a row of which the first has this place."""
    for i in range(0, len(x), LONG):
        some = slice(i, min(len(x), i + LONG))
        out[some] = falling(x[some])
        out[some] <<= np.uint64(32)
        out[some] |= np.arange(first + some.start, first + some.stop, dtype=np.uint64)


def places_of(keys: Any, k: int) -> Any:
    """The places in the first k keys, which they are no more: places move to the front, and what they leave is given
    back."""
    places = keys.view(np.int32)
    for i in range(0, k, LONG):
        places[i:i + LONG][:k - i] = keys[i:i + LONG][:k - i].astype(np.uint32).view(np.int32)
    del places
    keys.resize(-(-k // 2), refcheck=False)
    return keys.view(np.int32)[:k]


def step(size: int, k: int) -> int:
    """How many elements of a long row are looked at beside the k greatest so far."""
    return min(size - k, max(LONG, k // 8))


def greatest_of_row(row: Any, k: int, index: Any, each: Any) -> Any:
    """Places of the k greatest of a long row in falling order."""
    more = step(len(row), k)
    keys = np.empty(k + more, np.uint64)
    pack(row[:k + more], 0, keys)
    for start in range(k + more, len(row), max(1, more)):
        keys.partition(k)
        stop = min(len(row), start + more)
        pack(row[start:stop], start, keys[k:k + stop - start])
        keys[k + stop - start:] = np.uint64((1 << 64) - 1)
    if more:
        keys.partition(k)
    shared_sort(keys[:k], each)
    return places_of(keys, k).astype(index)


def greatest(x: Any, k: int, index: Any, each: Any = in_turn) -> Any:
    """Places of the k greatest of the last axis in falling order; of equals the first comes first, NaN last."""
    if not k or not x.size:
        return np.zeros((*x.shape[:-1], k), index)
    if x.ndim > 2 and x.size > LONG and not x.flags.c_contiguous:
        # some at a time, so that what does not lie in one piece is not copied as a whole
        some, places = max(1, LONG * len(x) // x.size), np.empty((*x.shape[:-1], k), index)
        for i in range(0, len(x), some):
            part = x[i:i + some]
            places[i:i + some] = greatest(part[0] if some == 1 else np.ascontiguousarray(part), k, index, each)
        return places
    rows = x.reshape(-1, x.shape[-1])
    if x.shape[-1] > LONG:
        if len(rows) == 1:
            return greatest_of_row(rows[0], k, index, each).reshape(*x.shape[:-1], k)
        places = np.empty((len(rows), k), index)
        for row, found in zip(rows, places):
            found[...] = greatest_of_row(row, k, index, each)
        return places.reshape(*x.shape[:-1], k)
    places = np.empty((len(rows), k), index)
    many = LONG // x.shape[-1]
    order = np.arange(x.shape[-1], dtype=np.uint64)
    for i in range(0, len(rows), many):
        keys = falling(rows[i:i + many]).astype(np.uint64)
        keys <<= np.uint64(32)
        keys |= order
        if k < x.shape[-1]:
            keys.partition(k, axis=-1)
            keys = keys[:, :k].copy()
        keys.sort(axis=-1)
        places[i:i + many] = keys.astype(np.uint32)
    return places.reshape(*x.shape[:-1], k)


def scratch(rows: int, size: int, k: int, values: int, places: int) -> int:
    """Bytes that ``greatest`` takes beside its results, of so many bytes, of which the values are made after it."""
    if size > LONG:
        return max(0, 8 * (k + step(size, k)) - values - places) + 8 * LONG
    many = max(1, min(rows, LONG // max(1, size)))
    left = 8 * many * k
    # keys of 32 bits beside those of 64, of which the k first are then copied; and what the rows before them left
    taken = max(12 * many * size, 8 * many * size + left * (k < size)) + 8 * size
    taken = taken if rows <= many else max(taken, 12 * many * size + left + 8 * size)
    return max(taken - values, 8 * rows * k)
