"""Graph -> bytes of a GraphDef or MetaGraphDef, binary or text: the same graph gives the same bytes."""
from __future__ import annotations

from typing import Any

from ...errors import InvalidValue
from ...graph.graph import Graph
from ...graphdef.write import graph_def
from ...tf1.graph_def import as_text_proto
from ...tf1.meta_graph import meta_graph_def

ENDINGS = {".pb": "binary", ".pbtxt": "text", ".meta": "meta"}
"""What is written by the ending of a file's name."""


def to_bytes(graph: Graph, form: str, add_shapes: bool = True, beside: Any = None) -> bytes:
    """The bytes of a file. form: of ``ENDINGS``. add_shapes: with the static shapes. beside: what an opened
    MetaGraphDef has beside its graph. Raises InvalidValue for what does not go in, and beyond two gigabytes."""
    if form == "meta":
        proto = meta_graph_def(graph, add_shapes=add_shapes, beside=beside)
    else:
        proto = graph_def(graph, add_shapes)
    if form == "text":
        return as_text_proto(proto).encode()
    try:
        data: bytes = proto.SerializeToString(deterministic=True)
    except ValueError as error:
        raise InvalidValue("the graph is larger than the two gigabytes of a protocol message") from error
    return data
