"""Many serialized Examples read side by side: a step for each feature that they have, of arrays with all of them.

What has another form than writers of Examples give them (fields of other numbers, values that are not packed, a
feature in several pieces) is left to protobuf.
"""
from __future__ import annotations

from typing import Any

import numpy as np

LISTS = {"S": 0x0A, "f": 0x12, "i": 0x1A}
"""The byte that begins a list of values in a feature, by the kind of its dtype."""
FIRST, SECOND = 0x0A, 0x12
"""The bytes that begin the first and the second field of a message, of any number of bytes each."""
LONGEST = 1 << 16
"""Bytes of whole numbers that are decoded at a time."""
MOST_TEXTS = 1 << 6
"""Texts that a feature may have."""


class Other(Exception):
    """A message of another form."""


def _holds(good: Any) -> None:
    if not good.all():
        raise Other


def _field(data: Any, at: Any, end: Any, tag: Any) -> tuple[Any, Any]:
    """Where fields that begin at ``at``, and before ``end``, have their bytes: (from, to)."""
    _holds((at < end) & (data.take(at, mode="clip") == tag))
    at = at + 1
    byte = data.take(at, mode="clip")
    at += 1
    size = (byte & 127).astype(np.int64)
    shift = 7
    while (byte >= 128).any():
        if shift > 28:
            raise Other
        long = byte >= 128
        byte = np.where(long, data.take(at, mode="clip"), 0)
        size += (byte & 127).astype(np.int64) << shift
        at += long
        shift += 7
    stop = at + size
    _holds(stop <= end)
    return at, stop


def places(joined: bytes, ends: Any, keys: dict[bytes, int]) -> tuple[Any, Any]:
    """(the byte that begins the list, 0 for none; where the list lies) of each key, [keys, messages] and
    [2, keys, messages]. ends: of the messages in ``joined``.

    Raises Other.
    """
    data = np.frombuffer(joined, np.uint8)
    kinds, lists = np.zeros((len(keys), len(ends)), np.uint8), np.zeros((2, len(keys), len(ends)), np.int64)
    at = np.append(0, ends[:-1])
    rows = np.flatnonzero(at < ends)
    at, end = _field(data, at[rows], ends[rows], FIRST)
    _holds(end == ends[rows])
    while True:
        more = at < end
        if not more.all():
            rows, at, end = rows[more], at[more], end[more]
        if not len(rows):
            return kinds, lists
        at, stop = _field(data, at, end, FIRST)
        key, key_end = _field(data, at, stop, FIRST)
        value, value_end = _field(data, key_end, stop, SECOND)
        _holds(value_end == stop)
        at = stop
        which = _numbers(data, joined, key, key_end, keys)
        wanted = which >= 0
        if not wanted.all():
            value, stop, which, mine = value[wanted], stop[wanted], which[wanted], rows[wanted]
        else:
            mine = rows
        kind = np.where(value < stop, data.take(value, mode="clip"), 0)
        kinds[which, mine] = kind
        some = kind > 0
        if not some.all():
            lists[:, which, mine] = 0
            value, stop, which, mine, kind = value[some], stop[some], which[some], mine[some], kind[some]
        first, last = _field(data, value, stop, kind)
        _holds(last == stop)
        lists[:, which, mine] = first, last


def _numbers(data: Any, joined: bytes, at: Any, end: Any, keys: dict[bytes, int]) -> Any:
    """The numbers of the keys that lie there, -1 for others. Most often they are all the same."""
    one = joined[at[0]:end[0]]
    if (end - at == len(one)).all() and all((data[at + i] == byte).all() for i, byte in enumerate(one)):
        return np.full(len(at), keys.get(one, -1))
    return np.array([keys.get(joined[a:b], -1) for a, b in zip(at.tolist(), end.tolist())])


def values(joined: bytes, lists: Any, kind: Any) -> tuple[Any, Any]:
    """(values one after the other, how many each list has). lists: (from, to) of each; kind: their DType.

    Raises Other.
    """
    first, last = lists
    if kind.kind == "S":
        return _texts(joined, first, last)
    data = np.frombuffer(joined, np.uint8)
    some = np.flatnonzero(first < last)
    begin, end = first.copy(), last.copy()
    begin[some], end[some] = _field(data, first[some], last[some], FIRST)
    _holds(end == last)
    packed = _packed(joined, begin, end)
    if kind.kind == "f":
        _holds((end - begin) % 4 == 0)
        return np.frombuffer(packed, "<f4").astype(np.float32), (end - begin) // 4
    return _whole(np.frombuffer(packed, np.uint8), end - begin)


def _packed(joined: bytes, begin: Any, end: Any) -> Any:
    """Some parts of the bytes, one after the other."""
    if len(begin) == 1:
        return memoryview(joined)[int(begin[0]):int(end[0])]
    return b"".join([joined[a:b] for a, b in zip(begin.tolist(), end.tolist())])


def _texts(joined: bytes, first: Any, last: Any) -> tuple[Any, Any]:
    """Values of lists of texts."""
    data = np.frombuffer(joined, np.uint8)
    many, rows, found = len(first), np.arange(len(first)), []
    for _ in range(MOST_TEXTS):
        more = first < last
        if not more.all():
            rows, first, last = rows[more], first[more], last[more]
        if not len(rows):
            break
        begin, first = _field(data, first, last, FIRST)
        found.append((rows, begin, first))
    else:
        raise Other
    if not found:
        return np.empty(0, object), np.zeros(many, np.int64)
    rows, begin, end = found[0] if len(found) == 1 else map(np.concatenate, zip(*found))
    order = np.argsort(rows, kind="stable")
    out = np.empty(len(rows), object)
    out[:] = [joined[a:b] for a, b in zip(begin[order].tolist(), end[order].tolist())]
    return out, np.bincount(rows, minlength=many)


def _whole(data: Any, sizes: Any) -> tuple[Any, Any]:
    """Whole numbers of seven bits a byte, the lowest first, one after the other in ``data``. sizes: bytes of each
    list."""
    if not len(data) or data.max() < 128:
        return data.astype(np.int64), sizes
    parts, counts = [], np.zeros(len(sizes), np.int64)
    ends = np.cumsum(sizes)
    _holds(data[ends[sizes > 0] - 1] < 128)
    at = 0
    while at < len(data):
        some = data[at:at + LONGEST]
        stops = np.flatnonzero(some < 128)
        if not len(stops):
            raise Other
        starts = np.append(0, stops[:-1] + 1)
        found = (some[starts] & 127).astype(np.int64)
        longest = int((stops - starts).max())
        if longest > 9:
            raise Other
        for i in range(1, longest + 1):
            which = np.flatnonzero(stops - starts >= i)
            found[which] |= (some[starts[which] + i] & 127).astype(np.int64) << 7 * i
        parts.append(found)
        counts += np.searchsorted(stops, ends - at) - np.searchsorted(stops, ends - sizes - at)
        at += int(stops[-1]) + 1
    return np.concatenate(parts), counts
