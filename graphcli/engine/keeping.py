"""Keeping: what the programs of a plan keep from step to step, as their texts say before anything is made."""
from __future__ import annotations

from collections.abc import Set
from math import prod
from typing import TYPE_CHECKING, Any

from ..passes.taken import Taken
from .blocks import Laid, writer
from .room import Room, Sizes
from .structured_order import Fused, in_rows
from .workers import Workers

if TYPE_CHECKING:
    from .plan import Plan, Step
    from .program import Program

LITTLE = 1 << 10
"""Bytes of an array up to which only what a program hands on is counted: it has few others, and its text takes a while
to write."""


class Keeping:
    """passing: by the number of a step, bytes that its program makes and lets go. loose: see ``owners``."""

    def __init__(self, plan: Plan, threads: int, block: int, loose: Set[int] = frozenset()) -> None:
        self.rooms: dict[Any, Room] = {}
        self.little = 0
        self.passing: dict[int, int] = {}
        workers, branches = Workers(threads), plan.branches
        for step in plan.steps:
            for part in _programs(step):
                program, laid = part.program, Laid.of(part, plan)
                assert program is not None
                if laid.alone(program):
                    continue
                if loose.isdisjoint(step.inputs) and all(_size(program, i.out) <= LITTLE for i in program.instrs):
                    self.little += sum(_size(program, n) for n, kept in zip(laid.outputs, laid.kept) if kept)
                    continue
                room = self.rooms.setdefault((step.device, branches.get(step.number, -1)), Sizes())
                written = writer(program, laid, workers, block, room).write()
                given = zip(step.inputs, program.inputs.values()) if step.program is not None else ()
                passing = written.passing + max([written.blocks.get(n, 0) for o, n in given if o in loose], default=0)
                self.passing[step.number] = max(passing, self.passing.get(step.number, 0))

    @property
    def nbytes(self) -> int:
        """Bytes of all that is kept."""
        return self.little + sum(r.nbytes for r in self.rooms.values())


def _programs(step: Step) -> list[Step]:
    """A step of a program, or one for each of those in a region."""
    if step.program is not None:
        return [step]
    if step.structured is None:
        return []
    return [step.of(i.program) for i in in_rows(step.structured)
            if isinstance(i, Fused) and not isinstance(i.program, Taken)]


def _size(program: Program, number: int) -> int:
    return int(prod(program.shapes[number]) * program.dtypes[number].itemsize)
