"""Workers: threads that share the blocks of one loop. numpy lets go of the interpreter while it computes.

Which thread takes which block changes no number: a block's result depends on the block alone.
"""
from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..graph.blas import wide
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
        self._jobs: list[Any] = []
        self._done: Any = None
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._apart = Apart()

    def run(self, body: Callable[..., None], blocks: Iterator[int], views: Sequence[Any],
            scratch: Sequence[Sequence[Any]]) -> None:
        """Calls ``body(blocks, *views, *scratch[i])`` on one thread for each scratch.

        Raises what the body raises, on whichever thread.
        """
        if len(scratch) == 1 or not self._lock.acquire(blocking=False):
            body(blocks, *views, *scratch[0])
            return
        try:
            if len(self._jobs) < len(scratch) - 1:
                self._start(len(scratch) - 1)
            self._apart.keep(self._threads)
            helpers = self._jobs[:len(scratch) - 1]
            tickets: list[list[Any]] = [[(body, blocks, views, own)] for own in scratch[1:]]
            for jobs, ticket in zip(helpers, tickets):
                jobs.put(ticket)
            first: BaseException | None = None
            try:
                body(blocks, *views, *scratch[0])
            except BaseException as error:
                first = error
            for ticket in tickets:
                try:
                    ticket.pop()  # who has not begun is not waited for: on a busy machine that may be long
                except IndexError:
                    failed = self._done.get()
                    first = first or failed
            if first is not None:
                raise first
        finally:
            self._lock.release()

    def each(self, count: int, body: Callable[[int], None]) -> None:
        """Calls ``body(0)`` to ``body(count - 1)``, shared among the threads.

        Raises what a body raises, on whichever thread.
        """
        def share(numbers: Iterator[int]) -> None:
            for i in numbers:
                body(i)

        self.run(share, iter(range(count)), (), [()] * max(1, min(self.count, count)))

    def wide(self, product: Callable[..., Any], *operands: Any) -> Any:
        """``product(*operands)`` by BLAS's threads while ours rest; None, and nothing done, where they do not."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return wide(self.count, product, *operands)
        finally:
            self._lock.release()

    def _start(self, count: int) -> None:
        from queue import SimpleQueue

        if self._done is None:
            self._done = SimpleQueue()
        while len(self._jobs) < count:
            jobs: Any = SimpleQueue()
            self._jobs.append(jobs)
            thread = threading.Thread(target=_work, args=(jobs, self._done), name="graphcli-blocks", daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Ends the threads."""
        for jobs in self._jobs:
            jobs.put(None)
        self._jobs, self._threads = [], []


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


def _work(jobs: Any, done: Any) -> None:
    with quietly():
        while True:
            ticket = jobs.get()
            if ticket is None:
                return
            try:
                body, blocks, views, scratch = ticket.pop()
            except IndexError:
                continue
            failed = None
            try:
                body(blocks, *views, *scratch)
            except BaseException as error:
                failed = error
            del body, blocks, views, scratch
            done.put(failed)
