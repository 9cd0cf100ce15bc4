"""Threads of devices beside the first: as many as are at work at once, each waiting for its next step."""
from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .workers import Task

if TYPE_CHECKING:
    from queue import SimpleQueue


class DeviceThreads:
    """Every step gets threads of its own: its devices wait for each other, so that none may wait for a thread."""

    def __init__(self) -> None:
        self._idle: list[SimpleQueue[Any]] = []
        self._process = os.getpid()
        self._ended: list[bool] = []

    def start(self, body: Callable[[], None]) -> Task:
        """Calls ``body``, which raises nothing, on another thread; ``waited()`` of what is returned waits for its end.
        """
        # a module that steps on one device do without
        from queue import SimpleQueue

        if self._process != os.getpid():
            # in the child of a fork: the threads are the parent's
            self._idle, self._process = [], os.getpid()
        try:
            tasks = self._idle.pop()
        except IndexError:
            tasks = SimpleQueue()
            threading.Thread(target=_work, args=(tasks, self._idle, self._ended), name="graphcli-device",
                             daemon=True).start()
        task = Task(body, SimpleQueue())
        tasks.put(task)
        return task

    def close(self) -> None:
        """Ends the threads, those at work when they are done."""
        self._ended.append(True)
        while self._idle:
            self._idle.pop().put(None)

    def __del__(self) -> None:
        # a session that nobody closed
        self.close()


def _work(tasks: SimpleQueue[Any], idle: list[SimpleQueue[Any]], ended: list[bool]) -> None:
    while True:
        task = tasks.get()
        if task is None:
            return
        task.work()
        task.work = None
        idle.append(tasks)
        task.end(None)
        del task
        if ended:
            return
