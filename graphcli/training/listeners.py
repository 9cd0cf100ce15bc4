"""What watches a training run. Every method is optional for a listener that is not derived from Listener."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .loop import Training


@dataclass(frozen=True)
class Interval:
    """What a stretch of steps came to. step: the last of it, from 1; loss: the mean over the stretch."""

    step: int
    steps: int
    epoch: int
    loss: float


class Listener:
    """Does nothing; derive from it and override."""

    def started(self, run: Training) -> None:
        """Before the first step; ``run.step`` says how many are done."""

    def wants(self, step: int) -> Sequence[Any]:
        """Tensors to fetch along with step ``step`` (from 1), before it is taken."""
        return ()

    def watches(self, step: int) -> Any:
        """An engine's listener that is to see step ``step`` (from 1), before it is taken; None for none."""
        return None

    def stepped(self, step: int, loss: float, fetched: Sequence[Any]) -> None:
        """After each step, with what was wanted."""

    def interval(self, interval: Interval) -> None:
        """After each stretch of steps."""

    def evaluated(self, step: int, values: Mapping[str, float]) -> None:
        """After each evaluation."""

    def finished(self, run: Training) -> None:
        """After the last step, or when the run is stopped (``run.stopped``)."""


class Saves(Listener):
    """Calls ``save(step)`` every so many steps, and at the end if anything came after the last."""

    def __init__(self, save: Callable[[int], None], every: int) -> None:
        self.save, self.every = save, every
        self.last = -1

    def started(self, run: Training) -> None:
        self.last = run.step

    def stepped(self, step: int, loss: float, fetched: Sequence[Any]) -> None:
        if step % self.every == 0:
            self._save(step)

    def finished(self, run: Training) -> None:
        if run.step != self.last or not run.step:
            self._save(run.step)

    def _save(self, step: int) -> None:
        self.save(step)
        self.last = step
