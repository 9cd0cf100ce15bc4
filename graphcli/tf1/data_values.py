"""What datasets are told beside their elements: sizes, seeds, and what short rows are filled up with."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, NotSupported
from ..graph.constant import static_value
from ..graph.graph import Tensor
from ..graph.shapes import Static, TensorShape
from ..graph.types import DType, int64, string
from .conversion import constant, convert_to_tensor, is_tensor
from .framework import name_scope
from .modules import modules
from .random_values import get_seed

tf = modules["tf"]


def seed_tensors(seed: int | None) -> tuple[Any, Any]:
    """Two seeds as tensors; two zeros, which mean chance, are avoided in the graph."""
    if is_tensor(seed):
        raise NotSupported("the seed of shuffle() is a number here")
    first, second = get_seed(seed)
    one = constant(0 if first is None else first, int64, name="seed")
    if second is None:
        return one, constant(0, int64, name="seed2")
    with name_scope("seed2") as scope:
        two = convert_to_tensor(second, int64)
        zeros = tf.logical_and(tf.equal(one, 0), tf.equal(two, 0))
        return one, tf.where_v2(zeros, constant(2**31 - 1, int64), two, name=scope)


def size(tensor: Tensor) -> int | None:
    value = static_value(tensor)
    return None if value is None else int(value)


def truth(tensor: Tensor) -> bool:
    value = static_value(tensor)
    return value is not None and bool(value)


def below(rows: int | None, shape: Static) -> TensorShape:
    return TensorShape(None if shape is None else (rows, *shape))


def common(a: TensorShape, b: TensorShape) -> TensorShape:
    """What two shapes have in common."""
    if a.tuple is None or b.tuple is None or len(a.tuple) != len(b.tuple):
        return TensorShape(None)
    return TensorShape([x if x == y else None for x, y in zip(a.tuple, b.tuple)])


def padded_shape(given: Any, shape: TensorShape) -> Tensor:
    """A padded shape as a vector, -1 where it is open. Raises InvalidValue where the elements do not go into it."""
    if is_tensor(given):
        return convert_to_tensor(given, int64)
    wanted = TensorShape(given).tuple
    if wanted is None:
        raise InvalidValue("You must provide `padded_shapes` argument because a component has unknown rank.")
    theirs = shape.tuple
    if theirs is not None and (len(theirs) != len(wanted) or any(
            w is not None and w >= 0 and t is not None and w < t for w, t in zip(wanted, theirs))):
        raise InvalidValue(f"The padded shape {TensorShape(wanted)} is not compatible with the shape {shape} of the "
                           "corresponding input component.")
    return convert_to_tensor([-1 if w is None else w for w in wanted], int64)


def padding_value(value: Any, dtype: DType) -> Tensor:
    """What rows are filled up with: 0, or '' of strings."""
    if value is None:
        value = "" if dtype is string else dtype.as_numpy_dtype(0)
    tensor = convert_to_tensor(value, name="padding_value")
    if tensor.static not in (None, ()):
        raise InvalidValue(f"Invalid `padding_values`. `padding_values` values should be scalars, but got "
                           f"{tensor.shape}.")
    if tensor.dtype.base_dtype is not dtype:
        raise InvalidType(f"Invalid `padding_values`. `padding_values` values type {tensor.dtype!r} does not match "
                          f"type {dtype!r} of the corresponding input component.")
    return tensor
