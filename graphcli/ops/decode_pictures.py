"""Pictures in strings (tf.image.decode_png, tf.image.decode_image)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DataLoss, InvalidArgument, Unimplemented
from ..graph.opdef import op, undefined_gradient
from ..wire.png import SIGNATURE
from ..wire.png_read import read

CPU_ONLY = True
_CHANNELS = (0, 1, 3, 4)
RED, GREEN, BLUE = 9798, 19235, 3735
"""Of 32768: what colours give to gray."""


def _gray(colours: Any) -> Any:
    wide = colours.astype(np.int64)
    half = 16384 if colours.dtype == np.uint16 else 0
    gray = (wide[..., 0] * RED + wide[..., 1] * GREEN + wide[..., 2] * BLUE + half) >> 15
    same = (colours[..., 0] == colours[..., 1]) & (colours[..., 1] == colours[..., 2])
    return np.where(same, wide[..., 0], gray).astype(colours.dtype)[..., None]


def shown(pixels: Any, channels: int) -> Any:
    """Pixels with so many channels, 0 for their own."""
    have = pixels.shape[-1]
    if not channels or channels == have:
        return pixels
    most = np.iinfo(pixels.dtype).max
    alpha = pixels[..., -1:] if have in (2, 4) else np.full((*pixels.shape[:-1], 1), most, pixels.dtype)
    colours = pixels[..., :1] if have < 3 else pixels[..., :3]
    if channels == 1:
        return colours if have < 3 else _gray(colours)
    colours = np.repeat(colours, 3, axis=-1) if have < 3 else colours
    return colours if channels == 3 else np.concatenate([colours, alpha], axis=-1)


def _decoded(n: Any, contents: Any) -> Any:
    """The pixels of a picture, uint8 or uint16, with as many channels as are wanted."""
    data, channels = np.asarray(contents, object).item(), n.attrs["channels"]
    if channels not in _CHANNELS:
        raise InvalidArgument(f"channels must be 0, 1, 3 or 4, not {channels}")
    if not data.startswith(SIGNATURE):
        raise Unimplemented("of pictures PNG is read here, and these bytes are no PNG",
                            hint="tf.py_func calls a function of bytes that decodes others")
    try:
        picture = read(data, getattr(n.state, "max_bytes", None))
    except DataLoss as error:
        raise InvalidArgument(error.message) from error
    # the colour that is clear counts only where alpha is wanted
    return shown(picture.pixels, channels or picture.channels)


def _as(pixels: Any, dtype: str) -> Any:
    if dtype == "uint16":
        return pixels if pixels.dtype == np.uint16 else pixels.astype(np.uint16) * 257
    small = (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels
    return small if dtype == "uint8" else small.astype(np.float32) / np.float32(255)


def _kernel(n: Any) -> Any:
    dtype = n.out().name
    return lambda contents: np.ascontiguousarray(_as(_decoded(n, contents), dtype))


@op
class DecodePng:
    """The picture in the bytes of a PNG file, [height, width, channels] (tf.image.decode_png)."""

    signature = "contents: string -> image: dtype"
    takes = "contents: []"
    attrs = "channels: int = 0; dtype: {uint8, uint16} = uint8"
    kernel, gradient = _kernel, undefined_gradient

    def infer(n: Any, contents: Any) -> Any:
        return (None, None, n.attrs["channels"] or None)


@op
class DecodeImage:
    """The picture in the bytes of a file, which is a PNG here (tf.image.decode_image)."""

    signature = "contents: string -> image: dtype"
    takes = "contents: []"
    attrs = "channels: int = 0; dtype: {uint8, uint16, float32} = uint8; expand_animations: bool = True"
    kernel, gradient = _kernel, undefined_gradient

    def infer(n: Any, contents: Any) -> Any:
        return None if n.attrs["expand_animations"] else (None, None, n.attrs["channels"] or None)
