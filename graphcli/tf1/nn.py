"""Activation functions, biases, and what surrounds them (tf.nn)."""
from __future__ import annotations

from typing import Any

from ..autodiff import own
from ..errors import InvalidValue, said
from ..graph.types import float32, int32, int64
from .calls import elementwise
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .old_names import renamed

EXPORTS = """
nn: relu relu6 elu selu leaky_relu crelu swish silu=swish relu_layer bias_add l2_loss
nn: softplus softsign l2_normalize zero_fraction
math: softplus softsign l2_normalize zero_fraction
linalg: l2_normalize
"""

tf = modules["tf"]

relu = elementwise("relu", "Relu")
elu = elementwise("elu", "Elu")
selu = elementwise("selu", "Selu")
softplus = elementwise("softplus", "Softplus")
softsign = elementwise("softsign", "Softsign")
l2_loss = elementwise("l2_loss", "L2Loss")


def relu6(features: Any, name: str | None = None) -> Any:
    """max(x, 0), at most 6 (tf.nn.relu6)."""
    with name_scope(name, "Relu6") as scope:
        features = convert_to_tensor(features, name="features")
        return apply_op("Relu6", scope, [features])


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Any:
    """x where it is positive, else alpha * x; whole numbers become float32 (tf.nn.leaky_relu)."""
    with name_scope(name, "LeakyRelu") as scope:
        features = convert_to_tensor(features, name="features")
        if features.dtype.is_integer:
            features = tf.cast(features, float32)
        return apply_op("LeakyRelu", scope, [features], {"alpha": alpha})


def crelu(features: Any, name: str | None = None, axis: int = -1) -> Any:
    """relu of x and of -x, side by side along ``axis`` (tf.nn.crelu)."""
    with name_scope(name, "CRelu") as scope:
        features = convert_to_tensor(features, name="features")
        both = tf.concat([features, -features], axis, name=scope)
        return apply_op("Relu", None, [both])


def swish(features: Any, beta: Any = 1.0) -> Any:
    """x * sigmoid(beta * x) (tf.nn.swish)."""
    features = convert_to_tensor(features, name="features")
    beta = tf.cast(convert_to_tensor(beta, name="beta"), features.dtype.base_dtype)
    result = features * tf.sigmoid(beta * features)
    apply_op("Identity", None, [result])
    same = apply_op("IdentityN", None, [[result, features, beta]])
    own.give(same[0].op, _swish_gradient)
    return same[0]


def _swish_gradient(op: Any, grad: Any, *unused: Any) -> list[Any]:
    _, features, beta = op.inputs
    with tf.control_dependencies([grad]):
        part = tf.sigmoid(beta * features)
    slope = part * (1.0 + (beta * features) * (1.0 - part))
    of_beta = tf.reduce_sum(grad * tf.square(features) * part * (1.0 - part))
    return [None, grad * slope, of_beta]


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """value + bias along the channels: the last axis, or the second of ``NC…`` formats (tf.nn.bias_add)."""
    with name_scope(name, "BiasAdd") as scope:
        if data_format is not None:
            if data_format.startswith("NC"):
                data_format = "NCHW"
            elif data_format.startswith("N") and data_format.endswith("C"):
                data_format = "NHWC"
            else:
                raise InvalidValue(f"data_format is of the form N...C or NC..., not {said(data_format)}")
        value = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, dtype=value.dtype, name="bias")
        return apply_op("BiasAdd", scope, [value, bias], {"data_format": data_format})


def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Any:
    """relu(x @ weights + biases) (tf.nn.relu_layer)."""
    with name_scope(name, "relu_layer") as scope:
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        return relu(bias_add(tf.matmul(x, weights), biases), name=scope)


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None) -> Any:
    """x over the root of its sum of squares along ``axis``, which is at least epsilon (tf.nn.l2_normalize)."""
    axis = renamed("axis", axis, "dim", dim)
    with name_scope(name, "l2_normalize") as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            squares = tf.square(tf.real(x)) + tf.square(tf.imag(x))
            # a complex x has TensorFlow's real() around its real sum, which makes no node
            total = tf.real(_sum(squares, axis))
            inverse = tf.rsqrt(tf.maximum(total, epsilon))
            return tf.complex(tf.multiply(tf.real(x), inverse), tf.multiply(tf.imag(x), inverse), name=scope)
        total = _sum(tf.square(x), axis)
        return tf.multiply(x, tf.rsqrt(tf.maximum(total, epsilon)), name=scope)


def _sum(x: Any, axis: Any) -> Any:
    return tf.reduce_sum(x, axis, keepdims=True)


def _count_nonzero(x: Any, dtype: Any) -> Any:
    with name_scope("count_nonzero"):
        zero = tf.zeros([], dtype=x.dtype)
        return tf.reduce_sum(tf.cast(tf.not_equal(x, zero), dtype), name="nonzero_count")


def zero_fraction(value: Any, name: str | None = None) -> Any:
    """The share of elements that are 0, float32 (tf.nn.zero_fraction)."""
    with name_scope(name, "zero_fraction"):
        value = convert_to_tensor(value, name="value")
        size = tf.size(value, out_type=int64)
        count = tf.cond(size <= int32.max, lambda: tf.cast(_count_nonzero(value, int32), int64),
                        lambda: _count_nonzero(value, int64))
        with name_scope("counts_to_fraction"):
            zeros = tf.cast(size - count, float32)
            fraction = zeros / tf.cast(size, float32)
        return tf.identity(fraction, "fraction")
