"""Parts of ragged tensors in brackets: ``rt[1:, 0]``, ``rt[..., None]``."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.graph import Tensor
from .conversion import convert_to_tensor
from .framework import name_scope
from .modules import modules
from .ragged_gather import gather
from .ragged_math import range_
from .ragged_tensor import RaggedTensor

tf = modules["tf"]


def getitem(rt: Any, key: Any) -> Any:
    """``rt[key]``. Raises InvalidValue for an index into rows of different lengths, InvalidType for what is none."""
    tensors = [rt, *_tensors(key)]
    keys = list(key) if isinstance(key, (list, tuple)) else [key]
    with name_scope(None, "RaggedGetItem", tensors):
        return _outer(rt, keys)


def _outer(rt: Any, keys: list[Any]) -> Any:
    if not keys:
        return rt
    first, inner = keys[0], keys[1:]
    if first is Ellipsis:
        return _outer(rt, _spelled(keys, rt.shape.ndims))
    if first is None:
        made = _outer(rt, inner)
        ends = tf.shape(made.row_splits, out_type=made.row_splits.dtype)[0]
        return RaggedTensor.from_row_splits(made, tf.stack([0, ends - 1]), validate=False)
    if isinstance(first, slice):
        return _inner(_some_rows(rt, first), inner)
    starts, limits = rt.row_splits[:-1], rt.row_splits[1:]
    return rt.values[starts[first]:limits[first]][inner]


def _is_all(key: slice) -> bool:
    return key.start is None and key.stop is None and key.step is None


def _some_rows(rt: Any, key: slice) -> Any:
    if _is_all(key):
        return rt
    starts = rt.row_splits[:-1][key]
    limits = rt.row_splits[1:][key]
    zero = tf.zeros([1], rt.row_splits.dtype)
    if key.step is not None and key.step != 1:
        return _rows_of(starts, limits, 1, rt.values)
    # a 0 where no row is left
    splits = tf.concat([zero[tf.size(starts):], starts[:1], limits], axis=0)
    start, limit = splits[0], splits[-1]
    return RaggedTensor.from_row_splits(rt.values[start:limit], splits - start, validate=False)


def _inner(rt: Any, keys: list[Any]) -> Any:
    if not keys:
        return rt
    if isinstance(rt, Tensor):
        return rt[[slice(None), *keys]]
    first = keys[0]
    if first is Ellipsis:
        return _inner(rt, _spelled(keys, rt.values.shape.ndims))
    if first is None:
        made = _inner(rt, keys[1:])
        ends = tf.shape(made.row_splits, out_type=made.row_splits.dtype)[0]
        return RaggedTensor.from_row_splits(made, tf.range(ends), validate=False)
    if not isinstance(first, slice):
        raise InvalidValue("Cannot index into an inner ragged dimension.")
    if _is_all(first):
        return rt.with_values(_inner(rt.values, keys[1:]))
    starts, limits = rt.row_splits[:-1], rt.row_splits[1:]
    if first.start is not None and not _is_zero(first.start):
        starts = _moved(first.start, rt.row_splits[:-1], rt.row_splits[1:])
    if first.stop is not None and not _is_zero(first.stop):
        limits = _moved(first.stop, rt.row_splits[:-1], rt.row_splits[1:])
    made = _rows_of(starts, limits, first.step, rt.values)
    return made.with_values(_inner(made.values, keys[1:]))


def _is_zero(offset: Any) -> bool:
    return not isinstance(offset, Tensor) and bool(offset == 0)


def _spelled(keys: list[Any], rest: int | None) -> list[Any]:
    """The keys with what ``...`` stands for, one axis at a time."""
    if rest is None:
        raise InvalidValue("Ellipsis not supported for unknown shape RaggedTensors")
    many = sum(key is not None for key in keys)
    if many > rest + 1:
        raise IndexError("Too many indices for RaggedTensor")
    return keys[1:] if many == rest + 1 else [slice(None), *keys]


def _tensors(key: Any) -> Iterator[Tensor]:
    if isinstance(key, Tensor):
        yield key
    elif isinstance(key, (list, tuple)):
        for part in key:
            yield from _tensors(part)
    elif isinstance(key, slice):
        for part in (key.start, key.stop, key.step):
            yield from _tensors(part)


def _rows_of(starts: Any, limits: Any, step: Any, values: Any) -> Any:
    """Rows of the values from each start to its limit."""
    step = convert_to_tensor(1 if step is None else step, name="step")
    if not step.dtype.is_integer:
        raise InvalidType("slice strides must be integers or None")
    step = tf.cast(step, starts.dtype)
    places = range_(starts, limits, step, row_splits_dtype=starts.dtype)
    pick = gather if isinstance(values, RaggedTensor) else tf.gather
    return places.with_values(pick(params=values, indices=places.values))


def _moved(offset: Any, starts: Any, limits: Any) -> Any:
    """The places ``offset`` behind the start of each row, or before its end, inside the row."""
    def ahead(offset: Any) -> Any:
        return tf.minimum(starts + offset, limits)

    def back(offset: Any) -> Any:
        return tf.maximum(limits + offset, starts)

    if isinstance(offset, Tensor):
        offset = tf.cast(offset, starts.dtype)
        return tf.cond(offset >= 0, lambda: ahead(offset), lambda: back(offset))
    if isinstance(offset, int):
        return ahead(offset) if offset > 0 else back(offset)
    raise InvalidType("slice offsets must be integers or None")
