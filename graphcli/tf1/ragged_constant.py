"""Ragged tensors of nested lists, and those that are fed (tf.ragged.constant, tf.ragged.placeholder)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape
from ..graph.types import DType, as_dtype, int64
from .array import placeholder as dense_placeholder
from .conversion import constant as dense_constant
from .framework import name_scope
from .ragged_tensor import RaggedTensor
from .ragged_value import RaggedTensorValue, is_ragged

EXPORTS = """
ragged: constant constant_value placeholder
"""


def constant(pylist: Any, dtype: Any = None, ragged_rank: int | None = None, inner_shape: Any = None,
             name: str | None = None, row_splits_dtype: Any = int64) -> Any:
    """A constant ragged tensor of nested lists (tf.ragged.constant); a tensor where no axis is ragged.

    inner_shape: the shape of what stands in the innermost rows. Raises InvalidValue and InvalidType.
    """
    def rows(values: Any, ends: Any) -> Any:
        return RaggedTensor.from_row_splits(values, dense_constant(ends, row_splits_dtype), validate=False)

    with name_scope(name, "RaggedConstant"):
        return _made(rows, dense_constant, pylist, dtype, ragged_rank, inner_shape)


def constant_value(pylist: Any, dtype: Any = None, ragged_rank: int | None = None, inner_shape: Any = None,
                   row_splits_dtype: Any = "int64") -> Any:
    """The RaggedTensorValue of nested lists (tf.ragged.constant_value); an array where no axis is ragged."""
    if isinstance(dtype, DType):
        dtype = dtype.as_numpy_dtype
    kind = as_dtype(row_splits_dtype).as_numpy_dtype

    def rows(values: Any, ends: Any) -> Any:
        return RaggedTensorValue(values, np.array(ends, kind))

    def inner(values: Any, dtype: Any, shape: Any, name: str | None = None) -> Any:
        return np.reshape(np.array(values, dtype), shape)

    return _made(rows, inner, pylist, dtype, ragged_rank, inner_shape)


def placeholder(dtype: Any, ragged_rank: int, value_shape: Any = None, name: str | None = None) -> Any:
    """A ragged tensor that is fed with a RaggedTensorValue (tf.ragged.placeholder)."""
    if ragged_rank == 0:
        return dense_placeholder(dtype, value_shape, name)
    with name_scope(name, "RaggedPlaceholder", []):
        made: Any = dense_placeholder(dtype, TensorShape([None]).concatenate(value_shape), "flat_values")
        for level in reversed(range(ragged_rank)):
            made = RaggedTensor(made, dense_placeholder(int64, [None], f"row_splits_{level}"), internal=True)
        return made


def _nested(item: Any) -> bool:
    return isinstance(item, (list, tuple)) or np.ndim(item) != 0


def _made(rows: Callable[..., Any], inner: Callable[..., Any], pylist: Any, dtype: Any, rank: int | None,
          shape: Any) -> Any:
    if is_ragged(pylist):
        raise InvalidType("pylist may not be a RaggedTensor or RaggedTensorValue.")
    if not _nested(pylist):
        if rank:
            raise InvalidValue(f"Invalid pylist={said(pylist)}: incompatible with ragged_rank={rank}")
        if shape:
            raise InvalidValue(f"Invalid pylist={said(pylist)}: incompatible with dim(inner_shape)={len(shape)}")
        return inner(pylist, dtype, ())
    if rank is not None and rank < 0:
        raise InvalidValue(f"Invalid ragged_rank={rank}: must be nonnegative")
    scalars, depth = _depths(pylist)
    if scalars is not None and depth > scalars:
        raise InvalidValue(f"Invalid pylist={said(pylist)}: empty list nesting is greater than scalar value nesting")
    if shape is not None and rank is not None:
        expected = rank + len(shape) + 1
        if scalars is not None and expected != scalars or scalars is None and expected < depth:
            raise InvalidValue(f"Invalid pylist={said(pylist)}: incompatible with ragged_rank={rank} and "
                               f"dim(inner_shape)={len(shape)}")
    if rank == 0 or rank is None and (depth < 2 or shape is not None and depth - len(shape) < 2):
        return inner(pylist, dtype, shape)
    if shape is None:
        shape = () if rank is None else _inner_shape(pylist, rank)
    if rank is None:
        rank = max(1, depth - 1 if scalars is None else scalars - 1 - len(shape))
    nested = []
    values: Any = pylist
    for _ in range(rank):
        nested.append([0])
        for row in values:
            nested[-1].append(nested[-1][-1] + len(row))
        values = [item for row in values for item in row]
    made = inner(values, dtype=dtype, shape=(len(values), *shape), name="values")
    for ends in reversed(nested):
        made = rows(made, ends)
    return made


def _depths(item: Any) -> tuple[int | None, int]:
    """How deep single values stand, None without one, and how deep the deepest list is."""
    if not _nested(item):
        return 0, 0
    scalars: int | None = None
    deepest = 1
    for child in item:
        own, depth = _depths(child)
        if own is not None:
            if scalars is not None and scalars != own + 1:
                raise InvalidValue("all scalar values must have the same nesting depth")
            scalars = own + 1
        deepest = max(deepest, depth + 1)
    return scalars, deepest


def _inner_shape(pylist: Any, rank: int) -> tuple[int, ...]:
    """The shape of what stands in the innermost rows. Raises InvalidValue where it differs."""
    flat: Any = pylist
    for level in range(rank):
        if not all(_nested(item) for item in flat):
            raise InvalidValue(f"pylist has scalar values depth {level + 1}, but ragged_rank={rank} requires scalar "
                               f"value depth greater than {rank}")
        flat = [child for item in flat for child in item]

    def first(item: Any) -> tuple[int, ...]:
        if not _nested(item):
            return ()
        return (len(item), *first(item[0])) if len(item) else (0,)

    def check(item: Any, shape: tuple[int, ...]) -> None:
        if _nested(item) != bool(shape) or shape and len(item) != shape[0]:
            raise InvalidValue("inner values have inconsistent shape")
        for child in item if shape else ():
            check(child, shape[1:])

    whole = first(flat)
    check(flat, whole)
    return whole[1:]
