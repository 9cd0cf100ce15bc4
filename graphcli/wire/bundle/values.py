"""How the elements of a tensor stand in a data file: as in memory, little endian; strings with their lengths.

    strings   varint length of each, masked crc32c of the lengths (each as 4 bytes, as 8 from 2**32), the bytes of each
"""
from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from ...errors import NotSupported
from ..checksum import crc32c, masked
from ..varint import get_varint, put_varint

STRING = 7
NAMES = {1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64",
         9: "int64", 10: "bool", 11: "qint8", 12: "quint8", 13: "qint32", 14: "bfloat16", 15: "qint16",
         16: "quint16", 17: "uint16", 18: "complex128", 19: "float16", 20: "resource", 21: "variant", 22: "uint32",
         23: "uint64", 24: "float8_e5m2", 25: "float8_e4m3fn", 29: "int4", 30: "uint4"}
"""TensorFlow's dtypes by their number (framework/types.proto)."""
_STORED = {"qint8": "int8", "quint8": "uint8", "qint32": "int32", "qint16": "int16", "quint16": "uint16"}
_FOREIGN = ("bfloat16", "float8_e5m2", "float8_e4m3fn")
_NOT_READ = ("resource", "variant", "int4", "uint4")


def stored_dtype(number: int, what: str) -> Any:
    """The numpy dtype of a tensor's elements. Raises NotSupported, naming ``what``, for those that have none."""
    if number not in NAMES or NAMES[number] in _NOT_READ:
        raise NotSupported(f"{what} is of {NAMES.get(number, f'dtype {number}')}, which is not read here")
    return _stored(number)


@cache
def _stored(number: int) -> Any:
    name = NAMES[number]
    if name in _FOREIGN:
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, name))
    if name == "string":
        return np.dtype(object)
    kind = np.dtype(_STORED.get(name, name))
    # another object of an equal dtype would make numpy see two, and views of its arrays
    return kind if sys.byteorder == "little" else kind.newbyteorder("<")


@cache
def dtype_number(dtype: Any) -> int:
    """TensorFlow's number of a numpy dtype. Raises NotSupported."""
    if dtype.kind in "OSU":
        return STRING
    for number, name in NAMES.items():
        if name == dtype.name:
            return number
    raise NotSupported(f"numpy's dtype {dtype.name} does not go into a checkpoint")


def pack_strings(array: Any) -> Iterator[tuple[bytes, bytes]]:
    """The pieces of a string tensor: (what is written, what its checksum is over)."""
    items = [s if isinstance(s, bytes) else str(s).encode() for s in array.reshape(-1).tolist()]
    lengths = b"".join(put_varint(len(s)) for s in items)
    checked = _lengths(list(map(len, items)))
    crc = struct.pack("<I", masked(crc32c(checked)))
    yield lengths, checked
    yield crc, crc
    for s in items:
        yield s, s


def _lengths(sizes: Sequence[int]) -> bytes:
    return b"".join(struct.pack("<I" if s < 1 << 32 else "<Q", s) for s in sizes)


def unpack_strings(data: bytes, count: int) -> tuple[list[bytes], int]:
    """(the strings, the checksum of the tensor). Raises ValueError for what is no string tensor."""
    sizes = []
    at = 0
    for _ in range(count):
        size, at = get_varint(data, at)
        sizes.append(size)
    checked = _lengths(sizes)
    crc = crc32c(checked)
    told = data[at:at + 4]
    if len(told) < 4 or masked(crc) != struct.unpack("<I", told)[0]:
        raise ValueError("the checksum of the lengths does not hold")
    crc = crc32c(data[at:], crc)
    at += 4
    if at + sum(sizes) != len(data):
        raise ValueError("the lengths do not add up")
    out = []
    for size in sizes:
        out.append(data[at:at + size])
        at += size
    return out, crc
