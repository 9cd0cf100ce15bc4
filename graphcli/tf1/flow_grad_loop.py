"""The loop that goes back over a while_loop.

The gradient of a loop is a second loop with as many iterations. What it needs of the first one is
pushed on stacks there and popped here, in the opposite order.
"""
from __future__ import annotations

from typing import Any

from ..graph.constant import constant_value
from ..graph.flow import ENTER, SWITCH, output_context
from ..graph.graph import Node, Tensor
from .conversion import constant
from .flow_context import CondContext, within
from .flow_loop import WhileContext
from .flow_nodes import exit_loop, merge, next_iteration, switch, switch_beside
from .framework import apply_op, colocate_with, control_dependencies


class GradLoop:
    """A while loop and the one that goes back over it.

    outer: the same of the loop around. switch_map: Switch of the forward loop -> Merge of this one.
    """

    def __init__(self, forward: WhileContext, outer: GradLoop | None) -> None:
        self.outer = outer
        self.forward_context = forward
        self.history_map: dict[Tensor, Tensor] = {}
        self.switch_map: dict[Node, Any] = {}
        self.unused_exits: list[Tensor] = []
        self.deferred_exits: list[Tensor] = []
        self.exits = list(forward.loop_exits)
        self.pending_exits_count = len(self.exits)
        self._forward_sync: Node | None = None
        self._grad_sync: Node | None = None
        around = outer.forward_context if outer is not None else forward.outer
        with within(around):
            total, self.forward_index = _count_forward(forward, outer)
        self.grad_context: WhileContext
        if outer is not None:
            around.values.add(total)
            history = outer.add_accumulator(total)
            with within(outer.grad_context):
                self.grad_context = self._context_back()
                self.grad_index = _count_back(self.grad_context, outer.accumulated(history, total), outer)
        else:
            with within(around):
                self.grad_context = self._context_back()
                self.grad_index = _count_back(self.grad_context, total, None)

    def _context_back(self) -> WhileContext:
        forward = self.forward_context
        return WhileContext(forward.maximum_iterations, forward.parallel_iterations, forward.back_prop,
                            forward.swap_memory, forward.name, self)

    def _trigger(self, name: str, context: WhileContext, index: Tensor) -> Node:
        with control_dependencies(None):
            node: Node = apply_op("ControlTrigger", name)
        node.flow = context
        node.graph.add_control_input(index.op, node)
        return node

    @property
    def forward_sync(self) -> Node:
        """What keeps the pushes of one iteration before those of the next."""
        if self._forward_sync is None:
            self._forward_sync = self._trigger("f_sync", self.forward_context, self.forward_index)
        return self._forward_sync

    @property
    def grad_sync(self) -> Node:
        """What keeps the pops of one iteration before those of the next."""
        if self._grad_sync is None:
            self._grad_sync = self._trigger("b_sync", self.grad_context, self.grad_index)
            if self.grad_context.outer is not None:
                self.grad_context.outer.add_inner(self._grad_sync)
        return self._grad_sync

    def add_accumulator(self, value: Tensor, dead_branch: bool = False) -> Tensor:
        """A stack onto which the forward loop pushes ``value`` in each iteration."""
        graph = value.graph
        forward = self.forward_context
        current = graph.scopes.flow
        with control_dependencies(None):
            with within(current), colocate_with(value):
                stack: Tensor = apply_op("StackV2", "f_acc", [constant(-1, "int32")],
                                         {"elem_type": value.dtype.base_dtype})
            entered = forward.add_value(stack)
            where = output_context(value.op)

            def push() -> Tensor:
                return apply_op("StackPushV2", None, [entered, value],  # type: ignore[no-any-return]
                                {"swap_memory": forward.swap_memory})

            if where is forward:
                with forward.entered():
                    pushed = push()
                graph.add_control_input(self.forward_index.op, pushed.op)
            else:
                with within(where.outer if dead_branch else where):
                    pushed = push()
                if dead_branch:
                    pushed.op.flow = where
                graph.add_control_input(self.forward_sync, pushed.op)
            graph.add_control_input(pushed.op, self.forward_index.op.inputs[0].op)
        return stack

    def accumulated(self, history: Tensor, value: Tensor, dead_branch: bool = False) -> Tensor:
        """The value that the same iteration of the forward loop pushed."""
        inside = history.op.flow
        branch_context = None
        context = value.op.flow
        while context is not None and context is not inside:
            if isinstance(context, CondContext):
                branch_context = context
                break
            context = context.outer
        with control_dependencies(None):
            with self.grad_context.entered():
                if branch_context is not None:
                    pred = None
                    state: GradLoop | None = self
                    while pred is None and state is not None:
                        pred = state.history_map.get(branch_context.pred)
                        state = state.outer
                    branch = 1 - branch_context.branch if dead_branch else branch_context.branch
                    history = switch_beside(history, branch_context.pred if pred is None else pred)[branch]
                pop: Tensor = apply_op("StackPopV2", None, [history], {"elem_type": value.dtype.base_dtype})
                pop.set_shape(value.shape)
        if self.grad_context.parallel_iterations > 1:
            pop.graph.add_control_input(self.grad_sync, pop.op)
        return pop

    def real_value(self, value: Tensor) -> Tensor:
        """What a tensor of the forward loop was in the iteration that is gone back over."""
        found = self.history_map.get(value)
        if found is not None:
            return found
        at, state = value, self
        real: Tensor | None = None
        history: Tensor | None = None
        while True:
            invariant = _invariant(at)
            if invariant is not None:
                at = invariant
                if state.outer is None:
                    real = self.grad_context.add_value(at)
                    break
                state = state.outer
            elif at.op.type == "Const":
                real = constant(constant_value(at), dtype=at.dtype)
                break
            else:
                self.grad_context.exit()
                history = state.add_accumulator(at)
                self.grad_context.enter()
                break
        if real is None:
            assert history is not None
            real = state.accumulated(history, at)
            if state is not self:
                real = self.grad_context.add_value(real)
        self.history_map[value] = real
        return real

    def real_predicate(self, pred: Tensor) -> Tensor:
        """The predicate of a cond inside of the loop, as it was in each iteration."""
        found = self.history_map.get(pred)
        if found is None:
            self.grad_context.exit()
            history = self.add_accumulator(pred)
            self.grad_context.enter()
            found = self.history_map[pred] = self.accumulated(history, pred)
        return found


def _invariant(value: Tensor) -> Tensor | None:
    """What came into the loop unchanged, though a branch or an identity may lie between; None if it is no such."""
    node = value.op
    while node.type in SWITCH or node.type in ("Identity", "RefIdentity"):
        node = node.inputs[0].op
    return node.inputs[0] if node.type in ENTER and node.attrs["is_constant"] else None


def _count_forward(forward: WhileContext, outer: GradLoop | None) -> tuple[Tensor, Tensor]:
    """A counter beside the loop variables: (how many iterations there were, the index of the next)."""
    from . import add

    start = constant(0, name="f_count")
    graph = start.graph
    if outer is not None:
        graph.add_control_input(start.op, outer.forward_index.op.inputs[0].op)
    with forward.entered():
        forward.values.add(start)
        entered = forward.enter_value(start, name="f_count")
        forward.loop_enters.append(entered)
        merged = merge([entered, entered])[0]
        ended, going = switch(merged, forward.pivot)
        following = next_iteration(add(going, 1))
        graph.replace_input(merged.op, 1, following)
        total = exit_loop(ended, "f_count")
        forward.loop_exits.append(total)
        forward.leave_result([total])
    return total, following


def _count_back(context: WhileContext, total: Tensor, outer: GradLoop | None) -> Tensor:
    """Counts the iterations down; gives the context its predicate."""
    from . import greater_equal, subtract

    one = constant(1, name="b_count")
    graph = one.graph
    with context.entered():
        context.values.add(total)
        entered = context.enter_value(total, name="b_count")
        context.loop_enters.append(entered)
        merged = merge([entered, entered])[0]
        context.pivot_for_pred = merged
        context.pivot = apply_op("LoopCond", "b_count", [greater_equal(merged, one)])
        ended, going = switch(merged, context.pivot)
        index = subtract(going, one)
        context.pivot_for_body = index
        following = next_iteration(index)
        graph.replace_input(merged.op, 1, following)
        zero = exit_loop(ended, "b_count")
        context.loop_exits.append(zero)
        if outer is not None:
            graph.add_control_input(outer.grad_sync, zero.op)
        context.leave_result([zero])
    return following
