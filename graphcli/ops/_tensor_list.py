"""The value of a list of tensors (``variant``): no op changes one, each gives a new one.

Lists that grow or shrink at their end share what they hold: a list is the first elements of it, and one that ends where
the store ends appends there. So a loop that pushes or pops is not slower the longer the list is.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.shapes import Static, compatible, merge, show
from ._elements import PLACE, Room

_GROWING = Lock()


class Variant:
    """What a tensor of dtype ``variant`` holds: no array, and in shape a scalar."""

    __slots__ = ()
    shape = ()
    ndim = 0
    nbytes = 8

    def __getitem__(self, index: Any) -> Any:
        """What indexing an array without axes gives: itself, or with new axes an array of it."""
        out = np.empty((), object)
        out[()] = self
        return out[index]

    def plus(self, xp: Any, other: Any) -> Any:
        """The sum with another of its kind."""
        raise NotImplementedError

    def zeros(self, xp: Any) -> Any:
        """One of its kind that changes no sum."""
        raise NotImplementedError


class TensorList(Variant):
    """Elements of one dtype whose shapes fit ``element``; None stands for one that was never set.

    most: how many elements it may have, -1 for any number. room: what its store holds, for the limit of a step.
    """

    __slots__ = ("store", "size", "dtype", "element", "most", "room")

    def __init__(self, items: Iterable[Any], dtype: Any, element: Static, most: int = -1,
                 limit: int | None = None) -> None:
        self.store = list(items)
        self.size = len(self.store)
        self.dtype = dtype
        self.element = element
        self.most = most
        self.room = Room("a list of tensors", limit)
        self.room.take(sum(PLACE + getattr(x, "nbytes", 0) for x in self.store))

    def items(self) -> list[Any]:
        return self.store[:self.size]

    def of(self, items: Iterable[Any]) -> TensorList:
        """A list like this of other elements."""
        return TensorList(items, self.dtype, self.element, self.most, self.room.most)

    def _first(self, size: int) -> TensorList:
        made = TensorList.__new__(TensorList)
        made.store, made.size, made.room = self.store, size, self.room
        made.dtype, made.element, made.most = self.dtype, self.element, self.most
        return made

    def pushed(self, value: Any) -> TensorList:
        """The list with one more element."""
        with _GROWING:
            if self.size and self.size == len(self.store):
                self.room.take(PLACE + value.nbytes)
                self.store.append(value)
                return self._first(self.size + 1)
        return self.of([*self.items(), value])

    def popped(self) -> TensorList:
        """The list without its last element."""
        return self._first(self.size - 1)

    def replaced(self, index: int, value: Any) -> TensorList:
        items = self.items()
        items[index] = value
        return self.of(items)

    def fits(self, dtype: Any) -> None:
        """Raises InvalidArgument for a list of another dtype."""
        if self.dtype is not dtype:
            raise InvalidArgument(f"Invalid data types; op elements {dtype.name} but list elements {self.dtype.name}")

    def wanted(self, given: Any) -> Static:
        """The shape of an element that the list and an op's element_shape leave."""
        shape = as_element(given)
        if not compatible(self.element, shape):
            raise InvalidArgument(f"Incompatible shapes during merge: {show(shape)} vs. {show(self.element)}")
        return merge(self.element, shape)

    def settled(self, shape: Static, items: Sequence[Any]) -> Static:
        """A shape that all of the elements that were set have too."""
        if shape is None or None in shape:
            for x in items:
                if x is not None:
                    if not compatible(shape, x.shape):
                        raise InvalidArgument("the elements of the list differ in shape: "
                                              f"{show(x.shape)} does not fit {show(shape)}")
                    shape = merge(shape, x.shape)
        return shape

    def plus(self, xp: Any, other: Any) -> TensorList:
        """The sums of elements; one that was never set counts as zeros."""
        if self.size != other.size:
            raise InvalidArgument("Trying to add two lists of tensors with different lengths. "
                                  f"One is {self.size} long and the other is {other.size} long")
        self.fits(other.dtype)
        out = []
        for x, y in zip(self.items(), other.items()):
            if x is not None and y is not None and x.shape != y.shape:
                raise InvalidArgument("Trying to add two tensors with incompatible element shapes. "
                                      f"One is {list(x.shape)} and the other is {list(y.shape)}")
            out.append(y if x is None else x if y is None else sum_of(xp, x, y))
        return self.of(out)

    def zeros(self, xp: Any) -> TensorList:
        return self.of([None if x is None else zeros_of(xp, x) for x in self.items()])


def as_element(value: Any) -> Static:
    """The shape that a step's element_shape says: -1 alone is any, -1 in a vector any size."""
    if not getattr(value, "ndim", 0):
        if int(value) != -1:
            raise InvalidArgument(f"The only valid scalar shape tensor is the fully unknown shape specified as -1, "
                                  f"not {int(value)}")
        return None
    return tuple(None if d == -1 else int(d) for d in value.tolist())


def zeros(xp: Any, dtype: Any, shape: Any) -> Any:
    """What stands for elements that were never set."""
    return np.full(shape, b"", object) if dtype.kind == "S" else xp.zeros(shape, dtype.as_numpy_dtype)


def kept(xp: Any, value: Any) -> Any:
    """A copy to keep: what is given may be a variable's buffer or be used again. A variant is no array."""
    return value if isinstance(value, Variant) else xp.array(value)


def sum_of(xp: Any, a: Any, b: Any) -> Any:
    """The sum of two arrays, or of two variants of one kind."""
    return a.plus(xp, b) if isinstance(a, Variant) else xp.asarray(xp.add(a, b))


def zeros_of(xp: Any, x: Any) -> Any:
    """Zeros in the form of an array or of a variant."""
    if isinstance(x, Variant):
        return x.zeros(xp)
    if getattr(x, "dtype", np.dtype(float)).kind == "O":
        out = np.full(x.shape, b"", object)
        for at in np.ndindex(x.shape):
            if isinstance(x[at], Variant):
                out[at] = x[at].zeros(xp)
        return out
    return xp.zeros_like(x)


def rows(value: Any) -> list[Any]:
    """The rows of an array as arrays."""
    return [value[i, ...] for i in range(len(value))]


def list_maker(n: Any) -> Any:
    """A function that makes a list of elements whose shape an input says, of at most so many, -1 for any number."""
    dtype, limit = n.attrs["element_dtype"], getattr(n.state, "memory", None)
    return lambda items, element, most=-1: TensorList(items, dtype, as_element(element), most, limit)
