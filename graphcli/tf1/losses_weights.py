"""Weights of losses: they have the rank of the values, and each size is the values' or 1."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.constant import static_value
from ..graph.shapes import compatible, show
from .conversion import convert_to_tensor
from .framework import name_scope
from .modules import modules

tf = modules["tf"]


def assert_broadcastable(weights: Any, values: Any) -> Any:
    """A node that fails unless the weights fit the values. Raises InvalidValue where that is known now."""
    with name_scope(None, "assert_broadcastable") as scope:
        with name_scope(None, "weights") as inner:
            weights = convert_to_tensor(weights, name=inner)
            weights_shape = tf.shape(weights, name="shape")
            weights_rank = tf.rank(weights, name="rank")
        with name_scope(None, "values") as inner:
            values = convert_to_tensor(values, name=inner)
            values_shape = tf.shape(values, name="shape")
            values_rank = tf.rank(values, name="rank")
        known = static_value(weights_rank), static_value(values_rank)
        if None not in known:
            if known[0] == 0:
                return tf.no_op(name="static_scalar_check_success")
            if known[0] != known[1]:
                raise InvalidValue(f"weights must be a scalar or have the rank of the losses: the weights are "
                                   f"{show(weights.static)}, the losses {show(values.static)}")
            sizes = static_value(weights_shape), static_value(values_shape)
            if sizes[0] is not None and sizes[1] is not None:
                if any(w not in (1, v) for w, v in zip(*sizes)):
                    raise InvalidValue(f"each size of the weights must be 1 or that of the losses: the weights are "
                                       f"{show(weights.static)}, the losses {show(values.static)}")
                return tf.no_op(name="static_dims_check_success")
        is_scalar = tf.equal(0, weights_rank, name="is_scalar")
        data = ("weights can not be broadcast to values.", "weights.shape=", weights.name, weights_shape,
                "values.shape=", values.name, values_shape, "is_scalar=", is_scalar)
        valid = tf.cond(is_scalar, lambda: is_scalar,
                        lambda: _fits(weights_rank, weights_shape, values_rank, values_shape), name="is_valid_shape")
        return tf.Assert(valid, data, name=scope)


def _fits(weights_rank: Any, weights_shape: Any, values_rank: Any, values_shape: Any) -> Any:
    with name_scope(None, "has_valid_nonscalar_shape") as scope:
        same = tf.equal(values_rank, weights_rank, name="is_same_rank")
        return tf.cond(same, lambda: _sizes_fit(weights_shape, values_shape), lambda: same, name=scope)


def _sizes_fit(weights_shape: Any, values_shape: Any) -> Any:
    with name_scope(None, "has_invalid_dims") as scope:
        columns = tf.expand_dims(values_shape, -1)
        valid = tf.concat((columns, tf.ones_like(columns)), axis=1)
        given = tf.expand_dims(weights_shape, -1)
        wrong = tf.apply_op("DenseToDenseSetOperation", "DenseToDenseSetOperation", [given, valid],
                            {"set_operation": "a-b", "validate_indices": True})
        count = tf.size(wrong.result_values, name="num_invalid_dims")
        return tf.equal(0, count, name=scope)


def broadcast_weights(weights: Any, values: Any) -> Any:
    """The weights in the shape of the values."""
    with name_scope(None, "broadcast_weights") as scope:
        values = convert_to_tensor(values, name="values")
        weights = convert_to_tensor(weights, dtype=values.dtype.base_dtype, name="weights")
        left, right = weights.static, values.static
        if left is not None and right is not None and None not in (*left, *right) and compatible(left, right):
            return weights
        with tf.control_dependencies([assert_broadcastable(weights, values)]):
            return tf.multiply(weights, tf.ones_like(values), name=scope)
