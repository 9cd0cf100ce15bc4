"""TensorArrays: lists of tensors that live for one step, for loops and their gradients."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.flow import ENTER
from ..graph.graph import Node
from ..graph.opdef import no_gradient, op
from ..graph.shapes import Static
from ._elements import Elements

FLOW = np.zeros((), np.float32)


@op
class TensorArrayV3:
    """A new list of tensors (tf.TensorArray)."""

    signature = "size: int32 -> handle: resource, flow: float32"
    host_memory = "size"
    attrs = ("dtype: type; element_shape: shape = None; dynamic_size: bool = False; clear_after_read: bool = True; "
             "identical_element_shapes: bool = False; tensor_array_name: string = ''")
    stateful = True
    gradient = no_gradient

    def infer(n: Any, size: Static) -> list[Static]:
        n.with_rank(size, 0, "size")
        return [(2,), ()]

    def kernel(n: Any) -> Any:
        a = n.attrs
        name = a["tensor_array_name"] or n.node.name
        dtype, most = a["dtype"].as_numpy_dtype, getattr(n.state, "memory", None)

        def make(size: Any) -> Any:
            return [Elements(name, int(size), dtype, a["element_shape"], a["dynamic_size"], a["clear_after_read"],
                             a.get("identical_element_shapes", False), n.xp, most), FLOW]

        return make


def _made(node: Node) -> Node:
    """What made the array that a handle is of, or of whose gradients it is."""
    while node.type in ENTER or node.type == "TensorArrayGradV3":
        node = node.inputs[0].op
    return node


@op
class TensorArrayGradV3:
    """The list of the gradients of a TensorArray's elements."""

    signature = "handle: resource, flow_in: float32 -> grad_handle: resource, flow_out: float32"
    attrs = "source: string"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, handle: Static, flow: Static) -> list[Static]:
        return [(2,), ()]

    def kernel(n: Any) -> Any:
        source = n.attrs["source"]
        return lambda handle, flow: [handle.gradient(source), flow]


@op
class TensorArrayGradWithShape:
    """The list of the gradients of a TensorArray's elements, each with further axes in front."""

    signature = ("handle: resource, flow_in: float32, shape_to_prepend: int32 -> "
                 "grad_handle: resource, flow_out: float32")
    host_memory = "shape_to_prepend"
    attrs = "source: string"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, handle: Static, flow: Static, prepend: Static) -> list[Static]:
        return [(2,), ()]

    def kernel(n: Any) -> Any:
        source = n.attrs["source"]
        return lambda handle, flow, prepend: [handle.gradient(source, tuple(int(p) for p in prepend)), flow]


@op
class TensorArrayWriteV3:
    """Writes an element (TensorArray.write)."""

    signature = "handle: resource, index: int32, value: T, flow_in: float32 -> flow_out: float32"
    host_memory = "index"
    attrs = "T: type"
    stateful = True

    def infer(n: Any, handle: Static, index: Static, value: Static, flow: Static) -> Static:
        n.with_rank(index, 0, "index")
        return ()

    def kernel(n: Any) -> Any:
        def write(handle: Any, index: Any, value: Any, flow: Any) -> Any:
            handle.write(int(index), value)
            return flow

        return write

    def gradient(tf: Any, op: Any, flow: Any) -> Any:
        source, flow = flow.name, _barrier(tf, op, flow)
        array = tf.TensorArray.of_gradient(op.inputs[0], op.get_attr("T"), flow, source)
        return None, None, array.read(op.inputs[1]), flow


def _barrier(tf: Any, op: Any, flow: Any) -> Any:
    """The flow of gradients, after what was written: nothing is read back before."""
    with tf.control_dependencies([tf.identity(op.outputs[0], name="flow_out")]):
        return tf.identity(flow, name="write_barrier")


@op
class TensorArrayReadV3:
    """Reads an element (TensorArray.read)."""

    signature = "handle: resource, index: int32, flow_in: float32 -> value: dtype"
    host_memory = "index"
    attrs = "dtype: type"
    stateful = True

    def infer(n: Any, handle: Static, index: Static, flow: Static) -> Static:
        n.with_rank(index, 0, "index")
        element = _made(n.node.inputs[0].op).attrs.get("element_shape")
        return None if element is None else tuple(element)

    def kernel(n: Any) -> Any:
        return lambda handle, index, flow: handle.read(int(index))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        array = tf.TensorArray.of_gradient(op.inputs[0], op.get_attr("dtype"), op.inputs[2], grad.name)
        return None, None, array.write(op.inputs[1], grad).flow


@op
class TensorArrayGatherV3:
    """Some elements as one tensor (TensorArray.gather, TensorArray.stack)."""

    signature = "handle: resource, indices: int32, flow_in: float32 -> value: dtype"
    host_memory = "indices"
    attrs = "dtype: type; element_shape: shape = None"
    stateful = True

    def infer(n: Any, handle: Static, indices: Static, flow: Static) -> Static:
        n.with_rank(indices, 1, "indices")
        made = _made(n.node.inputs[0].op).attrs.get("element_shape")
        if made is not None:
            return (None if indices is None else indices[0], *made)
        # how many rows there are is told only beside a shape that the array was made with
        element = n.attrs["element_shape"]
        return None if element is None else (None, *element)

    def kernel(n: Any) -> Any:
        element = n.attrs["element_shape"]
        return lambda handle, indices, flow: handle.stacked(indices, element)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        array = tf.TensorArray.of_gradient(op.inputs[0], op.get_attr("dtype"), op.inputs[2], grad.name)
        return None, None, array.scatter(op.inputs[1], grad).flow


@op
class TensorArrayScatterV3:
    """Writes the rows of a tensor (TensorArray.scatter, TensorArray.unstack)."""

    signature = "handle: resource, indices: int32, value: T, flow_in: float32 -> flow_out: float32"
    host_memory = "indices"
    attrs = "T: type"
    stateful = True

    def infer(n: Any, handle: Static, indices: Static, value: Static, flow: Static) -> Static:
        n.with_rank(indices, 1, "indices")
        return ()

    def kernel(n: Any) -> Any:
        def scatter(handle: Any, indices: Any, value: Any, flow: Any) -> Any:
            if len(indices) != len(value):
                raise RunError(f"{len(indices)} indices do not fit {len(value)} rows")
            if len(indices):
                handle.place(int(max(indices)))
            # an element of an array of texts is no array
            rows = value if value.dtype != object else [value[i, ...] for i in range(len(value))]
            for index, row in zip(indices, rows):
                handle.write(int(index), row)
            return flow

        return scatter

    def gradient(tf: Any, op: Any, flow: Any) -> Any:
        source, flow = flow.name, _barrier(tf, op, flow)
        array = tf.TensorArray.of_gradient(op.inputs[0], op.get_attr("T"), flow, source)
        return None, None, array.gather(op.inputs[1]), flow


@op
class TensorArrayConcatV3:
    """All elements one after the other (TensorArray.concat)."""

    signature = "handle: resource, flow_in: float32 -> value: dtype, lengths: int64"
    attrs = "dtype: type; element_shape_except0: shape = None"
    stateful = True

    def infer(n: Any, handle: Static, flow: Static) -> list[Static]:
        return [None, (None,)]

    def kernel(n: Any) -> Any:
        def concat(handle: Any, flow: Any) -> Any:
            values = [handle.read(i) for i in range(len(handle.items))]
            lengths = np.asarray([len(v) for v in values], np.int64)
            if not values:
                return [n.xp.zeros((0, *(n.attrs["element_shape_except0"] or ())), handle.dtype), lengths]
            return [n.xp.concatenate(values), lengths]

        return concat

    def gradient(tf: Any, op: Any, grad: Any, lengths: Any) -> Any:
        array = tf.TensorArray.of_gradient(op.inputs[0], op.get_attr("dtype"), op.inputs[1], grad.name)
        return None, array.split(grad, op.outputs[1]).flow


@op
class TensorArraySplitV3:
    """Writes stretches of a tensor (TensorArray.split)."""

    signature = "handle: resource, value: T, lengths: int64, flow_in: float32 -> flow_out: float32"
    host_memory = "lengths"
    attrs = "T: type"
    stateful = True

    def infer(n: Any, handle: Static, value: Static, lengths: Static, flow: Static) -> Static:
        n.with_rank(lengths, 1, "lengths")
        return ()

    def kernel(n: Any) -> Any:
        def split(handle: Any, value: Any, lengths: Any, flow: Any) -> Any:
            if int(np.sum(lengths)) != len(value):
                raise RunError(f"the lengths add up to {int(np.sum(lengths))}, and the tensor has {len(value)} rows")
            at = 0
            for i, length in enumerate(lengths):
                handle.write(i, value[at:at + int(length)])
                at += int(length)
            return flow

        return split

    def gradient(tf: Any, op: Any, flow: Any) -> Any:
        source, flow = flow.name, _barrier(tf, op, flow)
        array = tf.TensorArray.of_gradient(op.inputs[0], op.get_attr("T"), flow, source)
        return None, array.concat(), None, flow


@op
class TensorArraySizeV3:
    """How many elements there are (TensorArray.size)."""

    signature = "handle: resource, flow_in: float32 -> size: int32"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, handle: Static, flow: Static) -> Static:
        return ()

    def kernel(n: Any) -> Any:
        return lambda handle, flow: np.asarray(len(handle.items), np.int32)


@op
class TensorArrayCloseV3:
    """Drops the elements (TensorArray.close)."""

    signature = "handle: resource ->"
    stateful = True
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return lambda handle: handle.items.clear()
