"""Pictures that were written are read as they were, whatever their size; what is damaged is refused in one sentence."""
from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcli.errors import DataLoss
from graphcli.wire.png import encode
from graphcli.wire.png_read import read


def _written(pixels: np.ndarray) -> bytes:
    return b"".join(encode(pixels.shape, lambda a, b: pixels[a:b]))


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 4), st.integers(0, 9))
def test_a_picture_is_read_as_it_was_written(height: int, width: int, channels: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    assert (read(_written(pixels)).pixels == pixels).all()


@given(st.integers(0, 120), st.integers(0, 255))
def test_a_damaged_picture_is_refused(at: int, byte: int) -> None:
    data = bytearray(_written(np.arange(60, dtype=np.uint8).reshape(4, 5, 3)))
    at %= len(data)
    before, data[at] = data[at], byte
    if before != byte:
        with pytest.raises(DataLoss):
            read(bytes(data))
    with pytest.raises(DataLoss):
        read(bytes(data[:at]))


def test_a_picture_beyond_the_limit_is_refused_before_it_is_made() -> None:
    head = b"\x89PNG\r\n\x1a\n"
    body = (1 << 30).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    pieces = [(b"IHDR", body), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    data = head + b"".join(len(d).to_bytes(4, "big") + k + d + zlib.crc32(k + d).to_bytes(4, "big") for k, d in pieces)
    with pytest.raises(DataLoss, match="the limit is 1000"):
        read(data, 1000)
