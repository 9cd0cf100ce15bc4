"""Reading a checkpoint: the index whole, tensors one by one, straight into the memory that they stay in."""
from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import DataLoss, GraphError, InvalidValue, NotFound, NotSupported, did_you_mean, reason_of
from ..checksum import crc32c, masked
from ..messages import message
from .index_file import read_index
from .slices import FULL, Extent, bounds, slice_key
from .table import read_table
from .values import NAMES, STRING, stored_dtype, unpack_strings

Box = tuple[tuple[int, int], ...]
"""(first, after the last) in each dimension."""
CHUNK = 1 << 21
"""Bytes read at once: small enough to be checked while they are in the cache, ..."""
LINES = 1 << 20
"""... and, where only some of them are kept, to be little beside them."""


@dataclass(frozen=True)
class Entry:
    """What an index says of one tensor. dtype: TensorFlow's number; crc: masked; slices: the parts that a
    partitioned variable was saved in, whose bytes stand under keys of their own."""

    name: str
    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc: int
    slices: tuple[tuple[Extent, ...], ...]

    @property
    def dtype_name(self) -> str:
        return NAMES.get(self.dtype, f"dtype {self.dtype}")

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


def shard_path(prefix: str, shard: int, shards: int) -> str:
    """The data file number ``shard`` of ``shards``."""
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


def bundle_exists(prefix: str) -> bool:
    """Whether there is a checkpoint of this prefix."""
    return os.path.isfile(f"{prefix}.index")


class Bundle:
    """An open checkpoint.

    prefix: its path without ``.index``. Raises NotFound where there is none, NotSupported for the old format,
    DataLoss for a damaged index.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.index = f"{prefix}.index"
        self.entries: dict[str, Entry] = {}
        self._raw: dict[bytes, Any] = {}
        self._files: dict[int, tuple[Any, int]] = {}
        self._read_index(read_index(prefix))

    def _read_index(self, data: bytes) -> None:
        parse = message("BundleEntryProto").FromString
        header = None
        for key, value in read_table(data, self.index):
            try:
                if not key:
                    header = message("BundleHeaderProto").FromString(value)
                    continue
                self._raw[key] = parse(value)
            except Exception:
                raise DataLoss(f"{self.index} is damaged: its entry {key!r} is no message") from None
        if header is None:
            raise DataLoss(f"{self.index} is no index of a checkpoint: it has no header")
        if header.endianness:
            raise NotSupported(f"{self.prefix} was written on a big endian machine, which is not read here")
        if header.version.min_consumer > 1 or header.num_shards < 1:
            raise NotSupported(f"{self.index} is of a newer format than the one that is read here")
        self.shards: int = header.num_shards
        for key, raw in self._raw.items():
            if key[0]:
                self._add(key, raw)

    def _add(self, key: bytes, raw: Any) -> None:
        try:
            name = key.decode()
        except UnicodeDecodeError:
            raise DataLoss(f"{self.index} is damaged: {key!r} is no name") from None
        self.entries[name] = self._entry(name, raw)

    def _entry(self, name: str, raw: Any) -> Entry:
        shape = tuple(d.size for d in raw.shape.dim)
        parts = tuple(tuple((e.start, e.length) if e.HasField("length") else FULL for e in s.extent)
                      for s in raw.slices)
        entry = Entry(name, raw.dtype, shape, raw.shard_id, raw.offset, raw.size, raw.crc32c, parts)
        if any(s < 0 for s in shape) or min(entry.shard, entry.offset, entry.size) < 0 or entry.shard >= self.shards:
            raise DataLoss(f"{self.index} is damaged: the entry of {name} makes no sense")
        return entry

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def __iter__(self) -> Iterator[str]:
        """The names of the tensors, sorted."""
        return iter(sorted(self.entries))

    def __len__(self) -> int:
        return len(self.entries)

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def close(self) -> None:
        for file, _ in self._files.values():
            file.close()
        self._files.clear()

    def entry(self, name: str) -> Entry:
        """What the index says of a tensor. Raises NotFound with the nearest name."""
        found = self.entries.get(name)
        if found is None:
            raise NotFound(f"{self.prefix} has no tensor {name!r}", hint=did_you_mean(name, self.entries)
                           or "graphcli ckpt ls lists what it has")
        return found

    def read(self, name: str) -> Any:
        """A tensor as an array of its own (bytes in an object array for strings).

        Raises NotFound for the name, DataLoss for a checksum that does not hold, with file and tensor.
        """
        entry = self.entry(name)
        if entry.slices:
            return self._assemble(entry, (FULL,) * len(entry.shape))
        return self._tensor(entry)

    def read_slice(self, name: str, shape: Sequence[int], extents: Sequence[Extent]) -> Any:
        """A part of a tensor, which must have the full ``shape``; reads no parts that it does not need."""
        entry = self.entry(name)
        if entry.shape != tuple(shape):
            raise InvalidValue(f"{name} has shape {list(entry.shape)} in {self.prefix}, {list(shape)} is wanted")
        if entry.slices:
            return self._assemble(entry, tuple(extents))
        wanted = bounds(shape, extents)
        self._check_inside(entry)
        out = self._empty(entry, tuple(w.stop - w.start for w in wanted), stored_dtype(entry.dtype, entry.name))
        self._put(entry, wanted, out)
        return out

    def file_of(self, entry: Entry) -> str:
        """The data file in which a tensor stands."""
        return shard_path(self.prefix, entry.shard, self.shards)

    # -- bytes

    def _assemble(self, entry: Entry, extents: tuple[Extent, ...]) -> Any:
        wanted = bounds(entry.shape, extents)
        for part in entry.slices:
            if part == extents:
                return self._tensor(self._part(entry, part))
        boxes: list[Box] = []
        stored: list[tuple[Box, Box, Entry]] = []
        for part in entry.slices:
            if len(part) != len(entry.shape):
                raise DataLoss(f"{self.index} is damaged: {entry.name} has a part of another rank")
            own = tuple((b.start, b.stop) for b in bounds(entry.shape, part))
            both = tuple((max(low, w.start), min(high, w.stop)) for (low, high), w in zip(own, wanted))
            if all(low < high for low, high in both):
                boxes.append(both)
                stored.append((both, own, self._part(entry, part)))
        sizes = tuple(w.stop - w.start for w in wanted)
        dtype = stored_dtype(entry.dtype, entry.name)
        # before memory is asked for: a lie about the shape must not be believed
        if sum(map(_volume, boxes)) != math.prod(sizes) or _overlap(boxes):
            raise self._uncovered(entry)
        for _, _, part_entry in stored:
            self._check_inside(part_entry)
        out = self._empty(entry, sizes, dtype)
        for both, own, part_entry in stored:
            into = out[(*(slice(low - w.start, high - w.start) for (low, high), w in zip(both, wanted)), ...)]
            self._put(part_entry, tuple(slice(low - o, high - o) for (low, high), (o, _) in zip(both, own)), into)
        return out

    def _uncovered(self, entry: Entry) -> GraphError:
        return DataLoss(f"{self.index}: the parts of {entry.name} do not cover it")

    def _empty(self, entry: Entry, shape: tuple[int, ...], dtype: Any) -> Any:
        try:
            return np.empty(shape, dtype)
        except ValueError:
            raise DataLoss(f"{self.index} is damaged: no tensor has the shape of {entry.name}, "
                           f"{list(shape)}") from None

    def _check_inside(self, entry: Entry) -> Any:
        """The data file of a tensor, which must hold all its bytes."""
        file, length = self._file(entry)
        if entry.offset + entry.size > length:
            raise DataLoss(f"{self.file_of(entry)} is cut off: {entry.name} ends at byte "
                           f"{entry.offset + entry.size} of {length}")
        if entry.dtype != STRING and not entry.slices:
            dtype = stored_dtype(entry.dtype, f"{entry.name} in {self.prefix}")
            if entry.size != entry.elements * dtype.itemsize:
                raise DataLoss(f"{self.index} is damaged: {entry.name}, {entry.dtype_name} {list(entry.shape)}, "
                               f"has {entry.size} bytes")
        return file

    def _part(self, entry: Entry, part: tuple[Extent, ...]) -> Entry:
        raw = self._raw.get(slice_key(entry.name, part))
        if raw is None:
            raise DataLoss(f"{self.index} is damaged: the part {list(part)} of {entry.name} is missing")
        found = self._entry(entry.name, raw)
        expected = tuple(w.stop - w.start for w in bounds(entry.shape, part))
        if found.shape != expected or found.dtype != entry.dtype:
            raise DataLoss(f"{self.index} is damaged: the part {list(part)} of {entry.name} has shape "
                           f"{list(found.shape)}")
        return found

    def _tensor(self, entry: Entry) -> Any:
        file = self._check_inside(entry)
        file.seek(entry.offset)
        if entry.dtype == STRING:
            return self._strings(entry, file)
        out = self._empty(entry, entry.shape, stored_dtype(entry.dtype, entry.name))
        if masked(self._fill(entry, file, out)) != entry.crc:
            raise self._damaged(entry)
        return out

    def _put(self, entry: Entry, wanted: tuple[slice, ...], out: Any) -> None:
        """Reads a tensor some lines at a time, for its checksum is that of the whole, and keeps the part that is
        wanted."""
        sizes = entry.shape
        if entry.dtype == STRING or not entry.elements or not sizes:
            out[...] = self._tensor(entry)[wanted]
            return
        file = self._check_inside(entry)
        file.seek(entry.offset)
        width, crc = out.dtype.itemsize, 0
        axis = next(i for i in range(len(sizes)) if width * math.prod(sizes[i + 1:]) <= LINES)
        inner, along = sizes[axis + 1:], wanted[axis]
        many = min(sizes[axis], LINES // (width * math.prod(inner)))
        room = np.empty((many, *inner), out.dtype)
        for ahead in np.ndindex(*sizes[:axis]):
            here = all(w.start <= i < w.stop for i, w in zip(ahead, wanted))
            into = out[(*(i - w.start for i, w in zip(ahead, wanted)), ...)] if here else None
            for start in range(0, sizes[axis], many):
                lines = room[:sizes[axis] - start]
                crc = self._fill(entry, file, lines, crc)
                low, high = max(start, along.start), min(start + len(lines), along.stop)
                if into is not None and low < high:
                    into[low - along.start:high - along.start] = lines[low - start:high - start][
                        (slice(None), *wanted[axis + 1:])]
        if masked(crc) != entry.crc:
            raise self._damaged(entry)

    def _fill(self, entry: Entry, file: Any, out: Any, crc: int = 0) -> int:
        """Fills an array with the bytes that come next; the checksum of these and of those before."""
        flat = out.reshape(-1).view(np.uint8)
        view = memoryview(flat)
        at = 0
        while at < len(flat):
            count = file.readinto(view[at:at + CHUNK])
            if not count:
                raise DataLoss(f"{self.file_of(entry)} ends in {entry.name}")
            crc = crc32c(flat[at:at + count], crc)
            at += count
        return crc

    def _strings(self, entry: Entry, file: Any) -> Any:
        if entry.elements > entry.size:
            raise DataLoss(f"{self.index} is damaged: {entry.elements} strings of {entry.name} in {entry.size} bytes")
        data = b"".join(iter(lambda: file.read(min(CHUNK, entry.offset + entry.size - file.tell())), b""))
        try:
            items, crc = unpack_strings(data, entry.elements)
        except ValueError:
            raise self._damaged(entry) from None
        if masked(crc) != entry.crc:
            raise self._damaged(entry)
        out = self._empty(entry, entry.shape, np.dtype(object))
        out.reshape(-1)[:] = items
        return out

    def _damaged(self, entry: Entry) -> DataLoss:
        return DataLoss(f"{self.file_of(entry)} is damaged: the checksum of {entry.name} does not hold")

    def _file(self, entry: Entry) -> tuple[Any, int]:
        found = self._files.get(entry.shard)
        if found is None:
            path = self.file_of(entry)
            try:
                file = open(path, "rb", buffering=0)
            except OSError as error:
                raise NotFound(f"{path}, which holds {entry.name}, cannot be read: "
                               f"{reason_of(error)}") from None
            found = self._files[entry.shard] = file, os.fstat(file.fileno()).st_size
        return found


def _volume(box: Box) -> int:
    return math.prod(high - low for low, high in box)


def _overlap(boxes: Sequence[Box]) -> bool:
    """Whether two boxes have an element in common; sorted, only those whose first extents meet are compared."""
    ordered = sorted(boxes)
    for i, a in enumerate(ordered):
        for b in ordered[i + 1:]:
            if a and b[0][0] >= a[0][1]:
                break
            if all(low < high and other < end for (low, end), (other, high) in zip(a, b)):
                return True
    return False
