"""What a program calls first: ``load``."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def load(path: str | Path, graph: str | None = None, params: Mapping[str, Any] | None = None,
         seed: int | None = None) -> Any:
    """The graph of a file: something that ``Session`` runs, with ``graph`` and ``resolve(name)``.

    graph: which one, where the file has several; the first if None. params, seed: over those of the
    spec. Raises GraphError for a file that cannot be read or is at fault, and for an unknown ``graph``.
    """
    from .spec import load_spec

    spec = load_spec(Path(path), graph=graph, params=params, seed=seed)
    return next(iter(spec.graphs.values())) if graph is None else spec.graphs[graph]
