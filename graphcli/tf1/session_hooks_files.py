"""Hooks that write files: checkpoints, summaries, steps a second (tf.train.CheckpointSaverHook, …)."""
from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ..errors import BadState, InvalidValue
from .framework import get_default_graph
from .global_step import get_global_step
from .logging import info, log_first_n
from .modules import modules
from .session_hooks import (
    SecondOrStepTimer,
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
    step_of,
)

EXPORTS = """
train estimator: CheckpointSaverHook CheckpointSaverListener SummarySaverHook StepCounterHook
"""


class CheckpointSaverListener:
    """Is told of each checkpoint that a CheckpointSaverHook writes (tf.train.CheckpointSaverListener)."""

    def begin(self) -> None:
        """Before the session is made."""

    def before_save(self, session: Any, global_step_value: int) -> None:
        """Before a checkpoint is written."""

    def after_save(self, session: Any, global_step_value: int) -> Any:
        """After it is written; what is true stops the session."""

    def end(self, session: Any, global_step_value: int) -> None:
        """At the end, after the last checkpoint."""


class CheckpointSaverHook(SessionRunHook):
    """Saves at the first step, every so many steps or seconds, and at the end (tf.train.CheckpointSaverHook).

    checkpoint_dir: where checkpoints go, and graph.pbtxt and the graph's events unless save_graph_def is false.
    saver, scaffold: what saves; the one Saver of the collection SAVERS without them.
    """

    def __init__(self, checkpoint_dir: Any, save_secs: float | None = None, save_steps: int | None = None,
                 saver: Any = None, checkpoint_basename: str = "model.ckpt", scaffold: Any = None,
                 listeners: Sequence[CheckpointSaverListener] | None = None, save_graph_def: bool = True) -> None:
        info("Create CheckpointSaverHook.")
        if saver is not None and scaffold is not None:
            raise InvalidValue("You cannot provide both saver and scaffold.")
        self._dir, self._path = checkpoint_dir, os.path.join(checkpoint_dir, checkpoint_basename)
        self._saver, self._scaffold, self._save_graph_def = saver, scaffold, save_graph_def
        self._timer = SecondOrStepTimer(save_secs, save_steps)
        self._listeners = listeners or []

    def begin(self) -> None:
        self._writer = modules["summary"].FileWriterCache.get(self._dir)
        self._global_step = step_of(self)
        for listener in self._listeners:
            listener.begin()

    def after_create_session(self, session: Any, coord: Any) -> None:
        step = session.run(self._global_step)
        graph: Any = get_default_graph()
        train = modules["train"]
        if self._save_graph_def:
            train.write_graph(graph.as_graph_def(add_shapes=True), self._dir, "graph.pbtxt")
        self._writer.add_graph(graph)
        self._writer.add_meta_graph(train.export_meta_graph(graph=graph, saver_def=self._own_saver().saver_def))
        self._save(session, step)
        self._timer.update_last_triggered_step(step)

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._global_step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        # one run of the program may take many steps: whether it is time is seen by the number after it
        step = run_context.session.run(self._global_step)
        if self._timer.should_trigger_for_step(step):
            self._timer.update_last_triggered_step(step)
            if self._save(run_context.session, step):
                run_context.request_stop()

    def end(self, session: Any) -> None:
        step = session.run(self._global_step)
        if step != self._timer.last_triggered_step():
            self._save(session, step)
        for listener in self._listeners:
            listener.end(session, step)

    def _save(self, session: Any, step: int) -> bool:
        for listener in self._listeners:
            listener.before_save(session, step)
        info("Saving checkpoints for %d into %s.", step, self._path)
        self._own_saver().save(session, self._path, global_step=step, write_meta_graph=self._save_graph_def)
        log = modules["tf"].SessionLog
        self._writer.add_session_log(log(status=log.CHECKPOINT, checkpoint_path=self._path), step)
        # every listener is told, whoever asks to stop
        return any([listener.after_save(session, step) for listener in self._listeners])

    def _own_saver(self) -> Any:
        if self._saver is None and self._scaffold is not None:
            return self._scaffold.saver
        if self._saver is None:
            savers = get_default_graph().get_collection("savers")
            if len(savers) != 1:
                raise BadState("No items in collection savers. Please add a saver to the collection or provide a saver "
                               "or scaffold." if not savers else "More than one item in collection savers. Please "
                               "indicate which one to use by passing it to the constructor.")
            self._saver = savers[0]
        return self._saver


class SummarySaverHook(SessionRunHook):
    """Writes summaries at the first step and every so many steps or seconds (tf.train.SummarySaverHook).

    summary_op: a tensor of a Summary, or a list; that of the scaffold without it. output_dir, summary_writer: whereto.
    """

    def __init__(self, save_steps: int | None = None, save_secs: float | None = None, output_dir: Any = None,
                 summary_writer: Any = None, scaffold: Any = None, summary_op: Any = None) -> None:
        if (scaffold is None) == (summary_op is None):
            raise InvalidValue("Exactly one of scaffold or summary_op must be provided.")
        self._op, self._scaffold = summary_op, scaffold
        self._dir, self._writer = output_dir, summary_writer
        self._timer = SecondOrStepTimer(save_secs, save_steps)

    def begin(self) -> None:
        if self._writer is None and self._dir:
            self._writer = modules["summary"].FileWriterCache.get(self._dir)
        self._next: int | None = None
        self._global_step = step_of(self)

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        self._due = self._next is None or self._timer.should_trigger_for_step(self._next)
        op = self._op if self._op is not None else self._scaffold.summary_op
        wanted = [] if op is None or not self._due else op if isinstance(op, list) else [op]
        return SessionRunArgs([self._global_step, wanted])

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if self._writer is None:
            return
        before, summaries = run_values.results
        step = run_context.session.run(self._global_step) if self._due else before + 1
        if self._next is None:
            log = modules["tf"].SessionLog
            self._writer.add_session_log(log(status=log.START), step)
        if self._due:
            self._timer.update_last_triggered_step(step)
            for summary in summaries:
                self._writer.add_summary(summary, step)
        self._next = step + 1

    def end(self, session: Any = None) -> None:
        if self._writer is not None:
            self._writer.flush()


class StepCounterHook(SessionRunHook):
    """Logs, and writes as a summary, how many steps are taken a second (tf.train.StepCounterHook)."""

    def __init__(self, every_n_steps: int | None = 100, every_n_secs: float | None = None, output_dir: Any = None,
                 summary_writer: Any = None) -> None:
        if (every_n_steps is None) == (every_n_secs is None):
            raise InvalidValue("exactly one of every_n_steps and every_n_secs should be provided.")
        self._timer = SecondOrStepTimer(every_n_secs, every_n_steps)
        self._dir, self._writer = output_dir, summary_writer
        self._last: int | None = None

    def begin(self) -> None:
        if self._writer is None and self._dir:
            self._writer = modules["summary"].FileWriterCache.get(self._dir)
        self._global_step = step_of(self)
        self._tag = f"{get_global_step().op.name}/sec"

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._global_step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        before = run_values.results
        if self._timer.should_trigger_for_step(before + 1):
            step = run_context.session.run(self._global_step)
            if self._timer.should_trigger_for_step(step):
                seconds, steps = self._timer.update_last_triggered_step(step)
                if seconds:
                    self._tell((steps or 0) / seconds, step)
        if before == self._last:
            log_first_n(modules["logging"].WARN, "It seems that global step (tf.train.get_global_step) has not been "
                        "increased: it is %s, as before. You could increase it by passing tf.train.get_global_step() "
                        "to Optimizer.apply_gradients or Optimizer.minimize.", 5, before)
        self._last = before

    def _tell(self, rate: float, step: int) -> None:
        if self._writer is not None:
            summary = modules["tf"].Summary
            self._writer.add_summary(summary(value=[summary.Value(tag=self._tag, simple_value=rate)]), step)
        info("%s: %g", self._tag, rate)
