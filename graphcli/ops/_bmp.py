"""BMP as TensorFlow decodes it: bytes of gray, of colours, or of colours with alpha; a palette is not looked at.

    "BM", ..., where the pixels begin (at 10), width (18), height (22), bits of a pixel (28); lines from below, each
    of a multiple of 4 bytes, in blue, green, red, alpha
"""
from __future__ import annotations

import struct
from typing import Any

import numpy as np

from ..errors import InvalidArgument


def bmp(data: bytes, wanted: int, limit: int | None = None) -> Any:
    """The pixels, uint8 [height, width, channels]. wanted: how many channels it has to have, 0 for any. limit: bytes
    that the picture may take."""
    if len(data) < 32:
        raise InvalidArgument("Incomplete bmp content, requires at least 32 bytes to find the header size, width, "
                              f"height, and bpp, got {len(data)} bytes")
    start, = struct.unpack_from("<i", data, 10)
    width, height, _, bits = struct.unpack_from("<iihi", data, 18)
    channels = int(bits / 8)
    if wanted and wanted != channels:
        raise InvalidArgument(f"channels attribute {wanted} does not match bits per pixel from file {channels}")
    if channels not in (1, 3, 4):
        raise InvalidArgument(f"Number of channels must be 1, 3 or 4, was {channels}")
    if width <= 0:
        raise InvalidArgument("Width must be positive")
    if not height:
        raise InvalidArgument("Height must be nonzero")
    if start < 0:
        raise InvalidArgument("header size must be nonnegative")
    lines, size = abs(height), (channels * 8 * width + 31) // 32 * 4
    needed = start + (lines - 1) * size + channels * width
    if needed > len(data):
        raise InvalidArgument(f"Incomplete bmp content, requires at least {needed} bytes, got {len(data)} bytes")
    if limit is not None and lines * width * channels > limit:
        raise InvalidArgument(f"the picture takes {lines * width * channels} bytes; the limit is {limit}")
    rows = np.lib.stride_tricks.as_strided(np.frombuffer(data, np.uint8, needed - start, start),
                                           (lines, width, channels), (size, channels, 1), writeable=False)
    rows = rows if height < 0 else rows[::-1]
    return np.ascontiguousarray(rows if channels == 1 else rows[..., [2, 1, 0, 3][:channels]])
