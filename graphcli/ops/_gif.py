"""GIF as TensorFlow decodes it: every frame whole, [frames, height, width, 3], drawn over the one before.

    "GIF89a", screen: width height flags background aspect, colours
    blocks: '!' kind, pieces | ',' left top width height flags, colours, bits of a code, pieces | ';'

Pillow unpacks the pieces of a frame (the extra ``images``). TensorFlow 1.15 asks neither for
the colour that is clear nor how a frame is to be taken away.
"""
from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ._jpeg import pillow

SIGNATURE = b"GIF"
_LIMITS = "failed to slurp gif file: Failed to read from given file"


@dataclass
class Frame:
    """A part of the picture: colours, and which of them stands where."""

    left: int
    top: int
    width: int
    height: int
    colours: Any
    places: Any


def decoded(data: bytes, limit: int | None = None) -> Any:
    """The frames, uint8 [frames, height, width, 3]. limit: bytes that they may take."""
    try:
        frames = _frames(data, limit)
    except (struct.error, IndexError, ValueError) as error:
        raise _damaged(data, _LIMITS) from error
    if not frames:
        raise _damaged(data, "gif file does not contain any image")
    height, width = max(f.height for f in frames), max(f.width for f in frames)
    _bounded(len(frames) * height * width * 3, limit)
    out = np.zeros((len(frames), height, width, 3), np.uint8)
    for k, frame in enumerate(frames):
        if k:
            out[k] = out[k - 1]
        if frame.colours is None:
            raise _damaged(data, f"missing color map for frame {k}")
        part = out[k, frame.top:frame.top + frame.height, frame.left:frame.left + frame.width]
        if not k and part.shape != out[k].shape:
            raise _damaged(data, "the first frame does not fill the canvas")
        places = frame.places[:part.shape[0], :part.shape[1]]
        if places.size and places.max() >= len(frame.colours):
            raise _damaged(data, f"found color index {places.max()} outside of color map range {len(frame.colours)}")
        part[...] = frame.colours[places]
    return out


def _damaged(data: bytes, why: str) -> InvalidArgument:
    return InvalidArgument(f"Invalid GIF data (size {len(data)}), {why}")


def _bounded(size: int, limit: int | None) -> None:
    if limit is not None and size > limit:
        raise InvalidArgument(f"the pictures take {size} bytes; the limit is {limit}")


def _frames(data: bytes, limit: int | None) -> list[Frame]:
    _, _, flags, _, _ = struct.unpack_from("<HHBBB", data, 6)
    shared, at = _colours(data, 13, flags)
    frames: list[Frame] = []
    taken = 0
    while (kind := data[at]) != 0x3b:
        if kind == 0x21:
            at = _after(data, at + 2)
        elif kind == 0x2c:
            left, top, width, height, flags = struct.unpack_from("<HHHHB", data, at + 1)
            colours, at = _colours(data, at + 10, flags)
            end = _after(data, at + 1)
            taken += width * height
            _bounded(taken, limit)
            image = pillow().frombytes("L", (width, height), data[at + 1:end], "gif", data[at], (flags >> 6) & 1)
            frames.append(Frame(left, top, width, height, shared if colours is None else colours,
                                np.asarray(image)))
            at = end
        else:
            raise ValueError("no block begins so")
    return frames


def _colours(data: bytes, at: int, flags: int) -> tuple[Any, int]:
    """The colours of which the flags tell, and what comes after them."""
    if not flags & 0x80:
        return None, at
    end = at + 3 * (2 << (flags & 7))
    return np.frombuffer(data[at:end], np.uint8).reshape(-1, 3), end


def _after(data: bytes, at: int) -> int:
    """The end of pieces, each after its length, the last of them empty."""
    while size := data[at]:
        at += 1 + size
    return at + 1
