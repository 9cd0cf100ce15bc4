"""What one run tells of a node: its time, and its values' shapes, bytes and statistics."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..record import Record


class Value(Record):
    """One output. least, mean, most: of its finite numbers, None where there are none; odd: how many are not finite."""

    dtype: str
    shape: tuple[int, ...]
    bytes: int
    least: float | None = None
    mean: float | None = None
    most: float | None = None
    odd: int = 0


class Measured(Record):
    """One node. seconds: of all its calls, None for what takes no time of its own. values: of the last call."""

    calls: int = 0
    seconds: float | None = None
    values: tuple[Value | None, ...] = ()

    @property
    def bytes(self) -> int:
        return sum(v.bytes for v in self.values if v is not None)


Run = Mapping[str, Measured]


def value_facts(array: Any) -> Value | None:
    """The facts of an array, None of what is none (an op without a value, a handle)."""
    import numpy as np

    if array is None:
        return None
    try:
        found = np.asarray(array)
    except (TypeError, ValueError):
        return None
    kind = found.dtype.kind
    if kind in "SUO":
        flat = found.reshape(-1)
        if not all(isinstance(x, (bytes, str)) for x in flat[:8].tolist()):
            return None
        return Value("string", found.shape, sum(len(x) for x in flat.tolist()))
    name = found.dtype.name
    if kind not in "fiub" and name != "bfloat16":
        return Value(name, found.shape, int(found.nbytes))
    numbers = found.reshape(-1)
    odd = 0
    if kind == "f" or name == "bfloat16":
        numbers = numbers.astype(np.float64)
        finite = np.isfinite(numbers)
        odd = int(numbers.size - finite.sum())
        numbers = numbers[finite] if odd else numbers
    if not numbers.size:
        return Value(name, found.shape, int(found.nbytes), odd=odd)
    return Value(name, found.shape, int(found.nbytes), float(numbers.min()), float(numbers.mean(dtype=np.float64)),
                 float(numbers.max()), odd)
