"""Datasets as values: an object of which every iterator takes its own elements, tuples of arrays.

An iterator goes on after an element that fails, as TensorFlow's does: ``each`` makes one of a function.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..errors import OutOfRange
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient

Element = tuple[Any, ...]


ENDLESS, UNKNOWN = -1, -2
"""How many elements, where that is no number."""


class Dataset:
    """A value of a dataset's handle. start: makes an iterator of its elements; many: how many there are."""

    __slots__ = ("start", "many")

    def __init__(self, start: Callable[[], Iterator[Element]], many: int = UNKNOWN) -> None:
        self.start, self.many = start, many

    def __iter__(self) -> Iterator[Element]:
        return self.start()


def each(more: Callable[[], Element]) -> Iterator[Element]:
    """The elements that ``more()`` returns until it raises StopIteration; other errors do not end it."""
    return iter(more, None)


def chained(following: Callable[[], Iterator[Element]]) -> Callable[[], Element]:
    """For ``each``: the elements of one iterator after another, which ``following()`` gives."""
    inner: Iterator[Element] = iter(())

    def more() -> Element:
        nonlocal inner
        while True:
            for element in inner:
                return element
            inner = following()

    return more


def each_of(rows: Dataset, function: Callable[[Element], Element]) -> Iterator[Element]:
    """What a function makes of each element."""
    taken = iter(rows)
    return each(lambda: function(next(taken)))


def fewest(numbers: Sequence[int]) -> int:
    """The least of some numbers of elements, of which any may be endless or unknown."""
    if UNKNOWN in numbers:
        return UNKNOWN
    return min((m for m in numbers if m != ENDLESS), default=ENDLESS)


def of(body: Any, element: Element, captured: Any) -> list[Any]:
    """What a function gives of an element. One that is out of range ends the dataset."""
    try:
        found: list[Any] = body([*element, *captured])
    except OutOfRange as error:
        raise StopIteration from error
    return found


def kept(n: Any, values: Any, first: int = 0) -> list[Any]:
    """Inputs, from the flat one ``first`` on, as arrays that stay as they are: those that others hold are copied."""
    return [v if first + i in n.owned or not hasattr(v, "copy") else v.copy() for i, v in enumerate(values)]


def dataset_op(name: str, doc: str, signature: str, attrs: str, kernel: Any, module: str = "") -> None:
    """An op that gives a dataset; its handle is a scalar. module: its family, if it is not the kernel's."""
    op(type(name, (), {"__doc__": doc, "__module__": module or kernel.__module__,
                       "signature": f"{signature} -> handle: variant", "attrs": attrs, "stateful": True,
                       "infer": scalar_shape, "kernel": kernel, "gradient": undefined_gradient}))


OUTPUTS = "output_types: list(type) >= 1; output_shapes: list(shape) >= 1"
METADATA = "metadata: string = ''"
