"""Flow: a region of cond and while as one kernel, its nodes wired to each other once for all steps."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..graph.graph import Node, Tensor
from ..graph.kernel import Slot
from ..passes.flow import Region
from .flow_run import FlowRun
from .flow_units import DEAD, INTO, OUT, Unit

__all__ = ["DEAD", "FlowKernel"]


class FlowKernel:
    """A region as a function: values from outside in, the values that others use out.

    kernel: gives the function of one node. slot: gives a variable's buffer. partly: a dead value is
    given out as ``DEAD``, else it is an error.
    """

    def __init__(self, region: Region, exports: Sequence[Tensor], kernel: Callable[[Node], Callable[..., Any]],
                 slot: Callable[[Node], Slot], partly: bool = False) -> None:
        self.partly = partly
        self.region = region
        self.exports = tuple(exports)
        self.slot = slot
        self.units = {node: Unit(node, i, kernel) for i, node in enumerate(region.nodes)}
        outside = {t: i for i, t in enumerate(region.outside)}
        self.enters: dict[str, int] = {}
        self.first: dict[str, int] = {}
        """The places of the first Enters."""
        self.exits: dict[str, list[Unit]] = {}
        for unit in self.units.values():
            self._wire(unit, outside)
        self.wanted = {t: i for i, t in enumerate(self.exports)}
        frames = self._frames()
        for unit, name in frames.items():
            if unit.kind == OUT:
                self.exits.setdefault(name, []).append(unit)

    def _wire(self, unit: Unit, outside: dict[Tensor, int]) -> None:
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
            self.first.setdefault(unit.frame, unit.place)

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
