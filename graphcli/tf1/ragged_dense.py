"""Ragged tensors of dense and of sparse ones, and back."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.types import as_dtype, int64
from .array_fill import whole_numbers
from .conversion import constant, convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .ragged_value import is_ragged
from .sparse_tensor import SparseTensor, is_sparse, sparse

tf = modules["tf"]


def from_tensor(cls: Any, tensor: Any, lengths: Any = None, padding: Any = None, ragged_rank: int = 1,
                name: str | None = None, row_splits_dtype: Any = int64) -> Any:
    """The rows of a tensor, of the lengths given or without the padding at their ends (RaggedTensor.from_tensor)."""
    kind = as_dtype(row_splits_dtype)
    if lengths is not None and padding is not None:
        raise InvalidValue("Specify lengths or padding, but not both")
    if not isinstance(ragged_rank, int):
        raise InvalidType(f"ragged_rank is a whole number, not {said(ragged_rank)}")
    if ragged_rank <= 0:
        raise InvalidValue(f"ragged_rank must be greater than 0; got {ragged_rank}")
    with name_scope(name, "RaggedFromTensor", [tensor, lengths, padding]):
        tensor = convert_to_tensor(tensor, name="tensor")
        tensor.shape.with_rank_at_least(ragged_rank + 1)
        sizes = tf.shape(tensor, out_type=kind)
        columns = sizes[1]
        if ragged_rank > 1:
            shape = tf.concat([constant([-1], kind), sizes[ragged_rank:]], axis=0)
            values = cls.from_tensor(tf.reshape(tensor, shape), lengths, padding, row_splits_dtype=kind)
            counts = tf.cumprod(sizes)
            splits = [tf.range(0, counts[dim - 1] + 1) * sizes[dim] for dim in range(1, ragged_rank)]
            return cls.from_nested_row_splits(values, splits, validate=False)
        if padding is not None:
            lengths = _unpadded(tensor, padding, columns, kind)
        if lengths is not None:
            return _of_lengths(cls, tensor, lengths, columns, kind)
        rows = sizes[0]
        many = rows * columns
        splits = tf.range(rows + 1) * columns
        values = tf.reshape(tensor, tf.concat([[many], sizes[2:]], axis=0))
        return cls.from_row_splits(values, splits, validate=False)


def _unpadded(tensor: Any, padding: Any, columns: Any, kind: Any) -> Any:
    """How long each row is to the last value that is not the padding."""
    padding = convert_to_tensor(padding, tensor.dtype, name="padding")
    padding.shape.assert_is_compatible_with(tensor.shape[2:])
    equal = tf.equal(padding, tensor)
    rank = tf.rank(tensor)
    inner = tf.range(2, rank)
    is_padding = tf.cond(rank > 2, lambda: tf.reduce_all(equal, axis=inner), lambda: equal)
    is_padding.set_shape([None, None])
    is_padding.set_shape(tensor.shape[:2])
    held = tf.cast(tf.logical_not(is_padding), kind)
    places = held * tf.expand_dims(tf.range(1, columns + 1), 0)
    return tf.reduce_max(places, axis=1)


def _of_lengths(cls: Any, tensor: Any, lengths: Any, columns: Any, kind: Any) -> Any:
    if isinstance(lengths, (list, tuple)) and len(lengths) and not isinstance(lengths[0], (int, float)):
        tensor.shape.with_rank_at_least(len(lengths) + 1)
        ones = tf.ones([tf.reduce_sum(lengths[-1])], dtype="bool")
        mask = cls.from_nested_row_lengths(ones, lengths, validate=False).to_tensor(default_value=False)
        return cls.from_nested_row_lengths(tf.boolean_mask(tensor, mask), lengths, validate=False)
    lengths = whole_numbers(lengths, "lengths", kind)
    lengths.shape.assert_has_rank(1)
    lengths = tf.maximum(tf.minimum(lengths, columns), 0)
    limits = tf.cumsum(lengths)
    splits = tf.concat([tf.zeros([1], kind), limits], axis=0)
    mask = tf.sequence_mask(lengths, maxlen=columns)
    return cls.from_row_splits(tf.boolean_mask(tensor, mask), splits, validate=False)


def to_tensor(self: Any, default_value: Any = None, name: str | None = None) -> Any:
    """The dense tensor in which a default, 0 if None, stands behind the rows (RaggedTensor.to_tensor)."""
    kind = self.row_splits.dtype
    with name_scope(name, "RaggedToTensor", [self, default_value]):
        if default_value is not None:
            default_value = convert_to_tensor(default_value, self.dtype, name="default_value")
        values = self.values
        if is_ragged(values):
            values = values.to_tensor(default_value)
        if default_value is not None:
            inner, own = values.shape.ndims, default_value.shape.ndims
            if inner is not None:
                default_value.shape.with_rank_at_most(inner - 1)
            if inner is None or own is None or inner != own + 1:
                default_value = tf.broadcast_to(default_value, tf.shape(values)[1:])
            default_value.shape.assert_is_compatible_with(values.shape[1:])
        lengths = [self.row_splits[1:] - self.row_splits[:-1]]
        rows = tf.shape(self.row_splits, out_type=kind)[0] - 1
        columns = tf.maximum(tf.reduce_max(lengths), 0)
        sizes = tf.shape(values, out_type=kind)
        shape = sizes[1:]
        many = sizes[0]
        if default_value is None:
            default_value = tf.zeros(shape, dtype=values.dtype)
        default_value.shape.assert_is_compatible_with(values.shape[1:])
        default_value.set_shape(values.shape[1:])
        starts = tf.expand_dims(self.row_splits[:-1], 1)
        limits = tf.expand_dims(self.row_splits[1:], 1)
        column = tf.expand_dims(tf.range(0, columns), 0)
        table = tf.concat([values, tf.stack([default_value])], axis=0)
        place = starts + column
        held = place < limits
        empty = tf.fill(tf.stack([rows, columns]), many)
        return tf.gather(table, tf.where(held, place, empty))


def from_sparse(cls: Any, st_input: Any, name: str | None = None, row_splits_dtype: Any = int64) -> Any:
    """The rows of a sparse matrix in which no element is missing before another (RaggedTensor.from_sparse)."""
    kind = as_dtype(row_splits_dtype)
    if not is_sparse(st_input):
        raise InvalidType(f"Expected SparseTensor, got {type(st_input).__name__}")
    with name_scope(name, "RaggedFromSparse", [st_input]):
        st_input = sparse(st_input)
        sizes, places = st_input.dense_shape.static, st_input.indices.static
        if (None if sizes is None else sizes[0]) != 2 and (None if places is None else places[1]) != 2:
            raise InvalidValue("rank(st_input) must be 2")
        with tf.control_dependencies(_from_the_left(st_input.indices)):
            ids = tf.cast(st_input.indices[:, 0], kind)
            rows = tf.cast(st_input.dense_shape[0], kind)
            return cls.from_value_rowids(st_input.values, ids, rows, validate=False)


def _from_the_left(indices: Any) -> list[Any]:
    """An assertion that the elements of each row stand one beside the other, from the first column on."""
    rows, columns = indices[:, :-1], indices[:, -1]
    other = tf.reduce_any(tf.not_equal(rows[1:], rows[:-1]), axis=1)
    good = tf.where(other, tf.equal(columns[1:], 0), tf.equal(columns[1:], columns[:-1] + 1))
    whole = tf.logical_and(tf.reduce_all(tf.equal(columns[:1], 0)), tf.reduce_all(good))
    return [tf.Assert(whole, ["SparseTensor is not right-ragged", "SparseTensor.indices =", indices])]


def to_sparse(self: Any, name: str | None = None) -> SparseTensor:
    """The values with their places (RaggedTensor.to_sparse)."""
    with name_scope(name, "RaggedToSparse", [self]):
        made = apply_op("RaggedTensorToSparse", name, [list(self.nested_row_splits), self.flat_values])
        return SparseTensor(made.sparse_indices, made.sparse_values, made.sparse_dense_shape)
