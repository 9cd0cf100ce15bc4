"""The graph of a log: a GraphDef with ``_output_shapes``, so that TensorBoard shows the shapes on its edges."""
from __future__ import annotations

from typing import Any

from ...graph.graph import Graph
from ...wire.encode import blob


def graph_bytes(graph: Any) -> bytes:
    """A serialized GraphDef of a Graph; a message as it is. The same graph gives the same bytes."""
    if not isinstance(graph, Graph):
        data: bytes = graph.SerializeToString(deterministic=True)
        return data
    from ...graphdef.write import graph_def

    written: bytes = graph_def(graph, add_shapes=True).SerializeToString(deterministic=True)
    return written


def meta_graph_bytes(graph: Any) -> bytes:
    """A serialized MetaGraphDef with the GraphDef in it (field 2)."""
    return blob(2, graph_bytes(graph))
