"""tf.graph_util: parts of a GraphDef, and a trained graph whose variables have become constants."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import InvalidType, NotFound, did_you_mean, said
from ..graph.graph import Graph, Node
from ..graph.shapes import TensorShape
from ..wire.messages import message
from .graph_def import parsed

EXPORTS = """
graph_util: convert_variables_to_constants extract_sub_graph remove_training_nodes must_run_on_cpu
graph_util: tensor_shape_from_node_def_name
"""

REFERENCES = ("Variable", "VariableV2", "AutoReloadVariable")
CARRIERS = ("Identity", "Switch", "Merge", "Enter", "RefEnter", "Exit", "NextIteration")
"""Ops that hand on a handle as they hand on a value."""
RESOURCE, STRING, INT32 = 20, 7, 3


def _head(name: str) -> str:
    return name.removeprefix("^").partition(":")[0]


def _beside(node: Any) -> list[str]:
    """The nodes that one is colocated with."""
    if "_class" not in node.attr:
        return []
    return [c[5:].decode() for c in node.attr["_class"].list.s if c.startswith(b"loc:@")]


def extract_sub_graph(graph_def: Any, dest_nodes: Iterable[str]) -> Any:
    """The part of a GraphDef that some nodes need: what they take, wait for and stand beside
    (tf.graph_util.extract_sub_graph).

    Raises InvalidType for what is no GraphDef or no list of names, NotFound for a name that is not in it.
    """
    if isinstance(dest_nodes, str):
        raise InvalidType(f"dest_nodes is a list of names, not {said(dest_nodes)}")
    proto = parsed(graph_def)
    nodes = {node.name: node for node in proto.node}
    left, kept = list(dest_nodes), set()
    for name in left:
        if name not in nodes:
            raise NotFound(f"no node {name!r} in the GraphDef", hint=did_you_mean(name, nodes))
    while left:
        name = left.pop()
        if name not in kept:
            kept.add(name)
            left += [*map(_head, nodes[name].input), *(n for n in _beside(nodes[name]) if n in nodes)]
    made = message("GraphDef")()
    made.node.extend(node for node in proto.node if node.name in kept)
    made.library.CopyFrom(proto.library)
    made.versions.CopyFrom(proto.versions)
    return made


def remove_training_nodes(input_graph: Any, protected_nodes: Iterable[str] | None = None) -> Any:
    """A GraphDef without CheckNumerics, and without Identity and StopGradient that nothing waits for
    (tf.graph_util.remove_training_nodes). protected_nodes: names of what is kept as it is."""
    proto = parsed(input_graph)
    protected = set(protected_nodes or ())
    gone = {n.name for n in proto.node if n.op == "CheckNumerics" and n.name not in protected}
    left = message("GraphDef")()
    for node in proto.node:
        if node.name not in gone:
            kept = left.node.add()
            kept.CopyFrom(node)
            kept.input[:] = [i for i in node.input if i.removeprefix("^") not in gone]
    waited = {i[1:] for n in left.node for i in n.input if i.startswith("^")}
    beside = {name for n in left.node for name in _beside(n)}
    spliced = {n.name: n.input[0] for n in left.node
               if n.op in ("Identity", "StopGradient") and n.name not in protected | waited | beside
               and not any(i.startswith("^") for i in n.input)}
    made = message("GraphDef")()
    for node in left.node:
        if node.name not in spliced:
            kept = made.node.add()
            kept.CopyFrom(node)
            kept.input[:] = [_source(i, spliced) for i in node.input]
    return made


def _source(name: str, spliced: Mapping[str, str]) -> str:
    while name.removeprefix("^") in spliced:
        name = spliced[name.removeprefix("^")]
    return name


def convert_variables_to_constants(sess: Any, input_graph_def: Any, output_node_names: Iterable[str],
                                   variable_names_whitelist: Iterable[str] | None = None,
                                   variable_names_blacklist: Iterable[str] | None = None) -> Any:
    """What some nodes need of a GraphDef, with constants of the values that the variables have in a session
    (tf.graph_util.convert_variables_to_constants).

    variable_names_whitelist: only these; variable_names_blacklist: all but these. Raises NotFound for a node that is
    not there, RunError for a variable without a value.
    """
    from ..graphdef.tensors import put_tensor

    found = extract_sub_graph(input_graph_def, output_node_names)
    only = None if variable_names_whitelist is None else set(variable_names_whitelist)
    never = set(variable_names_blacklist or ())
    chosen = {n.name: n for n in found.node if n.op in (*REFERENCES, "VarHandleOp") and n.name not in never
              and (only is None or n.name in only)}
    reads = [f"{name}:0" if n.op in REFERENCES else f"{name}/Read/ReadVariableOp:0" for name, n in chosen.items()]
    values = dict(zip(chosen, sess.run(reads))) if reads else {}
    held = _handles(found, {name for name, n in chosen.items() if n.op == "VarHandleOp"})
    made = message("GraphDef")()
    axes: list[Any] = []
    for node in found.node:
        frozen = made.node.add()
        if node.name in chosen:
            frozen.name, frozen.op, frozen.device = node.name, "Const", node.device
            frozen.attr["dtype"].CopyFrom(node.attr["dtype"])
            put_tensor(frozen.attr["value"].tensor, values[node.name])
        elif node.input and _head(node.input[0]) in held:
            _by_value(axes, frozen, node, chosen[held[_head(node.input[0])]].attr["dtype"].type)
        else:
            frozen.CopyFrom(node)
    made.node.extend(axes)
    made.library.CopyFrom(found.library)
    made.versions.CopyFrom(found.versions)
    return made


def _handles(proto: Any, variables: set[str]) -> dict[str, str]:
    """The nodes that yield the handle of a variable, with the variable."""
    held = {name: name for name in variables}
    more = bool(held)
    while more:
        more = False
        for node in proto.node:
            source = held.get(_head(node.input[0])) if node.input else None
            if source is not None and node.name not in held and node.op in CARRIERS \
                    and node.attr["T"].type == RESOURCE:
                held[node.name] = source
                more = True
    return held


def _by_value(axes: list[Any], frozen: Any, node: Any, dtype: int) -> None:
    """The node that does with a value what ``node`` does with the handle of a variable."""
    frozen.name, frozen.device = node.name, node.device
    frozen.input[:] = node.input
    if node.op == "ReadVariableOp":
        frozen.op = "Identity"
        frozen.attr["T"].type = dtype
    elif node.op == "ResourceGather":
        frozen.op = "GatherV2"
        for key, value in (("Tparams", dtype), ("Tindices", node.attr["Tindices"].type), ("Taxis", INT32)):
            frozen.attr[key].type = value
        frozen.attr["batch_dims"].i = node.attr["batch_dims"].i if "batch_dims" in node.attr else 0
        frozen.input.append(f"{node.name}/axis")
        axis = message("NodeDef")()
        axis.name, axis.op, axis.device = f"{node.name}/axis", "Const", node.device
        axis.attr["dtype"].type = axis.attr["value"].tensor.dtype = INT32
        axis.attr["value"].tensor.int_val.append(frozen.attr["batch_dims"].i)
        axes.append(axis)
    else:
        frozen.CopyFrom(node)
        if node.op in CARRIERS:
            frozen.attr["T"].type = dtype


def must_run_on_cpu(node: Any, pin_variables_on_cpu: bool = False) -> bool:
    """Whether TensorFlow keeps a node on the CPU for its dtype, or as a variable if those are pinned
    (tf.graph_util.must_run_on_cpu)."""
    proto = node.node_def if isinstance(node, Node) else node  # type: ignore[attr-defined]
    if pin_variables_on_cpu and proto.op in REFERENCES:
        return True
    if proto.op == "Const":
        return proto.attr["dtype"].type in (STRING, INT32)
    key = {"DynamicStitch": "T", "ParallelDynamicStitch": "T", "Cast": "SrcT"}.get(proto.op)
    return key is not None and proto.attr[key].type == INT32


def tensor_shape_from_node_def_name(graph: Graph, input_name: str) -> TensorShape:
    """The static shape of what a NodeDef's input names (tf.graph_util.tensor_shape_from_node_def_name)."""
    return graph.get_tensor_by_name(input_name if ":" in input_name else f"{input_name}:0").shape
