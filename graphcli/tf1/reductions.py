"""Reductions with TF1's constants for their axes, positions of extremes, running sums and products."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, said
from ..graph.types import as_dtype, int32, int64
from .conversion import constant, convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .named import named
from .old_names import renamed
from .ragged_value import is_ragged

EXPORTS = """
tf math: reduce_sum reduce_mean reduce_prod reduce_max reduce_min reduce_all reduce_any reduce_logsumexp
tf math: count_nonzero argmax argmin cumsum cumprod
math: reduce_euclidean_norm reduce_variance reduce_std cumulative_logsumexp
tf: arg_max arg_min
"""

tf = modules["tf"]


def _axes(x: Any, axis: Any) -> Any:
    """The axes of a reduction: all of them where ``axis`` is None, computed where the rank is unknown."""
    if axis is not None:
        return axis
    rank = None if is_ragged(x) else getattr(getattr(x, "shape", None), "rank", None)
    if rank:
        import numpy as np

        return constant(np.arange(rank, dtype=np.int32))
    return tf.range(0, tf.rank(x))


def _reduce(op_type: str, x: Any, axis: Any, keep: bool, name: str | None) -> Any:
    out = apply_op(op_type, name, [x, _axes(x, axis)], {"keep_dims": keep})
    if axis is None and not keep and out.static is None:
        out.set_shape(())
    return out


def _reduction(name: str, op_type: str, doc: str) -> Any:
    def reduce(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
               reduction_indices: Any = None, keep_dims: Any = None) -> Any:
        axis = renamed("axis", axis, "reduction_indices", reduction_indices)
        keepdims = renamed("keepdims", keepdims, "keep_dims", keep_dims)
        return _reduce(op_type, input_tensor, axis, bool(keepdims), name)

    return named(reduce, name, f"{doc} over ``axis`` (a number or list; None: all axes) (tf.{name}).")


reduce_sum = _reduction("reduce_sum", "Sum", "Sum")
reduce_mean = _reduction("reduce_mean", "Mean", "Mean")
reduce_prod = _reduction("reduce_prod", "Prod", "Product")
reduce_max = _reduction("reduce_max", "Max", "Greatest")
reduce_min = _reduction("reduce_min", "Min", "Least")
reduce_all = _reduction("reduce_all", "All", "And")
reduce_any = _reduction("reduce_any", "Any", "Or")


def reduce_euclidean_norm(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Any:
    """Root of the sum of squares (tf.math.reduce_euclidean_norm)."""
    return _reduce("EuclideanNorm", input_tensor, axis, bool(keepdims), name)


def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Any:
    """Mean square of the distance from the mean (tf.math.reduce_variance)."""
    with name_scope(name or "reduce_variance"):
        x = convert_to_tensor(input_tensor)
        means = reduce_mean(x, axis=axis, keepdims=True)
        if means.dtype.is_integer:
            raise InvalidType(f"reduce_variance takes real or complex numbers, not {means.dtype.base_dtype.name}")
        distance = x - means
        if distance.dtype.is_complex:
            squares = tf.real(apply_op("Mul", None, [apply_op("Conj", None, [distance]), distance]))
        else:
            squares = apply_op("Square", None, [distance])
        return reduce_mean(squares, axis=axis, keepdims=keepdims)


def reduce_std(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Any:
    """Root of the variance (tf.math.reduce_std)."""
    with name_scope(name or "reduce_std"):
        x = convert_to_tensor(input_tensor)
        return apply_op("Sqrt", None, [reduce_variance(x, axis=axis, keepdims=keepdims)])


def reduce_logsumexp(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
                     reduction_indices: Any = None, keep_dims: Any = None) -> Any:
    """log(sum(exp(x))) without overflow (tf.reduce_logsumexp)."""
    axis = renamed("axis", axis, "reduction_indices", reduction_indices)
    keepdims = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "ReduceLogSumExp") as scope:
        highest = reduce_max(input_tensor, axis=axis, keepdims=True)
        shift = tf.stop_gradient(apply_op("SelectV2", None, [tf.is_finite(highest), highest, 0]))
        result = tf.log(reduce_sum(tf.exp(tf.subtract(input_tensor, shift)), axis=axis, keepdims=keepdims))
        if not keepdims:
            shift = tf.reshape(shift, apply_op("Shape", None, [result]))
        out = tf.add(result, shift, name=scope)
        if axis is None and not keepdims and out.static is None:
            out.set_shape(())
        return out


def count_nonzero(input_tensor: Any = None, axis: Any = None, keepdims: Any = None, dtype: Any = int64,
                  name: str | None = None, reduction_indices: Any = None, keep_dims: Any = None,
                  input: Any = None) -> Any:
    """How many elements are not 0 (tf.count_nonzero)."""
    keepdims = renamed("keepdims", keepdims, "keep_dims", keep_dims)
    x = renamed("input", input, "input_tensor", input_tensor)
    axis = renamed("axis", axis, "reduction_indices", reduction_indices)
    with name_scope(name, "count_nonzero"):
        x = convert_to_tensor(x, name="input")
        if not x.dtype.is_bool:
            x = apply_op("NotEqual", None, [x, tf.zeros([], dtype=x.dtype.base_dtype)])
        return tf.cast(reduce_sum(tf.cast(x, int64), axis=axis, keepdims=keepdims), dtype)


def _position(op_type: str, x: Any, axis: Any, output_type: Any, name: str | None) -> Any:
    axis = 0 if axis is None else axis
    if is_tensor(axis):
        if op_type == "ArgMax" and axis.dtype.base_dtype.name in ("int8", "int16", "uint8", "uint16"):
            axis = tf.cast(axis, int32)
    elif not isinstance(axis, int) and not (op_type == "ArgMin" and hasattr(axis, "dtype")):
        raise InvalidType(f"axis is one whole number, not {said(axis)}")
    return apply_op(op_type, name, [x, axis], {"output_type": as_dtype(output_type)})


def argmax(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None,
           output_type: Any = int64) -> Any:
    """Where the greatest is along ``axis`` (0 if None), the first of equals (tf.argmax)."""
    return _position("ArgMax", input, renamed("axis", axis, "dimension", dimension), output_type, name)


def argmin(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None,
           output_type: Any = int64) -> Any:
    """Where the least is along ``axis`` (0 if None), the first of equals (tf.argmin)."""
    return _position("ArgMin", input, renamed("axis", axis, "dimension", dimension), output_type, name)


def arg_max(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Any:
    """The older form of tf.argmax."""
    return apply_op("ArgMax", name, [input, dimension], {"output_type": as_dtype(output_type)})


def arg_min(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Any:
    """The older form of tf.argmin."""
    return apply_op("ArgMin", name, [input, dimension], {"output_type": as_dtype(output_type)})


def _scan(op_type: str, x: Any, axis: Any, exclusive: bool, reverse: bool, name: str | None) -> Any:
    with name_scope(name, op_type) as scope:
        x = convert_to_tensor(x, name="x")
        return apply_op(op_type, scope, [x, axis], {"exclusive": exclusive, "reverse": reverse})


def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """Running sum along ``axis`` (tf.cumsum)."""
    return _scan("Cumsum", x, axis, exclusive, reverse, name)


def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """Running product along ``axis`` (tf.cumprod)."""
    return _scan("Cumprod", x, axis, exclusive, reverse, name)


def cumulative_logsumexp(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False,
                         name: str | None = None) -> Any:
    """Running log of the sum of exp along ``axis`` (tf.math.cumulative_logsumexp)."""
    return _scan("CumulativeLogsumexp", x, axis, exclusive, reverse, name)
