"""The tensors and nodes in what a name stands for."""
from __future__ import annotations

from typing import Any

from ..graph.graph import Node


def flatten(value: Any, out: list[Any]) -> None:
    """The tensors and nodes of a fetched value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            flatten(item, out)
    elif hasattr(value, "dense_shape"):
        flatten([value.values, value.indices, value.dense_shape], out)
    elif hasattr(value, "components"):
        flatten(list(value.components), out)
    elif value is not None:
        convert = getattr(value, "_as_graph_element", None)
        out.append(convert() if convert is not None else value)


def nodes_in(value: Any) -> list[Node] | None:
    """The nodes of a fetched value, None where it is a Python value and no tensor, variable or op."""
    elements: list[Any] = []
    flatten(value, elements)
    nodes = [getattr(e, "op", e) for e in elements]
    return nodes if nodes and all(isinstance(n, Node) for n in nodes) else None
