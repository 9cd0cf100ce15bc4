"""Loops of training (tf.contrib.slim.learning.train, tf.contrib.training.train)."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue, NotSupported
from ..graph.default import use_graph
from .error_names import AbortedError, OutOfRangeError
from .framework import get_default_graph, name_scope
from .global_step import get_or_create_global_step
from .global_step import global_step as step_of
from .grouping import group
from .logging import info
from .modules import modules
from .monitored_session import MonitoredTrainingSession
from .supervisor import Supervisor

EXPORTS = """
contrib.slim.learning: train train_step
contrib.training: train=train_monitored
"""

tf = modules["tf"]
DEFAULT = 0
"""Stands for what is made where nothing is given; None is for none."""


def train_step(sess: Any, train_op: Any, global_step: Any, train_step_kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """(the loss, whether to stop) after one step (tf.contrib.slim.learning.train_step).

    train_step_kwargs: ``should_log`` and ``should_stop``, tensors that are asked after the step. Raises InvalidValue
    for ``should_trace`` without ``logdir``.
    """
    start = time.time()
    options = metadata = None
    if "should_trace" in train_step_kwargs:
        if "logdir" not in train_step_kwargs:
            raise InvalidValue("logdir must be present in train_step_kwargs when should_trace is present")
        if sess.run(train_step_kwargs["should_trace"]):
            options, metadata = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), tf.RunMetadata()
    loss, step = sess.run([train_op, global_step], options=options, run_metadata=metadata)
    seconds = time.time() - start
    if metadata is not None and train_step_kwargs.get("summary_writer") is not None:
        train_step_kwargs["summary_writer"].add_run_metadata(metadata, f"run_metadata-{step}")
    if "should_log" in train_step_kwargs and sess.run(train_step_kwargs["should_log"]):
        info("global step %d: loss = %.4f (%.3f sec/step)", step, loss, seconds)
    return loss, sess.run(train_step_kwargs["should_stop"]) if "should_stop" in train_step_kwargs else False


def _is_default(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value == DEFAULT


def train(train_op: Any, logdir: Any, train_step_fn: Callable[..., Any] = train_step,
          train_step_kwargs: Any = DEFAULT, log_every_n_steps: int = 1, graph: Any = None, master: str = "",
          is_chief: bool = True, global_step: Any = None, number_of_steps: int | None = None, init_op: Any = DEFAULT,
          init_feed_dict: Any = None, local_init_op: Any = DEFAULT, init_fn: Any = None, ready_op: Any = DEFAULT,
          summary_op: Any = DEFAULT, save_summaries_secs: float = 600, summary_writer: Any = DEFAULT,
          startup_delay_steps: int = 0, saver: Any = None, save_interval_secs: float = 600,
          sync_optimizer: Any = None, session_config: Any = None, session_wrapper: Any = None,
          trace_every_n_steps: int | None = None, ignore_live_threads: bool = False) -> Any:
    """Takes steps until number_of_steps, or the end of the data (tf.contrib.slim.learning.train); gives the last loss.

    logdir: is restored from, and gets checkpoints and summaries; nothing is kept where it is None. train_step_fn: a
    function like train_step. init_fn: of the session, after init_op. Raises InvalidValue for what needs a logdir and
    has none, NotSupported for a sync_optimizer.
    """
    if train_op is None:
        raise InvalidValue("train_op cannot be None.")
    if logdir is None:
        for name, given in (("summary_op", not _is_default(summary_op)), ("saver", saver is not None),
                            ("trace_every_n_steps", trace_every_n_steps is not None)):
            if given:
                raise InvalidValue(f"Cannot provide {name} because logdir=None")
    if sync_optimizer is not None:
        raise NotSupported("sync_optimizer: one process takes the steps here")
    if number_of_steps is not None and number_of_steps <= 0:
        raise InvalidValue("`number_of_steps` must be either None or a positive number.")
    with use_graph(graph or get_default_graph()) as graph:
        if global_step is None:
            global_step = get_or_create_global_step()
        saver = saver or tf.train.Saver()
        with name_scope("init_ops"):
            if _is_default(init_op):
                init_op = tf.global_variables_initializer()
            if _is_default(ready_op):
                ready_op = tf.report_uninitialized_variables()
            if _is_default(local_init_op):
                local_init_op = group(tf.local_variables_initializer(), tf.tables_initializer())
        if _is_default(summary_op):
            summary_op = tf.summary.merge_all()
        if _is_default(train_step_kwargs):
            train_step_kwargs = _asked(global_step, number_of_steps, log_every_n_steps,
                                       trace_every_n_steps if is_chief else None, logdir)
    supervisor = Supervisor(
        graph=graph, is_chief=is_chief, logdir=logdir, init_op=init_op, init_feed_dict=init_feed_dict,
        local_init_op=local_init_op, ready_for_local_init_op=None, ready_op=ready_op, summary_op=summary_op,
        summary_writer=summary_writer, global_step=global_step, saver=saver, save_summaries_secs=save_summaries_secs,
        save_model_secs=save_interval_secs, init_fn=init_fn)
    if summary_writer is not None:
        train_step_kwargs["summary_writer"] = supervisor.summary_writer
    while True:
        try:
            return _loop(supervisor, train_op, global_step, train_step_fn, train_step_kwargs, master, session_config,
                         session_wrapper, min(startup_delay_steps, number_of_steps or startup_delay_steps), logdir,
                         ignore_live_threads)
        except AbortedError:
            info("Retrying training!")


def _asked(global_step: Any, steps: int | None, log_every: int, trace_every: int | None, logdir: Any) -> dict[str, Any]:
    """The tensors that tell after each step what to do."""
    with name_scope("train_step"):
        asked = {"should_stop": tf.greater_equal(global_step, steps) if steps else tf.constant(False)}
        if log_every > 0:
            asked["should_log"] = tf.equal(tf.mod(global_step, log_every), 0)
        if trace_every is not None:
            asked.update(should_trace=tf.equal(tf.mod(global_step, trace_every), 0), logdir=logdir)
    return asked


def _loop(supervisor: Supervisor, train_op: Any, global_step: Any, step_fn: Callable[..., Any], kwargs: Any,
          master: str, config: Any, wrapper: Any, delay: int, logdir: Any, ignore_live_threads: bool) -> Any:
    loss = None
    with supervisor.managed_session(master, start_standard_services=False, config=config) as session:
        info("Starting Session.")
        if wrapper is not None:
            info("Wrapping session with wrapper function: %s", wrapper)
            session = wrapper(session)
        if supervisor.is_chief and logdir:
            supervisor.start_standard_services(session)
        while not supervisor.is_chief and step_of(session, global_step) < delay:
            time.sleep(1.0)
        threads = supervisor.start_queue_runners(session)
        info("Starting Queues.")
        try:
            while not supervisor.should_stop():
                loss, stop = step_fn(session, train_op, global_step, kwargs)
                if stop:
                    info("Stopping Training.")
                    supervisor.request_stop()
                    break
        except OutOfRangeError as error:
            info("Caught OutOfRangeError. Stopping Training. %s", error)
        if logdir and supervisor.is_chief:
            info("Finished training! Saving model to disk.")
            supervisor.saver.save(session, supervisor.save_path, global_step=supervisor.global_step)
            supervisor.stop(threads, close_summary_writer=True, ignore_live_threads=ignore_live_threads)
    return loss


def train_monitored(train_op: Any, logdir: Any, master: str = "", is_chief: bool = True, scaffold: Any = None,
                    hooks: Any = None, chief_only_hooks: Any = None, save_checkpoint_secs: Any = 600,
                    save_summaries_steps: Any = 100, config: Any = None, max_wait_secs: float = 7200,
                    run_metadata: Any = None) -> Any:
    """Takes steps in a MonitoredTrainingSession until a hook stops it (tf.contrib.training.train); gives the last loss.

    Raises InvalidValue without a logdir where something is to be written.
    """
    if logdir is None and is_chief:
        for name, given in (("save_summaries_steps", save_summaries_steps),
                            ("save_checkpoint_secs", save_checkpoint_secs)):
            if given:
                raise InvalidValue(f"logdir cannot be None when {name} is not None")
    loss = None
    with MonitoredTrainingSession(
            master=master, is_chief=is_chief, checkpoint_dir=logdir, scaffold=scaffold, hooks=hooks,
            chief_only_hooks=chief_only_hooks, save_checkpoint_secs=save_checkpoint_secs,
            save_summaries_steps=save_summaries_steps, config=config, max_wait_secs=max_wait_secs) as session:
        while not session.should_stop():
            loss = session.run(train_op, run_metadata=run_metadata)
    return loss
