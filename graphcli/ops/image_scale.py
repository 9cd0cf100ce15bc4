"""Images scaled and moved, with windowed kernels (tf.image.resize with antialias of TensorFlow 2 is made of it)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from ._gradients import kept
from ._resampling import Taps, both, by_blocks, scratch
from .image_resize import asked

ATTRS = "kernel_type: string = 'lanczos3'; antialias: bool = True"
KEPT = ("kernel_type", "antialias")
_F = np.float32


def _lanczos(radius: float) -> Callable[[Any], Any]:
    def kernel(x: Any) -> Any:
        near = x <= 1e-3
        turn = np.where(near, 1, x).astype(np.float64) * np.pi
        found = radius * np.sin(turn) * np.sin(turn / radius) / turn ** 2
        return np.where(x > radius, 0, np.where(near, 1, found))

    return kernel


def _box(x: Any) -> Any:
    return np.where(x < 0.5, 1, np.where(x == 0.5, 0.5, 0))


def _keys(x: Any) -> Any:
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x >= 2, 0, np.where(x >= 1, far, ((1.5 * x - 2.5) * x) * x + 1))


def _mitchell(x: Any) -> Any:
    far = (((-7 / 18) * x + 2) * x - 10 / 3) * x + 16 / 9
    return np.where(x >= 2, 0, np.where(x >= 1, far, (((7 / 6) * x - 2) * x) * x + 8 / 9))


_KERNELS: dict[str, tuple[float, Callable[[Any], Any]]] = {
    "lanczos1": (1, _lanczos(1)), "lanczos3": (3, _lanczos(3)), "lanczos5": (5, _lanczos(5)),
    "gaussian": (1.5, lambda x: np.where(x >= 1.5, 0, np.exp(-x * x / 0.5))), "box": (1, _box),
    "triangle": (1, lambda x: np.where(x < 1, 1 - x, 0)), "keyscubic": (2, _keys), "mitchellcubic": (2, _mitchell)}
"""How far each reaches, and what it gives at a distance."""


def _kernel_of(n: Any) -> tuple[float, Callable[[Any], Any]]:
    name = n.attrs["kernel_type"]
    name = name.decode() if isinstance(name, bytes) else name
    if name not in _KERNELS:
        raise InvalidArgument(f"Unrecognized kernel type: {name}")
    return _KERNELS[name]


def _taps(n: Any, have: int, want: int, scale: Any, move: Any) -> Taps:
    """Of which lines each of ``want`` is made, as sampling spans of TensorFlow's kernel."""
    radius, kernel = _kernel_of(n)
    back = _F(1) / _F(scale)
    moved = -back * _F(move)
    wide = max(back, _F(1)) if n.attrs["antialias"] else _F(1)
    reach = _F(radius) * wide
    at = (np.arange(want, dtype=_F) + _F(0.5)) * back + moved
    inside = (at >= 0) & (at <= have)
    at = np.where(inside, at, 0).astype(_F)
    first = np.clip(np.ceil(at - reach - _F(0.5)).astype(np.int64), 0, have - 1)
    last = np.clip(np.floor(at + reach - _F(0.5)).astype(np.int64), 0, have - 1)
    most = int((last - first).max(initial=0)) + 1
    places = first[:, None] + np.arange(most)
    there = (places <= last[:, None]) & inside[:, None]
    distance = abs((places.astype(_F) + _F(0.5) - at[:, None]) * (_F(1) / wide))
    weight = np.where(there, kernel(distance), 0).astype(_F)
    total = weight.sum(1, dtype=_F)
    some = abs(total) >= 1000 * np.finfo(_F).tiny
    weight *= np.where(some, _F(1) / np.where(some, total, _F(1)), _F(0)).astype(_F)[:, None]
    return Taps(np.minimum(places, have - 1), weight)


def _both_ways(n: Any, have: Any, want: Any, scale: Any, move: Any) -> tuple[Taps, Taps]:
    for what, values in (("scale", scale), ("translation", move)):
        if np.shape(values) != (2,):
            raise InvalidArgument(f"{what} must have two elements, not the shape {show(np.shape(values))}")
    if not (scale > 0).all():
        raise InvalidArgument("scale must be greater than zero.")
    rows, columns = (_taps(n, h, w, s, m) for h, w, s, m in zip(have, want, scale, move))
    return rows, columns


@op
class ScaleAndTranslate:
    """Images [batch, height, width, channels] of the size wanted, scaled and then moved."""

    signature = "images: T, size: int32, scale: float32, translation: float32 -> resized_images: float32"
    takes = "images: [?, ?, ?, ?]; size: [2]"
    host_memory = "size, scale, translation"
    attrs = ("T: {int8, uint8, int16, uint16, int32, int64, bfloat16, float16, float32, float64}; " + ATTRS)

    def infer(n: Any, images: Any, size: Any, scale: Any, move: Any) -> Any:
        images = n.with_rank(images, 4, "images")
        return (images[0], *asked(n, 1), images[3])

    def kernel(n: Any) -> Any:
        xp = n.xp

        def scaled(images: Any, size: Any, scale: Any, move: Any) -> Any:
            height, width = (int(v) for v in size)
            if min(height, width) <= 0:
                raise InvalidArgument(f"output_height = {height}, output_width = {width} must be positive")
            if 0 in images.shape[1:]:
                raise InvalidArgument(f"input image must be of non-zero size, not {show(images.shape)}")
            rows, columns = _both_ways(n, images.shape[1:3], (height, width), scale, move)
            return by_blocks(n, lambda x, lines: both(xp, x, rows.of(lines), columns, xp.float32), images, height,
                             width, xp.float32)

        return scaled

    def scratch(n: Any) -> int:
        return 4 * scratch(n, n.shapes[0], n.outs[0], 4)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, _, scale, move = op.inputs
        return [tf.apply_op("ScaleAndTranslateGrad", None, [grad, x, scale, move], kept(op, KEPT)), None, None, None]


@op
class ScaleAndTranslateGrad:
    """The gradient of ScaleAndTranslate for its images."""

    signature = "grads: T, original_image: T, scale: float32, translation: float32 -> output: T"
    takes = "grads: [?, ?, ?, ?] run; original_image: [?, ?, ?, ?] run"
    host_memory = "scale, translation"
    attrs = "T: {float32}; " + ATTRS
    gradient = undefined_gradient

    def infer(n: Any, grads: Any, images: Any, scale: Any, move: Any) -> Any:
        return images

    def kernel(n: Any) -> Any:
        xp = n.xp

        def back(grads: Any, images: Any, scale: Any, move: Any) -> Any:
            have, want = images.shape[1:3], grads.shape[1:3]
            if grads.shape[0] != images.shape[0] or grads.shape[3] != images.shape[3]:
                raise InvalidArgument(f"grads has the shape {show(grads.shape)}, the images {show(images.shape)}")
            rows, columns = (t.turned(h) for t, h in zip(_both_ways(n, have, want, scale, move), have))
            height, width = have
            return by_blocks(n, lambda x, lines: both(xp, x, rows.of(lines), columns, xp.float32), grads, height, width,
                             images.dtype)

        return back

    def scratch(n: Any) -> int:
        return 4 * scratch(n, n.shapes[0], n.outs[0], 4)
