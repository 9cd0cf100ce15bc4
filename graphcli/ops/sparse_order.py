"""Sparse tensors in another order or shape, and parts of them."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import count
from ._meeting import STEP, in_order, walked
from ._sparse import checked, numbered, order
from ._sparse_rows import dealt, ordering, reordered

CPU_ONLY = True
BLOCK = 1 << 14
"""Indices that are counted anew at a time."""


@op
class SparseReorder:
    """The elements of a sparse tensor in the order of their indices (tf.sparse_reorder)."""

    signature = "input_indices: int64, input_values: T, input_shape: int64 -> output_indices: int64, output_values: T"
    attrs = "T: type"

    def infer(n: Any, indices: Any, values: Any, shape: Any) -> Any:
        n.with_rank(shape, 1, "input_shape")
        return [n.with_rank(indices, 2, "input_indices"), n.with_rank(values, 1, "input_values")]

    def kernel(n: Any) -> Any:
        def reorder(indices: Any, values: Any, shape: Any) -> Any:
            checked(indices, values, shape)
            return reordered(indices, values)

        return reorder

    def scratch(n: Any) -> Any:
        many, rank = n.shapes[0]
        return ordering(many, rank, n.out_bytes(0) + n.out_bytes(1))

    def gradient(tf: Any, op: Any, _: Any, grad: Any) -> Any:
        indices, _, shape = op.inputs
        entries = tf.shape(indices)[0]
        places = tf.SparseTensor(indices, tf.range(entries), shape)
        back = tf.invert_permutation(tf.sparse_reorder(places).values)
        return [None, tf.gather(grad, back), None]


def wanted(sizes: list[int], given: list[int]) -> list[int]:
    """The sizes of a reshape, -1 filled in. Raises RunError where the elements do not fit."""
    if min(sizes, default=0) < 0:
        raise RunError(f"sizes are not negative, but input_shape is {sizes}")
    total, unknown = prod(sizes), [i for i, s in enumerate(given) if s < 0]
    if len(unknown) > 1:
        raise RunError(f"only one output dimension may be -1, not both {unknown[0]} and {unknown[1]}")
    if any(s < -1 for s in given):
        raise RunError(f"size {unknown[0]} must be non-negative, not {given[unknown[0]]}")
    known = prod(s for s in given if s >= 0)
    if unknown:
        if known == 0:
            raise RunError("reshape cannot infer the missing input size for an empty tensor unless all specified "
                           "input sizes are non-zero")
        if total % known:
            raise RunError(f"Input to reshape is a SparseTensor with {total} dense values, but the requested shape "
                           f"requires a multiple of {known}. input_shape={sizes} output_shape={given}")
        return [total // known if s < 0 else s for s in given]
    if known != total:
        raise RunError(f"Input to reshape is a tensor with {total} dense values, but the requested shape has {known}. "
                       f"input_shape={sizes} output_shape={given}")
    return given


@op
class SparseReshape:
    """The indices of a sparse tensor in another shape (tf.sparse_reshape). -1 stands for what is left."""

    signature = ("input_indices: int64, input_shape: int64, new_shape: int64 "
                 "-> output_indices: int64, output_shape: int64")

    def infer(n: Any, indices: Any, shape: Any, new: Any) -> Any:
        indices, shape = n.with_rank(indices, 2, "input_indices"), n.with_rank(shape, 1, "input_shape")
        rank, = n.with_rank(new, 1, "new_shape")
        sizes, given = n.value(1), n.value(2)
        if sizes is not None and given is not None and not n.built:
            try:
                wanted(sizes.tolist(), given.tolist())
            except RunError as error:
                n.fail(error.message)
        return [(indices[0], rank), (rank,)]

    def kernel(n: Any) -> Any:
        def reshape(indices: Any, shape: Any, new: Any) -> Any:
            if indices.ndim != 2 or shape.ndim != 1 or new.ndim != 1 or indices.shape[1] != len(shape):
                raise RunError(f"Input tensor rank must match input shape length: {list(indices.shape)} and "
                               f"{list(shape.shape)}; the new shape is a vector")
            sizes, made = shape.tolist(), wanted(shape.tolist(), new.tolist())
            if len(indices) and 0 in (*sizes, *made):
                raise RunError(f"there are {len(indices)} elements, but in the shapes {sizes} and {made} is no room")
            out = np.empty((len(indices), len(made)), np.int64)
            for start in range(0, len(indices), BLOCK):
                some = indices[start:start + BLOCK]
                linear = np.zeros(len(some), np.int64)
                for size, column in zip(sizes, some.T):
                    linear = linear * size + column
                for axis in range(len(made) - 1, 0, -1):
                    linear, out[start:start + BLOCK, axis] = np.divmod(linear, max(1, made[axis]))
                if made:
                    out[start:start + BLOCK, 0] = linear
            return out, np.asarray(made, np.int64)

        return reshape

    gradient = undefined_gradient


def offset(indices: Any, start: Any) -> Any:
    """Indices counted from a start; as they are where that is all 0."""
    return indices - start if np.any(start) else indices


@op
class SparseSlice:
    """The elements of a box of a sparse tensor (tf.sparse_slice): from ``start`` on, ``size`` of each axis."""

    signature = ("indices: int64, values: T, shape: int64, start: int64, size: int64 "
                 "-> output_indices: int64, output_values: T, output_shape: int64")
    attrs = "T: type"

    def infer(n: Any, indices: Any, values: Any, shape: Any, start: Any, size: Any) -> Any:
        # how many sizes there are, and that they are a vector is asked of a step alone
        return [(None, count(shape) if n.built else n.with_rank(shape, 1, "shape")[0]), (None,), shape]

    def kernel(n: Any) -> Any:
        def cut(indices: Any, values: Any, shape: Any, start: Any, size: Any) -> Any:
            checked(indices, values, shape)
            if start.shape != shape.shape or size.shape != shape.shape:
                raise RunError(f"Expected start and size to be vectors of length {len(shape)} but got length "
                               f"{start.size} and {size.size}")
            if (size < 0).any():
                raise RunError(f"Size must be non-negative, not {size.tolist()}")
            def inside(some: Any) -> Any:
                """0 for those in the box, -1 for the others."""
                good = np.ones(len(some), bool)
                for column, low, high in zip(some.T, start, start + size):
                    good &= (column >= low) & (column < high)
                return good.astype(np.int64) - 1

            (places, found), = dealt(indices, values, inside, 1)
            places -= start
            return places, found, np.where(start < shape, np.minimum(size, shape - start), 0)

        return cut

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        indices, _, _, start, _ = op.inputs
        out = tf.apply_op("SparseSliceGrad", None, [grads[1], indices, start, op.outputs[0]])
        return [None, out, None, None, None]


def _by_sorting(indices: Any, cut: Any) -> Any:
    """Where places are among others in any order: a part, as ``walked`` gives them."""
    whole, part = numbered(indices, cut)
    sort = order(whole)
    whole = whole if sort is None else whole[sort]
    places = np.minimum(np.searchsorted(whole, part), max(0, len(whole) - 1))
    found = np.flatnonzero(whole[places] == part) if len(whole) else np.zeros(0, np.int64)
    yield 0, 0, places[found] if sort is None else sort[places[found]], found


@op
class SparseSliceGrad:
    """The gradient of the values of SparseSlice: 0 for those that were cut off."""

    signature = "backprop_val_grad: T, input_indices: int64, input_start: int64, output_indices: int64 -> val_grad: T"
    takes = "input_start: [?]"
    attrs = "T: {numbertype}"

    def infer(n: Any, grad: Any, indices: Any, start: Any, cut: Any) -> Any:
        return n.with_rank(indices, 2, "input_indices")[:1]

    def kernel(n: Any) -> Any:
        def back(grad: Any, indices: Any, start: Any, cut: Any) -> Any:
            if cut.ndim != 2 or indices.ndim != 2 or cut.shape[1] != indices.shape[1] or len(grad) != len(cut):
                raise RunError("The input and output should have the same ndims and as many gradients as elements: "
                               f"got {list(indices.shape)}, {list(cut.shape)} and {list(grad.shape)}")
            out = np.zeros(len(indices), grad.dtype)
            keys = None if len(indices) + len(cut) <= STEP else in_order(indices, cut, start)
            left = len(cut)
            for i, j, mine, found in _by_sorting(indices, cut + start) if keys is None else walked(
                    indices, cut, *keys):
                both = (mine >= 0) & (found >= 0)
                out[i:][mine[both]] = grad[j:][found[both]]
                left -= int(np.count_nonzero(both))
            if left:
                raise RunError("Elements of backprop_val_grad aren't all propagated")
            return out

        return back

    def scratch(n: Any) -> Any:
        return 40 * min(2 * STEP, n.shapes[1][0] + n.shapes[3][0])

    gradient = undefined_gradient
