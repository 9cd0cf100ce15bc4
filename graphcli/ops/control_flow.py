"""Dataflow control: values that are dead on one branch, frames and iterations of loops.

These ops have no kernels: the engine runs the parts of a graph in which they stand by TensorFlow's
own rules (``engine/flow.py``).
"""
from __future__ import annotations

from typing import Any

from ..graph.opdef import op
from ..graph.types import Static


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


@op
class Switch:
    """Hands its data to one of two outputs, the other is dead."""

    signature = "data: T, pred: bool -> output_false: T, output_true: T"
    attrs = "T: type"
    infer = _switch


@op
class RefSwitch:
    """``Switch`` of a variable's buffer."""

    signature = "data: Ref(T), pred: bool -> output_false: Ref(T), output_true: Ref(T)"
    attrs = "T: type"
    infer = _switch


@op
class Merge:
    """The input that is not dead, and which one it was."""

    signature = "inputs: N*T -> output: T, value_index: int32"
    attrs = "T: type; N: int >= 1"
    infer = _merge


@op
class RefMerge:
    """``Merge`` of variables' buffers."""

    signature = "inputs: Ref(N*T) -> output: Ref(T), value_index: int32"
    attrs = "T: type; N: int >= 1"
    infer = _merge


@op
class Enter:
    """Takes a value into the frame of a loop; a constant one is there in every iteration."""

    signature = "data: T -> output: T"
    attrs = "T: type; frame_name: string; is_constant: bool = False; parallel_iterations: int = 10"
    infer = _enter


@op
class RefEnter:
    """``Enter`` of a variable's buffer."""

    signature = "data: Ref(T) -> output: Ref(T)"
    attrs = "T: type; frame_name: string; is_constant: bool = False; parallel_iterations: int = 10"
    infer = _unchanged


@op
class Exit:
    """Takes a value out of the frame of a loop."""

    signature = "data: T -> output: T"
    attrs = "T: type"
    infer = _unchanged


@op
class RefExit:
    """``Exit`` of a variable's buffer."""

    signature = "data: Ref(T) -> output: Ref(T)"
    attrs = "T: type"
    infer = _unchanged


@op
class NextIteration:
    """Hands a value to the next iteration of a loop."""

    signature = "data: T -> output: T"
    attrs = "T: type"
    infer = _unchanged


@op
class RefNextIteration:
    """``NextIteration`` of a variable's buffer."""

    signature = "data: Ref(T) -> output: Ref(T)"
    attrs = "T: type"
    infer = _unchanged


@op
class LoopCond:
    """Whether a loop goes on."""

    signature = "input: bool -> output: bool"

    def infer(n: Any, data: Static) -> Static:
        n.with_rank(data, 0, "the condition of a loop")
        return ()


@op
class ControlTrigger:
    """Runs when its control inputs have run, dead or not."""

    signature = "->"
