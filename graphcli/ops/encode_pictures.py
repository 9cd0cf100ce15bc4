"""Pictures into strings (tf.image.encode_png)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from ..wire.png import COLOUR, encode

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
            lines = np.ascontiguousarray(pixels, ">u2" if deep else np.uint8).view(np.uint8)
            pieces = encode(pixels.shape, lambda start, stop: lines[start:stop], 16 if deep else 8, level)
            out = np.empty((), object)
            out[()] = b"".join(pieces)
            return out

        return encoded
