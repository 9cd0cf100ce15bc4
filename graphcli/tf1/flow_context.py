"""Control flow contexts: what stands around a node while a branch or a loop is built; that of a branch.

A context sees each new node (``Scopes.flow``) and lets its inputs from outside through a Switch or an
Enter; that is how TensorFlow's v1 control flow wires a branch or a loop.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from ..errors import InvalidValue
from ..graph.default import get_default_graph
from ..graph.flow import ENTER, MERGE, NEXT, SWITCH, output_context
from ..graph.graph import Node, Tensor
from .conversion import convert_to_tensor
from .flow_nodes import switch_beside
from .framework import control_dependencies
from .grouping import with_dependencies


def within(context: Any) -> Any:
    """The nodes made inside are of this context; of none for None."""
    return nullcontext() if context is None else context.entered()


def while_context(context: Any) -> Any:
    while context is not None and not context.is_while:
        context = context.outer
    return context


def contains(inner: Any, outer: Any) -> bool:
    """Whether ``outer`` is ``inner`` or around it; None is around everything."""
    while inner is not outer:
        if inner is None:
            return False
        inner = inner.outer
    return True


def is_constant_enter(node: Node) -> bool:
    return node.type in ENTER and bool(node.attrs["is_constant"])


def check_inputs(node: Node) -> None:
    """Raises InvalidValue if an input is of a loop that the node does not stand in."""
    for tensor in node.inputs:
        source = output_context(tensor.op)
        if source is None or source is node.flow:
            continue
        inside, loop = while_context(node.flow), while_context(source)
        if inside is None:
            if loop is None or node.type in ENTER or node.type in SWITCH:
                continue
        else:
            if contains(inside, loop):
                continue
            forward = inside.grad_state and inside.grad_state.forward_context
            if forward and (contains(forward, loop) or forward is loop.outer):
                continue
        raise InvalidValue(f"{tensor.op.name} is inside of a while loop and {node.name} is not; "
                           f"only what while_loop returns can be used after it", node.span)


class Context:
    """What cond and while contexts have in common.

    values: the tensors known inside. external: a tensor from outside -> what stands for it inside.
    """

    is_while = False
    grad_state: Any = None

    def __init__(self, name: str) -> None:
        graph = get_default_graph()
        self.graph = graph
        self.name = graph.unique_name(name)
        self.outer = graph.scopes.flow
        self.nested: list[Context] = []
        if self.outer is not None:
            self.outer.nested.append(self)
        self.values: set[Tensor] = set()
        self.external: dict[Tensor, Tensor] = {}
        self._stack: list[Any] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    @property
    def formulas(self) -> Any:
        """The gradients of control flow ops, from the file that knows them."""
        from . import flow_gradients

        return flow_gradients

    def enter(self) -> None:
        self._stack.append(self.graph.scopes.flow)
        self.graph.scopes.flow = self

    def exit(self) -> None:
        self.graph.scopes.flow = self._stack.pop()

    @contextmanager
    def entered(self) -> Iterator[Context]:
        self.enter()
        try:
            yield self
        finally:
            self.exit()

    def leave_result(self, tensors: Sequence[Tensor]) -> None:
        """Makes tensors known to the context around."""
        if self.outer is not None:
            self.outer.values.update(tensors)

    def add(self, node: Node) -> None:
        """Takes in a node that was just made."""
        check_inputs(node)
        self.add_node(node)

    def check(self, node: Node) -> None:
        """Refuses a node outside that takes what only this context has."""
        check_inputs(node)

    def add_node(self, node: Node) -> None:
        raise NotImplementedError

    def add_inner(self, node: Node) -> None:
        """Hears of a node of a context inside."""
        if self.outer is not None:
            self.outer.add_inner(node)

    def add_value(self, tensor: Tensor) -> Tensor:
        raise NotImplementedError

    @property
    def pivot(self) -> Any:
        raise NotImplementedError

    def control_pivot(self) -> Any:
        """The tensor that nodes without inputs wait for."""
        raise NotImplementedError

    def _take_inputs(self, node: Node) -> None:
        """Replaces the inputs from outside.

        TensorFlow keeps the edges to a node in one list, inputs before control inputs. It takes an edge out by
        putting the last one in its place, and that is the order in which control inputs are met afterwards.
        """
        edges: list[Any] = [*range(len(node.inputs)), *node.control_inputs]
        for index, tensor in enumerate(node.inputs):
            if node.type in MERGE and tensor.op.type in NEXT:
                continue
            real = self.add_value(tensor)
            if real is not tensor:
                self.graph.replace_input(node, index, real)
                at = edges.index(index)
                edges[at] = edges[-1]
                edges[-1] = index
        order = [e for e in edges if isinstance(e, Node)]
        if order != list(node.control_inputs):
            for other in order:
                self.graph.remove_control_input(node, other)
            for other in order:
                self.graph.add_control_input(node, other)

    def _drop_external_controls(self, node: Node) -> tuple[list[Node], list[Node]]:
        """Takes away the control inputs from outside of the loop around: (kept, taken away)."""
        loop = while_context(self)
        if loop is None:
            return list(node.control_inputs), []
        kept: list[Node] = []
        dropped: list[Node] = []
        for other in node.control_inputs:
            context = output_context(other)
            (kept if context is not None and while_context(context) is loop else dropped).append(other)
        for other in dropped:
            self.graph.remove_control_input(node, other)
        return kept, dropped


class CondContext(Context):
    """One branch of a cond: ``branch`` is 1 where the predicate is true."""

    def __init__(self, pred: Tensor, pivot: Tensor, branch: int, name: str = "cond_text") -> None:
        super().__init__(name)
        self.pred = pred
        self._pivot = pivot
        self.branch = branch
        self.values = {pred, pivot}
        self.external = {pred: pred}
        pivot.op.flow = self

    @property
    def pivot(self) -> Any:
        return self._pivot

    def control_pivot(self) -> Any:
        return self._pivot

    @property
    def grad_state(self) -> Any:
        loop = while_context(self)
        return loop.grad_state if loop is not None else None

    @property
    def back_prop(self) -> bool:
        loop = while_context(self)
        return loop.back_prop if loop is not None else False

    def add_value(self, tensor: Tensor) -> Tensor:
        """What stands for a tensor in this branch: a Switch output where it is from outside."""
        if tensor in self.values:
            return self.external.get(tensor, tensor)
        self.values.add(tensor)
        result: Tensor = tensor
        if self.outer is not None:
            result = self.outer.add_value(tensor)
            self.values.add(result)
            self.external[result] = result
        with control_dependencies(None):
            result = switch_beside(result, self.pred)[self.branch]
            if self.outer is not None:
                self.outer.add_inner(result.op)
        result.op.flow = self
        context: Any = self
        while context is not None:
            context.values.add(result)
            context = context.outer
        self.external[tensor] = result
        return result

    def add_node(self, node: Node) -> None:
        if not node.inputs:
            self._drop_external_controls(node)
            if not any(contains(c.flow, self) for c in node.control_inputs):
                self.graph.add_control_input(node, self._pivot.op)
        else:
            self._take_inputs(node)
            self._drop_external_controls(node)
        context: Any = self
        while context is not None:
            context.values.update(node.outputs)
            context = context.outer
        if self.outer is not None:
            self.outer.add_inner(node)

    def result(self, value: Any) -> Tensor:
        """A result of the branch, which may be from outside; the pivot stands for an operation."""
        if isinstance(value, Node):
            after: Tensor = with_dependencies([value], self._pivot)
            return after
        tensor = convert_to_tensor(value)
        if tensor in self.values:
            return self.external.get(tensor, tensor)
        self.values.add(tensor)
        real: Tensor = tensor
        if self.outer is not None:
            real = self.outer.add_value(tensor)
            self.values.add(real)
            self.external[real] = real
        real = switch_beside(real, self.pred)[self.branch]
        self.external[tensor] = real
        return real
