"""Arrays with a common number of rows, fitted to the tensors that they are fed to."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine.feeds import convert
from ..errors import GraphError, InvalidValue
from ..graph.graph import Tensor
from ..graph.shapes import Static, compatible, show


class Data:
    """What is fed, row by row: tensor -> array, each with the dtype of its tensor.

    names: tensor -> what the user calls its array, for errors. Raises InvalidValue for arrays of different
    lengths and rows that do not fit, InvalidType for a wrong kind.
    """

    def __init__(self, arrays: Mapping[Tensor, Any], names: Mapping[Tensor, str] | None = None) -> None:
        if not arrays:
            raise InvalidValue("there is no data to train on")
        self.names = dict(names or {})
        self.arrays = {t: self._fitted(t, a) for t, a in arrays.items()}
        lengths = {len(a) for a in self.arrays.values()}
        if len(lengths) > 1:
            told = ", ".join(f"{self._name(t)} has {len(a)}" for t, a in self.arrays.items())
            raise InvalidValue(f"the arrays have different numbers of rows: {told}")
        self.rows = lengths.pop()
        self.fixed = next((t.static[0] for t in self.arrays if t.static), None)
        """The size of a batch that a placeholder has for good, None where it has none."""

    def not_finite(self, part: Any) -> tuple[str, int] | None:
        """(the array's name and dtype, the row) of a number that is none among the rows ``part``, if there is one."""
        for tensor, array in self.arrays.items():
            if array.dtype.kind in "fc":
                rows = np.isfinite(array[part])
                bad = ~rows.reshape(len(rows), -1).all(axis=1)
                if bad.any():
                    return f"{self._name(tensor)} as {array.dtype.name}", int(np.arange(self.rows)[part][bad.argmax()])
        return None

    def _name(self, tensor: Tensor) -> str:
        return self.names.get(tensor, tensor.op.name)

    def _fitted(self, tensor: Tensor, value: Any) -> Any:
        array = np.asarray(value)
        if not array.ndim:
            raise InvalidValue(f"{self._name(tensor)} is a single value, not rows")
        static = tensor.static
        array = as_column(array, static)
        rows = None if static is None else (None, *static[1:])
        if static == () or not compatible(rows, array.shape):
            raise InvalidValue(f"{self._name(tensor)} has rows of shape {show(array.shape[1:])}; {tensor.op.name} "
                               f"takes {_rows(static)}", tensor.op.span)
        wanted = tensor.dtype.base_dtype
        if wanted.kind != "S" and array.dtype.type is wanted.as_numpy_dtype and array.dtype.isnative:
            return array
        # fitted once as a whole: rows of a wrong kind are told before the first step
        free = _Free(tensor)
        try:
            return convert(free, array)  # type: ignore[arg-type]
        except GraphError as error:
            error.note(f"this is {self._name(tensor)}")
            raise


def as_column(array: Any, static: Static) -> Any:
    """A column of a table with the axis that a placeholder of columns has; any other array as it is."""
    if static is not None and len(static) == array.ndim + 1 and static[-1] in (1, None):
        return array[..., np.newaxis]
    return array


def _rows(static: Static) -> str:
    return f"rows of {show(static[1:])}" if static else "a single value, not rows"


class _Free:
    """A tensor with any number of rows."""

    def __init__(self, tensor: Tensor) -> None:
        self.op, self.dtype, self.name = tensor.op, tensor.dtype, tensor.name
        self.static = None
