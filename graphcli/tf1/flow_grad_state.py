"""The loops that one call of gradients goes back over."""
from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from ..autodiff.sums import is_slices
from ..autodiff.zeros import zeros_of_variable
from ..errors import NotSupported
from ..graph.flow import EXIT, SWITCH
from ..graph.graph import Node, Tensor
from ..graph.shapes import count
from ..graph.types import resource
from .conversion import constant
from .flow_context import while_context, within
from .flow_grad_loop import GradLoop
from .flow_loop import WhileContext
from .flow_nodes import next_iteration, switch_beside
from .framework import apply_op, colocate_with


class LoopState:
    """The loops between xs and ys of one call of gradients, each with the one that goes back."""

    def __init__(self, walk: Any) -> None:
        self.walk = walk
        self.map: dict[WhileContext, GradLoop] = {}

    def add_loop(self, node: Node, between: list[Node]) -> None:
        """Takes in the loop of an Exit; its other exits are between xs and ys too."""
        forward = while_context(node.flow)
        if forward is None:
            raise NotSupported(f"{node.name} is of a loop that was not made here, and has no gradient", node.span)
        if forward in self.map:
            return
        around = while_context(forward.outer)
        state = self.map[forward] = GradLoop(forward, self.map.get(around) if around is not None else None)
        known = set(between)
        between += [e.op for e in state.exits if e.op not in known]

    def get_grad_state(self, node: Node, before: bool) -> GradLoop | None:
        if before and node.type in EXIT:
            context = while_context(node.flow.outer) if node.flow is not None else None
        else:
            context = while_context(node.flow)
        return None if context is None else self.map.get(context)

    def process_unused_loop_exits(self, pending: dict[Node, int], ready: set[Node]) -> list[Tensor]:
        """The exits that nothing uses, of loops of which no exit is used."""
        out: list[Tensor] = []
        for state in self.map.values():
            for tensor in state.exits:
                if not pending.get(tensor.op, 0):
                    state.pending_exits_count -= 1
                    if tensor.op not in ready:
                        state.unused_exits.append(tensor)
                    if not state.pending_exits_count:
                        out += state.unused_exits
            for tensor in state.forward_context.loop_enters:
                if not pending.get(tensor.op, 0):
                    pending[tensor.op] = 1
        return out

    def enter_grad_while_context(self, node: Node, before: bool) -> None:
        state = self.get_grad_state(node, before)
        if state is not None:
            state.grad_context.enter()

    def exit_grad_while_context(self, node: Node, before: bool) -> None:
        state = self.get_grad_state(node, before)
        if state is not None:
            state.grad_context.exit()

    def zeros_like_for_exit(self, tensor: Tensor) -> Tensor:
        """Zeros for an exit that nothing uses, though its loop goes back."""
        from . import zeros, zeros_like

        context = tensor.op.flow
        around = while_context(context.outer)
        state = self.map.get(around) if around is not None else None
        if state is None:
            if count(tensor.static) is not None:
                return zeros(tensor.static, tensor.dtype)  # type: ignore[no-any-return]
            return zeros_like(tensor, optimize=False)  # type: ignore[no-any-return]
        if count(tensor.static) is not None:
            with state.grad_context.entered():
                return zeros(tensor.static, tensor.dtype)  # type: ignore[no-any-return]
        with within(context.outer):
            sizes = apply_op("Shape", None, [tensor])
        history = state.add_accumulator(sizes)
        with state.grad_context.entered():
            return zeros(state.accumulated(history, sizes), tensor.dtype)  # type: ignore[no-any-return]

    def zeros_like(self, node: Node, index: int) -> Any:
        """The gradient of an output that nothing used."""
        from . import zeros

        if node.type in SWITCH and node.flow is not None and node.flow.is_while:
            return None
        context = while_context(node.flow)
        state = self.map.get(context) if context is not None else None
        if state is None:
            return self.walk.zeros_outside(node, index)
        dead_branch = node.type in SWITCH
        value = node.outputs[index]
        where = node.flow
        if count(value.static) is not None:
            if value.dtype is resource:
                result = zeros_of_variable(self.walk.tf, value, known=True)
            else:
                result = constant(0, shape=value.static, dtype=value.dtype.base_dtype)
            if dead_branch:
                pred = state.history_map.get(where.pred, where.pred)
                result = switch_beside(result, pred)[1 - where.branch]
            return result
        if dead_branch:
            with within(where.outer):
                other = switch_beside(node.inputs[0], where.pred)[1 - where.branch]
                sizes = apply_op("Shape", None, [other])
            other.op.flow = sizes.op.flow = where
        else:
            with within(where):
                sizes = apply_op("Shape", None, [value])
        state.grad_context.exit()
        history = state.add_accumulator(sizes, dead_branch)
        state.grad_context.enter()
        return zeros(state.accumulated(history, sizes, dead_branch), value.dtype.base_dtype)

    def post_processing(self) -> None:
        """Where a loop variable does not depend on its last value, the way back carries zeros."""
        from . import zeros

        for state in self.map.values():
            context = state.grad_context
            for merged in state.switch_map.values():
                if is_slices(merged):
                    continue
                first, second = merged.op.inputs
                if first is not second:
                    continue
                if count(first.static) is not None:
                    with context.entered():
                        following = next_iteration(constant(0, dtype=first.dtype, shape=first.static))
                else:
                    with within(context.outer):
                        sizes = apply_op("Shape", None, [first.op.inputs[0]])
                        nothing = zeros(sizes, first.dtype)
                    with context.entered():
                        following = next_iteration(nothing)
                merged.graph.replace_input(merged.op, 1, following)


def loop_state(between: list[Node], walk: Any, colocate: bool = False) -> LoopState | None:
    """The state of the loops among ``between``, None without loops; adds their exits to it."""
    state: LoopState | None = None
    for node in between:
        if node.type in EXIT:
            state = state or LoopState(walk)
            with colocate_with(node) if colocate else nullcontext():
                state.add_loop(node, between)
    return state
