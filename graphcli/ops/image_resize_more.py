"""Images in other sizes by cubic curves and by areas."""
from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ..graph.opdef import op, undefined_gradient
from ._gradients import kept
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


def _cubic(xp: Any, have: int, want: int, corners: bool, centers: bool) -> Any:
    """[want, have]: how much of each input line each output line takes."""
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
    out = np.zeros((want, have), np.float32)
    np.add.at(out, (np.arange(want)[:, None], inside), weights)
    return xp.asarray(out)


def _areas(xp: Any, have: int, want: int, corners: bool) -> Any:
    """[want, have]: which part of each input line each output line covers."""
    scale = np.float32(_scale(have, want, corners))
    out = np.zeros((want, have), np.float32)
    for y in range(want):
        first, last = np.float32(y) * scale, np.float32(y + 1) * scale
        for i in range(int(np.floor(first)), int(np.ceil(last))):
            part = min(np.float32(i + 1), last) - max(np.float32(i), first)
            out[y, min(max(i, 0), have - 1)] += part / scale
    return xp.asarray(out)


def _both(xp: Any, rows: Any, columns: Any, images: Any) -> Any:
    tall = xp.einsum("oh,nhwc->nowc", rows, images)
    return xp.einsum("pw,nowc->nopc", columns, tall)


def _both_scratch(n: Any) -> int:
    """Images of the new height and the old width, and wide ones."""
    many, _, width, channels = n.shapes[0]
    return int(n.out_width() * many * n.outs[0][1] * width * channels
               + (0 if n.width() == n.out_width() else n.out_width() * n.size()))


@op
class ResizeBicubic:
    """Images in another size, along cubic curves through the pixels (tf.image.resize_bicubic)."""

    signature = "images: T, size: int32 -> resized_images: float32"
    one_piece = True
    attrs = REAL + FLAGS
    parts = {"images": 3}
    infer = _resized
    scratch = _both_scratch

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def resize(images: Any, size: Any) -> Any:
            height, width = _sizes(images, size)
            return _both(xp, _cubic(xp, images.shape[1], height, *flags), _cubic(xp, images.shape[2], width, *flags),
                         images.astype(xp.float32, copy=False))

        return resize

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        if op.inputs[0].dtype.base_dtype.name not in ("float32", "float64"):
            return [None, None]
        return [tf.apply_op("ResizeBicubicGrad", None, [grad, op.inputs[0]], kept(op, KEPT)), None]


@op
class ResizeBicubicGrad:
    """The gradient of ResizeBicubic for its images."""

    signature = "grads: float32, original_image: T -> output: T"
    one_piece = True
    attrs = "T: {float32, float64}; " + FLAGS
    parts = {"grads": 3, "original_image": 3}
    gradient = undefined_gradient

    def infer(n: Any, grads: Any, images: Any) -> Any:
        return None if images is None else n.with_rank(images, 4, "original_image")

    scratch = _both_scratch

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def back(grads: Any, images: Any) -> Any:
            rows = _cubic(xp, images.shape[1], grads.shape[1], *flags)
            columns = _cubic(xp, images.shape[2], grads.shape[2], *flags)
            return _both(xp, rows.T, columns.T, grads.astype(images.dtype, copy=False)).astype(images.dtype, copy=False)

        return back


@op
class ResizeArea:
    """Images in another size, each pixel the mean of what it covers (tf.image.resize_area)."""

    signature = "images: T, size: int32 -> resized_images: float32"
    one_piece = True
    attrs = REAL + "align_corners: bool = False"
    parts = {"images": 3}
    infer = _resized
    gradient = undefined_gradient
    scratch = _both_scratch

    def kernel(n: Any) -> Any:
        xp, corners = n.xp, n.attrs["align_corners"]

        def resize(images: Any, size: Any) -> Any:
            height, width = _sizes(images, size)
            return _both(xp, _areas(xp, images.shape[1], height, corners), _areas(xp, images.shape[2], width, corners),
                         images.astype(xp.float32, copy=False))

        return resize
