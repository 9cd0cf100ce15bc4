"""The sizes of a ragged tensor, and ragged tensors broadcast to such (RaggedTensorDynamicShape)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.constant import static_value
from ..graph.types import as_dtype, int32, int64
from .array_fill import whole_numbers
from .conversion import constant, convert_to_tensor
from .framework import name_scope
from .modules import modules
from .ragged_array import tile
from .ragged_rows import lengths_to_splits, repeat_ranges
from .ragged_tensor import RaggedTensor, convert_to_tensor_or_ragged_tensor, is_rows

EXPORTS = """
python.ops.ragged.ragged_tensor_shape: RaggedTensorDynamicShape broadcast_dynamic_shape broadcast_to
"""

tf = modules["tf"]


class RaggedTensorDynamicShape:
    """The sizes of a ragged tensor: a number for an axis whose rows are of one size, else the length of each row.

    partitioned_dim_sizes: of the axes up to the last that is ragged; inner_dim_sizes: of those behind.
    Raises InvalidValue.
    """

    def __init__(self, partitioned_dim_sizes: Any, inner_dim_sizes: Any, dim_size_dtype: Any = None) -> None:
        with name_scope(None, "RaggedTensorDynamicShape", [*partitioned_dim_sizes, inner_dim_sizes]):
            sizes = [convert_to_tensor(size, name=f"partitioned_dimension_size_{i}")
                     for i, size in enumerate(partitioned_dim_sizes)]
            inner = convert_to_tensor(inner_dim_sizes, name="inner_dim_sizes")
            for axis, size in enumerate(sizes):
                if size.shape.ndims is None:
                    raise InvalidValue(f"rank of partitioned_dim_sizes[{axis}] is unknown")
                size.shape.with_rank_at_most(1)
            if sizes and sizes[0].shape.ndims == 1:
                raise InvalidValue("outermost partitioned dimension must be uniform")
            if sizes and sizes[-1].shape.ndims == 0:
                raise InvalidValue("innermost partitioned dimension must be ragged")
            inner.shape.assert_has_rank(1)
            if dim_size_dtype is None:
                kinds = {size.dtype.base_dtype for size in sizes if size.shape.ndims == 1}
                if len(kinds) > 1:
                    raise InvalidValue("partitioned_dim_sizes must have matching dtypes")
                dim_size_dtype = kinds.pop() if kinds else int64
            self.partitioned_dim_sizes = tuple(tf.cast(size, dim_size_dtype) for size in sizes)
            self.inner_dim_sizes = tf.cast(inner, dim_size_dtype)

    @staticmethod
    def from_dim_sizes(dim_sizes: Any) -> RaggedTensorDynamicShape:
        """Of a size for each axis, a number or the length of each row. Raises InvalidValue."""
        with name_scope(None, "RaggedTensorDynamicShapeFromDimensionSizes", [dim_sizes]):
            sizes = [convert_to_tensor(size, name="dim_sizes", preferred_dtype=int64) for size in dim_sizes]
            many = 0
            for dim, size in enumerate(sizes):
                if size.shape.ndims == 1:
                    many = dim + 1
                elif size.shape.ndims != 0:
                    raise InvalidValue("Each dim_size must be a scalar or a vector")
            return RaggedTensorDynamicShape(sizes[:many], sizes[many:])

    @classmethod
    def from_tensor(cls, rt_input: Any, dim_size_dtype: Any = None) -> RaggedTensorDynamicShape:
        """Of a tensor, ragged or not."""
        with name_scope(None, "RaggedTensorDynamicShapeFromTensor", [rt_input]):
            rt = convert_to_tensor_or_ragged_tensor(rt_input)
            if not is_rows(rt):
                return cls([], tf.shape(rt))
            sizes = (rt.nrows(), *rt.nested_row_lengths())
            return cls(sizes, tf.shape(rt.flat_values)[1:], dim_size_dtype=dim_size_dtype)

    def __repr__(self) -> str:
        return (f"RaggedTensorDynamicShape(partitioned_dim_sizes={self.partitioned_dim_sizes!r}, "
                f"inner_dim_sizes={self.inner_dim_sizes!r})")

    @property
    def rank(self) -> int | None:
        inner = self.num_inner_dimensions
        return None if inner is None else self.num_partitioned_dimensions + inner

    @property
    def num_partitioned_dimensions(self) -> int:
        return len(self.partitioned_dim_sizes)

    @property
    def num_inner_dimensions(self) -> int | None:
        return self.inner_dim_sizes.shape[0].value  # type: ignore[no-any-return]

    @property
    def dim_size_dtype(self) -> Any:
        return self.inner_dim_sizes.dtype

    def dimension_size(self, axis: int) -> Any:
        """The size of an axis, or the lengths of its rows. Raises InvalidType."""
        if not isinstance(axis, int):
            raise InvalidType("axis must be an integer")
        many = self.num_partitioned_dimensions
        return self.partitioned_dim_sizes[axis] if axis < many else self.inner_dim_sizes[axis - many]

    def is_ragged(self, axis: int) -> bool:
        """Whether the rows of an axis differ. Raises InvalidValue, InvalidType."""
        if not isinstance(axis, int):
            raise InvalidType("axis must be an integer")
        if axis < 0:
            raise InvalidValue("Negative axis values are not supported")
        if self.rank is not None and axis >= self.rank:
            raise InvalidValue(f"Expected axis={axis} < rank={self.rank}")
        return 0 < axis < self.num_partitioned_dimensions and self.partitioned_dim_sizes[axis].shape.ndims == 1

    def broadcast_to_rank(self, rank: int) -> RaggedTensorDynamicShape:
        """With axes of size 1 in front. Raises InvalidValue."""
        if self.rank is None:
            raise InvalidValue("Unable to broadcast: self.rank is unknown")
        more = rank - self.rank
        if more < 0:
            raise InvalidValue(f"Unable to broadcast: rank={rank} must be greater than self.rank={self.rank}.")
        if more == 0:
            return self
        if self.partitioned_dim_sizes:
            return RaggedTensorDynamicShape((1,) * more + self.partitioned_dim_sizes, self.inner_dim_sizes)
        return RaggedTensorDynamicShape(
            [], tf.concat([tf.ones([more], self.dim_size_dtype), self.inner_dim_sizes], axis=0))

    def broadcast_dimension(self, axis: int, lengths: Any) -> RaggedTensorDynamicShape:
        """With an axis of these lengths. Raises InvalidValue; a step fails where they do not broadcast."""
        lengths = whole_numbers(lengths, name="lengths", dtype=self.dim_size_dtype)
        if lengths.shape.ndims is None:
            raise InvalidValue("lengths must have a known rank.")
        if lengths.shape.ndims > 1:
            raise InvalidValue("lengths must be a scalar or vector")
        uniform = lengths.shape.ndims == 0
        if self.is_ragged(axis):
            good = tf.equal(lengths, 1) if uniform else tf.reduce_all(tf.equal(lengths, self.dimension_size(axis)))
        else:
            own = self.dimension_size(axis)
            good = (tf.equal(lengths, 1) | tf.equal(own, 1) | tf.equal(own, lengths)) if uniform else tf.equal(own, 1)
        told = ["Unable to broadcast: dimension size mismatch in dimension", axis, "lengths=", lengths, "dim_size=",
                self.dimension_size(axis)]
        with tf.control_dependencies([tf.Assert(good, data=told, summarize=10)]):
            if axis < self.num_partitioned_dimensions:
                if self.is_ragged(axis):
                    return RaggedTensorDynamicShape(self.partitioned_dim_sizes, tf.identity(self.inner_dim_sizes))
                return self._uniform(axis, lengths)
            if uniform:
                return self._inner_uniform(axis, lengths)
            if axis == 0:
                raise InvalidValue("Unable to broadcast: outermost dimension must be uniform.")
            return self._inner_ragged(axis, lengths)

    def num_slices_in_dimension(self, axis: int) -> Any:
        """How many rows an axis has in all."""
        if axis < 0:
            return constant(1, dtype=self.dim_size_dtype)
        if self.is_ragged(axis):
            return tf.reduce_sum(self.partitioned_dim_sizes[axis])
        return self.dimension_size(axis) * self.num_slices_in_dimension(axis - 1)

    def _uniform(self, axis: int, lengths: Any) -> RaggedTensorDynamicShape:
        own = self.dimension_size(axis)
        sizes = list(self.partitioned_dim_sizes[:axis])
        if lengths.shape.ndims == 0:
            lengths = tf.where(tf.equal(own, 1), lengths, own)
            repeats = tf.where(tf.equal(own, 1), lengths, 1)
            splits = tf.stack([0, self.num_slices_in_dimension(axis)])
        else:
            splits = tf.range(tf.size(lengths, out_type=self.dim_size_dtype) + 1)
            repeats = lengths
        sizes.append(lengths)
        for size in self.partitioned_dim_sizes[axis + 1:]:
            if size.shape.ndims == 0:
                sizes.append(size)
                splits *= size
            else:
                sizes.append(repeat_ranges(size, splits, repeats))
                splits = tf.gather(lengths_to_splits(size), splits)
        return RaggedTensorDynamicShape(sizes, self.inner_dim_sizes)

    def _inner_uniform(self, axis: int, length: Any) -> RaggedTensorDynamicShape:
        own = self.dimension_size(axis)
        at = axis - self.num_partitioned_dimensions
        inner = tf.concat([self.inner_dim_sizes[:at], [tf.where(tf.equal(own, 1), length, own)],
                           self.inner_dim_sizes[at + 1:]], axis=0)
        return RaggedTensorDynamicShape(self.partitioned_dim_sizes, inner)

    def _inner_ragged(self, axis: int, lengths: Any) -> RaggedTensorDynamicShape:
        at = axis - self.num_partitioned_dimensions
        sizes = (*self.partitioned_dim_sizes, *(self.inner_dim_sizes[i] for i in range(at)), lengths)
        return RaggedTensorDynamicShape(sizes, self.inner_dim_sizes[at + 1:])

    def with_dim_size_dtype(self, dtype: Any) -> RaggedTensorDynamicShape:
        """The sizes as int32 or int64. Raises InvalidValue."""
        dtype = as_dtype(dtype)
        if dtype not in (int32, int64):
            raise InvalidValue("dtype must be int32 or int64")
        if self.dim_size_dtype == dtype:
            return self
        return RaggedTensorDynamicShape([tf.cast(size, dtype) for size in self.partitioned_dim_sizes],
                                        tf.cast(self.inner_dim_sizes, dtype))


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> RaggedTensorDynamicShape:
    """The sizes to which both broadcast. Raises InvalidValue, InvalidType."""
    for word, shape in (("shape_x", shape_x), ("shape_y", shape_y)):
        if not isinstance(shape, RaggedTensorDynamicShape):
            raise InvalidType(f"{word} must be a RaggedTensorDynamicShape")
    if shape_x.rank is None or shape_y.rank is None:
        raise InvalidValue("Unable to broadcast: unknown rank")
    rank = max(shape_x.rank, shape_y.rank)
    shape_x, shape_y = shape_x.broadcast_to_rank(rank), shape_y.broadcast_to_rank(rank)
    for axis in range(rank):
        shape_x = shape_x.broadcast_dimension(axis, shape_y.dimension_size(axis))
        shape_y = shape_y.broadcast_dimension(axis, shape_x.dimension_size(axis))
    return shape_x  # type: ignore[no-any-return]


def broadcast_to(rt_input: Any, shape: Any, broadcast_inner_dimensions: bool = True) -> Any:
    """A tensor, ragged or not, in these sizes. Raises InvalidValue, InvalidType."""
    if not isinstance(shape, RaggedTensorDynamicShape):
        raise InvalidType("shape must be a RaggedTensorDynamicShape")
    rt = convert_to_tensor_or_ragged_tensor(rt_input)
    if shape.num_partitioned_dimensions:
        return _to_ragged(rt, shape, broadcast_inner_dimensions)
    if is_rows(rt):
        raise InvalidValue("Incompatible with shape: ragged rank mismatch")
    return tf.broadcast_to(rt, shape.inner_dim_sizes) if broadcast_inner_dimensions else rt


def _to_ragged(rt: Any, shape: RaggedTensorDynamicShape, inner_too: bool) -> Any:
    kind, ragged = shape.dim_size_dtype, shape.num_partitioned_dimensions
    if is_rows(rt) and rt.row_splits.dtype != kind:
        raise InvalidValue("rt_input and dst_shape have different row_split dtypes",
                           hint="rt.with_row_splits_dtype or shape.with_dim_size_dtype makes them alike")
    if rt.shape.ndims is None or shape.rank is None:
        raise InvalidValue("Unable to broadcast: unknown rank")
    if rt.shape.ndims > shape.rank:
        raise InvalidValue("Incompatible with shape: rank mismatch")
    if is_rows(rt) and rt.ragged_rank >= ragged:
        raise InvalidValue("Incompatible with shape: ragged rank mismatch")
    own = RaggedTensorDynamicShape.from_tensor(rt).broadcast_to_rank(shape.rank)
    rt = _with_axes(rt, shape)
    inner = shape.num_inner_dimensions or 0
    if is_rows(rt):
        deeper = rt.flat_values.shape.ndims - 1 - inner
        if deeper > 0:
            rt = rt.with_flat_values(RaggedTensor.from_tensor(rt.flat_values, ragged_rank=deeper,
                                                              row_splits_dtype=kind))
    else:
        rt = RaggedTensor.from_tensor(rt, ragged_rank=ragged - 1, row_splits_dtype=kind)
    many: list[Any] = [1] * shape.rank
    for axis in range(ragged):
        if not own.is_ragged(axis) and not shape.is_ragged(axis):
            size, wanted = own.dimension_size(axis), shape.dimension_size(axis)
            if static_value(size) in (1, None) and static_value(wanted) != 1:
                many[axis] = tf.where(tf.equal(size, 1), wanted, 1)
    if not all(isinstance(v, int) and v == 1 for v in many):
        rt = tile(rt, tf.stack(many, axis=0))
    if inner_too:
        rt = rt.with_flat_values(tf.reshape(rt.flat_values, tf.concat([[-1], shape.inner_dim_sizes], axis=0)))
    for axis in range(ragged):
        if not own.is_ragged(axis) and shape.is_ragged(axis):
            rt = _tiled_axis(rt, axis, shape.dimension_size(axis), kind)
    return rt


def _with_axes(rt: Any, shape: RaggedTensorDynamicShape) -> Any:
    """With axes of size 1 in front, as many as are missing."""
    rank, inner = shape.rank or 0, shape.num_inner_dimensions or 0
    if rank > rt.shape.ndims:
        if rt.shape.ndims < inner + 1:
            rt = tf.reshape(rt, tf.concat([[-1], shape.inner_dim_sizes], axis=0))
        for _ in range(rank - rt.shape.ndims):
            rows = rt.nrows() if is_rows(rt) else tf.shape(rt, out_type=shape.dim_size_dtype)[0]
            rt = RaggedTensor.from_row_lengths(rt, [rows], validate=False)
    return rt


def _tiled_axis(rt: Any, axis: int, repeats: Any, kind: Any) -> Any:
    """Each row of an axis, which has one entry, so many times as its length says."""
    if not is_rows(rt):
        rt = RaggedTensor.from_tensor(rt, ragged_rank=1, row_splits_dtype=kind)
    if axis > 1:
        return rt.with_values(_tiled_axis(rt.values, axis - 1, repeats, kind))
    nested, lengths = rt.nested_row_splits, rt.nested_row_lengths()
    splits = nested[0]
    made = [repeats]
    for i in range(1, len(lengths)):
        made.append(repeat_ranges(lengths[i], splits, repeats))
        splits = tf.gather(nested[i], splits)
    values = repeat_ranges(rt.flat_values, splits, repeats)
    return RaggedTensor.from_nested_row_lengths(values, made, validate=False)
