"""PNG pictures of 8 bits a channel (ISO/IEC 15948), written and read with nothing but zlib.

    signature, then chunks: length uint32, kind 4 bytes, data, CRC-32 of kind and data (big endian)
    IHDR width height depth colour-type ...; IDAT zlib of the rows, each after one byte for its filter; IEND
"""
from __future__ import annotations

import struct
import zlib
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR = {1: 0, 2: 4, 3: 2, 4: 6}
"""Colour type by number of channels: grey, grey and alpha, RGB, RGBA."""
UP = 2


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encode(pixels: Any) -> bytes:
    """The picture of a uint8 array of shape [height, width, 1 to 4 channels]; the same bytes for the same pixels.

    Rows are stored as differences to the row above (filter 2), which suits both flat and smooth pictures.
    """
    import numpy as np

    height, width, channels = pixels.shape
    rows = np.ascontiguousarray(pixels).reshape(height, width * channels)
    filtered = np.empty((height, width * channels + 1), np.uint8)
    filtered[:, 0] = UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    head = struct.pack(">IIBBBBB", width, height, 8, COLOUR[channels], 0, 0, 0)
    return b"".join((SIGNATURE, chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(filtered.tobytes())),
                     chunk(b"IEND", b"")))
