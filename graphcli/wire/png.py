"""PNG pictures of 8 and 16 bits a channel (ISO/IEC 15948), written and read with nothing but zlib.

    signature, then chunks: length uint32, kind 4 bytes, data, CRC-32 of kind and data (big endian)
    IHDR width height depth colour-type ...; IDAT zlib of the rows, each after one byte for its filter; IEND
"""
from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR = {1: 0, 2: 4, 3: 2, 4: 6}
"""Colour type by number of channels: grey, grey and alpha, RGB, RGBA."""
UP = 2


PART = 1 << 17
"""Bytes of rows that are compressed at a time, at least one."""


def chunk(kind: bytes, pieces: list[bytes]) -> list[bytes]:
    check = zlib.crc32(kind)
    for piece in pieces:
        check = zlib.crc32(piece, check)
    return [struct.pack(">I", sum(map(len, pieces))) + kind, *pieces, struct.pack(">I", check)]


def encode(shape: tuple[int, int, int], lines: Callable[[int, int], Any], depth: int = 8, level: int = -1
           ) -> list[bytes]:
    """The picture of a shape [height, width, 1 to 4 channels], in pieces; the same bytes for the same pixels.

    lines: the rows from one to another, as a uint8 array; of a depth of 16 bits, the higher byte first. level: how hard
    zlib tries, 0 to 9, -1 for what is usual. Rows are stored as differences to the row above (filter 2),
    which suits both flat and smooth pictures.
    """
    import numpy as np

    height, width, channels = shape
    wide = width * channels * depth // 8
    many = max(1, PART // (wide + 1))
    filtered = np.empty((min(many, height), wide + 1), np.uint8)
    filtered[:, 0] = UP
    compress = zlib.compressobj(level)
    pieces = []
    above = np.zeros(wide, np.uint8)
    for i in range(0, height, many):
        rows = np.ascontiguousarray(lines(i, min(height, i + many))).reshape(-1, wide)
        some = filtered[:len(rows)]
        np.subtract(rows[0], above, out=some[0, 1:])
        np.subtract(rows[1:], rows[:-1], out=some[1:, 1:])
        above = rows[-1].copy()
        pieces.append(compress.compress(some.data))
    pieces.append(compress.flush())
    head = struct.pack(">IIBBBBB", width, height, depth, COLOUR[channels], 0, 0, 0)
    return [SIGNATURE, *chunk(b"IHDR", [head]), *chunk(b"IDAT", pieces), *chunk(b"IEND", [])]
