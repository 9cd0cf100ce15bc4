"""Names: what names, handles and feeds mean in a graph."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import BadState, InvalidType, InvalidValue, NotFound, said
from ..graph.graph import Graph, Node, Tensor
from ..passes.effects import VARIABLES
from .feeds import convert, copied
from .fetches import element, is_slices


class Names:
    """named: looks a name up among the handles of a spec, and in the graph; None for a graph without a spec."""

    hands_back = False
    """Whether a tensor that is fed and fetched is given as it was fed."""

    def __init__(self, graph: Graph, named: Callable[[str], Any] | None) -> None:
        self.graph = graph
        self.named = named

    def resolve(self, thing: Any) -> Any:
        """What a name means: a handle of the spec first, else a name of the graph. Raises NotFound."""
        if self.named is not None and isinstance(thing, str):
            return self.named(thing)
        return element(self.graph, thing)

    def variable(self, thing: Any) -> Node:
        """The node of a variable. Raises InvalidType for what is none."""
        if isinstance(thing, str):
            thing = self.resolve(thing)
        node = getattr(thing, "op", thing)
        if not isinstance(node, Node) or node.type not in VARIABLES:
            raise InvalidType(f"{getattr(thing, 'name', thing)} is not a variable")
        return node

    def feeds(self, feed_dict: Mapping[Any, Any] | None) -> dict[Tensor, Any]:
        """The tensors that are fed, with their values as arrays. Raises what ``convert`` raises, and InvalidValue."""
        out: dict[Tensor, Any] = {}
        for tensor, value in self._pairs(feed_dict):
            if tensor in out:
                raise InvalidValue(f"{tensor.name} is fed twice", tensor.op.span)
            out[tensor] = convert(tensor, value)
        return out

    def _pairs(self, feed_dict: Mapping[Any, Any] | None) -> Iterator[tuple[Tensor, Any]]:
        """Each tensor that is fed with what it is fed with."""
        for thing, value in _apart(feed_dict or {}):
            if hasattr(thing, "components"):
                yield from zip(thing.components, thing.arrays_of(value), strict=True)
            elif is_slices(thing):
                parts = (thing.values, thing.indices, thing.dense_shape)
                yield from ((t, v) for t, v in zip(parts, value) if t is not None)
            else:
                yield self.feedable(thing), value

    def handed_back(self, leaves: Sequence[Any], feed_dict: Mapping[Any, Any] | None) -> dict[int, Any]:
        """Of what is fetched, by its number, that which is fed: the very array, or what numpy makes of another value.
        """
        fed = dict(self._pairs(feed_dict))
        return {i: np.asarray(fed[leaf], leaf.dtype.base_dtype.as_numpy_dtype) for i, leaf in enumerate(leaves)
                if isinstance(leaf, Tensor) and leaf in fed}

    def copied(self, feed_dict: Mapping[Any, Any] | None, feeds: Mapping[Tensor, Any]) -> int:
        """Bytes of the copies that ``feeds`` made of arrays that are fed."""
        return sum(copied(value, feeds[self.feedable(thing)]) for thing, value in _apart(feed_dict or {})
                   if not hasattr(thing, "components") and not is_slices(thing))

    def feedable(self, thing: Any) -> Tensor:
        """The tensor that is meant. Raises InvalidType for what cannot be fed, NotFound for another graph's."""
        found = self.resolve(thing) if isinstance(thing, str) else thing
        if isinstance(found, (list, tuple, Mapping)):
            raise InvalidType(f"{said(thing)} is a structure; feed the tensors in it one by one")
        found = element(self.graph, found)
        if isinstance(found, Node):
            raise InvalidType(f"{found.name} ({found.type}) is an operation and cannot be fed", found.span,
                              hint=f"a tensor is {found.name}:0" if found.outputs else None)
        if found.op.graph is not self.graph:
            raise NotFound(f"{found.name} is not of this graph")
        return found


def _apart(feed_dict: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """What is fed with what; a tuple of tensors (the state of a recurrent cell), nested or not, with such a value."""
    for thing, value in feed_dict.items():
        if not isinstance(thing, tuple) or hasattr(thing, "dense_shape"):
            yield thing, value
            continue
        things, values = list(_leaves(thing)), list(_leaves(value))
        if len(things) != len(values):
            raise InvalidValue(f"Could not flatten dictionary. Key had {len(things)} elements, but value had "
                               f"{len(values)} elements. Key: {thing!r}")
        yield from zip(things, values)


def _leaves(value: Any) -> Iterator[Any]:
    """The parts of nested lists, tuples and mappings, those of a mapping by their names."""
    if isinstance(value, Mapping):
        value = [value[k] for k in sorted(value)]
    if isinstance(value, (list, tuple)) and not hasattr(value, "dense_shape"):
        for part in value:
            yield from _leaves(part)
    else:
        yield value


class OperationNames(Names):
    """Names as tf.Session reads them: one without an output's number is an operation, and the kinds of errors are
    TensorFlow's: ValueError for what cannot be fetched, TypeError for what cannot be fed."""

    hands_back = True

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph, None)

    def resolve(self, thing: Any) -> Any:
        if not self.graph.nodes:
            raise BadState("The Session graph is empty. Add operations to the graph before calling run().")
        try:
            found = self.graph.as_graph_element(thing.decode() if isinstance(thing, bytes) else thing)
        except NotFound as error:
            raise InvalidValue(error.message, error.span, hint=error.hint) from None
        if not self.graph.is_fetchable(found):
            raise InvalidValue(f"{found.name} has been marked as not fetchable")
        return found

    def feeds(self, feed_dict: Mapping[Any, Any] | None) -> dict[Tensor, Any]:
        if feed_dict and not isinstance(feed_dict, Mapping):
            raise InvalidType(f"feed_dict is a mapping from tensors to values, not a {type(feed_dict).__name__}")
        return super().feeds(feed_dict)

    def feedable(self, thing: Any) -> Tensor:
        try:
            found: Tensor = self.graph.as_graph_element(thing, allow_operation=False)
        except (InvalidValue, NotFound) as error:
            raise InvalidType(error.message, error.span, hint=error.hint) from None
        if not self.graph.is_feedable(found):
            raise InvalidValue(f"Tensor {found.name} may not be fed.", found.op.span)
        return found
