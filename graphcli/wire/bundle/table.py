"""LevelDB's sorted table: keys in order in blocks, a block of the blocks' last keys, a footer.

    block     entries, then restart offsets (uint32 each) and their number (uint32)
    entry     varint shared, varint unshared, varint value length, the unshared end of the key, the value
    trailer   after each block: compression (0 none, 1 snappy), masked crc32c of block and compression
    footer    handles of the metaindex and index blocks (varint offset and size), zeros up to 40 bytes,
              the magic number

Source: tensorflow/core/lib/io/table_format.txt, block_builder.cc, format.cc.
"""
from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from ...errors import DataLoss
from ..checksum import crc32c, masked
from ..varint import get_varint, put_varint
from .snappy import decompress

MAGIC = 0xDB4775248B80FB57
FOOTER = 48
TRAILER = 5
BLOCK_SIZE = 262144
RESTART_EVERY = 16
_U32 = struct.Struct("<I")


class _Block:
    """A block being written; every ``restart_every``th key stands whole."""

    def __init__(self, restart_every: int) -> None:
        self.restart_every = restart_every
        self.data = bytearray()
        self.restarts = [0]
        self.since = 0
        self.last = b""

    def add(self, key: bytes, value: bytes) -> None:
        shared = 0
        if self.since < self.restart_every:
            most = min(len(key), len(self.last))
            while shared < most and key[shared] == self.last[shared]:
                shared += 1
        else:
            self.restarts.append(len(self.data))
            self.since = 0
        self.data += put_varint(shared) + put_varint(len(key) - shared) + put_varint(len(value))
        self.data += key[shared:]
        self.data += value
        self.last = key
        self.since += 1

    def size(self) -> int:
        return len(self.data) + 4 * len(self.restarts) + 4

    def finish(self) -> bytes:
        return bytes(self.data) + b"".join(map(_U32.pack, [*self.restarts, len(self.restarts)]))


class TableWriter:
    """Writes a table to a file; keys must come in order."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.offset = 0
        self.block = _Block(RESTART_EVERY)
        self.index = _Block(1)
        self.pending: bytes | None = None
        self.last: bytes | None = None

    def add(self, key: bytes, value: bytes) -> None:
        if self.last is not None and key <= self.last:
            raise ValueError(f"{key!r} comes after {self.last!r}")
        if self.pending is not None:
            self.index.add(_between(self.last or b"", key), self.pending)
            self.pending = None
        self.block.add(key, value)
        self.last = key
        if self.block.size() >= BLOCK_SIZE:
            self._flush()

    def finish(self) -> None:
        self._flush()
        meta = self._write(_Block(1).finish())
        if self.pending is not None:
            self.index.add(_after(self.last or b""), self.pending)
        handles = meta + self._write(self.index.finish())
        self.file.write(handles.ljust(FOOTER - 8, b"\0") + struct.pack("<Q", MAGIC))

    def _flush(self) -> None:
        if self.block.data:
            self.pending = self._write(self.block.finish())
            self.block = _Block(RESTART_EVERY)

    def _write(self, block: bytes) -> bytes:
        handle = put_varint(self.offset) + put_varint(len(block))
        checked = block + b"\0"
        self.file.write(checked + _U32.pack(masked(crc32c(checked))))
        self.offset += len(checked) + 4
        return handle


def _between(low: bytes, high: bytes) -> bytes:
    """A short key from ``low`` up to, without, ``high`` (BytewiseComparator, FindShortestSeparator)."""
    at = 0
    while at < min(len(low), len(high)) and low[at] == high[at]:
        at += 1
    if at < min(len(low), len(high)) and low[at] < 0xFF and low[at] + 1 < high[at]:
        return low[:at] + bytes([low[at] + 1])
    return low


def _after(key: bytes) -> bytes:
    """A short key that is not before ``key`` (FindShortSuccessor)."""
    for at, byte in enumerate(key):
        if byte != 0xFF:
            return key[:at] + bytes([byte + 1])
    return key


def is_table(data: bytes) -> bool:
    """Whether bytes end as a table does."""
    return len(data) >= FOOTER and data[-8:] == struct.pack("<Q", MAGIC)


def read_table(data: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """The (key, value) pairs of a whole table, in order. Raises DataLoss, which names the file, for damage."""
    if not is_table(data):
        raise DataLoss(f"{name} is damaged or no index of a checkpoint: it does not end in the magic number "
                       "of a table")
    footer = data[-FOOTER:-8]
    try:
        meta, at = _handle(footer, 0)
        index, _ = _handle(footer, at)
    except ValueError:
        raise DataLoss(f"{name} is damaged: its footer is no pair of block handles") from None
    if footer != b"".join(map(put_varint, (*meta, *index))).ljust(FOOTER - 8, b"\0"):
        raise DataLoss(f"{name} is damaged: its footer holds more than two block handles")
    list(_entries(_block(data, meta, name), name))
    last: bytes | None = None
    end = 0
    for bound, handle in _entries(_block(data, index, name), name):
        try:
            where, _ = _handle(handle, 0)
        except ValueError:
            raise DataLoss(f"{name} is damaged: its index block has no handle of a block") from None
        if where[0] != end:
            raise DataLoss(f"{name} is damaged: a block is missing before offset {where[0]}")
        end = where[0] + where[1] + TRAILER
        for key, value in _entries(_block(data, where, name), name):
            if last is not None and key <= last or key > bound:
                raise DataLoss(f"{name} is damaged: its keys are not in order")
            last = key
            yield key, value
    if end != meta[0] or meta[0] + meta[1] + TRAILER != index[0] or index[0] + index[1] + TRAILER != len(data) - FOOTER:
        raise DataLoss(f"{name} is damaged: its blocks do not fill it")


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    offset, at = get_varint(data, at)
    size, at = get_varint(data, at)
    return (offset, size), at


def _block(data: bytes, handle: tuple[int, int], name: str) -> bytes:
    offset, size = handle
    end = offset + size
    if end + TRAILER > len(data) - FOOTER:
        raise DataLoss(f"{name} is damaged or cut off: a block of {size} bytes at {offset} is beyond its end")
    if masked(crc32c(data[offset:end + 1])) != _U32.unpack_from(data, end + 1)[0]:
        raise DataLoss(f"{name} is damaged: the checksum of the block at {offset} does not hold")
    block = data[offset:end]
    compression = data[end]
    if compression == 0:
        return block
    if compression != 1:
        raise DataLoss(f"{name}: the block at {offset} has the unknown compression {compression}")
    try:
        return decompress(block)
    except ValueError as error:
        raise DataLoss(f"{name} is damaged: the block at {offset} is no snappy data: {error}") from None


def _entries(block: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    try:
        restarts = _U32.unpack_from(block, len(block) - 4)[0]
        end = len(block) - 4 - 4 * restarts
        if end < 0:
            raise ValueError
        at = 0
        key = b""
        while at < end:
            shared, at = get_varint(block, at)
            unshared, at = get_varint(block, at)
            length, at = get_varint(block, at)
            if shared > len(key) or at + unshared + length > end:
                raise ValueError
            key = key[:shared] + block[at:at + unshared]
            at += unshared
            yield key, block[at:at + length]
            at += length
    except (ValueError, struct.error):
        raise DataLoss(f"{name} is damaged: a block has no valid entries") from None
