"""Ctrl-C and its kin: what is being written is taken away, and a run that has something to save saves it."""
from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

STOPPING = ("SIGINT", "SIGTERM", "SIGHUP")


@contextlib.contextmanager
def interrupts() -> Iterator[list[int]]:
    """Ctrl-C, SIGTERM and a terminal that is closed end the run after the step that is being taken; a second signal
    ends it at once. What the caller has set to be ignored (``nohup``) stays so.

    The list gets the number of the signal.
    """
    import signal
    import threading

    seen: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield seen
        return
    terminals = [fd for fd in (1, 2) if os.isatty(fd)]

    def handler(number: int, frame: Any) -> None:
        seen.append(number)
        put_back()
        if number == getattr(signal, "SIGHUP", None):
            _forget(terminals)
        # past Python's buffer, into which the step that is interrupted may be writing
        with contextlib.suppress(OSError):
            os.write(2, b"\nstopping after this step; once more stops at once\n")

    numbers = [getattr(signal, name) for name in STOPPING if hasattr(signal, name)]
    heard = {n: signal.getsignal(n) for n in numbers if signal.getsignal(n) != signal.SIG_IGN}

    def put_back() -> None:
        for number, handled in heard.items():
            signal.signal(number, handled)

    for number in heard:
        signal.signal(number, handler)
    try:
        yield seen
    finally:
        put_back()


def unwound(call: Callable[[], int]) -> int:
    """What ``call`` gives. SIGTERM and SIGHUP, which end a process where it stands, interrupt it as Ctrl-C does, so
    that it leaves no half of a file behind; then they end it."""
    import signal
    import threading

    numbers = [getattr(signal, name) for name in STOPPING[1:] if hasattr(signal, name)]
    heard = [n for n in numbers if signal.getsignal(n) == signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        return call()
    ended: list[int] = []

    def handler(number: int, frame: Any) -> None:
        ended.append(number)
        put_back()
        raise KeyboardInterrupt

    def put_back() -> None:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)

    for number in heard:
        signal.signal(number, handler)
    try:
        return call()
    finally:
        put_back()
        if ended:
            os.kill(os.getpid(), ended[0])


def _forget(terminals: list[int]) -> None:
    """A null device in the place of a terminal that is gone: to write to that is an error."""
    for fd in terminals:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, fd)
        os.close(null)
