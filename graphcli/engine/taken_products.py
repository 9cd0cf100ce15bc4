"""Products that are taken into the steps that add them, use some of their columns, or take them as they lie, and
zeros around images into convolutions."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from ..passes.accumulate import accumulations
from ..passes.contract import Contractions
from ..passes.join import joints
from ..passes.narrow import narrowed
from ..passes.order import topological, writers_before
from ..passes.pad import padded
from ..passes.stack import stacked

if TYPE_CHECKING:
    from .picture import Picture


def take_products(picture: Picture, targets: Sequence[Tensor | Node]) -> None:
    """Takes products into the steps that add them, or use some of their columns."""
    here, device, host, root = picture.flowing(), picture.placement.device, picture.options.host, picture.root
    nodes = {n for n in picture.nodes if n not in here and host(device(n))}
    uses: dict[Tensor, int] = {}
    taking = (t for n in picture.nodes for t in n.inputs if n.type not in ("Identity", "StopGradient"))
    for tensor in (*taking, *(t for t in targets if isinstance(t, Tensor))):
        whose = root(tensor)
        uses[whose] = uses.get(whose, 0) + 1

    def free(tensor: Tensor) -> bool:
        return tensor.op in nodes and tensor not in picture.fed and tensor.op not in picture.refused

    def shape(tensor: Tensor) -> Static:
        return picture.rewrite.shape(root(tensor))

    def here_too(found: Mapping[Node, tuple[Node, ...]]) -> dict[Node, tuple[Node, ...]]:
        """Those that take what is made on their own device."""
        return {n: made for n, made in found.items() if all(device(m) == device(n) for m in made)}

    effects, passes = picture.effects, picture.options.passes
    if "narrow" in passes:
        found = narrowed(picture.nodes, root, shape, picture.constant, uses, free)
        late = writers_before(picture.nodes, picture.before, picture.effects.writes) if found else {}
        for node, (product, columns) in found.items():
            reads = effects.reads.get(product, ())
            moved = late[node] != late[product] and not picture.written.isdisjoint(reads)
            if device(product) == device(node) and not moved:
                picture.products[node], picture.columns[node] = (product,), columns
                if product in effects.reads:
                    effects.reads[node] = [*effects.reads.get(node, ()), *effects.reads.pop(product)]
    if "accumulate" in passes:
        added = here_too(accumulations(picture.nodes, root, shape, uses, free, effects.live))
        picture.products.update(added)
        if "stack" in passes:
            picture.stacks = {n: stacked(p, shape) for n, p in added.items()}
    if "join" in passes:
        beside = joints(picture.nodes, root, shape, picture.constant, uses, free, effects.live)
        picture.products.update(here_too(beside))
    taken = {p: n for n, products in picture.products.items() for p in products}
    together = partial(_together, picture)
    if "pad" in passes:
        picture.padded = padded(picture.nodes, root, picture.constant, uses, free, together)
        _move_reads(picture)
        taken.update((p, n) for n, (p, _) in picture.padded.items())
    if "contract" in passes:
        others = {*taken, *picture.products}
        _contract(picture, Contractions(picture.nodes, root, shape, picture.constant, uses, free, others, together),
                  taken)
    if not taken:
        return
    # who only waits for a product waits for what it waits for
    waits: dict[Node, dict[Any, None]] = {}
    for node in picture.nodes:
        own = (*picture.before[node], *(p for p in picture.products.get(node, ()) if p is not node))
        waits[node] = dict.fromkeys(x for e in own for x in (waits[e] if e in taken else (e,)))
    # a slice stands where its product stood: where rules contradict each other, the first in the graph goes first
    places = {p: n for p, n in taken.items() if n in picture.columns}
    picture.nodes = [places.get(n, n) for n in picture.nodes
                     if n not in picture.columns and (n in places or n not in taken)]
    picture.before = {n: list(waits[n]) for n in picture.nodes}
    picture.nodes = topological(picture.nodes, picture.before)


def _move_reads(picture: Picture) -> None:
    """What pads images reads is read where these are taken."""
    reads = picture.effects.reads
    for node, (pad, _) in picture.padded.items():
        if pad in reads:
            reads[node] = list(dict.fromkeys([*reads[pad], *reads.get(node, ())]))
    for pad, _ in picture.padded.values():
        reads.pop(pad, None)


def _contract(picture: Picture, contractions: Contractions, taken: dict[Node, Node]) -> None:
    """Takes products as they lie. taken: nodes that have no steps of their own, and in whose step they are."""
    reads = picture.effects.reads
    for node, found in contractions.found().items():
        picture.contracted[node], picture.products[node] = found, (found.product,)
        taken.update(dict.fromkeys(found.gone, node))
        read = dict.fromkeys(v for n in (*found.gone, node) for v in reads.pop(n, ()))
        if read:
            reads[node] = list(read)


def _together(picture: Picture, nodes: Sequence[Node]) -> bool:
    """Whether nodes may run where the last of them does."""
    device, at = picture.placement.device, nodes[-1]
    if any(device(n) != device(at) for n in nodes):
        return False
    if picture.written.isdisjoint(v for n in nodes for v in picture.effects.reads.get(n, ())):
        return True
    late = writers_before(picture.nodes, picture.before, picture.effects.writes)
    return all(late[n] == late[at] for n in nodes)
