"""Dimension and TensorShape: what is known of a value's sizes before it exists.

Inside the library a static shape is a plain tuple with None for an unknown size, and None for an
unknown rank; ``TensorShape`` is the same thing as TF1 users see it.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from .dimension import Dimension

ShapeTuple = tuple[int | None, ...]
Static = ShapeTuple | None


class TensorShape:
    """A static shape as TF1 shows it (tf.TensorShape): rank and sizes may be unknown."""

    __slots__ = ("tuple",)

    def __init__(self, dims: object) -> None:
        self.tuple: Static = as_shape(dims)

    @property
    def rank(self) -> int | None:
        return None if self.tuple is None else len(self.tuple)

    ndims = rank

    @property
    def dims(self) -> list[Dimension] | None:
        return None if self.tuple is None else [Dimension(d) for d in self.tuple]

    def as_list(self) -> list[int | None]:
        if self.tuple is None:
            raise InvalidValue("as_list() is not defined on a shape of unknown rank")
        return list(self.tuple)

    def num_elements(self) -> int | None:
        return count(self.tuple)

    def is_fully_defined(self) -> bool:
        return self.tuple is not None and None not in self.tuple

    def is_compatible_with(self, other: object) -> bool:
        return compatible(self.tuple, as_shape(other))

    def merge_with(self, other: object) -> TensorShape:
        return TensorShape(merge(self.tuple, as_shape(other)))

    def concatenate(self, other: object) -> TensorShape:
        tail = as_shape(other)
        return TensorShape(None if self.tuple is None or tail is None else self.tuple + tail)

    def with_rank(self, rank: int) -> TensorShape:
        if self.tuple is None:
            return TensorShape((None,) * rank)
        if len(self.tuple) != rank:
            raise InvalidValue(f"the shape {self} must have rank {rank}")
        return self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape. Raises InvalidValue if its rank is known and lower."""
        if self.tuple is not None and len(self.tuple) < rank:
            raise InvalidValue(f"shape {self} must have at least rank {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape. Raises InvalidValue if its rank is known and higher."""
        if self.tuple is not None and len(self.tuple) > rank:
            raise InvalidValue(f"shape {self} must have at most rank {rank}")
        return self

    def most_specific_compatible_shape(self, other: object) -> TensorShape:
        """The shape of which both are instances: what they have in common is known."""
        tail = as_shape(other)
        if self.tuple is None or tail is None or len(self.tuple) != len(tail):
            return TensorShape(None)
        return TensorShape([a if a == b else None for a, b in zip(self.tuple, tail)])

    def assert_same_rank(self, other: object) -> None:
        """Raises InvalidValue if both ranks are known and differ."""
        tail = as_shape(other)
        if self.tuple is not None and tail is not None and len(self.tuple) != len(tail):
            raise InvalidValue(f"the shapes {self} and {show(tail)} differ in rank")

    def assert_is_fully_defined(self) -> None:
        """Raises InvalidValue if the rank or a size is not known."""
        if not self.is_fully_defined():
            raise InvalidValue(f"shape {self} is not fully defined")

    def __add__(self, other: object) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: object) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def assert_has_rank(self, rank: int) -> None:
        if self.rank not in (None, rank):
            raise InvalidValue(f"the shape {self} must have rank {rank}")

    def assert_is_compatible_with(self, other: object) -> None:
        if not self.is_compatible_with(other):
            raise InvalidValue(f"the shapes {self} and {TensorShape(other)} are not compatible")

    def __len__(self) -> int:
        if self.tuple is None:
            raise InvalidValue("a shape of unknown rank has no length")
        return len(self.tuple)

    def __iter__(self) -> Iterator[Dimension]:
        if self.tuple is None:
            raise InvalidValue("a shape of unknown rank cannot be iterated")
        return iter([Dimension(d) for d in self.tuple])

    def __getitem__(self, key: Any) -> Any:
        if self.tuple is None:
            if isinstance(key, slice):
                return TensorShape(None)
            return Dimension(None)
        if isinstance(key, slice):
            return TensorShape(self.tuple[key])
        return Dimension(self.tuple[key])

    def __bool__(self) -> bool:
        return self.tuple is not None

    def __eq__(self, other: object) -> bool:
        try:
            return self.tuple == as_shape(other)
        except TypeError:
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self.tuple)

    def __repr__(self) -> str:
        return f"TensorShape({None if self.tuple is None else list(self)})"

    def __str__(self) -> str:
        if self.tuple is None:
            return "<unknown>"
        inner = ", ".join("?" if d is None else str(d) for d in self.tuple)
        return f"({inner},)" if len(self.tuple) == 1 else f"({inner})"


def as_shape(value: object) -> Static:
    """A static shape from what TF1 takes for one: None, a number, a list, a TensorShape.

    Raises InvalidType or InvalidValue if it is none.
    """
    if value is None:
        return None
    if type(value) is tuple and all(d is None or type(d) is int and d >= 0 for d in value):
        return value
    if isinstance(value, TensorShape):
        return value.tuple
    if isinstance(value, Dimension):
        return (value.value,)
    if isinstance(value, (str, bytes)):
        raise InvalidType(f"a shape is a list of sizes, not {said(value)}")
    if isinstance(value, Iterable):
        return tuple(as_size(d) for d in value)
    return (as_size(value),)


def as_size(value: object) -> int | None:
    """One size of a static shape: None or a whole number that is not negative."""
    if value is None:
        return None
    if isinstance(value, Dimension):
        return value.value
    if isinstance(value, float):  # ``width / 2`` of a program that was written for Python 2
        if not value.is_integer():
            raise InvalidValue(f"a size in a shape is a whole number or null, not {said(value)}")
        value = int(value)
    if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__index__"):
        raise InvalidType(f"a size in a shape is a whole number or null, not {said(value)}")
    size = value.__index__()
    if size < 0:
        raise InvalidValue(f"a size in a shape must be at least 0, not {size}",
                           hint="write null for an unknown size")
    return int(size)


def is_wanted(wanted: Any, shape: Static) -> bool:
    """Whether a shape is the one that a known vector of sizes asks for, in which -1 is any.

    A static shape that follows from other sizes may be known where the wanted one is not, or is wrong and refused
    when the step runs.
    """
    return (wanted is not None and shape is not None and len(wanted) == len(shape)
            and all(w in (-1, s) for w, s in zip(wanted, shape)))


def count(shape: Static) -> int | None:
    """How many elements a shape has; None if that is unknown."""
    if shape is None or None in shape:
        return None
    total = 1
    for size in shape:
        total *= size  # type: ignore[operator]
    return total


def past_int64(shape: Static) -> str | None:
    """What of a shape no int64 holds, which TensorFlow counts in: a size, or the number of elements. None: nothing."""
    if shape is None:
        return None
    total = 1
    for size in shape:
        if size is not None and size >= 2**63:
            return f"no int64 holds {size}"
        total *= 1 if size is None else size
        if total >= 2**63 and None not in shape:
            return "no int64 holds the number of its elements"
    return None


def only_spread(before: Static, after: Static) -> bool:
    """Whether what has the one shape is tiled to the other by repeating single elements, as broadcasting does."""
    if before is None:
        return False
    if after is None or None in after or None in before:
        return all(d == 1 for d in before)
    return all(a in (1, b) for a, b in zip(before, after))


def compatible(a: Static, b: Static) -> bool:
    """Whether some shape is an instance of both."""
    if a is None or b is None:
        return True
    return len(a) == len(b) and all(x is None or y is None or x == y for x, y in zip(a, b))


def merge(a: Static, b: Static) -> Static:
    """What is known by either of two shapes of one value. Raises InvalidValue if they differ."""
    if a is None:
        return b
    if b is None:
        return a
    if not compatible(a, b):
        raise InvalidValue(f"the shapes {show(a)} and {show(b)} are not compatible")
    return tuple(y if x is None else x for x, y in zip(a, b))


def broadcast(a: Static, b: Static) -> Static:
    """The shape of a broadcast of two. Raises InvalidValue if they do not broadcast."""
    if a == b and a is not None and None not in a:
        return a
    if a is None or b is None:
        return None
    out: list[int | None] = []
    long, short = (a, b) if len(a) >= len(b) else (b, a)
    padded = (1,) * (len(long) - len(short)) + short
    for x, y in zip(long, padded):
        if x == y or y == 1:
            out.append(x)
        elif x == 1:
            out.append(y)
        elif x is None or y is None:
            # a 0 may meet a 1 or a 0: TensorFlow leaves it open
            out.append((y if x is None else x) or None)
        else:
            raise InvalidValue(f"the shapes {show(a)} and {show(b)} do not broadcast: {x} meets {y}")
    return tuple(out)


def show(shape: Static | Sequence[int | None]) -> str:
    """A shape for a message: ``[?, 784]``, ``[]``, ``?`` for an unknown rank."""
    if shape is None:
        return "?"
    return "[" + ", ".join("?" if d is None else str(d) for d in shape) + "]"
