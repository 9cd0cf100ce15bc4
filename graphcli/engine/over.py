"""Over: which arrays of a program may lie over which.

An output may take the memory of an input that is read last before the output is first written, or by the call that
writes it if that call reads each element before it writes it.
"""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from math import prod

import numpy as np

from .instr import Instr
from .program import Program

FEW = 256
"""Elements below which a choice is made by a masked copy."""
BITS = {"f4": np.dtype("i4"), "f8": np.dtype("i8"), "f2": np.dtype("i2")}


def by_bits(program: Program, instr: Instr) -> bool:
    """Whether a choice is made without a branch: the bits in which x and y differ, times the condition, on y."""
    if instr.kind != "where":
        return False
    condition, *chosen = instr.args
    shapes, dtypes = program.shapes, program.dtypes
    shape, dtype = shapes[instr.out], dtypes[instr.out]
    if dtype.str[1:] not in BITS or not isinstance(condition, int) or shapes[condition] != shape:
        return False
    return prod(shape) >= FEW and all(
        shapes[a] == shape and dtypes[a] == dtype if isinstance(a, int) else a.size == 1 and a.dtype == dtype
        for a in chosen)


def can_take(program: Program, instr: Instr, number: int) -> bool:
    """Whether a call may write its result over one of its arguments as far as the call goes."""
    if instr.kind != "where":
        return instr.kind != "reduce"
    kept = instr.args[::2] if by_bits(program, instr) else instr.args[:2]
    return all(not isinstance(a, int) or a != number for a in kept)


class Over:
    """Which outputs of a program may lie over which inputs."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.first: dict[int, int] = {}
        """The call that first writes an array; a sum of several arrays is written to again and again."""
        self.last: dict[int, int] = {}
        """The call that reads an array last."""
        for at, instr in enumerate(program.instrs):
            self.first.setdefault(instr.out, at)
            self.last.update((a, at) for a in instr.args if isinstance(a, int))

    def may(self, number: int, source: int) -> bool:
        """Whether output ``number`` may take the memory of input ``source``."""
        program, first, last = self.program, self.first.get(number, -1), self.last.get(source, -1)
        if (program.shapes[source], program.dtypes[source]) != (program.shapes[number], program.dtypes[number]):
            return False
        return last < first or last == first >= 0 and can_take(program, program.instrs[first], source)


class Dying:
    """Inputs of a program whose memory outputs may take, each once. A thousand outputs are not compared with a thousand
    inputs: those of one shape and dtype stand in the order in which they are read last."""

    def __init__(self, over: Over, inputs: Iterable[int]) -> None:
        self.over = over
        self._by_form: dict[object, list[tuple[int, int, int]]] = {}
        """(call that reads it last, minus its place, its number)."""
        for at, number in enumerate(inputs):
            self._by_form.setdefault(self._form(number), []).append((over.last.get(number, -1), -at, number))
        for group in self._by_form.values():
            group.sort()

    def _form(self, number: int) -> tuple[object, object]:
        return self.over.program.shapes[number], self.over.program.dtypes[number]

    def taken_by(self, number: int) -> int | None:
        """The input that an output takes, None where it takes none: of those that it may take the one that is read
        last, so that others can take those that are read earlier."""
        group = self._by_form.get(self._form(number), [])
        for i in range(self._end(group, number) - 1, -1, -1):
            if self.over.may(number, group[i][2]):
                return group.pop(i)[2]
        return None

    def all_taken_by(self, number: int) -> list[int]:
        """All the inputs that an output may take, in their order."""
        group = self._by_form.get(self._form(number), [])
        end = self._end(group, number)
        taken = {g for g in group[:end] if self.over.may(number, g[2])}
        group[:end] = [g for g in group[:end] if g not in taken]
        return [source for _, _, source in sorted(taken, key=lambda g: -g[1])]

    def _end(self, group: list[tuple[int, int, int]], number: int) -> int:
        return bisect_right(group, (self.over.first.get(number, -1), 1))


def may_copy(program: Program) -> bool:
    """Whether the view of an input by blocks copies it where it does not lie in one piece: not where each row is one of
    the first axis."""
    return program.shape is not None and program.split != 1


def lends(over: Over, outputs: Sequence[int], order: Sequence[int], into: Mapping[int, int]) -> dict[int, int]:
    """For inputs that a loop copies where they do not lie in one piece: the output that their copy may become, each
    input for the first that it may be. into: output -> the input whose memory it takes anyway."""
    program, given = over.program, set(order)
    full = prod(program.shape or ())
    out = {source: number for number, source in into.items() if source >= 0}
    dying = Dying(over, [s for s in order if s not in out and s not in program.written])
    for number in outputs:
        if number not in given:
            out.update((source, number) for source in dying.all_taken_by(number))
    # what is seen whole in every block is not copied
    return {s: n for s, n in out.items() if program.shapes[s] and prod(program.shapes[s]) == full}
