"""CRC-32C (RFC 3720, Castagnoli) and its masked form, as TensorFlow's records and checkpoints carry it."""
from __future__ import annotations

from typing import Any

MASK = 0xA282EAD8


def crc32c(data: Any, start: int = 0) -> int:
    """The checksum of bytes or of a contiguous array, continued from ``start``; makes no copy."""
    from google_crc32c import extend

    if not isinstance(data, bytes):
        import numpy as np

        data = np.frombuffer(data, np.uint8) if len(data) else b""
    return int(extend(start, data))


def masked(crc: int) -> int:
    """tensorflow/core/lib/hash/crc32c.h, Mask: a checksum that may itself stand in checked data."""
    return ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + MASK) & 0xFFFFFFFF


def unmasked(crc: int) -> int:
    """The inverse of ``masked``."""
    rotated = crc - MASK & 0xFFFFFFFF
    return (rotated >> 17 | rotated << 15) & 0xFFFFFFFF
