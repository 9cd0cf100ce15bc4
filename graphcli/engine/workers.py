"""Workers: threads that share the blocks of one loop. numpy lets go of the interpreter while it computes.

Which thread takes which block changes no number: a block's result depends on the block alone.
"""
from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..graph.blas import widen
from ..graph.quiet import quietly


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


class Workers:
    """Up to ``count`` threads, the caller's own among them; the others start when first needed."""

    def __init__(self, count: int | None = None) -> None:
        self.count = cores() if count is None else max(1, count)
        self.alone = False
        """Whether they rest, for BLAS's threads are awake."""
        self.most = 1
        """The most threads that one call was shared among since somebody set it back."""
        self._jobs: list[Any] = []
        self._queue: Any = None
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._apart = Apart()
        self._process = os.getpid()

    def run(self, body: Callable[..., None], blocks: Iterator[int], views: Sequence[Any],
            scratch: Sequence[Sequence[Any]]) -> None:
        """Calls ``body(blocks, *views, *scratch[i])`` on one thread for each scratch.

        Raises what the body raises, on whichever thread.
        """
        if len(scratch) == 1 or self.alone:
            body(blocks, *views, *scratch[0])
            return
        if self._process != os.getpid():
            self._forked()
        if not self._lock.acquire(blocking=False):
            body(blocks, *views, *scratch[0])
            return
        first: BaseException | None = None
        failed: BaseException | None = None
        tasks: list[Task] = []
        try:
            if len(self._jobs) < len(scratch) - 1:
                self._start(len(scratch) - 1)
            self._apart.keep(self._threads)
            done: Any = self._queue()
            tasks = [Task((body, blocks, views, own), done) for own in scratch[1:]]
            self.most = max(self.most, len(scratch))
            for jobs, task in zip(self._jobs, tasks):
                jobs.put(task)
            body(blocks, *views, *scratch[0])
        except BaseException as error:
            first = error
        while True:
            try:
                for task in tasks:
                    failed = task.settled()
                    first = first or failed
                break
            except BaseException as error:  # Ctrl-C: whoever helps still writes to this step's arrays
                first = first or error
        self._lock.release()
        try:
            if first is not None:
                raise first
        finally:
            # the error holds this frame
            first = failed = None
            tasks.clear()

    def each(self, count: int, body: Callable[[int], None]) -> None:
        """Calls ``body(0)`` to ``body(count - 1)``, shared among the threads.

        Raises what a body raises, on whichever thread.
        """
        def share(numbers: Iterator[int]) -> None:
            for i in numbers:
                body(i)

        self.run(share, iter(range(count)), (), [()] * max(1, min(self.count, count)))

    def widen(self) -> bool:
        """Gives BLAS as many of its own threads, until ``narrow``; False, and nothing done, where ours are at work."""
        if self._lock.locked() or not widen(self.count):
            return False
        self.most = max(self.most, self.count)
        return True

    def _start(self, count: int) -> None:
        from queue import SimpleQueue

        self._queue = SimpleQueue
        while len(self._jobs) < count:
            jobs = self._queue()
            thread = threading.Thread(target=_work, args=(jobs,), name="graphcli-blocks", daemon=True)
            thread.start()
            self._jobs.append(jobs)
            self._threads.append(thread)

    def _forked(self) -> None:
        """In the child of a fork: the threads are the parent's, and who held the lock is not here to give it back."""
        self._jobs, self._threads, self._lock = [], [], threading.Lock()
        self._apart = Apart()
        self._process = os.getpid()

    def close(self) -> None:
        """Ends the threads."""
        jobs, self._jobs, self._threads = self._jobs, [], []
        for queue in jobs:
            queue.put(None)

    def __del__(self) -> None:
        # a session that nobody closed
        self.close()


class Task:
    """Work for another thread. done: a queue that it puts something into when it has ended.

    Ctrl-C may come between any two calls of the thread that gave the work: who is first in ``claims`` has it, however
    often it is asked for, and what is taken out of ``done`` says nothing, for it may be lost.
    """

    __slots__ = ("work", "done", "claims", "ended")

    def __init__(self, work: Any, done: Any) -> None:
        self.work = work
        self.done = done
        self.claims: list[bool] = []
        self.ended: list[BaseException | None] = []

    def begin(self) -> bool:
        """Whether the work is the other thread's, which asks."""
        self.claims.append(True)
        return self.claims[0]

    def end(self, failed: BaseException | None) -> None:
        self.ended.append(failed)
        self.done.put(None)

    def settled(self) -> BaseException | None:
        """Takes the work back where nobody has begun it (on a busy machine that may be long), or waits for its end: the
        failure."""
        self.claims.append(False)
        if self.claims[0]:
            return self.waited()
        self.work = None
        return None

    def waited(self) -> BaseException | None:
        """Waits for the end: the failure."""
        while not self.ended:
            self.done.get()
        return self.ended[0]


class Apart:
    """Keeps threads off the core of the thread that they help.

    A scheduler may wake a thread on the core of who wakes it and leave it there for milliseconds, while
    another core idles: the two then take turns. Where the system does not tell or set cores, nothing is done.
    """

    def __init__(self) -> None:
        self._where: Callable[[], int] | None = None
        self._cores: set[int] = set()
        self._off: tuple[int, int] | None = None

    def _find(self) -> None:
        import ctypes

        self._where = _nowhere
        try:
            self._cores = set(os.sched_getaffinity(0))
            if len(self._cores) > 1:
                self._where = ctypes.CDLL(None).sched_getcpu
        except (AttributeError, OSError):
            return

    def keep(self, threads: Sequence[threading.Thread]) -> None:
        """Moves the threads off the core on which the caller runs."""
        if self._where is None:
            self._find()
        assert self._where is not None
        core = self._where()
        if core < 0 or self._off == (core, len(threads)):
            return
        self._off = core, len(threads)
        for thread in threads:
            try:
                if thread.native_id is not None:
                    os.sched_setaffinity(thread.native_id, self._cores - {core} or self._cores)
            except OSError:
                return


def _nowhere() -> int:
    return -1


def _work(jobs: Any) -> None:
    with quietly():
        while _helped(jobs.get()):
            pass


def _helped(task: Task | None) -> bool:
    """A function of its own: who waits for work holds nothing of what was done."""
    if task is None:
        return False
    if task.begin():
        body, blocks, views, scratch = task.work
        failed = None
        try:
            body(blocks, *views, *scratch)
        except BaseException as error:
            failed = error
        del body, blocks, views, scratch
        task.work = None
        task.end(failed)
        # the error holds this frame
        failed = None
    return True
