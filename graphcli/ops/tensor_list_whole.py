"""Lists of tensors as wholes: of other lengths, one behind another, and a batch of them that each take a row."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op
from ..graph.shapes import Static, compatible, show
from ._list_shapes import element_of, fitting
from ._tensor_list import kept, rows

CPU_ONLY = True


@op
class TensorListResize:
    """A list of so many elements: the first of another, and more that are not set."""

    signature = "input_handle: variant, size: int32 -> output_handle: variant"
    host_memory = "size"

    def infer(n: Any, handle: Static, size: Static) -> Static:
        return ()

    def kernel(n: Any) -> Any:
        def resize(given: Any, size: Any) -> Any:
            if size < 0:
                raise InvalidArgument(f"TensorListSlice expects size to be non-negative. Got: {size}")
            return given.of([*given.items()[:int(size)], *[None] * (int(size) - given.size)])

        return resize

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        size = tf.apply_op("TensorListLength", None, [op.inputs[0]])
        return [tf.apply_op("TensorListResize", None, [grad, size]), None]


@op
class TensorListPushBackBatch:
    """Lists with one more element each: a row of a tensor."""

    signature = "input_handles: variant, tensor: element_dtype -> output_handles: variant"
    attrs = "element_dtype: type"
    gradient = no_gradient

    def infer(n: Any, handles: Static, tensor: Static) -> Static:
        n.with_rank(handles, 1, "input_handles")
        n.at_least_rank(tensor, 1, "tensor")
        many: Static = n.merge(handles, None if tensor is None else tensor[:1], "numbers of lists and rows")
        return many

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.attrs["element_dtype"]

        def push(given: Any, tensor: Any) -> Any:
            if given.shape[:1] != tensor.shape[:1]:
                raise InvalidArgument("Expected tensor.shape[0] == input_handles.size, but saw "
                                      f"{tensor.shape[0]} vs. {given.size}")
            out = np.empty(len(given), object)
            for i, (one, row) in enumerate(zip(given, rows(kept(xp, tensor)))):
                one.fits(dtype)
                if not compatible(one.element, row.shape):
                    raise InvalidArgument("Tried to append a tensor with incompatible shape to a list. Op element "
                                          f"shape: {show(row.shape)} list shape: {show(one.element)}")
                out[i] = one.pushed(row)
            return out

        return push


@op
class TensorListConcatLists:
    """The elements of one list and then those of another."""

    signature = "input_a: variant, input_b: variant -> output: variant"
    attrs = "element_dtype: type"
    gradient = no_gradient

    def infer(n: Any, a: Static, b: Static) -> Static:
        fitting(n, element_of(n.node.inputs[1])[1])
        shape: Static = n.merge(a, b, "shapes of the lists")
        return shape

    def kernel(n: Any) -> Any:
        dtype = n.attrs["element_dtype"]

        def one(a: Any, b: Any) -> Any:
            a.fits(dtype)
            b.fits(dtype)
            if a.element != b.element:
                raise InvalidArgument("input_a and input_b TensorList element shapes are not identical: "
                                      f"{show(a.element)} vs. {show(b.element)}")
            return a.of([*a.items(), *b.items()])

        def join(a: Any, b: Any) -> Any:
            if not a.ndim:
                return one(a, b)
            out = np.empty(a.shape, object)
            for at in np.ndindex(a.shape):
                out[at] = one(a[at], b[at])
            return out

        return join
