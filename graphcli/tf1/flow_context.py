"""Control flow contexts: what stands around a node while a branch or a loop is built.

A context sees each new node (``Scopes.flow``) and lets its inputs from outside through a Switch or an
Enter; that is how TensorFlow's v1 control flow wires a branch or a loop.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.default import get_default_graph
from ..graph.graph import Node, Tensor
from ..graph.types import Static, show
from .framework import apply_op, colocate_with, control_dependencies, convert_to_tensor, is_tensor, name_scope

ENTERS = ("Enter", "RefEnter")
EXITS = ("Exit", "RefExit")


# -- the single nodes

def identity(tensor: Tensor, name: str | None = None) -> Tensor:
    return apply_op("RefIdentity" if tensor.dtype.is_ref else "Identity", name, [tensor])  # type: ignore[no-any-return]


def next_iteration(tensor: Tensor) -> Tensor:
    kind = "RefNextIteration" if tensor.dtype.is_ref else "NextIteration"
    return apply_op(kind, None, [tensor])  # type: ignore[no-any-return]


def exit_loop(tensor: Tensor, name: str | None = None) -> Tensor:
    return apply_op("RefExit" if tensor.dtype.is_ref else "Exit", name, [tensor])  # type: ignore[no-any-return]


def enter_loop(tensor: Tensor, frame: str, is_constant: bool = False, parallel_iterations: int = 10,
               keep_shape: bool = True, name: str | None = None) -> Tensor:
    kind = "RefEnter" if tensor.dtype.is_ref else "Enter"
    result: Tensor = apply_op(kind, name, [tensor], {"frame_name": frame, "is_constant": is_constant,
                                                     "parallel_iterations": parallel_iterations})
    if keep_shape:
        result.set_shape(tensor.shape)
    return result


def switch(data: Tensor, pred: Tensor, name: str | None = None) -> Any:
    """(output_false, output_true)."""
    with name_scope(name, "Switch") as scope:
        data = convert_to_tensor(data, name="data", as_ref=True)
        pred = convert_to_tensor(pred, name="pred")
        return apply_op("Switch", scope, [data, pred])


def switch_beside(data: Tensor, pred: Tensor) -> Any:
    """``switch`` on the device of its data, of a reference too."""
    data = convert_to_tensor(data, name="data")
    with colocate_with(data, ignore_existing=True):
        if data.dtype.is_ref:
            return apply_op("RefSwitch", "Switch", [data, pred])
        return switch(data, pred, "Switch")


def merge(inputs: Sequence[Any], name: str | None = None) -> Any:
    """(output, value_index)."""
    with name_scope(name, "Merge") as scope:
        tensors = [convert_to_tensor(i, as_ref=True) for i in inputs]
        kind = "RefMerge" if all(t.dtype.is_ref for t in tensors) else "Merge"
        return apply_op(kind, scope, [tensors])


def with_dependencies(dependencies: Sequence[Any], output: Tensor, name: str | None = None) -> Tensor:
    """``output``, once ``dependencies`` have run."""
    with name_scope(name, "control_dependency") as scope, colocate_with(output):
        with control_dependencies(dependencies):
            return identity(convert_to_tensor(output), scope)


# -- where a node stands

def output_context(node: Node) -> Any:
    """The context of what a node yields: an Exit yields outside of its loop."""
    context = node.flow
    return context.outer if context is not None and node.type in EXITS else context


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
    return node.type in ENTERS and bool(node.attrs["is_constant"])


def check_inputs(node: Node) -> None:
    """Raises InvalidValue if an input is of a loop that the node does not stand in."""
    for tensor in node.inputs:
        source = output_context(tensor.op)
        if source is None or source is node.flow:
            continue
        inside, loop = while_context(node.flow), while_context(source)
        if inside is None:
            if loop is None or node.type in ENTERS or node.type in ("Switch", "RefSwitch"):
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
        """Replaces the inputs from outside."""
        for index, tensor in enumerate(node.inputs):
            if node.type in ("Merge", "RefMerge") and tensor.op.type in ("NextIteration", "RefNextIteration"):
                continue
            real = self.add_value(tensor)
            if real is not tensor:
                self.graph.replace_input(node, index, real)

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
            return with_dependencies([value], self._pivot)
        tensor = convert_to_tensor(value)
        if tensor in self.values:
            return self.external.get(tensor, tensor)
        self.values.add(tensor)
        real: Tensor = tensor
        if self.outer is not None:
            real = self.outer.add_value(value)
            self.values.add(real)
            self.external[real] = real
        real = switch_beside(real, self.pred)[self.branch]
        self.external[tensor] = real
        return real


class WhileContext(Context):
    """The frame of a loop."""

    is_while = True

    def __init__(self, maximum_iterations: Tensor | None = None, parallel_iterations: int = 10,
                 back_prop: bool = True, swap_memory: bool = False, name: str = "while_context",
                 grad_state: Any = None) -> None:
        super().__init__(name)
        self.maximum_iterations = maximum_iterations
        self.parallel_iterations = parallel_iterations
        self.back_prop = back_prop
        self.swap_memory = swap_memory
        self.pivot_for_pred: Tensor | None = None
        self.pivot_for_body: Tensor | None = None
        self._pivot: Tensor | None = None
        self.loop_enters: list[Tensor] = []
        self.loop_exits: list[Tensor] = []
        self.grad_state = grad_state

    @property
    def pivot(self) -> Any:
        return self._pivot

    @pivot.setter
    def pivot(self, tensor: Tensor) -> None:
        self._pivot = tensor

    def control_pivot(self) -> Any:
        return self.pivot_for_pred if self.pivot_for_body is None else self.pivot_for_body

    def enter_value(self, tensor: Tensor, is_constant: bool = False, keep_shape: bool = True,
                    name: str | None = None) -> Tensor:
        return enter_loop(tensor, self.name, is_constant, self.parallel_iterations, keep_shape, name)

    def add_value(self, tensor: Tensor) -> Tensor:
        """What stands for a tensor in this loop: a constant Enter where it is from outside."""
        if tensor in self.values or tensor.op.flow is self:
            return self.external.get(tensor, tensor)
        self.values.add(tensor)
        history = self._forward_value(tensor)
        if history is not None:
            self.external[tensor] = history
            return history
        result = tensor if self.outer is None else self.outer.add_value(tensor)
        with control_dependencies(None):
            entered = self.enter_value(result, is_constant=True)
            if self.outer is not None:
                self.outer.add_inner(entered.op)
        self.fix_enters([entered])
        self.values.add(entered)
        self.external[tensor] = entered
        return entered

    def _forward_value(self, tensor: Tensor) -> Tensor | None:
        """In the loop of a gradient: the saved value of a tensor of the loop that it goes back over."""
        current = while_context(self.graph.scopes.flow)
        if current is None or current.grad_state is None:
            return None
        forward = while_context(tensor.op.flow)
        if tensor.op.type in EXITS:
            forward = while_context(forward.outer) if forward is not None else None
        if forward is current.grad_state.forward_context and forward is not None:
            return current.grad_state.real_value(tensor)  # type: ignore[no-any-return]
        return None

    def add_node(self, node: Node) -> None:
        current = while_context(self.graph.scopes.flow)
        if node.type in ("Shape", "Size", "Rank") and current is not None and current.grad_state is not None:
            # the shape is saved rather than the value: it is made in the forward loop
            source = node.inputs[0].op
            if while_context(source.flow) is current.grad_state.forward_context:
                node.flow = source.flow
                source.flow._add_here(node)
                return
        self._add_here(node)

    def _add_here(self, node: Node) -> None:
        if not node.inputs:
            kept, dropped = self._drop_external_controls(node)
            if not kept:
                self.graph.add_control_input(node, self.control_pivot().op)
        else:
            self._take_inputs(node)
            _, dropped = self._drop_external_controls(node)
            if not node.control_inputs and all(is_constant_enter(t.op) for t in node.inputs):
                # loop invariants alone would let it run without the loop
                self.graph.add_control_input(node, self.control_pivot().op)
        self.values.update(node.outputs)
        if dropped:
            with control_dependencies(None), self.entered():
                waiting = [identity(other.outputs[0]).op for other in dropped if other.outputs]
            for other in waiting:
                self.graph.add_control_input(node, other)
        if self.outer is not None:
            self.outer.add_inner(node)

    def fix_enters(self, enters: Sequence[Tensor]) -> None:
        """Gives Enter nodes this context, and of the control inputs around those of contexts around."""
        for tensor in enters:
            node = tensor.op
            for other in self.graph.scopes.control_inputs([node.inputs[0]]):
                context = output_context(other)
                around, loop = self.outer, while_context(self.outer)
                keep = True
                while around is not context:
                    if around is None or around is loop:
                        keep = False
                        break
                    around = around.outer
                if keep:
                    self.graph.add_control_input(node, other)
            node.flow = self
            for block in self.graph.scopes.controls:
                block.seen.add(node)

    def build(self, cond: Callable[[list[Tensor]], Any], body: Callable[[list[Tensor]], tuple[Any, list[Tensor]]],
              flat: Sequence[Tensor], invariants: Sequence[Static]) -> tuple[Any, list[Tensor]]:
        """Wires the loop: (what the body returned, the exits). ``body`` gives its result and the result flat."""
        self.values = set(flat)
        real = [self.outer.add_value(t) for t in flat] if self.outer is not None else list(flat)
        enters = []
        with control_dependencies(None):
            for tensor, invariant in zip(real, invariants):
                entered = self.enter_value(tensor, keep_shape=False)
                if not _less_or_equal(tensor.static, invariant):
                    raise InvalidValue(f"the shape invariant {show(invariant)} of {tensor.name} does not hold at the "
                                       f"start, where its shape is {show(tensor.static)}")
                entered.static = invariant
                if self.outer is not None:
                    self.outer.add_inner(entered.op)
                enters.append(entered)
        pivot, around = None, self.outer
        while around is not None and pivot is None:
            pivot, around = around.control_pivot(), around.outer
        if pivot is not None:
            for entered in enters:
                if is_constant_enter(entered.op.inputs[0].op):
                    self.graph.add_control_input(entered.op, pivot.op)
        self.fix_enters(enters)
        self.values = set(enters)
        self.loop_enters = enters
        merges = [merge([e, e])[0] for e in enters]
        self.pivot_for_pred = merges[0]
        self._pivot = apply_op("LoopCond", "LoopCond", [convert_to_tensor(cond(merges))])
        switches = [switch_beside(m, self._pivot) for m in merges]
        inside = [identity(s[1]) for s in switches]
        self.pivot_for_body = inside[0]
        original, result = body(inside)
        if len(result) != len(merges):
            raise InvalidValue(f"the body of a while_loop must return as many values as it has loop variables: "
                               f"{len(result)} are returned, there are {len(merges)}")
        for merged, value in zip(merges, result):
            self._back_edge(merged, value)
        exits = [exit_loop(s[0]) for s in switches]
        self.loop_exits = exits
        self.leave_result(exits)
        return original, exits

    def _back_edge(self, merged: Tensor, value: Any) -> None:
        value = convert_to_tensor(value) if not is_tensor(value) else convert_to_tensor(value, as_ref=True)
        following = next_iteration(value)
        entered = merged.op.inputs[0].op.inputs[0]
        if not _less_or_equal(following.static, merged.static):
            raise InvalidValue(f"{entered.name} enters the loop with shape {show(entered.static)}, but has shape "
                               f"{show(following.static)} after one iteration",
                               hint="shape_invariants= lets it change")
        if following.dtype.base_dtype is not merged.dtype.base_dtype:
            raise InvalidType(f"{entered.name} enters the loop as {entered.dtype.base_dtype.name}, but is "
                              f"{following.dtype.base_dtype.name} after one iteration",
                              hint="tf.cast converts a tensor")
        self.graph.replace_input(merged.op, 1, following)


def _less_or_equal(a: Static, b: Static) -> bool:
    """Whether every shape of ``a`` is one of ``b``."""
    if b is None:
        return True
    if a is None or len(a) != len(b):
        return False
    return all(y is None or x == y for x, y in zip(a, b))
