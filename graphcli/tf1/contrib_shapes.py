"""Shapes that a run checks (tf.contrib.framework.with_shape)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.shapes import TensorShape, compatible
from ..graph.types import int32
from .check import Assert
from .conversion import convert_to_tensor, is_tensor
from .framework import control_dependencies, name_scope
from .modules import modules
from .sparse_tensor import is_sparse

EXPORTS = """
contrib.framework: with_shape with_same_shape
"""

tf = modules["tf"]


def with_same_shape(expected_tensor: Any, tensor: Any) -> Any:
    """``tensor``, with a check that it has the other's shape where that is not known (with_same_shape)."""
    with name_scope(f"{tensor.op.name}/", values=[expected_tensor, tensor]):
        shape = expected_tensor.shape
        return with_shape(shape.as_list() if shape.is_fully_defined()
                          else tf.shape(expected_tensor, name="expected_shape"), tensor)


def with_shape(expected_shape: Any, tensor: Any) -> Any:
    """``tensor``, with a check that it has a shape, an int32 vector, where that is not known (with_shape).

    Raises InvalidValue for another shape, and for what is no shape.
    """
    if is_sparse(tensor):
        raise InvalidValue("with_shape takes no sparse tensor")
    if is_tensor(expected_shape):
        if expected_shape.dtype.base_dtype is not int32:
            raise InvalidValue(f"a shape is of int32, not of {expected_shape.dtype.name}")
        return _checked(expected_shape, tensor)
    if isinstance(expected_shape, (list, tuple)):
        expected_shape = np.asarray(expected_shape)
        if expected_shape.dtype == np.int64 or not expected_shape.size:
            expected_shape = expected_shape.astype(np.int32)
    if isinstance(expected_shape, np.ndarray) and (expected_shape.ndim > 1 or expected_shape.dtype != np.int32):
        raise InvalidValue(f"a shape is a vector of int32, not {expected_shape.dtype} of rank {expected_shape.ndim}")
    sizes = tuple(int(s) for s in expected_shape)
    if not tensor.shape.is_fully_defined():
        if not sizes:
            with name_scope(f"{tensor.op.name}/", values=[tensor]):
                return tf.reshape(tensor, [])
        made = _checked(expected_shape, tensor)
        made.set_shape(sizes)
        return made
    if not compatible(tensor.static, sizes):
        if not sizes and tensor.static == (1,):
            with name_scope(f"{tensor.op.name}/", values=[tensor]):
                return tf.reshape(tensor, [])
        raise InvalidValue(f"{tensor.name} has the shape {tensor.shape}, not {TensorShape(sizes)}")
    return tensor


def _checked(expected: Any, tensor: Any) -> Any:
    """A copy of the tensor that waits for the check."""
    with name_scope(f"{tensor.op.name}/", values=[tensor]):
        with name_scope("assert_shape", values=[tensor]) as scope:
            actual = tf.shape(tensor, name="actual")
            with name_scope("is_shape", values=[tensor]) as inner:
                wanted = tf.size(expected)
                with name_scope("is_rank", values=[tensor]) as innermost:
                    rank = convert_to_tensor(wanted, name="expected")
                    is_rank = tf.equal(rank, tf.rank(tensor, name="actual"), name=innermost)
                with name_scope("shape_tensor_equal", values=[expected, actual]) as innermost:
                    free = tf.equal(expected, -1)
                    same = tf.logical_or(free, tf.equal(expected, actual, "equal"), name="exclude_partial_shape")
                    same = tf.reduce_all(same, name=innermost)
                holds = tf.logical_and(is_rank, same, name=inner)
            check = Assert(holds, [f"Wrong shape for {tensor.name} [expected] [actual].", expected, actual], name=scope)
        with control_dependencies([check]):
            return tf.identity(tensor)
