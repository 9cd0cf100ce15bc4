"""The form of ragged tensors: shape, dtype and how many axes are ragged (tf.RaggedTensorSpec)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Tensor
from ..graph.shapes import TensorShape
from ..graph.types import as_dtype, float32, int64
from .ragged_tensor import RaggedTensor, is_rows

EXPORTS = """
tf: RaggedTensorSpec
"""


class RaggedTensorSpec:
    """The form of ragged tensors (tf.RaggedTensorSpec).

    ragged_rank: how many axes are ragged, all but one of the shape's if None. Raises InvalidValue and InvalidType.
    """

    def __init__(self, shape: Any = None, dtype: Any = float32, ragged_rank: int | None = None,
                 row_splits_dtype: Any = int64) -> None:
        self._shape, self._dtype, self._kind = TensorShape(shape), as_dtype(dtype), as_dtype(row_splits_dtype)
        rank = self._shape.rank
        if ragged_rank is None:
            if rank is None:
                raise InvalidValue("Must specify ragged_rank or a shape with a known rank.")
            ragged_rank = rank - 1
        if not isinstance(ragged_rank, int):
            raise InvalidType(f"ragged_rank is a whole number, not {said(ragged_rank)}")
        if rank is not None and ragged_rank >= rank:
            raise InvalidValue(f"ragged_rank must be less than rank: {ragged_rank} and {rank}")
        self._ragged = ragged_rank

    @classmethod
    def from_value(cls, value: Any) -> RaggedTensorSpec:
        """The form of a ragged tensor, or of the value of one."""
        return cls(value.shape, value.dtype, value.ragged_rank, value.row_splits.dtype)

    @property
    def value_type(self) -> type:
        return RaggedTensor if self._ragged > 0 else Tensor

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether it is of this form, as far as both are known."""
        other = spec_or_value
        if not isinstance(other, RaggedTensorSpec):
            if not is_rows(other):
                return False
            other = RaggedTensorSpec.from_value(other)
        return bool(self._shape.is_compatible_with(other._shape) and self._known()[1:] == other._known()[1:])

    def batched(self, size: int | None) -> RaggedTensorSpec:
        """The form of so many side by side."""
        return RaggedTensorSpec(TensorShape([size]).concatenate(self._shape), self._dtype, self._ragged + 1, self._kind)

    def unbatched(self) -> RaggedTensorSpec:
        """The form of a row."""
        return RaggedTensorSpec(self._shape[1:], self._dtype, self._ragged - 1, self._kind)

    def of_variant(self, variant: Any) -> Any:
        """The ragged tensor of the variant that stands for it in datasets. Raises InvalidValue for a dense row."""
        if self._ragged <= 0:
            raise InvalidValue(f"ragged_rank must be non-negative; got {self._ragged}: the rows of a tensor with one "
                               "ragged axis are not ragged", hint="batch them first")
        made = RaggedTensor.from_variant(variant, self._dtype, self._ragged)
        if self._shape.rank is not None:
            rows = self._shape[0].value
            if rows is not None:
                made.row_splits.set_shape([rows + 1])
            made.flat_values.set_shape(TensorShape([None]).concatenate(self._shape[1 + self._ragged:]))
        return made

    def _known(self) -> tuple[Any, ...]:
        return self._shape.tuple, self._dtype, self._ragged, self._kind

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RaggedTensorSpec) and self._known() == other._known()

    def __hash__(self) -> int:
        return hash(self._known())

    def __repr__(self) -> str:
        return f"RaggedTensorSpec({self._shape!r}, {self._dtype!r}, {self._ragged}, {self._kind!r})"
