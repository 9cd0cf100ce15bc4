"""Hooks: what is done around each step of a monitored session (tf.train.SessionRunHook and the small ones)."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..errors import BadState, InvalidValue, OutOfRange
from .framework import get_default_graph
from .global_step import global_step_read
from .logging import error, info, warning

EXPORTS = """
train estimator: SessionRunHook SessionRunArgs SessionRunContext SessionRunValues SecondOrStepTimer StopAtStepHook
train estimator: LoggingTensorHook NanTensorHook NanLossDuringTrainingError FinalOpsHook FeedFnHook
train estimator: GlobalStepWaiterHook
"""


class SessionRunArgs(NamedTuple):
    """What a hook adds to a step: fetches in any nesting, feeds, a RunOptions (tf.train.SessionRunArgs)."""

    fetches: Any
    feed_dict: Any = None
    options: Any = None


class SessionRunValues(NamedTuple):
    """What a hook's fetches came to (tf.train.SessionRunValues)."""

    results: Any
    options: Any
    run_metadata: Any


class SessionRunContext:
    """A step that is about to be taken (tf.train.SessionRunContext).

    original_args: the SessionRunArgs of the program. session: the tf.Session below the hooks.
    """

    def __init__(self, original_args: SessionRunArgs, session: Any) -> None:
        self.original_args, self.session, self.stop_requested = original_args, session, False

    def request_stop(self) -> None:
        """Has ``should_stop()`` of the session be true after this step."""
        self.stop_requested = True


class SessionRunHook:
    """Is asked around each step of a monitored session; each method does nothing (tf.train.SessionRunHook)."""

    def begin(self) -> None:
        """Before the session is made: the graph may still grow."""

    def after_create_session(self, session: Any, coord: Any) -> None:
        """After the variables have their values: the graph is final."""

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        """What the step is to fetch and feed besides."""
        return None

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """After a step that did not fail."""

    def end(self, session: Any) -> None:
        """Before the session is closed, unless a step failed."""


def step_of(hook: Any) -> Any:
    """The tensor that hooks read the global step by. Raises BadState if the graph has no global step."""
    found = global_step_read()
    if found is None:
        raise BadState(f"Global step should be created to use {type(hook).__name__}.",
                       hint="tf.train.get_or_create_global_step(), and minimize(loss, global_step=…)")
    return found


class SecondOrStepTimer:
    """Whether it is time again, by seconds or by steps (tf.train.SecondOrStepTimer).

    Raises InvalidValue unless one of the two is given.
    """

    def __init__(self, every_secs: float | None = None, every_steps: int | None = None) -> None:
        if (every_secs is None) == (every_steps is None):
            raise InvalidValue("Either every_secs or every_steps should be provided." if every_secs is None else
                               "Can not provide both every_secs and every_steps.")
        self._every_secs, self._every_steps = every_secs, every_steps
        self.reset()

    def reset(self) -> None:
        self._step: int | None = None
        self._time = 0.0

    def should_trigger_for_step(self, step: int) -> bool:
        if self._step is None:
            return True
        if step == self._step:
            return False
        if self._every_secs is not None:
            return time.time() >= self._time + self._every_secs
        return step >= self._step + (self._every_steps or 0)

    def update_last_triggered_step(self, step: int) -> tuple[float | None, int | None]:
        """Marks a step; the seconds and the steps since the last one, both None for the first."""
        now, before, then = time.time(), self._step, self._time
        self._step, self._time = step, now
        return (None, None) if before is None else (now - then, step - before)

    def last_triggered_step(self) -> int | None:
        return self._step


class StopAtStepHook(SessionRunHook):
    """Stops after num_steps steps, or at the global step last_step (tf.train.StopAtStepHook)."""

    def __init__(self, num_steps: int | None = None, last_step: int | None = None) -> None:
        if (num_steps is None) == (last_step is None):
            raise InvalidValue("One of num_steps or last_step must be specified." if num_steps is None else
                               "Only one of num_steps or last_step can be specified.")
        self._num_steps, self._last_step = num_steps, last_step

    def begin(self) -> None:
        self._global_step = step_of(self)

    def after_create_session(self, session: Any, coord: Any) -> None:
        if self._last_step is None:
            self._last_step = int(session.run(self._global_step)) + (self._num_steps or 0)

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._global_step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        last = self._last_step or 0
        # what the step fetched may be the number before it
        if run_values.results + 1 >= last and run_context.session.run(self._global_step) >= last:
            run_context.request_stop()


class LoggingTensorHook(SessionRunHook):
    """Logs tensors every so many steps or seconds, or at the end (tf.train.LoggingTensorHook).

    tensors: a list of tensors or names, or {tag: tensor}. formatter: a function of {tag: value} that gives the text.
    """

    def __init__(self, tensors: Any, every_n_iter: int | None = None, every_n_secs: float | None = None,
                 at_end: bool = False, formatter: Callable[[dict[Any, Any]], str] | None = None) -> None:
        never = every_n_iter is None and every_n_secs is None
        if never and not at_end or every_n_iter is not None and every_n_secs is not None:
            raise InvalidValue("either at_end and/or exactly one of every_n_iter and every_n_secs must be provided.")
        if every_n_iter is not None and every_n_iter <= 0:
            raise InvalidValue(f"invalid every_n_iter={every_n_iter}.")
        self._timer = None if never else SecondOrStepTimer(every_n_secs, every_n_iter)
        self._tags = sorted(tensors) if isinstance(tensors, dict) else list(tensors)
        self._tensors = tensors if isinstance(tensors, dict) else {t: t for t in tensors}
        self._formatter, self._at_end = formatter, at_end

    def begin(self) -> None:
        if self._timer is not None:
            self._timer.reset()
        self._count = 0
        self._fetched = {tag: _output(t) for tag, t in self._tensors.items()}

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        self._due = self._timer is not None and self._timer.should_trigger_for_step(self._count)
        return SessionRunArgs([self._fetched[t] for t in self._tags]) if self._due else None

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if self._due:
            self._log(run_values.results)
        self._count += 1

    def end(self, session: Any) -> None:
        if self._at_end:
            self._log(session.run([self._fetched[t] for t in self._tags]))

    def _log(self, values: list[Any]) -> None:
        seconds = self._timer.update_last_triggered_step(self._count)[0] if self._timer is not None else None
        with np.printoptions(suppress=True):
            text = self._formatter(dict(zip(self._tags, values))) if self._formatter else \
                ", ".join(f"{tag} = {value}" for tag, value in zip(self._tags, values))
        info("%s (%.3f sec)", text, seconds) if seconds is not None and not self._formatter else info("%s", text)


def _output(thing: Any) -> Any:
    """The tensor of this graph that a tensor or name means. Raises InvalidValue for one of another graph."""
    graph: Any = get_default_graph()
    if isinstance(thing, str):
        return graph.as_graph_element(thing if ":" in thing else f"{thing}:0")
    if getattr(thing, "graph", None) is not graph:
        raise InvalidValue(f"Passed {thing!r} should have graph attribute that is equal to current graph.")
    return thing


class NanLossDuringTrainingError(RuntimeError):
    """The loss is no number (tf.train.NanLossDuringTrainingError)."""

    def __str__(self) -> str:
        return "NaN loss during training."


class NanTensorHook(SessionRunHook):
    """Stops where the loss is NaN, with an error unless fail_on_nan_loss is false (tf.train.NanTensorHook)."""

    def __init__(self, loss_tensor: Any, fail_on_nan_loss: bool = True) -> None:
        self._loss, self._fail = loss_tensor, fail_on_nan_loss

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._loss)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if np.isnan(run_values.results):
            if self._fail:
                error("Model diverged with loss = NaN.")
                raise NanLossDuringTrainingError
            warning("Model diverged with loss = NaN.")
            run_context.request_stop()


class GlobalStepWaiterHook(SessionRunHook):
    """Waits before the first step until the global step is wait_until_step (tf.train.GlobalStepWaiterHook)."""

    def __init__(self, wait_until_step: int) -> None:
        self._until = wait_until_step

    def begin(self) -> None:
        self._started = self._until <= 0
        self._global_step = step_of(self)

    def before_run(self, run_context: SessionRunContext) -> None:
        if not self._started:
            info("Waiting for global step %d before starting training.", self._until)
        while not self._started:
            self._started = bool(run_context.session.run(self._global_step) >= self._until)
            if not self._started:
                time.sleep(0.5)


class FinalOpsHook(SessionRunHook):
    """Runs ops at the end; final_ops_values has what they came to (tf.train.FinalOpsHook)."""

    def __init__(self, final_ops: Any, final_ops_feed_dict: Any = None) -> None:
        self._final_ops, self._feeds = final_ops, final_ops_feed_dict
        self.final_ops_values: Any = None

    def end(self, session: Any) -> None:
        if self._final_ops is not None:
            try:
                self.final_ops_values = session.run(self._final_ops, feed_dict=self._feeds)
            except (OutOfRange, StopIteration):
                warning("the ops of FinalOpsHook read input that is at its end")
                raise


class FeedFnHook(SessionRunHook):
    """Feeds each step with what a function gives (tf.train.FeedFnHook)."""

    def __init__(self, feed_fn: Callable[[], Any]) -> None:
        self.feed_fn = feed_fn

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(fetches=None, feed_dict=self.feed_fn())
