"""Blocks: a Program as a function of arrays, one straight line of calls or a loop over blocks.

The text is made of numbers only, and each line remembers the node it came from.
"""
from __future__ import annotations

from collections.abc import Sequence

from .block_text import Made
from .loop import Loop
from .program import Program
from .room import Room
from .straight import Straight
from .workers import Workers

BLOCK = 65536
"""Elements of a block: with a handful of float32 scratch arrays it stays in a core's second cache."""


def build(program: Program, order: Sequence[int], outputs: Sequence[int], into: Sequence[int],
          kept: Sequence[bool], workers: Workers, block: int = BLOCK, room: Room | None = None,
          turned: frozenset[int] = frozenset()) -> Made:
    """The function of a program.

    order: the numbers of its inputs, as it will be called. outputs: the numbers that it returns. into: for each
    output the number of an input whose memory it may take, or -1. kept: for each output whether its array may be
    one that the next step overwrites. room: for scratch, shared with programs that never run at the same time. turned:
    the numbers of matrices of a small program that lie column by column.
    """
    writer = Straight if program.shape is None else Loop
    return writer(program, order, outputs, into, kept, workers, block, room or Room(), turned).make()
