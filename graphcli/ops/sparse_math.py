"""Sparse tensors element by element: with dense ones, and with each other."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ._meeting import STEP, meeting, united
from ._sparse import checked, either, inside
from .math_division import checked as not_by_zero
from .math_division import quotient, truncated

CPU_ONLY = True
BLOCK = 1 << 16
"""Values that are met with those of a dense tensor at a time."""


@op
class SparseTensorDenseAdd:
    """A dense tensor with the elements of a sparse one added (tf.sparse_add)."""

    signature = "a_indices: Tindices, a_values: T, a_shape: Tindices, b: T -> output: T"
    attrs = "T: {numbertype}; Tindices: {int32, int64}"

    def infer(n: Any, indices: Any, values: Any, shape: Any, b: Any) -> Any:
        return b

    def kernel(n: Any) -> Any:
        def add(indices: Any, values: Any, shape: Any, b: Any) -> Any:
            checked(indices, values, shape)
            if list(b.shape) != shape.tolist():
                raise RunError(f"Dimensions of the operands differ: a has the shape {shape.tolist()}, "
                               f"b {list(b.shape)} (no broadcasting is supported)")
            inside(indices, shape)
            out = np.array(b)
            np.add.at(out, tuple(indices.T), values)
            return out

        return add

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [None, tf.gather_nd(grad, op.inputs[0]), None, grad]


def _pair(indices: Any, values: Any, shape: Any, others: Any, more: Any, other: Any) -> None:
    """Refuses what are no two sparse tensors of one shape."""
    checked(indices, values, shape)
    checked(others, more, other)
    if shape.tolist() != other.tolist():
        raise RunError(f"Operands' shapes do not match: {shape.tolist()} and {other.tolist()}")


def _values(values: Any, found: Any) -> Any:
    """The values that were found, 0 where there is none."""
    if not len(values):
        return np.zeros(len(found), values.dtype)
    out = values.take(found)
    out[found < 0] = 0
    return out


def _met(indices: Any, values: Any, others: Any, more: Any, operation: Any) -> tuple[Any, Any]:
    """The places of two sparse tensors in order, and what comes of their values there. operation: of the values of
    both, and of where they are: (what comes of them, which stay)."""
    most = united(indices, others)
    places, out = np.empty((most, indices.shape[1]), np.int64), np.empty(most, values.dtype)
    total = 0
    for i, j, first, second in meeting(indices, others):
        made, kept = operation(_values(values[i:], first), _values(more[j:], second), first, second)
        made = made[kept]
        some = slice(total, total + len(made))
        places[some], out[some] = either(indices[i:], others[j:], first[kept], second[kept]), made
        total = some.stop
    if total < most:
        places.resize((total, indices.shape[1]), refcheck=False)
        out.resize(total, refcheck=False)
    return places, out


COMPLEX = "T: complex64, complex128"
TWO = "a_indices: int64, a_values: T, a_shape: int64, b_indices: int64, b_values: T, b_shape: int64"


@op
class SparseAdd:
    """The sum of two sparse tensors (tf.sparse_add); of two values one nearer to 0 than a threshold is left out."""

    signature = f"{TWO}, thresh: Treal -> sum_indices: int64, sum_values: T, sum_shape: int64"
    takes = "thresh: [] run"
    attrs = "T: {numbertype}; Treal: {realnumbertype}"
    no_kernel = "T: float16, bfloat16, uint8, uint16, uint32, uint64"

    def infer(n: Any, indices: Any, values: Any, shape: Any, *others: Any) -> Any:
        rank, = n.with_rank(shape, 1, "a_shape")
        return [(None, rank), (None,), (rank,)]

    def kernel(n: Any) -> Any:
        def add(indices: Any, values: Any, shape: Any, others: Any, more: Any, other: Any, least: Any) -> Any:
            def added(x: Any, y: Any, first: Any, second: Any) -> Any:
                sums = x + y
                return sums, (np.abs(sums) >= least) | (first < 0) | (second < 0)

            _pair(indices, values, shape, others, more, other)
            return *_met(indices, values, others, more, added), shape

        return add

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        first, second = tf.apply_op("SparseAddGrad", None, [grads[1], op.inputs[0], op.inputs[3], op.outputs[0]])
        first.set_shape(op.inputs[1].static)
        second.set_shape(op.inputs[4].static)
        return [None, first, None, None, second, None, None]


@op
class SparseAddGrad:
    """The gradients of the values of SparseAdd: 0 for those that are nearer to 0 than its threshold."""

    signature = ("backprop_val_grad: T, a_indices: int64, b_indices: int64, sum_indices: int64 "
                 "-> a_val_grad: T, b_val_grad: T")
    attrs = "T: {numbertype}"
    no_kernel = "T: bfloat16, float16, uint8, uint16, uint32, uint64"
    gradient = no_gradient

    def infer(n: Any, grad: Any, a: Any, b: Any, sums: Any) -> Any:
        a, b = n.with_rank(a, 2, "a_indices"), n.with_rank(b, 2, "b_indices")
        sums = n.with_rank(sums, 2, "sum_indices")
        for other in () if n.built else (b, sums):
            n.merge(a[1:], other[1:], "ranks of the sum and of its terms")
        return [a[:1], b[:1]]

    def kernel(n: Any) -> Any:
        def back(grad: Any, a: Any, b: Any, sums: Any) -> Any:
            if grad.ndim != 1 or len(grad) != len(sums):
                raise RunError(f"# elements in backprop_val_grad and # rows in sum_indices must match: "
                               f"{list(grad.shape)} and {list(sums.shape)}")
            out = []
            for own in (a, b):
                out.append(np.zeros(len(own), grad.dtype))
                for i, j, mine, found in meeting(own, sums):
                    both = (mine >= 0) & (found >= 0)
                    out[-1][i:][mine[both]] = grad[j:][found[both]]
            return out

        return back

    def scratch(n: Any) -> Any:
        return 32 * min(2 * STEP, max(n.shapes[1][0], n.shapes[2][0]) + n.shapes[3][0])


def _extreme(ufunc: Any) -> Any:
    def kernel(n: Any) -> Any:
        def extreme(indices: Any, values: Any, shape: Any, others: Any, more: Any, other: Any) -> Any:
            _pair(indices, values, shape, others, more, other)
            inside(indices, shape)
            inside(others, other)
            return _met(indices, values, others, more, lambda x, y, first, second: (ufunc(x, y), slice(None)))

        return extreme

    return kernel


def _unknown(n: Any, *inputs: Any) -> Any:
    return [(None, None), (None,)]


@op
class SparseSparseMaximum:
    """The greater of two sparse tensors, element by element (tf.sparse_maximum): what is not there is 0."""

    signature = f"{TWO} -> output_indices: int64, output_values: T"
    takes = "a_indices: [?, ?]; a_values: [?]; a_shape: [?]; b_indices: [?, ?]; b_values: [?]; b_shape: [?]"
    attrs = "T: {realnumbertype}"
    infer = _unknown
    kernel = _extreme(np.maximum)
    gradient = undefined_gradient


@op
class SparseSparseMinimum:
    """The lesser of two sparse tensors, element by element (tf.sparse_minimum): what is not there is 0."""

    signature = f"{TWO} -> output_indices: int64, output_values: T"
    takes = "a_indices: [?, ?]; a_values: [?]; a_shape: [?]; b_indices: [?, ?]; b_values: [?]; b_shape: [?]"
    attrs = "T: {numbertype}"
    no_kernel = COMPLEX
    infer = _unknown
    kernel = _extreme(np.minimum)
    gradient = undefined_gradient


CWISE = "sp_indices: int64, sp_values: T, sp_shape: int64, dense: T -> output: T"


def _cwise_shape(n: Any, indices: Any, values: Any, shape: Any, dense: Any) -> Any:
    return n.with_rank(indices, 2, "sp_indices")[:1]


def _cwise(function: Any) -> Any:
    """A kernel of a function of the values and of the elements of a dense tensor at their places."""
    def kernel(n: Any) -> Any:
        ufunc = function(n)

        def cwise(indices: Any, values: Any, shape: Any, dense: Any) -> Any:
            checked(indices, values, shape)
            sizes = shape.tolist()[len(shape) - dense.ndim:]
            if dense.ndim > len(shape) or any(d not in (1, s) for d, s in zip(dense.shape, sizes)):
                raise RunError(f"{n.node.type} broadcasts dense to sparse only; got incompatible shapes: "
                               f"{shape.tolist()} vs. {list(dense.shape)}")
            inside(indices, shape)
            columns = indices.T[len(shape) - dense.ndim:]
            out = np.empty(values.shape, values.dtype)
            for start in range(0, len(values), BLOCK):
                part = slice(start, start + BLOCK)
                at = tuple(0 if size == 1 else column[part] for size, column in zip(dense.shape, columns))
                out[part] = ufunc(values[part], np.broadcast_to(dense[at], values[part].shape))
            return out

        return cwise

    return kernel


def _cwise_scratch(n: Any) -> int:
    """Some elements of the dense tensor, and what comes of them."""
    return int(2 * n.width(1) * min(BLOCK, n.size(1)))


def _places(tf: Any, op: Any) -> tuple[Any, Any, Any]:
    """The shape of the dense tensor, where its elements are that meet values, and these elements."""
    indices, _, shape, dense = op.inputs
    own = tf.cast(tf.shape(dense), "int64")
    more = tf.expand_dims(tf.size(shape) - tf.size(own), 0)
    scale = shape // tf.concat((tf.ones(more, "int64"), own), 0)
    places = tf.slice(indices // scale, tf.concat([[0], more], 0), [-1, -1])
    return own, places, tf.gather_nd(dense, places)


def _spread(tf: Any, op: Any, own: Any, places: Any, grad: Any) -> Any:
    """The gradient of the dense tensor."""
    return tf.sparse_add(tf.SparseTensor(places, grad, own), tf.zeros_like(op.inputs[3]))


@op
class SparseDenseCwiseMul:
    """The values of a sparse tensor times the elements of a dense one that broadcasts (``sp * x``)."""

    signature = CWISE
    attrs = "T: {numbertype}"
    no_kernel = COMPLEX
    infer = _cwise_shape
    scratch = _cwise_scratch
    kernel = _cwise(lambda n: np.multiply)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        own, places, dense = _places(tf, op)
        values = grad * dense
        return [None, values, None, _spread(tf, op, own, places, grad * op.inputs[1])]


@op
class SparseDenseCwiseDiv:
    """The values of a sparse tensor by the elements of a dense one that broadcasts (``sp / x``)."""

    signature = CWISE
    attrs = "T: {numbertype}"
    no_kernel = COMPLEX
    infer = _cwise_shape
    scratch = _cwise_scratch
    kernel = _cwise(lambda n: not_by_zero(np, truncated(np)) if n.out().is_integer else quotient(n))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        own, places, dense = _places(tf, op)
        values = grad / dense
        return [None, values, None, _spread(tf, op, own, places, grad * (-op.inputs[1] / tf.square(dense)))]


@op
class SparseDenseCwiseAdd:
    """The values of a sparse tensor plus the elements of a dense one that broadcasts, where there are values."""

    signature = CWISE
    attrs = "T: {numbertype}"
    no_kernel = COMPLEX
    infer = _cwise_shape
    scratch = _cwise_scratch
    kernel = _cwise(lambda n: np.add)
    gradient = undefined_gradient
