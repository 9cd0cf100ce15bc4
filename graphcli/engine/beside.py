"""Beside: short rows of a loop lie side by side as one line, and what all rows share is laid out along it.

numpy's inner loop over a few elements is mostly its own cost: a bias of 8 channels is added in a fifth of the time.
"""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from .program import FLAT, Program

SHORT, LINE = 128, 1024
"""Elements of a row that is short, and of a line of such, at most."""


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
    return next(many for many in range(max(1, min(rows, LINE // inner)), 0, -1) if not rows % many)


def beside(x: Any, many: int) -> Any:
    """What all rows share, for so many rows."""
    out = np.empty((many, x.size), x.dtype)
    out[...] = x.reshape(-1)
    return out.reshape(-1)
