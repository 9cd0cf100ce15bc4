"""The values of a Summary, written by hand (tensorflow/core/framework/summary.proto).

Each function gives one ``Summary.value`` field; a Summary is their concatenation. The bytes are those of
TensorFlow's own kernels for the same numbers.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .encode import blob, double, doubles, integer, single, text

DT_STRING = 7


def value(tag: bytes, body: bytes, node: bytes = b"", metadata: bytes | None = None, number: int = 0) -> bytes:
    """``Summary.value``: body is the field ``number`` of the oneof, put in its place by number."""
    parts = [(1, text(1, tag)), (7, text(7, node)), (number, body)]
    if metadata is not None:
        parts.append((9, blob(9, metadata)))
    return blob(1, b"".join(p for _, p in sorted(parts, key=lambda p: p[0])))


def scalar(tag: bytes, number: float) -> bytes:
    """A value with simple_value; number is rounded to float32."""
    return value(tag, single(2, number), number=2)


def histogram(tag: bytes, least: float, greatest: float, count: float, total: float, squares: float,
              limits: Sequence[float], counts: Sequence[float]) -> bytes:
    """A value with a HistogramProto."""
    histo = b"".join((double(1, least), double(2, greatest), double(3, count), double(4, total), double(5, squares),
                      doubles(6, limits), doubles(7, counts)))
    return value(tag, blob(5, histo), number=5)


def image(tag: bytes, height: int, width: int, channels: int, encoded: bytes) -> bytes:
    """A value with an image that is already encoded (PNG)."""
    body = integer(1, height) + integer(2, width) + integer(3, channels) + text(4, encoded)
    return value(tag, blob(4, body), number=4)


def audio(tag: bytes, rate: float, channels: int, frames: int, encoded: bytes) -> bytes:
    """A value with sound that is already encoded (WAV)."""
    body = ((single(1, rate) if rate else b"") + integer(2, channels) + integer(3, frames) + text(4, encoded)
            + text(5, b"audio/wav"))
    return value(tag, blob(6, body), number=6)


def tensor_proto(array: Any, dtype: int) -> bytes:
    """A TensorProto: strings one by one, all else as its bytes in memory order."""
    shape = b"".join(blob(2, integer(1, size)) for size in array.shape)
    head = integer(1, dtype) + blob(2, shape)
    if dtype == DT_STRING:
        return head + b"".join(blob(8, _bytes(s)) for s in array.reshape(-1).tolist())
    return head + text(4, array.tobytes())


def _bytes(item: Any) -> bytes:
    return item.encode() if isinstance(item, str) else bytes(item)


def tensor(tag: bytes, proto: bytes, node: bytes = b"", metadata: bytes | None = None) -> bytes:
    """A value with a tensor; metadata: a serialized SummaryMetadata."""
    return value(tag, blob(8, proto), node, metadata, number=8)
