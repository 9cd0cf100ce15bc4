"""The values of a Summary, written by hand (tensorflow/core/framework/summary.proto).

Each function gives one ``Summary.value`` field, in pieces where it may be large; a Summary is their concatenation. The
bytes are those of TensorFlow's own kernels for the same numbers.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .encode import Pieces, blob, double, doubles, framed, integer, single, start, text

DT_STRING = 7
STRINGS = 1 << 12
"""Strings that are a piece."""


def value(tag: bytes, body: Pieces, node: bytes = b"", metadata: bytes | None = None, number: int = 0) -> Pieces:
    """``Summary.value``: body is the field ``number`` of the oneof, put in its place by number."""
    parts: list[tuple[int, Pieces]] = [(1, [text(1, tag)]), (7, [text(7, node)]), (number, body)]
    if metadata is not None:
        parts.append((9, [blob(9, metadata)]))
    return framed(1, [piece for _, some in sorted(parts, key=lambda p: p[0]) for piece in some])


def scalar(tag: bytes, number: float) -> bytes:
    """A value with simple_value; number is rounded to float32."""
    return b"".join(value(tag, [single(2, number)], number=2))


def histogram(tag: bytes, least: float, greatest: float, count: float, total: float, squares: float,
              limits: Sequence[float], counts: Sequence[float]) -> bytes:
    """A value with a HistogramProto."""
    histo = b"".join((double(1, least), double(2, greatest), double(3, count), double(4, total), double(5, squares),
                      doubles(6, limits), doubles(7, counts)))
    return b"".join(value(tag, [blob(5, histo)], number=5))


def image(tag: bytes, height: int, width: int, channels: int, encoded: Pieces) -> Pieces:
    """A value with an image that is already encoded (PNG)."""
    body = [integer(1, height) + integer(2, width) + integer(3, channels), *_content(4, encoded)]
    return value(tag, framed(4, body), number=4)


def audio(tag: bytes, rate: float, channels: int, frames: int, encoded: Pieces) -> Pieces:
    """A value with sound that is already encoded (WAV)."""
    body = [(single(1, rate) if rate else b"") + integer(2, channels) + integer(3, frames), *_content(4, encoded),
            text(5, b"audio/wav")]
    return value(tag, framed(6, body), number=6)


def _content(number: int, pieces: Pieces) -> Pieces:
    """``text`` of pieces."""
    return framed(number, pieces) if any(map(len, pieces)) else []


def tensor_head(shape: Sequence[int], dtype: int) -> bytes:
    """What a TensorProto begins with: its dtype and its shape."""
    return integer(1, dtype) + blob(2, b"".join(blob(2, integer(1, size)) for size in shape))


def tensor_proto(array: Any, dtype: int) -> Pieces:
    """A TensorProto: strings one by one, all else as its bytes in memory order."""
    head, flat = tensor_head(array.shape, dtype), array.reshape(-1)
    if dtype == DT_STRING:
        return [head, *(_strings(flat[i:i + STRINGS].tolist()) for i in range(0, len(flat), STRINGS))]
    return [head, *_content(4, [flat.view("u1")])]


def _strings(items: list[Any]) -> bytes:
    starts: dict[int, bytes] = {}
    out: list[bytes] = []
    for item in map(_bytes, items):
        size = len(item)
        out += (starts.get(size) or starts.setdefault(size, start(8, size)), item)
    return b"".join(out)


def _bytes(item: Any) -> bytes:
    return item.encode() if isinstance(item, str) else bytes(item)


def tensor(tag: bytes, proto: Pieces, node: bytes = b"", metadata: bytes | None = None) -> Pieces:
    """A value with a tensor; metadata: a serialized SummaryMetadata."""
    return value(tag, framed(8, proto), node, metadata, number=8)
