"""Tensors whose pieces of different lengths are the elements of lists, and back."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op
from ..graph.shapes import Static, compatible, show
from ._list_shapes import SHAPED, fitting, inner_sizes, said, shape_of_elements
from ._tensor_list import TensorList, as_element, kept, list_maker, zeros

CPU_ONLY = True


def _concatenated(xp: Any, given: TensorList, wanted: Static, leading: Any) -> list[Any]:
    """[the elements one after the other, how many rows each has]. leading: rows of those that were never set."""
    items = given.items()
    if wanted is not None and not wanted:
        raise InvalidArgument("Concat requires elements to be at least vectors, found scalars instead.")
    first, inner = (None, None) if wanted is None else (wanted[0], wanted[1:])
    for i, x in enumerate(items):
        if x is not None and not x.ndim:
            raise InvalidArgument(f"Concat saw a scalar shape at index {i} but requires at least vectors.")
        if x is not None and not compatible(inner, x.shape[1:]):
            raise InvalidArgument(f"Tried to concat tensors with unequal shapes: {show(inner)} vs {show(x.shape[1:])}")
        if x is not None:
            inner = x.shape[1:]
    if inner is None or None in inner:
        raise InvalidArgument("All except the first dimension must be fully defined when concating an empty tensor "
                              f"list. element_shape: {show(wanted)}")
    parts = []
    for i, x in enumerate(items):
        if x is None:
            count = int(leading[i]) if i < len(leading) else first
            if count is None:
                raise InvalidArgument("Concatenating lists with uninitialized tensors is not supported in this "
                                      "version of TensorListConcat. Consider updating your GraphDef to run the newer "
                                      "version.")
            x = zeros(xp, given.dtype, (count, *inner))
        parts.append(x)
    lengths = np.asarray([len(p) for p in parts], np.int64)
    return [xp.concatenate(parts) if parts else zeros(xp, given.dtype, (0, *inner)), lengths]


def _concat_shapes(n: Any, wanted: Static) -> list[Static]:
    shape = fitting(n, wanted)
    return [None if not shape else (None, *shape[1:]), (None,)]


def _concat_gradient(tf: Any, op: Any, grad: Any, lengths: Any) -> Any:
    made = tf.apply_op("TensorListSplit", None, [grad, shape_of_elements(tf, op.inputs[0]), op.outputs[1]])
    return [made, *[None] * (len(op.inputs) - 1)]


@op
class TensorListConcat:
    """The elements of a list one after the other, and how many rows each has."""

    signature = "input_handle: variant -> tensor: element_dtype, lengths: int64"
    attrs = "element_dtype: type; element_shape: shape = None"
    gradient = _concat_gradient

    def infer(n: Any, handle: Static) -> list[Static]:
        return _concat_shapes(n, n.attrs["element_shape"])

    def kernel(n: Any) -> Any:
        xp, dtype, shape = n.xp, n.attrs["element_dtype"], n.attrs["element_shape"]

        def concat(given: Any) -> Any:
            given.fits(dtype)
            wanted = given.wanted(np.asarray(-1) if shape is None else
                                  np.asarray([-1 if d is None else d for d in shape], np.int64))
            return _concatenated(xp, given, wanted, ())

        return concat


@op
class TensorListConcatV2:
    """The elements of a list one after the other, and how many rows each has; of those not set as many as is said."""

    signature = ("input_handle: variant, element_shape: shape_type, leading_dims: int64 -> "
                 "tensor: element_dtype, lengths: int64")
    host_memory = "element_shape, leading_dims"
    attrs = SHAPED
    gradient = _concat_gradient

    def infer(n: Any, handle: Static, element: Static, leading: Static) -> list[Static]:
        return _concat_shapes(n, said(n, 1))

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.attrs["element_dtype"]

        def concat(given: Any, element: Any, leading: Any) -> Any:
            given.fits(dtype)
            return _concatenated(xp, given, given.wanted(element), leading)

        return concat


@op
class TensorListSplit:
    """A list of the parts of a tensor, each of so many rows."""

    signature = "tensor: element_dtype, element_shape: shape_type, lengths: int64 -> output_handle: variant"
    host_memory = "element_shape, lengths"
    attrs = SHAPED

    def infer(n: Any, tensor: Static, element: Static, lengths: Static) -> Static:
        n.at_least_rank(tensor, 1, "tensor")
        n.with_rank(lengths, 1, "lengths")
        n.merge(None if tensor is None else (None, *tensor[1:]), said(n, 1), "shapes of the elements")
        return ()

    def kernel(n: Any) -> Any:
        xp, made = n.xp, list_maker(n)

        def split(tensor: Any, element: Any, lengths: Any) -> Any:
            if np.ndim(lengths) != 1:
                raise InvalidArgument(f"Expected lengths to be a vector, received shape: {show(np.shape(lengths))}")
            if not np.ndim(tensor):
                raise InvalidArgument("Tensor must be at least a vector, but saw shape: []")
            if not compatible(as_element(element), (None, *tensor.shape[1:])):
                raise InvalidArgument(f"Incompatible shapes during merge: {show((None, *tensor.shape[1:]))} vs. "
                                      f"{show(as_element(element))}")
            kept_rows, parts, at = kept(xp, tensor), [], 0
            for length in lengths.tolist():
                if length < 0:
                    raise InvalidArgument(f"Invalid value in lengths: {length}")
                if at + length > len(tensor):
                    raise InvalidArgument(f"Attempting to slice [{at}, {at + length}] from tensor with length "
                                          f"{len(tensor)}")
                parts.append(kept_rows[at:at + length])
                at += length
            if at != len(tensor):
                raise InvalidArgument("Unused values in tensor. Length of tensor: "
                                      f"{len(tensor)} Values used: {at}")
            return made(parts, element)

        return split

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        tensor, _, lengths = op.inputs
        shape = tf.concat([[-1], inner_sizes(tf, tensor)], axis=0)
        made = tf.apply_op("TensorListConcatV2", None, [grad, shape, lengths], {
            "element_dtype": tensor.dtype.base_dtype})
        return [made[0], None, None]
