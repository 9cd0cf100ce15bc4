"""Straight: a small program as one line of calls into buffers that are kept between steps."""
from __future__ import annotations

from collections import Counter
from math import prod
from typing import Any

import numpy as np

from ..graph.graph import Node
from .block_text import Writer, Written, summed_inputs
from .instr import Instr, Shape
from .over import by_bits


class Straight(Writer):
    """Calls on whole arrays, one after the other."""

    def write(self) -> Written:
        program = self.program
        inputs = [self.names[n] for n in self.order]
        self.conditions: dict[Any, str] = {}
        """Those that several choices multiply with, cast, by number and dtype."""
        writes = Counter(i.out for i in program.instrs)
        self.choices = Counter(i.args[0] for i in program.instrs if by_bits(program, i) and writes[i.args[0]] < 2)
        self.line("")
        for at, instr in enumerate(program.instrs):
            self.turning = instr.out in self.turned
            args = [self.names[a] if isinstance(a, int) else self.constant(a) for a in instr.args]
            shape = program.shapes[instr.out]
            out = self.names.get(instr.out)
            if out is None:
                out = self._place(at, instr, shape)
            made = self.emit(at, instr, args, out, shape, "    ")
            if made is None:
                out = f"v{instr.out}"
                order = ", 'F'" if self.turning else ""
                self.line(f"    {out} = empty({shape}, {self.dtype(program.dtypes[instr.out])}{order})")
                made = self.emit(at, instr, args, out, shape, "    ")
            assert made is not None
            self.names[instr.out] = made
            for number in {a for a in (*instr.args, instr.out) if isinstance(a, int)}:
                self._release(at, number)
        results = ", ".join(self.names[n] for n in self.outputs)
        self.line(f"    return {results}")
        kept = [n for n in self.space if n[0] == "t" and n[1:].isdigit()]
        head = ", ".join([*inputs, *(f"{n}={n}" for n in sorted({*kept, *self.constants.values()}))])
        self.lines[0] = f"def program({head}):"
        return Written(sum(self.space[n].nbytes for n in (*kept, *self.conditions.values())), blocks=self._laid_out())

    def _laid_out(self) -> dict[int, int]:
        """What a copy of an input takes beside the outputs that are made when it is gone."""
        program, found = self.program, summed_inputs(self.program)
        sizes = [prod(s) * d.itemsize for s, d in zip(program.shapes, program.dtypes)]
        last = {i.args[0]: at for at, i in enumerate(program.instrs) if i.kind == "reduce"}
        made = {n: sum(sizes[o] for o in {i.out for i in program.instrs[last[n] + 1:]} & {*self.outputs})
                for n in found.intersection(self.order)}
        return {n: max(0, sizes[n] - later) for n, later in made.items()}

    def _place(self, at: int, instr: Instr, shape: Shape) -> str | None:
        """Where a new array goes: None for one that the caller gets."""
        program = self.program
        dtype = program.dtypes[instr.out]
        if instr.out in self.kept:
            source = self.into[instr.out]
            if source >= 0 and shape and self._key(source) == self._key(instr.out):
                last = self.last.get(source, -1)
                if last < at or last == at and self.can_take(at, instr, source):
                    return self.names[source]
            if not self.kept[instr.out]:
                return None if shape else self._fresh(instr.out, dtype)
        key = self._key(instr.out)
        for arg in instr.args:
            if isinstance(arg, int) and self.names[arg][0] == "t" and self.can_take(at, instr, arg) and (
                    self._key(arg)) == key and arg not in self.kept:
                self.last[arg] = -1
                return self.names[arg]
        spare = self.free.get(key)
        if spare:
            return spare.pop()
        name = f"t{len(self.space)}"
        array = self.room.own(shape[::-1] if self.turning else shape, dtype, len(self.space))
        self.space[name] = array.T if self.turning else array
        return name

    def _key(self, number: int) -> Any:
        return self.program.shapes[number], self.program.dtypes[number], number in self.turned

    def widened(self, condition: Any, name: str, whole: Any, indent: str, node: Node) -> str:
        """The condition of several choices is cast once."""
        found = self.conditions.get((condition, whole))
        if found is None and self.choices[condition] > 1:
            shape = self.program.shapes[condition]
            found = self.conditions[condition, whole] = f"q{condition}{whole.char}"
            array = self.room.own(shape[::-1] if self.turning else shape, whole, len(self.space))
            self.space[found] = array.T if self.turning else array
            self.line(f"{indent}copyto({found}, {name})", node)
        return found or name

    def constant(self, value: Any) -> str:
        name = super().constant(value)
        if not self.turning or value.ndim < 2:
            return name
        turned = self.constants[-id(value)] = f"{name}T"
        self.space[turned] = np.asfortranarray(value)
        return turned

    def spread(self, value: Any, shape: Shape) -> str:
        if not self.turning:
            return super().spread(value, shape)
        name = self.wide(value, shape[::-1])
        self.space[f"{name}T"] = self.space[name].T
        return f"{name}T"

    def _fresh(self, number: int, dtype: Any) -> str:
        self.line(f"    v{number} = empty((), {self.dtype(dtype)})")
        return f"v{number}"

    def _release(self, at: int, number: int) -> None:
        name = self.names[number]
        if self.last.get(number) == at and name[0] == "t" and number not in self.kept:
            self.free.setdefault(self._key(number), []).append(name)
