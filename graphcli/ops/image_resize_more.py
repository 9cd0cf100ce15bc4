"""Images in other sizes by cubic curves and by areas."""
from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ..graph.opdef import op, undefined_gradient
from ._gradients import kept
from ._resampling import Taps, both, by_blocks, scratch
from .image_resize import FLAGS, KEPT, REAL, _flags, _resized, _scale, _sizes

_STEPS = 1024
"""Places between two pixels for which TensorFlow has the curve's weights."""


@cache
def _curve(sharp: bool) -> Any:
    """[_STEPS + 1, 2]: weights of the nearer and the farther pixel by their distance."""
    a = np.float32(-0.5 if sharp else -0.75)
    x = (np.arange(_STEPS + 1) / _STEPS).astype(np.float32)
    y = x + np.float32(1)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * y - 5 * a) * y + 8 * a) * y - 4 * a
    return np.stack([near, far], axis=1).astype(np.float32)


def _cubic(have: int, want: int, corners: bool, centers: bool) -> Taps:
    """How much of which input line each output line takes."""
    scale = np.float32(_scale(have, want, corners))
    at = np.arange(want, dtype=np.float32)
    at = (at + np.float32(0.5)) * scale - np.float32(0.5) if centers else at * scale
    low = np.floor(at)
    place = np.rint((at - low) * np.float32(_STEPS)).astype(int)
    curve = _curve(centers)
    weights = np.stack([curve[place, 1], curve[place, 0], curve[_STEPS - place, 0], curve[_STEPS - place, 1]], axis=1)
    lines = low.astype(int)[:, None] + np.arange(-1, 3)
    inside = np.clip(lines, 0, have - 1)
    if centers:
        # beyond the edge nothing is taken, where the older form repeats the edge
        weights = np.where(inside == lines, weights, np.float32(0))
        total = weights.sum(1, keepdims=True, dtype=np.float32)
        weights = weights / np.where(np.abs(total) < 1000 * np.finfo(np.float32).tiny, np.float32(1), total)
    return Taps(inside, weights.astype(np.float32))


def _areas(have: int, want: int, corners: bool) -> Taps:
    """Which part of which input line each output line covers."""
    scale = np.float32(_scale(have, want, corners))
    if not scale:
        # one line, with corners aligned
        return Taps(np.zeros((want, 1), int), np.ones((want, 1), np.float32))
    first, last = np.arange(want, dtype=np.float32) * scale, np.arange(1, want + 1, dtype=np.float32) * scale
    low, high = np.floor(first).astype(int), np.ceil(last).astype(int)
    many = high - low
    lines = low[:, None] + np.arange(many.max(initial=1))
    parts = np.minimum((lines + 1).astype(np.float32), last[:, None]) - np.maximum(
        lines.astype(np.float32), first[:, None])
    return Taps(np.clip(lines, 0, have - 1), parts / scale, None if many.min(initial=9) == lines.shape[1] else many)


def _scratch(n: Any) -> int:
    """Lines of the new height and the old width, one that is added, and what is made of them."""
    return int(n.out_width() * scratch(n, n.shapes[0], n.outs[0], 3))


@op
class ResizeBicubic:
    """Images in another size, along cubic curves through the pixels (tf.image.resize_bicubic)."""

    signature = "images: T, size: int32 -> resized_images: float32"
    host_memory = "size"
    attrs = REAL + FLAGS
    infer = _resized
    scratch = _scratch

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def resize(images: Any, size: Any) -> Any:
            height, width = _sizes(images, size)
            rows, columns = _cubic(images.shape[1], height, *flags), _cubic(images.shape[2], width, *flags)
            return by_blocks(n, lambda x, lines: both(xp, x, rows.of(lines), columns, xp.float32), images,
                             height, width, xp.float32)

        return resize

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        if op.inputs[0].dtype.base_dtype.name not in ("float32", "float64"):
            return [None, None]
        return [tf.apply_op("ResizeBicubicGrad", None, [grad, op.inputs[0]], kept(op, KEPT)), None]


@op
class ResizeBicubicGrad:
    """The gradient of ResizeBicubic for its images."""

    signature = "grads: float32, original_image: T -> output: T"
    attrs = "T: {float32, float64}; " + FLAGS
    gradient = undefined_gradient

    def infer(n: Any, grads: Any, images: Any) -> Any:
        return images if images is None or n.built else n.with_rank(images, 4, "original_image")

    scratch = _scratch

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def back(grads: Any, images: Any) -> Any:
            height, width = images.shape[1:3]
            rows = _cubic(height, grads.shape[1], *flags).turned(height)
            columns = _cubic(width, grads.shape[2], *flags).turned(width)
            return by_blocks(n, lambda x, lines: both(xp, x, rows.of(lines), columns, images.dtype), grads,
                             height, width, images.dtype)

        return back


@op
class ResizeArea:
    """Images in another size, each pixel the mean of what it covers (tf.image.resize_area)."""

    signature = "images: T, size: int32 -> resized_images: float32"
    host_memory = "size"
    attrs = REAL + "align_corners: bool = False"
    infer = _resized
    gradient = undefined_gradient
    scratch = _scratch

    def kernel(n: Any) -> Any:
        xp, corners = n.xp, n.attrs["align_corners"]

        def resize(images: Any, size: Any) -> Any:
            height, width = _sizes(images, size)
            rows, columns = _areas(images.shape[1], height, corners), _areas(images.shape[2], width, corners)
            return by_blocks(n, lambda x, lines: both(xp, x, rows.of(lines), columns, xp.float32), images,
                             height, width, xp.float32)

        return resize
