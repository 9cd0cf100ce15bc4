"""Parts of tensors: blocks and choices."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import compatible, show
from ._gradients import gathered, spread

PART = 1 << 14
"""Indices that are looked at at a time."""


@op
class Slice:
    """A block from ``begin`` of ``size``; -1 is all that is left (tf.slice)."""

    signature = "input: T, begin: Index, size: Index -> output: T"
    host_memory = "begin, size"
    attrs = "T: type; Index: {int32, int64}"

    def infer(n: Any, x: Any, begin: Any, size: Any) -> Any:
        n.with_rank(begin, 1, "begin")
        n.with_rank(size, 1, "size")
        counts = {s[0] for s in (begin, size) if s is not None and s[0] is not None}
        if x is not None:
            counts.add(len(x))
        if len(counts) > 1:
            n.fail("begin and size need one entry for each axis")
        rank = counts.pop() if counts else None
        sizes, exact = n.value(2), n.value(1)
        if exact is not None and (exact < -1).any():
            n.fail(f"begin must not be negative, but is {exact.tolist()}")
        first = n.shape_value(1)
        if sizes is None:
            known = n.shape_value(2) if first is not None else None
            if known is not None:
                return known
            return None if rank is None else (None,) * rank
        out: list[int | None] = []
        for i, s in enumerate(sizes.tolist()):
            full = None if x is None else x[i]
            start = None if first is None else first[i]
            if s < -1:
                n.fail(f"size must be -1 or more, but is {s} on axis {i}")
            if s != -1:
                out.append(s)
            elif full is None or start is None:
                out.append(None)
            elif start > full:
                n.fail(f"begin {start} is beyond axis {i} of size {full}")
            else:
                out.append(full - start)
        return tuple(out)

    def kernel(n: Any) -> Any:
        def cut(x: Any, begin: Any, size: Any) -> Any:
            if not len(begin) == len(size) == len(x.shape):
                raise RunError(f"Expected begin and size arguments to be 1-D tensors of size {len(x.shape)}, but got "
                               f"{len(begin)} and {len(size)} elements instead.")
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
        size = tf.shape(op.outputs[0], out_type=begin.dtype)
        column = tf.stack([rank, 1])
        before = tf.reshape(begin, column)
        after = tf.reshape(tf.shape(x, out_type=begin.dtype) - size - begin, column)
        return [tf.pad(grad, tf.concat([before, after], 1)), None, None]


def refuse_outside(xp: Any, ids: Any, limit: int) -> None:
    """Refuses ids outside [0, limit), naming the first and its place."""
    bad = xp.logical_or(ids < 0, ids >= limit)
    if bad.any():
        where = [int(i) for i in xp.argwhere(bad)[0]] if ids.ndim else []
        place = f"indices{where}" if where else "indices"
        value = int(ids[tuple(where)] if where else ids)
        raise RunError(f"{place} = {value} is not in [0, {limit})")


@op
class OneHot:
    """A one at each index along a new axis; an index out of range makes none (tf.one_hot)."""

    signature = "indices: TI, depth: int32, on_value: T, off_value: T -> output: T"
    takes = "depth: [] run; on_value: [] run; off_value: [] run"
    host_memory = "depth"
    attrs = "axis: int = -1; T: type; TI: {uint8, int8, int32, int64} = int64"
    gradient = no_gradient

    def infer(n: Any, indices: Any, depth: Any, on: Any, off: Any) -> Any:
        value = n.value(1)
        at = n.attrs["axis"]
        if at < -1:
            n.fail(f"axis must be -1 or more, not {at}")
        if value is not None:
            n.with_rank(value.shape, 0, "depth")
        if value is not None and int(value) < 0:
            n.fail(f"depth must not be negative, but is {int(value)}")
        if indices is None:
            return None
        size = None if value is None else int(value)
        at = len(indices) if at == -1 else at % (len(indices) + 1)
        return indices[:at] + (size,) + indices[at:]

    def kernel(n: Any) -> Any:
        xp, axis, dtype = n.xp, n.attrs["axis"], n.dtype()

        def one_hot(indices: Any, depth: Any, on: Any, off: Any) -> Any:
            if not -1 <= axis <= indices.ndim:
                raise RunError(f"Expected axis to be -1 or between [0, {indices.ndim + 1}). But received: {axis}")
            if int(depth) < 0:
                raise RunError(f"depth must be non-negative, got: {int(depth)}")
            for word, value in (("on_value", on), ("off_value", off)):
                if value.ndim:
                    raise RunError(f"{word} must be a scalar, but has the shape {list(value.shape)}")
            at = indices.ndim if axis == -1 else axis
            out = xp.full((*indices.shape[:at], int(depth), *indices.shape[at:]), off, dtype)
            flat, given, after = out.reshape(-1), xp.asarray(indices).reshape(-1), prod(indices.shape[at:])

            def some(i: int) -> None:
                part = given[i * PART:(i + 1) * PART].astype(xp.int64)
                met = xp.nonzero((part >= 0) & (part < int(depth)))[0]
                place = met + i * PART
                flat[(place // after * int(depth) + part[met]) * after + place % after] = on

            n.each(-(-given.size // PART), some)
            return out

        return one_hot

    def scratch(n: Any) -> Any:
        return 48 * min(n.threads * PART, n.size())


@op
class Where:
    """The places of what is true or not 0, one row each (tf.where of one)."""

    signature = "input: T -> index: int64"
    attrs = ("T: {float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, "
             "float16, uint32, uint64, bool} = bool")
    no_kernel = "T: float16"
    gradient = undefined_gradient

    def infer(n: Any, x: Any) -> Any:
        return (None, None if x is None else len(x))

    def kernel(n: Any) -> Any:
        xp = n.xp

        def places(x: Any) -> Any:
            if not x.ndim:
                raise RunError("WhereOp : Unhandled input dimensions: 0")
            found = xp.nonzero(x)
            # numpy's own rows, of which it gives columns
            rows = found[0].reshape(-1, 1) if x.ndim == 1 else found[0].base
            if getattr(rows, "shape", None) != (len(found[0]), x.ndim) or rows.dtype != found[0].dtype:
                rows = xp.stack(found, 1)
            return rows.astype(xp.int64, copy=False)

        return places


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
            if xp.shape(t) != xp.shape(e):
                raise RunError(f"'then' and 'else' must have the same size. but received: {show(xp.shape(t))} vs. "
                               f"{show(xp.shape(e))}")
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
        condition, t, e = op.inputs
        zeros = tf.zeros([], grad.dtype.base_dtype)
        of_t, of_e = tf.where_v2(condition, grad, zeros), tf.where_v2(condition, zeros, grad)
        of_t = gathered(tf, of_t, *spread(tf, t, op.outputs[0])[0])
        return [None, of_t, gathered(tf, of_e, *spread(tf, e, op.outputs[0])[0])]
