"""BLAS and our own threads must not fight: while a step runs, each matrix product has one thread, the one that asks.

Large products are cut into blocks by their shapes, and the session's threads share the blocks; so the numbers
do not depend on how many threads there are, and a busy machine has no second BLAS thread to wait for.
"""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_before: list[tuple[Any, int]] = []
_inside = 0


@cache
def _libraries() -> list[Any]:
    """The BLAS libraries of this process, as threadpoolctl finds them."""
    from threadpoolctl import ThreadpoolController

    return [c for c in ThreadpoolController().lib_controllers if c.user_api == "blas"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Within, BLAS uses the thread that calls it and no other; whoever leaves last puts back what was set."""
    global _inside, _before
    libraries = _libraries()
    with _lock:
        _inside += 1
        if _inside == 1:
            _before = [(library, library.get_num_threads()) for library in libraries]
            for library in libraries:
                library.set_num_threads(1)
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                for library, count in _before:
                    library.set_num_threads(count)
