"""Pictures into strings (tf.image.encode_png, tf.image.encode_jpeg)."""
from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from ..wire.encode import joined
from ..wire.png import COLOUR, encode
from ._jpeg import pillow

CPU_ONLY = True


@op
class EncodePng:
    """The bytes of a PNG file of a picture [height, width, 1 to 4 channels] (tf.image.encode_png).

    They are other bytes than TensorFlow's, of the same pixels. compression: 0 to 9, -1 for what is usual.
    """

    signature = "image: T -> contents: string"
    takes = "image: [?, ?, ?]"
    attrs = "compression: int = -1; T: {uint8, uint16} = uint8"
    gradient = undefined_gradient

    def infer(n: Any, image: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        level = n.attrs["compression"]

        def encoded(image: Any) -> Any:
            pixels = np.asarray(image)
            if pixels.shape[2] not in COLOUR:
                raise InvalidArgument(f"image must have 1, 2, 3, or 4 channels, got {pixels.shape[2]}")
            if not pixels.size:
                raise InvalidArgument(f"a picture has rows and columns, not the shape {show(pixels.shape)}")
            if not -1 <= level <= 9:
                raise InvalidArgument(f"compression should be in [-1,9], got {level}")
            deep = pixels.dtype == np.uint16

            def lines(start: int, stop: int) -> Any:
                return np.ascontiguousarray(pixels[start:stop], ">u2" if deep else np.uint8).view(np.uint8)

            return _text(joined(encode(pixels.shape, lines, 16 if deep else 8, level)))

        return encoded


_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_DENSITY = 13
"""Where in a file its density stands, after the marker and the length, "JFIF", 0 and the version, ..."""
_AFTER = 20
"""... and where that piece ends."""


def _jpeg(pixels: Any, kind: str, quality: int, **how: Any) -> Any:
    """The bytes of a JPEG file, those of TensorFlow."""
    if pixels.ndim != 3:
        raise InvalidArgument(f"image must be 3-dimensional{show(pixels.shape)}")
    channels, wanted = pixels.shape[2], {"grayscale": 1, "rgb": 3}.get(kind)
    if wanted and channels != wanted:
        raise InvalidArgument(f"format {kind} expects {wanted} channels, got {show(pixels.shape)}")
    if channels not in (1, 3):
        raise InvalidArgument(f"image must have 1 or 3 channels, got {show(pixels.shape)}")
    if not pixels.size:
        raise InvalidArgument("JPEG encoding failed")
    file = io.BytesIO()
    image = pillow().fromarray(np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels))
    image.save(file, "JPEG", quality=min(max(quality, 1), 100), **how)
    return file.getvalue()


def _text(data: bytes) -> Any:
    out = np.empty((), object)
    out[()] = data
    return out


@op
class EncodeJpeg:
    """The bytes of a JPEG file of a picture [height, width, 1 or 3 channels] (tf.image.encode_jpeg). Pillow is
    needed."""

    signature = "image: uint8 -> contents: string"
    takes = "image: [?, ?, ?]"
    attrs = ("format: {'', 'grayscale', 'rgb'} = ''; quality: int = 95; progressive: bool = False; "
             "optimize_size: bool = False; chroma_downsampling: bool = True; density_unit: {'in', 'cm'} = 'in'; "
             "x_density: int = 300; y_density: int = 300; xmp_metadata: string = ''")
    gradient = undefined_gradient

    def infer(n: Any, image: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        attrs = n.attrs
        quality, told = attrs["quality"], attrs["xmp_metadata"]
        if not 0 <= quality <= 100:
            raise InvalidArgument(f"quality must be in [0,100], got {quality}")
        told = told.encode() if isinstance(told, str) else told
        density = struct.pack(">BHH", 1 if attrs["density_unit"] == "in" else 2, attrs["x_density"] & 0xffff,
                              attrs["y_density"] & 0xffff)
        piece = b"\xff\xe1" + struct.pack(">H", 2 + len(_XMP) + len(told)) + _XMP + told if told else b""

        def encoded(image: Any) -> Any:
            pixels = np.asarray(image)
            small = attrs["chroma_downsampling"] and pixels.shape[-1] == 3
            data = _jpeg(pixels, attrs["format"], quality, progressive=attrs["progressive"],
                         optimize=attrs["optimize_size"], subsampling="4:2:0" if small else "4:4:4")
            return _text(data[:_DENSITY] + density + data[_DENSITY + len(density):_AFTER] + piece + data[_AFTER:])

        return encoded


@op
class EncodeJpegVariableQuality:
    """The bytes of a JPEG file of a picture, in a quality that comes with a step. Pillow is needed."""

    signature = "images: uint8, quality: int32 -> contents: string"
    takes = "images: [?, ?, ?]; quality: []"
    gradient = undefined_gradient

    def infer(n: Any, images: Any, quality: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        def encoded(images: Any, quality: Any) -> Any:
            pixels = np.asarray(images)
            data = _jpeg(pixels, "", int(quality), subsampling="4:2:0" if pixels.shape[-1] == 3 else "4:4:4")
            return _text(data[:_DENSITY] + struct.pack(">BHH", 1, 300, 300) + data[_DENSITY + 5:])

        return encoded
