"""Elementwise mathematics of one argument."""
from __future__ import annotations

from typing import Any

from ..graph.inference import same_shape
from ..graph.opdef import no_gradient, op
from ._gradients import waiting

FRACTIONAL = "T: {floating, complex64, complex128}"
SIGNED = "T: {floating, int8, int16, int32, int64, complex64, complex128}"


@op
class Neg:
    """Negative, elementwise (tf.negative)."""

    signature = "x: T -> y: T"
    attrs = SIGNED
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.negative

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [-grad]


@op
class Abs:
    """Absolute value of real numbers (tf.abs)."""

    signature = "x: T -> y: T"
    attrs = "T: {bfloat16, float16, float32, float64, int8, int16, int32, int64}"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.absolute

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.sign(op.inputs[0])]


@op
class Sign:
    """-1, 0 or 1; NaN stays NaN (tf.sign)."""

    signature = "x: T -> y: T"
    attrs = SIGNED
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.sign

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.zeros_like(op.inputs[0])]


@op
class Square:
    """x * x (tf.square)."""

    signature = "x: T -> y: T"
    attrs = ("T: {bfloat16, float16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64, "
             "complex64, complex128}")
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.square

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.multiply(grad, tf.multiply(tf.conj(op.inputs[0]), tf.constant(2.0, op.inputs[0].dtype)))]


@op
class Sqrt:
    """Square root (tf.sqrt)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.sqrt

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("SqrtGrad", None, [op.outputs[0], grad])]


@op
class Rsqrt:
    """1 / sqrt(x) (tf.rsqrt)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda x: xp.reciprocal(xp.sqrt(x))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("RsqrtGrad", None, [op.outputs[0], grad])]


@op
class Exp:
    """e to the x (tf.exp)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.exp

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.conj(op.outputs[0])]


@op
class Expm1:
    """exp(x) - 1 without loss near 0 (tf.math.expm1)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.expm1

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.exp(tf.conj(op.inputs[0]))]


@op
class Log:
    """Natural logarithm (tf.log)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.log

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.reciprocal(tf.conj(op.inputs[0]))]


@op
class Log1p:
    """log(1 + x) without loss near 0 (tf.log1p)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.log1p

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.reciprocal(1 + tf.conj(op.inputs[0]))]


@op
class Sigmoid:
    """1 / (1 + exp(-x)) (tf.sigmoid)."""

    signature = "x: T -> y: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        if n.out().size == 2:
            return lambda x: (1 / (1 + xp.exp(-xp.asarray(x, xp.float32)))).astype(dtype)
        one = xp.asarray(1, dtype)
        return lambda x: one / (one + xp.exp(-x))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("SigmoidGrad", None, [tf.conj(op.outputs[0]), grad])]


@op
class Reciprocal:
    """1 / x (tf.reciprocal)."""

    signature = "x: T -> y: T"
    attrs = SIGNED
    no_kernel = "T: int8, int16, int32, int64"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.reciprocal

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("ReciprocalGrad", None, [op.outputs[0], grad])]


@op
class Inv:
    """1 / x (the older name of Reciprocal)."""

    signature = "x: T -> y: T"
    attrs = SIGNED
    no_kernel = "T: int8, int16, int32, int64"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.reciprocal

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("ReciprocalGrad", None, [op.outputs[0], grad])]


@op
class Round:
    """Nearest whole number, half to even (tf.round)."""

    signature = "x: T -> y: T"
    attrs = SIGNED
    no_kernel = "T: int8, int16, complex64, complex128"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.rint if n.out().is_floating else n.xp.positive

    gradient = no_gradient


@op
class Rint:
    """Nearest whole number, half to even (tf.rint)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.rint

    gradient = no_gradient


@op
class Floor:
    """Greatest whole number not above x (tf.floor)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.floor

    gradient = no_gradient


@op
class Ceil:
    """Least whole number not below x (tf.ceil)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.ceil

    gradient = no_gradient
