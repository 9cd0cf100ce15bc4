"""How alike two images are, at several sizes of them (tf.image.ssim_multiscale)."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..graph.types import int32
from .framework import name_scope
from .image_similarity import by_channel, images
from .modules import modules

EXPORTS = """
image: ssim_multiscale
"""

tf = modules["tf"]

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""What Wang, Simoncelli and Bovik measured that people go by."""


def _halved(pair: list[Any], heads: list[Any], tails: list[Any], by: Any) -> tuple[list[Any], list[Any]]:
    """Both images at half their height and width, and the shapes [height, width, channels] of these."""
    flat = [tf.reshape(x, tf.concat([[-1], tail], 0)) for x, tail in zip(pair, tails)]
    over = tails[0] % by

    def padded() -> list[Any]:
        sides = tf.pad(tf.expand_dims(over, -1), [[1, 0], [1, 0]])
        return [tf.pad(x, sides, mode="SYMMETRIC") for x in flat]

    even = tf.cond(tf.reduce_any(tf.not_equal(over, 0)), padded, lambda: flat)
    small = [tf.nn.avg_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID") for x in even]
    tails = [shape[1:] for shape in tf.shape_n(small)]
    return [tf.reshape(x, tf.concat([head, tail], 0)) for x, head, tail in zip(small, heads, tails)], tails


def ssim_multiscale(img1: Any, img2: Any, max_val: Any, power_factors: Iterable[float] = WEIGHTS,
                    filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01, k2: float = 0.03) -> Any:
    """The product of the contrasts of two images at each scale and of their similarity at the least, each to the power
    of its factor (tf.image.ssim_multiscale).

    max_val: the greatest value a pixel may have. power_factors: one for each scale, the first for the images as they
    are, each that follows for half the size. Raises InvalidValue for sizes that differ.
    """
    factors = list(power_factors)
    with name_scope(None, "MS-SSIM"):
        img1, img2, top, shapes = images(img1, img2, max_val)
        pair: list[Any] = [img1, img2]
        heads, tails = [shape[:-3] for shape in shapes], [shape[-3:] for shape in shapes]
        by = tf.constant([2, 2, 1], dtype=int32)
        contrasts: list[Any] = []
        for k in range(len(factors)):
            with name_scope(None, f"Scale{k}"):
                if k:
                    pair, tails = _halved(pair, heads, tails, by)
                whole, contrast = by_channel(pair[0], pair[1], top, filter_size, filter_sigma, k1, k2)
                contrasts.append(tf.nn.relu(contrast))
        scales = tf.stack([*contrasts[:-1], tf.nn.relu(whole)], axis=-1)
        return tf.reduce_mean(tf.reduce_prod(tf.pow(scales, factors), [-1]), [-1])
