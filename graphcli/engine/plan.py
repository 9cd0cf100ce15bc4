"""Plan: what one run does, as a value that can be looked at, compared and printed.

A plan is made once for its fetches and feeds; ``execute`` turns it into code.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import NotSupported, did_you_mean
from ..graph.graph import Node, Tensor
from ..graph.opdef import op_types
from ..graph.types import count, show
from ..passes.effects import ALIASES, READERS, VARIABLES, Effects, references
from ..passes.flow import MERGE, NEXT, Region, regions
from ..passes.order import hazards, order, topological
from ..passes.place import Placement
from ..passes.prune import needed
from .failures import not_fed
from .sizes import refuse


@dataclass(frozen=True)
class Live:
    """An operand: a variable's array as it is when the step runs."""

    variable: Node


@dataclass(frozen=True)
class Ref:
    """An operand: a variable's Slot."""

    variable: Node


Operand = int | Live | Ref


@dataclass(frozen=True)
class Step:
    """One kernel call. inputs and outputs: numbers of values; ``-1`` is an output that nothing uses.

    after: steps of other devices that must have run. detach: variables whose memory the result must
    not share, for they are written in this plan. snapshot: no kernel, only a copy of a variable as
    it is at this point. region: nodes that run as one step, by the rules of dataflow; its outputs are
    ``exports``.
    """

    number: int
    node: Node
    device: str
    inputs: tuple[Operand, ...]
    outputs: tuple[int, ...]
    after: tuple[int, ...] = ()
    detach: tuple[Node, ...] = ()
    snapshot: bool = False
    region: Region | None = None
    exports: tuple[Tensor, ...] = ()


@dataclass(frozen=True)
class Plan:
    """steps: in the order in which they run. feeds, constants: number of the value -> tensor.

    results: for each fetch its value's number, the variable's node (read after the step), or None.
    requires: variables that must have a value at the start, and who reads them first.
    owners: the device on which each value is made. pruned: how many nodes of the graph do not run.
    """

    steps: tuple[Step, ...]
    feeds: tuple[Tensor, ...]
    constants: dict[int, Tensor]
    results: tuple[int | Node | None, ...]
    requires: dict[Node, Node]
    names: dict[int, str]
    owners: dict[int, str]
    nodes: tuple[Node, ...] = ()
    pruned: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def devices(self) -> list[str]:
        """The devices that run a step, first used first."""
        return list(dict.fromkeys(s.device for s in self.steps)) or ["/device:CPU:0"]

    def last_use(self) -> dict[int, int]:
        """For each value the step after which it is freed; fetched ones are not in it."""
        out: dict[int, int] = {}
        for step in self.steps:
            for operand in (*step.inputs, *step.outputs):
                if isinstance(operand, int) and operand >= 0:
                    out[operand] = step.number
        for result in self.results:
            if isinstance(result, int):
                out.pop(result, None)
        return out

    def __str__(self) -> str:
        many = len(self.devices) > 1
        freed: dict[int, list[int]] = {}
        for value, at in self.last_use().items():
            if value not in self.constants:
                freed.setdefault(at, []).append(value)
        lines = [f"feed v{i} = {t.name}" for i, t in enumerate(self.feeds)]
        lines += [f"const v{i} = {t.name} {t.dtype.base_dtype.name} {show(t.static)}"
                  for i, t in self.constants.items()]
        for step in self.steps:
            what = "copy" if step.snapshot else "Flow" if step.region else step.node.type
            text = f"{what}({', '.join(self._shown(o) for o in step.inputs)})"
            made = ", ".join("_" if o < 0 else f"v{o}" for o in step.outputs)
            line = f"{made} = {text}" if made else text
            line += f"  # {step.node.name}"
            if step.region is not None:
                line += f" and {len(step.region.nodes) - 1} more"
            if many:
                line += f" on {step.device}"
            if step.after:
                line += f" after step {', '.join(map(str, step.after))}"
            if freed.get(step.number):
                line += f"; frees {', '.join(f'v{v}' for v in sorted(freed[step.number]))}"
            lines.append(line)
        results = ["None" if r is None else f"v{r}" if isinstance(r, int) else r.name for r in self.results]
        return "\n".join([*lines, f"return {', '.join(results)}"])

    @staticmethod
    def _shown(operand: Operand) -> str:
        if isinstance(operand, int):
            return f"v{operand}"
        return operand.variable.name if isinstance(operand, Live) else f"&{operand.variable.name}"


class _Snapshot:
    """The point at which a fetched tensor that is a variable's memory is copied."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


def make_plan(fetches: Sequence[Any], feeds: Sequence[Tensor], placement: Placement,
              writers_first: bool = False, max_bytes: int | None = None, total: int = 0) -> Plan:
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
    return _Maker(need.nodes, feeds, placement, max_bytes).make(fetches, writers_first, total)


class _Maker:
    def __init__(self, nodes: Sequence[Node], feeds: Sequence[Tensor], placement: Placement,
                 max_bytes: int | None) -> None:
        self.fed = frozenset(feeds)
        self.feeds = tuple(feeds)
        self.placement = placement
        self.max_bytes = max_bytes
        inside = set(nodes)
        self.before: dict[Any, list[Any]] = {}
        for node in nodes:
            loops = node.type in MERGE
            earlier = dict.fromkeys([t.op for t in node.inputs
                                     if t not in self.fed and not (loops and t.op.type in NEXT)])
            earlier.update((c, None) for c in node.control_inputs if c in inside)
            self.before[node] = list(earlier)
        self.nodes = topological(nodes, self.before)
        self.effects = Effects(self.nodes, self.fed)
        self.regions = [self._ordered(r) for r in regions(self.nodes, self.before, self.fed)]
        self.written = {v for group in self.effects.writes.values() for v in group}
        self.values: dict[Tensor, Operand] = {t: i for i, t in enumerate(self.feeds)}
        self.names = {i: t.name for i, t in enumerate(self.feeds)}
        self.constants: dict[int, Tensor] = {}
        self.owners: dict[int, str] = {}
        self.steps: list[Step] = []
        self.step_of: dict[Any, int] = {}
        self.item_of: dict[Any, Any] = {}

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
        sequence = order(items, self.before, reads, writes, writers_first)
        self.multiple = len({self.placement.device(n) for n in self.nodes}) > 1
        waits = hazards(sequence, reads, writes) if self.multiple else {}
        self.used = {t for n in self.nodes for t in n.inputs}
        self.used.update(f for f in fetches if isinstance(f, Tensor))
        self.earlier: dict[Any, frozenset[int]] = {}
        requires: dict[Node, Node] = {}
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
            else:
                self._node(item)
                self._touch(item, reads.get(item, ()), requires, given)
        results: list[int | Node | None] = []
        for fetch in fetches:
            if isinstance(fetch, Tensor):
                value = self.values[snapshots[fetch]] if fetch in snapshots else self.values[fetch]  # type: ignore[index]
                assert isinstance(value, int)
                results.append(value)
            elif isinstance(fetch, Node):
                results.append(None)
            else:
                node = fetch.op
                fed = self.values.get(node.outputs[0])
                results.append(fed if node.outputs[0] in self.fed and isinstance(fed, int) else node)
        return Plan(tuple(self.steps), self.feeds, self.constants, tuple(results), requires, self.names,
                    self.owners, tuple(self.nodes), max(0, total - len(self.nodes)))

    def _touch(self, node: Node, read: Sequence[Node], requires: dict[Node, Node], given: set[Node]) -> None:
        """Notes which variables must have a value before the first step."""
        if node.type not in READERS:
            for variable in read:
                if variable not in given:
                    requires.setdefault(variable, node)
        for variable in self.effects.writes.get(node, ()):
            if node.type != "Assign" and variable not in given:
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
        return self.values[tensor]

    def _node(self, node: Node) -> None:
        kind = node.type
        if kind in VARIABLES or kind in ("NoOp", "ControlTrigger"):
            return
        if kind in ALIASES:
            output, source = node.outputs[0], node.inputs[0]
            if output not in self.fed and not (output in self.effects.live and self.effects.live[output][1]):
                self.values[output] = self._operand(source)
            return
        if kind == "Const":
            output = node.outputs[0]
            if output not in self.fed:
                number = self._new(output, "")
                self.values[output] = number
                self.constants[number] = output
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
        fetched = {f for f in fetches if isinstance(f, Tensor)}
        exports = [t for n in region.nodes for t in n.outputs
                   if t not in self.fed and not (t in live and live[t][1])
                   and (t in fetched or any(u not in here for u in t.uses if u in self.before or u in self.item_of))]
        main = next((n for n in region.nodes if n.device and n.type != "Const"), region.nodes[0])
        device = self.placement.device(main)
        inputs = tuple(Ref(live[t][0]) if t in live and live[t][1] and t not in self.fed else self.values[t]
                       for t in region.outside)
        outputs = [self._new(t, device) for t in exports]
        self.values.update(zip(exports, outputs))
        for node in region.nodes:
            self._check_size(node)
        self._add(region, region.nodes[0], device, inputs, tuple(outputs), (), region=region,
                  exports=tuple(exports))

    def _add(self, item: Any, node: Node, device: str, inputs: tuple[Operand, ...], outputs: tuple[int, ...],
             detach: tuple[Node, ...], snapshot: bool = False, region: Region | None = None,
             exports: tuple[Tensor, ...] = ()) -> None:
        number = len(self.steps)
        after = tuple(sorted(s for s in self.earlier.get(item, ()) if self.steps[s].device != device)
                      ) if self.multiple else ()
        self.step_of[item] = number
        self.steps.append(Step(number, node, device, inputs, outputs, after, detach, snapshot, region,
                               exports))

    def _check_size(self, node: Node) -> None:
        if self.max_bytes is None:
            return
        for tensor in node.outputs:
            elements = count(tensor.static)
            if elements is not None and elements * tensor.dtype.size > self.max_bytes:
                raise refuse(node, tensor.static, elements * tensor.dtype.size, self.max_bytes,
                             tensor.value_index)
