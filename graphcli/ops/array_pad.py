"""More of the same elements: repeated, or with something around."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ..graph.shapes import only_spread
from ._mirrored import folded, mirrored, taken

BLOCK = 1 << 15
"""Elements that are repeated at a time."""


@op
class Tile:
    """Repeated along each axis (tf.tile)."""

    signature = "input: T, multiples: Tmultiples -> output: T"
    takes = "multiples: [?]"
    host_memory = "multiples"
    attrs = "T: type; Tmultiples: {int32, int64} = int32"

    def infer(n: Any, x: Any, multiples: Any) -> Any:
        times = n.shape_value(1)
        if x is not None and multiples is not None and multiples[0] not in (None, len(x)):
            n.fail(f"multiples has {multiples[0]} entries, input has rank {len(x)}")
        value = n.value(1)
        if value is not None and (value < -1).any():
            n.fail(f"multiples must not be negative, but are {value.tolist()}")
        rank = len(x) if x is not None else len(times) if times is not None else None
        if rank is None:
            return None
        x, times = x or (None,) * rank, times or (None,) * rank
        return tuple(0 if d == 0 or t == 0 else None if d is None or t is None else d * t for d, t in zip(x, times))

    def kernel(n: Any) -> Any:
        xp, unsigned = n.xp, n.out().name == "uint16"
        spread = only_spread(n.node.inputs[0].static, n.node.outputs[0].static)

        def tile(x: Any, multiples: Any) -> Any:
            times = tuple(multiples.tolist())
            if len(times) != x.ndim:
                raise RunError(f"multiples has {len(times)} entries, input has rank {x.ndim}")
            if any(t < 0 for t in times):
                raise RunError(f"Expected multiples >= 0, but got {list(times)}")
            if unsigned and x.size and all(times) and any(t != 1 for t in times):
                raise RunError("TileOp : The input data type is not supported, DataType : uint16")
            if spread and all(d == 1 or t == 1 for d, t in zip(x.shape, times)):
                return xp.broadcast_to(x, [d * t for d, t in zip(x.shape, times)])
            repeated = [i for i, t in enumerate(times) if t != 1]
            if len(repeated) < 2 and x.flags.c_contiguous:
                return xp.tile(x, times)
            out = xp.empty([t * d for t, d in zip(times, x.shape)], x.dtype)
            split = out.reshape([s for pair in zip(times, x.shape) for s in pair])
            if len(repeated) == 1 and out.size:
                # what lies otherwise is read once
                ahead = (slice(None),) * 2 * repeated[0]
                split[(*ahead, 0)] = x.reshape(split[(*ahead, 0)].shape)
                # some at a time: what lies between is taken for the same memory, and copied
                cut = next((i for i in range(repeated[0]) if x.shape[i] > 1), repeated[0])
                many = x.shape[cut] if cut == repeated[0] else max(1, BLOCK * x.shape[cut] // x.size)
                for start in range(0, x.shape[cut], many):
                    part = split[(*(slice(None),) * (2 * cut + 1), slice(start, start + many))]
                    part[(*ahead, slice(1, None))] = part[(*ahead, slice(1))]
            else:
                split[...] = x.reshape([s for d in x.shape for s in (1, d)])
            return out

        return tile

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, times = op.inputs
        shape = tf.shape(x, out_type=times.dtype.base_dtype)
        split = tf.reshape(tf.transpose(tf.stack([times, shape])), [-1])
        axes = tf.range(0, tf.size(split), 2)
        if hasattr(grad, "indices"):
            # rows of which some are copies of one
            rows = tf.cast(shape[0], grad.indices.dtype)
            grad = tf.unsorted_segment_sum(grad.values, grad.indices % rows, rows)
            split = tf.concat([[1], split[1:]], axis=0)
        return [tf.reduce_sum(tf.reshape(grad, split), axes), None]


def _padded(n: Any, x: Any, paddings: Any) -> Any:
    value = n.value(1)
    n.with_rank(paddings, 2, "paddings")
    if x is not None and paddings is not None and paddings[0] not in (None, len(x)):
        n.fail(f"paddings has {paddings[0]} rows, the input has rank {len(x)}")
    if value is None:
        rank = len(x) if x is not None else paddings[0] if paddings else None
        return None if rank is None else (None,) * rank
    if (value < 0).any():
        n.fail(f"paddings must not be negative, but are {value.tolist()}")
    if x is None:
        return (None,) * len(value)
    return tuple(None if d is None else d + int(a) + int(b) for d, (a, b) in zip(x, value.tolist()))


def _surrounded(xp: Any, x: Any, paddings: Any, value: Any) -> Any:
    """x within so many elements of one value before and after along each axis."""
    if not x.ndim:
        return x
    if any(before < 0 or after < 0 for before, after in paddings):
        raise RunError(f"paddings must be non-negative, not {paddings}")
    out = xp.empty([b + size + a for size, (b, a) in zip(x.shape, paddings)], x.dtype)
    inside: list[Any] = []
    for size, (before, after) in zip(x.shape, paddings):
        if before:
            out[(*inside, slice(before))] = value
        if after:
            out[(*inside, slice(before + size, None))] = value
        inside.append(slice(before, before + size))
    out[tuple(inside)] = x
    return out


@op
class Pad:
    """Zeros around (tf.pad)."""

    signature = "input: T, paddings: Tpaddings -> output: T"
    takes = "paddings: [?, 2]"
    host_memory = "paddings"
    attrs = "T: type; Tpaddings: {int32, int64} = int32"
    infer = _padded

    def kernel(n: Any) -> Any:
        xp = n.xp
        empty: Any = b"" if n.out().kind == "S" else 0
        return lambda x, paddings: _surrounded(xp, x, paddings.tolist(), empty)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, paddings = op.inputs[:2]
        begin = tf.reshape(tf.slice(paddings, [0, 0], tf.stack([tf.rank(x), 1])), [-1])
        return [tf.slice(grad, begin, tf.shape(x, out_type=begin.dtype)), None]


@op
class PadV2:
    """A constant around (tf.pad with constant_values)."""

    signature = "input: T, paddings: Tpaddings, constant_values: T -> output: T"
    takes = "paddings: [?, 2]"
    host_memory = "paddings"
    attrs = "T: type; Tpaddings: {int32, int64} = int32"

    def infer(n: Any, x: Any, paddings: Any, value: Any) -> Any:
        return _padded(n, x, paddings)

    def kernel(n: Any) -> Any:
        xp = n.xp

        def pad(x: Any, paddings: Any, value: Any) -> Any:
            if value.ndim:
                raise RunError(f"constant_values must be a scalar, but has the shape {list(value.shape)}")
            return _surrounded(xp, x, paddings.tolist(), value)

        return pad

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, paddings = op.inputs[:2]
        begin = tf.reshape(tf.slice(paddings, [0, 0], tf.stack([tf.rank(x), 1])), [-1])
        return [tf.slice(grad, begin, tf.shape(x, out_type=begin.dtype)), None, None]


def _check_mirror(shape: Any, paddings: Any, reflect: bool) -> None:
    for size, (before, after) in zip(shape, paddings):
        if before < 0 or after < 0:
            raise RunError(f"paddings must be non-negative: {before} {after}")
        if max(before, after) > size - reflect:
            law = "less than" if reflect else "no greater than"
            raise RunError(f"paddings must be {law} the dimension size: {before}, {after} for {size}")


@op
class MirrorPad:
    """Mirrored around: REFLECT leaves the border out, SYMMETRIC repeats it (tf.pad with mode)."""

    signature = "input: T, paddings: Tpaddings -> output: T"
    takes = "paddings: [?, 2]"
    host_memory = "paddings"
    attrs = "T: type; Tpaddings: {int32, int64} = int32; mode: {'REFLECT', 'SYMMETRIC'}"
    infer = _padded

    def kernel(n: Any) -> Any:
        xp, mode = n.xp, n.attrs["mode"].lower()

        def pad(x: Any, paddings: Any) -> Any:
            widths = paddings.tolist()
            if len(widths) != x.ndim:
                raise RunError(f"The first dimension of paddings must be the rank of inputs: {len(widths)} for "
                               f"{list(x.shape)}")
            _check_mirror(x.shape, widths, mode == "reflect")
            if xp.__name__ == "numpy" and x.flags.fnc:
                # which numpy would give the same order in memory
                return mirrored(xp, x, widths, int(mode == "reflect"))
            return xp.pad(x, widths, mode=mode) if widths else x

        return pad

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("MirrorPadGrad", None, [grad, op.inputs[1]], {"mode": op.attrs["mode"]}), None]


@op
class MirrorPadGrad:
    """The gradient of a MirrorPad: what was mirrored is added where it came from."""

    signature = "input: T, paddings: Tpaddings -> output: T"
    takes = "paddings: [?, 2]"
    host_memory = "paddings"
    attrs = "T: type; Tpaddings: {int32, int64} = int32; mode: {'REFLECT', 'SYMMETRIC'}"
    no_kernel = "T: bool, string"

    def infer(n: Any, x: Any, paddings: Any) -> Any:
        value = n.value(1)
        rank = paddings[0] if paddings else None
        if rank is None:
            return None
        if x is not None:
            n.merge((len(x),), (rank,), "rank of the input and rows of paddings")
        if value is None:
            return (None,) * rank
        if (value < 0).any():
            n.fail(f"paddings must not be negative, but are {value.tolist()}")
        sizes = []
        for d, (a, b) in zip(x or (None,) * rank, value.tolist()):
            if d is not None and d < a + b:
                n.fail(f"paddings {a} and {b} are more than the {d} of an axis")
            sizes.append(None if d is None else d - a - b)
        return tuple(sizes)

    def kernel(n: Any) -> Any:
        skip = int(n.attrs["mode"] == "REFLECT")

        def fold(x: Any, paddings: Any) -> Any:
            pairs = paddings.tolist()
            _check_mirror([s - b - a for s, (b, a) in zip(x.shape, pairs)], pairs, skip > 0)
            return folded(n, x, pairs, skip)

        return fold

    scratch = taken

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("MirrorPad", None, [grad, op.inputs[1]], {"mode": op.attrs["mode"]}), None]
