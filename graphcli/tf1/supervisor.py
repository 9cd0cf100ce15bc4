"""tf.train.Supervisor: a session that is restored or initialized, and threads beside it that save and write."""
from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from ..errors import BadState, NotFound
from ..graph.collections import GraphKeys
from ..graph.default import use_graph
from ..graph.graph import Graph
from .coordinator import Coordinator, LooperThread
from .framework import get_default_graph
from .global_step import global_step as step_of
from .grouping import group
from .logging import info, warning
from .modules import modules
from .scaffold import SessionManager
from .supervisor_threads import Checkpoints, Steps, Summaries

EXPORTS = """
train: Supervisor
"""

tf = modules["tf"]
train = modules["train"]
summary = modules["summary"]


class Supervisor:
    """Initializes or restores, and beside the program's loop saves, writes summaries and counts steps
    (tf.train.Supervisor).

    An op, the saver or the summary_writer that is not given is made, with collections as in TensorFlow; None is for
    none. logdir: where checkpoints and events go; nothing is written without one. init_fn: a function of the session
    that runs after init_op. save_model_secs, save_summaries_secs: how often, 0 for never. The graph is final then.
    """

    USE_DEFAULT = 0

    def __init__(self, graph: Graph | None = None, ready_op: Any = USE_DEFAULT,
                 ready_for_local_init_op: Any = USE_DEFAULT, is_chief: bool = True, init_op: Any = USE_DEFAULT,
                 init_feed_dict: Any = None, local_init_op: Any = USE_DEFAULT, logdir: Any = None,
                 summary_op: Any = USE_DEFAULT, saver: Any = USE_DEFAULT, global_step: Any = USE_DEFAULT,
                 save_summaries_secs: float = 120, save_model_secs: float = 600, recovery_wait_secs: float = 30,
                 stop_grace_secs: float = 120, checkpoint_basename: str = "model.ckpt", session_manager: Any = None,
                 summary_writer: Any = USE_DEFAULT, init_fn: Callable[[Any], Any] | None = None,
                 local_init_run_options: Any = None) -> None:
        self.graph = get_default_graph() if graph is None else graph
        self.is_chief, self.coord = is_chief, Coordinator()
        self.init_feed_dict, self.init_fn = init_feed_dict, init_fn
        self.save_model_secs, self.save_summaries_secs = save_model_secs, save_summaries_secs
        self._grace, self._written, self._logdir = stop_grace_secs, False, logdir
        with use_graph(self.graph):
            self.ready_op = self._op(ready_op, GraphKeys.READY_OP, tf.report_uninitialized_variables)
            self.ready_for_local_init_op = self._op(ready_for_local_init_op, GraphKeys.READY_FOR_LOCAL_INIT_OP,
                                                    lambda: None)
            self.init_op = self._op(init_op, GraphKeys.INIT_OP, tf.global_variables_initializer)
            local = self._op(local_init_op, GraphKeys.LOCAL_INIT_OP,
                             lambda: group(tf.local_variables_initializer(), tf.tables_initializer()))
            self.saver = self._op(saver, GraphKeys.SAVERS, lambda: train.Saver() if tf.global_variables() else None)
            self.summary_op = self._op(summary_op, GraphKeys.SUMMARY_OP, summary.merge_all)
            self.global_step = self._op(global_step, GraphKeys.GLOBAL_STEP, self._step_by_name, keep=False)
            self.session_manager = session_manager or SessionManager(
                local, self.ready_op, self.ready_for_local_init_op, self.graph, recovery_wait_secs,
                local_init_run_options)
        self.save_path = os.path.join(logdir, checkpoint_basename) if logdir else None
        self.summary_writer: Any = None
        if not isinstance(summary_writer, int):
            self.summary_writer = summary_writer
        elif logdir and is_chief:
            self.summary_writer = summary.FileWriter(logdir)
        self.graph.finalize()

    def _op(self, given: Any, key: str, make: Callable[[], Any], keep: bool = True) -> Any:
        """What is given, else the first of a collection, else a new one in it."""
        if not isinstance(given, int) or given != Supervisor.USE_DEFAULT:
            return given
        found = self.graph.get_collection(key)
        if found:
            return found[0]
        made = make()
        if made is not None and keep and made not in self.graph.get_collection(key):
            self.graph.add_to_collection(key, made)
        return made

    def _step_by_name(self) -> Any:
        try:
            found = self.graph.get_tensor_by_name("global_step:0")
        except NotFound:
            return None
        if found.dtype.base_dtype.is_integer:
            return found
        warning("Found 'global_step' is not an int type: %s", found.dtype)
        return None

    # -- the session

    def prepare_or_wait_for_session(self, master: str = "", config: Any = None, wait_for_checkpoint: bool = False,
                                    max_wait_secs: float = 7200, start_standard_services: bool = True) -> Any:
        """A session that is ready, with the threads beside it. Raises BadState where variables have no value."""
        self.coord.clear_stop()
        if self.summary_writer is not None:
            self.summary_writer.reopen()
        if not self.is_chief:
            return self.session_manager.wait_for_session(master, config=config, max_wait_secs=max_wait_secs)
        session = self.session_manager.prepare_session(
            master, init_op=self.init_op, saver=self.saver, checkpoint_dir=self._logdir,
            wait_for_checkpoint=wait_for_checkpoint, max_wait_secs=max_wait_secs, config=config,
            init_feed_dict=self.init_feed_dict, init_fn=self.init_fn)
        self._write_graph()
        if start_standard_services:
            info("Starting standard services.")
            self.start_standard_services(session)
        self.start_queue_runners(session)
        return session

    @contextmanager
    def managed_session(self, master: str = "", config: Any = None, start_standard_services: bool = True,
                        close_summary_writer: bool = True) -> Iterator[Any]:
        """A session for a ``with``; an exception in it, or in a thread, stops all and is raised at its end, but for
        OutOfRangeError, the end of the data."""
        session: Any = None
        try:
            session = self.prepare_or_wait_for_session(master, config, start_standard_services=start_standard_services)
            yield session
        except Exception as error:
            self.request_stop(error)
        finally:
            try:
                self.stop(close_summary_writer=close_summary_writer)
            finally:
                if session is not None:
                    session.close()

    def _write_graph(self) -> None:
        proto = self.graph.as_graph_def(add_shapes=True)  # type: ignore[attr-defined]
        if self._logdir:
            train.write_graph(proto, self._logdir, "graph.pbtxt")
        if self.summary_writer is not None and not self._written:
            self.summary_writer.add_graph(self.graph)
            self._written = True

    # -- what runs beside it

    def start_standard_services(self, sess: Any) -> list[LooperThread] | None:
        """Starts the threads that save, write summaries and count steps. Raises BadState where this is no chief."""
        if not self.is_chief:
            raise BadState("Only chief supervisor can start standard services. Because only chief supervisors can "
                           "write events.")
        if not self._logdir:
            warning("Standard services need a 'logdir' passed to the SessionManager")
            return None
        if self.global_step is not None and self.summary_writer is not None:
            self._log(tf.SessionLog.START, step_of(sess, self.global_step))
        threads: list[LooperThread] = []
        if self.save_summaries_secs and self.summary_writer is not None:
            if self.summary_op is not None:
                threads.append(Summaries(self, sess))
            if self.global_step is not None:
                threads.append(Steps(self, sess))
        if self.saver is not None and self.save_model_secs:
            threads.append(Checkpoints(self, sess))
        for thread in threads:
            thread.start()
        return threads

    def _log(self, status: Any, step: int | None = None) -> None:
        self.summary_writer.add_session_log(tf.SessionLog(status=status), step)

    def start_queue_runners(self, sess: Any, queue_runners: Sequence[Any] | None = None) -> list[Any]:
        """Starts the threads that fill the graph's queues."""
        runners = self.graph.get_collection("queue_runners") if queue_runners is None else queue_runners
        return [t for runner in runners for t in runner.create_threads(sess, self.coord, daemon=True, start=True)]

    def loop(self, timer_interval_secs: float | None, target: Callable[..., Any], args: Sequence[Any] | None = None,
             kwargs: dict[str, Any] | None = None) -> LooperThread:
        """A thread that calls ``target`` again and again until all stop."""
        made = LooperThread(self.coord, timer_interval_secs, target=target, args=args, kwargs=kwargs)
        made.start()
        return made

    def summary_computed(self, sess: Any, summary: Any, global_step: Any = None) -> None:
        """Writes a summary that the program ran. Raises BadState without a summary writer."""
        if self.summary_writer is None:
            raise BadState("Writing a summary requires a summary writer.")
        if global_step is None and self.global_step is not None:
            global_step = step_of(sess, self.global_step)
        self.summary_writer.add_summary(summary, global_step)

    # -- stopping

    def stop(self, threads: Any = None, close_summary_writer: bool = True, ignore_live_threads: bool = False) -> None:
        """Stops the threads and closes the events. Raises what stopped them."""
        self.coord.request_stop()
        try:
            self.coord.join(threads, self._grace, ignore_live_threads)
        finally:
            if close_summary_writer and self.summary_writer is not None:
                self._log(tf.SessionLog.STOP)
                self.summary_writer.close()
                self._written = False

    def request_stop(self, ex: Any = None) -> None:
        """Has all stop; ex: the exception, or sys.exc_info(), that is the reason."""
        self.coord.request_stop(ex)

    def should_stop(self) -> bool:
        return self.coord.should_stop()

    def stop_on_exception(self) -> AbstractContextManager[None]:
        """An exception inside stops all threads, and goes no further."""
        return self.coord.stop_on_exception()

    def wait_for_stop(self) -> None:
        """Waits until all are told to stop."""
        self.coord.wait_for_stop()
