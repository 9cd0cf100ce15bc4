"""The loop: a batch, a step, what the listeners say to it, and again."""
from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..engine.session import Session
from ..engine.streams import captured, put_back
from ..errors import InvalidType, InvalidValue, RunError
from .batches import STRETCH, Batches
from .blame import Snapshots, first_nan
from .data import Data
from .evaluate import Evaluation
from .listeners import Interval, Listener
from .state import TrainingState

if TYPE_CHECKING:
    from ..engine.plan import Plan


class Training:
    """A run of steps over data.

    target: what a step runs, one or several. loss: a number that is fetched at each step. data: rows by tensor, None
    (with batches that are Unfed) where the graph makes its own; batches: how they are taken. steps: after how many
    the run ends (from the very first, those of an earlier run included). feeds: the same at every step. listeners:
    what watches (see Listener). every: steps of an interval. evaluation: is made every ``evaluate_every`` steps, an
    epoch by default (100 steps where an epoch is one), and at the end.

    Raises InvalidType for a loss that is no number, InvalidValue for batches that a placeholder of fixed size
    does not take.
    """

    def __init__(self, session: Session, target: Any, loss: Any, data: Data | None, batches: Batches, steps: int,
                 feeds: Mapping[Any, Any] | None = None, listeners: Sequence[Any] = (), every: int | None = None,
                 evaluation: Evaluation | None = None, evaluate_every: int | None = None) -> None:
        self.session, self.batches, self.steps = session, batches, steps
        self.data = data
        self.arrays = {} if data is None else data.arrays
        self.targets = list(target) if isinstance(target, (list, tuple)) else [target]
        self.loss = loss
        self.feeds = dict(feeds or {})
        self.listeners: list[Any] = list(listeners)
        self.every = every or min(batches.stretch, STRETCH)
        self.evaluation = evaluation
        self.evaluate_every = evaluate_every or batches.stretch
        self.step = 0
        """How many steps are done."""
        self.stopped = False
        self.last_loss = math.nan
        self.evaluated: dict[str, float] = {}
        self._since: tuple[float, int] = (0.0, 0)
        self._calls: dict[tuple[Any, ...], Callable[..., Any]] = {}
        self._snapshots = Snapshots(session)
        if data is not None and data.fixed is not None and (data.fixed != batches.size or not batches.drop_last):
            raise InvalidValue(f"a placeholder takes batches of {data.fixed} rows only",
                               hint=f"a batch size of {data.fixed}, and drop_last")

    def state(self) -> TrainingState:
        """Where the run stands, for a checkpoint."""
        since = self._since if self.step % self.every else (0.0, 0)
        return TrainingState.of(self.session, self.batches, self.step, since)

    def resume(self, state: TrainingState) -> None:
        """Goes on where another run stood; its variables must have been restored. Raises InvalidValue."""
        state.check(self.batches)
        self.batches.seed = state.seed
        self.step = state.step
        self._since = state.since
        state.into(self.session)

    def plan(self) -> Plan | None:
        """The plan of the next step, which is kept for it; None after the last. Raises ResourceExhausted where that
        needs more memory than the session gives it."""
        if self.step >= self.steps:
            return None
        return self.session.plan([self.loss, [], self.targets], self._fed(self.step))

    def run(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Takes the steps that are left. stop: asked after each step whether to end here.

        Raises RunError for a loss that is NaN or infinite, with the step, and the op that made it where that
        can be told.
        """
        self._tell("started", self)
        self._snapshots.take(self.step)
        while self.step < self.steps:
            wanted: list[Any] = []
            counts = []
            for listener in self.listeners:
                more = list(getattr(listener, "wants", _nothing)(self.step + 1))
                wanted += more
                counts.append(len(more))
            seen = [getattr(listener, "watches", _no_one)(self.step + 1) for listener in self.listeners]
            watcher = next((w for w in seen if w is not None), None)
            loss, fetched = self._take(self.step, tuple(wanted), watcher)
            self.step += 1
            self.last_loss = loss
            if not math.isfinite(loss):
                raise self._not_finite(loss)
            self._since = total, since = self._since[0] + loss, self._since[1] + 1
            ends = self.step == self.steps
            if self.evaluation is not None and (self.step % self.evaluate_every == 0 or ends):
                self._evaluate()
            at = 0
            for listener, count in zip(self.listeners, counts):
                heard = getattr(listener, "stepped", None)
                if heard is not None:
                    heard(self.step, loss, fetched[at:at + count])
                at += count
            if self.step % self.every == 0 or ends:
                epoch = self.batches.epoch(self.step - 1)
                self._tell("interval", Interval(self.step, self.steps, epoch, total / since))
                if self.step % self.every == 0:
                    self._since = (0.0, 0)
                self._snapshots.take(self.step)
            if stop() and not ends:
                self.stopped = True
                break
        self._tell("finished", self)

    def _take(self, step: int, wanted: tuple[Any, ...], watcher: Any) -> tuple[float, list[Any]]:
        if watcher is not None:
            loss, fetched, _ = self.session.watched(watcher, [self.loss, list(wanted), self.targets],
                                                    self._fed(step))
            return self._number(loss), fetched
        call = self._calls.get(wanted)
        if call is None:
            call = self._calls[wanted] = self.session.make_callable(
                [self.loss, list(wanted), self.targets], [*self.arrays, *self.feeds])
        part = self.batches.at(step)
        loss, fetched, _ = call(*(a[part] for a in self.arrays.values()), *self.feeds.values())
        return self._number(loss), fetched

    def _fed(self, step: int) -> dict[Any, Any]:
        part = self.batches.at(step)
        return {t: a[part] for t, a in self.arrays.items()} | self.feeds

    def _number(self, loss: Any) -> float:
        dtype, shape = getattr(loss, "dtype", type(loss).__name__), list(getattr(loss, "shape", ()))
        if shape or getattr(dtype, "kind", "") not in ("f", "i", "u", "b") and str(dtype) not in ("bfloat16", "float"):
            raise InvalidType(f"the loss of a step is one number; this one is {dtype} {shape}",
                              hint="reduce_mean makes one of several" if shape else None)
        return float(loss)

    def _evaluate(self) -> None:
        assert self.evaluation is not None
        # looking must not change what is trained: random ops go on as if nothing had been evaluated
        streams = captured(self.session.state)
        self.evaluated = self.evaluation.run()
        put_back(self.session.state, streams, self.session.graph.nodes)
        self._tell("evaluated", self.step, self.evaluated)

    def _tell(self, what: str, *args: Any) -> None:
        for listener in self.listeners:
            heard = getattr(listener, what, None)
            if heard is not None:
                heard(*args)

    def _not_finite(self, loss: float) -> RunError:
        what = "NaN" if math.isnan(loss) else "infinite"
        fed = None if self.data is None else self.data.not_finite(self.batches.at(self.step - 1))
        error = RunError(f"the loss is {what} at step {self.step}",
                         hint="a smaller learning rate, or clipped gradients?" if fed is None else None)
        if fed is not None:
            error.note(f"{fed[0]} holds NaN or infinity, in this batch first in row {fed[1]}")
        found = first_nan(self._snapshots, self.step, self._watched) if math.isnan(loss) else None
        if found is not None:
            step, node = found
            where = "this step" if step == self.step else f"step {step}"
            error.note(f"the first NaN was made in {where} by {node.name} ({node.type})", node.span)
        return error

    def _watched(self, step: int, listener: Any) -> None:
        self.session.watched(listener, [self.loss, self.targets], self._fed(step))


def _nothing(step: int) -> tuple[Any, ...]:
    return ()


def _no_one(step: int) -> None:
    return None


__all__ = ["Interval", "Listener", "Training"]
