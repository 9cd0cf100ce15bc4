"""Reductions of sparse tensors over axes, to dense and to sparse ones; softmax over the last axis."""
from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.constant import static_value
from ..graph.opdef import op, undefined_gradient
from ._meeting import box_of, up_to
from ._reduced_gradients import with_ones
from ._sparse import SOME, checked, inside, linear, numbered, order, unlinear
from ._together import few, taken, together
from .segment import IDS, changes, starts

CPU_ONLY = True
INPUTS = "input_indices: int64, input_values: T, input_shape: int64, reduction_axes: int32"
SPARSE = f"{INPUTS} -> output_indices: int64, output_values: T, output_shape: int64"
ATTRS = "keep_dims: bool = False; T: "


def _dense(n: Any, indices: Any, values: Any, shape: Any, axes: Any) -> Any:
    """As Reduction of TensorFlow: known where the sizes and the axes are."""
    sizes, which = n.shape_value(2), n.value(3)
    if sizes is None or which is None or n.value(2) is None:
        return None
    gone = {int(axis) % max(1, len(sizes)) for axis in which.reshape(-1)}
    if n.attrs["keep_dims"]:
        return tuple(1 if i in gone else s for i, s in enumerate(sizes))
    return tuple(s for i, s in enumerate(sizes) if i not in gone)


def _unknown(n: Any, *inputs: Any) -> Any:
    return [None, None, None]


def _gone(indices: Any, values: Any, shape: Any, axes: Any) -> tuple[Any, list[int]]:
    """The indices of what is left, and the axes that are reduced."""
    checked(indices, values, shape)
    rank = len(shape)
    for axis in axes.reshape(-1).tolist():
        if not -rank <= axis < rank:
            raise RunError(f"Invalid reduction dimension {axis}, for input with {rank} dimensions.")
    gone = sorted({axis % rank for axis in axes.reshape(-1).tolist()})
    kept = [i for i in range(rank) if i not in gone]
    # next to each other they are as they lie
    return indices[:, slice(kept[0], kept[-1] + 1) if kept and len(kept) == kept[-1] - kept[0] + 1 else kept], gone


def _groups(left: Any, values: Any, ufunc: Any, more: int = 0) -> Iterator[tuple[Any, Any]]:
    """(indices of what is left, what comes of the values there), in their order. more: bytes of the result."""
    if not len(values):
        return
    box = box_of(left)
    if box is not None:
        low, spans = box

        def key(rows: Any) -> Any:
            return linear(rows, low, spans)

        if all((np.diff(key(left[i:i + SOME + 1])) >= 0).all() for i in range(0, len(left), SOME)):
            for start, stop, first in _runs(left, key):
                yield left[start:stop][first], _reduced(ufunc, values[start:stop], first)
            return
        if few(prod(spans), len(values)):
            size = values.nbytes + 8 * left.size + more
            for numbers, first, some in together(lambda p: key(left[p]), values, prod(spans), size):
                yield unlinear(numbers, low, spans), _reduced(ufunc, some, first)
            return
    numbers, = numbered(left)
    sort = order(numbers)
    numbers = numbers if sort is None else numbers[sort]
    first = np.concatenate([np.zeros(1, np.int64), changes(np, numbers, np.not_equal)])
    del numbers
    ordered = values if sort is None else values[sort]
    yield left[first if sort is None else sort[first]], _reduced(ufunc, ordered, first)


def _runs(left: Any, key: Any) -> Iterator[tuple[int, int, Any]]:
    """(first row, last row, where each run of equal rows begins) of some whole runs at a time, of rows in order."""
    start = 0
    while start < len(left):
        keys = key(left[start:start + SOME])
        stop = up_to(left, key, keys[-1], start + len(keys))
        yield start, stop, np.concatenate([np.zeros(1, np.int64), changes(np, keys, np.not_equal)])
        start = stop


def _reduced(ufunc: Any, values: Any, first: Any) -> Any:
    """What comes of values that begin at some, halves in single precision."""
    wide = values.astype(np.float32) if values.dtype.itemsize == 2 and values.dtype.kind not in "iu" else values
    return ufunc.reduceat(wide, first).astype(values.dtype, copy=False)


def _taken(n: Any) -> int:
    """Of axes that are the last ones, or not known, some: indices are in order. Of others what it takes to bring values
    together; or numbers, their order, and what numpy's C takes to sort them."""
    axes, (count, rank) = static_value(n.node.inputs[3]), n.shapes[0]
    gone = {int(axis) % max(1, rank) for axis in ([] if axes is None else axes.reshape(-1))}
    if not gone or min(gone) >= rank - len(gone):
        # where nearly each element is a sum, the places of these too
        return int((17 if prod(n.outs[0]) < count // 4 else 44) * min(SOME, count))
    several = 8 * count if rank - len(gone) > 1 else 0
    sizes = static_value(n.node.inputs[2])
    if sizes is not None and few(prod(s for i, s in enumerate(sizes.tolist()) if i not in gone), count):
        return taken(n.bytes(1) + 8 * count * (rank - len(gone)), n.width(1))
    return int(several + 24 * count)


def _to_dense(ufunc: Any) -> Any:
    def kernel(n: Any) -> Any:
        keep, dtype = n.attrs["keep_dims"], n.dtype()

        def reduce(indices: Any, values: Any, shape: Any, axes: Any) -> Any:
            left, gone = _gone(indices, values, shape, axes)
            sizes = [s for i, s in enumerate(shape.tolist()) if i not in gone]
            inside(left, sizes)
            out = np.zeros(sizes, dtype)
            for places, made in _groups(left, values, ufunc, out.nbytes):
                out[tuple(places.T)] = made if sizes else made[0]
            return out.reshape([1 if i in gone else s for i, s in enumerate(shape.tolist())]) if keep else out

        return reduce

    return kernel


def _to_sparse(ufunc: Any) -> Any:
    def kernel(n: Any) -> Any:
        keep = n.attrs["keep_dims"]

        def reduce(indices: Any, values: Any, shape: Any, axes: Any) -> Any:
            left, gone = _gone(indices, values, shape, axes)
            found = list(_groups(left, values, ufunc)) or [(left, values)]
            places, made = found.pop() if len(found) == 1 else map(np.concatenate, zip(*found))
            if not keep:
                return places, made, np.delete(shape, gone)
            whole, sizes = np.zeros((len(places), len(shape)), np.int64), shape.copy()
            whole[:, [i for i in range(len(shape)) if i not in gone]] = places
            sizes[gone] = 1
            return whole, made, sizes

        return reduce

    return kernel


def _kept(tf: Any, shape: Any, axes: Any) -> Any:
    """The sizes with 1 for what is reduced: numbers where they are known."""
    sizes, gone = static_value(shape), static_value(axes)
    if sizes is not None and gone is not None:
        sizes = sizes.astype(np.int32)
        sizes[gone] = 1
        return sizes
    return with_ones(tf, shape, axes)


@op
class SparseReduceSum:
    """Sums of a sparse tensor over axes, dense (tf.sparse_reduce_sum)."""

    signature = f"{INPUTS} -> output: T"
    takes = "reduction_axes: <=1 run"
    attrs = f"{ATTRS}{{numbertype}}"
    infer = _dense
    kernel = _to_dense(np.add)
    scratch = _taken

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        indices, _, shape, axes = op.inputs
        kept = _kept(tf, shape, axes)
        grad = tf.reshape(grad, kept)
        scale = shape // tf.cast(kept, "int64")
        return [None, tf.gather_nd(grad, indices // scale), None, None]


@op
class SparseReduceSumSparse:
    """Sums of a sparse tensor over axes, sparse (tf.sparse_reduce_sum_sparse)."""

    signature = SPARSE
    takes = "reduction_axes: <=1 run"
    attrs = f"{ATTRS}{{numbertype}}"
    infer = _unknown
    kernel = _to_sparse(np.add)
    scratch = _taken
    gradient = undefined_gradient


@op
class SparseReduceMax:
    """The greatest elements of a sparse tensor over axes, dense (tf.sparse_reduce_max): 0 where there are none."""

    signature = f"{INPUTS} -> output: T"
    takes = "reduction_axes: <=1 run"
    attrs = f"{ATTRS}{{realnumbertype}}"
    infer = _dense
    kernel = _to_dense(np.maximum)
    scratch = _taken
    gradient = undefined_gradient


@op
class SparseReduceMaxSparse:
    """The greatest elements of a sparse tensor over axes, sparse (tf.sparse_reduce_max_sparse)."""

    signature = SPARSE
    takes = "reduction_axes: <=1 run"
    attrs = f"{ATTRS}{{realnumbertype}}"
    infer = _unknown
    kernel = _to_sparse(np.maximum)
    scratch = _taken
    gradient = undefined_gradient


@op
class SparseSoftmax:
    """Softmax of the elements that are there, over the last axis (tf.sparse_softmax)."""

    signature = "sp_indices: int64, sp_values: T, sp_shape: int64 -> output: T"
    attrs = "T: {float16, float32, float64}"

    def infer(n: Any, indices: Any, values: Any, shape: Any) -> Any:
        n.with_rank(indices, 2, "sp_indices")
        n.with_rank(shape, 1, "sp_shape")
        return n.with_rank(values, 1, "sp_values")

    def kernel(n: Any) -> Any:
        def softmax(indices: Any, values: Any, shape: Any) -> Any:
            checked(indices, values, shape)
            if len(shape) < 2:
                raise RunError(f"Input should have rank >= 2, but received shape: {shape.tolist()}")
            if not len(values):
                return values
            numbers, = numbered(indices[:, :-1])
            sort = order(numbers)
            numbers = numbers if sort is None else numbers[sort]
            out = np.empty(values.shape, values.dtype)
            wide = np.float32 if values.dtype.itemsize == 2 else values.dtype
            for start, stop, first, _, counts in starts(np, numbers):
                some = slice(start, stop) if sort is None else sort[start:stop]
                powers = np.exp(values[some] - np.repeat(np.maximum.reduceat(values[some], first), counts))
                sums = np.add.reduceat(powers.astype(wide, copy=False), first)
                out[some] = powers / np.repeat(sums, counts)
            return out

        return softmax

    def scratch(n: Any) -> Any:
        return 13 * min(IDS, n.size(1)) + (8 * n.size(1) if len(n.shapes[2]) and n.shapes[2][0] > 2 else 0)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        indices, _, shape = op.inputs
        out = op.outputs[0]
        arriving = tf.SparseTensor(indices, grad, shape)
        product = tf.SparseTensor(indices, out * grad, shape)
        sums = -tf.sparse_reduce_sum(product, [-1], keepdims=True)
        added = tf.apply_op("SparseDenseCwiseAdd", None, [*arriving.components, sums])
        return [None, added * out, None]
