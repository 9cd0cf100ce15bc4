"""Graphs that were frozen with their training part: constants stand where variables were, and ops still write there.

TensorFlow refuses to import such a file ("passed float ... incompatible with expected float_ref"). What is asked of it
is mostly its inference part, in a branch of its own: ops of references become those of values, and what was written
goes on as a value.
"""
from __future__ import annotations

from typing import Any

from ...graph.opdef import find_op

OF_VALUES = {"RefSwitch": "Switch", "RefMerge": "Merge", "RefEnter": "Enter", "RefExit": "Exit",
             "RefNextIteration": "NextIteration", "RefIdentity": "Identity", "AssignSub": "Sub", "AssignAdd": "AddV2",
             "Assign": "Identity"}


def thaw(graph_def: Any) -> dict[str, str]:
    """Makes ops of references to what is no variable ops of values, in place; the names of the nodes, with what they
    were.
    """
    takers: dict[str, list[Any]] = {}
    for node in graph_def.node:
        if node.op in OF_VALUES and node.input:
            takers.setdefault(node.input[0].partition(":")[0], []).append(node)
    if not takers:
        return {}
    changed: dict[str, str] = {}
    todo = [n.name for n in graph_def.node if n.name in takers and _gives_values(n)]
    for name in todo:
        for node in takers.pop(name, ()):
            changed[node.name] = node.op
            _change(node)
            todo.append(node.name)
    return changed


def _gives_values(node: Any) -> bool:
    """Whether the first output of a node is known to be no reference."""
    opdef = find_op(node.op)
    return opdef is not None and bool(opdef.outputs) and not opdef.outputs[0].is_ref


def _change(node: Any) -> None:
    if node.op == "Assign":
        # what is written is what comes out
        inputs = list(node.input)
        del node.input[:]
        node.input.extend(inputs[1:])
    for attr in ("use_locking", "validate_shape"):
        if attr in node.attr:
            del node.attr[attr]
    node.op = OF_VALUES[node.op]
