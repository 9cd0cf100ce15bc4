"""The same elements in another order: reversed, rolled."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import compatible, count, show
from ._axes import backwards

KINDS = "bool, bfloat16, float16, float32, float64, complex64, complex128, string"

PART = 1 << 16
"""Indices that are taken apart at a time."""


@op
class ReverseV2:
    """Axes back to front (tf.reverse)."""

    signature = "tensor: T, axis: Tidx -> output: T"
    host_memory = "axis"
    attrs = ("Tidx: {int32, int64} = int32; "
             f"T: {{uint8, int8, uint16, int16, int32, uint32, int64, uint64, {KINDS}}}")

    def infer(n: Any, x: Any, axis: Any) -> Any:
        value = n.value(1)
        if axis is not None and len(axis) != 1:
            n.fail("axis must be a vector")
        if x is not None and value is not None and (x or n.built):
            met = set()
            for a in value.tolist():
                if not -len(x) <= a < len(x):
                    n.fail(f"axis {a} is not in [{-len(x)}, {len(x)})")
                if a % len(x) in met:
                    n.fail(f"axis {a % len(x)} is given more than once")
                met.add(a % len(x))
        return x

    def kernel(n: Any) -> Any:
        xp = n.xp

        def reverse(x: Any, axis: Any) -> Any:
            rank = len(x.shape)
            if not rank or not x.size:
                return x
            axes: list[int] = []
            for a in axis.tolist():
                if not -rank <= a < rank:
                    raise RunError(f"'axis'[{len(axes)}] = {a} is out of valid range [-{rank}, {rank})")
                if a % rank in axes:
                    raise RunError(f"axis {a % rank} specified more than once")
                axes.append(a % rank)
            return backwards(xp, x, tuple(axes)) if axes else x

        return reverse

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.reverse(grad, op.inputs[1]), None]


@op
class Reverse:
    """Axes back to front where ``dims`` says so."""

    signature = "tensor: T, dims: bool -> output: T"
    takes = "dims: [?]"
    host_memory = "dims"
    attrs = f"T: {{uint8, int8, uint16, int16, uint32, int32, uint64, int64, {KINDS}}}"

    def infer(n: Any, x: Any, dims: Any) -> Any:
        if x is not None and dims and dims[0] not in (None, len(x)) and (x or n.built):
            n.fail(f"dims has {dims[0]} entries, the tensor has rank {len(x)}")
        if x is None and dims and dims[0] is not None:
            return (None,) * dims[0]
        return x

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda x, dims: backwards(xp, x, tuple(i for i, d in enumerate(dims.tolist()) if d)) if x.ndim else x

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("Reverse", None, [grad, op.inputs[1]]), None]


@op
class ReverseSequence:
    """The first seq_lengths[i] entries of row i back to front (tf.reverse_sequence)."""

    signature = "input: T, seq_lengths: Tlen -> output: T"
    attrs = "seq_dim: int; batch_dim: int = 0; T: type; Tlen: {int32, int64} = int64"

    def infer(n: Any, x: Any, lengths: Any) -> Any:
        seq, batch = n.attrs["seq_dim"], n.attrs["batch_dim"]
        n.with_rank(lengths, 1, "seq_lengths")
        if batch < 0 and n.built:
            n.fail(f"batch_dim must be at least 0, not {batch}")
        if x is None:
            return None
        for word, axis in (("batch_dim", batch), ("seq_dim", seq)):
            if axis >= len(x):
                n.fail(f"{word} {axis} must be below the rank {len(x)}")
        if lengths is not None and not compatible((x[batch],), lengths):
            n.fail(f"axis {batch} has {x[batch]} rows, seq_lengths has shape {show(lengths)}")
        if x[batch] is None and lengths is not None:
            return x[:batch] + (lengths[0],) + x[batch + 1:]
        return x

    def kernel(n: Any) -> Any:
        xp, seq, batch = n.xp, n.attrs["seq_dim"], n.attrs["batch_dim"]

        def reverse(x: Any, lengths: Any) -> Any:
            if lengths.size != x.shape[batch]:
                raise RunError(f"Length of seq_lengths != input.dims({batch}), ({lengths.size} vs. {x.shape[batch]})")
            out = xp.array(x)
            rows, source = xp.moveaxis(out, (batch, seq), (0, 1)), xp.moveaxis(x, (batch, seq), (0, 1))
            for first in range(0, lengths.size, PART):
                for i, length in enumerate(lengths[first:first + PART].tolist(), first):
                    if not 0 <= length <= x.shape[seq]:
                        raise RunError(f"Invalid seq_lengths value at {i}: {length} is not in [0, {x.shape[seq]}]")
                    rows[i, :length] = source[i, :length][::-1]
            return out

        return reverse

    def scratch(n: Any) -> Any:
        return 8 * min(PART, n.size(1))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.reverse_sequence(grad, op.inputs[1], op.attrs["seq_dim"], op.attrs["batch_dim"]), None]


@op
class Roll:
    """Entries moved along axes; what falls off comes in again (tf.roll)."""

    signature = "input: T, shift: Tshift, axis: Taxis -> output: T"
    host_memory = "shift, axis"
    attrs = "T: type; Tshift: {int32, int64}; Taxis: {int32, int64}"

    def infer(n: Any, x: Any, shift: Any, axis: Any) -> Any:
        n.at_least_rank(x, 1, "input")
        for word, shape in (("shift", shift), ("axis", axis)):
            n.at_most_rank(shape, 1, word)
        n.merge(shift, axis, "shapes of shift and axis")
        return x

    def kernel(n: Any) -> Any:
        xp = n.xp

        def roll(x: Any, shift: Any, axis: Any) -> Any:
            shifts, axes = shift.reshape(-1).tolist(), axis.reshape(-1).tolist()
            if len(shifts) != len(axes):
                raise RunError("shift and axis must have the same size")
            for a in axes:
                if not -x.ndim <= a < x.ndim:
                    raise RunError(f"axis {a} is out of range")
            return xp.roll(x, tuple(shifts), tuple(axes))

        return roll

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.roll(grad, -op.inputs[1], op.inputs[2]), None, None]


@op
class UnravelIndex:
    """The coordinates of flat indices in a shape, a row for each axis (tf.unravel_index)."""

    signature = "indices: Tidx, dims: Tidx -> output: Tidx"
    host_memory = "dims"
    attrs = "Tidx: {int32, int64} = int32"
    gradient = undefined_gradient

    def infer(n: Any, indices: Any, dims: Any) -> Any:
        rank = n.with_rank(dims, 1, "dims")[0]
        if indices is None:
            return None
        return (rank,) if not indices else (rank, count(indices))

    def kernel(n: Any) -> Any:
        xp = n.xp

        def unravel(indices: Any, dims: Any) -> Any:
            if indices.ndim > 1:
                raise RunError(f"The indices can only be scalar or vector, got {list(indices.shape)}")
            sizes = tuple(dims.tolist())
            total = prod(sizes)
            if min(sizes, default=0) < 0:
                raise RunError(f"sizes are not negative, but dims is {list(sizes)}")
            if not indices.size:
                raise RunError("there are no indices to unravel")
            if not total or indices.max() >= total:
                raise RunError(f"index is out of bound as with dims {list(sizes)}")
            flat = indices.reshape(-1)
            out = xp.empty((len(sizes), flat.size), indices.dtype)
            for i in range(0, flat.size, PART):
                # an index below 0 is taken apart as C++ does it, toward 0
                rest = flat[i:i + PART]
                for axis in range(len(sizes) - 1, -1, -1):
                    size = indices.dtype.type(sizes[axis])
                    places = xp.fmod(rest, size, out=out[axis, i:i + PART])
                    rest = xp.floor_divide(rest - places, size)
            return out.reshape(len(sizes), *indices.shape)

        return unravel
