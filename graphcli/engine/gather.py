"""Gather: the items of a plan put together into programs, in the order that holds the least memory."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.graph import Node, Tensor
from ..passes.flow import Region
from ..passes.schedule import LONGEST, schedule
from .memory import size_of
from .picture import Picture, Snapshot


def gathered(picture: Picture, sequence: Sequence[Any], fetches: Sequence[Any], reads: Any, writes: Any
             ) -> Sequence[Any]:
    """The items with nodes gathered into programs. reads, writes: variables by item."""
    passes = picture.options.passes
    device, host = picture.placement.device, picture.options.host
    held = {n for n in picture.nodes if not host(device(n))}
    if len(held) == len(picture.nodes):
        return sequence
    held.update(n for r in picture.regions for n in r.nodes)
    from .fuse import Fuser, Known
    from .program import Program

    known = Known(lambda t: picture.rewrite.shape(picture.root(t)), picture.constant, picture.key, picture.before,
                  reads, writes, frozenset(held), device)
    fuser = Fuser(known, "fuse" in passes, not {"fuse", "reuse"}.isdisjoint(passes))
    items = fuser.laid(sequence)
    shared: set[Tensor] = {picture.root(f) for f in fetches if isinstance(f, Tensor)}
    for item in items:
        inputs = (item.outside if isinstance(item, Region) else item.inputs if isinstance(item, (Program, Node))
                  else (item.tensor,))
        for t in inputs:
            if isinstance(t, Tensor):
                shared.add(picture.root(t))
    for item in items:
        if isinstance(item, Program):
            item.prune({t for t in item.outputs if t in shared})
    if "schedule" in passes and not picture.multiple:
        return _scheduled(picture, items, fuser, {picture.root(f) for f in fetches if isinstance(f, Tensor)})
    return items


def _scheduled(picture: Picture, items: Sequence[Any], fuser: Any, kept: set[Tensor]) -> Sequence[Any]:
    """The items in the order that holds the least memory."""
    if len(items) < 3 or len(items) > LONGEST:
        return items
    earlier = fuser.earlier()
    makes: list[dict[object, int]] = []
    uses: list[list[object]] = []
    last: int | None = None
    for i, item in enumerate(items):
        nodes = item.nodes if not isinstance(item, (Node, Snapshot)) else (item,)
        outputs = list(item.outputs) if not isinstance(item, (Region, Snapshot)) else []
        inputs = (item.outside if isinstance(item, Region) else (item.tensor,) if isinstance(item, Snapshot)
                  else item.inputs)
        makes.append({t: size_of(t, picture.rewrite.shape(t)) or 0 for t in outputs if not t.dtype.is_ref})
        uses.append(list(dict.fromkeys(picture.root(t) for t in inputs if isinstance(t, Tensor))))
        if any(isinstance(n, Node) and n.opdef is not None and n.opdef.stateful for n in nodes):
            if last is not None:
                earlier[i].add(last)
            last = i
    return [items[i] for i in schedule(len(items), earlier, makes, uses, kept)]
