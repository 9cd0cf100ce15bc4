"""Slices with strides, as Python writes them."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.constant import static_value
from ..graph.opdef import op


def spec_of(attrs: Any, rank: int, many: int) -> list[tuple[int, str]]:
    """What each entry of a sparse index does: (its number, range, shrink or new), the ellipsis spread out.

    An axis that no entry speaks of has the number -1. Raises RunError as TensorFlow's dense spec does.
    """
    masks = {k: attrs[f"{k}_mask"] for k in ("ellipsis", "new_axis", "shrink_axis")}
    out: list[tuple[int, str]] = []
    met = False
    if masks["ellipsis"] & (masks["ellipsis"] - 1):
        raise RunError("Multiple ellipses in slice spec not allowed")
    used = sum(1 for i in range(many) if not (masks["ellipsis"] >> i & 1 or masks["new_axis"] >> i & 1))
    if used > rank:
        raise RunError(f"Index out of range using input dim {rank}; input has only {rank} dims")
    for i in range(many):
        if masks["ellipsis"] >> i & 1:
            met = True
            out += [(-1, "range")] * (rank - used)
        elif masks["new_axis"] >> i & 1:
            out.append((i, "new"))
        else:
            out.append((i, "shrink" if masks["shrink_axis"] >> i & 1 else "range"))
    if not met:
        out += [(-1, "range")] * (rank - used)
    return out


def index_of(attrs: Any, shape: Any, begin: Any, end: Any, strides: Any) -> tuple[Any, ...]:
    """The numpy index that a StridedSlice means, checked."""
    out: list[Any] = []
    axis = 0
    for i, kind in spec_of(attrs, len(shape), len(strides)):
        if kind == "new":
            out.append(None)
            continue
        if i < 0:
            out.append(slice(None))
        elif strides[i] == 0:
            raise RunError(f"strides[{i}] must be non-zero")
        elif kind == "shrink":
            if strides[i] < 0:
                raise RunError("only stride 1 allowed on non-range indexing.")
            if not -shape[axis] <= begin[i] < shape[axis]:
                raise RunError(f"slice index {begin[i]} of dimension {axis} out of bounds.")
            out.append(begin[i])
        else:
            out.append(slice(None if attrs["begin_mask"] >> i & 1 else begin[i],
                             None if attrs["end_mask"] >> i & 1 else end[i], strides[i]))
        axis += 1
    return tuple(out)


def sliced_shape(attrs: Any, x: Any, begin: Any, end: Any, strides: Any) -> Any:
    """The static shape of a StridedSlice; ``begin`` and ``end`` may be None (unknown)."""
    out: list[int | None] = []
    axis = 0
    for i, kind in spec_of(attrs, len(x), len(strides)):
        if kind == "new":
            out.append(1)
            continue
        size = x[axis]
        axis += 1
        if i < 0:
            out.append(size)
            continue
        step = strides[i]
        if step == 0:
            raise RunError(f"strides[{i}] must be non-zero")
        if kind == "shrink":
            if size is not None and step < 0:
                raise RunError("only stride 1 allowed on non-range indexing.")
            if size is not None and begin is not None and end is not None and not -size <= begin[i] < size:
                raise RunError(f"slice index {begin[i]} of dimension {axis - 1} out of bounds.")
            continue
        free_begin, free_end = attrs["begin_mask"] >> i & 1, attrs["end_mask"] >> i & 1
        if size is None or not (free_begin and free_end) and (begin is None or end is None):
            out.append(None)
            continue
        first = None if free_begin else begin[i]
        last = None if free_end else end[i]
        out.append(len(range(*slice(first, last, step).indices(size))))
    return tuple(out)


@op
class StridedSlice:
    """x[begin:end:strides] with masks for what Python's index leaves open (tf.strided_slice)."""

    signature = "input: T, begin: Index, end: Index, strides: Index -> output: T"
    host_memory = "begin, end, strides"
    attrs = ("T: type; Index: {int16, int32, int64}; begin_mask: int = 0; end_mask: int = 0; "
             "ellipsis_mask: int = 0; new_axis_mask: int = 0; shrink_axis_mask: int = 0")

    def infer(n: Any, x: Any, begin: Any, end: Any, strides: Any) -> Any:
        for word, shape in (("begin", begin), ("end", end), ("strides", strides)):
            n.with_rank(shape, 1, word)
        n.merge(n.merge(begin, end), strides, "lengths of begin, end and strides")
        first, last, steps = n.value(1), n.value(2), n.value(3)
        if x is None or steps is None:
            return None
        try:
            return sliced_shape(n.attrs, x, None if first is None else first.tolist(),
                                None if last is None else last.tolist(), steps.tolist())
        except RunError as error:
            n.fail(error.message.rstrip("."))

    def kernel(n: Any) -> Any:
        attrs = n.attrs

        def cut(x: Any, begin: Any, end: Any, strides: Any) -> Any:
            steps = strides.tolist()
            part = x[index_of(attrs, x.shape, begin.tolist(), end.tolist(), steps)]
            # see _axes.backwards
            return part.copy() if any(s < 0 for s in steps) else part

        return cut

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, begin, end, strides = op.inputs
        shape = tf.shape(x, out_type=begin.dtype)
        shape, begin, end, strides = (_number(t) for t in (shape, begin, end, strides))
        masks = {k: v for k, v in op.attrs.items() if k.endswith("_mask")}
        return [tf.apply_op("StridedSliceGrad", None, [shape, begin, end, strides, grad], masks), None, None, None]


def _number(tensor: Any) -> Any:
    """The value of a tensor where it is known now, else the tensor."""
    value = static_value(tensor)
    return tensor if value is None else value


@op
class StridedSliceGrad:
    """The gradient of a StridedSlice: dy put where the slice was, zeros elsewhere."""

    signature = "shape: Index, begin: Index, end: Index, strides: Index, dy: T -> output: T"
    takes = "shape: [?]"
    host_memory = "shape, begin, end, strides"
    attrs = StridedSlice.attrs.replace("int16, ", "")

    def infer(n: Any, shape: Any, begin: Any, end: Any, strides: Any, dy: Any) -> Any:
        if not n.built:
            n.merge(n.merge(begin, end, "sizes of begin and end"), strides, "sizes of begin and strides")
        return n.shape_value(0)

    def kernel(n: Any) -> Any:
        xp, attrs = n.xp, n.attrs

        def put(shape: Any, begin: Any, end: Any, strides: Any, dy: Any) -> Any:
            out = xp.zeros(tuple(shape.tolist()), dy.dtype)
            where = index_of(attrs, out.shape, begin.tolist(), end.tolist(), strides.tolist())
            if out[where].shape != dy.shape:
                raise RunError(f"the slice has the shape {list(out[where].shape)}, dy {list(dy.shape)}")
            out[where] = dy
            return out

        return put

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        masks = {k: v for k, v in op.attrs.items() if k.endswith("_mask")}
        return [None, None, None, None, tf.apply_op("StridedSlice", None, [grad, *op.inputs[1:4]], masks)]
