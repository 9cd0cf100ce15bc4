"""Dataflow control: values that are dead on one branch, frames and iterations of loops.

These ops have no kernels: the engine runs the parts of a graph in which they stand by TensorFlow's
own rules (``engine/flow.py``).
"""
from __future__ import annotations

from typing import Any

from ..errors import NotSupported
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import Static


def _unchanged(n: Any, data: Static) -> Static:
    return data


def _switch(n: Any, data: Static, pred: Static) -> list[Static]:
    n.with_rank(pred, 0, "the predicate")
    return [data, data]


def _merge(n: Any, inputs: list[Static]) -> list[Static]:
    out = inputs[0]
    for other in inputs[1:]:
        if out is None or other is None or len(other) != len(out):
            return [None, ()]
        out = tuple(a if a == b else None for a, b in zip(out, other))
    return [out, ()]


def _enter(n: Any, data: Static) -> Static:
    return data if n.attrs["is_constant"] else None


def _switch_gradient(tf: Any, op: Any, *grads: Any) -> Any:
    if op.flow is not None:
        return op.flow.formulas.of_switch(op, grads)
    alive = [tf.apply_op("Switch", None, [g, op.inputs[1]])[i] for i, g in enumerate(grads)]
    return tf.apply_op("Merge", None, [alive])[0], None


def _merge_gradient(tf: Any, op: Any, grad: Any, _: Any) -> Any:
    if op.inputs[0].op.flow is not None:
        return op.inputs[0].op.flow.formulas.of_merge(op, grad)
    chosen = [tf.equal(op.outputs[1], i) for i in range(len(op.inputs))]
    with tf.colocate_with(grad, ignore_existing=True):
        return [tf.apply_op("Switch", None, [grad, c])[1] for c in chosen]


def _enter_gradient(tf: Any, op: Any, grad: Any) -> Any:
    return grad if op.flow is None else op.flow.formulas.of_enter(op, grad)


def _exit_gradient(tf: Any, op: Any, grad: Any) -> Any:
    if op.flow is None:
        raise NotSupported(f"{op.name} is of a loop that was not made here, and has no gradient", op.span)
    return op.flow.formulas.of_exit(op, grad)


def _same_gradient(tf: Any, op: Any, grad: Any) -> Any:
    return grad


@op
class Switch:
    """Hands its data to one of two outputs, the other is dead."""

    signature = "data: T, pred: bool -> output_false: T, output_true: T"
    host_memory = "pred"
    attrs = "T: type"
    infer = _switch
    gradient = _switch_gradient


@op
class RefSwitch:
    """``Switch`` of a variable's buffer."""

    signature = "data: Ref(T), pred: bool -> output_false: Ref(T), output_true: Ref(T)"
    host_memory = "pred"
    attrs = "T: type"
    infer = _switch
    gradient = _switch_gradient


@op
class Merge:
    """The input that is not dead, and which one it was."""

    signature = "inputs: N*T -> output: T, value_index: int32"
    attrs = "T: type; N: int >= 1"
    infer = _merge
    gradient = _merge_gradient


@op
class RefMerge:
    """``Merge`` of variables' buffers."""

    signature = "inputs: Ref(N*T) -> output: Ref(T), value_index: int32"
    attrs = "T: type; N: int >= 1"
    infer = _merge
    gradient = _merge_gradient


@op
class Enter:
    """Takes a value into the frame of a loop; a constant one is there in every iteration."""

    signature = "data: T -> output: T"
    attrs = "T: type; frame_name: string; is_constant: bool = False; parallel_iterations: int = 10"
    infer = _enter
    gradient = _enter_gradient


@op
class RefEnter:
    """``Enter`` of a variable's buffer."""

    signature = "data: Ref(T) -> output: Ref(T)"
    attrs = "T: type; frame_name: string; is_constant: bool = False; parallel_iterations: int = 10"
    infer = _unchanged
    gradient = _enter_gradient


@op
class Exit:
    """Takes a value out of the frame of a loop."""

    signature = "data: T -> output: T"
    attrs = "T: type"
    infer = _unchanged
    gradient = _exit_gradient


@op
class RefExit:
    """``Exit`` of a variable's buffer."""

    signature = "data: Ref(T) -> output: Ref(T)"
    attrs = "T: type"
    infer = _unchanged
    gradient = _exit_gradient


@op
class NextIteration:
    """Hands a value to the next iteration of a loop."""

    signature = "data: T -> output: T"
    attrs = "T: type"
    infer = _unchanged
    gradient = _same_gradient


@op
class RefNextIteration:
    """``NextIteration`` of a variable's buffer."""

    signature = "data: Ref(T) -> output: Ref(T)"
    attrs = "T: type"
    infer = _unchanged
    gradient = _same_gradient


@op
class LoopCond:
    """Whether a loop goes on."""

    signature = "input: bool -> output: bool"

    gradient = no_gradient

    def infer(n: Any, data: Static) -> Static:
        n.with_rank(data, 0, "the condition of a loop")
        return ()


@op
class ControlTrigger:
    """Runs when its control inputs have run, dead or not."""

    signature = "->"
    gradient = undefined_gradient
