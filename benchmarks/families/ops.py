"""Ops one by one, for which numpy has no call of its own: special functions, images, segments, draws."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from measure import Work

BARS = {"tensorflow": 0.3}
"""Where numpy has no call, several passes stand against one."""


def numbers(*shape: int, kind: str = "float32") -> Callable[[], dict[str, Any]]:
    """Random numbers of a shape, and random rows of it in order."""
    def data() -> dict[str, Any]:
        import numpy as np

        rng = np.random.default_rng(0)
        return {"x": (rng.random(shape) * 0.98 + 0.01).astype(kind),
                "rows": np.sort(rng.integers(0, 1000, shape[0])).astype(np.int32)}

    return data


def of(name: str, formula: Callable[[Any, Any, Any], Any], data: Callable[[], dict[str, Any]],
       check: float | None = 1e-3) -> Work:
    def build(tf: Any, data: dict[str, Any]) -> Any:
        x, rows = (tf.placeholder(tf.as_dtype(v.dtype), v.shape) for v in (data["x"], data["rows"]))
        return formula(tf, x, rows), [(x, data["x"]), (rows, data["rows"])]

    return Work(name, data, build, None, {}, BARS, check=check)


def gelu(tf: Any, x: Any) -> Any:
    return 0.5 * x * (1.0 + tf.erf(x / 1.4142135))


def bias_gradient(tf: Any, x: Any, _: Any) -> Any:
    bias = tf.zeros([32])
    return tf.gradients(tf.nn.bias_add(x, bias), bias, grad_ys=x)[0]


LONG, IMAGES, TABLE = numbers(2_000_000), numbers(16, 128, 128, 16), numbers(100_000, 32)
ROWS = [
    of("GELU of [512, 3072]", lambda tf, x, _: gelu(tf, x), numbers(512, 3072)),
    of("erfinv of 2M", lambda tf, x, _: tf.math.erfinv(x), LONG),
    of("lgamma of 2M", lambda tf, x, _: tf.lgamma(x), LONG),
    of("digamma of 2M", lambda tf, x, _: tf.digamma(x), LONG),
    of("resize_bilinear, [16, 128, 128, 16] to 200x200",
       lambda tf, x, _: tf.image.resize_bilinear(x, [200, 200]), IMAGES),
    of("crop_and_resize of 64 boxes, [16, 128, 128, 16] to 64x64",
       lambda tf, x, _: tf.image.crop_and_resize(x, [[0.1, 0.1, 0.8, 0.9]] * 64, list(range(16)) * 4, [64, 64]),
       IMAGES),
    of("avg_pool 3x3 by 2 of [16, 128, 128, 16], its gradient",
       lambda tf, x, _: tf.gradients(tf.nn.avg_pool(x, [1, 3, 3, 1], [1, 2, 2, 1], "SAME"), x)[0], IMAGES),
    of("local_response_normalization of [16, 128, 128, 16]",
       lambda tf, x, _: tf.nn.local_response_normalization(x), IMAGES),
    of("bias of [100000, 32], its gradient", bias_gradient, TABLE),
    of("segment_sum of [100000, 32]", lambda tf, x, rows: tf.segment_sum(x, rows), TABLE),
    of("unsorted_segment_max of [100000, 32]",
       lambda tf, x, rows: tf.unsorted_segment_max(x, rows, 1000), TABLE),
    of("random_normal of 2M", lambda tf, x, _: tf.random_normal([2_000_000], seed=1), numbers(1), check=None),
    of("truncated_normal of 2M", lambda tf, x, _: tf.truncated_normal([2_000_000], seed=1), numbers(1), check=None),
]
