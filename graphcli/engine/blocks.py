"""Blocks: a Program as a function of arrays, one straight line of calls or a loop over blocks.

The text is made of numbers only, and each line remembers the node it came from.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..record import Record
from .block_text import Made, Writer
from .loop import Loop
from .program import Program
from .room import Room
from .straight import Straight
from .turn import turned_within
from .workers import Workers

if TYPE_CHECKING:
    from .plan import Plan, Step

BLOCK = 65536
"""Elements of a block: with a handful of float32 scratch arrays it stays in a core's second cache."""


class Laid(Record):
    """How the arrays of a program lie.

    order: the numbers of its inputs, as it will be called. outputs: the numbers that it returns. into: for each
    output the number of an input whose memory it may take, or -1. kept: for each output whether its array may be
    one that the next step overwrites. turned: the numbers of matrices of a small program that lie column by column.
    """

    order: Sequence[int]
    outputs: Sequence[int]
    into: Sequence[int]
    kept: Sequence[bool]
    turned: frozenset[int] = frozenset()

    @classmethod
    def of(cls, step: Step, plan: Plan) -> Laid:
        """As a plan has it."""
        program = step.program
        assert program is not None
        order = list(program.inputs.values())
        into = plan.layout.into.get(step.number, (-1,) * len(step.outputs))
        return cls(order, list(program.outputs.values()), [order[i] if i >= 0 else -1 for i in into],
                   [o in plan.layout.kept for o in step.outputs],
                   turned_within(step, plan.turned) if plan.turned else frozenset())

    def alone(self, program: Program) -> bool:
        """Whether the program is one call of a ufunc, with these inputs, that gives a new array."""
        if len(program.instrs) != 1 or program.shape is not None or any(self.kept) or max(self.into, default=0) >= 0:
            return False
        instr = program.instrs[0]
        return (instr.kind == "call" and not instr.options and instr.out not in self.order
                and all(isinstance(a, int) for a in instr.args) and instr.args == tuple(self.order))


def build(program: Program, laid: Laid, workers: Workers, block: int = BLOCK, room: Room | None = None) -> Made:
    """The function of a program. room: for what it keeps, shared with programs that never run at the same time."""
    return writer(program, laid, workers, block, room or Room()).make()


def writer(program: Program, laid: Laid, workers: Workers, block: int, room: Room) -> Writer:
    """What writes that function."""
    kind = Straight if program.shape is None else Loop
    return kind(program, laid.order, laid.outputs, laid.into, laid.kept, workers, block, room, laid.turned)
