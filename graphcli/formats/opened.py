"""What a graph file becomes when it is opened: its graphs, with the names by which their values can be asked for."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import GraphError, NotFound, near_names
from ..graph.graph import Graph
from ..record import Record, field
from ..source import Span


class Binding(Record):
    """What a handle stands for; files have no lines to point at."""

    value: Any
    span: Span | None = None


class Group(Record):
    """Handles under a name of their own: the inputs and outputs of a signature."""

    name: str
    handles: dict[str, Binding]
    span: Span | None = None


class OpenedGraph(Record, frozen=False):
    """One graph of a file: what verbs ask of it, as of a graph of a spec.

    handles: signatures by name. outputs: what is fetched where nothing is asked for. beside: the rest of a
    MetaGraphDef (saver, signatures, assets, tags), None for a GraphDef. checkpoint: prefix of the variables' values.
    """

    name: str
    graph: Graph
    handles: dict[str, Binding] = field(factory=dict)
    outputs: list[str] = field(factory=list)
    seed: int | None = None
    devices: dict[str, Any] = field(factory=dict)
    params: dict[str, Any] = field(factory=dict)
    declarations: list[Any] = field(factory=list)
    scopes: list[Any] = field(factory=list)
    beside: Any = None
    checkpoint: str | None = None
    guessed: bool = False
    """Whether its variables were recognised by their nodes, for no collection names them."""

    def start(self, session: Any) -> None:
        """Gives the variables the values that were saved with the model, by the model's own op for it."""
        if self.checkpoint is None:
            return
        saver = self.beside.saver_def
        restore = self.graph.nodes.get(saver.restore_op_name.partition(":")[0])
        if restore is None or not saver.filename_tensor_name:
            session.restore(self.checkpoint)
        else:
            session.run(restore, {self.graph.get_tensor_by_name(saver.filename_tensor_name): self.checkpoint})

    def flat_handles(self) -> dict[str, Any]:
        """Every value of a signature by ``signature.key``."""
        return {f"{group.value.name}.{key}": inner.value for group in self.handles.values()
                for key, inner in group.value.handles.items()}

    def resolve(self, name: str) -> Any:
        """What a name means: ``signature.key``, a node (its first output) or a tensor.

        Raises NotFound with the nearest name.
        """
        handles = self.flat_handles()
        if name in handles:
            return handles[name]
        try:
            element = self.graph.as_graph_element(name)
        except (GraphError, KeyError, ValueError):
            near = near_names(name, [*handles, *self.graph.nodes])
            raise NotFound(f"unknown value {name!r}", hint=f"near: {', '.join(near)}" if near else None) from None
        outputs = getattr(element, "outputs", None)
        return outputs[0] if outputs else element


class OpenedFile(Record, frozen=False):
    """A file that was opened. kind: in words, for messages; graphs: by name, in the file's order; notes: what was
    read otherwise than it stands there.
    """

    path: str
    kind: str
    graphs: dict[str, OpenedGraph]
    graph_names: list[str]
    notes: list[str] = field(factory=list)

    @property
    def default(self) -> OpenedGraph:
        return next(iter(self.graphs.values()))

    def __iter__(self) -> Iterator[OpenedGraph]:
        return iter(self.graphs.values())
