"""Beside: which programs have short rows that lie side by side as one line (``ops/_lines.py``)."""
from __future__ import annotations

from math import prod

import numpy as np

from ..ops._lines import rows_of_a_line
from .program import FLAT, Program

SHORT = 128
"""Elements of a row that is short, at most."""


def side_by_side(program: Program, inner: int, rows: int) -> int:
    """How many rows of so many elements make a line: of programs that treat elements apart."""
    shape, split = program.shape, program.split
    if shape is None or split == FLAT or inner > SHORT or program.closed or any(
            i.kind == "reduce" for i in program.instrs):
        return 1
    held = [np.shape(a) for i in program.instrs for a in i.args if not isinstance(a, int)]
    shared = {s for s in (*program.shapes, *held) if prod(s) > 1 and s != shape}
    row = (1,) * split + shape[split:]
    if not shared or any(((1,) * len(shape) + s)[-len(shape):] != row for s in shared):
        return 1
    return rows_of_a_line(rows, inner)
