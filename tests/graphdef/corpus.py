"""The graphs that must go through every file without loss: those of the gallery and of TensorFlow's corpus."""
from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from graphcli.errors import GraphError
from graphcli.spec import load_spec

from ..oracle.corpus import cases

SPECS = Path(__file__).parents[2] / "specs"


@cache
def everything() -> dict[str, Any]:
    """Built graphs by a name of their own; refused specs are left out."""
    out: dict[str, Any] = {}
    for path in sorted(SPECS.glob("*.yaml")):
        try:
            out.update({f"gallery-{path.stem}-{n}": b for n, b in load_spec(path).graphs.items()})
        except GraphError:
            continue
    for case in cases():
        if "error" in case.expected:
            continue
        try:
            spec = load_spec(case.path, graph=case.graph, params=case.params)
        except GraphError:
            continue
        out[case.id] = next(iter(spec.graphs.values()))
    return out
