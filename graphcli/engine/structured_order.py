"""The nodes of a region in the order in which its loops and branches run them, for who counts what they hold."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..graph.graph import Node, Tensor
from ..passes.taken import Taken
from ..record import Record

if TYPE_CHECKING:
    from ..passes.rows import Item
    from ..passes.structured import Structured


class Fused(Record, eq=False):
    """Nodes that run as one, in the place of a node. program: what is called."""

    program: Any
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    type: str = "Fused"
    control_inputs: tuple[Node, ...] = ()


def in_rows(structured: Structured) -> list[Node | Fused]:
    """What computes something as it runs, and each node that only hands something on right after what it takes."""
    from ..passes.rows import Loop

    out: list[tuple[int, int, Node | Fused]] = []
    at: dict[Node, int] = {}

    def place(node: Node) -> None:
        at[node] = len(out)
        out.append((len(out), -1, node))

    def rows(items: Sequence[Item]) -> None:
        for item in items:
            what = item.what
            if isinstance(what, Loop):
                for carried in what.carried:
                    place(carried.merge.op)
                rows(what.head)
                rows(what.body)
                for carried in what.carried:
                    place(carried.merge.op.inputs[1].op)
            elif isinstance(what, Node):
                place(what)
            else:
                at.update(dict.fromkeys(what.nodes, len(out)))
                taken = tuple(t for t in what.inputs if isinstance(t, Tensor))
                # what a sum is next lies where it lay
                made = () if isinstance(what, Taken) and what.columns is None else tuple(what.outputs)
                out.append((len(out), -1, Fused(what, taken, made)))

    rows(structured.block)
    for i, node in enumerate(structured.place):
        if node not in at and not structured.computes(node):
            at[node] = max((at.get(t.op, 0) for t in node.inputs), default=0)
            out.append((at[node], i, node))
    return [node for _, _, node in sorted(out, key=lambda entry: entry[:2])]
