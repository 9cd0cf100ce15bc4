"""Quantized images in other sizes."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ._quanta import PIECE, one
from .image_resize import FLAGS, ResizeBilinear, _flags, _linear, _resized, _sizes

CPU_ONLY = True
BITS = {"uint8": 7, "int32": 30}
"""Bits behind the point in which TensorFlow's kernels take shares of whole numbers."""


def _shared(image: Any, rows: Any, columns: Any, bits: int) -> Any:
    """Whole numbers linear between lines and columns, cut off towards 0 as C divides."""
    (above, below, down), (left, right, over) = rows, columns
    whole, kind = 1 << bits, np.int64 if bits > 7 else np.int32
    down, over = ((np.float32(whole) * part).astype(kind) for part in (down, over))
    wide = image.astype(kind)
    first = wide[:, left]
    wide = wide[:, right]
    wide -= first
    wide *= over[:, None]
    first *= whole
    wide += first
    del first
    made, top = wide[below], wide[above]
    made -= top
    _shifted(made, bits)
    made *= down[:, None, None]
    made += top
    made += whole // 2
    _shifted(made, bits)
    return made


def _shifted(x: Any, bits: int) -> None:
    """Whole numbers without so many bits, cut off towards 0."""
    more = x >> (8 * x.itemsize - 1)
    more &= (1 << bits) - 1
    x += more
    x >>= bits


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
        flags, lines = _flags(n), ResizeBilinear.kernel(n)

        def resize(images: Any, size: Any, low: Any, high: Any) -> Any:
            low, high = one(low), one(high)
            height, width = _sizes(images, size)
            rows, columns = _linear(images.shape[1], height, *flags), _linear(images.shape[2], width, *flags)
            if images.dtype == np.float32:
                return lines(images, size), low, high
            if images.dtype.name not in BITS:
                raise InvalidArgument(f"images of {images.dtype.name} are not resized")
            out = np.empty((len(images), height, width, images.shape[3]), images.dtype)

            many = _lines(width, images.shape[3])

            parts = -(-height // many)

            def some(k: int) -> None:
                i, start = k // parts, k % parts * many
                above, below, down = (part[start:start + many] for part in rows)
                first = min(above.min(), below.min())
                seen = images[i, first:max(above.max(), below.max()) + 1]
                out[i, start:start + many] = _shared(seen, (above - first, below - first, down), columns,
                                                     BITS[images.dtype.name])

            n.each(len(images) * parts, some)
            return out, low, high

        return resize

    def scratch(n: Any) -> Any:
        x, out = n.shapes[0], n.outs[0]
        if n.attrs["T"].name == "float32":
            return ResizeBilinear.scratch(n)
        lines = min(out[1], _lines(out[2], x[3]))
        seen = min(x[1], lines * x[1] // max(1, out[1]) + 2)
        width = 8 if n.attrs["T"].name == "qint32" else 4
        return int(width * min(n.threads, x[0] * -(-out[1] // max(1, lines))) * x[3] * max(
            seen * (x[2] + 2 * out[2]), seen * out[2] + 3 * lines * out[2]))
