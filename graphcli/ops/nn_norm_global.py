"""Batch normalization of the Inception graph of 2015, with given means and variances, and its gradients."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import Static

_ATTRS = "T: {numbertype}; variance_epsilon: float; scale_after_normalization: bool"


def _shapes(n: Any, t: Static, *vectors: Static) -> tuple[Static, Static]:
    """The shapes of images and of a vector of their channels."""
    t, last = n.with_rank(t, 4, "t"), (None,)
    for vector in vectors:
        last = n.merge(last, n.with_rank(vector, 1, "a vector of channels"), "numbers of channels")
    channels: Static = n.merge(last, t[-1:], "numbers of channels")
    assert channels is not None and t is not None
    return (*t[:-1], channels[0]), channels


@op
class BatchNormWithGlobalNormalization:
    """(t - m) / sqrt(v + epsilon) * gamma + beta (tf.nn.batch_norm_with_global_normalization)."""

    signature = "t: T, m: T, v: T, beta: T, gamma: T -> result: T"
    attrs = _ATTRS
    parts = {"t": 1}

    def infer(n: Any, t: Static, *vectors: Static) -> Static:
        return _shapes(n, t, *vectors)[0]

    def kernel(n: Any) -> Any:
        xp, scaled = n.xp, n.attrs["scale_after_normalization"]
        epsilon = xp.asarray(n.attrs["variance_epsilon"], n.dtype())

        def normalize(t: Any, m: Any, v: Any, beta: Any, gamma: Any) -> Any:
            root = 1 / xp.sqrt(v + epsilon)
            return (t - m) * (root * gamma if scaled else root) + beta

        return normalize

    def scratch(n: Any) -> int:
        return int(n.out_bytes())

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        t, m, v, _, gamma = op.inputs
        return list(tf.apply_op("BatchNormWithGlobalNormalizationGrad", None, [t, m, v, gamma, grad], {
            "variance_epsilon": op.get_attr("variance_epsilon"),
            "scale_after_normalization": op.get_attr("scale_after_normalization")}))


@op
class BatchNormWithGlobalNormalizationGrad:
    """The gradients of batch normalization with given means and variances."""

    signature = "t: T, m: T, v: T, gamma: T, backprop: T -> dx: T, dm: T, dv: T, db: T, dg: T"
    attrs = _ATTRS
    gradient = undefined_gradient

    def infer(n: Any, t: Static, m: Static, v: Static, gamma: Static, backprop: Static) -> list[Static]:
        shape, channels = _shapes(n, t, m, v, gamma)
        return [n.merge(shape, backprop), *[channels] * 4]

    def kernel(n: Any) -> Any:
        xp, scaled = n.xp, n.attrs["scale_after_normalization"]
        epsilon = xp.asarray(n.attrs["variance_epsilon"], n.dtype())

        def back(t: Any, m: Any, v: Any, gamma: Any, grad: Any) -> Any:
            root = 1 / xp.sqrt(v + epsilon)
            factor = root * gamma if scaled else root
            total, moved = grad.sum((0, 1, 2)), (grad * (t - m)).sum((0, 1, 2))
            d_v = moved * factor / (v + epsilon) * xp.asarray(-0.5, root.dtype)
            return [grad * factor, -total * factor, d_v, total, moved * root if scaled else xp.zeros_like(gamma)]

        return back
