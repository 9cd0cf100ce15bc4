"""Ragged tensors masked, repeated and of other ranks (tf.ragged.boolean_mask, tf.tile, tf.expand_dims, …)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.constant import static_value
from ..graph.types import bool_, int32
from .array_fill import whole_numbers
from .array_join import positive_axis
from .conversion import constant, convert_to_tensor
from .framework import name_scope
from .grouping import with_dependencies
from .modules import modules
from .old_names import renamed
from .ragged_flat import map_flat_values
from .ragged_rows import assert_splits_match, lengths_to_splits, repeat_ranges, row_splits_to_segment_ids
from .ragged_tensor import RaggedTensor, convert_to_tensor_or_ragged_tensor, is_ragged, is_rows, row_kind

EXPORTS = """
ragged: boolean_mask stack_dynamic_partitions
"""

tf = modules["tf"]


def boolean_mask(data: Any, mask: Any, name: str | None = None) -> Any:
    """What of ``data`` is marked, in rows of what is left of them (tf.ragged.boolean_mask). Raises InvalidValue."""
    with name_scope(name, "RaggedMask", [data, mask]):
        data = convert_to_tensor_or_ragged_tensor(data, name="data")
        mask = convert_to_tensor_or_ragged_tensor(mask, bool_, name="mask")
        kind = row_kind(data, mask)
        rank = mask.shape.ndims
        if rank is None:
            raise InvalidValue("mask.shape.ndims must be known statically.")
        if rank == 0:
            raise InvalidValue("mask cannot be scalar.")
        if is_rows(mask):
            return _masked_rows(data, mask, kind)
        if is_rows(data) and rank == 1:
            lengths = tf.boolean_mask(data.row_lengths(), mask)
            splits = lengths_to_splits(lengths)
            ids = row_splits_to_segment_ids(data.row_splits)
            values = boolean_mask(data.values, tf.gather(mask, ids))
            return RaggedTensor.from_row_splits(values, splits, validate=False)
        if is_rows(data):
            mask = RaggedTensor.from_tensor(mask, ragged_rank=min(data.ragged_rank, rank - 1),
                                            row_splits_dtype=data.row_splits.dtype)
            return boolean_mask(data, mask)
        return _masked_tensor(data, mask, rank, kind)


def _masked_rows(data: Any, mask: Any, kind: Any) -> Any:
    if not is_rows(data):
        data = RaggedTensor.from_tensor(data, ragged_rank=mask.ragged_rank, row_splits_dtype=mask.row_splits.dtype)
    nested = [mask.nested_row_splits, data.nested_row_splits[:mask.ragged_rank]]
    with tf.control_dependencies(assert_splits_match(nested)):
        splits = []
        while is_rows(mask):
            if mask.shape.ndims > 2:
                splits.append(mask.row_splits)
            else:
                counted = map_flat_values(tf.cast, mask, dtype=kind)
                splits.append(lengths_to_splits(tf.reduce_sum(counted, axis=1)))
            mask, data = mask.values, data.values
        return RaggedTensor.from_nested_row_splits(boolean_mask(data, mask), splits, validate=False)


def _masked_tensor(data: Any, mask: Any, rank: int, kind: Any) -> Any:
    values = tf.boolean_mask(data, mask)
    if rank >= 2:
        lengths = tf.reshape(tf.count_nonzero(mask, axis=-1, dtype=kind), [-1])
        values = RaggedTensor.from_row_lengths(values, lengths, validate=False)
        if rank > 2:
            sizes = tf.shape(mask, out_type=kind)
            ends = tf.cumprod(sizes) + 1
            for dim in range(rank - 3, -1, -1):
                size = sizes[dim + 1]
                values = RaggedTensor.from_row_splits(values, tf.range(ends[dim]) * size, validate=False)
    return values


def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    """Repeated along each axis (tf.tile)."""
    with name_scope(name, "RaggedTile", [input, multiples]):
        input = convert_to_tensor_or_ragged_tensor(input, name="input")
        multiples = whole_numbers(multiples, name="multiples", dtype=input.row_splits.dtype)
        multiples.shape.assert_has_rank(1)
        known = static_value(multiples)
        return RaggedTensor.from_nested_row_splits(_tiled_values(input, multiples, known),
                                                   _tiled_splits(input, multiples, known), validate=False)


def _tiled_values(rt: Any, multiples: Any, known: Any) -> Any:
    rank, nested = rt.ragged_rank, rt.nested_row_splits
    places = tf.range(nested[-1][-1])
    inner = None
    for axis in range(rank, 0, -1):
        splits = nested[axis - 1]
        if inner is not None:
            # the ends that the inner rows have once they are repeated
            splits = tf.gather(inner * multiples[axis + 1], splits)
        if known is None or known[axis] != 1:
            places = repeat_ranges(places, splits, multiples[axis])
        inner = splits
    values = tf.gather(rt.flat_values, places)
    return tf.tile(values, tf.concat([multiples[:1], multiples[rank + 1:]], axis=0))


def _tiled_splits(rt: Any, multiples: Any, known: Any) -> list[Any]:
    rank, nested = rt.ragged_rank, rt.nested_row_splits
    projected: list[dict[int, Any]] = [{i: nested[i]} for i in range(rank)]
    for outer in range(rank):
        for inner in range(outer + 1, rank - 1):
            projected[outer][inner] = tf.gather(nested[inner], projected[outer][inner - 1])
    made = []
    for axis in range(rank):
        lengths = nested[axis][1:] - nested[axis][:-1]
        lengths = lengths * multiples[axis + 1]
        times: Any = 1
        for outer in range(axis - 1, -1, -1):
            if known is None or known[outer + 1] != 1:
                lengths = repeat_ranges(lengths, projected[outer][axis - 1] * times, multiples[outer + 1])
            times *= multiples[outer + 1]
        made.append(lengths_to_splits(tf.tile(lengths, multiples[:1])))
    return made


def expand_dims(input: Any, axis: Any, name: str | None = None) -> Any:
    """With an axis of size 1 more (tf.expand_dims)."""
    with name_scope(name, "RaggedExpandDims", [input]):
        input = convert_to_tensor_or_ragged_tensor(input, name="input")
        if not is_rows(input):
            return tf.expand_dims(input, axis)
        rank = input.shape.ndims
        axis = positive_axis(axis, None if rank is None else rank + 1)
        if axis == 0:
            values, splits = input, tf.stack([0, input.nrows()])
        elif axis == 1:
            values, splits = input, tf.range(input.nrows() + 1)
        else:
            values, splits = expand_dims(input.values, axis - 1), input.row_splits
        return RaggedTensor.from_row_splits(values, splits, validate=False)


def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Any:
    """Without axes of size 1 (tf.squeeze). Raises InvalidValue without ``axis``, InvalidType."""
    with name_scope(name, "RaggedSqueeze", [input]):
        input = convert_to_tensor_or_ragged_tensor(input)
        if axis is None:
            raise InvalidValue("Ragged.squeeze must have an axis argument.")
        if isinstance(axis, int):
            axis = [axis]
        elif not isinstance(axis, (list, tuple)) or not all(isinstance(a, int) for a in axis):
            raise InvalidType("Axis must be a list or tuple of integers.")
        axis = [positive_axis(a, input.shape.ndims) for a in axis]
        dense = [a - input.ragged_rank for a in axis if a > input.ragged_rank]
        ragged = [a for a in axis if a <= input.ragged_rank]
        one = constant(1, dtype=input.row_splits.dtype)
        checks = [tf.Assert(tf.reduce_all(tf.equal(lengths, one)),
                            [f"the given axis (axis = {i + 1}) is not squeezable!"])
                  for i, lengths in enumerate(input.nested_row_lengths()) if i + 1 in ragged]
        if 0 in ragged:
            two = constant(2, dtype=int32)
            checks.append(tf.Assert(tf.equal(tf.size(input.row_splits), two),
                                    ["the given axis (axis = 0) is not squeezable!"]))
        values = with_dependencies(checks, input.flat_values)
        if dense:
            values = tf.squeeze(values, dense)
        splits = [s for i, s in enumerate(input.nested_row_splits) if i + 1 not in ragged]
        if splits and 0 in ragged:
            splits.pop(0)
        made = RaggedTensor.from_nested_row_splits(values, splits)
        return tf.squeeze(made, [0], name) if set(range(input.ragged_rank + 1)) <= set(ragged) else made


def size(input: Any, out_type: Any = int32, name: str | None = None) -> Any:
    """The number of values (tf.size)."""
    return tf.size(input.flat_values if is_ragged(input) else input, out_type=out_type, name=name)


def rank(input: Any, name: str | None = None) -> Any:
    """The number of axes (tf.rank)."""
    with name_scope(name, "RaggedRank", [input]):
        return input.ragged_rank + tf.rank(input.flat_values)


def one_hot(indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: Any = None,
            dtype: Any = None, name: str | None = None) -> Any:
    """A new axis of ``depth`` with on_value at the index (tf.one_hot). Raises InvalidValue."""
    with name_scope(name, "RaggedOneHot", [indices]):
        indices = convert_to_tensor_or_ragged_tensor(indices, name="indices")
        if axis is not None:
            axis = positive_axis(axis, indices.shape.ndims)
            if axis < indices.ragged_rank:
                raise InvalidValue("axis may not be less than indices.ragged_rank.")
        return indices.with_flat_values(tf.one_hot(indices.flat_values, depth, on_value, off_value, axis, dtype, name))


def stack_dynamic_partitions(data: Any, partitions: Any, num_partitions: Any, name: str | None = None) -> Any:
    """The rows of each part as a row (tf.ragged.stack_dynamic_partitions). Raises InvalidValue."""
    with name_scope(name, "SegmentStack", [data, partitions, num_partitions]):
        data = convert_to_tensor_or_ragged_tensor(data, name="data")
        kind = data.row_splits.dtype if is_rows(data) else None
        partitions = convert_to_tensor_or_ragged_tensor(partitions, name="partitions", preferred_dtype=kind)
        many = convert_to_tensor(num_partitions, name="num_partitions", preferred_dtype=partitions.dtype)
        if kind is not None:
            partitions = tf.cast(partitions, kind)
        many = tf.cast(many, partitions.dtype)
        rank = partitions.shape.ndims
        if rank is None:
            raise InvalidValue("partitions must have known rank.")
        many.shape.assert_has_rank(0)
        partitions.shape.assert_is_compatible_with(data.shape[:rank])
        if rank == 0:
            return RaggedTensor.from_value_rowids(tf.stack([data]), tf.stack([partitions]), nrows=many, validate=False)
        if rank == 1:
            order = tf.argsort(partitions, stable=True)
            ids = tf.gather(partitions, order)
            values = tf.gather(data, order)
            check = tf.assert_less(ids[-1:], many, message="partitions must be less than num_partitions")
            with tf.control_dependencies([check]):
                return RaggedTensor.from_value_rowids(values, ids, nrows=many, validate=False)
        if not is_rows(data):
            data = RaggedTensor.from_tensor(data, row_splits_dtype=partitions.dtype, ragged_rank=1)
        if not is_rows(partitions):
            partitions = RaggedTensor.from_tensor(partitions, row_splits_dtype=partitions.dtype,
                                                  ragged_rank=max(data.ragged_rank, rank - 1))
        check = tf.assert_equal(data.row_splits, partitions.row_splits,
                                message="data and partitions have incompatible ragged shapes")
        with tf.control_dependencies([check]):
            return stack_dynamic_partitions(data.values, partitions.values, many)


def dynamic_partition(data: Any, partitions: Any, num_partitions: Any, name: str | None = None) -> list[Any]:
    """The rows of each part, a list (tf.dynamic_partition). Raises InvalidType."""
    if not isinstance(num_partitions, int) or num_partitions < 0:
        raise InvalidType("num_partitions must be a non-negative integer")
    made = stack_dynamic_partitions(data, partitions, num_partitions, name)
    return [made[i] for i in range(num_partitions)]


def squeeze_of_old(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Any:
    """``squeeze`` with the argument's old name."""
    return squeeze(input, renamed("axis", axis, "squeeze_dims", squeeze_dims), name)


def expand_dims_of_old(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """``expand_dims`` with the argument's old name."""
    return expand_dims(input, axis if dim is None else dim, name)
