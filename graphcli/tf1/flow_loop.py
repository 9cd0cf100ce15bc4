"""The context of a loop: its frame, and how the loop is wired."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.flow import EXIT, output_context
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static, show
from .conversion import convert_to_tensor, is_tensor
from .flow_context import Context, is_constant_enter, while_context
from .flow_nodes import enter_loop, exit_loop, identity, merge, next_iteration, switch_beside
from .framework import apply_op, control_dependencies


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
        if tensor.op.type in EXIT:
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
                getattr(source.flow, "_add_here", source.flow.add_node)(node)
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
                waiting = [apply_op("Identity", None, [other.outputs[0]]).op for other in dropped if other.outputs]
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
