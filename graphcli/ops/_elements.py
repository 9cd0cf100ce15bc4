"""What a TensorArray holds for one step, and how much a list may hold."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.shapes import Static, compatible, merge, show

MISSING = object()
PLACE = 8
"""Bytes of a place of a list."""


class Room:
    """How many bytes a list holds. most: how many it may, None for any number."""

    __slots__ = ("what", "most", "held")

    def __init__(self, what: str, most: int | None) -> None:
        self.what = what
        self.most = most
        self.held = 0

    def take(self, size: int) -> None:
        """Counts so many bytes more. Raises MemoryError where they are too many."""
        self.held += size
        if self.most is not None and self.held > self.most:
            raise MemoryError(f"{self.what} would hold {self.held:,} bytes, and the step may hold {self.most:,}")


class Elements:
    """The elements of one TensorArray in one step. A gradient's elements add up, and are zero at first."""

    def __init__(self, name: str, size: int, dtype: Any, element: Static, dynamic: bool, clear: bool,
                 same: bool, xp: Any = np, most: int | None = None) -> None:
        if size < 0:
            raise RunError(f"a TensorArray has a size of at least 0, not {size}")
        self.name = name
        self.xp = xp
        self.room = Room(f"the TensorArray {name}", most)
        self.room.take(PLACE * size)
        self.items: list[Any] = [MISSING] * size
        self.read_once: set[int] = set()
        self.dtype = np.dtype(dtype)
        self.element = element
        self.dynamic = dynamic
        self.clear = clear
        self.same = same
        self.adds = False
        self.gradients: dict[str, Elements] = {}
        self.shapes: list[Any] = []

    def gradient(self, source: str, prepend: tuple[int, ...] = ()) -> Elements:
        if self.adds:
            raise RunError(f"the elements of the TensorArray {self.name} are gradients themselves: there is no second "
                           "derivative through a TensorArray, in TensorFlow neither")
        found = self.gradients.get(source)
        if found is None:
            self.dynamic = False
            element = None if self.element is None else (*prepend, *self.element)
            found = Elements(f"{self.name}_{source}", len(self.items), self.dtype, element, False, False, self.same,
                             self.xp, self.room.most)
            found.adds = True
            found.shapes = [None if s is None else (*prepend, *s) for s in self._shapes()]
            self.gradients[source] = found
        return found

    def _shapes(self) -> list[Any]:
        known = self.shapes + [None] * (len(self.items) - len(self.shapes))
        return [known[i] if v is MISSING else v.shape for i, v in enumerate(self.items)]

    def place(self, index: int) -> None:
        if index < 0 or index >= len(self.items) and not self.dynamic:
            raise RunError(f"index {index} is not in [0, {len(self.items)}) of the TensorArray {self.name}")
        if index >= len(self.items):
            self.room.take(PLACE * (index + 1 - len(self.items)))
            self.items += [MISSING] * (index + 1 - len(self.items))

    def write(self, index: int, value: Any) -> None:
        self.place(index)
        value = value if hasattr(value, "dtype") else np.asarray(value)
        shape, kind = value.shape, value.dtype
        if kind != self.dtype:
            raise RunError(f"the TensorArray {self.name} holds {self.dtype}, and {kind} is written to it")
        if shape != self.element and not compatible(self.element, shape):
            raise RunError(f"an element of shape {show(shape)} is written to the TensorArray {self.name}, "
                           f"whose elements have shape {show(self.element)}")
        if self.same and shape != self.element:
            self.element = merge(self.element, shape)
        old = self.items[index]
        if old is not MISSING:
            if not self.adds:
                raise RunError(f"element {index} of the TensorArray {self.name} is written twice")
            value = old + value
            self.room.take(-old.nbytes)
        elif index in self.read_once and not self.adds:
            raise RunError(f"element {index} of the TensorArray {self.name} is written after it was read")
        self.room.take(value.nbytes)
        # a copy, for what is given may be a variable's buffer or be used again
        self.items[index] = self.xp.array(value)
        while len(self.shapes) < len(self.items):
            self.shapes.append(None)
        self.shapes[index] = shape

    def read(self, index: int) -> Any:
        if index < 0 or index >= len(self.items):
            raise RunError(f"index {index} is not in [0, {len(self.items)}) of the TensorArray {self.name}")
        value = self.items[index]
        if value is MISSING:
            if index in self.read_once:
                raise RunError(f"element {index} of the TensorArray {self.name} is read twice; it was cleared after "
                               "the first time", hint="clear_after_read=False keeps it")
            return self.zeros(index)
        if self.clear:
            self.room.take(-value.nbytes)
            self.items[index] = MISSING
            self.read_once.add(index)
        return value

    def zeros(self, index: int) -> Any:
        shape = self.shapes[index] if index < len(self.shapes) and self.shapes[index] is not None else self.element
        if shape is None or None in shape:
            raise RunError(f"element {index} of the TensorArray {self.name} was never written")
        return self.xp.zeros(shape, self.dtype)

    def stacked(self, indices: Any, element: Static) -> Any:
        values = [self.read(int(i)) for i in indices]
        if not values:
            shape = merge(self.element, element)
            if shape is None or None in shape:
                raise RunError(f"no elements of the TensorArray {self.name} are gathered, and their shape is not known")
            return self.xp.zeros((0, *shape), self.dtype)
        shapes = {v.shape for v in values}
        if len(shapes) > 1:
            a, b = sorted(shapes)[:2]
            raise RunError(f"the elements of the TensorArray {self.name} have the shapes {show(a)} and {show(b)} "
                           "and cannot be stacked")
        return self.xp.stack(values)
