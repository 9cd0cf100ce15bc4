"""Calls in the text of a region: of the kernel of a node, of values; where an operand is a variable, as the rules of
dataflow have it."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..graph.graph import Node
from ..passes.structure import Choice
from ..passes.structured import Structured
from .calls import single
from .flow_units import Unit, compute
from .memory import makes_new
from .structured_names import StructuredNames


class StructuredCalls:
    """``text(node)``: what stands in the text for a node, and the texts of what its kernel is called with."""

    def __init__(self, structured: Structured, names: StructuredNames,
                 kernel: Callable[[Node], Callable[..., Any]]) -> None:
        self.names = names
        self.structured = structured
        names.space.update({f"i{i}": np.asarray(i, np.int32) for i in (0, 1)})
        self.chosen = structured.structure.chosen
        self.exports = structured.structure.exports
        self.units = {n: Unit(n, i, kernel) for i, n in enumerate(structured.place) if structured.computes(n)}

    def operands(self, node: Node) -> list[str]:
        """The names that a node takes."""
        names = self.names
        choice = self.chosen.get(node)
        if choice is not None:
            taken = node.inputs if choice.conditions else [node.inputs[choice.index]]
            return [*(names.value(key) for key, _ in choice.conditions), *(names.of(t) for t in taken)]
        if self._as_variables(node):
            return [names.of(t) for t in node.inputs]
        return [names.of(t) if by_reference else names.value(t)
                for t, by_reference in zip(node.inputs, self.units[node].by_reference)]

    def results(self, node: Node) -> list[str]:
        """The names that a node gives something."""
        return [self.names.of(t) for t in node.outputs if t.uses or t in self.exports or node in self.chosen
                and t is node.outputs[0]]

    def text(self, node: Node) -> tuple[str, Sequence[str] | None]:
        names = self.names
        choice = self.chosen.get(node)
        if choice is not None:
            return self._choice(node, choice), None
        unit, operands = self.units[node], self.operands(node)
        kernel = f"k{unit.place}"
        made = [names.of(t) if t.uses or t in self.exports else "_" for t in node.outputs]
        gone = "; _ = None" if "_" in made else ""
        if self._as_variables(node):
            names.space[kernel] = partial(compute, unit)
            call = f"{kernel}(({''.join(f'{o}, ' for o in operands)}))"
            return (f"{', '.join(made)}, = {call}{gone}" if made else call), None
        opdef = node.opdef
        assert opdef is not None
        listed = len(node.outputs) == 1 and opdef.outputs[0].is_list
        names.space[kernel] = single(unit.kernel) if listed else unit.kernel
        args = [f"[{', '.join(a)}]" if isinstance(a, list) else a
                for a in opdef.group(opdef.inputs, operands, node.attrs)]
        call = f"{kernel}({', '.join(args)})"
        return (f"{', '.join(made)} = {call}{gone}" if set(made) - {"_"} else call), operands

    def _choice(self, node: Node, choice: Choice) -> str:
        names, output = self.names, node.outputs[0]
        conditions = names.all_of(self.structured.sorted(choice.conditions))
        made = []
        for what, values in zip(node.outputs, ([names.moved(t, output) for t in node.inputs], ["i0", "i1"])):
            if what.uses or what in self.exports or what is output:
                yes, no = values[choice.index], values[1 - choice.index]
                made.append(f"{names.of(what)} = {yes} if {conditions} else {no}" if conditions else
                            f"{names.of(what)} = {yes}")
        return "; ".join(made)

    def _as_variables(self, node: Node) -> bool:
        """Whether a node takes what may be a variable, or may give out the memory of one."""
        names = self.names
        taken = [names.of(t) for t in node.inputs]
        if any(t in names.loose for t in taken):
            return True
        return not makes_new(node) and any(name in names.opened and not by_reference for name, by_reference in zip(
            taken, self.units[node].by_reference))
