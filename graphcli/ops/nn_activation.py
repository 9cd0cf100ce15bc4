"""Activation functions and their gradients."""
from __future__ import annotations

from typing import Any

from ..graph.inference import same_shape
from ..graph.opdef import op, undefined_gradient

REAL = "T: {realnumbertype}"
FLOAT = "T: {floating}"
SELU_SCALE = 1.0507009873554804934193349852946
SELU_SCALE_ALPHA = 1.7580993408473768599402175208123


def both(n: Any, g: Any, x: Any) -> Any:
    """A gradient and what it belongs to have one shape."""
    return n.merge(g, x)


def of(op_type: str, pick: str, *attrs: str) -> Any:
    """The gradient as one node: of the op's output or of its input."""
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        known = op.outputs[0] if pick == "output" else op.inputs[0]
        return [tf.apply_op(op_type, None, [grad, known], {a: op.attrs[a] for a in attrs})]

    return gradient


@op
class Relu:
    """max(x, 0) (tf.nn.relu)."""

    signature = "features: T -> activations: T"
    attrs = REAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero = xp.zeros((), n.dtype())
        return lambda x: xp.maximum(x, zero)

    gradient = of("ReluGrad", "output")


@op
class Relu6:
    """max(x, 0), at most 6 (tf.nn.relu6)."""

    signature = "features: T -> activations: T"
    attrs = REAL
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero, six = xp.asarray(0, n.dtype()), xp.asarray(6, n.dtype())
        return lambda x: xp.minimum(xp.maximum(x, zero), six)

    gradient = of("Relu6Grad", "output")


@op
class LeakyRelu:
    """x where it is positive, else alpha * x (tf.nn.leaky_relu)."""

    signature = "features: T -> activations: T"
    attrs = "alpha: float = 0.2; T: {floating} = float32"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero, alpha = xp.asarray(0, n.dtype()), xp.asarray(xp.float32(n.attrs["alpha"]), n.dtype())
        return lambda x: xp.where(x > zero, x, x * alpha)

    gradient = of("LeakyReluGrad", "input", "alpha")


@op
class Elu:
    """x where it is not negative, else exp(x) - 1 (tf.nn.elu)."""

    signature = "features: T -> activations: T"
    attrs = FLOAT
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero = xp.asarray(0, n.dtype())
        return lambda x: xp.where(x < zero, xp.expm1(xp.minimum(x, zero)), x)

    gradient = of("EluGrad", "output")


@op
class Selu:
    """The scaled exponential unit, which keeps mean 0 and variance 1 (tf.nn.selu)."""

    signature = "features: T -> activations: T"
    attrs = FLOAT
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero = xp.asarray(0, n.dtype())
        scale, below = xp.asarray(SELU_SCALE, n.dtype()), xp.asarray(SELU_SCALE_ALPHA, n.dtype())
        return lambda x: xp.where(x < zero, below * xp.expm1(xp.minimum(x, zero)), scale * x)

    gradient = of("SeluGrad", "output")


@op
class Softplus:
    """log(1 + exp(x)) (tf.nn.softplus)."""

    signature = "features: T -> activations: T"
    attrs = FLOAT
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero = xp.asarray(0, n.dtype())
        return lambda x: xp.maximum(x, zero) + xp.log1p(xp.exp(-xp.abs(x)))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.sigmoid(op.inputs[0])]


@op
class Softsign:
    """x / (1 + |x|) (tf.nn.softsign)."""

    signature = "features: T -> activations: T"
    attrs = FLOAT
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        one = xp.asarray(1, n.dtype())
        return lambda x: x / (one + xp.abs(x))

    gradient = of("SoftsignGrad", "input")


@op
class ReluGrad:
    """The gradient of Relu: grad where the feature is positive, else 0 * grad, as TensorFlow has it."""

    signature = "gradients: T, features: T -> backprops: T"
    attrs = REAL
    elementwise = True
    infer = both

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero = xp.asarray(0, n.dtype())
        return lambda g, x: xp.multiply(g, x > zero)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[1]
        return [tf.apply_op("ReluGrad", None, [grad, x]), tf.zeros_like(x)]


@op
class Relu6Grad:
    """The gradient of Relu6: grad where the feature is between 0 and 6, else 0 * grad."""

    signature = "gradients: T, features: T -> backprops: T"
    attrs = REAL
    elementwise = True
    infer = both

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero, six = xp.asarray(0, n.dtype()), xp.asarray(6, n.dtype())
        return lambda g, x: xp.multiply(g, (x > zero) & (x < six))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[1]
        return [tf.apply_op("Relu6Grad", None, [grad, x]), tf.zeros_like(x)]


@op
class LeakyReluGrad:
    """The gradient of LeakyRelu."""

    signature = "gradients: T, features: T -> backprops: T"
    attrs = "alpha: float = 0.2; T: {floating} = float32"
    elementwise = True
    infer = both

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero, alpha = xp.asarray(0, n.dtype()), xp.asarray(xp.float32(n.attrs["alpha"]), n.dtype())
        return lambda g, x: xp.where(x > zero, g, g * alpha)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[1]
        return [tf.apply_op("LeakyReluGrad", None, [grad, x], {"alpha": op.attrs["alpha"]}), tf.zeros_like(x)]


@op
class EluGrad:
    """The gradient of Elu, from its output."""

    signature = "gradients: T, outputs: T -> backprops: T"
    attrs = FLOAT
    elementwise = True
    infer = both

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero, one = xp.asarray(0, n.dtype()), xp.asarray(1, n.dtype())
        return lambda g, y: xp.where(y < zero, (y + one) * g, g)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        g, y = op.inputs
        return [tf.apply_op("EluGrad", None, [grad, y]), tf.where(y < 0.0, grad * g, tf.zeros_like(y))]


@op
class SeluGrad:
    """The gradient of Selu, from its output."""

    signature = "gradients: T, outputs: T -> backprops: T"
    attrs = FLOAT
    elementwise = True
    infer = both

    def kernel(n: Any) -> Any:
        xp = n.xp
        zero = xp.asarray(0, n.dtype())
        scale, below = xp.asarray(SELU_SCALE, n.dtype()), xp.asarray(SELU_SCALE_ALPHA, n.dtype())
        return lambda g, y: xp.where(y < zero, g * (y + below), g * scale)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        g, y = op.inputs
        return [tf.apply_op("SeluGrad", None, [grad, y]), tf.where(y < 0.0, grad * g, tf.zeros_like(y))]


@op
class SoftplusGrad:
    """The gradient of Softplus: grad / (1 + exp(-x))."""

    signature = "gradients: T, features: T -> backprops: T"
    attrs = FLOAT
    elementwise = True
    infer = both

    def kernel(n: Any) -> Any:
        xp = n.xp
        one = xp.asarray(1, n.dtype())
        return lambda g, x: g / (xp.exp(-x) + one)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        g, x = op.inputs
        return [tf.apply_op("SoftplusGrad", None, [grad, x]), grad * g / (tf.exp(-x) + 2.0 + tf.exp(x))]


@op
class SoftsignGrad:
    """The gradient of Softsign: grad / (1 + |x|)^2."""

    signature = "gradients: T, features: T -> backprops: T"
    attrs = FLOAT
    elementwise = True
    infer = both
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp
        one = xp.asarray(1, n.dtype())
        return lambda g, x: g / xp.square(one + xp.abs(x))
