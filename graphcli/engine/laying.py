"""Laying: a region as loops and branches, the nodes in each of their rows put together into programs."""
from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..graph.graph import Node, Tensor
from ..passes.effects import by_references
from ..passes.flow import Region
from ..passes.rows import Condition, Item, Loop, one_by_one
from ..passes.structure import Irregular
from ..passes.structured import Structured
from ..passes.taken import Taken, takings
from .turn import is_worth_a_copy

if TYPE_CHECKING:
    from .picture import Picture
    from .program import Program


def structured(region: Region, exports: Sequence[Tensor], picture: Picture) -> Structured | None:
    """A region as loops and branches; None where it is not made of such, or stays as it is."""
    passes, effects = picture.options.passes, picture.effects
    if "structure" not in passes or not picture.refused.keys().isdisjoint(region.nodes):
        return None
    outside, run = frozenset(region.outside), picture.rewrite
    tensors = dict.fromkeys(t for n in region.nodes for t in (*n.inputs, *n.outputs))
    shapes = {t: run.shape(picture.root(t) if t in outside else t) for t in tensors}
    values = {t: picture.constant(t) for t in outside}
    if "fold" in passes:
        values.update((t, run.value(t)) for t in tensors if t not in outside)
    try:
        found = Structured(region, exports, effects.reads, effects.writes, picture.fed, shapes.get, values.get,
                           "skip" in passes)
        live = {t: effects.live[t][0] for t in region.outside if t in effects.live and effects.live[t][1]
                and t not in picture.fed}
        found.find_variables(live)
        host = picture.options.host(picture.placement.device(region.nodes[0]))
        taken = takings(found, exports, passes) if host else {}
        if "turn" in passes:
            taken.update((n, t.replace(turned=True)) for n, t in taken.items() if is_worth_a_copy(t))
        laying = Laying(found, taken, "fuse" in passes)
        found.lay(laying if host and ("fuse" in passes or taken) else one_by_one)
    except Irregular:
        return None
    laying.prune(exports)
    found.sums = {t.inputs[0]: t for t in taken.values() if t.columns is None}
    return found


class Laying:
    """``laying(row, ...)``: the items of a row; see ``passes/structured.py``. taken: nodes that take products. fuse:
    whether nodes are put together."""

    def __init__(self, structured: Structured, taken: Mapping[Node, Taken], fuse: bool) -> None:
        self.structured = structured
        self.taken = taken
        self.fuse = fuse
        self.gone = {t.product for t in taken.values()}
        self.programs: dict[Program | Taken, None] = {}

    def __call__(self, row: Sequence[Node | Loop], conditions: Mapping[Node | Loop, tuple[Condition, ...]],
                 before: Mapping[Node | Loop, Sequence[Node | Loop]], idle: Callable[[Any], bool]) -> Sequence[Item]:
        from .fuse import Fuser, Known
        from .program import Program

        found = self.structured
        held = frozenset(i for i in row if isinstance(i, Node) and (
            i in found.structure.chosen or i in self.taken or self._held(i)))

        def together(node: Node) -> Hashable:
            # single numbers are quicker by themselves
            return conditions[node], all(found.shape(t) == () for t in (*node.inputs, *node.outputs))

        known = Known(found.shape, found.value, lambda n, t: found.root(t), before, {}, {}, held, together, idle)
        out = []
        for item in Fuser(known, programs=self.fuse).laid([i for i in row if i not in self.gone]):
            if item in self.taken:
                item = self.taken[item]
            if isinstance(item, (Program, Taken)):
                self.programs[item] = None
                out.append(Item(item, conditions[item.nodes[0]]))
            else:
                out.append(Item(item, conditions[item]))
        return out

    def _held(self, node: Node) -> bool:
        """Whether a node takes what may be a variable."""
        found = self.structured
        return any(found.root(t) in found.loose for t in node.inputs) or any(by_references(node))

    def prune(self, exports: Sequence[Tensor]) -> None:
        """Leaves out of programs what nothing takes from them, and nodes that only took part before them."""
        if not self.programs:
            return
        used = set(self._used(exports))
        for program in self.programs:
            if not isinstance(program, Taken):
                program.prune({t for t in program.outputs if t in used})
        found = self.structured
        if found.skip:
            found.needed = found.needed & used
        found.block = self._kept(found.block)

    def _kept(self, items: Sequence[Item]) -> tuple[Item, ...]:
        out = []
        for item in items:
            what = item.what
            if isinstance(what, Loop):
                out.append(item.replace(what=what.replace(head=self._kept(what.head), body=self._kept(what.body))))
            elif what.outputs if what in self.programs else not self.structured.idle(what):
                out.append(item)
        return tuple(out)

    def _used(self, exports: Sequence[Tensor]) -> Iterable[Tensor]:
        found = self.structured
        root = found.root
        yield from map(root, exports)
        for carried in found.carried:
            yield from (root(carried.first), root(carried.following))
        for conditions in (*found.structure.entered.values(), *found.structure.live.values()):
            yield from (root(key) for key, _ in conditions)
        rows = [found.block]
        while rows:
            for item in rows.pop():
                what = item.what
                if isinstance(what, Loop):
                    yield root(what.test)
                    rows += [what.head, what.body]
                elif isinstance(what, Node):
                    yield from map(root, what.inputs)
                else:
                    yield from what.inputs
        yield from (root(k) for c in found.structure.chosen.values() for k, _ in c.conditions)
