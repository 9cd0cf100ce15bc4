"""Tables that change, as values: rows of keys and of values, kept as Python's objects."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.shapes import show
from .string_hash import hash64

WORD = (1 << 64) - 1


def rows_of(array: Any, many: int, size: int) -> list[Any]:
    """The rows of an array: of one number each the number, else a tuple."""
    flat = np.asarray(array).reshape(-1).tolist()
    return flat if size == 1 else [tuple(flat[i * size:(i + 1) * size]) for i in range(many)]


def array_of(rows: list[Any], shape: tuple[int, ...], dtype: Any) -> Any:
    """Rows as an array: of each the shape ``shape``."""
    out = np.empty((len(rows), *shape), dtype)
    flat = out.reshape(len(rows), prod(shape))
    for i, row in enumerate(rows):
        flat[i] = row
    return out


class MutableTable:
    """A table of keys that come and go. value_shape: of each value."""

    key_shape: tuple[int, ...] = ()

    def __init__(self, n: Any, value_shape: tuple[int, ...] = ()) -> None:
        self.name, self.value_shape = n.node.name, value_shape
        self.dtypes = [n.attrs[k].as_numpy_dtype for k in ("key_dtype", "value_dtype")]
        self.entries: dict[Any, Any] = {}

    def _keys(self, keys: Any) -> tuple[Any, list[Any]]:
        """(the shape that keys have before that of one, the keys)."""
        shape, own = np.shape(keys), len(self.key_shape)
        if own and shape[-own:] != self.key_shape:
            raise InvalidArgument(f"Expected key shape {show(self.key_shape)}, got {show(shape)}")
        outer = shape[:len(shape) - own]
        return outer, rows_of(keys, prod(outer), prod(self.key_shape))

    def _values(self, outer: Any, values: Any) -> list[Any]:
        wanted = (*outer, *self.value_shape)
        if np.shape(values) != wanted:
            raise InvalidArgument(f"Expected shape {show(wanted)} for value, got {show(np.shape(values))}")
        return rows_of(values, prod(outer), prod(self.value_shape))

    def find(self, keys: Any, default: Any) -> Any:
        """The values of keys, each a default where there is none."""
        outer, asked = self._keys(keys)
        wanted = (*outer, *self.value_shape)
        if np.shape(default) not in (self.value_shape, wanted):
            raise InvalidArgument(f"Expected shape {show(self.value_shape)} for default value, got "
                                  f"{show(np.shape(default))}")
        out = np.array(np.broadcast_to(default, wanted), self.dtypes[1])
        flat = out.reshape(len(asked), prod(self.value_shape))
        for i, key in enumerate(asked):
            found = self.get(key)
            if found is not None:
                flat[i] = found
        return out

    def get(self, key: Any) -> Any:
        """The value of a key, or None."""
        return self.entries.get(key)

    def insert(self, keys: Any, values: Any) -> None:
        """Gives keys values, the last of each."""
        outer, taken = self._keys(keys)
        self.entries.update(zip(taken, self._values(outer, values)))

    def remove(self, keys: Any) -> None:
        """Takes keys out; those that are not there are passed over."""
        for key in self._keys(keys)[1]:
            self.entries.pop(key, None)

    def take_in(self, keys: Any, values: Any) -> None:
        """Has these entries, and no others."""
        outer, taken = self._keys(keys)
        self.entries = dict(zip(taken, self._values(outer, values)))

    def export(self) -> tuple[Any, Any]:
        """All keys, and their values."""
        return (array_of(list(self.entries), (), self.dtypes[0]),
                array_of(list(self.entries.values()), self.value_shape, self.dtypes[1]))

    def __len__(self) -> int:
        return len(self.entries)


class DenseTable(MutableTable):
    """Keys in buckets, as TensorFlow puts them: the next free one by steps that grow.

    empty, deleted: the keys that say that a bucket was never used, or is no more. Raises InvalidArgument without the
    latter: so does TensorFlow for the form by reference, whose op has no such input.
    """

    def __init__(self, n: Any, empty: Any, deleted: Any = None) -> None:
        super().__init__(n, tuple(n.attrs["value_shape"] or ()))
        if deleted is None:
            raise InvalidArgument("Unknown input name: deleted_key", hint="MutableDenseHashTableV2 has one")
        many, self.load = n.attrs["initial_num_buckets"], n.attrs["max_load_factor"]
        if many < 4 or many & (many - 1):
            raise InvalidArgument(f"Number of buckets must be at least 4 and a power of 2, got: {many}")
        if not 0 < self.load < 1:
            raise InvalidArgument(f"max_load_factor must be between 0 and 1, got: {self.load:g}")
        self.key_shape = np.shape(empty)
        size = prod(self.key_shape)
        self.empty = rows_of(empty, 1, size)[0]
        self.deleted = rows_of(deleted, 1, size)[0]
        if self.empty == self.deleted:
            raise InvalidArgument("Empty and deleted keys cannot be equal")
        self._clear(many)

    def _keys(self, keys: Any) -> tuple[Any, list[Any]]:
        if np.ndim(keys) > 1 + len(self.key_shape):
            raise InvalidArgument(f"Expected key shape {show((np.shape(keys)[0], *self.key_shape))}, got "
                                  f"{show(np.shape(keys))}")
        return super()._keys(keys)

    def _clear(self, many: int) -> None:
        blank = np.zeros(self.value_shape, self.dtypes[1])
        none = rows_of(blank, 1, prod(self.value_shape))[0]
        if self.dtypes[1] is object:
            none = b"" if self.value_shape in ((), (1,)) else (b"",) * prod(self.value_shape)
        self.slots, self.held = [self.empty] * many, [none] * many
        self.count = 0

    def __len__(self) -> int:
        return self.count

    def _check(self, key: Any) -> None:
        for name, reserved in (("empty", self.empty), ("deleted", self.deleted)):
            if key == reserved:
                raise InvalidArgument(f"Using the {name}_key as a table key is not allowed")

    def _hash(self, key: Any) -> int:
        if not isinstance(key, tuple):
            return hash64(key) if isinstance(key, bytes) else int(key) & WORD
        found = 0
        for part in key:
            one = hash64(part) if isinstance(part, bytes) else int(part) & WORD
            found ^= (one + 0x9e3779b97f4a7800 + (found << 10) + (found >> 4)) & WORD
        return found

    def _walk(self, key: Any) -> Any:
        """The buckets where a key may lie, in order."""
        mask = len(self.slots) - 1
        at = self._hash(key) & mask
        for step in range(1, len(self.slots) + 1):
            yield at
            at = (at + step) & mask

    def _place(self, key: Any) -> int | None:
        for at in self._walk(key):
            if self.slots[at] == key:
                return at  # type: ignore[no-any-return]
            if self.slots[at] == self.empty:
                break
        return None

    def get(self, key: Any) -> Any:
        self._check(key)
        at = self._place(key)
        return None if at is None else self.held[at]

    def _put(self, key: Any, value: Any) -> None:
        for at in self._walk(key):
            there = self.slots[at]
            if there == key or there == self.empty or there == self.deleted:
                self.count += there != key
                self.slots[at], self.held[at] = key, value
                return

    def insert(self, keys: Any, values: Any) -> None:
        outer, taken = self._keys(keys)
        given = self._values(outer, values)
        pending, many = self.count + len(taken), len(self.slots)
        if pending > many * self.load:
            while pending > many * self.load:
                many *= 2
            before = list(zip(self.slots, self.held))
            self._clear(many)
            for key, value in before:
                if key not in (self.empty, self.deleted):
                    self._put(key, value)
        for key, value in zip(taken, given):
            self._check(key)
            self._put(key, value)

    def remove(self, keys: Any) -> None:
        for key in self._keys(keys)[1]:
            self._check(key)
            at = self._place(key)
            if at is not None:
                self.slots[at], self.count = self.deleted, self.count - 1

    def take_in(self, keys: Any, values: Any) -> None:
        """Has these buckets, as ``export`` gave them."""
        size, wide = prod(self.key_shape), prod(self.value_shape)
        if np.ndim(keys) != 2 or np.shape(keys)[1] != size or np.shape(values) != (len(keys), wide):
            raise InvalidArgument(f"Expected keys [n, {size}] and values [n, {wide}], got {show(np.shape(keys))} and "
                                  f"{show(np.shape(values))}")
        self.slots, self.held = rows_of(keys, len(keys), size), rows_of(values, len(keys), wide)
        self.count = sum(key not in (self.empty, self.deleted) for key in self.slots)

    def export(self) -> tuple[Any, Any]:
        """All buckets: a matrix of keys and one of values."""
        return (array_of(self.slots, (prod(self.key_shape),), self.dtypes[0]),
                array_of(self.held, (prod(self.value_shape),), self.dtypes[1]))
