"""Makes a Plan: what is needed, what the passes make of it, in which order, and in which memory."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import NotSupported, did_you_mean
from ..graph.flow import MERGE, NEXT
from ..graph.graph import Node, Tensor
from ..graph.opdef import op_types
from ..graph.types import count
from ..passes.effects import ALIASES, FIRST, NEEDS_VALUE, READERS, VARIABLES, Effects, references
from ..passes.entropy import entropy
from ..passes.facts import Facts
from ..passes.flow import Region, regions
from ..passes.fold import fold
from ..passes.merge import merge
from ..passes.order import hazards, order, topological
from ..passes.place import Placement
from ..passes.prune import needed
from ..passes.rewrite import Rewrite
from ..passes.schedule import LONGEST, schedule
from ..passes.simplify import simplify
from ..passes.skip import skippable
from .failures import not_fed
from .memory import layout, peak, size_of
from .plan import Live, Operand, Options, Plan, Ref, Step
from .sizes import refuse, refuse_beyond

if TYPE_CHECKING:
    from .program import Program


def make_plan(fetches: Sequence[Any], feeds: Sequence[Tensor], placement: Placement,
              writers_first: bool = False, max_bytes: int | None = None, total: int = 0,
              options: Options = Options()) -> Plan:
    """The plan of fetched tensors, nodes and variables, given the tensors that will be fed.

    placement: of all nodes that may run. writers_first: see ``order``. max_bytes: what one step may
    make. total: nodes of the graph.

    Raises RunError for a placeholder that is not fed and a step that is too large, NotSupported for
    an op without a kernel, and the error of a node that has no device.
    """
    fed = frozenset(feeds)
    targets = [f for f in fetches if isinstance(f, (Tensor, Node))]
    need = needed(targets, fed)
    for placeholder in need.missing():
        raise not_fed(placeholder, need)
    return _Maker(need.nodes, feeds, placement, max_bytes, targets, options).make(fetches, writers_first, total)


class _Snapshot:
    """The point at which a fetched tensor that is a variable's memory is copied."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


class _Maker:
    def __init__(self, nodes: Sequence[Node], feeds: Sequence[Tensor], placement: Placement,
                 max_bytes: int | None, targets: Sequence[Tensor | Node], options: Options) -> None:
        self.options = options
        self.fed = frozenset(feeds)
        self.feeds = tuple(feeds)
        self.placement = placement
        self.max_bytes = max_bytes
        self.rewrite = Rewrite(nodes, self.fed, Facts({}, frozenset()), frozenset(), frozenset())
        self.before = self._before(nodes)
        self.nodes = topological(nodes, self.before)
        self.effects = Effects(self.nodes, self.fed)
        self.regions = [self._ordered(r) for r in regions(self.nodes, self.before, self.fed)]
        self.written = {v for group in self.effects.writes.values() for v in group}
        self.multiple = len({self.placement.device(n) for n in self.nodes}) > 1
        self.asked: list[tuple[Node, Node]] = []
        if options.passes:
            self._rewritten(targets)
        self.values: dict[Tensor, Operand] = {t: i for i, t in enumerate(self.feeds)}
        self.names = {i: t.name for i, t in enumerate(self.feeds)}
        self.tensors: dict[int, Tensor] = dict(enumerate(self.feeds))
        self.constants: dict[int, Tensor] = {}
        self.arrays: dict[int, Any] = {}
        self.owners: dict[int, str] = {}
        self.steps: list[Step] = []
        self.step_of: dict[Any, int] = {}
        self.item_of: dict[Any, Any] = {}

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
            earlier.pop(node, None)
            out[node] = list(earlier)
        return out

    def _rewritten(self, targets: Sequence[Tensor | Node]) -> None:
        """Applies the passes that replace nodes, and leaves out what is then not needed."""
        effects, passes, place = self.effects, self.options.passes, self.placement.device
        flowing = {n for r in self.regions for n in r.nodes}
        held = flowing | effects.writes.keys()
        held.update(n for n, read in effects.reads.items() if not self.written.isdisjoint(read))
        shapes = self.options.shapes or tuple(t.static for t in self.feeds)
        facts = Facts(dict(zip(self.feeds, shapes)), flowing)
        facts.add(self.nodes, self.options.changing)
        away = {n for n in self.nodes if not self.options.host(place(n))} if self.multiple or self.nodes and (
            not self.options.host(place(self.nodes[0]))) else set()
        self.rewrite = run = Rewrite(self.nodes, self.fed, facts, held | away, effects.live.keys())
        run.flowing = flowing
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
            self.nodes = run.needed(targets, [r.nodes for r in self.regions])
            here = set(self.nodes)
            self.regions = [r for r in self.regions if r.nodes[0] in here]
            for table in (effects.reads, effects.writes):
                for node in [n for n in table if n not in here]:
                    del table[node]
            self.before = self._before(self.nodes)
            self.nodes = topological(self.nodes, self.before)

    def _ordered(self, region: Region) -> Region:
        """A region with its nodes in the order that the reads and writes of variables ask for."""
        here = set(region.nodes)
        before = {n: [b for b in self.before[n] if b in here] for n in region.nodes}
        effects = self.effects
        sequence = order(region.nodes, before, {n: effects.reads[n] for n in region.nodes if n in effects.reads},
                         {n: effects.writes[n] for n in region.nodes if n in effects.writes})
        return Region(tuple(sequence), region.outside)

    def _items(self) -> tuple[list[Any], dict[Any, list[Node]], dict[Any, list[Node]]]:
        """Nodes and regions in graph order, with what they read and write; ``before`` is brought in step."""
        effects = self.effects
        if not self.regions:
            return list(self.nodes), dict(effects.reads), effects.writes
        item_of: dict[Any, Any] = {n: r for r in self.regions for n in r.nodes}
        self.item_of = item_of
        items = list(dict.fromkeys(item_of.get(n, n) for n in self.nodes))
        before: dict[Any, dict[Any, None]] = {}
        reads: dict[Any, dict[Node, None]] = {}
        writes: dict[Any, dict[Node, None]] = {}
        for node in self.nodes:
            item = item_of.get(node, node)
            earlier = (item_of.get(b, b) for b in self.before[node])
            before.setdefault(item, {}).update((e, None) for e in earlier if e is not item)
            for table, given in ((reads, effects.reads), (writes, effects.writes)):
                if node in given:
                    table.setdefault(item, {}).update(dict.fromkeys(given[node]))
        self.before = {i: list(b) for i, b in before.items()}
        return (topological(items, self.before), {i: list(r) for i, r in reads.items()},
                {i: list(w) for i, w in writes.items()})

    def make(self, fetches: Sequence[Any], writers_first: bool, total: int) -> Plan:
        live = self.effects.live
        items, reads, writes = self._items()
        snapshots: dict[Tensor, _Snapshot] = {}
        for fetch in fetches:
            if isinstance(fetch, Tensor) and fetch in live and fetch not in self.fed and fetch not in snapshots:
                shot = snapshots[fetch] = _Snapshot(fetch)
                items.append(shot)
                self.before[shot] = [self.item_of.get(fetch.op, fetch.op)]
                reads[shot] = [live[fetch][0]]
        sequence: Sequence[Any] = order(items, self.before, reads, writes, writers_first)
        waits = hazards(sequence, reads, writes) if self.multiple else {}
        of = self.rewrite.of
        self.used = {of(t) for n in self.nodes for t in n.inputs}
        self.used.update(of(f) for f in fetches if isinstance(f, Tensor))
        if not {"fuse", "reuse", "schedule"}.isdisjoint(self.options.passes):
            sequence = self._fused(sequence, fetches, reads, writes)
        self.earlier: dict[Any, frozenset[int]] = {}
        requires: dict[Node, Node] = dict(self.asked)
        given: set[Node] = set()
        for item in sequence:
            if self.multiple:
                self._wait(item, [*self.before.get(item, ()), *waits.get(item, ())])
            if isinstance(item, _Snapshot):
                self._snapshot(item, snapshots)
                self._touch(item.tensor.op, [live[item.tensor][0]], requires, given)
            elif isinstance(item, Region):
                self._region(item, fetches)
                given.update(writes.get(item, ()))
            elif not isinstance(item, Node):
                self._program(item)
                for node in item.nodes:
                    self._touch(node, reads.get(node, ()), requires, given)
            else:
                self._node(item)
                self._touch(item, reads.get(item, ()), requires, given)
        results: list[int | Node | None] = []
        for fetch in fetches:
            if isinstance(fetch, Tensor):
                value = self.values[snapshots[fetch]] if fetch in snapshots else self._operand(of(fetch))  # type: ignore[index]
                assert isinstance(value, int)
                results.append(value)
            elif isinstance(fetch, Node):
                results.append(None)
            else:
                node = fetch.op
                fed = self.values.get(node.outputs[0])
                results.append(fed if node.outputs[0] in self.fed and isinstance(fed, int) else node)
        gone = sum(1 for n in self.rewrite.instead if n.type != "Const")
        plan = Plan(tuple(self.steps), self.feeds, self.constants, tuple(results), requires, self.names,
                    self.owners, tuple(self.nodes), max(0, total - len(self.rewrite.nodes)),
                    tuple(self.rewrite.notes) if gone else (), self.arrays, self.tensors)
        return self._laid_out(plan)

    def _laid_out(self, plan: Plan) -> Plan:
        shape = self.rewrite.shape if self.options.passes else lambda t: t.static if None not in (
            t.static or ()) else None
        forms = {v: (shape(t), t.dtype.base_dtype) for v, t in plan.tensors.items()}
        last = plan.last_use()
        found = layout(plan.steps, [*range(len(plan.feeds)), *plan.constants], plan.results, last, forms,
                       "reuse" in self.options.passes and not self.multiple)
        sizes = {v: size_of(t, forms[v][0]) for v, t in plan.tensors.items()}
        own = frozenset(v for s in plan.steps for v in s.outputs if v >= 0)
        scratch = {s.number: s.program.scratch(self.options.block, self.options.threads)
                   for s in plan.steps if s.program is not None}
        most = peak(plan.steps, sizes, found.owner, last, own, scratch)
        plan = replace(plan, optimized=bool(self.options.passes), forms=forms, layout=found, peak=most, shape=shape)
        if self.options.memory is not None:
            refuse_beyond(plan, self.options.memory)
        return plan

    def _fused(self, sequence: Sequence[Any], fetches: Sequence[Any], reads: Any, writes: Any) -> Sequence[Any]:
        """The items with nodes gathered into programs."""
        if self.multiple or self.nodes and not self.options.host(self.placement.device(self.nodes[0])):
            return sequence
        from .fuse import Fuser, Known
        from .program import Program

        known = Known(lambda t: self.rewrite.shape(self._root(t)), self._constant, self._key, self.before, reads,
                      writes, frozenset(n for r in self.regions for n in r.nodes))
        fuser = Fuser(known, "fuse" in self.options.passes, not {"fuse", "reuse"}.isdisjoint(self.options.passes))
        items = fuser.laid(sequence)
        shared: set[Tensor] = {self._root(f) for f in fetches if isinstance(f, Tensor)}
        for item in items:
            inputs = (item.outside if isinstance(item, Region) else item.inputs if isinstance(item, (Program, Node))
                      else (item.tensor,))
            for t in inputs:
                if isinstance(t, Tensor):
                    shared.add(self._root(t))
        for item in items:
            if isinstance(item, Program):
                item.prune({t for t in item.outputs if t in shared})
        if "schedule" in self.options.passes:
            return self._scheduled(items, fuser, {self._root(f) for f in fetches if isinstance(f, Tensor)})
        return items

    def _scheduled(self, items: Sequence[Any], fuser: Any, kept: set[Tensor]) -> Sequence[Any]:
        """The items in the order that holds the least memory."""
        if len(items) < 3 or len(items) > LONGEST:
            return items
        earlier = fuser.earlier()
        makes: list[dict[object, int]] = []
        uses: list[list[object]] = []
        last: int | None = None
        for i, item in enumerate(items):
            nodes = item.nodes if not isinstance(item, (Node, _Snapshot)) else (item,)
            outputs = list(item.outputs) if not isinstance(item, (Region, _Snapshot)) else []
            inputs = (item.outside if isinstance(item, Region) else (item.tensor,) if isinstance(item, _Snapshot)
                      else item.inputs)
            makes.append({t: size_of(t, self.rewrite.shape(t)) or 0 for t in outputs if not t.dtype.is_ref})
            uses.append(list(dict.fromkeys(self._root(t) for t in inputs if isinstance(t, Tensor))))
            if any(isinstance(n, Node) and n.opdef is not None and n.opdef.stateful for n in nodes):
                if last is not None:
                    earlier[i].add(last)
                last = i
        return [items[i] for i in schedule(len(items), earlier, makes, uses, kept)]

    def _root(self, tensor: Tensor) -> Tensor:
        """The tensor whose array it is, past ops that hand on their input."""
        run, live = self.rewrite, self.effects.live
        tensor = run.of(tensor)
        while (tensor.op.type in ALIASES and tensor not in self.fed and tensor not in run.values
               and not (tensor in live and live[tensor][1])):
            tensor = run.of(tensor.op.inputs[0])
        return tensor

    def _constant(self, tensor: Tensor) -> Any:
        root = self._root(tensor)
        if root in self.fed:
            return None
        found = self.rewrite.values.get(root)
        return root.op.attrs["value"] if found is None and root.op.type == "Const" else found

    def _key(self, node: Node, tensor: Tensor) -> Tensor | Node | None:
        root = self._root(tensor)
        if root in self.effects.live and root not in self.fed:
            variable, whole = self.effects.live[root]
            return variable if whole else None if variable in self.written else root
        return root

    def _program(self, program: Any) -> None:
        device = self.placement.device(program.nodes[0])
        inputs = tuple(self._operand(k) if isinstance(k, Tensor) else Live(k) for k in program.inputs)
        outputs = []
        for tensor in program.outputs:
            number = self._new(tensor, device)
            self.values[tensor] = number
            outputs.append(number)
        for node in program.nodes:
            self._check_size(node)
        self._add(program, program.nodes[0], device, inputs, tuple(outputs), (), program=program)

    def _touch(self, node: Node, read: Sequence[Node], requires: dict[Node, Node], given: set[Node]) -> None:
        """Notes which variables must have a value before the first step."""
        if node.type not in READERS or node.type in NEEDS_VALUE:
            for variable in read:
                if variable not in given:
                    requires.setdefault(variable, node)
        for variable in self.effects.writes.get(node, ()):
            if node.type not in FIRST and variable not in given:
                requires.setdefault(variable, node)
            given.add(variable)

    def _wait(self, item: Any, earlier: Sequence[Any]) -> None:
        """The steps that must have run before ``item``, past items that are no steps."""
        out: set[int] = set()
        for other in earlier:
            if other in self.step_of:
                out.add(self.step_of[other])
            else:
                out |= self.earlier.get(other, frozenset())
        self.earlier[item] = frozenset(out)

    def _new(self, tensor: Tensor, device: str) -> int:
        number = len(self.names)
        self.names[number] = tensor.name
        self.tensors[number] = tensor
        self.owners[number] = device
        return number

    def _snapshot(self, item: _Snapshot, snapshots: dict[Tensor, _Snapshot]) -> None:
        tensor = item.tensor
        operand = self._operand(tensor)
        device = self.placement.device(tensor.op)
        out = self._new(tensor, device)
        self._add(item, tensor.op, device, (operand,), (out,), (), snapshot=True)
        self.values[item] = out  # type: ignore[index]

    def _operand(self, tensor: Tensor) -> Operand:
        if tensor in self.effects.live and tensor not in self.fed:
            variable, whole = self.effects.live[tensor]
            if whole:
                return Live(variable)
        tensor = self._root(tensor)
        found = self.values.get(tensor)
        if found is None:
            if tensor in self.effects.live and tensor not in self.fed:
                variable, whole = self.effects.live[tensor]
                if whole:
                    return Live(variable)
            found = self.values[tensor] = self._new(tensor, "")
            self.constants[found] = tensor
            known = self.rewrite.values.get(tensor)
            self.arrays[found] = tensor.op.attrs["value"] if known is None else known
        return found

    def _node(self, node: Node) -> None:
        kind = node.type
        if kind in VARIABLES or kind in ALIASES or kind in ("NoOp", "ControlTrigger", "Const"):
            return
        opdef = node.opdef
        if opdef is None:
            raise NotSupported(f"{node.name}: this engine has no op {kind!r}", node.span,
                               hint=did_you_mean(kind, op_types()))
        if opdef.kernel is None:
            raise NotSupported(f"{node.name}: {kind} has no kernel here", node.span)
        self._check_size(node)
        by_reference = set(references(node)) if node in self.effects.writes or kind in READERS else ()
        inputs = tuple(Ref(self.effects.live[t][0]) if t in by_reference and t in self.effects.live
                       else self._operand(t) for t in node.inputs)
        device = self.placement.device(node)
        outputs = []
        for tensor in node.outputs:
            live = self.effects.live.get(tensor)
            if tensor in self.fed or tensor not in self.used or live is not None and live[1]:
                outputs.append(-1)
            else:
                number = self._new(tensor, device)
                self.values[tensor] = number
                outputs.append(number)
        held = (*self.effects.reads.get(node, ()), *self.effects.writes.get(node, ()))
        shares = any(t in self.effects.live and not self.effects.live[t][1] for t in node.outputs)
        detach = () if shares else tuple(v for v in held if v in self.written)
        if not any(o >= 0 for o in outputs):
            detach = ()
        self._add(node, node, device, inputs, tuple(outputs), detach)

    def _region(self, region: Region, fetches: Sequence[Any]) -> None:
        here = set(region.nodes)
        live = self.effects.live
        wanted = {f for f in fetches if isinstance(f, Tensor)}
        # a simplified node outside may stand for what the region makes
        wanted |= {self._root(t) for t in (*wanted, *(t for n in self.nodes if n not in here for t in n.inputs))}
        exports = [t for n in region.nodes for t in n.outputs
                   if t not in self.fed and not (t in live and live[t][1])
                   and (t in wanted or any(u not in here for u in t.uses if u in self.before or u in self.item_of))]
        main = next((n for n in region.nodes if n.device and n.type != "Const"), region.nodes[0])
        device = self.placement.device(main)
        inputs = tuple(Ref(live[t][0]) if t in live and live[t][1] and t not in self.fed else self._operand(t)
                       for t in region.outside)
        outputs = [self._new(t, device) for t in exports]
        self.values.update(zip(exports, outputs))
        for node in region.nodes:
            self._check_size(node)
        self._add(region, region.nodes[0], device, inputs, tuple(outputs), (), region=region,
                  exports=tuple(exports))

    def _add(self, item: Any, node: Node, device: str, inputs: tuple[Operand, ...], outputs: tuple[int, ...],
             detach: tuple[Node, ...], snapshot: bool = False, region: Region | None = None,
             exports: tuple[Tensor, ...] = (), program: Program | None = None) -> None:
        number = len(self.steps)
        after = tuple(sorted(s for s in self.earlier.get(item, ()) if self.steps[s].device != device)
                      ) if self.multiple else ()
        self.step_of[item] = number
        self.steps.append(Step(number, node, device, inputs, outputs, after, detach, snapshot, region,
                               exports, program))

    def _check_size(self, node: Node) -> None:
        if self.max_bytes is None:
            return
        for tensor in node.outputs:
            elements = count(tensor.static)
            if elements is not None and elements * tensor.dtype.size > self.max_bytes:
                raise refuse(node, tensor.static, elements * tensor.dtype.size, self.max_bytes,
                             tensor.value_index)
