"""Reductions with TF1's constants for their axes, positions of extremes, running sums."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.types import as_dtype, int64
from .framework import apply_op, constant, convert_to_tensor, is_tensor, name_scope

EXPORTS = """
tf math: reduce_sum reduce_mean reduce_prod reduce_max reduce_min reduce_all reduce_any reduce_logsumexp
tf math: count_nonzero argmax argmin cumsum cumprod
math: reduce_euclidean_norm reduce_variance reduce_std
tf: arg_max arg_min
linalg: norm
tf: norm
"""


def _axes(x: Any, axis: Any) -> Any:
    """The axes as an input: all of them where ``axis`` is None."""
    if axis is not None:
        return axis
    if x.static is not None:
        import numpy as np

        return constant(np.arange(len(x.static), dtype=np.int32))
    from . import range as tf_range
    from . import rank

    return tf_range(0, rank(x))


def _given(new: Any, old: Any, new_name: str, old_name: str) -> Any:
    """The value of an argument that has an older name too."""
    if old is not None:
        if new is not None:
            raise InvalidValue(f"{new_name} and its older name {old_name} are both given")
        return old
    return new


def _reduce(op_type: str, input_tensor: Any, axis: Any, keepdims: Any, name: Any, reduction_indices: Any,
            keep_dims: Any) -> Any:
    axis = _given(axis, reduction_indices, "axis", "reduction_indices")
    keep = bool(_given(keepdims, keep_dims, "keepdims", "keep_dims"))
    x = convert_to_tensor(input_tensor, name="input_tensor") if not is_tensor(input_tensor) else input_tensor
    x = convert_to_tensor(x)
    out = apply_op(op_type, name, [x, _axes(x, axis)], {"keep_dims": keep})
    if out.static is None and axis is None and not keep:
        out.set_shape(())
    return out


def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
               reduction_indices: Any = None, keep_dims: Any = None) -> Any:
    """Sum over ``axis``, all axes if None (tf.reduce_sum)."""
    return _reduce("Sum", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
                reduction_indices: Any = None, keep_dims: Any = None) -> Any:
    """Mean over ``axis`` (tf.reduce_mean)."""
    return _reduce("Mean", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_prod(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
                reduction_indices: Any = None, keep_dims: Any = None) -> Any:
    """Product over ``axis`` (tf.reduce_prod)."""
    return _reduce("Prod", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_max(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
               reduction_indices: Any = None, keep_dims: Any = None) -> Any:
    """Greatest over ``axis`` (tf.reduce_max)."""
    return _reduce("Max", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_min(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
               reduction_indices: Any = None, keep_dims: Any = None) -> Any:
    """Least over ``axis`` (tf.reduce_min)."""
    return _reduce("Min", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_all(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
               reduction_indices: Any = None, keep_dims: Any = None) -> Any:
    """And over ``axis`` (tf.reduce_all)."""
    return _reduce("All", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_any(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
               reduction_indices: Any = None, keep_dims: Any = None) -> Any:
    """Or over ``axis`` (tf.reduce_any)."""
    return _reduce("Any", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_euclidean_norm(input_tensor: Any, axis: Any = None, keepdims: bool = False,
                          name: str | None = None) -> Any:
    """Root of the sum of squares (tf.math.reduce_euclidean_norm)."""
    return _reduce("EuclideanNorm", input_tensor, axis, keepdims, name, None, None)


def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Mean squared distance from the mean (tf.math.reduce_variance)."""
    tf = _tf()
    with name_scope(name or "reduce_variance"):
        x = convert_to_tensor(input_tensor)
        means = reduce_mean(x, axis=axis, keepdims=True)
        return reduce_mean(tf.squared_difference(x, means), axis=axis, keepdims=keepdims)


def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Root of the variance (tf.math.reduce_std)."""
    with name_scope(name or "reduce_std"):
        return _tf().sqrt(reduce_variance(input_tensor, axis=axis, keepdims=keepdims))


def reduce_logsumexp(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
                     reduction_indices: Any = None, keep_dims: Any = None) -> Any:
    """log(sum(exp(x))) without overflow (tf.reduce_logsumexp)."""
    axis = _given(axis, reduction_indices, "axis", "reduction_indices")
    keep = bool(_given(keepdims, keep_dims, "keepdims", "keep_dims"))
    tf = _tf()
    with name_scope(name, "ReduceLogSumExp") as scope:
        raw_max = reduce_max(input_tensor, axis=axis, keepdims=True)
        finite = tf.where(tf.is_finite(raw_max), raw_max, tf.zeros_like(raw_max))
        top = tf.stop_gradient(finite)
        result = tf.log(reduce_sum(tf.exp(tf.subtract(input_tensor, top)), axis=axis, keepdims=keep))
        if not keep:
            top = tf.reshape(top, tf.shape(result))
        return tf.add(result, top, name=scope)


def count_nonzero(input_tensor: Any = None, axis: Any = None, keepdims: Any = None, dtype: Any = int64,
                  name: str | None = None, reduction_indices: Any = None, keep_dims: Any = None,
                  input: Any = None) -> Any:
    """How many are not 0 (tf.count_nonzero)."""
    axis = _given(axis, reduction_indices, "axis", "reduction_indices")
    keep = bool(_given(keepdims, keep_dims, "keepdims", "keep_dims"))
    x = _given(input, input_tensor, "input", "input_tensor")
    tf = _tf()
    with name_scope(name, "count_nonzero"):
        x = convert_to_tensor(x, name="input")
        zero = tf.zeros([], dtype=x.dtype.base_dtype)
        return tf.cast(reduce_sum(tf.cast(tf.not_equal(x, zero), int64), axis=axis, keepdims=keep), dtype=dtype)


def argmax(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None,
           output_type: Any = int64) -> Any:
    """Where the greatest is along ``axis``, 0 if None (tf.argmax)."""
    axis = _given(axis, dimension, "axis", "dimension")
    return apply_op("ArgMax", name, [input, 0 if axis is None else axis], {"output_type": as_dtype(output_type)})


def argmin(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None,
           output_type: Any = int64) -> Any:
    """Where the least is along ``axis``, 0 if None (tf.argmin)."""
    axis = _given(axis, dimension, "axis", "dimension")
    return apply_op("ArgMin", name, [input, 0 if axis is None else axis], {"output_type": as_dtype(output_type)})


def arg_max(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Any:
    """The older name of tf.argmax."""
    return argmax(input, dimension, name, output_type=output_type)


def arg_min(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Any:
    """The older name of tf.argmin."""
    return argmin(input, dimension, name, output_type=output_type)


def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """Running sum along ``axis`` (tf.cumsum)."""
    with name_scope(name, "Cumsum") as scope:
        x = convert_to_tensor(x, name="x")
        return apply_op("Cumsum", scope, [x, axis], {"exclusive": exclusive, "reverse": reverse})


def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """Running product along ``axis`` (tf.cumprod)."""
    with name_scope(name, "Cumprod") as scope:
        x = convert_to_tensor(x, name="x")
        return apply_op("Cumprod", scope, [x, axis], {"exclusive": exclusive, "reverse": reverse})


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: str | None = None,
         keep_dims: Any = None) -> Any:
    """The norm of vectors: euclidean, 1, 2, a number or infinity (tf.norm)."""
    tf = _tf()
    keep = bool(_given(keepdims, keep_dims, "keepdims", "keep_dims"))
    with name_scope(name, "norm"):
        x = convert_to_tensor(tensor)
        if ord in ("euclidean", "fro", 2, 2.0):
            result = tf.sqrt(reduce_sum(x * tf.conj(x), axis, keepdims=True), name="norm")
        elif ord == 1:
            result = reduce_sum(tf.abs(x), axis, keepdims=True)
        elif ord == float("inf"):
            result = reduce_max(tf.abs(x), axis, keepdims=True)
        else:
            result = tf.pow(reduce_sum(tf.pow(tf.abs(x), ord), axis, keepdims=True), 1.0 / ord)
        return result if keep else tf.squeeze(result, axis)


def _tf() -> Any:
    from . import modules

    return modules["tf"]


