"""The default graph of this thread (tf.get_default_graph)."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .graph import Graph


class _Stack(threading.local):
    def __init__(self) -> None:
        self.graphs: list[Graph] = []
        self.fallback: Graph | None = None


_stack = _Stack()


def get_default_graph() -> Graph:
    """The innermost graph of ``as_default()``, or the thread's own one."""
    if _stack.graphs:
        return _stack.graphs[-1]
    if _stack.fallback is None:
        from .graph import Graph

        _stack.fallback = Graph("default")
    return _stack.fallback


def reset_default_graph() -> None:
    """Gives the thread a new graph of its own. Refused inside ``as_default()``."""
    from ..errors import Nested

    if _stack.graphs:
        raise Nested("reset_default_graph() inside `with graph.as_default()`")
    _stack.fallback = None


def clear_default_graphs() -> None:
    """Gives the thread a new graph of its own, also inside ``as_default()``, of which nothing is left then."""
    _stack.graphs.clear()
    _stack.fallback = None


@contextmanager
def use_graph(graph: Graph) -> Iterator[Graph]:
    _stack.graphs.append(graph)
    try:
        with graph.scopes.settled():
            yield graph
    finally:
        # the innermost: a graph can be the default one again inside another; clear_default_graphs leaves none
        if graph in _stack.graphs:
            del _stack.graphs[len(_stack.graphs) - 1 - _stack.graphs[::-1].index(graph)]
