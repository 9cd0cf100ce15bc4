"""Fold: what follows from constants and from shapes is computed once, by the ops' own kernels (same bits)."""
from __future__ import annotations

from .rewrite import Rewrite


def fold(run: Rewrite) -> None:
    """Makes constants of the nodes whose values are known before the run."""
    for node in list(run.free()):
        if node.type == "Const" or not node.outputs:
            continue
        values = [run.value(t) for t in node.outputs]
        if all(v is not None for v in values):
            run.fix("fold", node, values)
