"""Uncollected: making what lives on, without looking for garbage in it."""
from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection within, also as a decorator: a graph, a plan or a page is a web of objects that all live,
    and to look through it again and again while it grows takes as long as to make it."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
