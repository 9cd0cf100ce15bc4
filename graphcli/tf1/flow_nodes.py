"""The single nodes of control flow: Switch, Merge, Enter, Exit, NextIteration."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.graph import Tensor
from . import nesting as nest
from .conversion import convert_to_tensor, is_resource
from .framework import apply_op, colocate_with, name_scope

EXPORTS = """
python.ops.control_flow_ops: merge
"""


def resources_read(values: Any) -> Any:
    """A nesting in which a read stands for each resource variable; all else is as it was.

    As TensorFlow does it before it opens the scope of a loop: the reads stand outside.
    """
    return nest.map_structure(lambda v: convert_to_tensor(v) if is_resource(v) else v, values)


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
        if is_resource(data):
            return apply_op("Switch", None, [data, convert_to_tensor(pred, name="pred")])
        data = convert_to_tensor(data, name="data", as_ref=True)
        pred = convert_to_tensor(pred, name="pred")
        return apply_op("Switch", scope, [data, pred])


def switch_beside(data: Tensor, pred: Tensor, name: str = "Switch") -> Any:
    """``switch`` on the device of its data, of a reference too."""
    data = convert_to_tensor(data, name="data")
    with colocate_with(data, ignore_existing=True):
        if data.dtype.is_ref:
            return apply_op("RefSwitch", name, [data, pred])
        return switch(data, pred, name)


def merge(inputs: Sequence[Any], name: str | None = None) -> Any:
    """(output, value_index)."""
    with name_scope(name, "Merge") as scope:
        tensors = [convert_to_tensor(i, as_ref=True) for i in inputs]
        kind = "RefMerge" if all(t.dtype.is_ref for t in tensors) else "Merge"
        return apply_op(kind, scope, [tensors])
