"""Windows of images around points, with noise where they reach beyond (tf.image.extract_glimpse)."""
from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op
from ..graph.shapes import show
from . import _philox as philox
from .image_resize import asked

CPU_ONLY = True


def _corner(offset: Any, side: int, window: int, centered: bool, normalized: bool) -> int:
    """Where a window begins on an axis: half of it before the point that the offset means."""
    at = np.float32(offset)
    if normalized:
        at *= np.float32(side)
    if centered:
        at = at / np.float32(2) + np.float32(side) / np.float32(2)
    return int(at - np.float32(window) / np.float32(2))


def _noise(rng: philox.Philox, kind: str, image: Any, shape: Any) -> Any:
    """What stands where a window reaches beyond its image: 0, or numbers as there are in the image."""
    count = int(np.prod(shape))
    if kind == "zero" or not image.size:
        return np.zeros(shape, np.float32)
    at = rng.reserve(count)
    if kind == "gaussian":
        drawn = philox.normal(rng, at, count, np.dtype(np.float32)).reshape(shape)
        return np.maximum(drawn * image.std() + image.mean(), np.float32(0))
    low, high = image.min(), image.max()
    return philox.uniform(rng, at, count, np.dtype(np.float32)).reshape(shape) * (high - low) + low


@op
class ExtractGlimpse:
    """A window of each image around its point [y, x]; noise where it reaches beyond (tf.image.extract_glimpse).

    centered: the point 0 is the middle. normalized: 1 is the image's side. noise: 'uniform', 'gaussian' or 'zero';
    it follows from the node's name, where TensorFlow leaves it to chance.
    """

    signature = "input: float32, size: int32, offsets: float32 -> glimpse: float32"
    attrs = ("centered: bool = True; normalized: bool = True; uniform_noise: bool = True; "
             "noise: string = 'uniform'")
    gradient = no_gradient

    def infer(n: Any, input: Any, size: Any, offsets: Any) -> Any:
        image, points = n.with_rank(input, 4, "input"), n.with_rank(offsets, 2, "offsets")
        if n.with_rank(size, 1, "size")[0] not in (None, 2):
            n.fail("size is [height, width]")
        if points[1] not in (None, 2):
            n.fail("offsets are [y, x] for each image")
        if n.attrs["uniform_noise"] and n.attrs["noise"] != "uniform":
            n.fail("uniform_noise=True asks for noise='uniform'")
        height, width = asked(n, 1)
        batch = n.merge((image[0],), (points[0],), "numbers of images and offsets")[0]
        return (batch, height, width, image[3])

    def kernel(n: Any) -> Any:
        centered, normalized, noise = n.attrs["centered"], n.attrs["normalized"], n.attrs["noise"]
        rng = philox.Philox(zlib.crc32(n.node.name.encode()), 0x6C67)

        def glimpses(images: Any, size: Any, offsets: Any) -> Any:
            high, wide = (int(s) for s in size)
            if offsets.shape != (len(images), 2):
                raise InvalidArgument(f"there are {len(images)} images and offsets {show(offsets.shape)}: each needs "
                                      "[y, x]")
            out = np.empty((len(images), high, wide, images.shape[3]), np.float32)
            for image, point, part in zip(images, offsets, out):
                top, left = (_corner(p, side, window, centered, normalized) for p, side, window in zip(
                    point, image.shape, (high, wide)))
                rows = slice(max(0, top), max(0, min(image.shape[0], top + high)))
                columns = slice(max(0, left), max(0, min(image.shape[1], left + wide)))
                seen = image[rows, columns]
                if seen.shape[:2] != (high, wide):
                    part[...] = _noise(rng, noise, image, part.shape)
                first, second = max(0, -top), max(0, -left)
                part[first:first + seen.shape[0], second:second + seen.shape[1]] = seen
            return out

        return glimpses
