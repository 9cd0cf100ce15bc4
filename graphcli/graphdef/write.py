"""A Graph as a GraphDef (Graph.as_graph_def of TensorFlow)."""
from __future__ import annotations

from typing import Any

from ..errors import GraphError, InvalidValue
from ..graph.graph import Graph, Node
from ..wire.messages import message
from .attrs import put_attr
from .tensors import put_shape

PRODUCER = 134
"""The graph version of TensorFlow 1.15, whose ops these are; every later TensorFlow reads it."""
SHAPES = "_output_shapes"
NEWER = frozenset("grad_a grad_b grad_x grad_y bad_indices_policy allowed_devices debug_name index_type "
                  "sparse_gradient exponential_avg_factor multiply_linear_by_lr explicit_paddings".split())
"""Attrs that ops have got since TensorFlow 1.15, or shortly before: left out where they have their defaults, which
every reader fills in, for an older one refuses what it does not know."""


def graph_def(graph: Graph, add_shapes: bool = False, from_version: int | None = None) -> Any:
    """The GraphDef of a graph.

    add_shapes: with the static shapes in attrs ``_output_shapes``. from_version: only the nodes from this one on.
    Raises InvalidValue for an attr that a GraphDef cannot hold.
    """
    made = message("GraphDef")()
    versions = graph.versions or (PRODUCER, 0, ())
    made.versions.producer = versions[0]
    made.versions.min_consumer = versions[1]
    made.versions.bad_consumers.extend(versions[2])
    for node in list(graph)[from_version or 0:]:
        put_node(made.node.add(), node, add_shapes)
    for function in graph.functions.values():
        made.library.function.add().CopyFrom(function)
    for name, gradient in graph.function_gradients.items():
        made.library.gradient.add(function_name=name, gradient_func=gradient)
    return made


def node_def(node: Node, add_shapes: bool = False) -> Any:
    """The NodeDef of one node (Operation.node_def)."""
    made = message("NodeDef")()
    put_node(made, node, add_shapes)
    return made


def _is_default(node: Node, name: str) -> bool:
    assert node.opdef is not None
    return name in node.opdef.defaults and bool(node.attrs[name] == node.opdef.defaults[name])


def put_node(proto: Any, node: Node, add_shapes: bool = False) -> None:
    """Fills a NodeDef."""
    proto.name = node.name
    proto.op = node.type
    proto.input.extend(node.input_names())
    proto.device = node.device
    known = node.opdef.attrs if node.opdef is not None else {}
    attrs = proto.attr
    for name, value in node.attrs.items():
        given = known.get(name)
        if given is not None and (value is None and given.kind != "shape" or name in NEWER and _is_default(node, name)):
            continue
        try:
            put_attr(attrs[name], value, given.kind if given is not None else None)
        except (GraphError, TypeError, ValueError, AttributeError) as error:
            raise InvalidValue(f"attr {name!r} of {node.name} ({node.type}) does not go into a GraphDef: {error}",
                               node.span) from None
    if add_shapes and node.outputs:
        shapes = attrs[SHAPES].list
        for tensor in node.outputs:
            put_shape(shapes.shape.add(), tensor.static)
