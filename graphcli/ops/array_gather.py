"""Rows and elements by their numbers."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.constant import constant_value
from ..graph.opdef import op
from ..graph.types import resource
from ._index_vectors import all_below, ignores, within
from ._runs import by_runs

PART = 1 << 16
"""Indices that are looked up at a time."""


def refuse_outside(xp: Any, ids: Any, limit: int) -> None:
    """Refuses ids outside [0, limit), naming the first and its place."""
    if not ids.size or all_below(ids, limit):
        return
    bad = xp.logical_or(ids < 0, ids >= limit)
    where = [int(i) for i in xp.argwhere(bad)[0]] if ids.ndim else []
    value = int(ids[tuple(where)])
    raise RunError(f"indices{where if where else ''} = {value} is not in [0, {limit})")


def _rows(n: Any, params: Any, indices: Any, at: int | None, batch: int) -> Any:
    """The shape of a gather along an axis; ``at`` None where the axis is not known."""
    n.at_least_rank(params, 1, "params")
    if indices is not None and batch:
        if not -len(indices) <= batch <= len(indices):
            n.fail(f"batch_dims {batch} is not in [{-len(indices)}, {len(indices)}]")
        batch = batch + len(indices) if batch < 0 else batch
    if params is not None and at is not None and not -len(params) <= at < len(params):
        n.fail(f"axis {at} is not in [{-len(params)}, {len(params)})")
    if params is not None and batch > 0 and batch >= len(params):
        n.fail(f"batch_dims {batch} must be below the rank of params, {len(params)}")
    if params is None or indices is None:
        return None
    if at is None:
        return (None,) * (len(params) + len(indices) - 1 - batch)
    if 0 <= at < batch and not n.built:
        n.fail(f"batch_dims {batch} must be at most axis {at}")
    at %= len(params)
    return params[:at] + indices[batch:] + params[at + 1:]


def _taken(xp: Any, params: Any, indices: Any, axis: int) -> Any:
    """``params.take(indices, axis)``, some at a time where numpy's own copy of many indices would be much, or that of
    params with gaps between their rows."""
    gaps = not params.flags.c_contiguous and params.size > PART
    if xp.__name__ != "numpy" or not gaps and (indices.size <= PART or indices.dtype == "int64"):
        return params.take(indices, axis)
    before, after = params.shape[:axis], params.shape[axis + 1:]
    out = xp.empty((*before, indices.size, *after), params.dtype)
    flat, ahead = indices.reshape(-1), (slice(None),) * axis
    into = out
    if gaps and not axis and params.ndim > 1 and params[0].flags.c_contiguous and params.dtype.kind in "fiub":
        # a row as one element
        into, params = by_runs(out.reshape(len(out), -1)), by_runs(params.reshape(len(params), -1))
    # what numpy takes of params with gaps is copied into place
    many = max(1, PART // max(1, out.size // max(1, len(flat)))) if gaps else PART
    for i in range(0, len(flat), many):
        some = flat[i:i + many]
        if gaps:
            into[(*ahead, slice(i, i + many))] = params[(*ahead, some)]
        elif axis:
            out[(*ahead, slice(i, i + PART))] = params.take(some, axis)
        else:
            # they are known to be inside
            params.take(some, 0, out[i:i + PART], "clip")
    return out.reshape(*before, *indices.shape, *after)


def one_of(params: Any, indices: Any) -> Any:
    """What handles stand for: one of several, or several of them."""
    refuse_outside(np, indices, len(params))
    return params[indices]


def take_rows(xp: Any, params: Any, indices: Any, axis: int, batch: int) -> Any:
    """numpy's take with checked indices, in each batch where there are batches."""
    if not -params.ndim <= axis < params.ndim:
        raise RunError(f"Expected axis in the range [{-params.ndim}, {params.ndim}), but got {axis}")
    axis %= params.ndim
    batch = batch + indices.ndim if batch < 0 else batch
    if axis < batch:
        raise RunError(f"batch_dims ({batch}) must be less than or equal to axis ({axis})")
    if batch and params.shape[:batch] != indices.shape[:batch]:
        raise RunError(f"params.shape[:{batch}] {list(params.shape[:batch])} should be equal to "
                       f"indices.shape[:{batch}] {list(indices.shape[:batch])}")
    shape = params.shape[:axis] + indices.shape[batch:] + params.shape[axis + 1:]
    if 0 in shape:
        # nothing is looked up, wherever the indices point
        return xp.empty(shape, params.dtype)
    refuse_outside(xp, indices, params.shape[axis])
    if not batch:
        return _taken(xp, params, indices, axis)
    each = 1
    for size in indices.shape[batch:]:
        each *= size
    flat = indices.reshape(indices.shape[:batch] + (1,) * (axis - batch) + (each,) + (1,) * (params.ndim - axis - 1))
    out = xp.take_along_axis(params, xp.broadcast_to(
        flat, params.shape[:axis] + (flat.shape[axis],) + params.shape[axis + 1:]), axis)
    return out.reshape(shape)


@op
class GatherV2:
    """Rows of an axis by their numbers (tf.gather)."""

    signature = "params: Tparams, indices: Tindices, axis: Taxis -> output: Tparams"
    takes = "axis: []"
    host_memory = "axis"
    attrs = "batch_dims: int = 0; Tparams: type; Tindices: {int16, int32, int64}; Taxis: {int32, int64}"

    def infer(n: Any, params: Any, indices: Any, axis: Any) -> Any:
        value = n.value(2)
        return _rows(n, params, indices, None if value is None else int(value), n.attrs["batch_dims"])

    def kernel(n: Any) -> Any:
        xp, batch = n.xp, n.attrs["batch_dims"]
        if n.out() is resource:
            return lambda params, indices, axis: one_of(params, indices)
        return lambda params, indices, axis: take_rows(xp, params, indices, int(axis), batch)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        params, indices, axis = op.inputs
        batch = op.attrs["batch_dims"]
        if batch < 0:
            batch += len(indices.shape)
        with tf.colocate_with(params):
            shape = tf.shape(params)
        size = tf.expand_dims(tf.size(indices), 0)
        if constant_value(axis) == 0:
            flat = tf.concat([size, shape[1:]], 0)
            values = tf.reshape(tf.convert_to_tensor(grad), flat)
            return [tf.IndexedSlices(values, tf.reshape(indices, size), shape), None, None]
        before, after = shape[:axis], shape[axis:][1:]
        values_shape = tf.concat([before, [-1], after], 0)
        total, axes = tf.size(values_shape), tf.size(before)
        batches, outer = tf.range(batch), tf.range(batch, axes)
        inner = tf.range(axes + 1, total)
        values = tf.reshape(tf.convert_to_tensor(grad), values_shape)
        order = tf.concat([batches, [axes], outer, inner], 0)
        values = tf.transpose(values, order)
        turned = tf.gather(shape, order)
        rows = shape[axis]
        ids = indices
        if batch:
            sizes = tf.shape(values)
            lead, flat_shape = sizes[:batch], tf.concat([[-1], sizes[batch:][1:]], 0)
            rows = rows * tf.apply_op("Prod", None, [lead, [0]])
            ids = _batch_ids(tf, turned, indices, batch)
            values = tf.reshape(values, flat_shape)
        ids = tf.reshape(ids, tf.expand_dims(tf.size(ids), 0))
        dense = tf.unsorted_segment_sum(values, ids, rows)
        if batch:
            dense = tf.reshape(dense, tf.concat([lead, flat_shape], 0))
        back = tf.transpose(dense, tf.concat([batches, outer + 1, [batch], inner], 0))
        return [tf.reshape(back, tf.shape(params)), None, None]


def _batch_ids(tf: Any, shape: Any, indices: Any, batch: int) -> Any:
    """Indices into batches laid end to end."""
    kind = indices.dtype.base_dtype
    sizes = tf.cast(shape, kind)
    step = tf.ones((), dtype=kind)
    ids = indices
    rank = tf.rank(indices)
    for axis in range(batch, 0, -1):
        many = sizes[axis - 1]
        step = step * sizes[axis]
        offsets = tf.range(tf.zeros((), dtype=kind), many, tf.ones((), dtype=kind)) * step
        form = tf.concat([tf.tile([1], [axis - 1]), [tf.cast(many, tf.int32)], tf.tile([1], [rank - axis])], axis=0)
        ids = ids + tf.reshape(offsets, form)
    return ids


@op
class Gather:
    """Rows of the first axis by their numbers."""

    signature = "params: Tparams, indices: Tindices -> output: Tparams"
    attrs = "validate_indices: bool = True; Tparams: type; Tindices: {int32, int64}"

    def infer(n: Any, params: Any, indices: Any) -> Any:
        return _rows(n, params, indices, 0, 0)

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda params, indices: take_rows(xp, params, indices, 0, 0)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        params, indices = op.inputs
        with tf.colocate_with(params):
            shape = tf.shape(params)
        size = tf.expand_dims(tf.size(indices), 0)
        flat = tf.concat([size, shape[1:]], 0)
        values = tf.reshape(tf.convert_to_tensor(grad), flat)
        return [tf.IndexedSlices(values, tf.reshape(indices, size), shape), None]


@op
class GatherNd:
    """Elements or blocks by index vectors (tf.gather_nd)."""

    signature = "params: Tparams, indices: Tindices -> output: Tparams"
    attrs = "Tparams: type; Tindices: {int16, int32, int64}; bad_indices_policy: string = ''"

    def infer(n: Any, params: Any, indices: Any) -> Any:
        n.at_least_rank(indices, 1, "indices")
        if params is None or indices is None or indices[-1] is None:
            return None
        if indices[-1] > len(params):
            n.fail(f"index vectors of {indices[-1]} entries, params has rank {len(params)}")
        return indices[:-1] + params[indices[-1]:]

    def kernel(n: Any) -> Any:
        xp, ignore = n.xp, ignores(n)
        empty: Any = b"" if n.out().kind == "S" else 0

        def gather(params: Any, indices: Any) -> Any:
            depth = indices.shape[-1]
            if depth > params.ndim:
                raise RunError(f"index innermost dimension length must be <= params rank; saw: {depth} vs. "
                               f"{params.ndim}")
            good = within(xp, indices, params.shape, ignore, "param shape")
            if not params.ndim:
                raise RunError("params must be at least a vector")
            if not params.size and 0 not in indices.shape[:-1]:
                raise RunError(f"Requested more than 0 entries, but params is empty: {list(params.shape)}")
            if not depth:
                return xp.broadcast_to(params, indices.shape[:-1] + params.shape)
            if good is None:
                return params[tuple(xp.moveaxis(indices, -1, 0))]
            out = xp.full(indices.shape[:-1] + params.shape[depth:], empty, params.dtype)
            out[good] = params[tuple(xp.moveaxis(indices[good], -1, 0))]
            return out

        return gather

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        params, indices = op.inputs
        shape = tf.shape(params, out_type=indices.dtype)
        if indices.static is not None and len(indices.static) == 2 and indices.static[1] == 1:
            return [tf.IndexedSlices(grad, tf.squeeze(indices, axis=-1), shape), None]
        return [tf.scatter_nd(indices, grad, shape), None]
