"""Parts and sizes of JPEG pictures in strings (tf.image.decode_and_crop_jpeg, tf.image.extract_jpeg_shape)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DataLoss, InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from ._jpeg import JPEG, decoded, header, of_jpeg
from .decode_pictures import limit_of, recovers

CPU_ONLY = True


@op
class DecodeAndCropJpeg:
    """A window [line, column, lines, columns] of the picture in a JPEG file (tf.image.decode_and_crop_jpeg). Pillow is
    needed."""

    signature = "contents: string, crop_window: int32 -> image: uint8"
    takes = "contents: []; crop_window: [?] built"
    attrs = JPEG
    gradient = undefined_gradient

    def infer(n: Any, contents: Any, window: Any) -> Any:
        channels = n.attrs["channels"]
        if channels < 0:
            n.fail(f"channels must be non-negative, got {channels}")
        if n.built and window is not None and window[0] not in (None, 4):
            n.fail(f"crop_window is [line, column, lines, columns], not of the shape {show(window)}")
        value = n.value(1)
        lines, columns = (None, None) if value is None else (int(v) for v in value[2:])
        return (lines, columns, channels or None)

    def kernel(n: Any) -> Any:
        of_jpeg(n)
        attrs = n.attrs

        def cropped(contents: Any, window: Any) -> Any:
            if np.shape(window) != (4,):
                said = "have four elements" if np.ndim(window) == 1 else "be 1-D"
                raise InvalidArgument(f"crop_window must {said}, got shape {show(np.shape(window))}")
            if attrs["channels"] not in (0, 1, 3):
                raise InvalidArgument(f"channels must be 0, 1, or 3 for JPEG, got {attrs['channels']}")
            data, (y, x, lines, columns) = np.asarray(contents, object).item(), (int(w) for w in window)
            return np.ascontiguousarray(decoded(
                data, attrs["channels"], attrs["ratio"], attrs["fancy_upscaling"],
                attrs["dct_method"] == "INTEGER_ACCURATE", recovers(attrs), (y, x, lines, columns), limit_of(n)))

        return cropped


@op
class ExtractJpegShape:
    """[height, width, channels] of the picture in a JPEG file (tf.image.extract_jpeg_shape)."""

    signature = "contents: string -> image_shape: output_type"
    takes = "contents: []"
    attrs = "output_type: {int32, int64} = int32"
    gradient = undefined_gradient

    def infer(n: Any, contents: Any) -> Any:
        return (3,)

    def kernel(n: Any) -> Any:
        def sizes(contents: Any) -> Any:
            data = np.asarray(contents, object).item()
            try:
                head = header(data)
            except DataLoss as error:
                raise InvalidArgument(f"Invalid JPEG data, size {len(data)}") from error
            return np.array([head.height, head.width, len(head.parts)], n.out().as_numpy_dtype)

        return sizes
