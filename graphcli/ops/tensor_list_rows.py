"""Lists of tensors made of the rows of a tensor, and tensors made of the elements of lists."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op
from ..graph.shapes import Static, compatible, show
from ._list_shapes import SHAPED, element_within, fitting, inner_sizes, said, shape_of_elements
from ._tensor_list import TensorList, as_element, kept, list_maker, rows, zeros
from .tensor_list import empty

CPU_ONLY = True


def _stacked(xp: Any, given: TensorList, items: list[Any], shape: Static, what: str) -> Any:
    """Elements as one tensor; those that were never set are zeros."""
    if shape is None or None in shape:
        if not items:
            raise InvalidArgument(f"Tried to {what} elements of an empty list with non-fully-defined element_shape: "
                                  f"{show(shape)}")
        shape = given.settled(shape, items)
        if shape is None or None in shape:
            raise InvalidArgument(f"Tried to {what} list which only contains uninitialized tensors and has a "
                                  f"non-fully-defined element_shape: {show(shape)}")
    for x in items:
        if x is not None and x.shape != shape:
            raise InvalidArgument(f"Tried to {what} elements of shape {show(shape)}, and one has {show(x.shape)}")
    out = zeros(xp, given.dtype, (len(items), *shape)) if None in [x if x is None else 0 for x in items] \
        else xp.empty((len(items), *shape), given.dtype.as_numpy_dtype)
    for i, x in enumerate(items):
        if x is not None:
            out[i, ...] = x
    return out


@op
class TensorListFromTensor:
    """The rows of a tensor as a list."""

    signature = "tensor: element_dtype, element_shape: shape_type -> output_handle: variant"
    host_memory = "element_shape"
    attrs = SHAPED

    def infer(n: Any, tensor: Static, element: Static) -> Static:
        n.merge(None if tensor is None else tensor[1:], said(n, 1), "shapes of the elements")
        return ()

    def kernel(n: Any) -> Any:
        xp, made = n.xp, list_maker(n)

        def make(tensor: Any, element: Any) -> Any:
            if not np.ndim(tensor):
                raise InvalidArgument("Tensor must be at least a vector, but saw shape: []")
            if not compatible(as_element(element), tensor.shape[1:]):
                raise InvalidArgument(f"Specified a list with shape {show(as_element(element))} from a tensor with "
                                      f"shape {show(tensor.shape[1:])}")
            return made(rows(kept(xp, tensor)), element)

        return make

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        tensor = op.inputs[0]
        if grad is None:
            grad = empty(tf, op.outputs[0], tensor.dtype)
        known = tensor.static[0] if tensor.static else None
        return [tf.apply_op("TensorListStack", None, [grad, inner_sizes(tf, tensor)], {
            "element_dtype": tensor.dtype.base_dtype, "num_elements": -1 if known is None else known}), None]


@op
class TensorListStack:
    """The elements of a list as the rows of a tensor."""

    signature = "input_handle: variant, element_shape: int32 -> tensor: element_dtype"
    host_memory = "element_shape"
    attrs = "element_dtype: type; num_elements: int = -1"

    def infer(n: Any, handle: Static, element: Static) -> Static:
        shape, many = fitting(n, said(n, 1)), n.attrs["num_elements"]
        return None if shape is None else (None if many == -1 else many, *shape)

    def kernel(n: Any) -> Any:
        xp, dtype, many = n.xp, n.attrs["element_dtype"], n.attrs["num_elements"]

        def stack(given: Any, element: Any) -> Any:
            given.fits(dtype)
            if many not in (-1, given.size):
                raise InvalidArgument(f"Operation expected a list with {many} elements but got a list with "
                                      f"{given.size} elements.")
            return _stacked(xp, given, given.items(), given.wanted(element), "stack")

        return stack

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        element = None if grad.static is None else grad.static[1:]
        shape = -1 if element is None else [-1 if d is None else d for d in element] or tf.constant([], "int32")
        return [tf.apply_op("TensorListFromTensor", None, [grad, shape]), None]


@op
class TensorListGather:
    """Some elements of a list as the rows of a tensor."""

    signature = "input_handle: variant, indices: int32, element_shape: int32 -> values: element_dtype"
    host_memory = "indices, element_shape"
    attrs = "element_dtype: type"

    def infer(n: Any, handle: Static, indices: Static, element: Static) -> Static:
        shape = fitting(n, said(n, 2))
        return None if shape is None or indices is None else (*indices, *shape)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.attrs["element_dtype"]

        def gather(given: Any, indices: Any, element: Any) -> Any:
            given.fits(dtype)
            shape = given.wanted(element)
            where = [int(i) for i in np.ravel(indices)]
            for i in where:
                if not 0 <= i < given.size:
                    raise InvalidArgument(f"Trying to gather element {i} in a list with {given.size} elements.")
            return _stacked(xp, given, [given.store[i] for i in where], shape, "gather")

        return gather

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        given, indices, _ = op.inputs
        shape = shape_of_elements(tf, given)
        size = tf.apply_op("TensorListLength", None, [given])
        made = tf.apply_op("TensorListReserve", None, [shape, size], {"element_dtype": grad.dtype})
        return [tf.apply_op("TensorListScatterIntoExistingList", None, [made, grad, indices]), None, None]


def _placed(xp: Any, before: list[Any], tensor: Any, indices: Any, element: Static) -> list[Any]:
    """Elements with the rows of a tensor at some places; there are as many as the places need."""
    if not np.ndim(tensor) or len(tensor) != np.size(indices):
        raise InvalidArgument("Invalid number of rows in input tensor. Expected: "
                              f"{np.size(indices)} Actual: {len(tensor) if np.ndim(tensor) else 0}")
    if not compatible(element, tensor.shape[1:]):
        raise InvalidArgument(f"Specified a list with shape {show(element)} from a tensor with shape "
                              f"{show(tensor.shape[1:])}")
    where = [int(i) for i in np.ravel(indices)]
    if where and min(where) < 0:
        raise InvalidArgument(f"Indices in TensorListScatter must all be non-negative: {min(where)}")
    out = [*before, *[None] * (max(where, default=-1) + 1 - len(before))]
    for i, row in zip(where, rows(kept(xp, tensor))):
        out[i] = row
    return out


def _scatter_gradient(tf: Any, op: Any, grad: Any) -> Any:
    tensor = op.inputs[0]
    made = tf.apply_op("TensorListGather", None, [grad, op.inputs[1], inner_sizes(tf, tensor)], {
        "element_dtype": tensor.dtype.base_dtype})
    return [made, *[None] * (len(op.inputs) - 1)]


def _scatter_shapes(n: Any, tensor: Static, indices: Static, element: Static, *many: Static) -> Static:
    said(n, 2)
    return ()


@op
class TensorListScatter:
    """A list with the rows of a tensor at some places."""

    signature = "tensor: element_dtype, indices: int32, element_shape: shape_type -> output_handle: variant"
    host_memory = "indices, element_shape"
    attrs = SHAPED
    infer, gradient = _scatter_shapes, _scatter_gradient

    def kernel(n: Any) -> Any:
        xp, made = n.xp, list_maker(n)
        return lambda tensor, indices, element: made(
            _placed(xp, [], tensor, indices, as_element(element)), element)


@op
class TensorListScatterV2:
    """A list of so many elements with the rows of a tensor at some places."""

    signature = ("tensor: element_dtype, indices: int32, element_shape: shape_type, num_elements: int32 -> "
                 "output_handle: variant")
    host_memory = "indices, element_shape, num_elements"
    attrs = SHAPED
    infer, gradient = _scatter_shapes, _scatter_gradient

    def kernel(n: Any) -> Any:
        xp, made = n.xp, list_maker(n)

        def scatter(tensor: Any, indices: Any, element: Any, many: Any) -> Any:
            if many < -1:
                raise InvalidArgument(f"TensorListScatter expects num_elements >= -1, found: {many}")
            most = int(np.max(indices, initial=-1)) + 1
            if many != -1 and most > many:
                raise InvalidArgument("TensorListScatter: Trying to scatter element at index "
                                      f"{most - 1} in a list with {many} elements")
            return made(_placed(xp, [None] * max(int(many), 0), tensor, indices, as_element(element)), element)

        return scatter


@op
class TensorListScatterIntoExistingList:
    """A list with the rows of a tensor at some places, and its own elements at the others."""

    signature = "input_handle: variant, tensor: element_dtype, indices: int32 -> output_handle: variant"
    host_memory = "indices"
    attrs = "element_dtype: type"

    def infer(n: Any, handle: Static, tensor: Static, indices: Static) -> Static:
        n.at_least_rank(tensor, 1, "tensor")
        n.with_rank(indices, 1, "indices")
        element_within(n)
        return ()

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.attrs["element_dtype"]

        def scatter(given: Any, tensor: Any, indices: Any) -> Any:
            given.fits(dtype)
            # as in TensorFlow, the shape of the rows may be any
            return given.of(_placed(xp, given.items(), tensor, indices, None))

        return scatter

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        _, tensor, indices = op.inputs
        made = tf.apply_op("TensorListGather", None, [grad, indices, inner_sizes(tf, tensor)], {
            "element_dtype": tensor.dtype.base_dtype})
        rest = tf.apply_op("TensorListScatterIntoExistingList", None, [grad, tf.zeros_like(tensor), indices])
        return [rest, made, None]
