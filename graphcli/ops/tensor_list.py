"""Lists of tensors as values: what loops and conditions that are functions keep for their gradients, and Keras's RNNs.

No op changes a list, each gives a new one.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import Static, compatible, show
from ._list_shapes import SHAPED, element_of, element_within, fitting, said
from ._tensor_list import TensorList, kept, list_maker, zeros

CPU_ONLY = True  # what a list holds lies in this process


@op
class EmptyTensorList:
    """A list without elements."""

    signature = "element_shape: shape_type, max_num_elements: int32 -> handle: variant"
    host_memory = "element_shape, max_num_elements"
    attrs = SHAPED
    gradient = undefined_gradient

    def infer(n: Any, element: Static, most: Static) -> Static:
        said(n, 0)
        return ()

    def kernel(n: Any) -> Any:
        made = list_maker(n)

        def make(element: Any, most: Any) -> Any:
            if getattr(most, "ndim", 0):
                raise InvalidArgument("max_num_elements expected to be a scalar ")
            return made((), element, int(most))

        return make


@op
class TensorListReserve:
    """A list of so many elements that are not set."""

    signature = "element_shape: shape_type, num_elements: int32 -> handle: variant"
    host_memory = "element_shape, num_elements"
    attrs = SHAPED
    gradient = undefined_gradient

    def infer(n: Any, element: Static, many: Static) -> Static:
        said(n, 0)
        return ()

    def kernel(n: Any) -> Any:
        made = list_maker(n)

        def make(element: Any, many: Any) -> Any:
            if getattr(many, "ndim", 0):
                raise InvalidArgument("The num_elements to reserve must be a tensor size 1, but got "
                                      f"{many.size} elements")
            if many < 0:
                raise InvalidArgument(f"The num_elements to reserve must be a non negative number, but got {many}")
            return made([None] * int(many), element)

        return make


@op
class TensorListLength:
    """How many elements there are."""

    signature = "input_handle: variant -> length: int32"
    gradient = no_gradient

    def infer(n: Any, handle: Static) -> Static:
        return ()

    def kernel(n: Any) -> Any:
        return lambda given: np.asarray(given.size, np.int32)


@op
class TensorListElementShape:
    """The shape of the elements, -1 for what is not known."""

    signature = "input_handle: variant -> element_shape: shape_type"
    attrs = "shape_type: {int32, int64}"
    gradient = no_gradient

    def infer(n: Any, handle: Static) -> Static:
        shape = element_of(n.node.inputs[0])[1]
        return (None if shape is None else len(shape),)

    def kernel(n: Any) -> Any:
        dtype = n.dtype()
        return lambda given: np.asarray(-1 if given.element is None else
                                        [-1 if d is None else d for d in given.element], dtype)


@op
class TensorListPushBack:
    """A list with one more element at its end."""

    signature = "input_handle: variant, tensor: element_dtype -> output_handle: variant"
    attrs = "element_dtype: type"

    def infer(n: Any, handle: Static, tensor: Static) -> Static:
        element_within(n)
        return ()

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.attrs["element_dtype"]

        def push(given: Any, tensor: Any) -> Any:
            given.fits(dtype)
            if not compatible(given.element, np.shape(tensor)):
                raise InvalidArgument("Tried to append a tensor with incompatible shape to a list. Op element shape: "
                                      f"{show(np.shape(tensor))} list shape: {show(given.element)}")
            if given.most != -1 and given.size >= given.most:
                raise InvalidArgument("Tried to push item into a full list list size: "
                                      f"{given.size} max_num_elements: {given.most}")
            return given.pushed(kept(xp, tensor))

        return push

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return list(tf.apply_op("TensorListPopBack", None, [grad, tf.shape(op.inputs[1])], {
            "element_dtype": op.get_attr("element_dtype")}))


@op
class TensorListPopBack:
    """A list without its last element, and that."""

    signature = "input_handle: variant, element_shape: int32 -> output_handle: variant, tensor: element_dtype"
    host_memory = "element_shape"
    attrs = "element_dtype: type"

    def infer(n: Any, handle: Static, element: Static) -> list[Static]:
        return [(), element_within(n)]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.attrs["element_dtype"]

        def pop(given: Any, element: Any) -> Any:
            given.fits(dtype)
            if not given.size:
                raise InvalidArgument("Trying to pop from an empty list.")
            return [given.popped(), _element(xp, given, given.size - 1, element)]

        return pop

    def gradient(tf: Any, op: Any, rest: Any, grad: Any) -> Any:
        if rest is None:
            rest = empty(tf, op.outputs[0], grad.dtype)
        return [tf.apply_op("TensorListPushBack", None, [rest, grad]), None]


def empty(tf: Any, like: Any, dtype: Any) -> Any:
    """A list without elements for what another holds."""
    shape = tf.apply_op("TensorListElementShape", None, [like], {"shape_type": "int32"})
    return tf.apply_op("EmptyTensorList", None, [shape, -1], {"element_dtype": dtype})


def _element(xp: Any, given: TensorList, index: int, wanted: Any) -> Any:
    """An element; zeros where it was never set and its shape is known."""
    value = given.store[index]
    if value is not None:
        return value
    shape = given.wanted(wanted)
    if shape is None or None in shape:
        shape = given.settled(shape, given.items())
    if shape is None or None in shape:
        raise InvalidArgument("Trying to read an uninitialized element but element_shape is not fully defined: "
                              f"{show(shape)}")
    return zeros(xp, given.dtype, shape)


@op
class TensorListGetItem:
    """An element of a list."""

    signature = "input_handle: variant, index: int32, element_shape: Tshape -> item: element_dtype"
    host_memory = "index, element_shape"
    attrs = "element_dtype: type; Tshape: {int32, int64} = int32"

    def infer(n: Any, handle: Static, index: Static, element: Static) -> Static:
        return fitting(n, said(n, 2))

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.attrs["element_dtype"]

        def get(given: Any, index: Any, element: Any) -> Any:
            given.fits(dtype)
            if not 0 <= index < given.size:
                raise InvalidArgument(f"Trying to access element {index} in a list with {given.size} elements.")
            return _element(xp, given, int(index), element)

        return get

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        size = tf.apply_op("TensorListLength", None, [op.inputs[0]])
        shape = tf.apply_op("TensorListElementShape", None, [op.inputs[0]], {"shape_type": "int32"})
        made = tf.apply_op("TensorListReserve", None, [shape, size], {"element_dtype": grad.dtype})
        return [tf.apply_op("TensorListSetItem", None, [made, op.inputs[1], grad]), None, None]


@op
class TensorListSetItem:
    """A list with another element at a place."""

    signature = "input_handle: variant, index: int32, item: element_dtype -> output_handle: variant"
    host_memory = "index"
    attrs = "element_dtype: type; resize_if_index_out_of_bounds: bool = False"

    def infer(n: Any, handle: Static, index: Static, item: Static) -> Static:
        n.merge(element_of(n.node.inputs[0])[1], item, "shapes of the elements")
        return ()

    def kernel(n: Any) -> Any:
        xp, dtype, grows = n.xp, n.attrs["element_dtype"], n.attrs.get("resize_if_index_out_of_bounds", False)

        def put(given: Any, index: Any, item: Any) -> Any:
            given.fits(dtype)
            at = int(index)
            if grows and at >= given.size:
                given = given.of([*given.items(), *[None] * (at + 1 - given.size)])
            if not 0 <= at < given.size:
                raise InvalidArgument(f"Trying to modify element {at} in a list with {given.size} elements.")
            if not compatible(given.element, np.shape(item)):
                raise InvalidArgument("Tried to set a tensor with incompatible shape at a list index. Item element "
                                      f"shape: {show(np.shape(item))} list shape: {show(given.element)}")
            return given.replaced(at, kept(xp, item))

        return put

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        _, index, item = op.inputs
        rest = tf.apply_op("TensorListSetItem", None, [grad, index, tf.zeros_like(item)])
        return [rest, None, tf.apply_op("TensorListGetItem", None, [grad, index, tf.shape(item)], {
            "element_dtype": item.dtype.base_dtype})]
