"""Facts: the shapes of one run, given the shapes that are fed, and the values that follow from them.

Static shapes hold as long as only placeholders are fed; where a tensor inside of the graph is fed, every
shape is inferred anew, for what is written in the graph may follow from the value that was replaced.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from ..errors import GraphError, Law, Refused
from ..graph.blas import alone
from ..graph.flow import FLOW
from ..graph.graph import Node, Tensor
from ..graph.inference import InferContext
from ..graph.kernel import KernelContext
from ..graph.quiet import quietly
from ..graph.shapes import Static, count
from ..graph.types import variant
from .effects import ALIASES, VARIABLES
from .prune import INPUTS

LIMIT = 65536
"""Elements beyond which a value is not computed ahead of the run."""
NO_LARGER = frozenset({"BroadcastGradientArgs", "Where", "Unique", "ListDiff", "DynamicPartition"})
"""Ops whose result has a size that only computing it tells, but no greater one than the inputs."""
SHAPES = frozenset({"Shape", "Size", "Rank", "ShapeN"})
FILLED = {"ZerosLike": 0, "OnesLike": 1}
IMPURE = FLOW | VARIABLES | {"Assert", "Print", "PrintV2", "CheckNumerics", "NoOp", "ControlTrigger", *INPUTS}


def silent(node: Node) -> bool:
    """Whether a node does nothing but make values, the same of the same inputs, or hands one on."""
    opdef = node.opdef
    return (opdef is not None and not opdef.stateful and not opdef.writes
            and (node.type not in IMPURE or node.type in ALIASES))


class Facts:
    """``shape(tensor)`` and ``value(tensor)`` of the tensors of one run."""

    def __init__(self, fed: Mapping[Tensor, Static]) -> None:
        self.fed = fed
        self.trust = all(t.op.type in INPUTS for t in fed)
        self.shapes: dict[Tensor, Static] = dict(fed)
        self.values: dict[Tensor, Any] = {}
        self.refused: dict[Node, Law] = {}
        """Nodes that cannot run on what they are given, and why."""

    def shape(self, tensor: Tensor) -> Static:
        found = self.partly(tensor)
        return None if found is None or None in found else found

    def partly(self, tensor: Tensor) -> Static:
        """A shape of which some sizes may not be known."""
        return self.shapes.get(tensor, tensor.static if self.trust else None)

    def value(self, tensor: Tensor) -> Any:
        return self.values.get(tensor)

    def add(self, nodes: Sequence[Node], changing: Set[Node]) -> None:
        """Takes in nodes, each after its inputs. changing: variables whose shape may change."""
        for node in nodes:
            self._node(node, changing)

    def _node(self, node: Node, changing: Set[Node]) -> None:
        kind = node.type
        if kind == "Const":
            if node.outputs[0] not in self.fed:
                value = self.values[node.outputs[0]] = node.attrs["value"]
                self.shapes[node.outputs[0]] = value.shape
            return
        if kind in VARIABLES:
            if node.outputs[0] not in self.fed:
                self.shapes[node.outputs[0]] = None if node in changing else node.attrs.get("shape")
            return
        if kind in ALIASES:
            output = node.outputs[0]
            if output not in self.fed:
                self.shapes[output] = self.shape(node.inputs[0])
                if node.inputs[0] in self.values:
                    self.values[output] = self.values[node.inputs[0]]
            return
        if not (self.trust and all(None not in (t.static or (None,)) for t in (*node.inputs, *node.outputs))
                and not changing):
            self._infer(node)
        if self.fed.keys().isdisjoint(node.outputs):
            self._evaluate(node)

    def _infer(self, node: Node) -> None:
        opdef = node.opdef
        known: list[Static]
        if opdef is None or opdef.infer is None:
            known = [None] * len(node.outputs)
        else:
            shapes = [self.partly(t) for t in node.inputs]
            try:
                result = opdef.infer(_Context(node, self), *opdef.group(opdef.inputs, shapes, node.attrs))
            except (GraphError, ArithmeticError, LookupError, TypeError, ValueError) as error:
                result = None
                if isinstance(error, Refused):
                    self.refused[node] = error.law
            if len(node.outputs) == 1 and not isinstance(result, list):
                known = [result]
            else:
                known = [None] * len(node.outputs) if result is None else list(result)
        for tensor, shape in zip(node.outputs, known):
            if tensor not in self.fed:
                self.shapes[tensor] = shape if shape is not None else tensor.static if self.trust else None

    def _evaluate(self, node: Node) -> None:
        """The node's values, where they follow from values and shapes that are known."""
        opdef = node.opdef
        kind = node.type
        if (opdef is None or opdef.kernel is None or opdef.stateful or opdef.writes or not node.inputs
                or kind in IMPURE or not node.outputs or node in self.refused
                or any(t.dtype is variant for t in node.outputs)):
            # what a variant holds is no array
            return
        if kind in SHAPES:
            sizes = [self.shape(t) for t in node.inputs]
            if None not in sizes:
                for output, size in zip(node.outputs, sizes):
                    assert size is not None
                    given: Any = size if kind in ("Shape", "ShapeN") else len(size) if kind == "Rank" else count(size)
                    self.values[output] = np.asarray(given, output.dtype.as_numpy_dtype)
            return
        if kind in FILLED:
            size = self.shape(node.inputs[0])
            dtype = node.outputs[0].dtype.base_dtype
            if size is not None and (count(size) or 0) < LIMIT and dtype.kind in "fiubc":
                self.values[node.outputs[0]] = np.full(size, FILLED[kind], dtype.as_numpy_dtype)
            return
        values = self.values
        if not all(t in values for t in node.inputs) or any(t.dtype.is_ref for t in node.inputs):
            return
        total = 0
        for tensor in node.outputs:
            shape = self.shape(tensor)
            if shape is None and kind in NO_LARGER:
                total += sum(np.size(values[t]) for t in node.inputs)
            else:
                total += LIMIT if shape is None else count(shape) or 0
        if total >= LIMIT:
            return
        try:
            with quietly(), alone([node]):
                args = opdef.group(opdef.inputs, [values[t] for t in node.inputs], node.attrs)
                result = opdef.kernel(KernelContext(node))(*args)
        except Exception:
            # it fails when the step runs, and is told then
            return
        found = list(result) if type(result) in (list, tuple) else [result]
        for tensor, value in zip(node.outputs, found):
            array = values[tensor] = np.asarray(value)
            self.shapes[tensor] = array.shape


class _Context(InferContext):
    """Inference with the values of this run."""

    __slots__ = ("facts",)
    built = False

    def __init__(self, node: Node, facts: Facts) -> None:
        super().__init__(node)
        self.facts = facts

    def value(self, index: int) -> Any:
        found = self.facts.values.get(self.node.inputs[index])
        return super().value(index) if found is None and self.facts.trust else found

    def shape_value(self, index: int) -> Static:
        value = self.facts.values.get(self.node.inputs[index])
        if value is None:
            return super().shape_value(index) if self.facts.trust else None
        return tuple(None if v < 0 else int(v) for v in np.asarray(value).reshape(-1))
