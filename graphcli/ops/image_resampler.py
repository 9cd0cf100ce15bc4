"""Images looked up at places that are no whole numbers, linear between pixels (tf.contrib.resampler)."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op
from ..graph.shapes import show

SOME = 1 << 15
"""Elements that are looked up at a time."""
ATTRS = "T: {float16, bfloat16, float32, float64}"


def _checked(data: Any, warp: Any) -> None:
    if data.ndim != 4:
        raise InvalidArgument(f"Input data must be 4-dimensional, not {show(data.shape)}")
    if warp.ndim < 2 or warp.shape[-1] != 2:
        raise InvalidArgument(f"warp should be at least a matrix with 2 columns, not {show(warp.shape)}")
    if warp.shape[0] != data.shape[0]:
        raise InvalidArgument(f"Batch size of data and warp must be the same: {show(data.shape)} and "
                              f"{show(warp.shape)}")


def _some(channels: int) -> int:
    """Places of an image that are looked up at a time."""
    return max(1, SOME // max(1, channels))


class _Corners:
    """The four pixels around places: where they are, which of them there are, and how far the places lie from the
    later two."""

    def __init__(self, data: Any, warp: Any) -> None:
        places = warp.reshape(len(warp), -1, 2)
        x, y = places[..., 0], places[..., 1]
        height, width = data.shape[1:3]
        self.inside = (x > -1) & (y > -1) & (x < width) & (y < height)
        x, y = (np.where(self.inside, v, 0).astype(v.dtype) for v in (x, y))
        self.x, self.y = np.floor(x), np.floor(y)
        self.dx, self.dy = ((self.x + 1 - x)[..., None], (self.y + 1 - y)[..., None])
        self.data, self.batch = data, np.arange(len(data))[:, None]

    def at(self, right: int, below: int) -> tuple[Any, Any, Any]:
        """(lines, columns, which of them there are)."""
        y, x = self.y.astype(np.int64) + below, self.x.astype(np.int64) + right
        there = self.inside & (x >= 0) & (y >= 0) & (x < self.data.shape[2]) & (y < self.data.shape[1])
        return np.where(there, y, 0), np.where(there, x, 0), there

    def seen(self, right: int, below: int) -> Any:
        y, x, there = self.at(right, below)
        return np.where(there[..., None], self.data[self.batch, y, x], 0).astype(self.data.dtype)


@op
class Resampler:
    """data [batch, height, width, channels] at places [batch, ..., 2] of (x, y); zeros outside of it."""

    signature = "data: T, warp: T -> output: T"
    attrs = ATTRS
    no_kernel = "T: bfloat16"
    cpu_only = True

    def infer(n: Any, data: Any, warp: Any) -> Any:
        data = n.with_rank(data, 4, "data")
        if warp is None:
            return None
        return (*n.at_least_rank(warp, 1, "warp")[:-1], data[3])

    def kernel(n: Any) -> Any:
        def resample(data: Any, warp: Any) -> Any:
            _checked(data, warp)
            places = warp.reshape(len(warp), prod(warp.shape[1:-1]), 2)
            made = np.empty((*places.shape[:2], data.shape[3]), data.dtype)
            many = _some(data.shape[3])
            across = -(-places.shape[1] // many)

            def some(part: int) -> None:
                i, at = part // across, part % across * many
                c = _Corners(data[i:i + 1], places[i:i + 1, at:at + many])
                out = (c.dx * c.dy * c.seen(0, 0) + (1 - c.dx) * (1 - c.dy) * c.seen(1, 1)
                       + c.dx * (1 - c.dy) * c.seen(0, 1) + (1 - c.dx) * c.dy * c.seen(1, 0))
                made[i, at:at + many] = np.where(c.inside[..., None], out, 0)[0]

            n.each(len(data) * across, some)
            return made.reshape(*warp.shape[:-1], data.shape[3])

        return resample

    def scratch(n: Any) -> int:
        places = min(n.size(1) // 2 // max(1, n.shapes[0][0]), _some(n.shapes[0][3]))
        return int(n.threads * places * (4 * n.width() * n.shapes[0][3] + 64))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return tf.apply_op("ResamplerGrad", None, [*op.inputs, grad], {})


def _back(n: Any) -> Any:
    def back(data: Any, warp: Any, grad: Any) -> Any:
        _checked(data, warp)
        wanted = (*warp.shape[:-1], data.shape[3])
        if grad.shape != wanted:
            raise InvalidArgument(f"grad_output must have the shape {show(wanted)}, not {show(grad.shape)}")
        many = prod(warp.shape[1:-1])
        places, grads = warp.reshape(len(warp), many, 2), grad.reshape(len(warp), many, data.shape[3])
        to_data, to_warp = np.zeros(data.shape, data.dtype), np.empty(places.shape, data.dtype)
        some = _some(data.shape[3])

        def image(i: int) -> None:
            here = slice(i, i + 1)
            for at in range(0, many, some):
                to_warp[here, at:at + some] = one(data[here], places[here, at:at + some],
                                                  grads[here, at:at + some], to_data[i])

        n.each(len(data), image)
        return to_data, to_warp.reshape(warp.shape)

    def one(data: Any, places: Any, grad: Any, to_data: Any) -> Any:
        """The gradient of places of an image; adds that of the image."""
        c, channels = _Corners(data, places), data.shape[3]
        g = np.where(c.inside[..., None], grad, 0).astype(data.dtype)
        seen = {(right, below): c.seen(right, below) for right in (0, 1) for below in (0, 1)}
        across = (1 - c.dy) * (seen[1, 1] - seen[0, 1]) + c.dy * (seen[1, 0] - seen[0, 0])
        down = (1 - c.dx) * (seen[1, 1] - seen[1, 0]) + c.dx * (seen[0, 1] - seen[0, 0])
        to_warp = np.stack([(g * across).sum(-1), (g * down).sum(-1)], -1).astype(data.dtype)
        del seen, across, down
        for right, below in ((0, 0), (1, 1), (0, 1), (1, 0)):
            y, x, there = c.at(right, below)
            share = g * (1 - c.dx if right else c.dx) * (1 - c.dy if below else c.dy)
            # by numbers of elements, which numpy adds most quickly
            places = (y * data.shape[2] + x)[there][:, None] * channels + np.arange(channels)
            np.add.at(to_data.reshape(-1), places.reshape(-1), share[there].reshape(-1))
        return to_warp

    return back


@op
class ResamplerGrad:
    """The gradients of Resampler for its data and its places."""

    signature = "data: T, warp: T, grad_output: T -> grad_data: T, grad_warp: T"
    attrs = ATTRS
    no_kernel = "T: bfloat16"
    cpu_only = True
    gradient = no_gradient

    def infer(n: Any, data: Any, warp: Any, grad: Any) -> Any:
        return [data, warp]

    def kernel(n: Any) -> Any:
        return _back(n)

    def scratch(n: Any) -> int:
        places = min(n.size(1) // 2 // max(1, n.shapes[0][0]), _some(n.shapes[0][3]))
        return int(min(n.threads, n.shapes[0][0]) * places * (8 * n.width() * n.shapes[0][3] + 80))
