"""What stands under one name in a checkpoint: a variable, or the parts of one that together are a tensor."""
from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..graph.graph import Graph, Node
from ..graph.shapes import Static
from ..graph.types import DType
from ..graph.variables import held
from ..wire.bundle import Bundle, BundleWriter
from ..wire.bundle.slices import parse_slice
from .handed import here

if TYPE_CHECKING:
    from .state import State


class Saved:
    """name: in the checkpoint. nodes: the variable, or its parts; specs: which part of the tensor each is, '' for all
    of it (as SaveV2 takes it)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[Node] = []
        self.specs: list[str] = []

    @property
    def dtype(self) -> DType:
        return held(self.nodes[0])[0]

    @property
    def static(self) -> Static:
        """The shape of the whole."""
        if self.specs[0]:
            return parse_slice(self.specs[0])[0]
        shape: Static = self.nodes[0].attrs.get("shape")
        return shape

    def write(self, writer: BundleWriter, state: State) -> None:
        """Adds the tensor to a checkpoint, numpy's own buffers as they are."""
        for node, spec in zip(self.nodes, self.specs):
            value = state.slot(node).value
            value = here(value)
            if spec:
                writer.add_slice(self.name, *parse_slice(spec), value)
            else:
                writer.add(self.name, value)

    def read(self, bundle: Bundle, tensor: str) -> list[tuple[Node, Any]]:
        """Each node with its value in a tensor of a checkpoint."""
        return [(node, bundle.read_slice(tensor, *parse_slice(spec)) if spec else bundle.read(tensor))
                for node, spec in zip(self.nodes, self.specs)]


def saved_as(graph: Graph, nodes: Iterable[Node]) -> dict[str, Saved]:
    """What these variables are in a checkpoint, by name there."""
    infos = {v.op: v._save_slice_info for key in ("variables", "local_variables") for v in graph.get_collection(key)
             if getattr(v, "_save_slice_info", None) is not None}
    out: dict[str, Saved] = {}
    for node in nodes:
        info = infos.get(node)
        name = node.name if info is None else info.full_name
        made = out.setdefault(name, Saved(name))
        made.nodes.append(node)
        made.specs.append("" if info is None else info.spec)
    return out
