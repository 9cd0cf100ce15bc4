"""What is fetched: any nesting of names, tensors, nodes and variables, flattened and put together again."""
from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidType
from ..graph.graph import Node, Tensor
from ..passes.effects import VARIABLES


class IndexedSlicesValue(NamedTuple):
    """The value of IndexedSlices: ``values[i]`` belongs at row ``indices[i]``."""

    values: Any
    indices: Any
    dense_shape: Any = None


def is_variable(thing: Any) -> bool:
    return hasattr(thing, "initializer") and hasattr(thing, "op")


def is_slices(thing: Any) -> bool:
    return hasattr(thing, "indices") and hasattr(thing, "dense_shape") and not hasattr(thing, "components")


def key(thing: Any) -> Hashable:
    """Equal for fetches that have one plan."""
    if isinstance(thing, (list, tuple)):
        return type(thing), tuple(key(t) for t in thing)
    if isinstance(thing, Mapping):
        return type(thing), tuple((k, key(v)) for k, v in thing.items())
    return thing if isinstance(thing, str) else _Same(thing)


class _Same:
    """An object as a key, by identity; keeps it alive, so that its id stays its own."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing


def _nothing(values: list[Any]) -> None:
    return None


class Buffer:
    """A fetched variable of which only the node is at hand: its value is that after the step."""

    __slots__ = ("op",)

    def __init__(self, op: Node) -> None:
        self.op = op


class Fetches:
    """leaves: the tensors, nodes and variables, each once. ``rebuild(values)`` gives the nesting back.

    gaps: None inside a nesting stays None there (gradients gives it for what does not count); else it is refused.
    fed: the tensors that are fed; a resource variable whose read is among them is fetched as it is fed.
    """

    def __init__(self, fetches: Any, resolve: Callable[[Any], Any], gaps: bool = False,
                 fed: Sequence[Tensor] = ()) -> None:
        self._gaps, self._fed = gaps, fed
        self.leaves: list[Any] = []
        self._index: dict[int, int] = {}
        self._resolve = resolve
        self._make = self._read(fetches)
        self.form = "one" if self._leaf(fetches) else "list" if type(fetches) is list and all(
            self._leaf(f) for f in fetches) and len(fetches) == len(self.leaves) else ""
        """``one`` tensor, a plain ``list`` of them each once, or another nesting."""

    @staticmethod
    def _leaf(thing: Any) -> bool:
        return thing is not None and not isinstance(thing, (str, list, tuple, Mapping)) and not hasattr(
            thing, "dense_shape")

    def rebuild(self, values: list[Any]) -> Any:
        return self._make(values)

    def _part(self, thing: Any) -> Callable[[list[Any]], Any]:
        return _nothing if thing is None and self._gaps else self._read(thing)

    def _read(self, thing: Any) -> Callable[[list[Any]], Any]:
        if isinstance(thing, str):
            thing = self._resolve(thing)
        if thing is None:
            raise InvalidType("null cannot be fetched")
        if isinstance(thing, (list, tuple)):
            parts = [self._part(t) for t in thing]
            kind: Any = type(thing)
            if hasattr(thing, "_fields"):
                return lambda values: kind(*[p(values) for p in parts])
            return lambda values: kind([p(values) for p in parts])
        if isinstance(thing, Mapping):
            members = {k: self._part(v) for k, v in thing.items()}
            made: Any = type(thing)
            return lambda values: made((k, p(values)) for k, p in members.items())
        if hasattr(thing, "components"):
            components, value_of = [self._read(t) for t in thing.components], thing.value_of
            return lambda values: value_of([p(values) for p in components])
        if is_slices(thing):
            inner = [None if t is None else self._read(t) for t in (thing.values, thing.indices, thing.dense_shape)]
            return lambda values: IndexedSlicesValue(*[None if p is None else p(values) for p in inner])
        if hasattr(thing, "_get_variable_list"):
            pieces = [self._read(v) for v in thing]
            return lambda values: np.concatenate([p(values) for p in pieces], thing.axis)
        if not is_variable(thing):
            thing = self._resolve(thing)
        elif self._fed and hasattr(thing, "handle") and (read := thing._as_graph_element()) in self._fed:
            thing = read
        index = self._index.get(id(thing))
        if index is None:
            index = self._index[id(thing)] = len(self.leaves)
            held = isinstance(thing, Tensor) and thing.op.type in VARIABLES
            self.leaves.append(Buffer(thing.op) if held else thing)
        at = index
        return lambda values: values[at]


def element(graph: Any, thing: Any) -> Tensor | Node:
    """A tensor or node of ``graph`` from itself, its name, or what stands for one.

    A node's name without ``:0`` is its first output where it has one.
    Raises NotFound, InvalidType or InvalidValue.
    """
    found = graph.as_graph_element(thing)
    if isinstance(thing, str) and isinstance(found, Node) and found.outputs:
        return found.outputs[0]
    return found  # type: ignore[no-any-return]
