"""TensorFlow 1 graphs with nothing but Python and numpy: written, seen, questioned, run and trained.

    graph = graphcli.load("line.yaml")
    with graphcli.Session(graph) as sess:
        sess.initialize()
        out = sess.run(["out", "loss"], {"x": x, "y": y})
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import load
    from .drawing import draw
    from .engine import Session
    from .errors import GraphError
    from .graph.graph import Graph

__version__ = "0.1.0"
__all__ = ["Graph", "GraphError", "Session", "draw", "load"]

_WHERE = {"load": "api", "draw": "drawing", "Session": "engine", "GraphError": "errors", "Graph": "graph.graph"}


def __getattr__(name: str) -> Any:
    where = _WHERE.get(name)
    if where is None:
        raise AttributeError(f"module 'graphcli' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{where}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
