"""Rows of different lengths as arrays: what a ragged tensor is fed with, and what a fetch of it gives."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said

EXPORTS = """
ragged: RaggedTensorValue
"""


class Ragged:
    """What values in ragged rows have in common, tensors or arrays: ``values`` and the ends of the rows in it."""

    values: Any
    row_splits: Any

    @property
    def flat_values(self) -> Any:
        """The values of the innermost rows, one after the other."""
        return self.values.flat_values if isinstance(self.values, Ragged) else self.values

    @property
    def nested_row_splits(self) -> tuple[Any, ...]:
        """The ends of the rows of each ragged axis, from the outermost on."""
        inner = self.values.nested_row_splits if isinstance(self.values, Ragged) else ()
        return (self.row_splits, *inner)

    @property
    def ragged_rank(self) -> int:
        """How many axes are ragged."""
        return len(self.nested_row_splits)


class RaggedTensorValue(Ragged):
    """The value of a ragged tensor (tf.ragged.RaggedTensorValue).

    values: an array or a RaggedTensorValue; row_splits: int32 or int64 [rows + 1]. Raises InvalidType and InvalidValue.
    """

    def __init__(self, values: Any, row_splits: Any) -> None:
        if not (isinstance(row_splits, (np.ndarray, np.generic)) and row_splits.dtype in (np.int64, np.int32)
                and row_splits.ndim == 1):
            raise InvalidType("row_splits must be a 1D int32 or int64 numpy array")
        if not isinstance(values, (np.ndarray, np.generic, RaggedTensorValue)):
            raise InvalidType(f"the values of a RaggedTensorValue are an array or one, not {said(values)}")
        if isinstance(values, RaggedTensorValue) and row_splits.dtype != values.row_splits.dtype:
            raise InvalidValue(f"row_splits are {row_splits.dtype}, those of the values {values.row_splits.dtype}")
        self.values, self.row_splits = values, row_splits

    @property
    def dtype(self) -> Any:
        return self.values.dtype

    @property
    def shape(self) -> tuple[Any, ...]:
        """The sizes, None for an axis whose rows differ."""
        return (len(self.row_splits) - 1, None, *self.values.shape[1:])

    def to_list(self) -> list[Any]:
        """The rows as nested lists."""
        rows = self.values.to_list() if isinstance(self.values, RaggedTensorValue) else self.values.tolist()
        ends = self.row_splits.tolist()
        return [rows[start:stop] for start, stop in zip(ends, ends[1:])]

    def __str__(self) -> str:
        return f"<tf.RaggedTensorValue {self.to_list()}>"

    def __repr__(self) -> str:
        return f"tf.RaggedTensorValue(values={self.values!r}, row_splits={self.row_splits!r})"


def nested_value(flat: Any, splits: Any) -> Any:
    """A RaggedTensorValue of the ends of the rows, from the outermost axis on."""
    value = flat
    for ends in reversed(list(splits)):
        value = RaggedTensorValue(value, ends)
    return value


def is_ragged(x: Any) -> bool:
    """Whether x is a ragged tensor or the value of one."""
    return isinstance(x, Ragged)
