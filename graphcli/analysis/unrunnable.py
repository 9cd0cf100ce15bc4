"""Nodes that are built and fail in every run: TensorFlow's kernels refuse what its inference takes."""
from __future__ import annotations

from collections.abc import Iterator

from ..graph.graph import Graph
from .lint import Finding


def unrunnable(graph: Graph) -> Iterator[Finding]:
    """A finding for each node whose attrs or dtypes no kernel takes."""
    for node in graph:
        opdef = node.opdef
        if opdef is None:
            continue
        why = opdef.lacking(node.attrs) or (opdef.never(node.attrs) if opdef.never is not None else "")
        if why:
            yield Finding("never-runs", node.name, f"{node.name} fails in every run: {why}", node.span)
