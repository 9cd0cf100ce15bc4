"""Writing a slice of a variable, ``w[1:, 0].assign(value)``: the slice is given as a StridedSlice gives it."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from .array_strided import StridedSlice, index_of
from .state import initialized


def _write(n: Any) -> Any:
    xp, attrs = n.xp, n.attrs

    def assign(slot: Any, begin: Any, end: Any, strides: Any, value: Any) -> Any:
        held = initialized(slot)
        part = held[index_of(attrs, held.shape, begin.tolist(), end.tolist(), strides.tolist()) + (Ellipsis,)]
        value = xp.asarray(value)
        if part.size or value.size:
            try:
                value = xp.broadcast_to(value, part.shape)
            except ValueError:
                raise RunError(f"a value of shape {show(value.shape)} does not go into a slice of shape "
                               f"{show(part.shape)}") from None
            part[...] = value
        return slot

    return assign


@op
class StridedSliceAssign:
    """Writes a slice of a variable (``w[begin:end].assign``)."""

    signature = "ref: Ref(T), begin: Index, end: Index, strides: Index, value: T -> output_ref: Ref(T)"
    host_memory = "begin, end, strides"
    attrs = StridedSlice.attrs.replace("int16, ", "")
    gradient = undefined_gradient

    def infer(n: Any, ref: Any, begin: Any, end: Any, strides: Any, value: Any) -> Any:
        return ref

    def kernel(n: Any) -> Any:
        return _write(n)


@op
class ResourceStridedSliceAssign:
    """Writes a slice of a variable that is given by its handle."""

    signature = "ref: resource, begin: Index, end: Index, strides: Index, value: T ->"
    host_memory = StridedSliceAssign.host_memory
    attrs = StridedSliceAssign.attrs
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        write = _write(n)

        def assign(*args: Any) -> None:
            write(*args)

        return assign
