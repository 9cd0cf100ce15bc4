"""Picture: what runs in a step and what the passes make of it: nodes, what each waits for, what stands for what."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from ..errors import Law
from ..graph.flow import MERGE, NEXT
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from ..passes.accumulate import ADDERS
from ..passes.behind import Behind
from ..passes.contract import PRODUCTS, Contracted
from ..passes.effects import ALIASES, FIRST, Effects
from ..passes.entropy import entropy
from ..passes.facts import SHAPES, Facts
from ..passes.flow import Region, regions
from ..passes.fold import fold
from ..passes.merge import merge
from ..passes.order import order, topological
from ..passes.place import Placement
from ..passes.rewrite import Rewrite
from ..passes.simplify import simplify
from ..passes.skip import skippable
from ..passes.winograd import winograd
from .plan import Options
from .taken_products import take_products
from .unsettled import Unsettled, places_of


class Snapshot:
    """The point at which a fetched tensor that is a variable's memory is copied."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


class Picture:
    """nodes: what runs, each after what it waits for. before: what each must wait for. regions: nodes that run
    together. effects: which variables are read and written. multiple: whether there are several devices. asked:
    variables that must have a value though nothing reads them any more. item_of: the region of a node in one."""

    def __init__(self, nodes: Sequence[Node], feeds: Sequence[Tensor], placement: Placement,
                 targets: Sequence[Tensor | Node], options: Options) -> None:
        self.options = options
        self.fed = frozenset(feeds)
        self.feeds = tuple(feeds)
        self.placement = placement
        self.rewrite = Rewrite(nodes, self.fed, Facts({}), frozenset(), frozenset())
        self.before = self._before(nodes)
        self.nodes = topological(nodes, self.before)
        self.effects = Effects(self.nodes, self.fed)
        self.regions = [self._ordered(r) for r in regions(self.nodes, self.before, self.fed)]
        self.written = {v for group in self.effects.writes.values() for v in group}
        refusal = placement.refusal(self.nodes)
        if refusal is not None:
            raise refusal
        self.multiple = len({placement.device(n) for n in self.nodes}) > 1
        self.whole: Unsettled | None = None
        """What would run if nothing were left out, where that tells in which order variables are read and written."""
        self.asked: list[tuple[Node, Node]] = []
        self.item_of: dict[Any, Any] = {}
        self.products: dict[Node, tuple[Node, ...]] = {}
        """For nodes that take products into their step: the products, which have none of their own."""
        self.columns: dict[Node, tuple[int, int]] = {}
        """Of these nodes those that take columns of their product, from and to."""
        self.stacks: dict[Node, int] = {}
        """Of these nodes those that multiply several products as one, and how many."""
        self.contracted: dict[Node, Contracted] = {}
        """Of these nodes those whose product is taken as its operands and its result lie."""
        self.padded: dict[Node, tuple[Node, Node]] = {}
        """For convolutions what pads their images alone, and what stands for both."""
        self.winograd: set[Node] = set()
        """Convolutions that are made of fewer multiplications."""
        if options.passes:
            self._rewritten(targets)
            if "winograd" in options.passes:
                self._take_tiles()
            if any(n.type in PRODUCTS or n.type == "Pad" for n in self.nodes):
                take_products(self, targets)

    @cached_property
    def shape(self) -> Callable[[Tensor], Static]:
        """The shapes of this run, where they are known: also without passes, for the sizes of what it holds."""
        facts = self.facts
        return facts.shape if facts else lambda t: None if t.static is None or None in t.static else t.static

    @cached_property
    def facts(self) -> Facts | None:
        """What is known of this run; None where no more is than the graph says."""
        if self.options.passes:
            return self.rewrite.facts
        shapes = self.options.shapes
        if shapes is None or all(t.static is not None and None not in t.static
                                 for n in self.nodes for t in (*n.inputs, *n.outputs)):
            return None
        return self._facts(shapes)

    @cached_property
    def refused(self) -> Mapping[Node, Law]:
        """Nodes whose inputs do not fit, by their shapes in this run."""
        return self.facts.refused if self.facts else {}

    def _facts(self, shapes: Sequence[Static]) -> Facts:
        given, flowing = dict(zip(self.feeds, shapes)), self.flowing()
        if flowing:
            from ..passes.inside import Inside

            facts: Facts = Inside(given, flowing)
        else:
            facts = Facts(given)
        facts.add(self.nodes, self.options.changing)
        return facts

    def flowing(self) -> set[Node]:
        return {n for r in self.regions for n in r.nodes}

    def _before(self, nodes: Sequence[Node]) -> dict[Any, list[Any]]:
        """What each node must wait for."""
        run, inside = self.rewrite, set(nodes)
        out: dict[Any, list[Any]] = {}
        for node in nodes:
            loops = node.type in MERGE
            inputs = [run.of(t) for t in node.inputs] if run.stands else node.inputs
            earlier = dict.fromkeys([t.op for t in inputs if t not in self.fed and t not in run.values
                                     and not (loops and t.op.type in NEXT)])
            for other in node.control_inputs:
                earlier.update(dict.fromkeys(n for n in run.waits(other) if n in inside))
            if run.carried:
                earlier.update(dict.fromkeys(n for t in node.inputs if t not in self.fed
                                             for n in run.carried_by(t.op) if n in inside))
            earlier.pop(node, None)
            out[node] = list(earlier)
        return out

    def _rewritten(self, targets: Sequence[Tensor | Node]) -> None:
        """Applies the passes that replace nodes, and leaves out what is then not needed."""
        effects, passes, place = self.effects, self.options.passes, self.placement.device
        flowing = {n for r in self.regions for n in r.nodes}
        held = flowing | effects.writes.keys()
        first = {v for n, group in effects.writes.items() if n.type in FIRST for v in group}
        # a variable that has a value keeps its shape
        held.update(n for n, read in effects.reads.items() if not self.written.isdisjoint(read)
                    and (n.type not in SHAPES or not first.isdisjoint(read)))
        shapes = self.options.shapes or tuple(t.static for t in self.feeds)
        facts = self._facts(shapes)
        away = {n for n in self.nodes if not self.options.host(place(n))} if self.multiple or self.nodes and (
            not self.options.host(place(self.nodes[0]))) else set()
        self.rewrite = run = Rewrite(self.nodes, self.fed, facts, held | away, effects.live.keys())
        run.flowing = flowing
        run.behind = Behind(self.nodes, self.fed, effects.writes.keys(), self.regions)
        if "fold" in passes:
            fold(run)
        if "simplify" in passes:
            simplify(run)
        if "merge" in passes:
            merge(run, place)
        if "entropy" in passes:
            entropy(run, {run.of(t) for t in targets if isinstance(t, Tensor)})
        if "skip" in passes:
            run.skip = skippable(run)
        # the shape of a variable is known, but to ask for it fails where the variable has no value
        self.asked = [(v, n) for n in run.instead for v in effects.reads.get(n, ())]
        if run.instead or run.skip:
            whole = Unsettled(self.nodes, self.before, dict(effects.reads), dict(effects.writes), self.regions)
            self.nodes = run.needed(targets, [r.nodes for r in self.regions])
            here = set(self.nodes)
            if any(n not in here and not self.written.isdisjoint(read) and whole.writes_before(n)
                   for n, read in effects.reads.items()):
                self.whole = whole
            self.regions = [r for r in self.regions if r.nodes[0] in here]
            for table in (effects.reads, effects.writes):
                for node in [n for n in table if n not in here]:
                    del table[node]
            self.before = self._before(self.nodes)
            self.nodes = topological(self.nodes, self.before)

    def _take_tiles(self) -> None:
        """Finds the convolutions that are made of fewer multiplications."""
        flowing, device, host = self.flowing(), self.placement.device, self.options.host
        self.winograd = winograd([n for n in self.nodes if n not in flowing and host(device(n))],
                                 lambda t: self.rewrite.shape(self.root(t)))

    def inputs(self, node: Node) -> Sequence[Tensor]:
        """What the step of a node takes."""
        if node in self.padded:
            return self.padded[node][1].inputs
        products = self.products.get(node)
        if products is None:
            return node.inputs
        if node in self.contracted:
            return self.contracted[node].operands
        first = (ADDERS[node.type].start or 0) if node.type in ADDERS else 0
        return [*node.inputs[:first], *(t for p in products for t in p.inputs)]

    def _ordered(self, region: Region) -> Region:
        """A region with its nodes in the order that the reads and writes of variables ask for."""
        here = set(region.nodes)
        before = {n: [b for b in self.before[n] if b in here] for n in region.nodes}
        effects = self.effects
        sequence = order(region.nodes, before, {n: effects.reads[n] for n in region.nodes if n in effects.reads},
                         {n: effects.writes[n] for n in region.nodes if n in effects.writes})
        return Region(tuple(sequence), region.outside)

    def items(self) -> tuple[list[Any], dict[Any, list[Node]], dict[Any, list[Node]]]:
        """Nodes and regions in graph order, with what they read and write; ``before`` is brought in step."""
        effects = self.effects
        if self.regions:
            self.item_of = {n: r for r in self.regions for n in r.nodes}
        found = Unsettled(self.nodes, self.before, effects.reads, effects.writes, self.regions).by_item()
        self.before = found.before
        return list(found.nodes), dict(found.reads), found.writes

    def order_of_all(self, shots: Sequence[Snapshot]) -> list[Any]:
        """The items in the order that they have where nothing is left out; empty where that is their own."""
        if self.whole is None:
            return []
        whole = self.whole.by_item()
        live = self.effects.live
        items = [*whole.nodes, *shots]
        for shot in shots:
            node = shot.tensor.op
            whole.before[shot] = [next((r for r in self.whole.regions if node in r.nodes), node)]
            whole.reads[shot] = [live[shot.tensor][0]]
        found = order(items, whole.before, whole.reads, whole.writes, places=places_of(whole.writes))
        # a slice stands where its product stood
        stand = {p: n for n in self.columns for p in self.products[n]}
        return [stand.get(i, i) for i in found if i not in self.columns]

    def root(self, tensor: Tensor) -> Tensor:
        """The tensor whose array it is, past ops that hand on their input."""
        run, live = self.rewrite, self.effects.live
        tensor = run.of(tensor)
        while (tensor.op.type in ALIASES and tensor not in self.fed and tensor not in run.values
               and not (tensor in live and live[tensor][1])):
            tensor = run.of(tensor.op.inputs[0])
        return tensor

    def constant(self, tensor: Tensor) -> Any:
        root = self.root(tensor)
        if root in self.fed:
            return None
        found = self.rewrite.values.get(root)
        return root.op.attrs["value"] if found is None and root.op.type == "Const" else found

    def key(self, node: Node, tensor: Tensor) -> Tensor | Node | None:
        root = self.root(tensor)
        if root in self.effects.live and root not in self.fed:
            variable, whole = self.effects.live[root]
            return variable if whole else None if variable in self.written else root
        return root
