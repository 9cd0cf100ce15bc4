"""Sparse tensors joined and taken apart, and rows without elements filled."""
from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ._ranked import bits_of
from ._sparse import checked, components, inside
from ._sparse_rows import dealt, in_one, ordering

CPU_ONLY = True
SOME = 1 << 15
"""Elements, or rows, that are looked at at a time."""


@op
class SparseConcat:
    """Sparse tensors one after the other along an axis (tf.sparse_concat), in the order of their indices."""

    signature = ("indices: N*int64, values: N*T, shapes: N*int64 "
                 "-> output_indices: int64, output_values: T, output_shape: int64")
    attrs = "concat_dim: int; N: int >= 2; T: type"

    def infer(n: Any, indices: Any, values: Any, shapes: Any) -> Any:
        count: int | None = 0
        rank: Any = (None,)
        for parts in zip(indices, values, shapes):
            more, own = components(n, *parts, "")
            rank = n.merge(rank, (own,), "ranks")
            count = None if count is None or more is None else count + more
        return [(count, *rank), (count,), rank]

    def kernel(n: Any) -> Any:
        axis = n.attrs["concat_dim"]

        def concat(indices: Any, values: Any, shapes: Any) -> Any:
            for parts in zip(indices, values, shapes):
                checked(*parts)
            rank = len(shapes[0])
            if not -rank <= axis < rank:
                raise RunError(f"Concat dimension must be in range [{-rank}, {rank}), got {axis}")
            at = axis % rank
            for i, shape in enumerate(shapes[1:], 1):
                if len(shape) != rank or any(a != b for j, (a, b) in enumerate(zip(shape, shapes[0])) if j != at):
                    raise RunError(f"Input shapes must match: expected {shapes[0].tolist()} for all but dimension "
                                   f"{at}, but got {shape.tolist()} at position {i}")
            begins = np.cumsum([0, *(s[at] for s in shapes)])
            sizes = shapes[0].copy()
            sizes[at] = begins[-1]
            return (*in_one(indices, values, at, begins[:-1]), sizes)

        return concat

    def scratch(n: Any) -> int:
        many, rank = n.outs[0]
        return ordering(many, rank, n.out_bytes(0) + n.out_bytes(1))

    gradient = no_gradient


@op
class SparseSplit:
    """A sparse tensor in parts along an axis (tf.sparse_split); the first parts take what is left over."""

    signature = ("split_dim: int64, indices: int64, values: T, shape: int64 "
                 "-> output_indices: num_split*int64, output_values: num_split*T, output_shape: num_split*int64")
    attrs = "num_split: int >= 1; T: type"

    def infer(n: Any, axis: Any, indices: Any, values: Any, shape: Any) -> Any:
        rank, = n.with_rank(shape, 1, "shape")
        number = n.attrs["num_split"]
        return [(None, rank)] * number + [(None,)] * number + [shape] * number

    def kernel(n: Any) -> Any:
        number = n.attrs["num_split"]

        def split(axis: Any, indices: Any, values: Any, shape: Any) -> Any:
            checked(indices, values, shape)
            inside(indices, shape)
            rank = len(shape)
            if np.ndim(axis) or not -rank <= int(axis) < rank:
                raise RunError(f"Input split_dim should be between {-rank} and {rank - 1}, got "
                               f"{np.asarray(axis).tolist()}")
            at = int(axis) % rank
            size = int(shape[at])
            if number > size:
                raise RunError(f"Input num_split should be between 1 and the splitting dimension size ({size}), got "
                               f"{number}")
            each, more = divmod(size, number)
            ends = np.cumsum([each + (i < more) for i in range(number)])
            parts = dealt(indices, values, lambda some: np.searchsorted(ends, some[:, at], side="right"), number)
            shapes = []
            for i, ((places, _), end) in enumerate(zip(parts, ends.tolist())):
                sizes = shape.copy()
                sizes[at] = each + (i < more)
                places[:, at] -= end - sizes[at]
                shapes.append(sizes)
            return [*(p for p, _ in parts), *(v for _, v in parts), *shapes]

        return split

    gradient = undefined_gradient


@op
class SparseFillEmptyRows:
    """A sparse tensor with an element, of a default value, in each row that has none (tf.sparse_fill_empty_rows)."""

    signature = ("indices: int64, values: T, dense_shape: int64, default_value: T -> output_indices: int64, "
                 "output_values: T, empty_row_indicator: bool, reverse_index_map: int64")
    attrs = "T: type"

    def infer(n: Any, indices: Any, values: Any, shape: Any, default: Any) -> Any:
        count, rank = components(n, indices, values, shape, "")
        n.with_rank(default, 0, "default_value")
        sizes = n.shape_value(2)
        if rank == 0:
            n.fail("the tensor has rank 0, and no rows")
        return [(None, rank), (None,), (sizes[0] if sizes else None,), (count,)]

    def kernel(n: Any) -> Any:
        def fill(indices: Any, values: Any, shape: Any, default: Any) -> Any:
            checked(indices, values, shape)
            if not len(shape):
                raise RunError("Dense shape cannot be empty.")
            rows = int(shape[0])
            if not rows and len(indices):
                raise RunError(f"Received SparseTensor with dense_shape[0] = 0 but indices.shape[0] = {len(indices)}")
            count, ordered, empty = len(indices), True, np.ones(rows, bool)
            for i in range(0, count, SOME):
                row = indices[i:i + SOME, 0]
                wrong = (row < 0) | (row >= rows)
                if wrong.any():
                    at = i + int(np.argmax(wrong))
                    raise RunError(f"indices({at}, 0) is invalid: {int(indices[at, 0])} >= {rows}")
                empty[row] = False
                ordered = ordered and not (indices[i + 1:i + SOME + 1, 0] < row[:count - i - 1]).any()
            sort = None if ordered else np.argsort(indices[:, 0], kind="stable")
            total = count + int(np.count_nonzero(empty))
            places = np.zeros((total, len(shape)), np.int64)
            if sort is not None:
                # the order is kept where indices will be, behind those that are there
                places[total - count:, 0] = sort
                sort = places[total - count:, 0]
            made = np.empty(total, values.dtype)
            back = np.empty(count, np.int64)
            start = holes = 0
            # some rows at a time, and of these some elements
            for low in range(0, rows, SOME):
                hole = empty[low:low + SOME]
                before, counts = holes + np.cumsum(hole), np.zeros(len(hole), np.int64)
                stop = bisect_left(range(count), low + len(hole), start,
                                   key=lambda i: indices[i if sort is None else sort[i], 0])
                for i in range(start, stop, SOME):
                    which = slice(i, min(i + SOME, stop)) if sort is None else sort[i:min(i + SOME, stop)].copy()
                    row = indices[which, 0] - low
                    counts += np.bincount(row, minlength=len(hole))
                    goes = before[row]
                    goes += np.arange(i, i + len(row))
                    back[which], places[goes], made[goes] = goes, indices[which], values[which]
                goes = (before + np.cumsum(counts))[hole] + (start - 1)
                places[goes, 0] = low + np.flatnonzero(hole)
                made[goes] = np.asarray(default)[()]
                start, holes = stop, int(before[-1])
            return places, made, empty, back

        return fill

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        values, default = tf.apply_op("SparseFillEmptyRowsGrad", None, [op.outputs[3], grads[1]])
        return [None, values, None, default]


@op
class SparseFillEmptyRowsGrad:
    """The gradients of the values and of the default value of SparseFillEmptyRows."""

    signature = "reverse_index_map: int64, grad_values: T -> d_values: T, d_default_value: T"
    attrs = "T: type"
    no_kernel = "T: bool, string"

    def infer(n: Any, back: Any, grad: Any) -> Any:
        n.with_rank(grad, 1, "grad_values")
        return [n.with_rank(back, 1, "reverse_index_map"), ()]

    def kernel(n: Any) -> Any:
        dtype = n.dtype()

        def gradients(back: Any, grad: Any) -> Any:
            if len(back) and (back.min() < 0 or back.max() >= len(grad)):
                raise RunError(f"Elements in reverse index must be in [0, {len(grad)})")
            # a bit for each value that was there
            bits = bits_of(back, 0, len(grad))
            parts = [slice(i, i + SOME) for i in range(0, max(1, len(grad)), SOME)]
            # whole numbers are added in their own dtype
            sums = np.array([grad[part][np.unpackbits(bits[part.start // 8:part.stop // 8], bitorder="little")[
                :len(grad) - part.start] == 0].sum(dtype=dtype) for part in parts], dtype)
            return grad[back], np.asarray(sums.sum(dtype=dtype) if len(parts) > 1 else sums[0], dtype)

        return gradients

    gradient = undefined_gradient
