"""Flow: a region of cond and while as one kernel, its nodes wired to each other once for all steps."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import RunError
from ..graph.graph import Node, Tensor
from ..graph.kernel import Slot
from ..passes.bundle import Bundles
from ..passes.effects import by_references
from ..passes.flow import Region
from .bundled import Bundle
from .flow_run import FlowRun
from .flow_units import DEAD, INTO, OP, OUT, Unit

__all__ = ["DEAD", "FlowKernel"]


class FlowKernel:
    """A region as a function: values from outside in, the values that others use out.

    kernel: gives the function of one node. slot: gives a variable's buffer. partly: a dead value is
    given out as ``DEAD``, else it is an error.
    """

    def __init__(self, region: Region, exports: Sequence[Tensor], kernel: Callable[[Node], Callable[..., Any]],
                 slot: Callable[[Node], Slot], partly: bool = False, bundles: Bundles = ()) -> None:
        self.partly = partly
        self.region = region
        self.exports = tuple(exports)
        self.slot = slot
        self.units = {node: Unit(node, i) for i, node in enumerate(region.nodes)}
        outside = {t: i for i, t in enumerate(region.outside)}
        self.enters: dict[str, int] = {}
        self.exits: dict[str, list[Unit]] = {}
        for unit in self.units.values():
            self._wire(unit, outside, kernel)
        self.wanted = {t: i for i, t in enumerate(self.exports)}
        frames = self._frames()
        for unit, name in frames.items():
            if unit.kind == OUT:
                self.exits.setdefault(name, []).append(unit)
        bundled = {n for nodes in bundles for n in nodes}
        self._bundle(bundles)
        self.begin = [u for n, u in self.units.items() if n not in bundled]
        """What may run before anything has come."""

    def _wire(self, unit: Unit, outside: dict[Tensor, int], kernel: Callable[[Node], Callable[..., Any]]) -> None:
        node = unit.node
        for i, tensor in enumerate(node.inputs):
            if tensor in outside:
                unit.given.append((i, outside[tensor]))
            else:
                self.units[tensor.op].targets[tensor.value_index].append((unit, i))
        for other in node.control_inputs:
            if other in self.units:
                self.units[other].waiters.append(unit)
                unit.controls += 1
        if unit.kind == INTO:
            self.enters[unit.frame] = self.enters.get(unit.frame, 0) + 1
        elif unit.kind == OP:
            opdef = node.opdef
            if opdef is None or opdef.kernel is None:
                raise RunError(f"{node.name}: {node.type} has no kernel here", node.span)
            unit.kernel = kernel(node)
            args = opdef.inputs
            if any(a.is_list for a in args):
                unit.group = lambda values: opdef.group(args, values, node.attrs)
            unit.by_reference = tuple(by_references(node))
            unit.single = unit.outputs == 1

    def _bundle(self, bundles: Bundles) -> None:
        """Puts units that run in a row in the place of their parts."""
        made = []
        for nodes in bundles:
            members = [self.units[n] for n in nodes]
            here = set(members)
            for unit in members:
                unit.targets = [[t for t in targets if t[0] not in here] for targets in unit.targets]
                unit.waiters = [u for u in unit.waiters if u not in here]
            bundle = Bundle(members, self.units)
            made.append(bundle)
            for thing, place in bundle.taken.items():
                source = self.units[thing.op if isinstance(thing, Tensor) else thing]
                if isinstance(thing, Tensor):
                    at = thing.value_index
                    source.targets[at][:] = [t for t in source.targets[at] if t[0] not in here] + [(bundle, place)]
                else:
                    source.waiters[:] = [u for u in source.waiters if u not in here]
                    source.bundles.append((bundle, place))
        for bundle in made:
            bundle.wire(self.wanted)

    def _frames(self) -> dict[Unit, str]:
        """The innermost frame of each node."""
        stacks: dict[Unit, tuple[str, ...]] = {}
        for unit in self.units.values():
            stack: tuple[str, ...] = ()
            sources = [t.op for t in unit.node.inputs] + list(unit.node.control_inputs)
            for other in sources:
                source = self.units.get(other)
                if source in stacks:
                    given = stacks[source][:-1] if source.kind == OUT else stacks[source]
                    stack = max(stack, given, key=len)
            stacks[unit] = (*stack, unit.frame) if unit.kind == INTO else stack
        return {u: s[-1] if s else "" for u, s in stacks.items()}

    def __call__(self, *values: Any) -> tuple[Any, ...]:
        return FlowRun(self, values).finish()
