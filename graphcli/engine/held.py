"""Held: how much of a plan is alive at once, step by step."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .memory import Peak

if TYPE_CHECKING:
    from .plan import Fork, Step


class Held:
    """owner: value -> the value whose memory it is in, -1 for one that is not the plan's. last: value -> the step of
    its last use. scratch: bytes by step, None where that is not known. filled: of stacks and lists the step that fills
    them, and the one that empties them."""

    def __init__(self, steps: Sequence[Step], sizes: Mapping[int, int | None], owner: Mapping[int, int],
                 last: Mapping[int, int], scratch: Mapping[int, int | None],
                 filled: Mapping[int, tuple[int, int | None]]) -> None:
        self.steps = steps
        self.sizes = sizes
        self.owner = owner
        self.last = last
        self.scratch = scratch
        self.fills: dict[int, list[int]] = {}
        self.empties: dict[int, list[int]] = {}
        for value, (fills, empties) in filled.items():
            if owner.get(value, value) == value:
                self.fills.setdefault(fills, []).append(value)
                if empties is not None:
                    self.empties.setdefault(empties, []).append(value)
        self.later = {v for values in self.fills.values() for v in values}
        self.alive: dict[int, set[int]] = {}
        self.bytes: dict[int, int] = {}
        self.now = 0
        self.most, self.where = 0, 0
        self.best: dict[int, int] = {}
        self.unknown = False

    def peak(self, ending: int = 0, forks: Sequence[Fork] = (), threads: int = 1) -> Peak:
        """The most that is alive at once. ending: bytes of copies of what is fetched. forks: whose branches run side by
        side on so many threads, and keep what they took until all have ended."""
        ends: dict[int, list[int]] = {}
        inside = {n: f for f, fork in enumerate(forks) for branch in fork for n in branch}
        made = {v: inside.get(s.number) for s in self.steps for v in s.outputs}
        for value, number in self.last.items():
            fork = inside.get(number)
            if fork is not None and made.get(value) != fork:
                number = forks[fork][-1][-1]
            ends.setdefault(number, []).append(value)
        starts = {fork[0][0]: fork for fork in forks}
        steps = iter(self.steps)
        for step in steps:
            fork_here = starts.get(step.number)
            if fork_here is None:
                self._step(step, ends)
            else:
                self._fork([[step if n == step.number else next(steps) for n in branch] for branch in fork_here],
                           ends, threads)
        self._reached(self.now + ending, self.steps[-1].number if self.steps else 0)
        return Peak(self.most, self.where, self.best, self.unknown)

    def _fork(self, fork: Sequence[Sequence[Step]], ends: Mapping[int, Sequence[int]], threads: int) -> None:
        """Each branch may be where it holds most while others are, and some have ended."""
        base = self.now
        left, above = 0, []
        for branch in fork:
            before = highest = self.now
            for step in branch:
                highest = max(highest, self._step(step, ends))
            left += max(0, self.now - before)
            above.append(highest - max(before, self.now))
        self._reached(base + left + sum(sorted(above)[-threads:]), fork[-1][-1].number)

    def _step(self, step: Step, ends: Mapping[int, Sequence[int]]) -> int:
        """Takes a step; what was held while it ran."""
        for value in step.outputs:
            memory = self.owner.get(value, value)
            if value < 0 or memory < 0:
                continue
            size = self.sizes.get(value)
            self.unknown |= size is None
            if value in self.later:
                size = 0
            if memory not in self.alive:
                self.bytes[memory] = size or 0
                self.now += size or 0
            self.alive.setdefault(memory, set()).add(value)
        within = self.scratch.get(step.number, 0)
        self.unknown |= within is None
        grown, shrunk = self._changes(step)
        total = self.now + (within or 0) + max(0, grown - shrunk)
        self._reached(total, step.number)
        self.now += grown - shrunk
        for value in ends.get(step.number, ()):
            memory = self.owner.get(value, value)
            group = self.alive.get(memory)
            if group is not None:
                group.discard(value)
                if not group:
                    del self.alive[memory]
                    self.now -= self.bytes.pop(memory)
        return total

    def _changes(self, step: Step) -> tuple[int, int]:
        """By how many bytes lists grow in a step, and by how many others shrink."""
        grown = shrunk = 0
        for value in self.fills.get(step.number, ()):
            if value in self.bytes:
                self.bytes[value] = self.sizes.get(value) or 0
                grown += self.bytes[value]
        for value in self.empties.get(step.number, ()):
            if value in self.bytes:
                shrunk += self.bytes[value]
                self.bytes[value] = 0
        return grown, shrunk

    def _reached(self, total: int, number: int) -> None:
        if total > self.most:
            self.most, self.where = total, number
            self.best = {min(values): self.bytes[memory] for memory, values in self.alive.items()}
