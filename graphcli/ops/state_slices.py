"""Writing a slice of a variable, ``w[1:, 0].assign(value)``, or of a copy of a tensor: the slice is given as a
StridedSlice gives it."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from .array_strided import StridedSlice, index_of
from .state import initialized


def _put(n: Any) -> Any:
    """A function that writes a value into a slice of an array."""
    xp, attrs = n.xp, n.attrs

    def put(held: Any, begin: Any, end: Any, strides: Any, value: Any) -> Any:
        part = held[index_of(attrs, held.shape, begin.tolist(), end.tolist(), strides.tolist()) + (Ellipsis,)]
        value = xp.asarray(value)
        if part.size or value.size:
            try:
                value = xp.broadcast_to(value, part.shape)
            except ValueError:
                raise RunError(f"a value of shape {show(value.shape)} does not go into a slice of shape "
                               f"{show(part.shape)}") from None
            part[...] = value
        return held

    return put


def _write(n: Any) -> Any:
    put = _put(n)

    def assign(slot: Any, *given: Any) -> Any:
        put(initialized(slot), *given)
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


@op
class TensorStridedSliceUpdate:
    """A tensor with a slice of it written anew (tf.raw_ops.TensorStridedSliceUpdate)."""

    signature = "input: T, begin: Index, end: Index, strides: Index, value: T -> output: T"
    host_memory = StridedSliceAssign.host_memory
    attrs = StridedSliceAssign.attrs
    takes = "begin: [?]; end: [?]; strides: [?]"

    def infer(n: Any, x: Any, begin: Any, end: Any, strides: Any, value: Any) -> Any:
        n.merge(n.merge(begin, end), strides, "lengths of begin, end and strides")
        return x

    def kernel(n: Any) -> Any:
        put, xp = _put(n), n.xp
        return lambda x, *given: put(xp.array(x), *given)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, begin, end, strides, value = op.inputs
        where = begin, end, strides
        masks = {k: v for k, v in op.attrs.items() if k.endswith("_mask")}
        part = tf.apply_op("StridedSlice", None, [grad, *where], masks)
        rest = tf.apply_op("TensorStridedSliceUpdate", None, [grad, *where, tf.zeros_like(part)], masks)
        shape, told = (tf.shape(t, out_type=begin.dtype) for t in (part, value))
        axes = tf.apply_op("BroadcastGradientArgs", None, [shape, told])[1]
        return [rest, None, None, None, tf.reshape(tf.reduce_sum(part, axis=axes, keepdims=True), told)]
