"""TFRecord framing: how event files are cut into records.

    length   uint64, little endian
    masked crc32c of the 8 bytes of length   uint32
    data     length bytes
    masked crc32c of data   uint32

A reader can therefore tell a file that was cut off (its writer was killed) from one that was damaged.
"""
from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .checksum import crc32c, masked

_HEAD = struct.Struct("<QI")
_CRC = struct.Struct("<I")
_LENGTH = struct.Struct("<Q")
LARGE = 1 << 20
"""Bytes of a payload from which on the file is asked whether it has them."""


@dataclass(frozen=True)
class Record:
    """One record. offset: of its first byte in the file; data: its payload."""

    offset: int
    data: bytes


@dataclass(frozen=True)
class Fault:
    """Where the whole records end. kind: 'truncated' or 'damaged'; message: what is wrong there."""

    offset: int
    kind: str
    message: str


def _left(file: BinaryIO) -> int:
    """Bytes from here to the end of the file: what is asked for is no more than is there."""
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end - here


def frame(data: bytes) -> bytes:
    """A record of the payload ``data``."""
    length = _LENGTH.pack(len(data))
    return b"".join((length, _CRC.pack(masked(crc32c(length))), data, _CRC.pack(masked(crc32c(data)))))


def records(file: BinaryIO, limit: int = 1 << 31) -> Iterator[Record | Fault]:
    """The records of a file from where it stands; a Fault, if any, is the last that is yielded.

    limit: the longest payload that is believed, in bytes.
    """
    offset = file.tell()
    while head := file.read(_HEAD.size):
        if len(head) < _HEAD.size:
            yield Fault(offset, "truncated", f"the file ends in the head of a record, after {len(head)} of 12 bytes")
            return
        length, crc = _HEAD.unpack(head)
        if masked(crc32c(head[:8])) != crc:
            yield Fault(offset, "damaged", "the checksum of the record's length does not hold")
            return
        if length > limit:
            yield Fault(offset, "damaged", f"a record of {length} bytes, more than {limit}")
            return
        there = length if length < LARGE else _left(file)
        data = file.read(length) if there >= length else b""
        tail = file.read(_CRC.size)
        if there < length or len(data) < length or len(tail) < _CRC.size:
            yield Fault(offset, "truncated", f"the file ends in a record of {length} bytes, after "
                                             f"{len(data) if there >= length else there} of them")
            return
        if masked(crc32c(data)) != _CRC.unpack(tail)[0]:
            yield Fault(offset, "damaged", "the checksum of the record's data does not hold")
            return
        yield Record(offset, data)
        offset += _HEAD.size + length + _CRC.size
