"""Gather: the items of a plan put together into programs, in the order that holds the least memory."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.graph import Node, Tensor
from ..passes.flow import Region
from ..passes.schedule import LONGEST, schedule
from .memory import size_of
from .picture import Picture, Snapshot

LARGE = 1 << 13
"""Bytes."""
STREAMS = ("RandomUniform", "RandomStandardNormal", "TruncatedNormal", "RandomUniformInt")
"""Ops whose only state is a stream of random numbers of their own."""


def gathered(picture: Picture, sequence: Sequence[Any], fetches: Sequence[Any], reads: Any, writes: Any
             ) -> tuple[Sequence[Any], list[list[list[Any]]]]:
    """The items with nodes gathered into programs, and the forks: of each its branches, in a row in the items.

    reads, writes: variables by item."""
    passes = picture.options.passes
    device, host = picture.placement.device, picture.options.host
    held = {n for n in picture.nodes if not host(device(n))}
    # what is fed does not become what its op, which others may wait for, computes
    held.update({t.op for t in picture.fed}.intersection(picture.nodes))
    if len(held) == len(picture.nodes):
        return sequence, []
    held.update(n for r in picture.regions for n in r.nodes)
    held.update(picture.products)
    held.update(picture.refused)
    from .fuse import Fuser, Known
    from .program import Program

    known = Known(lambda t: picture.rewrite.shape(picture.root(t)), picture.constant, picture.key, picture.before,
                  reads, writes, frozenset(held), device)
    fuser = Fuser(known, "fuse" in passes, not {"fuse", "reuse"}.isdisjoint(passes))
    items = fuser.laid(sequence)
    shared: set[Tensor] = {picture.root(f) for f in fetches if isinstance(f, Tensor)}
    for item in items:
        inputs = (item.outside if isinstance(item, Region) else picture.inputs(item) if isinstance(item, Node)
                  else item.inputs if isinstance(item, Program) else (item.tensor,))
        for t in inputs:
            if isinstance(t, Tensor):
                shared.add(picture.root(t))
    for item in items:
        if isinstance(item, Program):
            item.prune({t for t in item.outputs if t in shared})
    if picture.multiple or len(items) < 3 or len(items) > LONGEST:
        return items, []
    earlier = fuser.earlier()
    given = list(range(len(items)))
    if "schedule" in passes:
        given = _scheduled(picture, items, earlier, {picture.root(f) for f in fetches if isinstance(f, Tensor)})
    if "branch" in passes and picture.options.threads > 1 and _has_large(picture, items):
        return _branched(picture, [items[i] for i in given], _renumbered(earlier, given))
    return [items[i] for i in given], []


def _has_large(picture: Picture, items: Sequence[Any]) -> bool:
    """Whether anything makes an array for which a thread is worth waking; most small graphs need no closer look."""
    return any((size_of(t, picture.rewrite.shape(t)) or 0) > LARGE for i in items
               if not isinstance(i, (Region, Snapshot)) for t in i.outputs)


def _renumbered(earlier: Sequence[set[int]], order: Sequence[int]) -> list[set[int]]:
    """What each waits for when the items stand in another order."""
    place = {item: at for at, item in enumerate(order)}
    return [{place[o] for o in earlier[item]} for item in order]


def _branched(picture: Picture, items: Sequence[Any], earlier: list[set[int]]
              ) -> tuple[Sequence[Any], list[list[list[Any]]]]:
    """The items with independent ones in a row, and which of them are branches of a fork."""
    from ..passes.branch import branches
    from .estimate import seconds

    threads = picture.options.threads
    times = [(0.0,) * 3 if isinstance(i, (Region, Snapshot)) else seconds(picture, i, threads) for i in items]
    alone, shared, long = zip(*times)
    able, last = [], None
    for at, item in enumerate(items):
        nodes = [item] if isinstance(item, Node) else [] if isinstance(item, Snapshot) else item.nodes
        free = not isinstance(item, (Region, Snapshot)) and not any(picture.effects.writes.get(n) or (
            n.opdef is None or n.opdef.stateful and n.type not in STREAMS) for n in nodes)
        able.append(free)
        if not free:
            # what has effects keeps its order
            if last is not None:
                earlier[at].add(last)
            last = at
    order, forks = branches(earlier, alone, shared, long, able, threads)
    return [items[i] for i in order], [[[items[i] for i in branch] for branch in fork] for fork in forks]


def _scheduled(picture: Picture, items: Sequence[Any], earlier: Sequence[set[int]], kept: set[Tensor]) -> list[int]:
    """The order of the items that holds the least memory."""
    earlier = [set(e) for e in earlier]
    makes: list[dict[object, int]] = []
    uses: list[list[object]] = []
    last: int | None = None
    for i, item in enumerate(items):
        nodes = item.nodes if not isinstance(item, (Node, Snapshot)) else (item,)
        outputs = list(item.outputs) if not isinstance(item, (Region, Snapshot)) else []
        inputs = (item.outside if isinstance(item, Region) else (item.tensor,) if isinstance(item, Snapshot)
                  else picture.inputs(item) if isinstance(item, Node) else item.inputs)
        makes.append({t: size_of(t, picture.rewrite.shape(t)) or 0 for t in outputs if not t.dtype.is_ref})
        uses.append(list(dict.fromkeys(picture.root(t) for t in inputs if isinstance(t, Tensor))))
        if any(isinstance(n, Node) and n.opdef is not None and n.opdef.stateful for n in nodes):
            if last is not None:
                earlier[i].add(last)
            last = i
    return schedule(len(items), earlier, makes, uses, kept)
