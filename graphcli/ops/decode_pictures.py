"""Pictures in strings (tf.image.decode_png, decode_jpeg, decode_gif, decode_bmp).

As TensorFlow's, the ops of PNG, JPEG and GIF look at how the bytes begin and read each other's files.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DataLoss, InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..wire.png import SIGNATURE as PNG
from ..wire.png_read import read
from . import _gif as _gifs
from . import _jpeg as _jpegs
from ._bmp import bmp
from ._jpeg import JPEG, of_jpeg

CPU_ONLY = True
_CHANNELS = (0, 1, 3, 4)
RED, GREEN, BLUE = 9797, 19234, 3737
"""Of 32768: what colours give to gray, as libpng cuts 0.299 and 0.587 off."""


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


def _png(n: Any, data: bytes) -> Any:
    channels = n.attrs["channels"]
    if channels not in _CHANNELS:
        raise InvalidArgument(f"channels must be 0, 1, 3, or 4 for PNG, got {channels}")
    try:
        picture = read(data, limit_of(n))
    except DataLoss as error:
        raise InvalidArgument(error.message) from error
    # the colour that is clear counts only where alpha is wanted
    return shown(picture.pixels, channels or picture.channels)


def _jpeg(n: Any, data: bytes) -> Any:
    channels, attrs = n.attrs["channels"], n.attrs
    if channels not in (0, 1, 3):
        raise InvalidArgument(f"channels must be 0, 1, or 3 for JPEG, got {channels}")
    return _jpegs.decoded(data, channels, attrs.get("ratio", 1), attrs.get("fancy_upscaling", True),
                          attrs.get("dct_method") == "INTEGER_ACCURATE", recovers(attrs), limit=limit_of(n))


def _gif(n: Any, data: bytes) -> Any:
    channels = n.attrs.get("channels", 0)
    if channels not in (0, 3):
        raise InvalidArgument(f"channels must be 0 or 3 for GIF, got {channels}")
    return _gifs.decoded(data, limit_of(n))


_FORMATS = {"PNG": (PNG, _png), "JPEG": (_jpegs.SIGNATURE, _jpeg), "GIF": (_gifs.SIGNATURE, _gif)}


def recovers(attrs: Any) -> bool:
    """Whether a JPEG that is cut short would do."""
    return bool(attrs.get("try_recover_truncated", False) or attrs.get("acceptable_fraction", 1.0) < 1)


def limit_of(n: Any) -> int | None:
    """The bytes that a step's pictures may take."""
    return getattr(n.state, "max_bytes", None)


def _decoded(n: Any, contents: Any) -> tuple[str, Any]:
    """The format of a picture and its pixels, uint8 or uint16, with as many channels as are wanted."""
    data = np.asarray(contents, object).item()
    kind = next((k for k, (sign, _) in _FORMATS.items() if data.startswith(sign)), None)
    if kind is None:
        start = f"unknown format starting with '{_escaped(data[:16])}'" if data else "empty file"
        raise InvalidArgument(f"Expected image (JPEG, PNG, or GIF), got {start}")
    if kind != "PNG" and n.out().name == "uint16":
        raise InvalidArgument(f"{kind} does not support uint16 output")
    return kind, _FORMATS[kind][1](n, data)


def _escaped(data: bytes) -> str:
    """Bytes as C writes them."""
    names = {10: "\\n", 13: "\\r", 9: "\\t", 34: '\\"', 39: "\\'", 92: "\\\\"}
    return "".join(names.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in data)


def _one(n: Any, contents: Any) -> Any:
    """The picture in a file that has a single one."""
    kind, pixels = _decoded(n, contents)
    if kind != "GIF":
        return pixels
    if len(pixels) > 1:
        raise InvalidArgument(f"Got {len(pixels)} frames, but animated gifs can only be decoded by tf.image.decode_gif "
                              "or tf.image.decode_image")
    return pixels[0]


def _as(pixels: Any, dtype: str) -> Any:
    if dtype == "uint16":
        return pixels if pixels.dtype == np.uint16 else pixels.astype(np.uint16) * 257
    small = (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels
    return small if dtype == "uint8" else small.astype(np.float32) / np.float32(255)


def _kernel(n: Any) -> Any:
    dtype = n.out().name
    return lambda contents: np.ascontiguousarray(_as(_one(n, contents), dtype))


def _inferred(n: Any, *given: Any) -> Any:
    channels = n.attrs["channels"]
    if channels < 0:
        n.fail(f"channels must be non-negative, got {channels}")
    return (None, None, channels or None)


@op
class DecodePng:
    """The picture in the bytes of a PNG file, [height, width, channels] (tf.image.decode_png); a JPEG and a GIF of one
    picture are read too."""

    signature = "contents: string -> image: dtype"
    takes = "contents: []"
    attrs = "channels: int = 0; dtype: {uint8, uint16} = uint8"
    infer, kernel, gradient = _inferred, _kernel, undefined_gradient


@op
class DecodeJpeg:
    """The picture in the bytes of a JPEG file, [height, width, channels] (tf.image.decode_jpeg), smaller by ratio; a
    PNG and a GIF of one picture are read too. Pillow is needed."""

    signature = "contents: string -> image: uint8"
    takes = "contents: []"
    attrs = JPEG
    infer, gradient = _inferred, undefined_gradient

    def kernel(n: Any) -> Any:
        of_jpeg(n)
        return _kernel(n)


@op
class DecodeGif:
    """The pictures in the bytes of a GIF file, [frames, height, width, 3] (tf.image.decode_gif); of a PNG or JPEG file
    one. Pillow is needed."""

    signature = "contents: string -> image: uint8"
    takes = "contents: []"
    gradient = undefined_gradient

    def infer(n: Any, contents: Any) -> Any:
        return (None, None, None, 3)

    def kernel(n: Any) -> Any:
        n.attrs["channels"] = 3

        def decoded(contents: Any) -> Any:
            kind, pixels = _decoded(n, contents)
            return _as(pixels if kind == "GIF" else pixels[None], "uint8")

        return decoded


@op
class DecodeBmp:
    """The picture in the bytes of a BMP file, [height, width, channels] (tf.image.decode_bmp)."""

    signature = "contents: string -> image: uint8"
    takes = "contents: []"
    attrs = "channels: int = 0"
    infer, gradient = _inferred, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda contents: bmp(np.asarray(contents, object).item(), n.attrs["channels"], limit_of(n))


@op
class DecodeImage:
    """The picture in the bytes of a PNG, JPEG, GIF or BMP file (tf.io.decode_image of TensorFlow 2)."""

    signature = "contents: string -> image: dtype"
    takes = "contents: []"
    attrs = "channels: int = 0; dtype: {uint8, uint16, float32} = uint8; expand_animations: bool = True"
    gradient = undefined_gradient

    def infer(n: Any, contents: Any) -> Any:
        return None if n.attrs["expand_animations"] else (None, None, n.attrs["channels"] or None)

    def kernel(n: Any) -> Any:
        dtype, whole = n.out().name, n.attrs["expand_animations"]

        def decoded(contents: Any) -> Any:
            data = np.asarray(contents, object).item()
            if data.startswith(b"BM"):
                kind, pixels = "BMP", bmp(data, n.attrs["channels"], limit_of(n))
            else:
                kind, pixels = _decoded(n, contents)
            return np.ascontiguousarray(_as(pixels if whole or kind != "GIF" else pixels[0], dtype))

        return decoded
