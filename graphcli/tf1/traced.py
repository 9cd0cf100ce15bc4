"""Python functions as functions of a graph's library: they are called once, with tensors that stand for arguments."""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ..graph.default import use_graph
from ..graph.function_graph import FunctionGraph
from ..graph.graph import Tensor
from ..graph.shapes import Static
from ..graph.types import DType
from ..graphdef.attrs import Func
from ..graphdef.functions import function_def
from . import nesting as nest
from .conversion import convert_to_tensor
from .framework import apply_op, get_default_graph
from .tensor_array import to_flow

UNORDERED = frozenset(("Placeholder RandomUniform RandomUniformInt RandomStandardNormal ParameterizedTruncatedNormal "
                       "TruncatedNormal RandomShuffle Multinomial RandomGamma RandomGammaGrad RandomPoisson "
                       "RandomPoissonV2 RestoreV2 SaveV2").split())
"""Stateful ops that do not make a call that has them stateful (op_is_stateful of auto_control_deps.py)."""


class Traced:
    """A function of the library of the graph that was the default one.

    func: its name, as an attr of a node has it. captured: the tensors of that graph which a call gives after the
    arguments. structure: what the Python function returned, in its nesting; results: its tensors.
    """

    def __init__(self, func: Func, captured: list[Tensor], structure: Any, results: list[Tensor],
                 stateful: bool) -> None:
        self.func, self.captured, self.structure = func, captured, structure
        self.results, self.stateful = results, stateful


def body_of(name: str, function: Callable[..., Any], dtypes: Sequence[DType], shapes: Sequence[Static],
            names: Sequence[str] | None = None) -> tuple[FunctionGraph, Any, list[Tensor]]:
    """(the body, what the function returned, its tensors, each with a node of its own). Raises what the function does.
    """
    graph = FunctionGraph(name, get_default_graph())
    with use_graph(graph):
        given = [graph.argument(dtype, shape, names[i] if names else f"args_{i}")
                 for i, (dtype, shape) in enumerate(zip(dtypes, shapes))]
        returned = function(*given)
        leaves = [graph.captured(convert_to_tensor(to_flow(v))) for v in nest.flatten(returned, True)]
    return graph, returned, leaves


def traced(name: str, function: Callable[..., Any], dtypes: Sequence[DType] = (), shapes: Sequence[Static] = (),
           names: Sequence[str] | None = None, attrs: dict[str, Any] | None = None) -> Traced:
    """A function in the library of the default graph, named after ``name`` and how many there are.

    function: gets tensors of these dtypes and shapes, and returns values in any nesting.
    """
    graph, returned, leaves = body_of(name, function, dtypes, shapes, names)
    return finished(name, graph, returned, leaves, attrs)


def finished(name: str, graph: FunctionGraph, returned: Any, leaves: Sequence[Tensor],
             attrs: dict[str, Any] | None = None) -> Traced:
    """The function of a body."""
    with use_graph(graph):
        results = [apply_op("Identity", None, [leaf]) for leaf in leaves]
    library = graph.outer.functions
    called = f"{re.sub(r'[^A-Za-z0-9_.]', '', name)}_{len(library)}"
    while called in library:
        called += "_"
    library[called] = function_def(called, graph, graph.arguments, results, attrs)
    stateful = any(n.opdef is not None and n.opdef.stateful and n.type not in UNORDERED for n in graph)
    return Traced(Func(called), list(graph.captures), returned, results, stateful)
