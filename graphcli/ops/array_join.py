"""Several tensors as one: joined or stacked along an axis, and where each part of a concat begins."""
from __future__ import annotations

from typing import Any

import numpy

from ..errors import RunError
from ..graph.constant import constant_value
from ..graph.flow import output_context
from ..graph.opdef import no_gradient, op
from ..graph.types import resource, variant
from ._axes import axis_in


@op
class ConcatV2:
    """Tensors joined along an axis (tf.concat)."""

    signature = "values: N*T, axis: Tidx -> output: T"
    takes = "axis: []"
    host_memory = "axis"
    attrs = "N: int >= 2; T: type; Tidx: {int32, int64} = int32"

    def infer(n: Any, values: Any, axis: Any) -> Any:
        return joined_shape(n, values, n.value(len(values)))

    def kernel(n: Any) -> Any:
        return joining(n.xp)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [*joined_gradient(tf, op.inputs[:-1], op.inputs[-1], grad), None]


def joined_shape(n: Any, values: Any, value: Any) -> Any:
    """The static shape of tensors that are joined; value: the axis, None where it is not known."""
    ranks = {len(v) for v in values if v is not None}
    if len(ranks) > 1:
        n.fail(f"the values must have one rank, not {' and '.join(str(r) for r in sorted(ranks))}")
    if not ranks:
        return None
    rank = ranks.pop()
    if rank == 0:
        n.fail("scalars cannot be joined", "tf.stack makes a vector of them")
    if value is None:
        return (None,) * rank
    at = axis_in(n, int(value), rank)
    total: int | None = 0
    shape: Any = None
    for v in values:
        if v is None:
            total = None
            continue
        total = None if total is None or v[at] is None else total + v[at]
        rest = v[:at] + (None,) + v[at + 1:]
        shape = rest if shape is None else n.merge(shape, rest, f"shapes beside axis {at}")
    return shape[:at] + (total,) + shape[at + 1:]


def joining(xp: Any) -> Any:
    """The function that joins arrays along an axis."""
    def concat(values: Any, axis: Any) -> Any:
        at, rank = int(axis), values[0].ndim
        if not -rank <= at < rank:
            raise RunError(f"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), "
                           f"but got {at}")
        try:
            return xp.concatenate(values, at)
        except ValueError:
            _check_alike(values, at)
            raise

    return concat


def joined_gradient(tf: Any, values: Any, axis: Any, grad: Any) -> list[Any]:
    """The parts of the gradient of what was joined."""
    known = constant_value(axis)
    if known is not None and output_context(axis.op) is not output_context(getattr(grad, "values", grad).op):
        axis = tf.constant(known, axis.dtype)
    at = axis % tf.rank(values[0])
    if isinstance(grad, tf.IndexedSlices) and known is not None and values[0].shape.rank:
        if known < 0:
            tf.rank(values[0])  # TensorFlow's count from the front, which it does not use
        shapes = [tf.shape(v) for v in values]
        return _sparse_parts(tf, grad, shapes, at, int(known) % values[0].shape.rank)
    shapes = _shapes(tf, values)
    offsets = tf.apply_op("ConcatOffset", None, [at, shapes])
    return [tf.slice(grad, o, s) for o, s in zip(offsets, shapes)]


def _shapes(tf: Any, values: Any) -> list[Any]:
    """The shape of each, as constants where all are known."""
    sizes = []
    for value in values:
        sizes.append(tf.shape(value))
        if sizes[-1].op.type != "Const":
            return list(tf.shape_n(list(values)))
    return sizes


def _check_alike(values: Any, axis: int) -> None:
    """Refuses values that differ beside the axis."""
    first = values[0]
    for v in values[1:]:
        if v.ndim != first.ndim or any(a != b for i, (a, b) in enumerate(zip(v.shape, first.shape))
                                       if i != axis % max(first.ndim, 1)):
            raise RunError(f"ConcatOp : Dimensions of inputs should match: {list(first.shape)} vs. {list(v.shape)}")


def _sparse_parts(tf: Any, grad: Any, shapes: Any, at: Any, axis: int) -> list[Any]:
    """The parts of a gradient that is IndexedSlices: its rows shared out, or each row cut. at: the axis as a tensor."""
    parts = []
    if axis:
        rank = tf.shape(shapes[0])
        here = tf.concat([tf.zeros(tf.expand_dims(at, 0), tf.int32), [1], tf.zeros(rank - at - 1, tf.int32)], 0)
        begin = tf.zeros(rank, tf.int32)
        for shape in shapes:
            rows = tf.concat([[-1], tf.slice(shape, [1], [-1])], 0)
            parts.append(tf.IndexedSlices(tf.slice(grad.values, begin, rows), grad.indices, shape))
            begin = tf.apply_op("AddV2", "Add", [begin, shape * here])
        return parts
    ids = grad.indices
    start = tf.constant(0, ids.dtype)
    for shape in shapes:
        end = start + tf.cast(tf.gather(shape, at), ids.dtype)
        mine = tf.squeeze(tf.where(tf.logical_and(tf.greater_equal(ids, start), tf.less(ids, end))), axis=[1])
        places = tf.gather(ids, mine) - start
        parts.append(tf.IndexedSlices(tf.gather(grad.values, mine), places, shape))
        start = end
    return parts


@op
class ConcatOffset:
    """Where each part of a concat begins."""

    signature = "concat_dim: int32, shape: N*shape_type -> offset: N*shape_type"
    takes = "concat_dim: [] run"
    host_memory = "concat_dim, shape"
    attrs = "N: int >= 2; shape_type: {int32, int64} = int32"
    gradient = no_gradient

    def infer(n: Any, axis: Any, shapes: Any) -> Any:
        same = shapes[0]
        for shape in () if n.built else shapes:
            same = n.merge(same, shape, "numbers of sizes")
        return list(shapes)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def offsets(axis: Any, shapes: Any) -> Any:
            at, total, out = int(axis), 0, []
            first = shapes[0].tolist()
            for shape in shapes:
                if any(i != at % len(first) and s != f for i, (s, f) in enumerate(zip(shape.tolist(), first))):
                    raise RunError(f"the shapes {first} and {shape.tolist()} differ beside axis {at}")
                one = xp.zeros(len(shape), dtype)
                one[at] = total
                total += int(shape[at])
                out.append(one)
            return out

        return offsets


def handles(values: Any) -> Any:
    """What scalar handles stand for, in an array."""
    out = numpy.empty(len(values), object)
    out[:] = values
    return out


@op
class Pack:
    """Tensors as rows of a new axis (tf.stack)."""

    signature = "values: N*T -> output: T"
    attrs = "N: int >= 1; T: type; axis: int = 0"

    def infer(n: Any, values: Any) -> Any:
        shape = None
        for v in values:
            shape = n.merge(shape, v, "shapes of the values")
        if shape is None:
            return None
        at = axis_in(n, n.attrs["axis"], len(shape) + 1)
        return shape[:at] + (len(values),) + shape[at:]

    def kernel(n: Any) -> Any:
        # what a variant or a handle stands for lies in this process
        xp, axis = numpy if n.out() is variant else n.xp, n.attrs["axis"]

        if n.out() is resource:
            return handles

        def pack(values: Any) -> Any:
            shapes = {xp.shape(v) for v in values}
            if len(shapes) > 1:
                raise RunError(f"Shapes of all inputs must match: {sorted(list(s) for s in shapes)}")
            # as xp.stack does, without what it looks at before
            at = axis + values[0].ndim + 1 if axis < 0 else axis
            index = (slice(None),) * at + (None,)
            return xp.concatenate([v[index] for v in values], at)

        return pack

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return tf.unstack(grad, num=op.attrs["N"], axis=op.attrs["axis"])
