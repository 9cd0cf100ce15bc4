"""Steps: the items of a plan numbered: which values each takes and makes, what it waits for, which variables it
needs."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import NotSupported
from ..graph.graph import Node, Tensor
from ..graph.opdef import unlike
from ..graph.shapes import count
from ..passes.effects import FIRST, NEEDS_VALUE, READERS, VARIABLES, by_references
from ..passes.flow import Region
from .picture import Picture, Snapshot
from .plan import Live, Operand, Ref, Step
from .sizes import refuse

if TYPE_CHECKING:
    from ..passes.contract import Contracted
    from ..passes.structured import Structured
    from .program import Program


class Steps:
    """Makes the steps of a plan, one item after the other.

    reads: variables by item. max_bytes: what one step may make. requires: variables that must have a value at the
    start, and who reads them first.
    """

    def __init__(self, picture: Picture, fetches: Sequence[Any], reads: Mapping[Any, Sequence[Node]],
                 max_bytes: int | None) -> None:
        self.picture = picture
        self.max_bytes = max_bytes
        self.fetches = fetches
        self.reads = reads
        of = picture.rewrite.of
        self.used = {of(t) for n in picture.nodes for t in picture.inputs(n)}
        self.used.update(of(f) for f in fetches if isinstance(f, Tensor))
        self.values: dict[Tensor, Operand] = {t: i for i, t in enumerate(picture.feeds)}
        self.copies: dict[Tensor, int] = {}
        self.names = {i: t.name for i, t in enumerate(picture.feeds)}
        self.tensors: dict[int, Tensor] = dict(enumerate(picture.feeds))
        self.constants: dict[int, Tensor] = {}
        self.arrays: dict[int, Any] = {}
        self.owners: dict[int, str] = {}
        self.steps: list[Step] = []
        self.step_of: dict[Any, int] = {}
        self.requires: dict[Node, Node] = dict(picture.asked)
        self.given: set[Node] = set()
        self.takers = self._takers() if picture.regions else {}

    def _takers(self) -> dict[Tensor, set[Any]]:
        """The regions that take a tensor, and None if others do: a simplified node outside of a region may take what
        the region makes."""
        picture = self.picture
        out: dict[Tensor, set[Any]] = {}
        for node in picture.nodes:
            for tensor in picture.inputs(node):
                out.setdefault(picture.root(tensor), set()).add(picture.item_of.get(node))
        for fetch in self.fetches:
            if isinstance(fetch, Tensor):
                for tensor in (fetch, picture.root(fetch)):
                    out.setdefault(tensor, set()).add(None)
        return out

    def add(self, item: Any) -> None:
        """Makes the step of a node, a program, a region or a snapshot; none for a node that nothing computes."""
        picture = self.picture
        if isinstance(item, Snapshot):
            self._snapshot(item)
            self._touch(item.tensor.op, [picture.effects.live[item.tensor][0]])
        elif isinstance(item, Region):
            self._region(item)
            for node in item.nodes:
                self.given.update(picture.effects.writes.get(node, ()))
        elif isinstance(item, Node):
            self._node(item)
            self._touch(item, self.reads.get(item, ()))
        else:
            self._program(item)
            for node in item.nodes:
                self._touch(node, self.reads.get(node, ()))

    def results(self) -> list[int | Node | None]:
        """For each fetch its value's number, the variable's node, or None."""
        out: list[int | Node | None] = []
        for fetch in self.fetches:
            if isinstance(fetch, Tensor):
                value = self.copies.get(fetch)
                value = self.operand(self.picture.rewrite.of(fetch)) if value is None else value  # type: ignore[assignment]
                assert isinstance(value, int)
                out.append(value)
            elif isinstance(fetch, Node):
                out.append(None)
            else:
                node = fetch.op
                fed = self.values.get(node.outputs[0])
                out.append(fed if node.outputs[0] in self.picture.fed and isinstance(fed, int) else node)
        return out

    def _program(self, program: Any) -> None:
        device = self.picture.placement.device(program.nodes[0])
        inputs = tuple(self.operand(k) if isinstance(k, Tensor) else Live(k) for k in program.inputs)
        outputs = []
        for tensor in program.outputs:
            number = self._new(tensor, device)
            self.values[tensor] = number
            outputs.append(number)
        for node in program.nodes:
            self._check_size(node)
        self._add(program, program.nodes[0], device, inputs, tuple(outputs), (), program=program)
        self.step_of.update(dict.fromkeys(program.nodes, self.step_of[program]))

    def _touch(self, node: Node, read: Sequence[Node]) -> None:
        """Notes which variables must have a value before the first step."""
        if node.type not in READERS or node.type in NEEDS_VALUE:
            for variable in read:
                if variable not in self.given:
                    self.requires.setdefault(variable, node)
        for variable in self.picture.effects.writes.get(node, ()):
            if node.type not in FIRST and variable not in self.given:
                self.requires.setdefault(variable, node)
            self.given.add(variable)

    def wait(self, settled: Sequence[Any], hazards: Mapping[Any, Sequence[Any]]) -> None:
        """Notes the steps of other devices that each must wait for, where it takes no value of theirs.

        settled: the items in an order in which they may run. hazards: by item what it must wait for so that variables
        change as they would one item at a time.
        """
        after: list[set[int]] = [set() for _ in self.steps]
        through: dict[Any, set[int]] = {}
        for item in settled:
            places: set[int] = set()
            for other in (*self.picture.before.get(item, ()), *hazards.get(item, ())):
                places |= through.get(other, set())
            at = self.step_of.get(item)
            if at is not None:
                after[at] |= places
            through[item] = places if at is None else {at}
        for step, others in zip(self.steps, after):
            found = [self.steps[n] for n in sorted(others) if self.steps[n].device != step.device]
            waits = tuple(s.number for s in found if set(s.outputs).isdisjoint(step.inputs))
            self.steps[step.number] = step.replace(after=waits)

    def _new(self, tensor: Tensor, device: str) -> int:
        number = len(self.names)
        self.names[number] = tensor.name
        self.tensors[number] = tensor
        self.owners[number] = device
        return number

    def _snapshot(self, item: Snapshot) -> None:
        tensor = item.tensor
        operand = self.operand(tensor)
        device = self.picture.placement.device(tensor.op)
        out = self._new(tensor, device)
        self._add(item, tensor.op, device, (operand,), (out,), (), snapshot=True)
        self.copies[tensor] = out

    def operand(self, tensor: Tensor) -> Operand:
        """What a step takes for a tensor."""
        picture, live = self.picture, self.picture.effects.live
        if tensor in live and tensor not in picture.fed and live[tensor][1]:
            return Live(live[tensor][0])
        tensor = picture.root(tensor)
        found = self.values.get(tensor)
        if found is None:
            if tensor in live and tensor not in picture.fed and live[tensor][1]:
                return Live(live[tensor][0])
            found = self.values[tensor] = self._new(tensor, "")
            self.constants[found] = tensor
            known = picture.rewrite.values.get(tensor)
            self.arrays[found] = tensor.op.attrs["value"] if known is None else known
        return found

    def _node(self, node: Node) -> None:
        kind = node.type
        if kind in VARIABLES or self.picture.effects.is_alias(node) or kind in ("NoOp", "ControlTrigger", "Const"):
            return
        opdef = node.opdef
        if opdef is None:
            why, hint = unlike(kind, node.attrs)
            raise NotSupported(f"{node.name}: {why}", node.span, hint=hint)
        if opdef.kernel is None:
            raise NotSupported(f"{node.name}: {kind} has no kernel here", node.span)
        self._check_size(node)
        picture, effects = self.picture, self.picture.effects
        taken = picture.inputs(node)
        places = by_references(node) if node in effects.writes or kind in READERS else []
        places += [False] * len(taken)
        inputs = tuple(Ref(effects.live[t][0]) if by_reference and t in effects.live else self.operand(t)
                       for t, by_reference in zip(taken, places))
        device = picture.placement.device(node)
        outputs = []
        for tensor in node.outputs:
            live = effects.live.get(tensor)
            if tensor in picture.fed or tensor not in self.used or live is not None and live[1]:
                outputs.append(-1)
            else:
                number = self._new(tensor, device)
                self.values[tensor] = number
                outputs.append(number)
        held = (*effects.reads.get(node, ()), *effects.writes.get(node, ()))
        shares = any(t in effects.live and not effects.live[t][1] for t in node.outputs)
        detach = () if shares else tuple(v for v in held if v in picture.written)
        if not any(o >= 0 for o in outputs):
            detach = ()
        pad, stand_in = picture.padded.get(node, (None, node))
        self._add(node, stand_in, device, inputs, tuple(outputs), detach, products=picture.products.get(node, ()),
                  columns=picture.columns.get(node), stack=picture.stacks.get(node, 1),
                  winograd=node in picture.winograd, contracted=picture.contracted.get(node), pad=pad)

    def _region(self, region: Region) -> None:
        from .laying import structured

        here = set(region.nodes)
        picture, live = self.picture, self.picture.effects.live
        wanted = {t for n in region.nodes for t in n.outputs if not self.takers.get(t, set()) <= {region}}
        exports = [t for n in region.nodes for t in n.outputs
                   if t not in picture.fed and not (t in live and live[t][1])
                   and (t in wanted or any(u not in here and (u in picture.before or u in picture.item_of)
                                           for u in t.uses))]
        main = next((n for n in region.nodes if n.device and n.type != "Const"), region.nodes[0])
        device = picture.placement.device(main)
        inputs = tuple(Ref(live[t][0]) if t in live and live[t][1] and t not in picture.fed else self.operand(t)
                       for t in region.outside)
        outputs = [self._new(t, device) for t in exports]
        self.values.update(zip(exports, outputs))
        for node in region.nodes:
            self._check_size(node)
        self._add(region, region.nodes[0], device, inputs, tuple(outputs), (), region=region,
                  exports=tuple(exports), structured=structured(region, exports, picture))

    def _add(self, item: Any, node: Node, device: str, inputs: tuple[Operand, ...], outputs: tuple[int, ...],
             detach: tuple[Node, ...], snapshot: bool = False, region: Region | None = None,
             exports: tuple[Tensor, ...] = (), program: Program | None = None, products: tuple[Node, ...] = (),
             columns: tuple[int, int] | None = None, stack: int = 1, winograd: bool = False,
             contracted: Contracted | None = None, structured: Structured | None = None,
             pad: Node | None = None) -> None:
        number = len(self.steps)
        self.step_of[item] = number
        self.steps.append(Step(number, node, device, inputs, outputs, (), detach, snapshot, region, exports, program,
                               products=products, columns=columns, stack=stack, winograd=winograd,
                               contracted=contracted, structured=structured, pad=pad))

    def _check_size(self, node: Node) -> None:
        if self.max_bytes is None:
            return
        for tensor in node.outputs:
            shape = self.picture.shape(tensor)
            if shape is None:
                shape = tensor.static
            elements = count(shape)
            if elements is not None and elements * tensor.dtype.size > self.max_bytes:
                raise refuse(node, shape, elements * tensor.dtype.size, self.max_bytes,
                             tensor.value_index)
