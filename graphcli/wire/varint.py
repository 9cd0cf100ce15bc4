"""Whole numbers of seven bits a byte, the lowest first (protobuf's and LevelDB's varint)."""
from __future__ import annotations


def put_varint(number: int) -> bytes:
    """The bytes of a number below 2**64; a negative one is written as its 64 bits, as protobuf does."""
    if 0 <= number < 0x80:
        return bytes((number,))
    number &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def get_varint(data: bytes, at: int) -> tuple[int, int]:
    """(number, offset after it). Raises ValueError where the data ends in it or it has over 64 bits."""
    number = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("no whole number here")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            if number >> 64:
                raise ValueError("a number of more than 64 bits")
            return number, at
        shift += 7
