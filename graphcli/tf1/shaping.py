"""Other shapes: reshape, transpose, join, split, repeat, pad, choose."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidValue
from .framework import apply_op, convert_to_tensor, is_tensor, name_scope

EXPORTS = """
tf: reshape transpose expand_dims squeeze broadcast_to broadcast_dynamic_shape
linalg: transpose=matrix_transpose
"""


def _tf() -> Any:
    from . import modules

    return modules["tf"]


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """The same elements in another shape; -1 is what is left (tf.reshape)."""
    return apply_op("Reshape", name, [tensor, shape])


def transpose(a: Any, perm: Any = None, name: str = "transpose", conjugate: bool = False) -> Any:
    """Axes in the order ``perm``, reversed if None (tf.transpose)."""
    with name_scope(name, "transpose") as scope:
        a = a if is_tensor(a) else convert_to_tensor(a, name="a")
        x = convert_to_tensor(a)
        if perm is None:
            if x.static is not None:
                perm = np.arange(len(x.static), dtype=np.int32)[::-1]
            else:
                tf = _tf()
                rank = tf.rank(x)
                perm = (rank - 1) - tf.range(0, rank, 1)
        return apply_op("Transpose", scope, [x, perm])


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Any:
    """The last two axes swapped (tf.matrix_transpose)."""
    with name_scope(name):
        x = convert_to_tensor(a, name="a")
        if x.static is None:
            tf = _tf()
            rank = tf.rank(x)
            perm = tf.concat((tf.range(0, rank - 2, 1), [rank - 1, rank - 2]), 0)
        else:
            many = len(x.static)
            if many < 2:
                raise InvalidValue(f"matrix_transpose needs at least rank 2; {x.name} has rank {many}")
            perm = list(range(many - 2)) + [many - 1, many - 2]
        return transpose(x, perm=perm)


def _one_name(new: Any, old: Any, new_name: str, old_name: str) -> Any:
    if old is not None:
        if new is not None:
            raise InvalidValue(f"{new_name} and its older name {old_name} are both given")
        return old
    return new


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """A new axis of size 1 at ``axis`` (tf.expand_dims)."""
    axis = _one_name(axis, dim, "axis", "dim")
    if axis is None:
        raise InvalidValue("expand_dims needs an axis")
    return apply_op("ExpandDims", name, [input, axis])


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Any:
    """Without axes of size 1: all of them, or those of ``axis`` (tf.squeeze)."""
    axis = _one_name(axis, squeeze_dims, "axis", "squeeze_dims")
    if np.isscalar(axis):
        axis = [axis]
    return apply_op("Squeeze", name, [input], {"squeeze_dims": axis})


def convert_to_tensor_of_constants(values: Any, name: str) -> Any:
    """A stack without tensors in it is one constant; None where there are some."""
    tensor = convert_to_tensor(values, name=name) if not _any_tensor(values) else None
    return tensor


def _any_tensor(values: Any) -> bool:
    if isinstance(values, (list, tuple)):
        return any(_any_tensor(v) for v in values)
    return is_tensor(values)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Any:
    """Repeated to a shape as broadcasting does (tf.broadcast_to)."""
    return apply_op("BroadcastTo", name, [input, shape])


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Any:
    """The shape of a broadcast of two shapes (tf.broadcast_dynamic_shape)."""
    with name_scope(None, "BroadcastDynamicShape"):
        x = convert_to_tensor(shape_x, name="shape_x")
        y = convert_to_tensor(shape_y, name="shape_y")
        return apply_op("BroadcastArgs", None, [x, y])
