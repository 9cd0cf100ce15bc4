"""Values over a whole set of rows: each batch's mean by its number of rows."""
from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine.session import Session
from ..errors import InvalidType
from .batches import Batches
from .data import Data


class Evaluation:
    """Named tensors whose mean over rows is wanted, such as an accuracy.

    A tensor is a number of a batch, or has a number for each row. data: None where the graph makes its own, and one
    batch is looked at. feeds: the same for every batch.
    Raises InvalidType for what is no number.
    """

    def __init__(self, session: Session, tensors: Mapping[str, Any], data: Data | None, size: int,
                 feeds: Mapping[Any, Any] | None = None) -> None:
        self.names = list(tensors)
        self.arrays = {} if data is None else data.arrays
        self.batches = Batches(1, 1) if data is None else Batches(data.rows, size)
        self.fixed = list((feeds or {}).values())
        self.call = session.make_callable(list(tensors.values()), [*self.arrays, *(feeds or {})])

    def run(self) -> dict[str, float]:
        """The means. A batch that is all rows gives its values as they are."""
        sums = dict.fromkeys(self.names, 0.0)
        for i in range(self.batches.per_epoch):
            part = self.batches.at(i)
            rows = part.stop - part.start
            found = self.call(*(a[part] for a in self.arrays.values()), *self.fixed)
            for name, value in zip(self.names, found):
                sums[name] += _number(name, value) * rows
        return {name: total / self.batches.rows for name, total in sums.items()}


def _number(name: str, value: Any) -> float:
    array = np.asarray(value)
    if array.dtype.kind not in "fiub" and array.dtype.name != "bfloat16" or not array.size:
        raise InvalidType(f"{name} is evaluated to a mean and must be numbers")
    mean = float(array.astype(np.float64).mean())
    return mean if math.isfinite(mean) else float("nan")
