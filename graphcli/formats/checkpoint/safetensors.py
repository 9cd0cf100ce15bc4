"""safetensors: a header in JSON that says where each tensor stands, then the tensors.

    8 bytes    the length of the header, little endian
    header     {NAME: {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {text: text}}, padded
               with spaces so that the data begins at a multiple of 8
    data       little endian, row-major, without gaps; offsets count from its beginning

Source: the format section of the safetensors project's README. It has no strings.
"""
from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from typing import BinaryIO

from ...errors import NotSupported
from ...wire.bundle import Bundle, Entry
from .facts import size_of

DTYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32",
          "int16": "I16", "int8": "I8", "uint64": "U64", "uint32": "U32", "uint16": "U16", "uint8": "U8",
          "bool": "BOOL", "complex64": "C64", "float8_e5m2": "F8_E5M2", "float8_e4m3fn": "F8_E4M3"}


def write(bundle: Bundle, names: Iterable[str], file: BinaryIO) -> None:
    """Writes tensors of a checkpoint, one at a time. Raises NotSupported for a dtype that the format has not."""
    entries = [bundle.entry(n) for n in names]
    # the widest first, so that each tensor stands at a multiple of its elements' size
    entries.sort(key=lambda e: (-_width(bundle, e), e.name))
    header: dict[str, object] = {"__metadata__": {"format": "graphcli"}}
    at = 0
    for entry in entries:
        if entry.dtype_name not in DTYPES:
            raise NotSupported(f"{entry.name} is of {entry.dtype_name}, which safetensors has not",
                               hint="--skip leaves it out" if entry.dtype_name == "string" else
                               "npz takes it, or --skip leaves it out")
        size = size_of(bundle, entry)
        header[entry.name] = {"dtype": DTYPES[entry.dtype_name], "shape": list(entry.shape),
                              "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(struct.pack("<Q", len(text)) + text)
    for entry in entries:
        value = bundle.read(entry.name)
        file.write(memoryview(value.reshape(-1).view("u1")) if value.size else b"")
        # given back before the next one is read
        del value


def _width(bundle: Bundle, entry: Entry) -> int:
    return size_of(bundle, entry) // entry.elements if entry.elements else 0
