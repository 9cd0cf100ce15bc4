"""What a program calls first: ``load``."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import InvalidValue
from .uncollected import uncollected


@uncollected()
def load(path: str | Path, graph: str | None = None, params: Mapping[str, Any] | None = None,
         seed: int | None = None) -> Any:
    """The graph of a file: something that ``Session`` runs, with ``graph`` and ``resolve(name)``.

    path: a spec, a GraphDef, a MetaGraphDef, or the folder of a SavedModel; its content says which. graph: which one,
    where the file has several; the first if None. params, seed: over those of the spec. Raises GraphError for a file
    that cannot be read or is at fault, and for an unknown ``graph``.
    """
    from .formats.open import HEAD, graph_in_folder, is_graph, open_file

    if graph_in_folder(str(path)) is not None:
        return _one(open_file(str(path), graph), graph)
    try:
        with open(path, "rb") as file:
            opened = is_graph(file.read(HEAD), str(path))
    except OSError:
        opened = False
    if opened:
        if params:
            raise InvalidValue(f"{path} has no params; a spec has them")
        return _one(open_file(str(path), graph), graph)
    from .spec import load_spec

    spec = load_spec(Path(path), graph=graph, params=params, seed=seed)
    return _one(spec, graph)


def _one(file: Any, graph: str | None) -> Any:
    return next(iter(file.graphs.values())) if graph is None else file.graphs[graph]
