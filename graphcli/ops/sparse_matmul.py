"""Products of sparse and dense matrices."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import op
from ._grouped import grouped, taken
from ._sparse import checked, inside, order

CPU_ONLY = True
BLOCK = 1 << 16
"""Elements of the products that are added up at a time."""


@op
class SparseTensorDenseMatMul:
    """The product of a sparse and a dense matrix (tf.sparse_tensor_dense_matmul)."""

    signature = "a_indices: Tindices, a_values: T, a_shape: int64, b: T -> product: T"
    takes = "a_shape: [?]"
    attrs = "T: type; Tindices: {int32, int64} = int64; adjoint_a: bool = False; adjoint_b: bool = False"
    no_kernel = "T: bool, int8, int16, int64, uint8, uint16, uint32, uint64"

    def infer(n: Any, indices: Any, values: Any, shape: Any, b: Any) -> Any:
        n.with_rank(indices, 2, "a_indices")
        n.with_rank(values, 1, "a_values")
        sizes = n.with_rank(n.shape_value(2), 2, "a_shape")
        rows, inner = reversed(sizes) if n.attrs["adjoint_a"] else sizes
        b = n.with_rank(b, 2, "b")
        other, columns = reversed(b) if n.attrs["adjoint_b"] else b
        n.merge((inner,), (other,), "inner dimensions")
        return (rows, columns)

    def kernel(n: Any) -> Any:
        adjoint_a, adjoint_b, dtype = n.attrs["adjoint_a"], n.attrs["adjoint_b"], n.dtype()

        def matmul(indices: Any, values: Any, shape: Any, b: Any) -> Any:
            checked(indices, values, shape)
            if len(shape) != 2 or b.ndim != 2:
                raise RunError(f"a_shape should have 2 elements and b be a matrix, not {len(shape)} and rank {b.ndim}")
            if adjoint_b:
                b = b.conj().T
            rows, columns = (int(s) for s in (shape[::-1] if adjoint_a else shape))
            if columns != len(b):
                raise RunError("Cannot multiply A and B because inner dimension does not match: "
                               f"{columns} vs. {len(b)}. Did you forget a transpose?")
            inside(indices, shape)
            into, of = (indices[:, 1], indices[:, 0]) if adjoint_a else (indices[:, 0], indices[:, 1])
            values = values.conj() if adjoint_a else values
            wide = np.float32 if dtype.itemsize == 2 else dtype
            out = np.zeros((rows, b.shape[1]), wide)
            counts = np.zeros(rows, np.int64)
            for start in range(0, len(into), BLOCK):
                np.add.at(counts, into[start:start + BLOCK], 1)
            full = np.flatnonzero(counts)
            ends = np.cumsum(counts[full])
            parts = grouped(into[:, None], indices.nbytes + values.nbytes + b.nbytes + out.nbytes, n.each)
            low = before = 0
            for part in [order(into)] if parts is None else parts:
                # what a range holds are whole rows of the result
                last = len(full) if parts is None else int(np.searchsorted(ends, before + len(part), side="right"))
                start = before
                while low < last:
                    # some of them, so that it does not matter how many
                    high = min(last, max(low + 1, int(np.searchsorted(
                        ends, start + BLOCK // max(1, b.shape[1]), side="right"))))
                    stop = int(ends[high - 1])
                    some = slice(start, stop) if part is None else part[start - before:stop - before]
                    products = values[some, None].astype(wide, copy=False) * b[of[some]]
                    first = np.concatenate([[0], ends[low:high - 1] - start])
                    out[full[low:high]] = np.add.reduceat(products, first, axis=0)
                    low, start = high, stop
                before = start
            return out.astype(dtype, copy=False)

        return matmul

    def scratch(n: Any) -> Any:
        rows, columns = n.outs[0]
        most = min(max(BLOCK, n.size(1) // max(1, rows) * columns), n.size(1) * columns)
        given = sum(n.bytes(i) for i in (0, 1, 3)) + n.out_bytes()
        return 24 * rows + 3 * n.wide(1) * most + (taken(n.size(1), given) if n.attrs["adjoint_a"] else 0)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        indices, values, shape, b = op.inputs
        adjoint_a, adjoint_b = op.attrs["adjoint_a"], op.attrs["adjoint_b"]
        grad_b = tf.apply_op("SparseTensorDenseMatMul", None, [indices, values, shape, grad],
                             {"adjoint_a": not adjoint_a})
        if adjoint_b:
            grad_b = tf.matrix_transpose(grad_b, conjugate=True)
        rows, columns = indices[:, 0], indices[:, 1]
        parts = tf.gather(grad, columns if adjoint_a else rows)
        others = tf.gather(tf.transpose(b) if adjoint_b else b, rows if adjoint_a else columns)
        alike = adjoint_a == adjoint_b
        parts = tf.expand_dims(parts, -1 if adjoint_a else -2)
        others = tf.expand_dims(others, -2 if alike else -1)
        grad_a = tf.matmul(parts, others, adjoint_a=adjoint_a, adjoint_b=alike)
        return [None, tf.squeeze(grad_a, axis=[-2, -1]), None, grad_b]
