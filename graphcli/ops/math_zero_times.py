"""Products and quotients that are 0 where their first argument is."""
from __future__ import annotations

from typing import Any

from ..graph.inference import broadcast_shape
from ..graph.opdef import op
from ._gradients import backs
from .math_binary import FRACTIONAL
from .math_division import quotient


def _where_nonzero(xp: Any, dtype: Any, function: Any) -> Any:
    """A product that is 0 where its first factor is 0."""
    zero = xp.zeros((), dtype)

    def multiply(x: Any, y: Any) -> Any:
        return xp.where(x == 0, zero, function(x, y))

    return multiply


def _nonzero(tf: Any, x: Any) -> Any:
    return tf.cast(tf.not_equal(x, tf.cast(0.0, x.dtype.base_dtype)), x.dtype.base_dtype)


def _products(tf: Any, op: Any, grad: Any, slopes: Any) -> list[Any]:
    """The gradients of x and y, given what makes their slopes."""
    x, y = op.inputs
    back_x, back_y = backs(tf, tf.shape(x), tf.shape(y))
    with tf.control_dependencies([grad]):
        slope_x, slope_y = slopes(x, y, lambda kind, *of: tf.apply_op(kind, None, of))
        of_x = back_x(slope_x * grad)
        return [of_x, back_y(slope_y * grad)]


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
        return _products(tf, op, grad, lambda x, y, of: (of("Xlogy", _nonzero(tf, x), y), of("Xdivy", x, y)))


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
        return _products(tf, op, grad, lambda x, y, of: (of("Xlog1py", _nonzero(tf, x), y), of("Xdivy", x, y + 1.0)))


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
        return _products(tf, op, grad, lambda x, y, of: (of("Xdivy", _nonzero(tf, x), y), of("Xdivy", -x, y ** 2)))
