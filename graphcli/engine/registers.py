"""Registers: where the calls of a loop put what they make, in an output's block, over an argument, or in scratch."""
from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from .instr import Instr, Shape

if TYPE_CHECKING:
    from .loop import Loop


class Registers:
    """local: the names of the loop's arrays, and of what its calls have made. temporaries: the scratch arrays."""

    def __init__(self, loop: Loop, local: dict[int, str]) -> None:
        self.loop = loop
        self.local = local
        self.temporaries: list[tuple[Shape, Any]] = []
        self._fixed = set(local)
        self._given = set(loop.program.inputs.values())
        self._alike = Counter(loop.program.shapes[n] for n in loop.order)
        self._free: dict[Any, list[str]] = {}
        self._busy: dict[int, tuple[int, int]] = {}
        """For outputs what their block holds until they are made, and until which call."""
        self._ends: dict[int, int | None] = {n: n for n in local}
        """What ``_end`` has found."""

    def place(self, at: int, instr: Instr, shape: Shape) -> str:
        """The name of the array that a call writes to, of this shape if it is scratch."""
        found = self.local.get(instr.out)
        if found is None:
            found = self.local[instr.out] = self._new(at, instr, shape)
        return found

    def release(self, at: int, instr: Instr) -> None:
        """Scratch that nobody needs after a call is others'."""
        for number in {a for a in (*instr.args, instr.out) if isinstance(a, int)}:
            if self.loop.last.get(number) == at and self.local[number][0] == "u":
                self._free.setdefault(self._key(number), []).append(self.local[number])

    def _key(self, number: int) -> Any:
        return self.loop.block_shape(number)[1:], self.loop.program.dtypes[number]

    def _new(self, at: int, instr: Instr, shape: Shape) -> str:
        loop, key = self.loop, self._key(instr.out)
        target = self._target(at, instr.out)
        if target is not None:
            self._busy[target] = instr.out, loop.last[instr.out]
            return self.local[target]
        for arg in instr.args:
            if (isinstance(arg, int) and arg not in self._fixed and loop.can_take(at, instr, arg)
                    and self._key(arg) == key):
                loop.last[arg] = -1
                return self.local[arg]
        spare = self._free.get(key)
        if spare:
            return spare.pop()
        self.temporaries.append((shape, loop.program.dtypes[instr.out]))
        return f"u{len(self.temporaries) - 1}"

    def _target(self, at: int, number: int) -> int | None:
        """The output whose block may hold a result: what is made of it, call by call, ends there."""
        loop, program = self.loop, self.loop.program
        found = self._end(number)
        if found is None or found not in loop.into or found in self._given:
            return None
        instr = program.instrs[at]
        held, until = self._busy.get(found, (-1, -1))
        if until > at or until == at and not loop.can_take(at, instr, held):
            return None
        for source in (loop.into[found], *(s for s, _ in loop.lent.get(found, ()))):
            if source < 0:
                continue
            last = loop.last.get(source, -1)
            # another that is as large might be a view of it
            if self._alike[program.shapes[source]] > 1 or last > at or last == at and not loop.can_take(
                    at, instr, source):
                return None
        return found

    def _end(self, number: int) -> int | None:
        """The array of the loop that a result becomes, call by call, each over the one before."""
        loop, program, first, met = self.loop, self.loop.program, self.loop.over.first, []
        while number not in self._ends:
            met.append(number)
            last = loop.last[number]
            made = program.instrs[last].out
            if (last <= first[number] or not loop.can_take(last, program.instrs[last], number)
                    or last in loop.total or self._key(made) != self._key(number) or made in program.closed
                    or first[made] != last):
                break
            number = made
        end = self._ends.get(number)
        self._ends.update(dict.fromkeys(met, end))
        return end
