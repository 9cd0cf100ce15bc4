"""Threads that fill queues, a step after another, until these are closed (tf.train.QueueRunner)."""
from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from ..errors import Cancelled, InvalidType, InvalidValue, OutOfRange, said
from ..graph.collections import GraphKeys
from .coordinator import Coordinator
from .framework import add_to_collection
from .logging import info, warning
from .modules import modules
from .queues import QueueBase

EXPORTS = """
train: QueueRunner add_queue_runner start_queue_runners
train.queue_runner: QueueRunner add_queue_runner start_queue_runners
"""


class QueueRunner:
    """Enqueue ops for a queue, each to be run by a thread (tf.train.QueueRunner).

    close_op closes the queue when all threads are at their end; cancel_op when they are told to stop.
    """

    def __init__(self, queue: QueueBase | None = None, enqueue_ops: Sequence[Any] | None = None, close_op: Any = None,
                 cancel_op: Any = None, queue_closed_exception_types: Any = None, queue_runner_def: Any = None,
                 import_scope: str | None = None) -> None:
        if queue is None or not enqueue_ops:
            raise InvalidValue("Must provide queue and enqueue_ops.")
        self.queue, self.enqueue_ops = queue, list(enqueue_ops)
        self.close_op = queue.close() if close_op is None else close_op
        self.cancel_op = queue.close(cancel_pending_enqueues=True) if cancel_op is None else cancel_op
        self.queue_closed_exception_types = (OutOfRange,) if queue_closed_exception_types is None \
            else tuple(queue_closed_exception_types)
        self.exceptions_raised: list[BaseException] = []
        self._lock = threading.Lock()
        self._running: dict[int, int] = {}

    @property
    def name(self) -> str:
        return self.queue.name

    def create_threads(self, sess: Any, coord: Coordinator | None = None, daemon: bool = False, start: bool = False
                       ) -> list[threading.Thread]:
        """A thread for each enqueue op, and one that cancels when all stop; none where those of a session run still."""
        with self._lock:
            if self._running.get(id(sess)):
                return []
            self._running[id(sess)] = len(self.enqueue_ops)
            self.exceptions_raised = []
        threads = [threading.Thread(target=self._fill, args=(sess, op, coord), name=f"QueueRunnerThread-{self.name}-"
                                    f"{op.name}") for op in self.enqueue_ops]
        if coord is not None:
            threads.append(threading.Thread(target=self._cancel, args=(sess, coord),
                                            name=f"QueueRunnerThread-{self.name}-close_on_stop"))
        for thread in threads:
            if coord is not None:
                coord.register_thread(thread)
            thread.daemon = daemon
            if start:
                thread.start()
        return threads

    def _fill(self, sess: Any, enqueue_op: Any, coord: Coordinator | None) -> None:
        try:
            while coord is None or not coord.should_stop():
                sess.run(enqueue_op)
        except self.queue_closed_exception_types:
            pass
        except BaseException as error:
            # a session that is closed lets its threads wait no more
            if isinstance(error, Cancelled) and (coord is None or coord.should_stop()):
                return
            if coord is not None:
                coord.request_stop(error)
                return
            with self._lock:
                self.exceptions_raised.append(error)
            raise
        finally:
            self._ended(sess)

    def _ended(self, sess: Any) -> None:
        with self._lock:
            self._running[id(sess)] -= 1
            last = not self._running[id(sess)]
        if last:
            try:
                sess.run(self.close_op)
            except Exception as error:
                info("Ignored exception: %s", error)

    def _cancel(self, sess: Any, coord: Coordinator) -> None:
        coord.wait_for_stop()
        try:
            sess.run(self.cancel_op)
        except Exception as error:
            info("Ignored exception: %s", error)


def add_queue_runner(qr: QueueRunner, collection: str = GraphKeys.QUEUE_RUNNERS) -> None:
    """Keeps a queue runner for ``start_queue_runners`` (tf.train.add_queue_runner)."""
    add_to_collection(collection, qr)


def start_queue_runners(sess: Any = None, coord: Coordinator | None = None, daemon: bool = True, start: bool = True,
                        collection: str = GraphKeys.QUEUE_RUNNERS) -> list[threading.Thread]:
    """Starts the threads that fill the graph's queues (tf.train.start_queue_runners).

    Raises InvalidValue without a session, InvalidType for what is none.
    """
    tf = modules["tf"]
    if sess is None:
        sess = tf.get_default_session()
        if sess is None:
            raise InvalidValue("Cannot start queue runners: No default session is registered",
                               hint="with tf.Session() as sess: … makes one")
    if not hasattr(sess, "graph") or not hasattr(sess, "run"):
        raise InvalidType(f"sess is a tf.Session, not {said(sess)}")
    runners = [r for r in sess.graph.get_collection(collection) if isinstance(r, QueueRunner)]
    if not runners:
        warning("`tf.train.start_queue_runners()` was called when no queue runners were defined. You can safely "
                "remove the call to this deprecated function.")
    return [thread for runner in runners for thread in runner.create_threads(sess, coord, daemon, start)]
