"""Side by side: how much devices hold together, each at a step of its own.

Which steps meet is left to chance; they may where neither has to wait for the other. For each step of a device every
other device is taken at the worst of the steps that may run meanwhile.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .memory import Peak

if TYPE_CHECKING:
    from .plan import Step

MANY = 400
"""Steps beyond which a plan is not looked through: what all its devices hold in the order of the plan is told."""


class SideBySide:
    """sizes: of values, None where not known. owner: value -> the value whose memory it is in, -1 for one that is not
    the plan's. kept: values that are fetched. scratch: bytes by step, None where that is not known."""

    def __init__(self, steps: Sequence[Step], sizes: Mapping[int, int | None], owner: Mapping[int, int],
                 kept: Sequence[int], scratch: Mapping[int, int | None]) -> None:
        self.steps = steps
        self.scratch = scratch
        self.made: dict[int, dict[int, int]] = {s.number: {} for s in steps}
        """By step the memory that it makes, and its bytes."""
        self.uses: dict[int, int] = {}
        """By memory the steps that use it, as bits."""
        self.unknown = None in [scratch.get(s.number, 0) for s in steps]
        self.kept = {owner.get(v, v) for v in kept}
        maker: dict[int, int] = {}
        met: set[int] = set()
        for step in steps:
            maker.update((v, step.number) for v in step.outputs if v >= 0)
            for value in step.outputs:
                memory = owner.get(value, value)
                if value >= 0 and memory >= 0:
                    self.unknown |= sizes.get(value) is None
                    if memory not in met:
                        self.made[step.number][memory] = sizes.get(value) or 0
                    met.add(memory)
            for operand in (*step.inputs, *step.outputs):
                if isinstance(operand, int) and operand >= 0:
                    memory = owner.get(operand, operand)
                    self.uses[memory] = self.uses.get(memory, 0) | 1 << step.number
        self.before = self._before(maker)

    def _before(self, maker: Mapping[int, int]) -> list[int]:
        """For each step those that have ended when it begins, as bits."""
        out: list[int] = []
        last: dict[str, int] = {}
        for step in self.steps:
            waits = [*step.after, *(maker[o] for o in step.inputs if isinstance(o, int) and o in maker)]
            waits += [last[step.device]] if step.device in last else []
            found = 0
            for other in waits:
                if other != step.number:
                    found |= out[other] | 1 << other
            out.append(found)
            last[step.device] = step.number
        return out

    def _held(self, numbers: Sequence[int], done: int) -> dict[int, int]:
        """What a device holds of what these steps of its made: memory that a step uses which need not have ended."""
        return {m: size for n in numbers for m, size in self.made[n].items()
                if m in self.kept or self.uses[m] & ~done}

    def _moment(self, mine: Sequence[int], at: int, done: int) -> tuple[int, dict[int, int]]:
        """What a device holds, and which memory, while it takes the step ``mine[at]``; done: steps that have ended."""
        done |= self.before[mine[at]]
        held = self._held(mine[:at + 1], done)
        return sum(held.values()) + (self.scratch.get(mine[at]) or 0), held

    def peak(self, ending: int) -> Peak:
        """The most that may be held at once. ending: bytes of copies of what is fetched."""
        devices: dict[str, list[int]] = {}
        for step in self.steps:
            devices.setdefault(step.device, []).append(step.number)
        best: tuple[int, int, dict[int, int]] = (0, 0, {})
        for step in self.steps:
            done, here = self.before[step.number], devices[step.device]
            total, alive = self._moment(here, here.index(step.number), done)
            for device, mine in devices.items():
                if device == step.device:
                    continue
                ended = [n for n in mine if done >> n & 1]
                resting = self._held(ended, done)
                moments = [(sum(resting.values()), resting)]
                moments += [self._moment(mine, at, done) for at in range(len(ended), len(mine))
                            if not self.before[mine[at]] >> step.number & 1]
                most = max(moments, key=lambda m: m[0])
                total, alive = total + most[0], {**alive, **most[1]}
            if total > best[0]:
                best = total, step.number, alive
        final = {m: size for made in self.made.values() for m, size in made.items() if m in self.kept}
        if sum(final.values()) + ending > best[0]:
            best = sum(final.values()) + ending, self.steps[-1].number, final
        return Peak(*best, self.unknown)
