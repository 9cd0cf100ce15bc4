"""How a region runs, for a person: its loops and branches as Python would write them, a line for each op or program."""
from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..graph.graph import Node, Tensor
from ..passes.rows import Entered, Item, Loop, entered
from ..passes.structured import Structured
from .plan import TYPES


def shown(structured: Structured) -> Iterator[str]:
    """The lines."""
    yield from _rows(structured, structured.block, 0)


def _rows(structured: Structured, items: Sequence[Item], depth: int) -> Iterator[str]:
    stack: list[Entered] = []
    for item in items:
        same, following = entered(stack, item.conditions)
        del stack[same:]
        for branch in following:
            key, side = branch.condition
            test = "else:" if branch.other else f"if {'' if side else 'not '}{_name(structured, key)}:"
            yield "  " * (depth + len(stack)) + test
            stack.append(branch)
        yield from _item(structured, item, depth + len(stack))


def _item(structured: Structured, item: Item, depth: int) -> Iterator[str]:
    what, space = item.what, "  " * depth
    if isinstance(what, Loop):
        yield f"{space}while True:"
        yield from _rows(structured, what.head, depth + 1)
        yield f"{space}  if not {_name(structured, what.test)}: break"
        yield from _rows(structured, what.body, depth + 1)
    elif isinstance(what, Node):
        yield f"{space}{what.type}  # {what.name}"
    else:
        nodes: Sequence[Node] = what.nodes
        types = list(dict.fromkeys(n.type for n in nodes))
        more = f" and {len(nodes) - 1} more" if len(nodes) > 1 else ""
        yield (f"{space}{'Fused ' if more else ''}{', '.join(types[:TYPES])}{', ...' if len(types) > TYPES else ''}"
               f"  # {nodes[0].name}{more}")


def _name(structured: Structured, tensor: Tensor) -> str:
    root = structured.root(tensor)
    return root.op.name if not root.value_index else root.name
