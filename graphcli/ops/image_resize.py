"""Images in other sizes, and the gradients."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show
from ._gradients import kept
from ._resampling import Taps, at_a_time, both, by_blocks, in_turn, lines_of, scale, scratch

FLAGS = "align_corners: bool = False; half_pixel_centers: bool = False"
KEPT = ("align_corners", "half_pixel_centers")
REAL = "T: {int8, uint8, int16, uint16, int32, int64, bfloat16, float16, float32, float64}; "


def _resized(n: Any, images: Any, size: Any) -> Any:
    images = n.with_rank(images, 4, "images")
    many = n.with_rank(size, 1, "size")[0]
    if many not in (None, 2):
        n.fail(f"size is [height, width], not of {many} elements")
    return (images[0], *asked(n, 1), images[3])


def asked(n: Any, index: int) -> tuple[int | None, int | None]:
    """(height, width) that an input asks for, where it is known while the graph is built and not -1."""
    value = n.value(index)
    if value is not None and value.min() < -1:
        n.fail(f"a height and a width are at least 0, or -1 for what is not known, not {value.tolist()}")
    height, width = (None, None) if value is None else (None if v == -1 else int(v) for v in value)
    return height, width


def _scale(have: int, want: int, corners: bool) -> float:
    return (have - 1) / (want - 1) if corners and want > 1 else have / want


def _sizes(images: Any, size: Any) -> tuple[int, int]:
    height, width = (int(s) for s in size)
    if images.ndim != 4 or 0 in images.shape[1:]:
        raise RunError(f"images must be 4-dimensional and not empty, not {show(images.shape)}")
    if height <= 0 or width <= 0:
        raise RunError("output dimensions must be positive")
    return height, width


def _linear(have: int, want: int, corners: bool, centers: bool) -> tuple[Any, Any, Any]:
    """Between which two input lines each output line lies, and how far on the way to the second."""
    scale = np.float32(_scale(have, want, corners))
    at = np.arange(want, dtype=np.float32)
    at = (at + np.float32(0.5)) * scale - np.float32(0.5) if centers else at * scale
    low = np.floor(at)
    first = np.clip(low, 0, have - 1).astype(int)
    second = np.clip(np.ceil(at) if centers else low + 1, 0, have - 1).astype(int)
    return first, second, at - low


def _taps(have: int, want: int, corners: bool, centers: bool) -> Taps:
    """The same as how much is taken of which line."""
    first, second, part = _linear(have, want, corners, centers)
    return Taps(np.stack([first, second], 1), np.stack([1 - part, part], 1))


def _nearest(have: int, want: int, corners: bool, centers: bool) -> Any:
    """The input line that each output line shows."""
    scale = np.float32(_scale(have, want, corners))
    at = np.arange(want, dtype=np.float32)
    at = (at + np.float32(0.5)) * scale if centers else at * scale
    # to the nearest with corners aligned, half away from 0 as C's roundf
    return np.clip(np.floor(at + np.float32(0.5)) if corners else np.floor(at), 0, have - 1).astype(int)


def _between(xp: Any, x: Any, axis: int, first: Any, second: Any, part: Any) -> Any:
    """On the way from some lines to others, as TensorFlow rounds it."""
    start, way = xp.take(x, xp.asarray(first), axis=axis), xp.take(x, xp.asarray(second), axis=axis)
    if xp is not np:
        return start + (way - start) * xp.asarray(part.reshape(-1, *(1,) * (x.ndim - axis - 1)))
    way -= start
    scale(way, axis, part)
    way += start
    return way


def _flags(n: Any) -> tuple[bool, bool]:
    corners, centers = n.attrs["align_corners"], n.attrs["half_pixel_centers"]
    if corners and centers:
        raise RunError("If half_pixel_centers is True, align_corners must be False.")
    return corners, centers


@op
class ResizeBilinear:
    """Images in another size, linear between pixels (tf.image.resize_bilinear)."""

    signature = "images: T, size: int32 -> resized_images: float32"
    host_memory = "size"
    attrs = REAL + FLAGS
    infer = _resized

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def resize(images: Any, size: Any) -> Any:
            height, width = _sizes(images, size)
            above, below, down = _linear(images.shape[1], height, *flags)
            left, right, over = _linear(images.shape[2], width, *flags)

            def piece(x: Any, lines: slice) -> Any:
                # each line once, though several are made of it
                used, places = np.unique(np.concatenate([above[lines], below[lines]]), return_inverse=True)
                wide = _between(xp, lines_of(xp, x, used).astype(xp.float32, copy=False), 2,
                                left, right, over)
                many = len(places) // 2
                return _between(xp, wide, 1, places[:many], places[many:], down[lines])

            return by_blocks(n, piece, images, height, width, xp.float32)

        return resize

    def scratch(n: Any) -> Any:
        x, out = n.shapes[0], n.outs[0]
        images, lines = at_a_time(n, x, out)
        used = min(x[1], 2 * lines, -(-lines * x[1] // max(1, out[1])) + 1)
        gaps, cast = x[1] > 2 * out[1], n.width() != 4
        copied = x[2] if gaps or cast else 0
        return int(4 * images * x[3] * max(used * (gaps * cast * n.width() / 4 + cast) * x[2],
                                           used * (copied + 2 * out[2]), (used + 2 * lines) * out[2]))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        if not op.inputs[0].dtype.is_floating:
            return [None, None]
        return [tf.apply_op("ResizeBilinearGrad", None, [grad, op.inputs[0]], kept(op, KEPT)), None]


@op
class ResizeBilinearGrad:
    """The gradient of ResizeBilinear for its images."""

    signature = "grads: float32, original_image: T -> output: T"
    attrs = "T: {float32, bfloat16, float16, float64}; " + FLAGS
    gradient = no_gradient

    def infer(n: Any, grads: Any, images: Any) -> Any:
        return images if images is None or n.built else n.with_rank(images, 4, "original_image")

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def back(grads: Any, images: Any) -> Any:
            height, width = images.shape[1:3]
            rows = _taps(height, grads.shape[1], *flags).turned(height)
            columns = _taps(width, grads.shape[2], *flags).turned(width)
            return by_blocks(n, lambda x, lines: both(xp, x, rows.of(lines), columns, xp.float32), grads, height, width,
                             images.dtype)

        return back

    def scratch(n: Any) -> Any:
        return 4 * scratch(n, n.shapes[0], n.outs[0], 3)


@op
class ResizeNearestNeighbor:
    """Images in another size, each pixel one of theirs (tf.image.resize_nearest_neighbor)."""

    signature = "images: T, size: int32 -> resized_images: T"
    host_memory = "size"
    attrs = REAL + FLAGS
    infer = _resized

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def resize(images: Any, size: Any) -> Any:
            height, width = _sizes(images, size)
            rows = _nearest(images.shape[1], height, *flags)
            columns = xp.asarray(_nearest(images.shape[2], width, *flags))
            return by_blocks(n, lambda x, lines: xp.take(xp.take(x, xp.asarray(rows[lines]), axis=1), columns, axis=2),
                             images, height, width, images.dtype)

        return resize

    def scratch(n: Any) -> Any:
        return n.width() * scratch(n, n.shapes[0], n.outs[0], 2)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        size = (None,) if x.static is None else x.static[1:3]
        size = tf.shape(x)[1:3] if None in size else np.array(size, np.int32)
        return [tf.apply_op("ResizeNearestNeighborGrad", None, [grad, size], kept(op, KEPT)), None]


@op
class ResizeNearestNeighborGrad:
    """The gradient of ResizeNearestNeighbor for its images."""

    signature = "grads: T, size: int32 -> output: T"
    host_memory = "size"
    attrs = "T: {uint8, int8, int32, float16, float32, float64, bfloat16}; " + FLAGS
    infer = _resized
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def back(grads: Any, size: Any) -> Any:
            height, width = (int(s) for s in size)
            if not grads.size:
                return xp.zeros((len(grads), height, width, grads.shape[3]), grads.dtype)
            shown = [_nearest(have, want, *flags)[:, None] for have, want in
                     ((height, grads.shape[1]), (width, grads.shape[2]))]
            rows, columns = (Taps(i, np.ones(i.shape, np.int8)).turned(have) for i, have in zip(shown, (height, width)))
            return by_blocks(n, lambda x, lines: in_turn(xp, x, rows.of(lines), columns), grads, height, width,
                             grads.dtype)

        return back

    def scratch(n: Any) -> Any:
        return n.width() * scratch(n, n.shapes[0], n.outs[0], 4)
