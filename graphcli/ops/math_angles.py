"""Elementwise circular and hyperbolic functions, and their inverses."""
from __future__ import annotations

from typing import Any

from ..graph.inference import same_shape
from ..graph.opdef import op
from .math_unary import FRACTIONAL


@op
class Sin:
    """Sine (tf.sin)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.sin

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

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [-grad * tf.sin(tf.conj(op.inputs[0]))]


@op
class Tan:
    """Tangent (tf.tan)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.tan

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.square(tf.reciprocal(tf.cos(tf.conj(op.inputs[0]))))]


@op
class Asin:
    """Inverse sine (tf.asin)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.arcsin

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.reciprocal(tf.sqrt(1 - tf.square(tf.conj(op.inputs[0]))))]


@op
class Acos:
    """Inverse cosine (tf.acos)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.arccos

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [-grad * tf.reciprocal(tf.sqrt(1 - tf.square(tf.conj(op.inputs[0]))))]


@op
class Atan:
    """Inverse tangent (tf.atan)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.arctan

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.reciprocal(1 + tf.square(tf.conj(op.inputs[0])))]


@op
class Sinh:
    """Hyperbolic sine (tf.sinh)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.sinh

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

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.reciprocal(1 - tf.square(tf.conj(op.inputs[0])))]
