"""The entries of a table that is filled once: of keys that are whole numbers sorted arrays, else Python's objects."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import FailedPrecondition

PART, EACH = 1 << 13, 56
"""Keys that are looked up at a time, and the bytes of each and its value as Python's objects, or on the way."""


def text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _differ(key: Any, first: Any, second: Any) -> FailedPrecondition:
    return FailedPrecondition(f"HashTable has different value for same key. Key {text(key)} has {text(first)} and "
                              f"trying to add value {text(second)}")


def entries_of(keys: Any, values: Any) -> Entries:
    """What two vectors say. Raises FailedPrecondition for a key with two values."""
    return (Numbered if keys.dtype.kind in "iu" else Entries)(keys, values)


class Entries:
    """By keys that are Python's objects."""

    def __init__(self, keys: Any, values: Any) -> None:
        self.kinds = keys.dtype, values.dtype
        self.made: dict[Any, Any] = {}
        for i in range(0, keys.size, PART):
            for key, value in zip(keys[i:i + PART].tolist(), values[i:i + PART].tolist(), strict=True):
                if self.made.setdefault(key, value) != value:
                    raise _differ(key, self.made[key], value)

    def __len__(self) -> int:
        return len(self.made)

    def same(self, other: Any) -> bool:
        """Whether there are the same entries in others."""
        return bool(self.made == other.made)

    def find(self, keys: Any, default: Any, out: Any) -> None:
        """Puts the values of keys there, a default where there is none."""
        for i in range(0, keys.size, PART):
            out[i:i + PART] = [self.made.get(k, default) for k in keys[i:i + PART].tolist()]

    def export(self) -> tuple[Any, Any]:
        """The keys and the values, in the order in which they came."""
        return np.array(list(self.made), self.kinds[0]), np.array(list(self.made.values()), self.kinds[1])


class Numbered(Entries):
    """By keys that are whole numbers, sorted. came: for each entry that came its place; None where keys ascend."""

    def __init__(self, keys: Any, values: Any) -> None:
        self.came: Any = None
        if (keys[1:] > keys[:-1]).all():
            if (values != values).any():
                # as TensorFlow compares what it has put there: a NaN is not itself
                at = int(np.flatnonzero(values != values)[0])
                raise _differ(keys[at], values[at], values[at])
            self.keys, self.values = keys.copy(), values.copy()
            return
        order = np.argsort(keys, kind="stable")
        if len(keys) < 1 << 31:
            order = order.astype(np.int32)
        self.keys = keys[order]
        if not (values.dtype.kind in "fc" and np.isnan(values).any() or (self.keys[1:] == self.keys[:-1]).any()):
            self.values, self.came = values[order], np.empty_like(order)
            for i in range(0, len(order), PART):
                some = order[i:i + PART]
                self.came[some] = np.arange(i, i + len(some))
            return
        first = np.concatenate([[True], self.keys[1:] != self.keys[:-1]])
        kept = order[first]
        wrong = order[values[kept][np.cumsum(first) - 1] != values[order]]
        if wrong.size:
            at = int(wrong.min())
            raise _differ(keys[at], values[kept[np.searchsorted(self.keys[first], keys[at])]], values[at])
        self.keys, self.values = self.keys[first], values[kept]
        self.came = np.argsort(kept)

    def __len__(self) -> int:
        return len(self.keys)

    def same(self, other: Any) -> bool:
        return np.array_equal(self.keys, other.keys) and np.array_equal(self.values, other.values)

    def find(self, keys: Any, default: Any, out: Any) -> None:
        if not len(self):
            out[...] = default
            return
        low, high = self.keys[0], self.keys[-1]
        dense = int(high) - int(low) + 1 == len(self)
        for i in range(0, keys.size, PART):
            asked = keys[i:i + PART]
            if dense:
                there = (asked >= low) & (asked <= high)
                at = np.where(there, asked, low) - low
            else:
                at = np.searchsorted(self.keys, asked)
                at[at == len(self)] = 0
                there = self.keys[at] == asked
            found = self.values[at]
            found[~there] = default
            out[i:i + PART] = found

    def export(self) -> tuple[Any, Any]:
        if self.came is None:
            return self.keys.copy(), self.values.copy()
        return self.keys[self.came], self.values[self.came]
