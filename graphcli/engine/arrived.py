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
    built = False

    def __init__(self, node: Node, arrays: Sequence[Any]) -> None:
        super().__init__(node)
        self.arrays = arrays

    def value(self, index: int) -> Any:
        return here(self.arrays[index])

    def shape_value(self, index: int) -> Static:
        return tuple(None if v < 0 else int(v) for v in np.asarray(self.value(index)).reshape(-1))


def flat(args: Sequence[Any]) -> list[Any]:
    """The arrays of a kernel's arguments, some of which are lists."""
    return [a for arg in args for a in (arg if isinstance(arg, (list, tuple)) else [arg])]


def inferred(node: Node, arrays: Sequence[Any]) -> Any:
    """The shapes of the results, by the op's inference. Raises what that raises."""
    opdef = node.opdef
    assert opdef is not None and opdef.infer is not None
    shapes = [np.shape(a) for a in arrays]
    return opdef.infer(Arrived(node, arrays), *opdef.group(opdef.inputs, shapes, node.attrs))


def refusal(node: Node, arrays: Sequence[Any]) -> Law | None:
    """Why the node's inference refuses these arrays; None where it does not, or where they are not all there."""
    opdef, came = node.opdef, flat(arrays)
    if opdef is None or opdef.infer is None or len(came) != len(node.inputs) or not all(
            hasattr(a, "shape") and hasattr(a, "dtype") for a in came):
        return None
    try:
        inferred(node, came)
    except Refused as error:
        return error.law
    except (GraphError, ArithmeticError, LookupError, TypeError, ValueError):
        pass
    return None
