"""One step of a region, by TensorFlow's rules of dataflow.

A node runs once for each iteration of the frame that it stands in, when all its inputs have come. A
Switch makes one of its outputs dead, what a dead value reaches is dead, and a Merge takes the value that
is not. Nodes run one at a time: in an iteration in the order of the plan, then the loops in it, and then the next.
"""
from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.kernel import Slot
from .failures import dead
from .flow_units import (
    ALIAS,
    CONST,
    DEAD,
    INTO,
    JOIN,
    NOTHING,
    ON,
    OUT,
    TEST,
    TRIGGER,
    VARIABLE,
    Frame,
    Iteration,
    Unit,
    compute,
    snapshot,
)

if TYPE_CHECKING:
    from .flow import FlowKernel


class FlowRun:
    """One step of a region."""

    def __init__(self, flow: FlowKernel, values: Sequence[Any]) -> None:
        self.flow = flow
        self.results: list[Any] = [DEAD] * len(flow.exports)
        self.queue: list[tuple[tuple[int, ...], int, int, Unit, Iteration, bool]] = []
        self.frames: dict[tuple[Iteration, str], Frame] = {}
        self.ticket = 0
        root = Frame("", None, 0, 0)
        self.root = self._iteration(root, 0)
        self.root.busy = 1
        for unit in flow.units.values():
            if unit.given:
                inputs = self._inputs(unit, self.root)
                for index, number in unit.given:
                    inputs[index] = values[number]
                if unit.kind == JOIN:
                    for index, _ in unit.given:
                        self.deliver(unit, index, inputs[index], self.root, False)
                else:
                    self.root.missing[unit] -= len(unit.given)
                    if not self.root.missing[unit]:
                        self._ready(unit, self.root)
            elif not unit.arity and not unit.controls:
                self._ready(unit, self.root)

    def finish(self) -> tuple[Any, ...]:
        queue = self.queue
        try:
            while queue:
                _, _, _, unit, iteration, is_dead = heapq.heappop(queue)
                self._step(unit, iteration, is_dead)
                self._free(iteration)
        finally:
            # a frame and its iterations hold each other
            for frame in (self.root.frame, *self.frames.values()):
                frame.iterations.clear()
        out = []
        for tensor, value in zip(self.flow.exports, self.results):
            if value is DEAD and not self.flow.partly:
                raise dead(tensor)
            out.append(snapshot(value))
        return tuple(out)

    # -- bookkeeping

    def _iteration(self, frame: Frame, number: int) -> Iteration:
        made = frame.iterations[number] = Iteration(frame, number)
        return made

    def _inputs(self, unit: Unit, iteration: Iteration) -> list[Any]:
        inputs = iteration.inputs.get(unit)
        if inputs is None:
            inputs = iteration.inputs[unit] = [DEAD] * unit.arity
            iteration.missing[unit] = unit.controls + (0 if unit.kind == JOIN else unit.arity)
        return inputs

    def _ready(self, unit: Unit, iteration: Iteration, is_dead: bool = False) -> None:
        iteration.busy += 1
        self.ticket += 1
        heapq.heappush(self.queue, (iteration.path, unit.place, self.ticket, unit, iteration, is_dead))

    def _free(self, iteration: Iteration) -> None:
        """Counts a node of an iteration as done; drops iterations and frames that are."""
        iteration.busy -= 1
        while not iteration.busy:
            frame = iteration.frame
            number = iteration.number
            if frame.parent is None or number - 1 in frame.iterations or number == 0 and frame.awaited:
                return
            del frame.iterations[number]
            following = frame.iterations.get(number + 1)
            if following is not None:
                iteration = following
                continue
            if frame.awaited:
                return
            parent = frame.parent
            for unit in self.flow.exits.get(frame.name, ()):
                if unit not in frame.left:
                    self._send(unit, [DEAD] * unit.outputs, True, parent)
            self.frames.pop((parent, frame.name), None)
            parent.busy -= 1
            iteration = parent

    def deliver(self, unit: Unit, index: int, value: Any, iteration: Iteration, from_enter: bool) -> None:
        inputs = self._inputs(unit, iteration)
        if unit.kind == JOIN:
            if unit in iteration.merged:
                return
            if value is DEAD:
                gone = iteration.dead[unit] = iteration.dead.get(unit, 0) + 1
                if not (from_enter or gone == unit.arity):
                    return
                iteration.dead[unit] = -1
            else:
                inputs[index] = value
                inputs.append(index)
            self._merge_if_ready(unit, iteration)
            return
        inputs[index] = value
        if value is DEAD:
            iteration.dead[unit] = 1
        self._arrived(unit, iteration)

    def _merge_if_ready(self, unit: Unit, iteration: Iteration) -> None:
        if iteration.missing[unit] or unit in iteration.merged:
            return
        if len(iteration.inputs[unit]) > unit.arity:
            iteration.merged.add(unit)
            self._ready(unit, iteration)
        elif iteration.dead.get(unit) == -1:
            iteration.merged.add(unit)
            self._ready(unit, iteration, True)

    def _arrived(self, unit: Unit, iteration: Iteration) -> None:
        left = iteration.missing[unit] = iteration.missing[unit] - 1
        if not left:
            self._ready(unit, iteration, unit in iteration.dead)

    def control(self, unit: Unit, iteration: Iteration, is_dead: bool) -> None:
        self._inputs(unit, iteration)
        if unit.kind == JOIN:
            iteration.missing[unit] -= 1
            self._merge_if_ready(unit, iteration)
            return
        if is_dead:
            iteration.dead[unit] = 1
        self._arrived(unit, iteration)

    def _send(self, unit: Unit, values: Sequence[Any], is_dead: bool, iteration: Iteration) -> None:
        """Hands the outputs of a node to those that wait for them, in this iteration."""
        from_enter = unit.kind == INTO
        for value, targets in zip(values, unit.targets):
            for other, index in targets:
                self.deliver(other, index, value, iteration, from_enter)
        for other in unit.waiters:
            self.control(other, iteration, is_dead)
        if iteration is self.root:
            for output, value in zip(unit.node.outputs, values):
                at = self.flow.wanted.get(output)
                if at is not None:
                    self.results[at] = value

    # -- one node

    def _step(self, unit: Unit, iteration: Iteration, is_dead: bool) -> None:
        kind = unit.kind
        inputs: list[Any] = iteration.inputs.pop(unit, [])
        if kind == INTO:
            self._enter(unit, iteration, DEAD if is_dead else inputs[0])
        elif kind == OUT:
            if not is_dead:
                iteration.frame.left.add(unit)
                assert iteration.frame.parent is not None
                self._send(unit, [inputs[0]], False, iteration.frame.parent)
        elif kind == ON:
            if not is_dead:
                self._next(unit, iteration, inputs[0])
        elif kind == TRIGGER:
            self._send(unit, (), False, iteration)
        elif is_dead:
            self._send(unit, [DEAD] * unit.outputs, True, iteration)
        elif kind == TEST:
            pred = inputs[1].value if type(inputs[1]) is Slot else inputs[1]
            self._send(unit, (DEAD, inputs[0]) if pred else (inputs[0], DEAD), False, iteration)
        elif kind == JOIN:
            index = inputs[-1]
            self._send(unit, (inputs[index], np.asarray(index, np.int32)), False, iteration)
        elif kind == ALIAS:
            self._send(unit, (inputs[0],), False, iteration)
        elif kind == CONST:
            self._send(unit, (unit.node.attrs["value"],), False, iteration)
        elif kind == VARIABLE:
            self._send(unit, (self.flow.slot(unit.node),), False, iteration)
        elif kind == NOTHING:
            self._send(unit, (), False, iteration)
        else:
            self._send(unit, compute(unit, inputs), False, iteration)

    def _enter(self, unit: Unit, iteration: Iteration, value: Any) -> None:
        key = (iteration, unit.frame)
        frame = self.frames.get(key)
        if frame is None:
            frame = self.frames[key] = Frame(unit.frame, iteration, self.flow.first[unit.frame],
                                              self.flow.enters[unit.frame])
            iteration.busy += 1
            self._iteration(frame, 0)
        frame.awaited -= 1
        first = frame.iterations[0]
        first.busy += 1
        if unit.constant:
            frame.constants.append((unit, value))
            for inner in list(frame.iterations.values()):
                self._send(unit, [value], value is DEAD, inner)
        else:
            self._send(unit, [value], value is DEAD, first)
        self._free(first)

    def _next(self, unit: Unit, iteration: Iteration, value: Any) -> None:
        frame = iteration.frame
        following = frame.iterations.get(iteration.number + 1)
        if following is None:
            following = self._iteration(frame, iteration.number + 1)
            for constant, held in frame.constants:
                self._send(constant, [held], held is DEAD, following)
        self._send(unit, [value], False, following)
