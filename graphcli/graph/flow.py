"""Control flow in the form of a graph: the op types of TensorFlow's v1 loops and branches, and orders that heed them.

Only a NextIteration closes a cycle; without its edges every graph has an order.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .graph import Node, Tensor

SWITCH = frozenset({"Switch", "RefSwitch"})
MERGE = frozenset({"Merge", "RefMerge"})
ENTER = frozenset({"Enter", "RefEnter"})
EXIT = frozenset({"Exit", "RefExit"})
NEXT = frozenset({"NextIteration", "RefNextIteration"})
FLOW = SWITCH | MERGE | ENTER | EXIT | NEXT | {"LoopCond"}

PASSES = SWITCH | ENTER | EXIT | NEXT
"""Those that hand on what they take."""


def output_context(node: Node) -> Any:
    """The context of what a node yields: an Exit yields outside of its loop."""
    context = node.flow
    return context.outer if context is not None and node.type in EXIT else context


def variable_behind(tensor: Tensor) -> Node | None:
    """The op that made a handle of a variable; None where it comes from elsewhere."""
    node = tensor.op
    for _ in range(100):
        if node.type == "VarHandleOp":
            return node
        if not (node.type in PASSES or node.type in MERGE or node.type == "Identity"):
            return None
        node = node.inputs[0].op
    return None


def inputs_first(nodes: Iterable[Node], before: Callable[[Node], Iterable[Node]]) -> list[Node]:
    """The nodes so that each comes after those among them that ``before`` gives for it, else in their order.

    An edge that closes a cycle is passed over.
    """
    nodes = list(nodes)
    inside = set(nodes)
    out: list[Node] = []
    seen: set[Node] = set()
    for start in nodes:
        if start in seen:
            continue
        stack: list[tuple[Node, Iterator[Node]]] = [(start, iter(before(start)))]
        seen.add(start)
        while stack:
            node, rest = stack[-1]
            for other in rest:
                if other in inside and other not in seen:
                    seen.add(other)
                    stack.append((other, iter(before(other))))
                    break
            else:
                out.append(node)
                stack.pop()
    return out
