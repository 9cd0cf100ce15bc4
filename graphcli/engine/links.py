"""Links: what the parts of a plan on several devices send each other, each value through a queue of its own."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .plan import Plan

if TYPE_CHECKING:
    from queue import SimpleQueue

    from .part import Part


class Stopped(Exception):
    """Another device failed; this one has nothing to do any more."""


STOP = object()


def take(queue: SimpleQueue[Any]) -> Any:
    value = queue.get()
    if value is STOP:
        raise Stopped
    return value


def find_sends(plan: Plan, device: str) -> list[tuple[Any, str]]:
    """(value number or ('step', n), receiving device) of all that a device sends."""
    mine = {s.number for s in plan.steps if s.device == device}
    out: dict[tuple[Any, str], None] = {}
    for step in plan.steps:
        if step.device == device:
            continue
        for operand in step.inputs:
            if isinstance(operand, int) and plan.owners.get(operand) == device:
                out[operand, step.device] = None
        for number in step.after:
            if number in mine:
                out[("step", number), step.device] = None
    return list(out)


def connect(parts: Sequence[Part]) -> None:
    """Numbers the queues: one for each value and each device that receives it."""
    number = 0
    by_device = {p.device: p for p in parts}
    for part in parts:
        part.first_queue = number
        for what, target in part.sends:
            by_device[target].receives[what] = number
            number += 1
