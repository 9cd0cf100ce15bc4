"""Elementwise arithmetic of two arguments, with broadcasting."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import broadcast_shape, no_gradient, op, undefined_gradient
from ._gradients import unbroadcast

NUMBERS = "T: {numbertype}"
FRACTIONAL = "T: {floating, complex64, complex128}"


def checked(xp: Any, function: Any) -> Any:
    """A division of whole numbers that refuses 0 as TensorFlow's CPU kernels do."""
    def divide(x: Any, y: Any) -> Any:
        quotient = function(x, y)
        if not xp.all(y) and xp.size(quotient):
            raise RunError("Integer division by zero")
        return quotient

    return divide


def truncated(xp: Any) -> Any:
    """Division of whole numbers toward 0."""
    def divide(x: Any, y: Any) -> Any:
        quotient = xp.floor_divide(x, y)
        inexact = xp.not_equal(xp.multiply(quotient, y), x)
        return quotient + xp.logical_and(inexact, xp.less(quotient, 0)).astype(quotient.dtype)

    return divide


def quotient(n: Any) -> Any:
    """True division; of complex numbers by 0 and by infinity it is NaN, as in TensorFlow."""
    xp = n.xp
    if not n.out().is_complex:
        return xp.true_divide
    nan = xp.asarray(complex("nan+nanj"), n.dtype())

    def divide(x: Any, y: Any) -> Any:
        return xp.where(xp.logical_or(xp.equal(y, 0), xp.isinf(y)), nan, xp.true_divide(x, y))

    return divide


def divided(tf: Any, x: Any, y: Any, grad: Any) -> list[Any]:
    """The gradient of a quotient."""
    x_, y_ = tf.conj(x), tf.conj(y)
    return list(unbroadcast(tf, x, y, tf.realdiv(grad, y_), grad * tf.realdiv(tf.realdiv(-x_, y_), y_)))


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
    attrs = NUMBERS
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
    attrs = NUMBERS
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
    attrs = NUMBERS
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.multiply

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, grad * tf.conj(y), tf.conj(x) * grad))


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
        return list(unbroadcast(tf, x, y, tf.math.multiply_no_nan(grad, y), tf.math.multiply_no_nan(x, grad)))


@op
class RealDiv:
    """Quotient of reals (tf.realdiv, /)."""

    signature = "x: T, y: T -> z: T"
    attrs = NUMBERS
    no_kernel = "T: int8, int16, int32, int64, uint8, uint16, uint32, uint64"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return quotient(n)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return divided(tf, x, y, grad)


@op
class Div:
    """Quotient; of whole numbers cut toward 0 (of older graphs)."""

    signature = "x: T, y: T -> z: T"
    attrs = NUMBERS
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return checked(n.xp, truncated(n.xp)) if n.out().is_integer else quotient(n)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return divided(tf, x, y, grad)


@op
class DivNoNan:
    """Quotient that is 0 where y is 0 (tf.div_no_nan)."""

    signature = "x: T, y: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp, zero = n.xp, n.xp.zeros((), n.dtype())
        return lambda x, y: xp.where(y == 0, zero, xp.true_divide(x, y))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        safe, x_, y_ = tf.div_no_nan, tf.conj(x), tf.conj(y)
        return list(unbroadcast(tf, x, y, safe(grad, y_), grad * safe(safe(-x_, y_), y_)))


@op
class FloorDiv:
    """Quotient rounded down (tf.floordiv, //)."""

    signature = "x: T, y: T -> z: T"
    attrs = NUMBERS
    no_kernel = "T: complex64, complex128"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        if n.out().is_integer:
            return checked(n.xp, n.xp.floor_divide)
        xp = n.xp
        return lambda x, y: xp.floor(xp.true_divide(x, y))


@op
class TruncateDiv:
    """Quotient of whole numbers cut toward 0 (tf.truncatediv)."""

    signature = "x: T, y: T -> z: T"
    attrs = NUMBERS
    no_kernel = "T: complex64, complex128"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp
        if n.out().is_integer:
            return checked(xp, truncated(xp))
        return lambda x, y: xp.trunc(xp.true_divide(x, y))


@op
class FloorMod:
    """Remainder with the sign of the divisor (tf.floormod, %)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {realnumbertype}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        if n.out().is_integer:
            return checked(xp, xp.remainder)

        def remainder(x: Any, y: Any) -> Any:
            rest = xp.fmod(x, y)
            off = xp.logical_and(xp.not_equal(rest, 0), xp.not_equal(xp.less(rest, 0), xp.less(y, 0)))
            return xp.where(off, xp.add(rest, y), rest)

        return remainder

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        return list(unbroadcast(tf, x, y, grad, -grad * tf.floordiv(x, y)))


@op
class TruncateMod:
    """Remainder with the sign of the dividend (tf.truncatemod)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {int32, int64, floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = broadcast_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return checked(n.xp, n.xp.fmod) if n.out().is_integer else n.xp.fmod


@op
class Mod:
    """Remainder with the sign of the dividend (of older graphs)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {int32, int64, floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = broadcast_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return checked(n.xp, n.xp.fmod) if n.out().is_integer else n.xp.fmod


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
            return lambda x, y: xp.where(xp.logical_or(x, y), xp.power(x, y), nan)
        if not n.out().is_integer:
            return xp.power

        def power(x: Any, y: Any) -> Any:
            if xp.any(xp.less(y, 0)) and xp.size(x):
                raise RunError("Integers to negative integer powers are not allowed")
            return xp.power(x, y)

        return power

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        base, exponent, z = tf.conj(x), tf.conj(y), tf.conj(op.outputs[0])
        zero = tf.zeros_like(base)
        usable = tf.not_equal(base, zero) if base.dtype.is_complex else tf.greater(base, zero)
        log = tf.where(usable, tf.log(tf.where(usable, base, tf.ones_like(base))), zero)
        return list(unbroadcast(tf, x, y, grad * (exponent * tf.pow(base, exponent - 1)), grad * (z * log)))


def _chosen(tf: Any, op: Any, grad: Any, first: Any) -> list[Any]:
    zeros = tf.zeros_like(grad)
    x, y = op.inputs
    return list(unbroadcast(tf, x, y, tf.where(first, grad, zeros), tf.where(first, zeros, grad)))


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
        return _chosen(tf, op, grad, tf.greater_equal(*op.inputs))


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
        return _chosen(tf, op, grad, tf.less_equal(*op.inputs))


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
        both = tf.scalar_mul(2, grad) * (x - y)
        return list(unbroadcast(tf, x, y, both, -both))


@op
class Atan2:
    """The angle of the point (x, y) (tf.atan2)."""

    signature = "y: T, x: T -> z: T"
    attrs = "T: {floating}"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.arctan2

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        y, x = op.inputs
        both = grad / (tf.square(x) + tf.square(y))
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
        return list(unbroadcast(tf, x, y, grad, tf.zeros_like(grad)))


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
