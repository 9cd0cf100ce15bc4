"""One node for another process: what is sent, and what computes it there."""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ...graph.graph import Graph, Node
from ...graph.kernel import KernelContext
from ...graphdef.read import add_nodes
from ...graphdef.tensors import put_shape
from ...graphdef.write import put_node
from ...wire.messages import message
from ..failures import failed

KEPT = 4096
"""Nodes whose kernels a worker keeps."""


def movable(node: Node) -> bool:
    """Whether a node is a function of arrays alone, which another process can compute: it has no state, no buffer of
    a variable, no handle, and calls no function of its graph."""
    opdef = node.opdef
    return (opdef is not None and opdef.kernel is not None and not opdef.stateful and not opdef.writes
            and not any(t.dtype.is_ref or t.dtype.base_dtype.name in ("resource", "variant")
                        for t in (*node.inputs, *node.outputs))
            and not any("func" in attr.kind for attr in opdef.attrs.values()))


def packed(node: Node) -> bytes:
    """A GraphDef of the node and placeholders of its inputs' dtypes and shapes, which come before it."""
    made = message("GraphDef")()
    for i, tensor in enumerate(node.inputs):
        proto = made.node.add(name=f"{node.name}/{i}", op="Placeholder")
        proto.attr["dtype"].type = tensor.dtype.base_dtype.enum
        put_shape(proto.attr["shape"].shape, tensor.static)
    proto = made.node.add()
    put_node(proto, node)
    proto.device = ""
    proto.attr.pop("_class", None)
    del proto.input[:]
    proto.input.extend(f"{node.name}/{i}" for i in range(len(node.inputs)))
    data: bytes = made.SerializeToString(deterministic=True)
    return data


@lru_cache(KEPT)
def _kernel(data: bytes) -> tuple[Node, Callable[..., Any]]:
    graph, made = Graph(), message("GraphDef")()
    made.ParseFromString(data)
    add_nodes(graph, made)
    node = list(graph)[-1]
    assert node.opdef is not None and node.opdef.kernel is not None
    return node, node.opdef.kernel(KernelContext(node))


def compute(data: bytes, *values: Any) -> Any:
    """The outputs of a packed node, of the values of its inputs in order. Raises RunError as a session does."""
    node, kernel = _kernel(data)
    assert node.opdef is not None
    try:
        return kernel(*node.opdef.group(node.opdef.inputs, values, node.attrs))
    except Exception as error:
        raise failed(node, error, values) from None
