"""Threads that stop together (tf.train.Coordinator, LooperThread)."""
from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..errors import BadState, InvalidValue, OutOfRange, said
from .logging import info

EXPORTS = """
train: Coordinator LooperThread
"""


class Coordinator:
    """Tells threads when to stop, and the one who joins them why (tf.train.Coordinator).

    clean_stop_exception_types: exceptions that stop without being told of, ``(tf.errors.OutOfRangeError,)`` by default.
    """

    def __init__(self, clean_stop_exception_types: Iterable[type[BaseException]] | None = None) -> None:
        clean = (OutOfRange,) if clean_stop_exception_types is None else clean_stop_exception_types
        self._clean = tuple(clean)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._threads: set[threading.Thread] = set()
        self._joined = False

    @property
    def joined(self) -> bool:
        return self._joined

    def request_stop(self, ex: Any = None) -> None:
        """Tells all to stop. ex: the exception that is the reason, or what sys.exc_info() gave; ``join`` raises it."""
        failure = ex[1] if isinstance(ex, tuple) else ex
        if failure is not None and not isinstance(failure, BaseException):
            failure = InvalidValue(f"ex is an exception or what sys.exc_info() gives, not {ex!r}")
        with self._lock:
            if isinstance(failure, self._clean):
                failure = None
            if self._joined:
                if failure is not None:
                    raise failure
                return
            if not self._stop.is_set():
                if failure is not None:
                    info("Error reported to Coordinator: %s, %s", type(failure), failure)
                    self._failure = failure
                self._stop.set()

    def clear_stop(self) -> None:
        """Lets threads run again; what was reported is forgotten."""
        with self._lock:
            self._joined, self._failure = False, None
            self._stop.clear()

    def should_stop(self) -> bool:
        return self._stop.is_set()

    @contextmanager
    def stop_on_exception(self) -> Iterator[None]:
        """An exception inside stops all threads, and goes no further."""
        try:
            yield
        except BaseException:
            self.request_stop(sys.exc_info())

    def wait_for_stop(self, timeout: float | None = None) -> bool:
        """Waits until all are told to stop, at most ``timeout`` seconds; whether they are."""
        return self._stop.wait(timeout)

    def register_thread(self, thread: threading.Thread) -> None:
        """Has ``join`` wait for a thread too."""
        with self._lock:
            self._threads.add(thread)

    def join(self, threads: Iterable[threading.Thread] | None = None, stop_grace_period_secs: float = 120,
             ignore_live_threads: bool = False) -> None:
        """Waits for the threads to end, for those that run after a stop stop_grace_period_secs.

        Raises what was reported to ``request_stop``, else BadState (a RuntimeError) where some still run, unless
        ignore_live_threads.
        """
        with self._lock:
            waited = list(self._threads.union(threads or ()))
        while any(t.is_alive() for t in waited) and not self.wait_for_stop(0.05):
            pass
        end = time.monotonic() + stop_grace_period_secs
        for thread in waited:
            thread.join(max(0.0, end - time.monotonic()))
        alive = " ".join(t.name for t in waited if t.is_alive())
        with self._lock:
            self._joined = True
            self._threads = set()
            if self._failure is not None:
                raise self._failure
        if alive and not ignore_live_threads:
            raise BadState(f"Coordinator stopped with threads still running: {alive}",
                           hint="a thread asks coord.should_stop() now and then")
        if alive:
            info("Coordinator stopped with threads still running: %s", alive)

    def raise_requested_exception(self) -> None:
        """Raises what was reported to ``request_stop``, if anything was."""
        with self._lock:
            if self._failure is not None:
                raise self._failure


class LooperThread(threading.Thread):
    """A daemon that does the same again until its coordinator stops (tf.train.LooperThread).

    timer_interval_secs: when each turn begins, counted from the first; at once after the last if None.
    target, args, kwargs: what is done, unless a subclass has its own ``run_loop``.
    """

    def __init__(self, coord: Coordinator, timer_interval_secs: float | None, target: Callable[..., Any] | None = None,
                 args: Sequence[Any] | None = None, kwargs: dict[str, Any] | None = None) -> None:
        if not isinstance(coord, Coordinator):
            raise InvalidValue(f"coord is a Coordinator, not {said(coord)}")
        super().__init__(daemon=True)
        self._coord, self._interval = coord, timer_interval_secs
        self._looped, self._looped_args, self._looped_kwargs = target, args or (), kwargs or {}
        if target is None and (args or kwargs):
            raise InvalidValue("args and kwargs are those of a target, and there is none")
        coord.register_thread(self)

    @staticmethod
    def loop(coord: Coordinator, timer_interval_secs: float | None, target: Callable[..., Any],
             args: Sequence[Any] | None = None, kwargs: dict[str, Any] | None = None) -> LooperThread:
        """A thread that runs already."""
        looper = LooperThread(coord, timer_interval_secs, target, args, kwargs)
        looper.start()
        return looper

    def run(self) -> None:
        with self._coord.stop_on_exception():
            self.start_loop()
            if self._interval is None:
                while not self._coord.should_stop():
                    self.run_loop()
            else:
                due = time.monotonic()
                while not self._coord.wait_for_stop(max(0.0, due - time.monotonic())):
                    due += self._interval
                    self.run_loop()
            self.stop_loop()

    def start_loop(self) -> None:
        """What is done before the first turn."""

    def stop_loop(self) -> None:
        """What is done after the last turn."""

    def run_loop(self) -> None:
        """One turn."""
        if self._looped is not None:
            self._looped(*self._looped_args, **self._looped_kwargs)
