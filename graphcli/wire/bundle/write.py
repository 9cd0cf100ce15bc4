"""Writing a checkpoint, whole or not at all.

The data goes to files of other names; the index, renamed into its place, is the moment at which the new
checkpoint is there. One that is written over an old one of the same name must not touch the old one's data
before that moment, and the names of data files follow from their number. So the index first points at
data files that are named as of one shard more, which TensorFlow reads as well; then these get their
usual names as second links, and a second index says so.
"""
from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from ...errors import GraphError, InvalidValue, NoPlace, UsageError, reason_of
from ..checksum import crc32c, masked
from ..files import write_whole
from ..messages import message
from .flush import Flusher
from .read import Bundle, bundle_exists, shard_path
from .slices import Extent, put_extents, slice_key
from .table import TableWriter
from .values import STRING, dtype_number, pack_strings

__all__ = ["BundleWriter", "merge_bundles", "shard_path"]

BUFFER = 1 << 16
"""Small tensors gather here; a chunk of a large one is larger, and goes straight to the file."""
CHUNK = 1 << 18
"""Bytes written at once: still in the cache from being checked, and of a size for which the kernel has pages at hand.
With 2 MB it asks for huge ones, which a virtual machine may have to fetch first: ten times the time."""


class BundleWriter:
    """Writes the tensors of one checkpoint as they are added; nothing is there until ``finish``.

    prefix: the path without ``.index``; its folder must exist. As a context, finishes, or takes back what it wrote
    when an error passes. Raises InvalidValue for a name given twice, NoPlace or UsageError where none can be.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.entries: dict[bytes, Any] = {}
        self._file, self._path = _temporary(prefix)
        self._flusher = Flusher(self._file)
        self._size = 0

    def __enter__(self) -> BundleWriter:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.finish()
        else:
            self.abandon()

    def add(self, name: str, value: Any) -> None:
        """Writes a tensor: an array, or bytes objects in one for strings."""
        key = name.encode()
        if not key or key in self.entries:
            raise InvalidValue(f"a checkpoint holds each tensor once, {name!r} is given twice" if key else
                               "a tensor of a checkpoint needs a name")
        self.entries[key] = self._write(_array(value))

    def add_slice(self, name: str, shape: Sequence[int], extents: Sequence[Extent], value: Any) -> None:
        """Writes a part of a tensor of the full ``shape``."""
        array = _array(value)
        key = name.encode()
        full = self.entries.get(key)
        if full is None:
            full = self.entries[key] = message("BundleEntryProto")(dtype=dtype_number(array.dtype))
            _set_shape(full, shape)
        elif not full.slices or [d.size for d in full.shape.dim] != list(shape) or full.dtype != dtype_number(
                array.dtype):
            raise InvalidValue(f"the parts of {name} are not of one shape and dtype")
        part = full.slices.add()
        put_extents(part, extents)
        if (inner := slice_key(name, extents)) in self.entries:
            raise InvalidValue(f"a part of {name} is given twice")
        self.entries[inner] = self._write(array)

    def finish(self) -> None:
        """Puts the checkpoint into its place."""
        try:
            self._flusher.finish()
            self._file.close()
            _commit(self.prefix, [self._path], self.entries)
        except BaseException as error:
            self.abandon()
            if isinstance(error, OSError):
                raise _cannot(self.prefix, error) from None
            raise

    def abandon(self) -> None:
        """Takes back what was written."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            os.unlink(self._path)

    def _write(self, array: Any) -> Any:
        entry = message("BundleEntryProto")(dtype=dtype_number(array.dtype), offset=self._size)
        _set_shape(entry, array.shape)
        crc = 0
        try:
            if entry.dtype == STRING:
                for data, checked in pack_strings(array):
                    self._file.write(data)
                    crc = crc32c(checked, crc)
                    entry.size += len(data)
            elif array.size:
                flat = array.reshape(-1).view(np.uint8)
                for at in range(0, len(flat), CHUNK):
                    part = flat[at:at + CHUNK]
                    crc = crc32c(part, crc)
                    self._file.write(memoryview(part))
                    self._flusher.grown(self._size + at + len(part))
                entry.size = len(flat)
        except OSError as error:
            raise _cannot(self.prefix, error) from None
        entry.crc32c = masked(crc)
        self._size += entry.size
        return entry


def _set_shape(entry: Any, shape: Sequence[int]) -> None:
    entry.shape.SetInParent()
    for size in shape:
        entry.shape.dim.add(size=size)


def _array(value: Any) -> Any:
    """The value as it stands in memory if it is contiguous and little endian; strings as objects."""
    array = np.asarray(value)
    if array.dtype.kind in "SU":
        array = array.astype(object)
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return np.ascontiguousarray(array).reshape(array.shape)


def merge_bundles(prefixes: Sequence[str], prefix: str) -> None:
    """Makes one checkpoint of several, whose data files become its shards (tf.raw_ops.MergeV2Checkpoints).

    Raises InvalidValue for a tensor that several have.
    """
    files: list[str] = []
    entries: dict[bytes, Any] = {}
    for source in prefixes:
        with Bundle(source) as bundle:
            first = len(files)
            files += [shard_path(source, i, bundle.shards) for i in range(bundle.shards)]
            for key, raw in bundle._raw.items():
                raw.shard_id += first
                old = entries.get(key)
                if old is None:
                    entries[key] = raw
                elif old.slices and raw.slices and old.shape == raw.shape:
                    old.slices.extend(raw.slices)
                else:
                    raise InvalidValue(f"{key.decode(errors='replace')} is in two of the checkpoints to merge")
    try:
        _commit(prefix, files, entries)
    except OSError as error:
        raise _cannot(prefix, error) from None
    for source in prefixes:
        with contextlib.suppress(OSError):
            os.unlink(f"{source}.index")
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(source) or ".")


def _commit(prefix: str, files: Sequence[str], entries: dict[bytes, Any]) -> None:
    """Gives finished data files their names and writes the index; see the top of this file."""
    count = len(files)
    used = _shards_in_use(prefix)
    shards = count + 1 if used == count else count
    paths = [shard_path(prefix, i, shards) for i in range(count)]
    for source, path in zip(files, paths):
        os.replace(source, path)
    _write_index(prefix, shards, entries)
    if shards != count:
        with contextlib.suppress(OSError, NotImplementedError):
            for i, path in enumerate(paths):
                link = f"{path}.part"
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(link)
                os.link(path, link)
                os.replace(link, shard_path(prefix, i, count))
            _write_index(prefix, count, entries)
            shards = count
    for path in glob.glob(f"{glob.escape(prefix)}.data-?????-of-?????"):
        if not path.endswith(f"-of-{shards:05d}"):
            with contextlib.suppress(OSError):
                os.unlink(path)


def _shards_in_use(prefix: str) -> int | None:
    """The number of shards of the checkpoint that is there, None if there is none that can be read."""
    if not bundle_exists(prefix):
        return None
    try:
        return Bundle(prefix).shards
    except GraphError:
        return None


def _write_index(prefix: str, shards: int, entries: dict[bytes, Any]) -> None:
    header = message("BundleHeaderProto")(num_shards=shards)
    header.version.producer = 1

    def write(file: BinaryIO) -> None:
        table = TableWriter(file)
        table.add(b"", header.SerializeToString(deterministic=True))
        for key in sorted(entries):
            table.add(key, entries[key].SerializeToString(deterministic=True))
        table.finish()

    write_whole(f"{prefix}.index", write)
    _sync_folder(prefix)


def _temporary(path: str) -> tuple[BinaryIO, str]:
    """A file beside ``path``. Its folder is made, but not the folders above that one, as TensorFlow does."""
    folder, name = os.path.split(path)
    if name in ("", os.curdir, os.pardir):
        raise InvalidValue(f"{path!r} is the name of a folder, not of a checkpoint in it",
                           hint=os.path.join(path, "model"))
    try:
        if folder and not os.path.isdir(folder) and os.path.isdir(os.path.dirname(folder) or "."):
            os.mkdir(folder)
        handle, temporary = tempfile.mkstemp(prefix=f".{name[:40]}.", suffix=".part", dir=folder or ".")
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(handle, 0o666 & ~mask)
    except (OSError, ValueError) as error:
        if folder and not os.path.isdir(folder):
            raise NoPlace(f"cannot write {path}: there is no folder {folder}") from None
        raise _cannot(path, error) from None
    return open(handle, "wb", buffering=BUFFER), temporary


def _sync_folder(path: str) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _cannot(path: str, error: BaseException) -> GraphError:
    return UsageError(f"cannot write {path}: {reason_of(error)}")
