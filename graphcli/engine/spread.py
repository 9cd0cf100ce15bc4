"""Spread: a row that several steps add to the rows of matrices that lie column by column is made such a matrix once.

Each number of the row meets one column there, so a call runs over each column apart; matrices that lie alike are one
run.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np

from .room import aligned

if TYPE_CHECKING:
    from .instr import Shape
    from .plan import Operand, Step

MANY = 3
"""Steps from which it pays: to lay a row out takes as long as two calls lose."""

Spread = tuple["Operand", "Shape", Any]
"""An operand that is a row, and the shape and dtype of the matrix."""


def spreads(steps: Sequence[Step], matrices: Set[int]) -> dict[tuple[int, int], Spread]:
    """By the numbers of a step and of its input what takes the place of a row. matrices: those that lie column by
    column."""
    found = {}
    for step in steps:
        program = step.program
        if program is None or program.shape is not None or matrices.isdisjoint(_values(step)):
            continue
        for i, (operand, number) in enumerate(zip(step.inputs, program.inputs.values())):
            shape = _met(program, number)
            if shape is not None:
                found[step.number, i] = operand, shape, program.dtypes[number]
    often = Counter(found.values())
    return {at: spread for at, spread in found.items() if often[spread] >= MANY}


def _values(step: Step) -> set[int]:
    return {o for o in (*step.inputs, *step.outputs) if isinstance(o, int)}


def _met(program: Any, number: int) -> Shape | None:
    """The shape of the matrices to whose rows a program adds a row, or so; None where it does anything else with it."""
    shapes = program.shapes
    if len(shapes[number]) != 1 or number in program.written or number in program.outputs.values():
        return None
    met = [i for i in program.instrs if any(isinstance(a, int) and a == number for a in i.args)]
    made = {shapes[i.out] for i in met}
    shape = made.pop() if len(made) == 1 else ()
    whole = len(shape) == 2 and shape[1:] == shapes[number] and all(
        i.kind == "call" and any(isinstance(a, int) and shapes[a] == shape for a in i.args) for i in met)
    return shape if whole else None


def spreader(shape: Shape, dtype: Any) -> Callable[[Any], Any]:
    """A function that lays a row out as a matrix, in an array that it keeps."""
    out = aligned(shape[::-1], dtype, 0).T
    copy = np.copyto

    def spread(row: Any) -> Any:
        copy(out, row)
        return out

    return spread


def written(step: Step) -> set[Any]:
    """The variables that a step may write to."""
    from .plan import Live, Ref

    out = {o.variable for o in step.inputs if isinstance(o, Ref)}
    if step.program is not None:
        numbers: Mapping[Any, int] = step.program.inputs
        out.update(o.variable for o, n in zip(step.inputs, numbers.values())
                   if isinstance(o, Live) and n in step.program.written)
    return out
