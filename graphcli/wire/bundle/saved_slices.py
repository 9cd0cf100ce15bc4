"""Checkpoints of the V1 format: a table of slices of tensors in one file, or in a file for each device.

The key "" has a SavedTensorSlices with the names, shapes, dtypes and slices of all; each slice is another one, with its
values in the fields of a TensorProto, under the key of its name and extents (slices.py).

Source: tensorflow/core/util/tensor_slice_writer.cc, tensor_slice_reader.cc, saved_tensor_slice.proto.
"""
from __future__ import annotations

import glob
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...errors import (
    DataLoss,
    GraphError,
    InvalidValue,
    NotFound,
    NotSupported,
    Unimplemented,
    reason_of,
)
from ..encode import blob, framed, joined
from ..files import write_whole
from ..messages import message
from ..varint import get_varint
from .read import Bundle, Entry, bundle_exists
from .slices import FULL, Extent, bounds, put_extents, slice_key
from .table import TableWriter, is_table, read_table
from .values import NAMES, STRING, dtype_number, stored_dtype

_FIELDS = {"float32": 5, "float64": 6, "complex64": 9, "complex128": 12, "float16": 13, "int64": 10, "bool": 11,
           "string": 8, "int32": 7, "int16": 7, "int8": 7, "uint8": 7, "uint16": 7, "qint8": 7, "quint8": 7,
           "qint32": 7, "qint16": 7, "quint16": 7}
"""The fields of a TensorProto that hold the values."""
_PLAIN = {"float32": "<f4", "float64": "<f8", "complex64": "<c8", "complex128": "<c16"}
"""Dtypes whose values stand there as they stand in memory."""
Slice = tuple[str, tuple[int, ...], tuple[Extent, ...], Any]
"""A name, the full shape, the extents, the array."""


def open_checkpoint(prefix: str) -> Bundle:
    """The checkpoint of a prefix, of the V1 format where there is no index. Raises what Bundle raises."""
    return SavedSlices(prefix) if not bundle_exists(prefix) and any(map(_is_old, _files(prefix))) else Bundle(prefix)


def _files(pattern: str) -> list[str]:
    """The files of a path, or of the pattern that a checkpoint of several devices is named by."""
    return [pattern] if os.path.isfile(pattern) else sorted(p for p in glob.glob(pattern) if os.path.isfile(p))


def _is_old(path: str) -> bool:
    """Whether a file is a table, and none of the files of a newer checkpoint; NotFound where it cannot be read."""
    if path.endswith(".index") or ".data-" in os.path.basename(path):
        return False
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - 64))
            return is_table(file.read())
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {reason_of(error)}") from None


class SavedSlices(Bundle):
    """An open checkpoint of the V1 format, read as any other.

    pattern: its path, or the pattern of its files. Raises NotFound where there is none, DataLoss for a damaged one.
    """

    def __init__(self, pattern: str) -> None:
        self.prefix = self.index = pattern
        self.entries: dict[str, Entry] = {}
        self._files: dict[int, tuple[Any, int]] = {}
        self._values: dict[bytes, tuple[int, bytes]] = {}
        self._paths = _files(pattern)
        self.shards = len(self._paths)
        if not os.path.isdir(os.path.dirname(pattern) or "."):
            raise InvalidValue("Unsuccessful TensorSliceReader constructor: Failed to get matching files on "
                               f"{pattern}: there is no folder {os.path.dirname(pattern)}")
        if not self._paths:
            raise NotFound("Unsuccessful TensorSliceReader constructor: Failed to find any matching files for "
                           f"{pattern}")
        for number, path in enumerate(self._paths):
            self._read(number, path)

    def _read(self, number: int, path: str) -> None:
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise NotFound(f"{path} cannot be read: {reason_of(error)}") from None
        if not is_table(data):
            raise DataLoss(f"Unable to open table file {path}: Data loss: not an sstable (bad magic number): perhaps "
                           "your file is in a different file format and you need to use a different restore operator?")
        meta = None
        for where, value in read_table(data, path):
            if where:
                self._values[where] = number, value
            else:
                try:
                    meta = message("SavedTensorSlices").FromString(value).meta
                except Exception:
                    raise DataLoss(f"{path} is damaged: what it has to say of its tensors is no message") from None
        if meta is None:
            raise DataLoss(f"{path} is no checkpoint: it does not say which tensors it has")
        for raw in meta.tensor:
            self._meet(number, path, raw)

    def _meet(self, number: int, path: str, raw: Any) -> None:
        shape = tuple(d.size for d in raw.shape.dim)
        parts = tuple(tuple((e.start, e.length) if e.HasField("length") else FULL for e in s.extent)
                      for s in raw.slice)
        old = self.entries.get(raw.name)
        if any(s < 0 for s in shape) or any(len(p) != len(shape) for p in parts):
            raise DataLoss(f"{path} is damaged: the shape of {raw.name} makes no sense")
        if old is not None and (old.shape, old.dtype) != (shape, raw.type):
            raise DataLoss(f"{path}: the parts of {raw.name} are not of one shape and dtype")
        found = tuple(dict.fromkeys((*(old.slices or ((FULL,) * len(shape),) if old else ()), *parts)))
        size = sum(len(self._values.get(slice_key(raw.name, p), (0, b""))[1]) for p in found)
        whole = found == ((FULL,) * len(shape),)
        self.entries[raw.name] = Entry(raw.name, raw.type, shape, number, 0, size, 0, () if whole else found)

    def file_of(self, entry: Entry) -> str:
        return self._paths[entry.shard]

    def _check_inside(self, entry: Entry) -> None:
        """What is there was read already."""

    def _uncovered(self, entry: Entry) -> GraphError:
        return InvalidValue(f"{self.prefix} has only some of {entry.name}")

    def _part(self, entry: Entry, part: tuple[Extent, ...]) -> Entry:
        found = self._values.get(slice_key(entry.name, part))
        if found is None:
            raise DataLoss(f"{self.prefix} is damaged: the part {list(part)} of {entry.name} is missing")
        shape = tuple(w.stop - w.start for w in bounds(entry.shape, part))
        return Entry(entry.name, entry.dtype, shape, found[0], 0, len(found[1]), 0, (part,))

    def _put(self, entry: Entry, wanted: tuple[slice, ...], out: Any) -> None:
        out[...] = self._tensor(entry)[wanted]

    def _tensor(self, entry: Entry) -> Any:
        kind = NAMES.get(entry.dtype, "")
        dtype = stored_dtype(entry.dtype, f"{entry.name} in {self.prefix}")
        if kind not in _FIELDS:
            raise NotSupported(f"{entry.name} in {self.prefix} is of {kind}, which the V1 format does not have")
        try:
            data = self._values[slice_key(entry.name, entry.slices[0] if entry.slices else (FULL,) * len(entry.shape))]
            values = _values_of(_inside(_inside(data[1], 2), 3), kind, dtype)
        except (ValueError, LookupError):
            raise DataLoss(f"{self.file_of(entry)} is damaged: the values of {entry.name} are no message") from None
        if len(values) != math.prod(entry.shape):
            raise DataLoss(f"{self.file_of(entry)} is damaged: {entry.name} has {len(values)} values for the shape "
                           f"{list(entry.shape)}")
        out = self._empty(entry, entry.shape, dtype)
        out.reshape(-1)[:] = values
        return out


def _fields(data: bytes | memoryview) -> Iterator[tuple[int, memoryview]]:
    """(number, bytes) of each field of a message that has lengths."""
    view, at = memoryview(data), 0
    while at < len(view):
        tag, at = get_varint(view, at)  # type: ignore[arg-type]
        if tag & 7 != 2:
            raise ValueError("a field without a length")
        size, at = get_varint(view, at)  # type: ignore[arg-type]
        if at + size > len(view):
            raise ValueError("cut off")
        yield tag >> 3, view[at:at + size]
        at += size


def _inside(data: bytes | memoryview, number: int) -> memoryview:
    """The last field of a number; empty where there is none."""
    return [memoryview(b""), *(part for found, part in _fields(data) if found == number)][-1]


def _values_of(data: memoryview, kind: str, dtype: Any) -> Any:
    if kind in _PLAIN:
        return np.concatenate([np.frombuffer(part, _PLAIN[kind]) for n, part in _fields(data) if n == _FIELDS[kind]]
                              or [np.empty(0, dtype)])
    proto = message("TensorProto").FromString(bytes(data))
    found = getattr(proto, proto.DESCRIPTOR.fields_by_number[_FIELDS[kind]].name)
    if kind == "string":
        return list(found)
    if kind == "float16":
        return np.array(found, np.uint16).view(np.float16)
    return np.array(found, np.int64).astype(dtype)


def write_slices(path: str, slices: Sequence[Slice]) -> None:
    """Writes a checkpoint of the V1 format, whole or not at all.

    Raises NotFound where there is no such folder, InvalidValue for parts of one tensor that are not of one shape and
    dtype, Unimplemented for a dtype that the format does not have.
    """
    meta = message("SavedTensorSlices")()
    meta.meta.versions.producer = 1
    told: dict[str, Any] = {}
    values: dict[bytes, bytes] = {}
    for name, shape, extents, array in slices:
        kind = NAMES[dtype_number(array.dtype)]
        if kind not in _FIELDS:
            raise Unimplemented(f"Saving data type {kind} not yet supported")
        full = told.get(name)
        if full is None:
            full = told[name] = meta.meta.tensor.add(name=name, type=dtype_number(array.dtype))
            full.shape.SetInParent()
            for size in shape:
                full.shape.dim.add(size=size)
        elif [d.size for d in full.shape.dim] != list(shape) or full.type != dtype_number(array.dtype):
            raise InvalidValue(f"Mismatching shapes or types of the parts of {name}")
        part = full.slice.add()
        put_extents(part, extents)
        values[slice_key(name, extents)] = joined(framed(2, [
            blob(1, name.encode()), blob(2, part.SerializeToString(deterministic=True)),
            *framed(3, _packed(np.asarray(array), kind))]))
    if (folder := os.path.dirname(path)) and not os.path.isdir(folder):
        raise NotFound(f"cannot write {path}: there is no folder {folder}")

    def write(file: Any) -> None:
        table = TableWriter(file)
        table.add(b"", meta.SerializeToString(deterministic=True))
        for where in sorted(values):
            table.add(where, values[where])
        table.finish()

    write_whole(path, write)


def _packed(array: Any, kind: str) -> list[Any]:
    """The values as the field of a TensorProto."""
    flat = array.reshape(-1)
    if kind in _PLAIN:
        return [blob(_FIELDS[kind], flat.astype(_PLAIN[kind], copy=False).tobytes())] if len(flat) else []
    proto = message("TensorProto")()
    field = getattr(proto, proto.DESCRIPTOR.fields_by_number[_FIELDS[kind]].name)
    if dtype_number(array.dtype) == STRING:
        field.extend([v if isinstance(v, bytes) else str(v).encode() for v in flat.tolist()])
    else:
        field.extend((flat.view(np.uint16) if kind == "float16" else flat).tolist())
    return [proto.SerializeToString(deterministic=True)]
