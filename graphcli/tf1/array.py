"""Inputs, constants by shape, and what only passes on or orders."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.constant import constant_value
from ..graph.types import as_dtype, as_shape, count, int32
from .framework import (
    apply_op,
    constant,
    convert_to_tensor,
    name_scope,
)

EXPORTS = """
tf: placeholder placeholder_with_default identity identity_n stop_gradient shape shape_n size rank constant_value
"""


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Any:
    """A value that must be fed; ``shape`` None is an unknown rank (tf.placeholder)."""
    return apply_op("Placeholder", name, [], {"dtype": as_dtype(dtype), "shape": as_shape(shape)})


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Any:
    """A value that may be fed (tf.placeholder_with_default)."""
    return apply_op("PlaceholderWithDefault", name, [input], {"shape": as_shape(shape)})


def identity(input: Any, name: str | None = None) -> Any:
    """The same value as a new node (tf.identity)."""
    return apply_op("Identity", name, [input])


def identity_n(input: Any, name: str | None = None) -> Any:
    """The same values as one new node (tf.identity_n)."""
    return apply_op("IdentityN", name, [input])


def stop_gradient(input: Any, name: str | None = None) -> Any:
    """The same value, through which no gradient flows (tf.stop_gradient)."""
    return apply_op("StopGradient", name, [input])


def shape(input: Any, name: str | None = None, out_type: Any = None) -> Any:
    """The sizes of a tensor: a constant where they are known (tf.shape)."""
    return shape_internal(input, name, True, out_type)


def shape_internal(input: Any, name: str | None = None, optimize: bool = True, out_type: Any = None) -> Any:
    """The sizes of a tensor; with ``optimize`` a constant where they are known."""
    kind = as_dtype(out_type or int32)
    with name_scope(name, "Shape") as scope:
        x = convert_to_tensor(input)
        if optimize and x.static is not None and None not in x.static:
            return constant(np.asarray(x.static, kind.as_numpy_dtype), kind, name=scope)
        return apply_op("Shape", scope, [x], {"out_type": kind})


def shape_n(input: Any, out_type: Any = int32, name: str | None = None) -> Any:
    """The sizes of several tensors (tf.shape_n)."""
    return apply_op("ShapeN", name, [input], {"out_type": as_dtype(out_type)})


def size(input: Any, name: str | None = None, out_type: Any = None) -> Any:
    """How many elements: a constant where that is known (tf.size)."""
    kind = as_dtype(out_type or int32)
    with name_scope(name, "Size") as scope:
        x = convert_to_tensor(input)
        total = count(x.static)
        if total is not None:
            return constant(np.asarray(total, kind.as_numpy_dtype), kind, name=scope)
        return apply_op("Size", scope, [x], {"out_type": kind})


def rank(input: Any, name: str | None = None) -> Any:
    """How many axes: a constant where that is known (tf.rank)."""
    with name_scope(name, "Rank") as scope:
        x = convert_to_tensor(input)
        if x.static is not None:
            return constant(len(x.static), int32, name=scope)
        return apply_op("Rank", scope, [x])


__all__ = ["constant_value"]
