"""Elementwise circular and hyperbolic functions, and their inverses."""
from __future__ import annotations

from typing import Any

from ..graph.inference import same_shape
from ..graph.opdef import op
from ._gradients import waiting
from .math_unary import FRACTIONAL


def _one_less_square(tf: Any, op: Any) -> Any:
    square = tf.square(tf.conj(op.inputs[0]))
    return tf.apply_op("Sub", None, [tf.constant(1, square.dtype), square])


def _slope(tf: Any, op: Any) -> Any:
    """The slope of the inverse sine."""
    return tf.reciprocal(tf.sqrt(_one_less_square(tf, op)))


@op
class Sin:
    """Sine (tf.sin)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.sin

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.cos(tf.conj(op.inputs[0]))]


@op
class Cos:
    """Cosine (tf.cos)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.cos

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = tf.conj(op.inputs[0])
        return [-grad * tf.sin(x)]


@op
class Tan:
    """Tangent (tf.tan)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.tan

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.square(tf.reciprocal(tf.cos(tf.conj(op.inputs[0])))) * grad]


@op
class Asin:
    """Inverse sine (tf.asin)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.arcsin

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * _slope(tf, op)]


@op
class Acos:
    """Inverse cosine (tf.acos)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.arccos

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        slope = _slope(tf, op)
        return [-grad * slope]


@op
class Atan:
    """Inverse tangent (tf.atan)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.arctan

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        square = tf.square(tf.conj(op.inputs[0]))
        one = tf.constant(1, grad.dtype)
        return [grad * tf.reciprocal(tf.apply_op("AddV2", "Add", [one, square]))]


@op
class Sinh:
    """Hyperbolic sine (tf.sinh)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.sinh

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.cosh(tf.conj(op.inputs[0]))]


@op
class Cosh:
    """Hyperbolic cosine (tf.cosh)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.cosh

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.sinh(tf.conj(op.inputs[0]))]


@op
class Tanh:
    """Hyperbolic tangent (tf.tanh)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.tanh

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("TanhGrad", None, [tf.conj(op.outputs[0]), grad])]


@op
class Asinh:
    """Inverse hyperbolic sine (tf.asinh)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.arcsinh

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad / tf.cosh(tf.conj(op.outputs[0]))]


@op
class Acosh:
    """Inverse hyperbolic cosine (tf.acosh)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.arccosh

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad / tf.sinh(tf.conj(op.outputs[0]))]


@op
class Atanh:
    """Inverse hyperbolic tangent (tf.atanh)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.arctanh

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.reciprocal(_one_less_square(tf, op))]
