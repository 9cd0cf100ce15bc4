"""What a person sees of a training run: a bar on a terminal; elsewhere what it comes to, and more where it is asked."""
from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..training.listeners import Interval, Listener
from . import render

if TYPE_CHECKING:
    from ..training.loop import Training


BESIDE = 16
"""Columns of the bar, the time left and the gaps between them, at least."""


def number(value: float) -> str:
    return f"{value:.6g}"


def fitted(epoch: str, step: str, loss: str, rate: str, room: int) -> tuple[str, str]:
    """What stands before the bar and after it, in so many columns: the loss stays, however few there are."""
    for before, told in ((epoch, (step, loss, rate)), (epoch, (loss, rate)), ("", (loss, rate))):
        text = "  ".join(told)
        if len(before) + len(text) <= room:
            return before, text
    return "", loss


class History(Listener):
    """The intervals as JSON has them, each with the evaluation of its last step."""

    def __init__(self, epochs: int | None = None) -> None:
        self.epochs = epochs
        self.rows: list[dict[str, Any]] = []
        self.values: dict[str, float] = {}
        self.at = -1

    def evaluated(self, step: int, values: Mapping[str, float]) -> None:
        self.values, self.at = dict(values), step

    def interval(self, interval: Interval) -> None:
        from .json_values import to_json

        row: dict[str, Any] = {"step": interval.step, "epoch": self.epochs and interval.epoch + 1,
                               "loss": to_json(interval.loss)}
        if self.at == interval.step:
            row["eval"] = {k: to_json(v) for k, v in self.values.items()}
        self.rows.append(row)


class Lines(Listener):
    """One plain line per interval, or for the last alone. alone: nothing else comes of the run, which ends where
    nobody reads the lines any more.
    """

    def __init__(self, epochs: int | None, each: bool, alone: bool = True) -> None:
        self.epochs = epochs
        self.each = each
        self.alone = alone
        self.values: dict[str, float] = {}
        self.at = -1

    def evaluated(self, step: int, values: Mapping[str, float]) -> None:
        self.values, self.at = dict(values), step

    def interval(self, interval: Interval) -> None:
        if self.each or interval.step == interval.steps:
            self.put(self.text(interval))

    def text(self, interval: Interval) -> str:
        words = [f"step {interval.step}/{interval.steps}"]
        if self.epochs is not None:
            words.append(f"epoch {interval.epoch + 1}/{self.epochs}")
        words.append(f"loss {number(interval.loss)}")
        if self.at >= interval.step - 1 and self.values:
            # as the log calls it, where it would be taken for the loss of the interval
            words += [f"{'eval/' if k == 'loss' else ''}{k} {number(v)}" for k, v in self.values.items()]
            self.values = {}
        return "  ".join(words)

    def put(self, line: str) -> None:
        try:
            render.show([line])
            sys.stdout.flush()
        except BrokenPipeError:
            if self.alone:
                raise
            render.silence(1)


class Bar(Lines):
    """A bar on stderr with the rate, the loss and the time left, and the lines above it."""

    def __init__(self, epochs: int | None) -> None:
        super().__init__(epochs, True)
        self.progress: Any = None

    def started(self, run: Training) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.run = run
        self.began, self.first = time.monotonic(), run.step
        self.shown = 0.0
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=None), TextColumn("{task.fields[told]}"),
                   TimeRemainingColumn())
        self.progress = Progress(*columns, console=Console(stderr=True), transient=True, expand=True)
        self.task = self.progress.add_task("training", total=run.steps, completed=run.step, told="")
        self.progress.start()

    def stepped(self, step: int, loss: float, fetched: Any) -> None:
        now = time.monotonic()
        if now - self.shown < 0.1:
            return
        self.shown = now
        epoch = "training" if self.epochs is None else f"epoch {self.run.batches.epoch(step - 1) + 1}/{self.epochs}"
        epoch, told = fitted(epoch, f"step {step}/{self.run.steps}", f"loss {number(loss)}", self.rate(step, now),
                             self.progress.console.width - BESIDE)
        self.progress.update(self.task, completed=step, description=epoch, told=told)

    def rate(self, step: int, now: float) -> str:
        """Rows a second, or steps where there are no rows."""
        steps, size = step - self.first, self.run.batches.size
        return f"{steps * (size or 1) / max(now - self.began, 1e-9):,.0f} {'rows' if size else 'steps'}/s"

    def put(self, line: str) -> None:
        self.progress.console.print(line, highlight=False, markup=False)

    def finished(self, run: Training) -> None:
        self.close()
        now = time.monotonic()
        steps = render.plural(run.step - self.first, "step")
        render.note(f"{steps} in {now - self.began:.1f} s, {self.rate(run.step, now)}")

    def close(self) -> None:
        if self.progress is not None:
            self.progress.stop()


class Log(Listener):
    """An event file: the graph, the loss of each interval, evaluations, the collected summaries."""

    def __init__(self, folder: str, built: Any, loss: str, summaries: list[Any], every: int, steps: int,
                 counter: Any) -> None:
        from ..formats.events.run_log import RunLog

        self.loss, self.summaries, self.every, self.steps = loss, summaries, every, steps
        self.counter = counter
        self.log = RunLog(folder, built.graph)
        self.timeline: Any = None
        self.first = 1

    def started(self, run: Training) -> None:
        self.first = run.step + 1
        if run.step:
            self.log.restarted(self.counter(run.step) + 1)

    def watches(self, step: int) -> Any:
        """The first and the last step are seen node by node."""
        from ..engine.timeline import Timeline

        self.timeline = Timeline(*self.log.timeline()) if step in (self.first, self.steps) else None
        return self.timeline

    def wants(self, step: int) -> list[Any]:
        return self.summaries if step % self.every == 0 or step in (1, self.steps) else []

    def stepped(self, step: int, loss: float, fetched: Any) -> None:
        now = self.counter(step)
        if fetched:
            self.log.write(now, [bytes(s) for s in fetched])
        if self.timeline is not None:
            self.log.costs(now, self.timeline.run_metadata())

    def interval(self, interval: Interval) -> None:
        self.log.write(self.counter(interval.step), [], {self.loss: interval.loss})

    def evaluated(self, step: int, values: Mapping[str, float]) -> None:
        self.log.write(self.counter(step), [], {f"eval/{k}": v for k, v in values.items()})

    def close(self) -> None:
        self.log.close()
        render.note(f"wrote {self.log.path}")
