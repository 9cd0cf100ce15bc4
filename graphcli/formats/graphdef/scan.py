"""A protocol message as a sequence of fields, without knowing what it is: tells kinds apart, and where bytes fail."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

VARINT, FIXED64, BYTES, START, END, FIXED32 = range(6)
SIZES = {FIXED64: 8, FIXED32: 4}


@dataclass(frozen=True)
class Field:
    """One field. at: the offset of its tag; start, end: of its content (a varint's own bytes)."""

    number: int
    wire: int
    at: int
    start: int
    end: int


@dataclass(frozen=True)
class Fault:
    """Where bytes stop being a message, and what is wrong there. cut: of a field that ends too soon, what is there."""

    at: int
    message: str
    cut: Field | None = None


def fields(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Field | Fault]:
    """The fields of a message; a Fault, if any, is the last that is yielded."""
    end = len(data) if end is None else end
    at = start
    while at < end:
        tag_at = at
        tag, at = _varint(data, at, end)
        number, wire = tag >> 3, tag & 7
        if at < 0:
            yield Fault(tag_at, "the tag of a field does not end")
            return
        if not number or number > 2**29 - 1 or wire not in (VARINT, FIXED64, BYTES, FIXED32):
            yield Fault(tag_at, f"byte {data[tag_at]:#04x} begins no field")
            return
        begin = at
        if wire == VARINT:
            _, at = _varint(data, at, end)
            if at < 0:
                yield Fault(tag_at, f"the number in field {number} does not end")
                return
        elif wire == BYTES:
            size, begin = _varint(data, at, end)
            if begin < 0:
                yield Fault(tag_at, f"the length of field {number} does not end")
                return
            at = begin + size
            if at > end:
                yield Fault(tag_at, f"field {number} has {size:,} bytes, of which {end - begin:,} are there",
                            Field(number, wire, tag_at, begin, end))
                return
        else:
            at += SIZES[wire]
            if at > end:
                yield Fault(tag_at, f"field {number} has {SIZES[wire]} bytes, of which {end - begin} are there")
                return
        yield Field(number, wire, tag_at, begin, at)


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """(value, offset after it); the offset is -1 where it does not end."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
        shift += 7
    return 0, -1
