"""What a Supervisor has done beside the program's loop: each a thread that takes its turn every so many seconds."""
from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .coordinator import LooperThread
from .global_step import global_step as step_of
from .logging import info
from .modules import modules

if TYPE_CHECKING:
    from .supervisor import Supervisor

tf = modules["tf"]


class _Turn(LooperThread):
    def __init__(self, supervisor: Supervisor, sess: Any, seconds: float) -> None:
        super().__init__(supervisor.coord, seconds)
        self._supervisor, self._session = supervisor, sess


class Summaries(_Turn):
    """Runs the summary_op and writes what it gives."""

    def __init__(self, supervisor: Supervisor, sess: Any) -> None:
        super().__init__(supervisor, sess, supervisor.save_summaries_secs)

    def run_loop(self) -> None:
        of = self._supervisor
        step = [] if of.global_step is None else [of.global_step]
        made, *steps = self._session.run([of.summary_op, *step])
        of.summary_writer.add_summary(made, *steps)


class Steps(_Turn):
    """Writes how many steps there were a second."""

    def __init__(self, supervisor: Supervisor, sess: Any) -> None:
        super().__init__(supervisor, sess, supervisor.save_summaries_secs)
        self._tag = f"{supervisor.global_step.op.name}/sec"

    def start_loop(self) -> None:
        self._then, self._step = time.time(), step_of(self._session, self._supervisor.global_step)

    def run_loop(self) -> None:
        now, step = time.time(), step_of(self._session, self._supervisor.global_step)
        seconds = now - self._then
        rate = (step - self._step) / seconds if seconds > 0 else float("inf")
        self._then, self._step = now, step
        value = tf.Summary.Value(tag=self._tag, simple_value=rate)
        self._supervisor.summary_writer.add_summary(tf.Summary(value=[value]), step)
        info("%s: %g", self._tag, rate)


class Checkpoints(_Turn):
    """Saves the model."""

    def __init__(self, supervisor: Supervisor, sess: Any) -> None:
        super().__init__(supervisor, sess, supervisor.save_model_secs)

    def run_loop(self) -> None:
        of = self._supervisor
        info("Saving checkpoint to path %s", of.save_path)
        of.saver.save(self._session, of.save_path, global_step=of.global_step)
        if of.summary_writer is not None and of.global_step is not None:
            log = tf.SessionLog(status=tf.SessionLog.CHECKPOINT, checkpoint_path=of.save_path)
            of.summary_writer.add_session_log(log, step_of(self._session, of.global_step))
