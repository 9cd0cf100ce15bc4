"""The graph of a log: a GraphDef with ``_output_shapes``, so that TensorBoard shows the shapes on its edges."""
from __future__ import annotations

import io
from typing import Any

from ...errors import InvalidValue
from ...graph.graph import Graph
from ...wire.encode import blob
from ...wire.events import VERSION
from ...wire.records import Record, records


def graph_bytes(graph: Any) -> bytes:
    """A serialized GraphDef of a Graph; a message as it is. The same graph gives the same bytes."""
    if not isinstance(graph, Graph):
        data: bytes = graph.SerializeToString(deterministic=True)
        return data
    from ...graphdef.write import graph_def

    written: bytes = graph_def(graph, add_shapes=True).SerializeToString(deterministic=True)
    return written


def meta_graph_bytes(graph: Any) -> bytes:
    """A serialized MetaGraphDef: the graph with its collections; of a message, only that."""
    if not isinstance(graph, Graph):
        return blob(2, graph_bytes(graph))
    from ...tf1.meta_graph import meta_graph_def

    written: bytes = meta_graph_def(graph, add_shapes=True).SerializeToString(deterministic=True)
    return written


def is_event_file(data: bytes) -> bool:
    """Whether bytes, or the head of a file, begin with the record of an event file's version."""
    first = next(records(io.BytesIO(data[:256]), 128), None)
    return isinstance(first, Record) and VERSION[:12] in first.data


def last_graph(data: bytes, name: str) -> tuple[str, bytes]:
    """The last graph in the bytes of an event file: 'MetaGraphDef' or 'GraphDef', and its bytes.

    A MetaGraphDef is taken where there is one: it knows the variables. Raises InvalidValue where there is none.
    """
    from ...wire.messages import message

    parse = message("Event").FromString
    found: dict[str, bytes] = {}
    for record in records(io.BytesIO(data)):
        # a graph is large: what cannot hold one is not parsed
        if isinstance(record, Record) and len(record.data) > 16:
            try:
                event = parse(record.data)
            except Exception:
                break
            what = event.WhichOneof("what")
            if what == "graph_def":
                found["GraphDef"] = event.graph_def
            elif what == "meta_graph_def":
                found["MetaGraphDef"] = event.meta_graph_def
    for kind in ("MetaGraphDef", "GraphDef"):
        if kind in found:
            return kind, found[kind]
    raise InvalidValue(f"{name} is an event file without a graph", hint=f"graphcli events {name} lists what it has")
