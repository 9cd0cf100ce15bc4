"""Calls in the text of a region: of the kernel of a node, or of a program, by values; where an operand is a variable,
as the rules of dataflow have it."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.graph import Node, Tensor
from ..graph.shapes import count, is_wanted
from ..passes.structure import Choice
from ..passes.structured import Structured
from ..passes.taken import Taken
from .calls import detached, single
from .cuts import CUTTING, cuts, cutter
from .flow_units import Unit, compute
from .memory import makes_new
from .part_text import RESHAPES
from .structured_names import StructuredNames

if TYPE_CHECKING:
    from .program import Program

OPERATORS = {np.add: "+", np.subtract: "-", np.multiply: "*", np.less: "<", np.less_equal: "<=", np.greater: ">",
             np.greater_equal: ">=", np.equal: "==", np.not_equal: "!="}
"""Of two of numpy's scalars an operator takes 40 ns where the call takes 250, and gives the same bits."""


class StructuredCalls:
    """``text(what)``: what stands in the text for a node or a program, and the texts of what it is called with.

    kernel, program: give the functions of these. summing: gives what begins a sum. plain: whether what only indexes or
    reshapes may stand as that.
    """

    def __init__(self, structured: Structured, names: StructuredNames, kernel: Callable[[Node], Callable[..., Any]],
                 program: Callable[[Program | Taken], Callable[..., Any]],
                 summing: Callable[[Taken], Callable[..., Any]], plain: bool) -> None:
        self.names = names
        self.structured = structured
        self.chosen = structured.structure.chosen
        self.kernel = kernel
        self.program = program
        self.summing = summing
        self.plain = plain
        self._units: dict[Node, Unit] = {}
        self._operands: dict[Node | Program | Taken, list[str]] = {}
        names.space.update({f"i{i}": np.asarray(i, np.int32) for i in (0, 1)})

    def unit(self, node: Node) -> Unit:
        found = self._units.get(node)
        if found is None:
            found = self._units[node] = Unit(node, len(self._units), self.kernel)
        return found

    def operands(self, what: Node | Program | Taken) -> list[str]:
        """The names that a node or a program takes."""
        found = self._operands.get(what)
        if found is None:
            found = self._operands[what] = self._taken(what)
        return found

    def _taken(self, what: Node | Program | Taken) -> list[str]:
        names = self.names
        if not isinstance(what, Node):
            return [names.value(t) for t in what.inputs if isinstance(t, Tensor)]
        choice = self.chosen.get(what)
        if choice is not None:
            taken = what.inputs if choice.conditions else [what.inputs[choice.index]]
            return [*(names.value(key) for key, _ in choice.conditions), *(names.of(t) for t in taken)]
        if self._as_variables(what):
            return [names.of(t) for t in what.inputs]
        return [names.of(t) if by_reference else names.value(t)
                for t, by_reference in zip(what.inputs, self.unit(what).by_reference)]

    def results(self, what: Node | Program | Taken) -> list[str]:
        """The names that a node or a program gives something."""
        return [self.names.of(t) for t in what.outputs if self._wanted(what, t)]

    def _wanted(self, what: Node | Program | Taken, tensor: Tensor) -> bool:
        found = self.structured
        return not isinstance(what, Node) or tensor in found.needed and found.value(tensor) is None

    def text(self, what: Node | Program | Taken) -> tuple[str, Sequence[str] | None]:
        names, operands = self.names, self.operands(what)
        if not isinstance(what, Node):
            call = self._call(what) if self.plain and not isinstance(what, Taken) else None
            if call is not None:
                return call, operands
            made, name = self.results(what), f"p{len(names.space)}"
            names.space[name] = self.program(what)
            return f"{', '.join(made)} = {name}({', '.join(operands)})", operands
        choice = self.chosen.get(what)
        if choice is not None:
            return self._choice(what, choice), None
        made = [names.of(t) if self._wanted(what, t) else "_" for t in what.outputs]
        gone = "; _ = None" if "_" in made else ""
        unit = self.unit(what)
        kernel = f"k{unit.place}"
        if self._as_variables(what):
            names.space[kernel] = partial(compute, unit)
            call = f"{kernel}(({''.join(f'{o}, ' for o in operands)}))"
            return (f"{', '.join(made)}, = {call}{gone}" if made else call), None
        opened = any(names.of(t) in names.opened for t in what.inputs)
        found = self._indexed(what, operands) if self.plain and not opened else None
        if found is not None:
            pairs = [(m, f) for m, f in zip(made, found) if m != "_"]
            return f"{', '.join(m for m, _ in pairs)} = {', '.join(f for _, f in pairs)}", operands
        opdef = what.opdef
        assert opdef is not None
        names.space[kernel] = self._kernel(what)
        args = [f"[{', '.join(a)}]" if isinstance(a, list) else a
                for a in opdef.group(opdef.inputs, operands, what.attrs)]
        call = f"{kernel}({', '.join(args)})"
        return (f"{', '.join(made)} = {call}{gone}" if set(made) - {"_"} else call), operands

    def begun(self, state: Tensor, first: str) -> str:
        """The text of what a value that comes back is at first. first: that of what the graph says."""
        taken = self.structured.sums.get(state)
        if taken is None:
            return first
        name = f"q{len(self.names.space)}"
        self.names.space[name] = self.summing(taken)
        return f"{name}({first})"

    def _call(self, program: Program) -> str | None:
        """The text of a program of one call that makes a new array, or of single numbers, which are quicker so."""
        names, instrs = self.names, program.instrs
        scalars = all(program.shapes[n] == () for i in instrs for n in (*i.args, i.out) if isinstance(n, int))
        plain = {"call", "copy"} if scalars else {"call"}
        if program.shape is not None or program.written or len(instrs) > 1 and not scalars or any(
                i.kind not in plain or i.options or i.out in program.inputs.values() for i in instrs):
            return None
        local = {n: names.value(t) for t, n in program.inputs.items() if isinstance(t, Tensor)}
        local.update((n, names.of(t)) for t, n in program.outputs.items())
        text = []
        for instr in instrs:
            args = [local[a] if isinstance(a, int) else self._number(a) for a in instr.args]
            sign = OPERATORS.get(instr.fn) if scalars and len(args) == 2 else None
            made = local.setdefault(instr.out, f"t{len(names.space)}_{instr.out}")
            fn = f"f{len(names.space)}"
            names.space[fn] = program.dtypes[instr.out] if instr.kind == "copy" else instr.fn
            value = (f"{args[0]}.astype({fn})" if instr.kind == "copy" else f" {sign} ".join(args) if sign
                     else f"{fn}({', '.join(args)})")
            text.append(f"{made} = {value}")
        return "; ".join(text)

    def _number(self, constant: Any) -> str:
        """The name of a constant that a call holds; of rank 0 as numpy's own scalar."""
        name = f"n{len(self.names.space)}"
        self.names.space[name] = constant[()]
        return name

    def _indexed(self, node: Node, operands: Sequence[str]) -> list[str] | None:
        """The texts of the outputs of a node that only reshapes an array of a known shape, or cuts parts out of one."""
        found = self.structured
        at = CUTTING.get(node.type, 0)
        if node.type not in CUTTING and node.type not in RESHAPES:
            return None
        source = node.inputs[at]
        shape = found.shape(source)
        if found.value(source) is not None:
            return None
        if node.type in RESHAPES:
            made = found.shape(node.outputs[0])
            if node.type == "Reshape" and not is_wanted(found.value(node.inputs[1]), made):
                return None
            return [f"{operands[0]}.reshape({made})"] if count(made) == count(shape) is not None else None
        known = [shape if i == at else found.value(t) for i, t in enumerate(node.inputs)]
        if any(k is None for i, k in enumerate(known) if i != at):
            return None
        if shape is not None:
            parts = cuts(node, known)
            return parts and [f"{operands[at]}[{index}]" for index in parts]
        if len(node.outputs) > 1 or node.opdef is None or node.opdef.outputs[0].is_list:
            return None
        unit = self.unit(node)
        self.names.space[f"k{unit.place}"] = cutter(node, known, unit.kernel)
        return [f"k{unit.place}({operands[at]})"]

    def _choice(self, node: Node, choice: Choice) -> str:
        names, output = self.names, node.outputs[0]
        conditions = names.all_of(self.structured.sorted(choice.conditions))
        made = []
        for what, values in zip(node.outputs, ([names.moved(t, output) for t in node.inputs], ["i0", "i1"])):
            if self._wanted(node, what):
                yes, no = values[choice.index], values[1 - choice.index]
                made.append(f"{names.of(what)} = {yes} if {conditions} else {no}" if conditions else
                            f"{names.of(what)} = {yes}")
        return "; ".join(made)

    def _as_variables(self, node: Node) -> bool:
        """Whether a node takes what may be a variable."""
        return any(self.names.is_loose(t) for t in node.inputs)

    def _kernel(self, node: Node) -> Callable[..., Any]:
        """The kernel of a node, whose results share no memory with a variable."""
        names, unit, opdef = self.names, self.unit(node), node.opdef
        assert opdef is not None
        listed = len(node.outputs) == 1 and opdef.outputs[0].is_list
        kernel: Callable[..., Any] = single(unit.kernel) if listed else unit.kernel
        slots = [] if makes_new(node) else [names.slot_of[names.of(t)] for t, by_reference in zip(
            node.inputs, unit.by_reference) if names.of(t) in names.opened and not by_reference]
        return detached(kernel, slots) if slots else kernel
