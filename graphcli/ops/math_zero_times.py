"""Products and quotients that are 0 where their first argument is."""
from __future__ import annotations

from typing import Any

from ..graph.inference import broadcast_shape
from ..graph.opdef import op
from ._gradients import unbroadcast
from .math_binary import FRACTIONAL
from .math_division import quotient


def _where_nonzero(xp: Any, dtype: Any, function: Any) -> Any:
    """A product that is 0 where its first factor is 0."""
    zero = xp.zeros((), dtype)

    def multiply(x: Any, y: Any) -> Any:
        return xp.where(x == 0, zero, function(x, y))

    return multiply


def _nonzero(tf: Any, x: Any) -> Any:
    return tf.cast(tf.not_equal(x, tf.zeros_like(x)), x.dtype.base_dtype)


@op
class Xlogy:
    """x * log(y), 0 where x is 0 (tf.math.xlogy)."""

    signature = "x: T, y: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        return _where_nonzero(xp, n.dtype(), lambda x, y: x * xp.log(y))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, tf.math.xlogy(_nonzero(tf, x), y) * grad, tf.math.xdivy(x, y) * grad))


@op
class Xlog1py:
    """x * log1p(y), 0 where x is 0 (tf.math.xlog1py)."""

    signature = "x: T, y: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        return _where_nonzero(xp, n.dtype(), lambda x, y: x * xp.log1p(y))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, tf.math.xlog1py(_nonzero(tf, x), y) * grad,
                                tf.math.xdivy(x, y + 1) * grad))


@op
class Xdivy:
    """x / y, 0 where x is 0 (tf.math.xdivy)."""

    signature = "x: T, y: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        return _where_nonzero(xp, n.dtype(), quotient(n))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, tf.math.xdivy(_nonzero(tf, x), y) * grad,
                                tf.math.xdivy(-x, tf.square(y)) * grad))
