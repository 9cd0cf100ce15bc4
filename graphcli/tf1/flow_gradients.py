"""Gradients through cond and while_loop: the formulas of the control flow ops."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..autodiff.sums import is_slices
from ..errors import InvalidType
from ..graph.flow import output_context
from ..graph.graph import Node, Tensor
from ..graph.shapes import count
from .conversion import IndexedSlices, constant, convert_to_tensor
from .flow_context import within
from .flow_loop import WhileContext
from .flow_nodes import exit_loop, merge, next_iteration, switch, switch_beside
from .framework import apply_op, colocate_with, name_scope


def _parts(function: Callable[[Tensor], Any], value: Any) -> Any:
    """``function`` of a tensor, or of each part of IndexedSlices."""
    if not is_slices(value):
        return function(value)
    values, indices = function(value.values), function(value.indices)
    return IndexedSlices(values, indices, None if value.dense_shape is None else function(value.dense_shape))


def _switched(grad: Any, pred: Tensor, name: str = "Switch") -> tuple[Any, Any]:
    """(what is alive where pred is false, where it is true)."""
    if not is_slices(grad):
        pair = switch_beside(grad, pred, name)
        return pair[0], pair[1]
    with colocate_with(grad.values, ignore_existing=True), name_scope(name, "Switch"):
        pairs = {t: switch(t, pred) for t in (grad.values, grad.indices, grad.dense_shape) if t is not None}
    return _parts(lambda t: pairs[t][0], grad), _parts(lambda t: pairs[t][1], grad)


def _merged(grads: Sequence[Any], name: str | None = None) -> Any:
    """The one of some gradients that is alive."""
    if not any(is_slices(g) for g in grads):
        return merge(grads, name)[0]
    with name_scope(name, "Merge"):
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
    if not is_slices(grad):
        return merge([grad, grad], name)[0]
    with name_scope(name):
        return _parts(lambda t: merge([t, t])[0], grad)


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
    return _switched(grad, pred, "cond_grad")


def of_exit(op: Node, grad: Any) -> Any:
    context = op.flow
    current = _current(op)
    if current is None or not current.back_prop:
        return None
    if context.grad_state is not None:
        raise InvalidType("the gradient of the gradient of a while_loop is not supported, in TensorFlow neither",
                          op.span)
    if is_slices(grad):
        current.values.update(t for t in (grad.values, grad.indices, grad.dense_shape) if t is not None)
    else:
        current.values.add(grad)
    with current.entered():
        name = None if is_slices(grad) else "b_exit"
        result = _parts(lambda t: current.enter_value(t, name=name), grad)
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


def _accumulated(context: WhileContext, op: Node, grad: Tensor) -> Tensor:
    """The sum over all iterations of the gradients of a loop invariant."""
    from . import zeros

    context.exit()
    value = op.inputs[0]
    outer = context.outer
    if grad.static is not None and None not in grad.static:
        with within(outer):
            start = constant(0, grad.dtype, shape=grad.static, name="b_acc")
    elif outer is not None and outer.is_while and outer.grad_state is not None:
        forward = context.grad_state.forward_context
        with within(forward.outer):
            sizes = apply_op("Shape", None, [value])
        state = context.grad_state.outer
        history = state.add_accumulator(sizes)
        with within(outer):
            start = zeros(state.accumulated(history, sizes), grad.dtype)
    else:
        with within(outer):
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
    from . import concat, maximum, zeros, zeros_like

    context.exit()
    with within(context.outer):
        static = grad.values.static
        if static is not None and None not in static:
            values = constant(0, grad.values.dtype, shape=(1, *static[1:]), name="b_acc")
        else:
            values = zeros(concat([[1], apply_op("Shape", None, [op.inputs[0]])[1:]], 0), dtype=grad.values.dtype)
        parts = [constant([0], grad.indices.dtype), values]
        given: list[Tensor] = [grad.indices, grad.values]
        if grad.dense_shape is not None:
            # the shape's own shape is often unknown inside of the loop: then it is that of the invariant
            known = count(grad.dense_shape.static) is not None
            parts.append(constant(0, grad.dense_shape.dtype, shape=grad.dense_shape.static) if known else zeros_like(
                apply_op("Shape", None, [op.inputs[0]], {"out_type": grad.dense_shape.dtype}), optimize=False))
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
