"""Protocol messages written by hand: what is made thousands of times a second needs no message objects.

Fields are to be written in the order of their numbers, and a value that is the field's default is left out, as
TensorFlow's own serializer does: the bytes are then the same. (protobuf.dev, Encoding.)
"""
from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import Any

from .varint import get_varint, put_varint

_FLOAT = struct.Struct("<f")
_DOUBLE = struct.Struct("<d")
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
FEW = 16

Pieces = list[Any]
"""Bytes, and arrays of bytes, one after the other."""


def key(number: int, kind: int) -> bytes:
    return put_varint(number << 3 | kind)


def integer(number: int, value: int) -> bytes:
    """An int32, int64, bool or enum field; nothing for 0."""
    return key(number, VARINT) + put_varint(value) if value else b""


def single(number: int, value: float) -> bytes:
    """A float field, written even where it is 0, as in a oneof."""
    return key(number, FIXED32) + _FLOAT.pack(value)


def double(number: int, value: float) -> bytes:
    """A double field; nothing for 0.0 (but -0.0 is written)."""
    packed = _DOUBLE.pack(value)
    return key(number, FIXED64) + packed if packed != bytes(8) else b""


def start(number: int, size: int) -> bytes:
    """What comes before the bytes of such a field."""
    return key(number, LENGTH) + put_varint(size)


def blob(number: int, data: bytes) -> bytes:
    """A bytes, string or message field, written even where it is empty."""
    return start(number, len(data)) + data


def text(number: int, data: bytes) -> bytes:
    """A string or bytes field; nothing for an empty one."""
    return blob(number, data) if data else b""


def framed(number: int, pieces: Pieces) -> Pieces:
    """``blob`` of pieces."""
    return [start(number, sum(map(len, pieces))), *pieces]


def joined(pieces: Pieces) -> bytes:
    """All pieces as one; each is given back when it is written."""
    out = io.BytesIO()
    pieces.reverse()
    while pieces:
        out.write(pieces.pop())
    return out.getvalue()


def doubles(number: int, values: Sequence[float] | Any) -> bytes:
    """A packed repeated double; nothing for no values."""
    return blob(number, struct.pack(f"<{len(values)}d", *values)) if len(values) else b""


def without(data: bytes, number: int) -> tuple[bytes, Any]:
    """(a message without its last field of a number, which is bytes, and where these lie in it); (it all, None) if it
    has none, has more than a few fields, or is no message."""
    at, found, met = 0, None, 0
    try:
        while at < len(data):
            first, met = at, met + 1
            tag, at = get_varint(data, at)
            kind = tag & 7
            if kind == VARINT:
                _, at = get_varint(data, at)
            elif kind == LENGTH:
                size, begin = get_varint(data, at)
                at = begin + size
                if tag >> 3 == number:
                    found = first, begin, at
            elif kind in (FIXED32, FIXED64):
                at += 4 if kind == FIXED32 else 8
            if kind not in (VARINT, LENGTH, FIXED32, FIXED64) or met > FEW:
                return data, None
    except ValueError:
        return data, None
    if found is None or at > len(data):
        return data, None
    first, begin, end = found
    return data[:first] + data[end:], memoryview(data)[begin:end]
