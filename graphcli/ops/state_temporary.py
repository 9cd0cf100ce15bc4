"""Buffers that live for a step, and one of several variables by its number."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidArgument, NotSupported
from ..graph.inference import same_shape
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from .state import initialized


@op
class TemporaryVariable:
    """A buffer that lives until DestroyTemporaryVariable of the same step takes its value."""

    signature = " -> ref: Ref(dtype)"
    attrs = "shape: shape; dtype: type; var_name: string = ''"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any) -> Any:
        return n.attrs["shape"]

    def kernel(n: Any) -> Any:
        slot, shape, dtype, xp = n.state.slot(n.node), n.attrs["shape"], n.dtype(), n.xp

        def make() -> Any:
            if shape is None or None in shape:
                raise InvalidArgument(f"a temporary variable has a shape, not {show(shape)}")
            slot.value = xp.zeros(shape, dtype)
            return slot

        return make


@op
class DestroyTemporaryVariable:
    """The last value of a temporary variable, which is no more."""

    signature = "ref: Ref(T) -> value: T"
    attrs = "T: type; var_name: string"
    infer, gradient = same_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        def take(slot: Any) -> Any:
            value = initialized(slot)
            slot.value = None
            return value

        return take


@op
class RefSelect:
    """The value of one of several variables, by its number. What would write to that variable is refused."""

    signature = "index: int32, inputs: Ref(N*T) -> output: Ref(T)"
    attrs = "T: type; N: int >= 1"
    takes = "index: []"
    gradient = undefined_gradient

    def infer(n: Any, index: Any, inputs: Any) -> Any:
        first = inputs[0]
        return first if first is not None and None not in first and all(s == first for s in inputs) else None

    def kernel(n: Any) -> Any:
        xp = n.xp
        for user in n.node.outputs[0].consumers():
            if user.opdef is not None and any(a.is_ref for a in user.opdef.inputs):
                raise NotSupported(f"{user.name} ({user.type}) writes to what RefSelect chooses, which is not done "
                                   "here")

        def select(index: Any, slots: Any) -> Any:
            if not 0 <= int(index) < len(slots):
                raise InvalidArgument(f"Index must be in the range [0, {len(slots)}) but got {int(index)}")
            return xp.array(initialized(slots[int(index)]))

        return select
