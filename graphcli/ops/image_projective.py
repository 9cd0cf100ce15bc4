"""Images turned, moved and bent: each pixel of the result is looked up where a projective transform says."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from .image_resize import asked

ATTRS = "dtype: {uint8, int32, int64, float16, float32, float64}; interpolation: string"
_F = np.float32


def _transformed(n: Any, images: Any, transforms: Any, size: Any) -> Any:
    images = n.with_rank(images, 4, "images")
    return (images[0], *size, images[3])


def _kernel(n: Any) -> Any:
    name = n.attrs["interpolation"]
    name = name.decode() if isinstance(name, bytes) else name
    if name not in ("NEAREST", "BILINEAR"):
        raise InvalidArgument(f'Invalid interpolation "{name}". Supported types: NEAREST, BILINEAR')

    def transform(images: Any, transforms: Any, *size: Any) -> Any:
        if images.ndim != 4:
            raise InvalidArgument(f"Input images must have rank 4, not the shape {show(images.shape)}")
        if transforms.ndim != 2 or transforms.shape[1] != 8 or len(transforms) not in (1, len(images)):
            raise InvalidArgument("Input transform should be num_images x 8 or 1 x 8, not " + show(transforms.shape))
        height, width = images.shape[1:3]
        if size:
            if np.shape(size[0]) != (2,):
                raise InvalidArgument(f"output shape must be 1-dimensional with 2 elements, not {show(size[0].shape)}")
            height, width = (int(v) for v in size[0])
            if min(height, width) <= 0:
                raise InvalidArgument(f"new dimensions must be positive, not {height} and {width}")
        out = np.empty((len(images), height, width, images.shape[3]), images.dtype)

        def one(i: int) -> None:
            out[i] = _looked_up(images[i], transforms[i if len(transforms) > 1 else 0], height, width,
                                name == "BILINEAR")

        n.each(len(images), one)
        return out

    return transform


def _looked_up(image: Any, transform: Any, height: int, width: int, linear: bool) -> Any:
    """An image of this size, zeros where the transform leads out of it."""
    y, x = np.arange(height, dtype=_F)[:, None], np.arange(width, dtype=_F)
    a0, a1, a2, b0, b1, b2, c0, c1 = transform.astype(_F)
    scale = c0 * x + c1 * y + _F(1)
    with np.errstate(all="ignore"):
        across, down = (a0 * x + a1 * y + a2) / scale, (b0 * x + b1 * y + b2) / scale
    nowhere = (scale == 0) | ~np.isfinite(across) | ~np.isfinite(down)
    across, down = np.where(nowhere, _F(-9), across), np.where(nowhere, _F(-9), down)
    if not linear:
        return _read(image, _rounded(down), _rounded(across), image.dtype)
    top, left = np.floor(down), np.floor(across)
    below, right = (down - top)[..., None], (across - left)[..., None]
    top_line, bottom_line = (
        (_F(1) - right) * _read(image, line, left, _F) + right * _read(image, line, left + 1, _F)
        for line in (top, top + 1))
    return ((_F(1) - below) * top_line + below * bottom_line).astype(image.dtype)


def _rounded(x: Any) -> Any:
    """Halves away from 0."""
    return np.trunc(x + np.copysign(_F(0.5), x))


def _read(image: Any, down: Any, across: Any, kind: Any) -> Any:
    inside = (down >= 0) & (down < image.shape[0]) & (across >= 0) & (across < image.shape[1])
    out = np.zeros((*inside.shape, image.shape[2]), kind)
    out[inside] = image[down[inside].astype(np.int64), across[inside].astype(np.int64)]
    return out


def _scratch(n: Any) -> int:
    out = n.outs[0]
    pixels = out[1] * out[2]
    return int(min(n.threads, out[0]) * pixels * (40 + 24 * out[3]))


def _inverse(tf: Any, transforms: Any) -> Any:
    """The transforms back, each divided by its last entry."""
    rows = tf.reshape(transforms, [-1, 8])
    whole = tf.reshape(tf.concat([rows, tf.ones([tf.shape(rows)[0], 1])], axis=1), [-1, 3, 3])
    back = tf.reshape(tf.matrix_inverse(whole), [-1, 9])
    return (back / back[:, 8:9])[:, :8]


@op
class ImageProjectiveTransform:
    """Images of the same size, by transforms [a0, a1, a2, b0, b1, b2, c0, c1] of places of the result."""

    signature = "images: dtype, transforms: float32 -> transformed_images: dtype"
    attrs = ATTRS
    cpu_only = True
    kernel, scratch, gradient = _kernel, _scratch, undefined_gradient

    def infer(n: Any, images: Any, transforms: Any) -> Any:
        return images


@op
class ImageProjectiveTransformV2:
    """Images of the size wanted, by transforms of places of the result (tf.contrib.image.transform)."""

    signature = "images: dtype, transforms: float32, output_shape: int32 -> transformed_images: dtype"
    takes = "output_shape: [2]"
    host_memory = "output_shape"
    attrs = ATTRS
    cpu_only = True
    kernel, scratch = _kernel, _scratch

    def infer(n: Any, images: Any, transforms: Any, size: Any) -> Any:
        return _transformed(n, images, transforms, asked(n, 2))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, transforms, _ = op.inputs
        return [tf.apply_op("ImageProjectiveTransformV2", None, [grad, _inverse(tf, transforms), tf.shape(x)[1:3]],
                            {"interpolation": op.attrs["interpolation"]}), None, None]
