"""The variables of a graph that comes without collections: recognised by their nodes, as TensorFlow makes them."""
from __future__ import annotations

from ...graph.collections import GraphKeys
from ...graph.graph import Graph, Node, Tensor
from ...tf1.opened import FIRST, HANDLES, REFERENCES, variable_of
from ...tf1.variables import Variable


def find_variables(graph: Graph) -> bool:
    """Puts variables that no collection names into GLOBAL_VARIABLES, and what is trained into TRAINABLE_VARIABLES.

    A variable has a first assignment (``w/Assign``, else the first there is) and a read. Trained is what an update
    op of an optimizer writes first; where there is none, every floating one that something reads. Returns whether
    any was found.
    """
    known = {v.op for k in graph.get_all_collection_keys() for v in graph.get_collection(k) if isinstance(v, Variable)}
    if known:
        return False
    found: list[Variable] = []
    updates = any(_is_update(n) for n in graph)
    for node in graph:
        if node.type in REFERENCES or node.type in HANDLES:
            variable = variable_of(node)
            if variable is not None:
                variable.trainable = _is_trained(node, updates)
                found.append(variable)
    for variable in found:
        graph.add_to_collection(GraphKeys.GLOBAL_VARIABLES, variable)
        if variable.trainable:
            graph.add_to_collection(GraphKeys.TRAINABLE_VARIABLES, variable)
    return bool(found)


def _is_update(node: Node) -> bool:
    return "Apply" in node.type and bool(node.inputs) and (node.inputs[0].dtype.is_ref
                                                           or node.inputs[0].dtype.name == "resource")


def _is_trained(node: Node, updates: bool) -> bool:
    head = node.outputs[0]
    if updates:
        return any(_is_update(u) and u.inputs[0] is head for u in head.consumers())
    dtype = node.attrs.get("dtype", head.dtype)
    return bool(dtype.is_floating) and any(_reads(u, head) for u in head.consumers())


def _reads(user: Node, head: Tensor) -> bool:
    if user.type in FIRST:
        return False
    return user.type not in ("Identity", "ReadVariableOp") or any(t.uses for t in user.outputs)
