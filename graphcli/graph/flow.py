"""Control flow in the form of a graph: the op types of TensorFlow's v1 loops and branches, and orders that heed them.

Only a NextIteration closes a cycle; without its edges every graph has an order.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .graph import Node

SWITCH = frozenset({"Switch", "RefSwitch"})
MERGE = frozenset({"Merge", "RefMerge"})
ENTER = frozenset({"Enter", "RefEnter"})
EXIT = frozenset({"Exit", "RefExit"})
NEXT = frozenset({"NextIteration", "RefNextIteration"})
FLOW = SWITCH | MERGE | ENTER | EXIT | NEXT | {"LoopCond"}


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
