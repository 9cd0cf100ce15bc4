"""Parts of a partitioned variable: their spelling in SaveV2 and their keys in an index.

An extent is (start, length); the length -1 means the whole of its dimension.
Source: tensorflow/core/framework/tensor_slice.cc, util/saved_tensor_slice_util.cc, lib/strings/ordered_code.cc.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import InvalidValue

Extent = tuple[int, int]
FULL: Extent = (0, -1)


def parse_slice(text: str) -> tuple[tuple[int, ...], tuple[Extent, ...]]:
    """The full shape and the extents of a ``shape_and_slice`` such as ``"4 3 0,2:-"``. Raises InvalidValue."""
    *sizes, last = text.split(" ")
    try:
        shape = tuple(int(s) for s in sizes)
        extents = tuple(FULL if e == "-" else _pair(e) for e in last.split(":")) if last else ()
    except ValueError:
        raise InvalidValue(f"{text!r} is no shape and slice", hint="it looks like '4 3 0,2:-'") from None
    if len(shape) != len(extents) or any(
            s < 0 or e != FULL and not (0 <= e[0] and 0 < e[1] and e[0] + e[1] <= s) for s, e in zip(shape, extents)):
        raise InvalidValue(f"the slice of {text!r} does not lie in its shape")
    return shape, extents


def _pair(text: str) -> Extent:
    start, length = text.split(",")
    return int(start), int(length)


def bounds(shape: Sequence[int], extents: Sequence[Extent]) -> tuple[slice, ...]:
    """The extents as slices of an array of the full shape."""
    return tuple(slice(0, s) if e[1] < 0 else slice(e[0], e[0] + e[1]) for s, e in zip(shape, extents))


def put_extents(part: Any, extents: Sequence[Extent]) -> None:
    """Writes extents to a TensorSliceProto."""
    for start, length in extents:
        extent = part.extent.add()
        if length >= 0:
            extent.start, extent.length = start, length


def slice_key(name: str, extents: Sequence[Extent]) -> bytes:
    """The key under which an index holds a part of a variable (EncodeTensorNameSlice)."""
    escaped = name.encode().replace(b"\xff", b"\xff\x00").replace(b"\x00", b"\x00\xff") + b"\x00\x01"
    out = _number(0) + escaped + _number(len(extents))
    return out + b"".join(_signed(start) + _signed(length) for start, length in extents)


def _number(value: int) -> bytes:
    """A number from 0 so that bytes order as numbers: its length, then itself, big endian."""
    digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([len(digits)]) + digits


_HEADERS = (0, 0x8000, 0xC000, 0xE000, 0xF000, 0xF800, 0xFC00, 0xFE00, 0xFF00, 0xFF80, 0xFFC0)


def _signed(value: int) -> bytes:
    """A signed number of which the first bits say how many bytes it has, so that bytes order as numbers."""
    length = (~value if value < 0 else value).bit_length() // 7 + 1
    header = _HEADERS[length] << 8 * length >> 16 if length > 1 else _HEADERS[1] >> 8
    return ((value & (1 << 8 * length) - 1) ^ header).to_bytes(length, "big")
