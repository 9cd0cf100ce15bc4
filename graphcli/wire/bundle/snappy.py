"""Snappy's raw format, read only: TensorFlow writes tables without it, other writers may not.

Source: google/snappy, format_description.txt. A varint with the length, then elements: the low two bits of
a tag say literal (0) or copy with an offset of 1, 2 or 4 bytes (1, 2, 3).
"""
from __future__ import annotations

from ..varint import get_varint


def decompress(data: bytes, limit: int = 1 << 26) -> bytes:
    """What was compressed. Raises ValueError for what is no snappy data or longer than ``limit``."""
    size, at = get_varint(data, 0)
    if size > limit:
        raise ValueError(f"{size} bytes, more than {limit}")
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        kind, length = tag & 3, tag >> 2
        if kind == 0:
            if length >= 60:
                extra = length - 59
                length = int.from_bytes(data[at:at + extra], "little")
                at += extra
            length += 1
            if at + length > len(data):
                raise ValueError("a literal beyond the end")
            out += data[at:at + length]
            at += length
        else:
            if kind == 1:
                width, high, length = 1, (length >> 3) << 8, (length & 7) + 4
            else:
                width, high, length = 2 * kind - 2, 0, length + 1
            if at + width > len(data):
                raise ValueError("a copy beyond the end")
            offset = int.from_bytes(data[at:at + width], "little") | high
            at += width
            if not 0 < offset <= len(out):
                raise ValueError("a copy of what is before the beginning")
            for _ in range(length):
                out.append(out[-offset])
        if len(out) > size:
            raise ValueError("more bytes than announced")
    if len(out) != size:
        raise ValueError(f"{len(out)} bytes, {size} were announced")
    return bytes(out)
