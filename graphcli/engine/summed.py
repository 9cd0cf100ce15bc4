"""Summed: a value of a loop to which each turn adds a product of matrices (``passes/taken.py``)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..passes.taken import Taken
from .accumulated import Adding, axes_of_terms, turning


class Sum:
    """start: what it begins with, of which it is a copy. Products of few terms wait until there are some, and are
    added as one; nobody asks for the sum before ``total()``."""

    __slots__ = ("way", "out", "waiting", "operands")

    def __init__(self, way: Way, start: Any) -> None:
        self.way = way
        self.out = np.array(start, order="C")
        self.waiting = 0
        self.operands: tuple[Any, ...] = ()

    def add(self, a: Any, b: Any) -> Sum:
        """Adds the product of two matrices."""
        way = self.way
        if way.stack == 1:
            way.added(self.out, *way.turn(a, b), 1)
            return self
        if not self.operands:
            self.operands = tuple(np.empty(s, self.out.dtype) for s in way.rooms)
        for room, x, step, axis in zip(self.operands, (a, b), way.steps, way.axes):
            first = self.waiting * step
            room[(slice(None),) * axis + (slice(first, first + step),)] = x
        self.waiting += 1
        if self.waiting == way.stack:
            self._flush()
        return self

    def _flush(self) -> None:
        way, many = self.way, self.waiting
        some = [room[(slice(None),) * axis + (slice(0, many * step),)]
                for room, step, axis in zip(self.operands, way.steps, way.axes)]
        way.added(self.out, *way.turn(*some), 1)
        self.waiting = 0

    def total(self) -> Any:
        """The sum, which nothing is added to any more."""
        if self.waiting:
            self._flush()
        self.operands = ()
        return self.out


class Way:
    """How the products of a loop's sum are added: ``way(start)`` is a sum."""

    def __init__(self, taken: Taken, kernel: Callable[..., Any], adding: Adding) -> None:
        turn = turning(taken.product)
        self.turn = turn
        # what is turned twice is what it was: a kernel takes its operands before they are turned
        self.added = adding(lambda a, b: kernel(*turn(a, b)), True)
        self.stack = taken.stack
        self.axes = axes_of_terms(taken.product)
        self.steps = tuple(s[axis] for s, axis in zip(taken.shapes, self.axes))
        self.rooms = tuple(tuple(d * (taken.stack if i == axis else 1) for i, d in enumerate(s))
                           for s, axis in zip(taken.shapes, self.axes))

    def __call__(self, start: Any) -> Sum:
        return Sum(self, start)
