"""Evaluation of checkpoints, of one or of each as it comes (tf.contrib.training, tf.contrib.slim.evaluation)."""
from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import InvalidValue
from ..graph.collections import GraphKeys
from ..graph.types import int64
from .checkpoint_management import latest_checkpoint
from .framework import control_dependencies, get_collection
from .get_variable import get_variable
from .global_step import get_or_create_global_step
from .global_step import global_step as step_of
from .initializers import Zeros
from .logging import info
from .modules import modules
from .monitored_session import ChiefSessionCreator, MonitoredSession
from .scaffold import Scaffold
from .session_hooks import FinalOpsHook, SessionRunArgs, SessionRunHook

EXPORTS = """
contrib.training: StopAfterNEvalsHook SummaryAtEndHook checkpoints_iterator evaluate_once evaluate_repeatedly
contrib.training: get_or_create_eval_step wait_for_new_checkpoint
train: checkpoints_iterator
contrib.slim.evaluation: evaluate_once=slim_evaluate_once evaluation_loop checkpoints_iterator wait_for_new_checkpoint
"""

tf = modules["tf"]
DEFAULT = 0


def get_or_create_eval_step() -> Any:
    """The local variable that counts evaluations. Raises InvalidValue where there are several."""
    found = get_collection(GraphKeys.EVAL_STEP)
    if len(found) > 1:
        raise InvalidValue("Multiple tensors added to tf.GraphKeys.EVAL_STEP")
    return found[0] if found else get_variable(
        "eval_step", [], int64, Zeros(), trainable=False, collections=[GraphKeys.LOCAL_VARIABLES, GraphKeys.EVAL_STEP])


def wait_for_new_checkpoint(checkpoint_dir: Any, last_checkpoint: str | None = None, seconds_to_sleep: float = 1,
                            timeout: float | None = None) -> str | None:
    """The newest checkpoint as soon as it is another than the last; None after ``timeout`` seconds."""
    info("Waiting for new checkpoint at %s", checkpoint_dir)
    end = None if timeout is None else time.time() + timeout
    while True:
        found = latest_checkpoint(checkpoint_dir)
        if found is not None and found != last_checkpoint:
            info("Found new checkpoint at %s", found)
            return found
        if end is not None and time.time() + seconds_to_sleep > end:
            return None
        time.sleep(seconds_to_sleep)


def checkpoints_iterator(checkpoint_dir: Any, min_interval_secs: float = 0, timeout: float | None = None,
                         timeout_fn: Callable[[], Any] | None = None) -> Iterator[str]:
    """Checkpoints as they come, until none comes for ``timeout`` seconds and timeout_fn is true."""
    last = None
    while True:
        found = wait_for_new_checkpoint(checkpoint_dir, last, timeout=timeout)
        if found is None:
            if not timeout_fn:
                info("Timed-out waiting for a checkpoint.")
                return
            if timeout_fn():
                return
            continue
        start, last = time.time(), found
        yield found
        time.sleep(max(0.0, start + min_interval_secs - time.time()))


class StopAfterNEvalsHook(SessionRunHook):
    """Stops after so many evaluations, never if None (tf.contrib.training.StopAfterNEvalsHook)."""

    def __init__(self, num_evals: int | None, log_progress: bool = True) -> None:
        self._count, self._logs = num_evals, log_progress
        self._done: Any = None
        self._every = 1 if num_evals is None or num_evals < 20 else math.floor(num_evals / 10.0)

    def count_with(self, done: Any) -> None:
        """The tensor that tells how many there were."""
        self._done = done

    # programs call it so
    _set_evals_completed_tensor = count_with

    def before_run(self, run_context: Any) -> SessionRunArgs:
        return SessionRunArgs({"evals_completed": self._done})

    def after_run(self, run_context: Any, run_values: Any) -> None:
        done = run_values.results["evals_completed"]
        if self._logs and self._count is None:
            info("Evaluation [%d]", done)
        elif self._logs and (done % self._every == 0 or done == self._count):
            info("Evaluation [%d/%d]", done, self._count)
        if self._count is not None and done >= self._count:
            run_context.request_stop()


class SummaryAtEndHook(SessionRunHook):
    """Writes summaries at the end (tf.contrib.training.SummaryAtEndHook). Raises InvalidValue without a folder or
    writer."""

    def __init__(self, log_dir: Any = None, summary_writer: Any = None, summary_op: Any = None,
                 feed_dict: Any = None) -> None:
        if log_dir is None and summary_writer is None:
            raise InvalidValue("One of log_dir or summary_writer should be used.")
        self._op, self._all, self._feeds = summary_op, summary_op is None, feed_dict
        self._writer, self._dir = summary_writer, log_dir

    def begin(self) -> None:
        if self._all:
            self._op = tf.summary.merge_all()
        self._step = get_or_create_global_step()

    def after_create_session(self, session: Any, coord: Any) -> None:
        if self._writer is None and self._dir:
            self._writer = tf.summary.FileWriterCache.get(self._dir)

    def end(self, session: Any) -> None:
        if self._op is not None:
            step = step_of(session, self._step)
            made = session.run(self._op, self._feeds)
            if self._writer:
                self._writer.add_summary(made, step)
        if self._writer:
            self._writer.flush()


def _with_count(eval_ops: Any, counted: Any) -> Any:
    if isinstance(eval_ops, dict):
        eval_ops["update_eval_step"] = counted
        return eval_ops
    return [*eval_ops, counted] if isinstance(eval_ops, (tuple, list)) else [eval_ops, counted]


def _said(what: str) -> None:
    info(f"{what} evaluation at " + time.strftime("%Y-%m-%d-%H:%M:%S", time.gmtime()))


def _evaluated(checkpoint: str, master: str, scaffold: Any, config: Any, hooks: list[Any], eval_ops: Any,
               feed_dict: Any) -> None:
    """Runs the ops in a session that is restored, until a hook stops it."""
    _said("Starting")
    creator = ChiefSessionCreator(scaffold, master, config, checkpoint_filename_with_path=checkpoint)
    with MonitoredSession(session_creator=creator, hooks=hooks) as session:
        while eval_ops is not None and not session.should_stop():
            session.run(eval_ops, feed_dict)
    _said("Finished")


def evaluate_once(checkpoint_path: str, master: str = "", scaffold: Any = None, eval_ops: Any = None,
                  feed_dict: Any = None, final_ops: Any = None, final_ops_feed_dict: Any = None, hooks: Any = None,
                  config: Any = None) -> Any:
    """Runs eval_ops of a checkpoint until a hook stops, then final_ops (tf.contrib.training.evaluate_once): their
    values."""
    step = get_or_create_eval_step()
    hooks = list(hooks or [])
    if eval_ops is not None:
        eval_ops = _with_count(eval_ops, tf.assign_add(step, 1, use_locking=True))
        with control_dependencies(list(eval_ops.values()) if isinstance(eval_ops, dict) else eval_ops):
            done = tf.identity(get_or_create_eval_step().read_value())
        for hook in hooks:
            if isinstance(hook, StopAfterNEvalsHook):
                hook.count_with(done)
    final = FinalOpsHook(final_ops, final_ops_feed_dict)
    _evaluated(checkpoint_path, master, scaffold, config, [*hooks, final], eval_ops, feed_dict)
    return final.final_ops_values


def evaluate_repeatedly(checkpoint_dir: Any, master: str = "", scaffold: Any = None, eval_ops: Any = None,
                        feed_dict: Any = None, final_ops: Any = None, final_ops_feed_dict: Any = None,
                        eval_interval_secs: float = 60, hooks: Any = None, config: Any = None,
                        max_number_of_evaluations: int | None = None, timeout: float | None = None,
                        timeout_fn: Callable[[], Any] | None = None) -> Any:
    """evaluate_once of each checkpoint as it comes (tf.contrib.training.evaluate_repeatedly); the last values.

    Ends after max_number_of_evaluations, or where none comes for ``timeout`` seconds.
    """
    step = get_or_create_eval_step()
    hooks = hooks or []
    if eval_ops is not None:
        counted = tf.assign_add(step, 1)
        for hook in hooks:
            if isinstance(hook, StopAfterNEvalsHook):
                hook.count_with(counted)
        eval_ops = _with_count(eval_ops, counted)
    final = FinalOpsHook(final_ops, final_ops_feed_dict)
    hooks.append(final)
    checkpoints = checkpoints_iterator(checkpoint_dir, eval_interval_secs, timeout, timeout_fn)
    for i, checkpoint in enumerate(checkpoints, 1):
        _evaluated(checkpoint, master, scaffold, config, hooks, eval_ops, feed_dict)
        if max_number_of_evaluations is not None and i >= max_number_of_evaluations:
            break
    return final.final_ops_values


def _hooks(num_evals: Any, logdir: Any, summary_op: Any, feeds: Any, hooks: Any) -> list[Any]:
    if isinstance(summary_op, int) and summary_op == DEFAULT:
        summary_op = tf.summary.merge_all()
    made: list[Any] = [StopAfterNEvalsHook(num_evals)]
    if summary_op is not None:
        made.append(SummaryAtEndHook(log_dir=logdir, summary_op=summary_op, feed_dict=feeds))
    return [*made, *(hooks or ())]


def _saver(variables_to_restore: Any) -> Any:
    return None if variables_to_restore is None else tf.train.Saver(variables_to_restore)


def slim_evaluate_once(master: str, checkpoint_path: str, logdir: Any, num_evals: int | None = 1,
                       initial_op: Any = None, initial_op_feed_dict: Any = None, eval_op: Any = None,
                       eval_op_feed_dict: Any = None, final_op: Any = None, final_op_feed_dict: Any = None,
                       summary_op: Any = DEFAULT, summary_op_feed_dict: Any = None, variables_to_restore: Any = None,
                       session_config: Any = None, hooks: Any = None) -> Any:
    """num_evals runs of eval_op, and final_op (tf.contrib.slim.evaluation.evaluate_once): the value of final_op.

    Summaries go to logdir.
    """
    made = _hooks(num_evals, logdir, summary_op, summary_op_feed_dict, hooks)
    scaffold = Scaffold(init_op=initial_op, init_feed_dict=initial_op_feed_dict, saver=_saver(variables_to_restore))
    return evaluate_once(checkpoint_path, master, scaffold, eval_op, eval_op_feed_dict, final_op, final_op_feed_dict,
                         made, session_config)


def evaluation_loop(master: str, checkpoint_dir: Any, logdir: Any, num_evals: int | None = 1, initial_op: Any = None,
                    initial_op_feed_dict: Any = None, init_fn: Any = None, eval_op: Any = None,
                    eval_op_feed_dict: Any = None, final_op: Any = None, final_op_feed_dict: Any = None,
                    summary_op: Any = DEFAULT, summary_op_feed_dict: Any = None, variables_to_restore: Any = None,
                    eval_interval_secs: float = 60, max_number_of_evaluations: int | None = None,
                    session_config: Any = None, timeout: float | None = None, timeout_fn: Any = None,
                    hooks: Any = None) -> Any:
    """evaluate_once of each checkpoint as it comes (tf.contrib.slim.evaluation.evaluation_loop)."""
    made = _hooks(num_evals, logdir, summary_op, summary_op_feed_dict, hooks)
    scaffold = Scaffold(init_op=initial_op, init_feed_dict=initial_op_feed_dict, init_fn=init_fn,
                        saver=_saver(variables_to_restore))
    return evaluate_repeatedly(checkpoint_dir, master, scaffold, eval_op, eval_op_feed_dict, final_op,
                               final_op_feed_dict, eval_interval_secs, made, session_config, max_number_of_evaluations,
                               timeout, timeout_fn)
