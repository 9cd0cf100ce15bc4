"""What a spec becomes: graphs with their handles, and which line declared what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import GraphError, NotFound, near_names, said
from ..record import Record, field
from ..source import Source, Span
from .env import POISON, Binding, Handles, ScopeHandle, flat_handles


class OpenedScope(Record, frozen=False):
    """One opening of a scope: what it adds to the names of what is made inside."""

    kind: str
    """The statement: scope, reopen or name_scope."""
    name: str | None
    """As the spec gives it."""
    variable_scope: str
    """The full name of the variable scope inside."""
    name_scope: str
    """The full name of the name scope inside."""
    reuse: Any
    span: Span | None
    handle: str | None = None


class Call(Record, frozen=False):
    """A call of a function of the spec."""

    function: str
    span: Span | None


class Declaration(Record, frozen=False):
    """A statement that yields a variable: made it, or shares the one that was there."""

    variable: Any
    handle: str | None
    """From the root, as ``scope.handle``; None where nothing outside can reach it."""
    span: Span | None
    created: bool
    statement: str
    """get_variable or Variable."""
    scopes: tuple[OpenedScope, ...] = ()
    """What was open around it, outermost first."""
    calls: tuple[Call, ...] = ()
    """The function calls that it was made in, outermost first."""


class Device(Record, frozen=False):
    """What runs a logical device."""

    backend: str
    options: dict[str, Any]
    span: Span | None


Changed = tuple[str, str, Span]
"""What is not as it was written: its name, what became of it, and where it stands."""


class BuiltGraph(Record, frozen=False):
    """One graph of a spec."""

    name: str
    graph: Any
    source: Source
    handles: Handles = field(factory=dict)
    outputs: list[str] = field(factory=list)
    devices: dict[str, Device] = field(factory=dict)
    """By canonical device string."""
    seed: int | None = None
    params: dict[str, Any] = field(factory=dict)
    declarations: list[Declaration] = field(factory=list)
    scopes: list[OpenedScope] = field(factory=list)
    uncalled: list[tuple[str, Span]] = field(factory=list)
    """The functions that stand in the graph's own file and that nothing called."""
    changed: list[Changed] = field(factory=list)
    elsewhere: Callable[[str], str | None] = lambda name: None
    """The graph of the file, of those that were built, that has a name which this one may lack."""

    def flat_handles(self) -> dict[str, Any]:
        """Every handle by its path, scopes left out."""
        return {path: binding.value for path, binding in flat_handles(self.handles)}

    def resolve(self, name: str) -> Any:
        """What a name means: a root handle, ``scope.handle``, a graph name, a tensor name.

        Raises NotFound with the nearest names.
        """
        found = self._handle(name)
        if found is not _NOTHING:
            return found
        try:
            element = self.graph.as_graph_element(name)
        except (GraphError, KeyError, ValueError):
            self._check_elements(name)
            near = near_names(name, [*self.flat_handles(), *(n.name for n in self.graph)])
            raise NotFound(f"unknown value {name!r}", hint=f"near: {', '.join(near)}" if near else None) from None
        outputs = getattr(element, "outputs", None)
        return outputs[0] if outputs else element

    def _handle(self, name: str) -> Any:
        """What a handle stands for, or an element of its list: ``parts[0]``."""
        element = _ELEMENT.fullmatch(name)
        if element is None:
            return self._path(name)
        value = self._path(element[1])
        for index in re.findall(r"-?\d+", element[2]):
            if not isinstance(value, (list, tuple)) or not -len(value) <= int(index) < len(value):
                return _NOTHING
            value = value[int(index)]
        return value

    def _check_elements(self, name: str) -> None:
        """Raises NotFound for an index past the end of a list that is there."""
        element = _ELEMENT.fullmatch(name)
        value = _NOTHING if element is None else self._path(element[1])
        if isinstance(value, (list, tuple)):
            raise NotFound(f"unknown value {name!r}", hint=f"{element[1]} has {len(value)} "  # type: ignore[index]
                           f"element{'s' * (len(value) != 1)}, counted from 0")

    def _path(self, name: str) -> Any:
        binding = self.handles.get(name)
        if binding is not None and not isinstance(binding.value, ScopeHandle) and binding.value is not POISON:
            return binding.value
        value: Any = self.handles
        for word in name.split("."):
            if isinstance(value, ScopeHandle):
                value = value.handles
            if not isinstance(value, dict) or word not in value:
                return _NOTHING
            value = value[word]
            if isinstance(value, Binding):
                value = value.value
        return _NOTHING if isinstance(value, ScopeHandle) or value is POISON else value


_NOTHING = object()
_ELEMENT = re.compile(r"(.+?)((?:\[-?\d+\])+)")


def fetchable(value: Any, gaps: bool = False) -> bool:
    """Whether a step gives it a value. gaps: beside others None may stand, as gradients gives it."""
    if isinstance(value, (list, tuple, dict)):
        parts = list(value.values() if isinstance(value, dict) else value)
        if gaps:
            parts = [v for v in parts if v is not None]
        return bool(parts) and all(fetchable(v, gaps) for v in parts)
    return (hasattr(value, "_as_graph_element") or hasattr(value, "value_index") or hasattr(value, "input_names")
            or hasattr(value, "dense_shape") or hasattr(value, "components") or hasattr(value, "initializer"))


def unfetchable(name: str, value: Any) -> str | None:
    """Why a step gives a value none, None where it does."""
    if fetchable(value, gaps=True):
        return None
    if value is None:
        return f"{name} is None, which has no value"
    if isinstance(value, dict) and any(fetchable(v, gaps=True) for v in value.values()):
        parts = [f"{name}.{k}" for k, v in value.items() if not fetchable(v, gaps=True)]
        return f"{name} holds {', '.join(parts[:3])}, not only tensors, variables and ops"
    return f"{name} is {said(value)}, not a tensor, variable or op"


def instead(value: Any) -> str | None:
    """What to do about a value that cannot be fetched."""
    if isinstance(value, (bool, int, float, str)):
        return "in the spec, constant(...) makes a tensor of it"
    if isinstance(value, (list, tuple)) and None in value:
        return "gradients gives None for an x that ys do not depend on; graphcli check says why they do not"
    return None


class Spec(Record, frozen=False):
    """A spec that was built: its graphs by name, in file order."""

    path: str
    source: Source
    graphs: dict[str, BuiltGraph]
    graph_names: list[str]
    """All graphs of the file, also those that were not asked for."""

    @property
    def default(self) -> BuiltGraph:
        return next(iter(self.graphs.values()))

    def __iter__(self) -> Iterator[BuiltGraph]:
        return iter(self.graphs.values())

    def graph_with(self, name: str) -> str | None:
        """The first graph in which ``name`` means something."""
        for graph in self:
            try:
                graph.resolve(name)
            except GraphError:
                continue
            return graph.name
        return None
