"""PNG read: what ``png`` tells of the format, and more of it - palettes, few bits, interlacing (PNG 1.2).

    signature, then chunks: length, type, data, crc32 of type and data
    IHDR width height depth colour-type compression filter interlace; PLTE colours; tRNS alpha; IDAT; IEND
"""
from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DataLoss
from .png import SIGNATURE

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type: gray, colours, a palette, gray with alpha, colours with alpha."""
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""Of an interlaced picture: the first row and column of each pass, and the steps down and across."""


@dataclass
class Picture:
    """What a file holds. pixels: uint8 or uint16 [height, width, channels], a palette's colours in their place."""

    pixels: Any
    channels: int
    """Without the one that tells where a colour is clear."""


def read(data: bytes, limit: int | None = None) -> Picture:
    """The picture in the bytes of a file. limit: bytes that it may take. Raises DataLoss for what is none."""
    if not data.startswith(SIGNATURE):
        raise DataLoss("the bytes are no PNG")
    try:
        return _read(data, limit)
    except (struct.error, zlib.error, LookupError, ValueError) as error:
        raise DataLoss(f"the PNG is damaged: {error}") from error


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks by type, those of one type as one."""
    found: dict[bytes, bytes] = {}
    at = len(SIGNATURE)
    while b"IEND" not in found:
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + length]
        crc, = struct.unpack_from(">I", data, at + 8 + length)
        if len(body) != length or zlib.crc32(kind + body) != crc:
            raise DataLoss(f"the PNG is damaged in its chunk {kind.decode('ascii', 'replace')!r}")
        found[kind] = found.get(kind, b"") + body
        at += 12 + length
    return found


def _read(data: bytes, limit: int | None) -> Picture:
    chunks = _chunks(data)
    width, height, depth, kind, compression, filtering, interlace = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if kind not in _CHANNELS or depth not in _DEPTHS[kind] or compression or filtering or interlace > 1 or not (
            width and height):
        raise DataLoss(f"no PNG has {depth} bits of colour type {kind}, {width} by {height}")
    channels, palette = _CHANNELS[kind], None
    if kind == 3:
        palette = _palette(chunks)
    size = width * height * (channels if palette is None else palette.shape[1]) * (2 if depth == 16 else 1)
    if limit is not None and size > limit:
        raise DataLoss(f"the picture takes {size} bytes; the limit is {limit}")
    raw = zlib.decompressobj().decompress(chunks[b"IDAT"], 8 + (size + 8 * height) * 2)
    out = np.empty((height, width, channels), np.uint16 if depth == 16 else np.uint8)
    at = 0
    for top, left, down, across in (_PASSES if interlace else ((0, 0, 1, 1),)):
        part = out[top::down, left::across]
        if part.size:
            at = _rows(raw, at, part, depth)
    if palette is not None:
        out = palette[out[..., 0]]
    elif b"tRNS" in chunks:
        out = _with_alpha(out, chunks[b"tRNS"], depth)
    if kind == 0 and depth < 8:
        out[..., 0] *= 255 // ((1 << depth) - 1)
    return Picture(out, channels if palette is None else palette.shape[1])


def _palette(chunks: dict[bytes, bytes]) -> Any:
    colours = np.zeros((256, 3), np.uint8)
    given = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    colours[:len(given)] = given
    if b"tRNS" not in chunks:
        return colours
    alpha = np.full((256, 1), 255, np.uint8)
    clear = np.frombuffer(chunks[b"tRNS"], np.uint8)
    alpha[:len(clear), 0] = clear
    return np.concatenate([colours, alpha], axis=1)


def _with_alpha(pixels: Any, clear: bytes, depth: int) -> Any:
    """With a channel that is 0 for the one colour that is clear."""
    colour = np.frombuffer(clear, ">u2").astype(pixels.dtype)
    most = 65535 if depth == 16 else 255 if depth == 8 else (1 << depth) - 1
    alpha = np.where((pixels == colour).all(-1, keepdims=True), 0, most).astype(pixels.dtype)
    if depth < 8:
        alpha = alpha * (255 // most)
    return np.concatenate([pixels, alpha], axis=-1)


def _rows(raw: bytes, at: int, out: Any, depth: int) -> int:
    """Fills the rows of a pass; returns where the next begins."""
    height, width, channels = out.shape
    length = -(-width * channels * depth // 8)
    step = max(1, channels * depth // 8)
    before = np.zeros(length, np.uint8)
    for y in range(height):
        line = np.frombuffer(raw, np.uint8, length, at + 1).copy()
        _unfilter(raw[at], line, before, step)
        at += 1 + length
        before = line
        if depth == 16:
            out[y] = line.view(">u2").reshape(width, channels)
        elif depth == 8:
            out[y] = line.reshape(width, channels)
        else:
            shifts = np.arange(8 - depth, -1, -depth).astype(np.uint8)
            bits = (line[:, None] >> shifts) & ((1 << depth) - 1)
            out[y] = bits.reshape(-1)[:width * channels].reshape(width, channels)
    return at


def _unfilter(kind: int, line: Any, before: Any, step: int) -> None:
    """Undoes the filter of a line, in place. step: bytes of a pixel."""
    if kind == 1:
        padded = np.zeros(-(-len(line) // step) * step, np.uint8)
        padded[:len(line)] = line
        line[:] = np.add.accumulate(padded.reshape(-1, step), axis=0, dtype=np.uint8).reshape(-1)[:len(line)]
    elif kind == 2:
        line += before
    elif kind in (3, 4):
        _by_neighbours(kind, line, before, step)
    elif kind:
        raise DataLoss(f"the PNG is damaged: no filter is {kind}")


def _by_neighbours(kind: int, line: Any, before: Any, step: int) -> None:
    now, above = line.tolist(), before.tolist()
    for i, value in enumerate(now):
        left, up = now[i - step] if i >= step else 0, above[i]
        if kind == 3:
            guess = (left + up) >> 1
        else:
            corner = above[i - step] if i >= step else 0
            far, high, low = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
            guess = left if far <= high and far <= low else up if high <= low else corner
        now[i] = (value + guess) & 255
    line[:] = now
