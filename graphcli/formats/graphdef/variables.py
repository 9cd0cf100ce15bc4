"""The variables of a graph that comes without collections: recognised by their nodes, as TensorFlow makes them."""
from __future__ import annotations

from ...graph.collections import GraphKeys
from ...graph.graph import Graph, Node, Tensor
from ...tf1.resource_variable import ResourceVariable
from ...tf1.variables import Variable

REFERENCES = ("VariableV2", "Variable")
HANDLES = ("VarHandleOp",)
FIRST = ("Assign", "AssignVariableOp")


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
            variable = _variable(node)
            if variable is not None:
                variable.trainable = _is_trained(node, updates)
                found.append(variable)
    for variable in found:
        graph.add_to_collection(GraphKeys.GLOBAL_VARIABLES, variable)
        if variable.trainable:
            graph.add_to_collection(GraphKeys.TRAINABLE_VARIABLES, variable)
    return bool(found)


def _variable(node: Node) -> Variable | None:
    head = node.outputs[0]
    users = head.consumers()
    assign = _one(users, f"{node.name}/Assign", FIRST)
    if assign is None:
        return None
    initial = assign.inputs[1] if len(assign.inputs) > 1 else None
    if node.type in HANDLES:
        read = _one(users, f"{node.name}/Read/ReadVariableOp", ("ReadVariableOp",))
        return ResourceVariable.of_nodes(head, assign, read.outputs[0] if read else head, initial)
    read = _one(users, f"{node.name}/read", ("Identity",))
    return Variable.of_nodes(head, assign, read.outputs[0] if read else head, initial)


def _one(users: list[Node], name: str, types: tuple[str, ...]) -> Node | None:
    """The user of one of these types, the one of this name first."""
    fitting = [u for u in users if u.type in types]
    return next((u for u in fitting if u.name == name), fitting[0] if fitting else None)


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
