"""Rows dealt out by number and put together again."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import compatible, show


@op
class DynamicPartition:
    """Rows by the number of their part (tf.dynamic_partition)."""

    signature = "data: T, partitions: int32 -> outputs: num_partitions*T"
    attrs = "num_partitions: int >= 1; T: type"

    def infer(n: Any, data: Any, partitions: Any) -> Any:
        many = n.attrs["num_partitions"]
        if data is None or partitions is None:
            return [None] * many
        if not compatible(data[:len(partitions)], partitions):
            n.fail(f"data of shape {show(data)} must begin with the shape of partitions, {show(partitions)}")
        return [(None, *data[len(partitions):])] * many

    def kernel(n: Any) -> Any:
        many = n.attrs["num_partitions"]

        def deal(data: Any, partitions: Any) -> Any:
            if data.shape[:partitions.ndim] != partitions.shape:
                raise RunError(f"data.shape must start with partitions.shape, got data.shape = {list(data.shape)}, "
                               f"partitions.shape = {list(partitions.shape)}")
            ids = partitions.reshape(-1)
            if ids.size and not 0 <= ids.min() <= ids.max() < many:
                at = int(((ids < 0) | (ids >= many)).argmax())
                raise RunError(f"partitions[{at}] = {int(ids[at])} is not in [0, {many})")
            rows = data.reshape((ids.size,) + data.shape[partitions.ndim:])
            return [rows[ids == i] for i in range(many)]

        return deal

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        data, partitions = op.inputs
        many = op.attrs["num_partitions"]
        head = tf.shape(partitions)
        whole = tf.range(tf.reduce_prod(head))
        places = tf.dynamic_partition(tf.reshape(whole, head), partitions, many)
        stitched = tf.apply_op("ParallelDynamicStitch", None, [places, list(grads)])
        return [tf.reshape(stitched, tf.shape(data)), None]


def _stitched(n: Any, indices: Any, data: Any) -> Any:
    tail = None
    top = 0
    known = True
    count = len(indices)
    for i, (ids, rows) in enumerate(zip(indices, data)):
        if ids is not None and rows is not None:
            if not compatible(rows[:len(ids)], ids):
                n.fail(f"data[{i}] of shape {show(rows)} must begin with the shape of indices[{i}], {show(ids)}")
            tail = n.merge(tail, rows[len(ids):], "shapes of the rows")
        value = n.value(i)
        if value is None:
            known = False
        elif value.size:
            top = max(top, int(value.max()) + 1)
    if tail is None:
        return None
    return (top if known and count else None, *tail)


def _stitching(n: Any) -> Any:
    xp, dtype = n.xp, n.dtype()

    def stitch(indices: Any, data: Any) -> Any:
        top, tail = 0, ()
        for ids, rows in zip(indices, data):
            if rows.shape[:ids.ndim] != ids.shape:
                raise RunError(f"data of shape {list(rows.shape)} must start with the shape of its indices, "
                               f"{list(ids.shape)}")
            tail = rows.shape[ids.ndim:]
            if ids.size:
                if int(ids.min()) < 0:
                    raise RunError(f"indices = {int(ids.min())} is out of range")
                top = max(top, int(ids.max()) + 1)
        out = xp.zeros((top, *tail), dtype)
        for ids, rows in zip(indices, data):
            out[ids.reshape(-1)] = rows.reshape((ids.size, *tail))
        return out

    return stitch


def _parts_of(tf: Any, op: Any, grad: Any) -> Any:
    many = op.attrs["N"]
    return [None] * many + [tf.gather(grad, ids) for ids in op.inputs[:many]]


@op
class DynamicStitch:
    """Rows of several tensors at their places in one; later ones win (tf.dynamic_stitch)."""

    signature = "indices: N*int32, data: N*T -> merged: T"
    attrs = "N: int >= 1; T: type"
    infer = _stitched
    kernel = _stitching
    gradient = _parts_of


@op
class ParallelDynamicStitch:
    """Rows of several tensors at their places in one; no place may come twice."""

    signature = "indices: N*int32, data: N*T -> merged: T"
    attrs = "N: int >= 1; T: type"
    infer = _stitched
    kernel = _stitching
    gradient = _parts_of


@op
class ParallelConcat:
    """Tensors of one row each, joined along the first axis (tf.parallel_stack)."""

    signature = "values: N*T -> output: T"
    attrs = "N: int >= 1; T: type; shape: shape"
    gradient = undefined_gradient

    def infer(n: Any, values: Any) -> Any:
        shape = n.attrs["shape"]
        for i, value in enumerate(values):
            row = None if shape is None else (1, *shape[1:])
            n.merge(value, row, f"shapes of values[{i}] and of a row of the output")
        return shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda values: xp.concatenate(values, 0)
