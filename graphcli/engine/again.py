"""Eagerly a loop has run when its gradient is made, which wants the values of every iteration: it runs again."""
from __future__ import annotations

from collections.abc import Collection, Mapping

from ..errors import RunError
from ..graph.graph import Node, Tensor
from ..passes.effects import Effects
from ..passes.flow import Region

READERS = tuple(f"TensorArray{what}" for what in ("Gather", "Read", "Concat", "Size", "Close"))


def opened_again(nodes: Collection[Node], region_of: Mapping[Node, Region], effects: Effects, ran: Collection[Node],
                 values: Mapping[Tensor, object]) -> dict[Node, None]:
    """The nodes of regions that new nodes reach into, with the lists that these regions read and fill.

    ran: the nodes that have run. values: what they gave outside of loops. Raises RunError where to run once more
    would not give the same values.
    """
    found: dict[Node, None] = {}
    for node in nodes:
        for tensor in node.inputs:
            region = region_of.get(tensor.op)
            if region is None or tensor in values or tensor in effects.live or tensor.op in found:
                continue
            again = [*_lists(region), *region.nodes]
            once = next((n for n in again if not _runs_alike(n, effects)), None)
            if once is not None or _filled_elsewhere(again, ran):
                what = f"{once.name} ({once.type})" if once is not None else "a TensorArray of another loop"
                raise RunError(f"{node.name} ({node.type}) needs what {what} was when its loop or branch ran, and "
                               "it does not run the same twice", node.span,
                               hint="without --eager the whole graph is known before it runs")
            found.update(dict.fromkeys(again))
    return found


def _lists(region: Region) -> list[Node]:
    """What makes and fills the TensorArrays that a region takes from outside."""
    found: dict[Node, None] = {}
    above = [t.op for t in region.outside]
    while above:
        node = above.pop()
        if node.type.startswith("TensorArray") and not node.type.startswith(READERS) and node not in found:
            found[node] = None
            above += [t.op for t in node.inputs]
    return list(found)


def _runs_alike(node: Node, effects: Effects) -> bool:
    opdef = node.opdef
    return node not in effects.writes and (
        opdef is None or not opdef.stateful or node.type.startswith(("TensorArray", "Stack")))


def _filled_elsewhere(again: list[Node], ran: Collection[Node]) -> bool:
    """Whether something that does not run again may have filled a TensorArray that is made anew."""
    here = set(again)
    users = [u for n in again if n.type == "TensorArrayV3" for u in n.outputs[0].consumers()]
    return any(u in ran and u not in here and u.origin is None and not u.type.startswith(READERS) for u in users)
