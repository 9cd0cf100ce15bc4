"""The graph of a function's body: what it takes of the graph around it becomes an argument (TensorFlow's FuncGraph)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .graph import Graph, Node, Tensor
from .opdef import get_op
from .shapes import Static

if TYPE_CHECKING:
    from .opdef import OpDef
    from .types import DType


class FunctionGraph(Graph):
    """A graph inside another, whose functions, collections and seed it shares.

    arguments: the tensors that a call gives, in order; captures: those of the graph around -> what stands for them.
    """

    def __init__(self, name: str, outer: Graph) -> None:
        super().__init__(name)
        self.outer = outer
        self.functions = outer.functions
        self.called = outer.called
        self.collections = outer.collections
        self.seed = outer.seed
        self.arguments: list[Tensor] = []
        self.captures: dict[Tensor, Tensor] = {}

    @property
    def building_function(self) -> bool:
        return True

    def holds(self, other: Graph) -> bool:
        return other is self or self.outer.holds(other)

    def argument(self, dtype: DType, static: Static, name: str) -> Tensor:
        """One more argument, a Placeholder in the body."""
        node = super().create_node("Placeholder", (), [dtype.base_dtype], {"dtype": dtype.base_dtype, "shape": static},
                                   name, get_op("Placeholder"))
        self.arguments.append(node.outputs[0])
        return node.outputs[0]

    def captured(self, tensor: Tensor) -> Tensor:
        """What stands here for a tensor: itself, or the argument for one of the graphs around."""
        if tensor.op.graph is self or not self.holds(tensor.op.graph):
            return tensor
        found = self.captures.get(tensor)
        if found is None:
            flow, controls = self.scopes.flow, self.scopes.controls
            self.scopes.flow, self.scopes.controls = None, ()
            try:
                found = self.argument(tensor.dtype, tensor.static, tensor.op.name)
            finally:
                self.scopes.flow, self.scopes.controls = flow, controls
            self.captures[tensor] = found
        return found

    def create_node(self, type: str, inputs: Sequence[Tensor], dtypes: Sequence[DType],
                    attrs: dict[str, Any] | None = None, name: str | None = None,
                    opdef: OpDef | None = None, infer: bool = True) -> Node:
        return super().create_node(type, [self.captured(t) for t in inputs], dtypes, attrs, name, opdef, infer)

    def as_graph_element(self, thing: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """As a Graph's; one of the graphs around is given back as it is there."""
        theirs = getattr(getattr(thing, "op", thing), "graph", None)
        if isinstance(theirs, Graph) and theirs is not self and self.holds(theirs):
            return theirs.as_graph_element(thing, allow_tensor, allow_operation)
        return super().as_graph_element(thing, allow_tensor, allow_operation)
