"""Event messages and their records, written by hand (tensorflow/core/util/event.proto).

An event is a wall time, a step and one of several things; the first of a file says its version. Scalars are the
common case: all of such an event that its tag decides is made once, by ``Scalars``.
"""
from __future__ import annotations

import struct
from typing import Any

from .checksum import crc32c, masked
from .encode import blob, integer
from .varint import put_varint

VERSION = b"brain.Event:2"
FILE_VERSION, GRAPH_DEF, SUMMARY, SESSION_LOG, RUN_METADATA, META_GRAPH_DEF = 3, 4, 5, 7, 8, 9
"""Field numbers of ``Event.what``."""
_TIME = struct.Struct("<cd")
_FLOAT = struct.Struct("<f")
_CRC = struct.Struct("<I")
_HEAD = struct.Struct("<QI")
_LENGTH = struct.Struct("<Q")


def event(wall_time: float, step: int, what: int, data: bytes) -> bytes:
    """A serialized Event whose ``what`` is the field of that number."""
    return _TIME.pack(b"\x09", wall_time) + integer(2, step) + blob(what, data)


def run_metadata(tag: str, data: bytes) -> bytes:
    """A TaggedRunMetadata."""
    return blob(1, tag.encode()) + blob(2, data)


class Scalars:
    """Records of scalar events, framed."""

    def __init__(self) -> None:
        from google_crc32c import value

        self._crc = value
        self._bodies: dict[Any, bytes] = {}
        self._heads: dict[int, bytes] = {}

    def _body(self, tag: str) -> bytes:
        """The summary of a scalar up to its four bytes of value."""
        name = tag.encode()
        value = (blob(1, name) if name else b"") + b"\x15"
        inside = b"\x0a" + put_varint(len(value) + 4) + value
        found = self._bodies[tag] = b"\x2a" + put_varint(len(inside) + 4) + inside
        return found

    def _head(self, size: int) -> bytes:
        length = _LENGTH.pack(size)
        found = self._heads[size] = _HEAD.pack(size, masked(crc32c(length)))
        return found

    def record(self, tag: str, value: float, step: int, wall_time: float) -> bytes:
        """The framed event of one number. Raises OverflowError for what no float32 holds."""
        body = self._bodies.get(tag) or self._body(tag)
        if 0 < step < 0x80:
            number = b"\x10" + bytes((step,))
        else:
            number = b"\x10" + put_varint(step) if step else b""
        data = _TIME.pack(b"\x09", wall_time) + number + body + _FLOAT.pack(value)
        size = len(data)
        crc = self._crc(data)
        return (self._heads.get(size) or self._head(size)) + data + _CRC.pack(
            ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF)
