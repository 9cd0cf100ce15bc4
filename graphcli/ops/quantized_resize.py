"""Quantized images in other sizes."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ._quanta import PIECE, one
from .image_resize import FLAGS, _between, _flags, _linear, _resized, _sizes

CPU_ONLY = True
BITS = {"uint8": 7, "int32": 30}
"""Bits behind the point in which TensorFlow's kernels take shares of whole numbers."""


def _shared(image: Any, rows: Any, columns: Any, bits: int) -> Any:
    """Whole numbers linear between lines and columns, cut off towards 0 as C divides."""
    (above, below, down), (left, right, over) = rows, columns
    whole = 1 << bits
    down, over = ((np.float32(whole) * part).astype(np.int64) for part in (down, over))
    wide = image.astype(np.int64)
    first = wide[:, left]
    wide = first * whole + (wide[:, right] - first) * over[:, None]
    top, between = wide[above], wide[below] - wide[above]
    made = top + np.sign(between) * (abs(between) >> bits) * down[:, None, None] + whole // 2
    return (np.sign(made) * (abs(made) >> bits)).astype(image.dtype)


def _lines(width: int, channels: int) -> int:
    """Lines that are made at a time."""
    return max(1, PIECE // 4 // max(1, width * channels))


@op
class QuantizedResizeBilinear:
    """Quantized images in another size, linear between pixels.

    Of qint32 the last few bits are not TensorFlow's, which go by way of numbers of single precision.
    """

    signature = ("images: T, size: int32, min: float32, max: float32 -> resized_images: T, out_min: float32, "
                 "out_max: float32")
    takes = "min: []; max: []"
    attrs = "T: {quint8, qint32, float32}; " + FLAGS
    gradient = undefined_gradient

    def infer(n: Any, images: Any, size: Any, low: Any, high: Any) -> Any:
        return [_resized(n, images, size), (), ()]

    def kernel(n: Any) -> Any:
        flags = _flags(n)

        def resize(images: Any, size: Any, low: Any, high: Any) -> Any:
            low, high = one(low), one(high)
            height, width = _sizes(images, size)
            rows, columns = _linear(images.shape[1], height, *flags), _linear(images.shape[2], width, *flags)
            if images.dtype == np.float32:
                wide = _between(np, images, 2, *columns)
                return _between(np, wide, 1, *rows), low, high
            if images.dtype.name not in BITS:
                raise InvalidArgument(f"images of {images.dtype.name} are not resized")
            out = np.empty((len(images), height, width, images.shape[3]), images.dtype)

            many = _lines(width, images.shape[3])

            def image(i: int) -> None:
                for start in range(0, height, many):
                    above, below, down = (part[start:start + many] for part in rows)
                    first = min(above.min(), below.min())
                    seen = images[i, first:max(above.max(), below.max()) + 1]
                    out[i, start:start + many] = _shared(seen, (above - first, below - first, down), columns,
                                                         BITS[images.dtype.name])

            n.each(len(images), image)
            return out, low, high

        return resize

    def scratch(n: Any) -> Any:
        x, out = n.shapes[0], n.outs[0]
        lines = min(out[1], _lines(out[2], x[3]))
        seen = min(x[1], lines * x[1] // max(1, out[1]) + 2)
        return int(8 * min(n.threads, x[0]) * x[3] * (seen * (x[2] + 3 * out[2]) + 6 * lines * out[2]))
