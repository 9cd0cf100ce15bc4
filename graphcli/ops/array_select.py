"""Parts of tensors: slices, rows, choices."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import no_gradient, op
from ..graph.types import compatible, show


@op
class Slice:
    """A block from ``begin`` of ``size``; -1 is all that is left (tf.slice)."""

    signature = "input: T, begin: Index, size: Index -> output: T"
    attrs = "T: type; Index: {int32, int64}"

    def infer(n: Any, x: Any, begin: Any, size: Any) -> Any:
        rank = len(x) if x is not None else begin[0] if begin else size[0] if size else None
        for name, shape in (("begin", begin), ("size", size)):
            if shape is not None and rank is not None and shape[0] not in (None, rank):
                n.fail(f"{name} has {shape[0]} entries, input has rank {rank}")
        first, sizes = n.value(1), n.value(2)
        if rank is None:
            return None
        if sizes is None:
            known = n.shape_value(2)
            return known if known is not None and None not in known else (None,) * rank
        out: list[int | None] = []
        for i, s in enumerate(sizes.tolist()):
            full = None if x is None else x[i]
            b = None if first is None else int(first[i])
            if s == -1:
                out.append(None if full is None or b is None else full - b)
            else:
                out.append(s)
            if full is not None and b is not None and not (0 <= b <= full and -1 <= s <= full - b):
                n.fail(f"begin {b} and size {s} go beyond axis {i} of size {full}")
        return tuple(out)

    def kernel(n: Any) -> Any:
        def cut(x: Any, begin: Any, size: Any) -> Any:
            where = []
            for i, (b, s) in enumerate(zip(begin.tolist(), size.tolist())):
                end = x.shape[i] if s == -1 else b + s
                if not 0 <= b <= end <= x.shape[i]:
                    raise RunError(f"Expected begin[{i}] in [0, {x.shape[i]}] and size[{i}] in "
                                   f"[-1, {x.shape[i] - b}], but got {b} and {s}")
                where.append(slice(b, end))
            return x[tuple(where)]

        return cut

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, begin = op.inputs[:2]
        rank = tf.rank(x)
        before = tf.reshape(begin, tf.stack([rank, 1]))
        after = tf.reshape(tf.shape(x) - tf.shape(op.outputs[0]) - begin, tf.stack([rank, 1]))
        return [tf.pad(grad, tf.concat([before, after], 1)), None, None]


def index_of(attrs: Any, rank: int, begin: Any, end: Any, strides: Any) -> tuple[Any, ...]:
    """The numpy index that a StridedSlice means."""
    spec: list[Any] = []
    many = len(strides)
    ellipsis = [i for i in range(many) if attrs["ellipsis_mask"] >> i & 1]
    if len(ellipsis) > 1:
        raise RunError("Multiple ellipses in slice spec not allowed")
    for i in range(many):
        if attrs["ellipsis_mask"] >> i & 1:
            spec.append(Ellipsis)
        elif attrs["new_axis_mask"] >> i & 1:
            spec.append(None)
        elif attrs["shrink_axis_mask"] >> i & 1:
            spec.append(int(begin[i]))
        else:
            step = int(strides[i])
            if step == 0:
                raise RunError(f"strides[{i}] must be non-zero")
            spec.append(slice(None if attrs["begin_mask"] >> i & 1 else int(begin[i]),
                              None if attrs["end_mask"] >> i & 1 else int(end[i]), step))
    used = sum(1 for s in spec if s is not None and s is not Ellipsis)
    if used > rank:
        raise RunError(f"Index out of range using input dim {rank}; input has only {rank} dims")
    return tuple(spec)


def sliced_shape(attrs: Any, x: Any, begin: Any, end: Any, strides: Any) -> Any:
    """The static shape of a StridedSlice; ``begin`` and ``end`` may be None (unknown)."""
    many = len(strides)
    used = sum(1 for i in range(many) if not (attrs["ellipsis_mask"] | attrs["new_axis_mask"]) >> i & 1)
    if used > len(x):
        raise RunError(f"Index out of range using input dim {len(x)}; input has only {len(x)} dims")
    out: list[int | None] = []
    at = 0
    seen_ellipsis = False
    for i in range(many):
        if attrs["ellipsis_mask"] >> i & 1:
            if seen_ellipsis:
                raise RunError("Multiple ellipses in slice spec not allowed")
            seen_ellipsis = True
            skip = len(x) - used
            out += x[at:at + skip]
            at += skip
        elif attrs["new_axis_mask"] >> i & 1:
            out.append(1)
        else:
            size = x[at]
            at += 1
            if attrs["shrink_axis_mask"] >> i & 1:
                b = None if begin is None else begin[i]
                if size is not None and b is not None and not -size <= b < size:
                    raise RunError(f"slice index {b} of dimension {at - 1} out of bounds")
                continue
            step = None if strides[i] is None else int(strides[i])
            if step == 0:
                raise RunError(f"strides[{i}] must be non-zero")
            b_masked, e_masked = attrs["begin_mask"] >> i & 1, attrs["end_mask"] >> i & 1
            b = None if b_masked else (None if begin is None else begin[i])
            e = None if e_masked else (None if end is None else end[i])
            known = step is not None and (b_masked or b is not None) and (e_masked or e is not None)
            if known and size is not None:
                out.append(len(range(*slice(b, e, step).indices(size))))
            elif known and size is None and step is not None:
                out.append(_unknown_size(b or 0, e, step) if not b_masked or step > 0 else None)
            else:
                out.append(None)
    return tuple(out) + tuple(x[at:])


def _unknown_size(b: int, e: int | None, step: int) -> int | None:
    """What is known of the length where the size is not: only an empty slice, as in TensorFlow."""
    if e is None:
        return None
    if (b >= 0) == (e >= 0) and (e - b) * step <= 0:
        return 0
    return None


@op
class StridedSlice:
    """x[begin:end:strides] with masks for what Python's index leaves open (tf.strided_slice)."""

    signature = "input: T, begin: Index, end: Index, strides: Index -> output: T"
    attrs = ("T: type; Index: {int16, int32, int64}; begin_mask: int = 0; end_mask: int = 0; "
             "ellipsis_mask: int = 0; new_axis_mask: int = 0; shrink_axis_mask: int = 0")

    def infer(n: Any, x: Any, begin: Any, end: Any, strides: Any) -> Any:
        if x is None:
            return None
        steps = n.value(3)
        many = (strides and strides[0]) or (begin and begin[0])
        if steps is None and many is None:
            return None
        first, last = n.value(1), n.value(2)
        if first is None:
            from ..graph.constant import partial_values

            partial = partial_values(n.node.inputs[1])
            first_list = list(partial) if partial is not None and len(partial) == many else None
        else:
            first_list = first.tolist()
        if last is None:
            from ..graph.constant import partial_values

            partial = partial_values(n.node.inputs[2])
            last_list = list(partial) if partial is not None and len(partial) == many else None
        else:
            last_list = last.tolist()
        try:
            known = steps.tolist() if steps is not None else [None] * many
            return sliced_shape(n.attrs, x, first_list, last_list, known)
        except RunError as error:
            n.fail(error.message)

    def kernel(n: Any) -> Any:
        attrs = n.attrs

        def cut(x: Any, begin: Any, end: Any, strides: Any) -> Any:
            index = index_of(attrs, x.ndim, begin.tolist(), end.tolist(), strides.tolist())
            try:
                return x[index]
            except IndexError as error:
                raise RunError(f"slice index out of bounds: {error}") from None

        return cut

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, begin, end, strides = op.inputs
        shape = tf.shape(x, out_type=begin.dtype)
        masks = {k: v for k, v in op.attrs.items() if k.endswith("_mask")}
        return [tf.apply_op("StridedSliceGrad", None, [shape, begin, end, strides, grad], masks), None, None, None]


@op
class StridedSliceGrad:
    """The gradient of a StridedSlice: dy put where the slice was, zeros elsewhere."""

    signature = "shape: Index, begin: Index, end: Index, strides: Index, dy: T -> output: T"
    attrs = StridedSlice.attrs.replace("int16, ", "")  # type: ignore[attr-defined]

    def infer(n: Any, *shapes: Any) -> Any:
        return n.shape_value(0)

    def kernel(n: Any) -> Any:
        xp, attrs = n.xp, n.attrs

        def put(shape: Any, begin: Any, end: Any, strides: Any, dy: Any) -> Any:
            out = xp.zeros(tuple(shape.tolist()), dy.dtype)
            out[index_of(attrs, out.ndim, begin.tolist(), end.tolist(), strides.tolist())] = dy
            return out

        return put

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        masks = {k: v for k, v in op.attrs.items() if k.endswith("_mask")}
        return [None, None, None, None, tf.apply_op("StridedSlice", None, [grad, *op.inputs[1:4]], masks)]


def refuse_outside(xp: Any, ids: Any, limit: int) -> None:
    """Refuses ids outside [0, limit), naming the first and its place."""
    bad = xp.logical_or(ids < 0, ids >= limit)
    if bad.any():
        where = [int(i) for i in xp.argwhere(bad)[0]] if ids.ndim else []
        place = f"indices{where}" if where else "indices"
        value = int(ids[tuple(where)] if where else ids)
        raise RunError(f"{place} = {value} is not in [0, {limit})")


@op
class GatherV2:
    """Rows of an axis by their numbers (tf.gather)."""

    signature = "params: Tparams, indices: Tindices, axis: Taxis -> output: Tparams"
    attrs = ("batch_dims: int = 0; Tparams: type; Tindices: {int16, int32, int64}; Taxis: {int32, int64}")

    def infer(n: Any, params: Any, indices: Any, axis: Any) -> Any:
        n.at_least_rank(params, 1, "params")
        value, batch = n.value(2), n.attrs["batch_dims"]
        if params is None or indices is None:
            return None
        if value is None:
            return (None,) * (len(params) + len(indices) - 1 - batch)
        at = int(value)
        if not -len(params) <= at < len(params):
            n.fail(f"axis {at} is not in [{-len(params)}, {len(params)})")
        at %= len(params)
        if batch < 0:
            batch += len(indices)
        return params[:at] + indices[batch:] + params[at + 1:]

    def kernel(n: Any) -> Any:
        xp, batch = n.xp, n.attrs["batch_dims"]

        def gather(params: Any, indices: Any, axis: Any) -> Any:
            at = int(axis) % params.ndim
            indices = xp.asarray(indices)
            refuse_outside(xp, indices, params.shape[at])
            lead = batch if batch >= 0 else batch + indices.ndim
            if not lead:
                return xp.take(params, indices, axis=at)
            flat = params.reshape((-1,) + params.shape[lead:])
            rows = indices.reshape((-1,) + indices.shape[lead:])
            out = xp.stack([xp.take(p, r, axis=at - lead) for p, r in zip(flat, rows)]) if len(flat) else flat
            return out.reshape(params.shape[:at] + indices.shape[lead:] + params.shape[at + 1:])

        return gather

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        params, indices, axis = op.inputs
        shape = tf.shape(params, out_type=tf.int64)
        if tf.constant_value(axis) == 0:
            tail = shape[1:]
            values = tf.reshape(grad, tf.concat([[-1], tail], 0))
            return [tf.IndexedSlices(values, tf.reshape(indices, [-1]), shape), None, None]
        rank = tf.rank(params)
        order = tf.concat([[axis], tf.range(axis), tf.range(axis + 1, rank)], 0)
        ids = tf.reshape(indices, [-1])
        many = tf.rank(indices)
        moved = tf.concat([tf.range(axis, axis + many), tf.range(axis), tf.range(axis + many, tf.rank(grad))], 0)
        turned = tf.transpose(grad, moved)
        flat = tf.reshape(turned, tf.concat([[tf.size(ids)], tf.shape(turned)[many:]], 0))
        dense = tf.unsorted_segment_sum(flat, ids, tf.shape(params)[tf.cast(axis, tf.int32)])
        return [tf.transpose(dense, tf.invert_permutation(order)), None, None]


@op
class GatherNd:
    """Elements or blocks by index vectors (tf.gather_nd)."""

    signature = "params: Tparams, indices: Tindices -> output: Tparams"
    attrs = "Tparams: type; Tindices: {int16, int32, int64}; bad_indices_policy: string = ''"

    def infer(n: Any, params: Any, indices: Any) -> Any:
        if params is None or indices is None:
            return None
        if not indices or indices[-1] is None:
            return None
        if indices[-1] > len(params):
            n.fail(f"index vectors of {indices[-1]} entries, params has rank {len(params)}")
        return indices[:-1] + params[indices[-1]:]

    def kernel(n: Any) -> Any:
        xp = n.xp

        def gather(params: Any, indices: Any) -> Any:
            for i in range(indices.shape[-1]):
                refuse_outside(xp, indices[..., i], params.shape[i])
            return params[tuple(xp.moveaxis(indices, -1, 0))]

        return gather

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        params, indices = op.inputs
        return [tf.scatter_nd(indices, grad, tf.shape(params, out_type=indices.dtype)), None]


@op
class OneHot:
    """A one at each index along a new axis; an index out of range makes none (tf.one_hot)."""

    signature = "indices: TI, depth: int32, on_value: T, off_value: T -> output: T"
    attrs = "axis: int = -1; T: type; TI: {uint8, int8, int32, int64} = int64"
    gradient = no_gradient

    def infer(n: Any, indices: Any, depth: Any, on: Any, off: Any) -> Any:
        value = n.value(1)
        if value is not None and int(value) < 0:
            n.fail(f"depth must not be negative, but is {int(value)}")
        if indices is None:
            return None
        size = None if value is None else int(value)
        at = n.attrs["axis"]
        if not -1 <= at <= len(indices):
            n.fail(f"axis {at} is not in [-1, {len(indices)}]")
        at = len(indices) if at == -1 else at
        return indices[:at] + (size,) + indices[at:]

    def kernel(n: Any) -> Any:
        xp, axis, dtype = n.xp, n.attrs["axis"], n.dtype()

        def one_hot(indices: Any, depth: Any, on: Any, off: Any) -> Any:
            hits = xp.asarray(indices)[..., None] == xp.arange(int(depth))
            out = xp.where(hits, on, off).astype(dtype)
            return out if axis == -1 else xp.moveaxis(out, -1, axis)

        return one_hot


@op
class Where:
    """The places of what is true or not 0, one row each (tf.where of one)."""

    signature = "input: T -> index: int64"
    attrs = ("T: {float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, "
             "float16, uint32, uint64, bool} = bool")
    gradient = no_gradient

    def infer(n: Any, x: Any) -> Any:
        return (None, None if x is None else len(x))

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda x: xp.argwhere(x).astype(xp.int64)


@op
class Select:
    """Elements or rows of t or e, by a condition of their shape or a vector (tf.where of three)."""

    signature = "condition: bool, t: T, e: T -> output: T"
    attrs = "T: type"

    def infer(n: Any, condition: Any, t: Any, e: Any) -> Any:
        shape = n.merge(t, e, "shapes of t and e")
        if condition is None or shape is None:
            return shape
        if len(condition) == 1 and len(shape) > 0:
            if condition[0] is not None and shape[0] is not None and condition[0] != shape[0]:
                n.fail(f"the condition has {condition[0]} rows, t and e have {shape[0]}")
            return shape
        if condition and not compatible(condition, shape):
            n.fail(f"the condition has shape {show(condition)}, t and e have {show(shape)}")
        return n.merge(shape, condition) if condition else shape

    def kernel(n: Any) -> Any:
        xp = n.xp

        def select(condition: Any, t: Any, e: Any) -> Any:
            condition = xp.asarray(condition)
            if condition.shape != xp.shape(t):
                if condition.ndim == 1 and xp.ndim(t) and condition.shape[0] == t.shape[0]:
                    condition = condition.reshape((-1,) + (1,) * (t.ndim - 1))
                elif condition.ndim:
                    raise RunError(f"the condition has shape {list(condition.shape)}, t {list(xp.shape(t))}")
            return xp.where(condition, t, e)

        return select

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        zeros = tf.zeros_like(op.inputs[1])
        return [None, tf.where(op.inputs[0], grad, zeros), tf.where(op.inputs[0], zeros, grad)]


@op
class SelectV2:
    """Elements of t or e by a condition, all broadcast (tf.where_v2)."""

    signature = "condition: bool, t: T, e: T -> output: T"
    attrs = "T: type"
    elementwise = True

    def infer(n: Any, condition: Any, t: Any, e: Any) -> Any:
        return n.broadcast(condition, n.broadcast(t, e))

    def kernel(n: Any) -> Any:
        return n.xp.where

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        from ._gradients import unbroadcast

        condition, t, e = op.inputs
        zeros = tf.zeros_like(grad)
        gt, _ = unbroadcast(tf, t, grad, tf.where_v2(condition, grad, zeros), None)
        ge, _ = unbroadcast(tf, e, grad, tf.where_v2(condition, zeros, grad), None)
        return [None, gt, ge]
