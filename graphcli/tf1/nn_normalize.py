"""Moments, batch normalization and normalization across channels (tf.nn)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.types import float16, float32
from .conversion import constant, convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .old_names import renamed

EXPORTS = """
nn: moments weighted_moments sufficient_statistics normalize_moments
nn: batch_normalization batch_norm_with_global_normalization fused_batch_norm
nn: lrn local_response_normalization=lrn
"""

tf = modules["tf"]


def moments(x: Any, axes: Any, shift: Any = None, name: str | None = None, keep_dims: bool | None = None,
            keepdims: bool | None = None) -> tuple[Any, Any]:
    """Mean and variance along ``axes`` (tf.nn.moments); float16 is computed in float32. shift: not used."""
    keep = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    if not is_tensor(x):
        raise InvalidType(f"moments needs a tensor, not {said(x)}", hint="constant() makes one")
    with name_scope(name, "moments"):
        half = x.dtype.base_dtype is float16
        y = tf.cast(x, float32) if half else x
        mean = tf.reduce_mean(y, axes, keepdims=True, name="mean")
        distance = tf.squared_difference(y, tf.stop_gradient(mean))
        variance = tf.reduce_mean(distance, axes, keepdims=True, name="variance")
        if not keep:
            mean, variance = tf.squeeze(mean, axes), tf.squeeze(variance, axes)
        if half:
            return tf.cast(mean, float16), tf.cast(variance, float16)
        return mean, variance


def weighted_moments(x: Any, axes: Any, frequency_weights: Any, name: str | None = None,
                     keep_dims: bool | None = None, keepdims: bool | None = None) -> tuple[Any, Any]:
    """Mean and variance along ``axes`` of values that count ``frequency_weights`` times (tf.nn.weighted_moments)."""
    keep = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "weighted_moments"):
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(frequency_weights, name="frequency_weights")
        half = x.dtype.base_dtype is float16
        if half:
            x = tf.cast(x, float32)
        if weights.dtype.base_dtype is not x.dtype.base_dtype:
            weights = tf.cast(weights, x.dtype.base_dtype)
        total = tf.reduce_sum(weights * x, axes, name="weighted_input_sum", keepdims=True)
        spread = weights + tf.zeros_like(x)
        count = tf.reduce_sum(spread, axes, name="sum_of_weights", keepdims=True)
        mean = tf.div_no_nan(total, count)
        distance = tf.reduce_sum(weights * tf.squared_difference(x, mean), axes, name="weighted_distsq", keepdims=True)
        variance = tf.div_no_nan(distance, count)
        if not keep:
            mean, variance = tf.squeeze(mean, axis=axes), tf.squeeze(variance, axis=axes)
        if half:
            mean, variance = tf.cast(mean, float16), tf.cast(variance, float16)
        return mean, variance


def sufficient_statistics(x: Any, axes: Any, shift: Any = None, keep_dims: bool | None = None,
                          name: str | None = None, keepdims: bool | None = None) -> tuple[Any, Any, Any, Any]:
    """Count, sum, sum of squares and shift: what ``normalize_moments`` needs (tf.nn.sufficient_statistics)."""
    axes = list(set(axes))
    keep = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "sufficient_statistics"):
        x = convert_to_tensor(x, name="x")
        static = x.static
        if static is not None and all(static[d] is not None for d in axes):
            number = 1
            for d in axes:
                number *= static[d]
            count = constant(number, dtype=x.dtype.base_dtype)
        else:
            rank = tf.rank(x)
            positive = [axis + rank if axis < 0 else axis for axis in axes]
            count = tf.reduce_prod(tf.gather(tf.cast(tf.shape(x), x.dtype.base_dtype), positive), name="count")
        if shift is not None:
            shift = convert_to_tensor(shift, name="shift")
            first, second = tf.subtract(x, shift), tf.squared_difference(x, shift)
        else:
            first, second = x, tf.square(x)
        first = tf.reduce_sum(first, axes, keepdims=keep, name="mean_ss")
        second = tf.reduce_sum(second, axes, keepdims=keep, name="var_ss")
    return count, first, second, shift


def normalize_moments(counts: Any, mean_ss: Any, variance_ss: Any, shift: Any,
                      name: str | None = None) -> tuple[Any, Any]:
    """Mean and variance from ``sufficient_statistics`` (tf.nn.normalize_moments)."""
    with name_scope(name, "normalize"):
        divisor = tf.reciprocal(counts, name="divisor")
        if shift is not None:
            shifted = tf.multiply(mean_ss, divisor, name="shifted_mean")
            mean = tf.add(shifted, shift, name="mean")
        else:
            mean = shifted = tf.multiply(mean_ss, divisor, name="mean")
        variance = tf.subtract(tf.multiply(variance_ss, divisor), tf.square(shifted), name="variance")
    return mean, variance


def batch_normalization(x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any,
                        name: str | None = None) -> Any:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, scale and offset if any (tf.nn.batch_normalization)."""
    with name_scope(name, "batchnorm"):
        inverse = tf.rsqrt(variance + variance_epsilon)
        if scale is not None:
            inverse = inverse * scale
        scaled = x * tf.cast(inverse, x.dtype.base_dtype)
        shift = offset - mean * inverse if offset is not None else -mean * inverse
        return scaled + tf.cast(shift, x.dtype.base_dtype)


def batch_norm_with_global_normalization(t: Any = None, m: Any = None, v: Any = None, beta: Any = None,
                                         gamma: Any = None, variance_epsilon: Any = None,
                                         scale_after_normalization: Any = None, name: str | None = None,
                                         input: Any = None, mean: Any = None, variance: Any = None) -> Any:
    """batch_normalization under its older name (tf.nn.batch_norm_with_global_normalization)."""
    t, m = renamed("input", input, "t", t), renamed("mean", mean, "m", m)
    v = renamed("variance", variance, "v", v)
    return batch_normalization(t, m, v, beta, gamma if scale_after_normalization else None, variance_epsilon, name)


def fused_batch_norm(x: Any, scale: Any, offset: Any, mean: Any = None, variance: Any = None, epsilon: float = 0.001,
                     data_format: str = "NHWC", is_training: bool = True, name: str | None = None,
                     exponential_avg_factor: float = 1.0) -> tuple[Any, Any, Any]:
    """Normalized x, mean and variance (tf.nn.fused_batch_norm).

    x: [batch, height, width, channels]; scale, offset, mean, variance: [channels]. In training mean and
    variance are the batch's. Raises InvalidValue where they are needed and not given.
    """
    if (not is_training or exponential_avg_factor != 1.0) and (mean is None or variance is None):
        raise InvalidValue("fused_batch_norm needs mean and variance when is_training is false "
                           "or exponential_avg_factor is not 1")
    x = convert_to_tensor(x, name="input")
    scale = convert_to_tensor(scale, name="scale")
    offset = convert_to_tensor(offset, name="offset")
    mean = constant([]) if mean is None else mean
    variance = constant([]) if variance is None else variance
    y, running_mean, running_variance, *_ = apply_op(
        "FusedBatchNormV3", name, [x, scale, offset, mean, variance],
        {"epsilon": epsilon, "exponential_avg_factor": exponential_avg_factor, "data_format": data_format,
         "is_training": is_training})
    return y, running_mean, running_variance


def lrn(input: Any, depth_radius: int = 5, bias: float = 1, alpha: float = 1, beta: float = 0.5,
        name: str | None = None) -> Any:
    """Local response normalization across channels (tf.nn.lrn)."""
    return apply_op("LRN", name, [input], {"depth_radius": depth_radius, "bias": bias, "alpha": alpha, "beta": beta})
