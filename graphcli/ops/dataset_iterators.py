"""Iterators of datasets: where a session stands in one, from step to step (tf.data.Iterator)."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import FailedPrecondition, InvalidArgument, OutOfRange
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient
from ._bodies import Body
from ._datasets import OUTPUTS, Element

CPU_ONLY = True
_NAMED = f"shared_name: string; container: string; {OUTPUTS}"


class Reader:
    """What an iterator's handle stands for in a session: the elements that are left, None before it is initialized."""

    __slots__ = ("name", "rows")

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: Iterator[Element] | None = None


READERS = "Iterator", "IteratorV2", "OneShotIterator", "AnonymousIterator", "AnonymousIteratorV2"


def _reader(n: Any, node: Any) -> Reader:
    found: Reader = n.state.private(node, lambda: Reader(node.name))
    return found


def _plain(name: str, doc: str, attrs: str) -> None:
    def kernel(n: Any) -> Any:
        reader = _reader(n, n.node)
        return lambda: reader

    op(type(name, (), {"__doc__": doc, "__module__": __name__, "signature": " -> handle: resource", "attrs": attrs,
                       "stateful": True, "infer": scalar_shape, "kernel": kernel, "gradient": undefined_gradient}))


_plain("Iterator", "An iterator, to be initialized with a dataset.", _NAMED)
_plain("IteratorV2", "An iterator, to be initialized with a dataset.", _NAMED)


@op
class OneShotIterator:
    """An iterator of the dataset that a function makes, when it is first asked for an element."""

    signature = " -> handle: resource"
    attrs = f"dataset_factory: func; {OUTPUTS}; container: string = ''; shared_name: string = ''"
    stateful = True
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        reader = _reader(n, n.node)

        def handle() -> Reader:
            if reader.rows is None:
                reader.rows = iter(Body(n, n.attrs["dataset_factory"])([])[0])
            return reader

        return handle


@op
class MakeIterator:
    """Lets an iterator begin with the elements of a dataset."""

    signature = "dataset: variant, iterator: resource -> "
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        def begin(dataset: Any, reader: Any) -> None:
            reader.rows = iter(dataset)

        return begin


def following(n: Any) -> Any:
    """A kernel that takes the next element; None after the last with ``or_none``."""
    kinds = n.attrs["output_types"]

    def take(reader: Any, or_none: bool = False) -> Any:
        if reader.rows is None:
            raise FailedPrecondition("GetNext() failed because the iterator has not been initialized. Ensure that "
                                     "you have run the initializer operation for this iterator before getting the "
                                     "next element.")
        try:
            element = next(reader.rows)
        except StopIteration:
            if or_none:
                return None
            raise OutOfRange("End of sequence") from None
        return [c if k.name == "variant" else np.asarray(c, k.as_numpy_dtype) for c, k in zip(element, kinds)]

    return take


@op
class IteratorGetNext:
    """The next element of an iterator; out of range after the last one."""

    signature = "iterator: resource -> components: list(output_types)"
    attrs = OUTPUTS
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, iterator: Any) -> Any:
        return list(n.attrs["output_shapes"])

    def kernel(n: Any) -> Any:
        return following(n)


@op
class IteratorToStringHandle:
    """The name of an iterator of this graph as a string that can be fed."""

    signature = "resource_handle: resource -> string_handle: string"
    stateful = True
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda reader: np.asarray(reader.name.encode(), object)


@op
class IteratorFromStringHandleV2:
    """The iterator that a string names (tf.data.Iterator.from_string_handle)."""

    signature = "string_handle: string -> resource_handle: resource"
    attrs = "output_types: list(type) = []; output_shapes: list(shape) = []"
    stateful = True
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        def handle(name: Any) -> Reader:
            text = np.asarray(name, object).item()
            text = text.decode(errors="replace") if isinstance(text, bytes) else text
            node = n.node.graph.nodes.get(text)
            if node is None or node.type not in READERS:
                raise InvalidArgument(f"{text!r} is the handle of no iterator of this graph",
                                      hint="session.run(iterator.string_handle()) gives one")
            if node.type == "OneShotIterator":
                reader: Reader = node.opdef.kernel(_At(n, node))()
                return reader
            return _reader(n, node)

        return handle


class _At:
    """A kernel's context as that of another node."""

    def __init__(self, n: Any, node: Any) -> None:
        self.node, self.attrs, self.xp, self.state = node, node.attrs, n.xp, n.state
