"""Elementwise mathematics of two arguments, with broadcasting."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import broadcast_shape, no_gradient, op
from ._gradients import unbroadcast


def checked(xp: Any, function: Any) -> Any:
    """A division of whole numbers that refuses 0 as TensorFlow's CPU kernels do."""
    def divide(x: Any, y: Any) -> Any:
        if not xp.all(y):
            raise RunError("Integer division by zero")
        return function(x, y)

    return divide


def truncated(xp: Any) -> Any:
    """Division of whole numbers toward 0."""
    def divide(x: Any, y: Any) -> Any:
        quotient = xp.floor_divide(x, y)
        inexact = xp.not_equal(xp.multiply(quotient, y), x)
        return quotient + xp.logical_and(inexact, xp.less(quotient, 0)).astype(quotient.dtype)

    return divide



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
        return list(unbroadcast(tf, x, y, grad, grad))


@op
class AddV2:
    """Sum (tf.add, +)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, uint8, uint16, uint32, uint64, int8, int16, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.add

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, grad, grad))


@op
class Sub:
    """Difference (tf.subtract, -)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, uint8, int8, uint16, int16, uint32, uint64, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.subtract

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, grad, -grad))


@op
class Mul:
    """Product (tf.multiply, *)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, uint8, int8, uint16, int16, uint32, uint64, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.multiply

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, grad * tf.conj(y), grad * tf.conj(x)))


@op
class MulNoNan:
    """Product that is 0 where y is 0, whatever x is (tf.math.multiply_no_nan)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero = xp.zeros((), n.dtype())
        return lambda x, y: xp.where(y == 0, zero, xp.multiply(x, y))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, tf.math.multiply_no_nan(grad, y), tf.math.multiply_no_nan(x, grad)))


@op
class RealDiv:
    """Quotient of reals (tf.realdiv)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, uint8, int8, uint16, int16, uint32, uint64, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        if n.out().is_integer:
            return checked(n.xp, n.xp.floor_divide)
        return n.xp.true_divide

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, grad / y, grad * (-x / y / y)))


@op
class Div:
    """Quotient; of whole numbers cut toward 0 (tf.div)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, uint8, int8, uint16, int16, uint32, uint64, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        if n.out().is_integer:
            return checked(n.xp, truncated(n.xp))
        return n.xp.true_divide

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, grad / y, grad * (-x / y / y)))


@op
class DivNoNan:
    """Quotient that is 0 where y is 0 (tf.div_no_nan)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero = xp.zeros((), n.dtype())
        return lambda x, y: xp.where(y == 0, zero, xp.divide(x, y))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, tf.div_no_nan(grad, y), grad * tf.div_no_nan(tf.div_no_nan(-x, y), y)))


@op
class FloorDiv:
    """Quotient rounded down (tf.floordiv, //)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, uint8, int8, uint16, int16, uint32, uint64, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        if n.out().is_integer:
            return checked(n.xp, n.xp.floor_divide)
        xp = n.xp
        return lambda x, y: xp.floor(xp.divide(x, y))


@op
class TruncateDiv:
    """Quotient of whole numbers cut toward 0 (tf.truncatediv)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, uint8, int8, uint16, int16, uint32, uint64, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return checked(n.xp, truncated(n.xp))


@op
class FloorMod:
    """Remainder with the sign of the divisor (tf.floormod, %)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {int8, int16, int32, int64, uint8, uint16, uint32, uint64, bfloat16, float16, float32, float64}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        if n.out().is_integer:
            return checked(n.xp, n.xp.remainder)
        return n.xp.remainder

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, grad, -grad * tf.floordiv(x, y)))


@op
class TruncateMod:
    """Remainder with the sign of the dividend (tf.truncatemod)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {int32, int64, bfloat16, float16, float32, float64}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        if n.out().is_integer:
            return checked(n.xp, n.xp.fmod)
        return n.xp.fmod


@op
class Mod:
    """Remainder with the sign of the dividend (the op of older graphs)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {int32, int64, float16, bfloat16, float32, float64}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        if n.out().is_integer:
            return checked(n.xp, n.xp.fmod)
        return n.xp.fmod


@op
class Pow:
    """x to the power y (tf.pow, **)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float32, float16, float64, int8, int16, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        if not n.out().is_integer:
            return xp.power

        def power(x: Any, y: Any) -> Any:
            if xp.any(xp.less(y, 0)):
                raise RunError('a whole number to a negative power: Integers to negative integer powers are not allowed')
            return xp.power(x, y)

        return power

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        safe = tf.where(tf.greater(x, tf.zeros_like(x)), x, tf.ones_like(x))
        log_x = tf.where(tf.greater(x, tf.zeros_like(x)), tf.log(safe), tf.zeros_like(x))
        return list(unbroadcast(tf, x, y, grad * y * tf.pow(x, y - 1.0), grad * op.outputs[0] * log_x))


@op
class Maximum:
    """The greater of two (tf.maximum); NaN wins."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.maximum

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        take = tf.greater_equal(x, y)
        zeros = tf.zeros_like(grad)
        return list(unbroadcast(tf, x, y, tf.where(take, grad, zeros), tf.where(take, zeros, grad)))


@op
class Minimum:
    """The smaller of two (tf.minimum); NaN wins."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.minimum

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        take = tf.less_equal(x, y)
        zeros = tf.zeros_like(grad)
        return list(unbroadcast(tf, x, y, tf.where(take, grad, zeros), tf.where(take, zeros, grad)))


@op
class SquaredDifference:
    """(x - y) squared (tf.squared_difference)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64, int32, int64, complex64, complex128}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda x, y: xp.square(xp.subtract(x, y))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        both = grad * (x - y) * 2.0
        return list(unbroadcast(tf, x, y, both, -both))


@op
class Atan2:
    """The angle of the point (x, y) (tf.atan2)."""

    signature = "y: T, x: T -> z: T"
    attrs = "T: {bfloat16, float16, float32, float64}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.arctan2

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        both = grad / (tf.square(x) + tf.square(y))
        return list(unbroadcast(tf, x, y, both * y, -both * x))
