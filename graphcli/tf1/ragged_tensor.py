"""Ragged tensors: values in one tensor, and where each row of them ends (tf.RaggedTensor)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import TensorShape
from ..graph.types import DType, as_dtype, int32, int64
from . import ragged_dense, ragged_from, ragged_operators
from .array_join import positive_axis
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .ragged_rows import row_splits_to_segment_ids
from .ragged_value import Ragged, RaggedTensorValue, nested_value

EXPORTS = """
tf: RaggedTensor
python.ops.ragged.ragged_tensor: RaggedTensor RaggedTensorType convert_to_tensor_or_ragged_tensor is_ragged
python.ops.ragged.ragged_tensor: match_row_splits_dtypes
"""

tf = modules["tf"]


class RaggedTensor(Ragged):
    """Rows of different lengths (tf.RaggedTensor), made by ``RaggedTensor.from_row_splits`` and its like.

    values: a tensor or a ragged tensor whose first axis the rows part; row_splits: int32 or int64 [rows + 1], where
    each row begins, and the end of the last. Fed and fetched as a RaggedTensorValue.
    Raises InvalidValue and InvalidType.
    """

    def __init__(self, values: Any, row_splits: Any, cached_row_lengths: Any = None, cached_value_rowids: Any = None,
                 cached_nrows: Any = None, internal: bool = False) -> None:
        if not internal:
            raise InvalidValue("a RaggedTensor is made by one of its functions",
                               hint="tf.RaggedTensor.from_row_lengths(values, row_lengths)")
        if not isinstance(row_splits, Tensor):
            raise InvalidType(f"Row-partitioning argument must be a Tensor, not {said(row_splits)}")
        if not isinstance(values, (RaggedTensor, Tensor)):
            raise InvalidType(f"values must be a Tensor or RaggedTensor, not {said(values)}")
        if row_splits.dtype.base_dtype not in (int32, int64):
            raise InvalidValue(f"row_splits are int32 or int64, not {row_splits.dtype.name}")
        row_splits.shape.assert_has_rank(1)
        values.shape.with_rank_at_least(1)
        row_splits.set_shape([None])
        self.values, self.row_splits = values, row_splits
        self.kept_lengths, self.kept_rowids, self.kept_nrows = cached_row_lengths, cached_value_rowids, cached_nrows

    from_value_rowids = classmethod(ragged_from.from_value_rowids)
    from_row_splits = classmethod(ragged_from.from_row_splits)
    from_row_lengths = classmethod(ragged_from.from_row_lengths)
    from_row_starts = classmethod(ragged_from.from_row_starts)
    from_row_limits = classmethod(ragged_from.from_row_limits)
    from_nested_value_rowids = classmethod(ragged_from.from_nested_value_rowids)
    from_nested_row_splits = classmethod(ragged_from.from_nested_row_splits)
    from_nested_row_lengths = classmethod(ragged_from.from_nested_row_lengths)
    from_tensor = classmethod(ragged_dense.from_tensor)
    from_sparse = classmethod(ragged_dense.from_sparse)
    to_tensor = ragged_dense.to_tensor
    to_sparse = ragged_dense.to_sparse

    @property
    def dtype(self) -> DType:
        return self.values.dtype  # type: ignore[no-any-return]

    @property
    def shape(self) -> TensorShape:
        """The sizes that are known; None for an axis whose rows differ."""
        ends = self.row_splits.static
        rows = None if ends is None or ends[0] is None else ends[0] - 1
        return TensorShape([rows, None]).concatenate(self.values.shape[1:])

    @property
    def graph(self) -> Graph:
        return self.row_splits.graph  # type: ignore[no-any-return]

    @property
    def op(self) -> Node:
        return self.flat_values.op  # type: ignore[no-any-return]

    @property
    def components(self) -> tuple[Tensor, ...]:
        """The tensors that it is made of, in the order in which they are put together."""
        return (self.flat_values, *self.nested_row_splits)

    kind, dense_hint = "ragged", "rt.to_tensor() is dense; rt.flat_values are its values"

    @staticmethod
    def value_of(arrays: Any) -> Any:
        """What a fetch gives, of the arrays of its components."""
        return nested_value(arrays[0], arrays[1:])

    def arrays_of(self, value: Any) -> Any:
        """The arrays of its components, of what it is fed with. Raises InvalidType for what is no value of one."""
        if not isinstance(value, RaggedTensorValue):
            raise InvalidType(f"a ragged tensor is fed with a RaggedTensorValue, not {said(value)}", self.op.span,
                              hint="tf.ragged.constant_value([[1, 2], [3]])")
        return (value.flat_values, *value.nested_row_splits)

    def remade(self, parts: Any) -> RaggedTensor:
        """The same rows of other components."""
        made, *splits = parts
        for ends in reversed(splits):
            made = RaggedTensor(made, ends, internal=True)
        return made  # type: ignore[no-any-return]

    def loop_shapes(self, shape: TensorShape) -> list[Any]:
        """What stays of the shapes of its components in a loop in which it keeps this shape."""
        known = shape.tuple
        rows = None if known is None or known[0] is None else known[0] + 1
        inner: Any = None if known is None else (None, *known[self.ragged_rank + 1:])
        return [inner, (rows,), *[(None,)] * (self.ragged_rank - 1)]

    def value_rowids(self, name: str | None = None) -> Tensor:
        """The row of each value (RaggedTensor.value_rowids)."""
        if self.kept_rowids is not None:
            return self.kept_rowids  # type: ignore[no-any-return]
        with name_scope(name, "RaggedValueRowIds", [self]):
            return row_splits_to_segment_ids(self.row_splits)

    def nested_value_rowids(self, name: str | None = None) -> tuple[Tensor, ...]:
        """The row of each value, for each ragged axis (RaggedTensor.nested_value_rowids)."""
        with name_scope(name, "RaggedNestedValueRowIds", [self]):
            return tuple(level.value_rowids() for level in self._levels())

    def _levels(self) -> list[Any]:
        """Itself, and what is ragged in it."""
        levels: list[Any] = [self]
        while isinstance(levels[-1].values, RaggedTensor):
            levels.append(levels[-1].values)
        return levels

    def nrows(self, out_type: Any = None, name: str | None = None) -> Tensor:
        """The number of rows (RaggedTensor.nrows)."""
        kind = self.row_splits.dtype if out_type is None else as_dtype(out_type)
        if self.kept_nrows is not None:
            return tf.cast(self.kept_nrows, kind)  # type: ignore[no-any-return]
        with name_scope(name, "RaggedNRows", [self]):
            return tf.shape(self.row_splits, out_type=kind)[0] - 1  # type: ignore[no-any-return]

    def row_starts(self, name: str | None = None) -> Tensor:
        """Where each row begins (RaggedTensor.row_starts)."""
        with name_scope(name, "RaggedRowStarts", [self]):
            return self.row_splits[:-1]  # type: ignore[no-any-return]

    def row_limits(self, name: str | None = None) -> Tensor:
        """Where each row ends (RaggedTensor.row_limits)."""
        with name_scope(name, "RaggedRowLimits", [self]):
            return self.row_splits[1:]  # type: ignore[no-any-return]

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """How long each row of an axis is (RaggedTensor.row_lengths)."""
        if self.kept_lengths is not None:
            return self.kept_lengths
        with name_scope(name, "RaggedRowLengths", [self]):
            axis = positive_axis(axis, self.shape.ndims)
            if axis == 0:
                return self.nrows()
            if axis == 1:
                ends = self.row_splits
                return ends[1:] - ends[:-1]
            if isinstance(self.values, RaggedTensor):
                return self.with_values(self.values.row_lengths(axis - 1))
            kind = self.row_splits.dtype
            sizes = tf.shape(self.values, out_type=kind)
            return self.with_values(tf.ones(sizes[:axis - 1], kind) * sizes[axis - 1])

    def nested_row_lengths(self, name: str | None = None) -> tuple[Tensor, ...]:
        """How long the rows are, for each ragged axis (RaggedTensor.nested_row_lengths)."""
        with name_scope(name, "RaggedNestedRowLengths", [self]):
            return tuple(level.row_lengths() for level in self._levels())

    def bounding_shape(self, axis: Any = None, name: str | None = None, out_type: Any = None) -> Tensor:
        """The sizes of the dense tensor that holds all rows, or of an axis of it (RaggedTensor.bounding_shape)."""
        kind = self.row_splits.dtype if out_type is None else as_dtype(out_type)
        with name_scope(name, "RaggedBoundingBox", [self, axis]):
            splits, flat = self.nested_row_splits, self.flat_values
            if isinstance(axis, int):
                if axis == 0:
                    return tf.shape(splits[0], out_type=kind)[0] - 1  # type: ignore[no-any-return]
                if axis == 1:
                    return tf.maximum(tf.reduce_max(self.row_lengths()), 0)  # type: ignore[no-any-return]
            rows = tf.shape(self.row_splits, out_type=kind)
            sizes = tf.shape(flat, out_type=kind)
            ragged = tf.stack([rows[0] - 1, *(tf.maximum(tf.reduce_max(s[1:] - s[:-1]), 0) for s in splits)])
            box = tf.concat([ragged, sizes[1:]], axis=0)
            return box if axis is None else tf.gather(box, axis)  # type: ignore[no-any-return]

    def with_values(self, new_values: Any) -> RaggedTensor:
        """Other values in the same rows (RaggedTensor.with_values). Raises InvalidValue where they do not fit."""
        new_values.shape.with_rank_at_least(1)
        self.values.shape[:1].assert_is_compatible_with(new_values.shape[:1])
        if isinstance(new_values, RaggedTensor) and self.row_splits.dtype != new_values.row_splits.dtype:
            raise InvalidValue(UNLIKE, hint=ALIKE)
        return RaggedTensor(new_values, self.row_splits, self.kept_lengths, self.kept_rowids, self.kept_nrows,
                            internal=True)

    def with_flat_values(self, new_values: Any) -> RaggedTensor:
        """Other values in the innermost rows (RaggedTensor.with_flat_values)."""
        if isinstance(self.values, Tensor):
            return self.with_values(new_values)
        return self.with_values(self.values.with_flat_values(new_values))

    def with_row_splits_dtype(self, dtype: Any) -> RaggedTensor:
        """The same rows by splits of int32 or int64 (RaggedTensor.with_row_splits_dtype)."""
        dtype = as_dtype(dtype)
        if dtype not in (int32, int64):
            raise InvalidValue(f"row_splits are int32 or int64, not {dtype.name}")
        if self.row_splits.dtype == dtype:
            return self
        ends = tf.cast(self.row_splits, dtype)
        values = self.values
        if isinstance(values, RaggedTensor):
            values = values.with_row_splits_dtype(dtype)
        lengths, ids = (None if x is None else tf.cast(x, dtype) for x in (self.kept_lengths, self.kept_rowids))
        # as in TensorFlow, the number of rows keeps its dtype
        return RaggedTensor(values, ends, lengths, ids, self.kept_nrows, internal=True)

    @classmethod
    def from_variant(cls, variant: Any, dtype: Any, output_ragged_rank: int, input_ragged_rank: int | None = None,
                     name: str | None = None) -> RaggedTensor:
        """The ragged tensor of a variant, or of variants that are its rows."""
        variant = convert_to_tensor(variant, "variant", name="variant")
        rank = -1 if input_ragged_rank is None else input_ragged_rank
        with name_scope(name, "RaggedFromVariant", [variant]):
            made = apply_op("RaggedTensorFromVariant", name, [variant],
                            {"input_ragged_rank": rank, "output_ragged_rank": output_ragged_rank, "Tvalues": dtype,
                             "Tsplits": int64})
            return cls.from_nested_row_splits(  # type: ignore[no-any-return]
                made.output_dense_values, made.output_nested_splits, validate=False)

    def to_variant(self, batched_input: bool = False, name: str | None = None) -> Tensor:
        """Itself as a variant, or each row as one."""
        with name_scope(name, "RaggedToVariant", [self]):
            return apply_op("RaggedTensorToVariant", name, [list(self.nested_row_splits), self.flat_values],  # type: ignore[no-any-return]
                            {"batched_input": batched_input})

    def to_list(self) -> Any:
        """Raises InvalidValue: there is no value while a graph is built."""
        raise InvalidValue("RaggedTensor.to_list() is only supported in eager mode",
                           hint="session.run(rt).to_list()")

    def consumers(self) -> list[Node]:
        """The nodes that take any of its tensors."""
        return list(dict.fromkeys(node for tensor in self.components for node in tensor.consumers()))

    def __bool__(self) -> bool:
        raise InvalidType("RaggedTensor may not be used as a boolean.")

    def __repr__(self) -> str:
        return f"tf.RaggedTensor(values={self.values}, row_splits={self.row_splits})"


ragged_operators.install(RaggedTensor)

UNLIKE = "Input RaggedTensors have mismatched row_splits dtypes"
ALIKE = "rt.with_row_splits_dtype(tf.int64) has int64"


class RaggedTensorType:
    """What a function of tf.map_fn gives, where it is ragged: dtype, how many ragged axes, the dtype of the splits."""

    def __init__(self, dtype: Any, ragged_rank: int, row_splits_dtype: Any = int64) -> None:
        self.dtype, self.ragged_rank, self.row_splits_dtype = dtype, ragged_rank, as_dtype(row_splits_dtype)


def is_rows(x: Any) -> bool:
    """Whether x is a ragged tensor of a graph."""
    return isinstance(x, RaggedTensor)


def is_ragged(value: Any) -> bool:
    """Whether it is a ragged tensor or the value of one."""
    return isinstance(value, Ragged)


def row_kind(*tensors: Any) -> DType:
    """The dtype of the row splits of all ragged tensors among some, int64 without one. Raises InvalidValue."""
    kinds = {t.row_splits.dtype.base_dtype for t in tensors if isinstance(t, RaggedTensor)}
    if len(kinds) > 1:
        raise InvalidValue(UNLIKE, hint=ALIKE)
    return kinds.pop() if kinds else int64


def match_row_splits_dtypes(*tensors: Any, return_dtype: bool = False) -> Any:
    """The tensors. Raises InvalidValue where the row splits of some are int32 and of others int64."""
    kind = row_kind(*tensors)
    return (kind, tensors) if return_dtype else tensors


def convert_to_tensor_or_ragged_tensor(value: Any, dtype: Any = None, preferred_dtype: Any = None,
                                       name: str | None = None) -> Any:
    """A ragged tensor as it is, the value of one as one, anything else as a tensor. Raises InvalidValue."""
    if isinstance(value, RaggedTensor):
        if dtype is not None and as_dtype(dtype).base_dtype is not value.dtype.base_dtype:
            raise InvalidValue(f"a ragged tensor of {value.dtype.name} is none of {as_dtype(dtype).name}")
        return value
    if isinstance(value, RaggedTensorValue):
        with name_scope(name, "ConvertToTensorOrRaggedTensor", []):
            flat = convert_to_tensor(value.flat_values, dtype, name="flat_values", preferred_dtype=preferred_dtype)
            return RaggedTensor.from_nested_row_splits(flat, value.nested_row_splits, validate=False)
    return convert_to_tensor(value, dtype, name=name, preferred_dtype=preferred_dtype)
