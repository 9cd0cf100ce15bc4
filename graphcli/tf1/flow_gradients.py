"""Gradients through cond and while_loop: the formulas of the control flow ops, and the loops that go back.

The gradient of a loop is a second loop with as many iterations. What it needs of the first one is
pushed on stacks there and popped here, in the opposite order.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from ..errors import NotSupported
from ..graph.constant import constant_value
from ..graph.graph import Node, Tensor
from ..graph.types import count
from .flow_context import (
    ENTERS,
    EXITS,
    CondContext,
    WhileContext,
    exit_loop,
    merge,
    next_iteration,
    output_context,
    switch,
    switch_beside,
    while_context,
)
from .framework import IndexedSlices, apply_op, colocate_with, constant, control_dependencies, convert_to_tensor


def is_slices(value: Any) -> bool:
    return isinstance(value, IndexedSlices)


def _parts(function: Callable[[Tensor], Any], value: Any) -> Any:
    """``function`` of a tensor, or of each part of IndexedSlices."""
    if not is_slices(value):
        return function(value)
    shape = None if value.dense_shape is None else function(value.dense_shape)
    return IndexedSlices(function(value.values), function(value.indices), shape)


def _switched(grad: Any, pred: Tensor) -> tuple[Any, Any]:
    """(what is alive where pred is false, where it is true)."""
    if not is_slices(grad):
        pair = switch_beside(grad, pred)
        return pair[0], pair[1]
    pairs = {t: switch(t, pred) for t in (grad.values, grad.indices, grad.dense_shape) if t is not None}
    return _parts(lambda t: pairs[t][0], grad), _parts(lambda t: pairs[t][1], grad)


def _merged(grads: Sequence[Any], name: str | None = None) -> Any:
    """The one of some gradients that is alive."""
    if not any(is_slices(g) for g in grads):
        return merge(grads, name)[0]
    sparse = [_as_slices(g) for g in grads]
    shapes = [g.dense_shape for g in sparse]
    return IndexedSlices(merge([g.values for g in sparse])[0], merge([g.indices for g in sparse])[0],
                         None if any(s is None for s in shapes) else merge(shapes)[0])


def _as_slices(grad: Any) -> IndexedSlices:
    if is_slices(grad):
        return grad  # type: ignore[no-any-return]
    from . import range as tf_range

    # a Shape node even of a known shape: it is dead where the gradient is
    sizes = apply_op("Shape", None, [grad])
    return IndexedSlices(grad, tf_range(0, sizes[0]), sizes)


def _current(node: Node) -> Any:
    """The context that is open now: in the gradient of a loop, the loop that goes back."""
    return node.graph.scopes.flow


# -- formulas

def of_switch(op: Node, grads: Sequence[Any]) -> Any:
    context = op.flow
    if context.is_while:
        state = _current(op).grad_state
        merged = state.switch_map.get(op)
        if merged is not None:
            # the second visit, from inside of the loop: the way back of the loop that goes back
            if grads[1] is not None:
                _back_edge(merged, grads[1])
            return None, None
        if grads[0] is None:
            return None, None
        merged = _twice(grads[0], "b_switch")
        state.switch_map[op] = merged
        return merged, None
    if grads[1 - context.branch] is None:
        return None, None
    return _merged(grads, "cond_grad"), None


def _twice(grad: Any, name: str) -> Any:
    """A Merge of a gradient with itself; the second input is replaced later."""
    return _parts(lambda t: merge([t, t], name)[0], grad)


def _back_edge(merged: Any, grad: Any) -> None:
    if is_slices(merged):
        grad = _as_slices(grad)
        pairs = [(merged.values, grad.values), (merged.indices, grad.indices), (merged.dense_shape, grad.dense_shape)]
    else:
        pairs = [(merged, convert_to_tensor(grad))]
    for target, value in pairs:
        if target is not None:
            target.graph.replace_input(target.op, 1, next_iteration(value))


def of_merge(op: Node, grad: Any) -> Any:
    context = output_context(op.inputs[0].op)
    current = _current(op)
    if context is None:
        from . import equal

        return [_switched(grad, equal(op.outputs[1], i))[1] for i in range(len(op.inputs))]
    if context.is_while:
        return _switched(grad, current.pivot)
    pred = context.pred
    if current is not None and current.grad_state is not None:
        pred = current.grad_state.real_predicate(pred)
    return _switched(grad, pred)


def of_exit(op: Node, grad: Any) -> Any:
    context = op.flow
    current = _current(op)
    if current is None or not current.back_prop:
        return None
    if context.grad_state is not None:
        raise NotSupported("the gradient of the gradient of a while_loop is not supported, in TensorFlow neither",
                           op.span)
    if is_slices(grad):
        current.values.update(t for t in (grad.values, grad.indices, grad.dense_shape) if t is not None)
    else:
        current.values.add(grad)
    with current.entered():
        result = _parts(lambda t: current.enter_value(t, name="b_exit"), grad)
    current.loop_enters.append(result)
    return result


def of_enter(op: Node, grad: Any) -> Any:
    current = _current(op)
    if current is None or not current.back_prop or current.grad_state is None:
        return grad
    if op.attrs["is_constant"]:
        return _accumulated_slices(current, op, grad) if is_slices(grad) else _accumulated(current, op, grad)
    result = _parts(exit_loop, grad)
    current.loop_exits.append(result)
    current.leave_result([result.values, result.indices] if is_slices(result) else [result])
    return result


def _in(context: Any) -> Any:
    """The nodes made inside are of this context; of none for None."""
    return nullcontext() if context is None else context.entered()


def _accumulated(context: WhileContext, op: Node, grad: Tensor) -> Tensor:
    """The sum over all iterations of the gradients of a loop invariant."""
    from . import zeros

    context.exit()
    value = op.inputs[0]
    outer = context.outer
    if grad.static is not None and None not in grad.static:
        with _in(outer):
            start = constant(0, grad.dtype, shape=grad.static, name="b_acc")
    elif outer is not None and outer.is_while and outer.grad_state is not None:
        forward = context.grad_state.forward_context
        with _in(forward.outer):
            sizes = apply_op("Shape", None, [value])
        state = context.grad_state.outer
        history = state.add_accumulator(sizes)
        with _in(outer):
            start = zeros(state.accumulated(history, sizes), grad.dtype)
    else:
        with _in(outer):
            start = zeros(apply_op("Shape", None, [value]), grad.dtype)
    context.enter()
    context.values.add(start)
    entered = context.enter_value(start, name="b_acc")
    context.loop_enters.append(entered)
    merged = merge([entered, entered], "b_acc")[0]
    ended, going = switch(merged, context.pivot)
    from . import add

    merged.graph.replace_input(merged.op, 1, next_iteration(add(going, grad)))
    result = exit_loop(ended, "b_acc")
    context.loop_exits.append(result)
    context.leave_result([result])
    return result


def _accumulated_slices(context: WhileContext, op: Node, grad: IndexedSlices) -> IndexedSlices:
    """The rows of all iterations, one after the other, behind a row of zeros."""
    from . import concat, maximum, shape, zeros, zeros_like

    context.exit()
    with _in(context.outer):
        static = grad.values.static
        if static is not None and None not in static:
            values = constant(0, grad.values.dtype, shape=(1, *static[1:]), name="b_acc")
        else:
            values = zeros(concat([[1], shape(op.inputs[0])[1:]], 0), dtype=grad.values.dtype)
        parts = [constant([0], grad.indices.dtype), values]
        given: list[Tensor] = [grad.indices, grad.values]
        if grad.dense_shape is not None:
            parts.append(zeros_like(grad.dense_shape) if grad.dense_shape.static is None
                         else constant(0, grad.dense_shape.dtype, shape=grad.dense_shape.static))
            given.append(grad.dense_shape)
    context.enter()
    context.values.update(parts)
    entered = [context.enter_value(p, keep_shape=False, name="b_acc") for p in parts]
    entered[0].static = (None,)
    if values.static is not None:
        entered[1].static = (None, *values.static[1:])
    context.loop_enters.extend(entered)
    merges = [merge([e, e], "b_acc")[0] for e in entered]
    switches = [switch(m, context.pivot) for m in merges]
    following = [concat([s[1], g], 0) for s, g in zip(switches[:2], given)]
    following += [maximum(g, s[1]) for s, g in zip(switches[2:], given[2:])]
    for merged, value in zip(merges, following):
        merged.graph.replace_input(merged.op, 1, next_iteration(value))
    exits = [exit_loop(s[0], "b_acc") for s in switches]
    context.loop_exits.extend(exits)
    context.leave_result(exits)
    return IndexedSlices(exits[1], exits[0], exits[2] if len(exits) > 2 else None)


# -- the loop that goes back

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
        with _in(around):
            total, self.forward_index = _count_forward(forward, outer)
        self.grad_context: WhileContext
        if outer is not None:
            around.values.add(total)
            history = outer.add_accumulator(total)
            with _in(outer.grad_context):
                self.grad_context = self._context_back()
                self.grad_index = _count_back(self.grad_context, outer.accumulated(history, total), outer)
        else:
            with _in(around):
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
            with _in(current), colocate_with(value):
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
                with _in(where.outer if dead_branch else where):
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
            if at.op.type in ENTERS and at.op.attrs["is_constant"]:
                at = at.op.inputs[0]
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


# -- one call of gradients

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
        if before and node.type in EXITS:
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
        with _in(context.outer):
            sizes = apply_op("Shape", None, [tensor])
        history = state.add_accumulator(sizes)
        with state.grad_context.entered():
            return zeros(state.accumulated(history, sizes), tensor.dtype)  # type: ignore[no-any-return]

    def zeros_like(self, node: Node, index: int) -> Any:
        """The gradient of an output that nothing used."""
        from . import zeros

        if node.type in ("Switch", "RefSwitch") and node.flow is not None and node.flow.is_while:
            return None
        context = while_context(node.flow)
        state = self.map.get(context) if context is not None else None
        if state is None:
            return self.walk.zeros_outside(node, index)
        dead_branch = node.type in ("Switch", "RefSwitch")
        value = node.outputs[index]
        where = node.flow
        if count(value.static) is not None:
            result = constant(0, shape=value.static, dtype=value.dtype.base_dtype)
            if dead_branch:
                pred = state.history_map.get(where.pred, where.pred)
                result = switch_beside(result, pred)[1 - where.branch]
            return result
        if dead_branch:
            with _in(where.outer):
                other = switch_beside(node.inputs[0], where.pred)[1 - where.branch]
                sizes = apply_op("Shape", None, [other])
            other.op.flow = sizes.op.flow = where
        else:
            with _in(where):
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
                    with _in(context.outer):
                        sizes = apply_op("Shape", None, [first.op.inputs[0]])
                        nothing = zeros(sizes, first.dtype)
                    with context.entered():
                        following = next_iteration(nothing)
                merged.graph.replace_input(merged.op, 1, following)


def loop_state(between: list[Node], walk: Any, colocate: bool = False) -> LoopState | None:
    """The state of the loops among ``between``, None without loops; adds their exits to it."""
    state: LoopState | None = None
    for node in between:
        if node.type in EXITS:
            state = state or LoopState(walk)
            with colocate_with(node) if colocate else nullcontext():
                state.add_loop(node, between)
    return state
