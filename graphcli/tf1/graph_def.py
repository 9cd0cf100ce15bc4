"""GraphDef for TF1 code: ``graph.as_graph_def()``, ``tf.import_graph_def``, ``tf.train.write_graph``."""
from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Graph, Node, Tensor
from ..wire.messages import message
from .conversion import convert_to_tensor
from .framework import get_default_graph, name_scope

EXPORTS = """
tf: GraphDef NodeDef AttrValue import_graph_def
graph_util: import_graph_def
train io: write_graph
"""


def __getattr__(name: str) -> Any:
    """The classes of messages, made when asked for."""
    if name in ("GraphDef", "NodeDef", "AttrValue"):
        return message(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def as_graph_def(graph: Graph, from_version: int | None = None, add_shapes: bool = False) -> Any:
    """The graph as a GraphDef (Graph.as_graph_def); add_shapes: with ``_output_shapes``.

    from_version: only nodes from this one on. Raises InvalidValue for an attr that does not go into one.
    """
    from ..graphdef.write import graph_def

    return graph_def(graph, add_shapes, from_version)


def node_def(node: Node) -> Any:
    """The node as a NodeDef (Operation.node_def)."""
    from ..graphdef.write import node_def

    return node_def(node)


def parsed(graph_def: Any, kind: str = "GraphDef") -> Any:
    """A message of ours from one of ours, one of TensorFlow's, or bytes. Raises InvalidType for anything else."""
    wanted = message(kind)
    if isinstance(graph_def, wanted):
        return graph_def
    if hasattr(graph_def, "SerializeToString"):
        graph_def = graph_def.SerializeToString()
    if not isinstance(graph_def, bytes):
        raise InvalidType(f"a {kind} is wanted, not {type(graph_def).__name__}")
    from google.protobuf.message import DecodeError

    try:
        return wanted.FromString(graph_def)
    except DecodeError:
        raise InvalidValue(f"these bytes are no {kind}") from None


def import_graph_def(graph_def: Any, input_map: Mapping[str, Any] | None = None,
                     return_elements: Sequence[str] | None = None, name: str | None = None, op_dict: Any = None,
                     producer_op_list: Any = None) -> list[Any] | None:
    """Adds the nodes of a GraphDef to the default graph, below the name scope ``name`` (tf.import_graph_def).

    graph_def: a GraphDef of graphcli or TensorFlow, or its bytes. input_map: tensors in place of the GraphDef's.
    return_elements: names of tensors (``a:0``) and ops (``a``) to give back. name: 'import' if None; '' for none.

    Devices and control dependencies that are open hold for what is added.

    Raises InvalidValue for a GraphDef that is at fault, for names that are not in it, and for dtypes.
    """
    from ..graphdef.read import add_nodes

    proto = parsed(graph_def)
    graph = get_default_graph()
    given = dict(input_map or {})
    for key in given:
        if not isinstance(key, str):
            raise InvalidType(f"the keys of input_map are names, not {said(key)}")
    wanted = list(return_elements or ())
    for element in wanted:
        if not isinstance(element, str):
            raise InvalidType(f"return_elements holds names, not {said(element)}")
    with name_scope("import" if name is None else name) as scope:
        mapped: dict[str, Tensor | Node] = {
            k: v if isinstance(v, Node) else convert_to_tensor(v, name=k.partition(":")[0].lstrip("^"))
            for k, v in given.items()}
        _check_there(proto, given, wanted)
        try:
            made = add_nodes(graph, proto, scope, mapped, {o.name: o for o in getattr(producer_op_list, "op", ())},
                             ordered=True)
        except InvalidType as error:
            # TensorFlow refuses them with ValueError here, as anything that is wrong with a GraphDef
            raise InvalidValue(error.message, error.span, hint=error.hint) from None
    try:
        found = [_element(made, mapped, e) for e in wanted]
    except InvalidValue:
        graph.discard(made.values())
        raise
    _check_used(proto, given)
    return None if return_elements is None else found


def _check_used(proto: Any, given: Mapping[str, Any]) -> None:
    if not given:
        return
    used = {i if i.startswith("^") or ":" in i else f"{i}:0" for n in proto.node for i in n.input}
    names = {n.name for n in proto.node}
    lost = [k for k in given if (k if k.startswith("^") or ":" in k else f"{k}:0") not in used
            and k.lstrip("^").partition(":")[0] not in names]
    if lost:
        raise InvalidValue(f"input_map has names that are not in the GraphDef: {', '.join(lost)}")


def _check_there(proto: Any, given: Mapping[str, Any], wanted: list[str]) -> None:
    names = {n.name for n in proto.node} if wanted else set()
    for name in wanted:
        if name not in given and (name.rpartition(":")[0] or name) not in names:
            raise InvalidValue(f"{name!r} of return_elements is not in the GraphDef")


def _element(made: Mapping[str, Node], mapped: Mapping[str, Tensor | Node], name: str) -> Any:
    if name in mapped:
        return mapped[name]
    head, colon, tail = name.rpartition(":")
    node = made[head if colon else name]
    if not colon:
        return node
    if not tail.isdigit() or int(tail) >= len(node.outputs):
        raise InvalidValue(f"{name!r} of return_elements is not in the GraphDef: {head} has "
                           f"{len(node.outputs)} outputs")
    return node.outputs[int(tail)]


def write_graph(graph_or_graph_def: Any, logdir: str, name: str, as_text: bool = True) -> str:
    """Writes a graph to ``logdir/name`` as a GraphDef, in text or binary; returns the path (tf.train.write_graph).

    Raises UsageError if the file cannot be written.
    """
    from ..wire.files import write_whole

    is_graph = isinstance(graph_or_graph_def, Graph)
    proto = as_graph_def(graph_or_graph_def) if is_graph else parsed(graph_or_graph_def)
    os.makedirs(logdir, exist_ok=True)
    path = os.path.join(logdir, name)
    data = as_text_proto(proto).encode() if as_text else proto.SerializeToString(deterministic=True)
    write_whole(path, lambda file: file.write(data))
    return path


def as_text_proto(proto: Any) -> str:
    """A message in protobuf's text format."""
    from google.protobuf import text_format

    text: str = text_format.MessageToString(proto)
    return text
