"""BLAS and our own threads must not fight: while ours share a loop, each matrix product has one thread."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@cache
def _libraries() -> list[Any]:
    """The BLAS libraries of this process, as threadpoolctl finds them."""
    from threadpoolctl import ThreadpoolController

    return [c for c in ThreadpoolController().lib_controllers if c.user_api == "blas"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Within, BLAS uses the thread that calls it and no other."""
    before = [(library, library.get_num_threads()) for library in _libraries()]
    for library, _ in before:
        library.set_num_threads(1)
    try:
        yield
    finally:
        for library, count in before:
            library.set_num_threads(count)
