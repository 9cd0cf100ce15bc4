"""Quotients and remainders of two arguments, each with the rounding of its language."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.inference import broadcast_shape
from ..graph.opdef import no_gradient, op, undefined_gradient
from ._gradients import unbroadcast
from .math_binary import FRACTIONAL, NUMBERS, divided


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
        rest = xp.fmod(x, y)
        if not xp.ndim(rest):
            return xp.floor_divide(xp.subtract(x, rest), y)
        # what has no rest is divided in place
        return xp.floor_divide(xp.subtract(x, rest, out=rest), y, out=rest)

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
        return divided(tf, x, y, grad, tf.realdiv)


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
        return divided(tf, x, y, grad, tf.divide)


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
        return list(unbroadcast(tf, x, y, grad, grad * -tf.apply_op("FloorDiv", None, [x, y])))


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
