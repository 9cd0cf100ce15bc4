"""Normalization across neighbouring channels (tf.nn.lrn) and its gradient."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient

BLAS = True
LRN_ATTRS = ("depth_radius: int = 5; bias: float = 1.0; alpha: float = 1.0; beta: float = 0.5; "
             "T: {float16, bfloat16, float32} = float32")
PRODUCT = 384
"""Channels up to which sums are a product, as TensorFlow's are."""


def across(xp: Any, x: Any, radius: int) -> Any:
    """Sums over the neighbouring channels within ``radius``."""
    depth = x.shape[-1]
    total = x.copy()
    for step in range(1, min(radius, depth - 1) + 1):
        total[..., step:] += x[..., :-step]
        total[..., :-step] += x[..., step:]
    return total


def neighbours(xp: Any, depth: int, radius: int) -> Any:
    """A matrix whose product with channels is their sums; products with its zeros bring infinities everywhere."""
    place = xp.arange(depth)
    return (xp.abs(place[:, None] - place) <= radius).astype(xp.float32)


@op
class LRN:
    """x / (bias + alpha * sum of the neighbouring channels' squares) ** beta (tf.nn.lrn)."""

    signature = "input: T -> output: T"
    attrs = LRN_ATTRS
    no_kernel = "T: bfloat16"
    parts = {"input": 1}

    def infer(n: Any, x: Any) -> Any:
        return n.with_rank(x, 4, "the input")

    def kernel(n: Any) -> Any:
        xp, radius = n.xp, n.attrs["depth_radius"]
        bias, alpha, beta = (xp.float32(n.attrs[k]) for k in ("bias", "alpha", "beta"))

        def kernel(x: Any) -> Any:
            if x.ndim != 4:
                raise RunError(f"in must be 4-dimensional, not {list(x.shape)}")
            wide = xp.asarray(x).astype(xp.float32, copy=False)
            depth = x.shape[3]
            if 0 < depth <= PRODUCT:
                square = (wide * wide).reshape(-1, depth)
                norm = xp.matmul(square, neighbours(xp, depth, radius)).reshape(x.shape)
                del square
            else:
                norm = across(xp, wide * wide, radius)
            norm *= alpha
            norm += bias
            norm **= -beta
            return (wide * norm).astype(x.dtype, copy=False)

        return kernel

    def scratch(n: Any) -> Any:
        return 4 * n.size() * (1 if n.width() == 4 else 3)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        keys = ("depth_radius", "bias", "alpha", "beta")
        return [tf.apply_op("LRNGrad", None, [grad, op.inputs[0], op.outputs[0]],
                            {k: op.attrs[k] for k in keys})]


@op
class LRNGrad:
    """The gradient of LRN."""

    signature = "input_grads: T, input_image: T, output_image: T -> output: T"
    attrs = LRN_ATTRS
    no_kernel = "T: bfloat16"
    parts = {"input_grads": 1, "input_image": 1, "output_image": 1}
    gradient = undefined_gradient

    def infer(n: Any, g: Any, x: Any, y: Any) -> Any:
        return n.with_rank(n.merge(n.merge(g, x), y), 4, "the input")

    def kernel(n: Any) -> Any:
        xp, radius = n.xp, n.attrs["depth_radius"]
        bias, alpha, beta = (xp.float32(n.attrs[k]) for k in ("bias", "alpha", "beta"))

        def kernel(g: Any, x: Any, y: Any) -> Any:
            dtype = x.dtype
            g, x, y = (xp.asarray(a).astype(xp.float32, copy=False) for a in (g, x, y))
            norm = across(xp, x * x, radius) * alpha + bias
            shared = across(xp, g * y / norm, radius)
            return (g * norm ** -beta - (2 * alpha * beta) * x * shared).astype(dtype, copy=False)

        return kernel

    def scratch(n: Any) -> Any:
        return 4 * n.size() * (3 if n.width() == 4 else 6)
