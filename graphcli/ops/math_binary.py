"""Elementwise arithmetic of two arguments, with broadcasting."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.inference import broadcast_shape
from ..graph.opdef import op
from ..graph.types import float32, int32
from ._gradients import alike, backs, unbroadcast, waiting

NUMBERS = "T: {numbertype}"
FRACTIONAL = "T: {floating, complex64, complex128}"


def divided(tf: Any, x: Any, y: Any, grad: Any, over: Any) -> list[Any]:
    """The gradient of a quotient, made by quotients of the kind ``over``."""
    x_, y_ = tf.conj(x), tf.conj(y)
    return list(unbroadcast(tf, x, y, over(grad, y_), grad * over(over(-x_, y_), y_)))


@op
class Add:
    """Sum; strings are joined (the older tf.add)."""

    signature = "x: T, y: T -> z: T"
    attrs = ("T: {bfloat16, float16, float32, float64, uint8, int8, int16, int32, int64, complex64, complex128, "
             "string}")
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.add

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return [grad, grad] if alike(grad, x, y) else list(unbroadcast(tf, x, y, grad, grad))


@op
class AddV2:
    """Sum (tf.add, +)."""

    signature = "x: T, y: T -> z: T"
    attrs = NUMBERS
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.add

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return [grad, grad] if alike(grad, x, y) else list(unbroadcast(tf, x, y, grad, grad))


@op
class Sub:
    """Difference (tf.subtract, -)."""

    signature = "x: T, y: T -> z: T"
    attrs = NUMBERS
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.subtract

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        less = -grad
        return [grad, less] if alike(grad, x, y) else list(unbroadcast(tf, x, y, grad, less))


@op
class Mul:
    """Product (tf.multiply, *)."""

    signature = "x: T, y: T -> z: T"
    attrs = NUMBERS
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.multiply

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        if alike(grad, x, y) and grad.dtype.base_dtype in (float32, int32):
            return [tf.multiply(grad, y), tf.multiply(grad, x)]
        of_x = tf.multiply(grad, tf.conj(y))
        return list(unbroadcast(tf, x, y, of_x, tf.multiply(tf.conj(x), grad)))


@op
class MulNoNan:
    """Product that is 0 where y is 0, whatever x is (tf.math.multiply_no_nan)."""

    signature = "x: T, y: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp, zero = n.xp, n.xp.zeros((), n.dtype())
        return lambda x, y: xp.where(y == 0, zero, xp.multiply(x, y))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        grads = [tf.apply_op("MulNoNan", None, [grad, y]), tf.apply_op("MulNoNan", None, [x, grad])]
        return grads if alike(grad, x, y) else list(unbroadcast(tf, x, y, *grads))


@op
class Pow:
    """x to the power y (tf.pow, **)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {floating, int8, int16, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        if n.out().is_complex:
            nan = xp.asarray(complex("nan+nanj"), n.dtype())
            return lambda x, y: xp.where(xp.logical_or(x != 0, y != 0), xp.power(x, y), nan)
        if not n.out().is_integer:
            return xp.power

        def power(x: Any, y: Any) -> Any:
            if xp.any(xp.less(y, 0)) and xp.size(x):
                raise RunError("Integers to negative integer powers are not allowed")
            return xp.power(x, y)

        return power

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        base, exponent = tf.conj(x), tf.conj(y)
        of_x = grad * exponent * tf.pow(base, exponent - 1)
        z = tf.conj(op.outputs[0])
        usable = tf.not_equal(base, 0) if base.dtype.is_complex else base > 0
        log = tf.where(usable, tf.log(tf.where(usable, base, tf.ones_like(base))), tf.zeros_like(base))
        return list(unbroadcast(tf, x, y, of_x, grad * z * log))


def _chosen(tf: Any, op: Any, grad: Any, compare: str) -> list[Any]:
    zeros = tf.zeros_like(grad)
    x, y = op.inputs
    first = tf.apply_op(compare, None, [x, y])
    return list(unbroadcast(tf, x, y, tf.where_v2(first, grad, zeros), tf.where_v2(first, zeros, grad)))


@op
class Maximum:
    """The greater of two; NaN where either is (tf.maximum)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {realnumbertype}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.maximum

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return _chosen(tf, op, grad, "GreaterEqual")


@op
class Minimum:
    """The smaller of two; NaN where either is (tf.minimum)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {realnumbertype}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.minimum

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return _chosen(tf, op, grad, "LessEqual")


@op
class SquaredDifference:
    """(x - y) squared (tf.squared_difference)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {floating, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        if n.out().is_complex:
            return lambda x, y: (x - y) * xp.conj(x - y)
        return lambda x, y: xp.square(xp.subtract(x, y))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        with tf.control_dependencies([grad]):
            both = tf.scalar_mul(2, grad) * (x - y)
        less = -both
        return [both, less] if alike(grad, x, y) else list(unbroadcast(tf, x, y, both, less))


@op
class Atan2:
    """The angle of the point (x, y) (tf.atan2)."""

    signature = "y: T, x: T -> z: T"
    attrs = "T: {floating}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.arctan2

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        y, x = op.inputs
        both = grad / (tf.square(y) + tf.square(x))
        return list(unbroadcast(tf, y, x, x * both, -y * both))


@op
class NextAfter:
    """The next number after x1 toward x2 (tf.math.nextafter)."""

    signature = "x1: T, x2: T -> output: T"
    attrs = "T: {float64, float32} = float32"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.nextafter

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        shapes = tf.shape(x), tf.shape(y)
        back_x, back_y = backs(tf, *shapes)
        with tf.control_dependencies([grad]):
            ones, zeros = tf.ones(shapes[0], x.dtype), tf.zeros(shapes[1], x.dtype)
            of_x = back_x(ones * grad)
            return [of_x, back_y(zeros * grad)]
