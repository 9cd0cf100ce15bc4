"""Arrived: inference of one node from the arrays that came, for what the graph did not tell."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import GraphError, Law, Refused
from ..graph.graph import Node
from ..graph.inference import InferContext
from ..graph.shapes import Static
from .handed import here


class Arrived(InferContext):
    """Inference with the arrays that came, in the order of the node's inputs."""

    __slots__ = ("arrays",)

    def __init__(self, node: Node, arrays: Sequence[Any]) -> None:
        super().__init__(node)
        self.arrays = arrays

    def value(self, index: int) -> Any:
        return here(self.arrays[index])

    def shape_value(self, index: int) -> Static:
        return tuple(None if v < 0 else int(v) for v in np.asarray(self.value(index)).reshape(-1))


def refusal(node: Node, arrays: Sequence[Any]) -> Law | None:
    """Why the node's inference refuses these arrays; None where it does not, or where they are not all there."""
    opdef = node.opdef
    flat = [a for arg in arrays for a in (arg if isinstance(arg, (list, tuple)) else [arg])]
    if opdef is None or opdef.infer is None or len(flat) != len(node.inputs) or not all(
            hasattr(a, "shape") and hasattr(a, "dtype") for a in flat):
        return None
    try:
        opdef.infer(Arrived(node, flat), *opdef.group(opdef.inputs, [tuple(a.shape) for a in flat], node.attrs))
    except Refused as error:
        return error.law
    except (GraphError, ArithmeticError, LookupError, TypeError, ValueError):
        pass
    return None
