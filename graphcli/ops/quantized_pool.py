"""Quantized nets: pools, and what is joined and reshaped, with its ends."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument, Unimplemented
from ..graph.opdef import op, undefined_gradient
from ._quanta import KINDS, NOT_BYTES, PIECE, Quanta, by_table, one, piece_bytes
from .array_join import joined_shape
from .array_shape import Reshape
from .nn_pool import pooled

CPU_ONLY = True


_POOL = "input: T, min_input: float32, max_input: float32 -> output: T, min_output: float32, max_output: float32"
_POOLED = f"T: {KINDS}; ksize: list(int); strides: list(int); padding: {{'SAME', 'VALID'}}"


def _pool(n: Any, x: Any, *ends: Any) -> Any:
    return [pooled(n, x), (), ()]


def _lines(width: int, channels: int, high: int) -> int:
    """Lines of windows that are made at a time. width: pixels of a line of an image."""
    return min(high, max(1, 2 * PIECE // max(1, width * channels)))


def _windows(n: Any, over: Any) -> Any:
    """A kernel over windows of images, some lines of them at a time. over: given the tap ``[rows, columns, channels]``
    that lies at each place in the windows, 0 where that is not in the image, how many of them are in it, and where to
    put what comes of them."""
    _, *taps, depth = n.attrs["ksize"]
    batch, *steps, channels = n.attrs["strides"]
    if n.attrs["ksize"][0] != 1 or batch != 1 or depth != 1 or channels != 1:
        raise Unimplemented("Pooling is not yet supported on the batch and depth dimensions.")
    same = n.attrs["padding"] == "SAME"

    def within(size: int, many: int, before: int, tap: int, step: int) -> Any:
        starts = np.arange(many) * step - before
        return np.minimum(starts + tap, size) - np.maximum(starts, 0)

    def run(x: Any, low: Any, high: Any) -> Any:
        sizes = [-(-s // t) if same else (s - k) // t + 1 for s, k, t in zip(x.shape[1:3], taps, steps)]
        beyond = [max(0, (o - 1) * t + k - s) for o, t, k, s in zip(sizes, steps, taps, x.shape[1:3])]
        above, left = (b // 2 for b in beyond)
        out = np.empty((len(x), *sizes, x.shape[3]), x.dtype)
        many = _lines(x.shape[2], x.shape[3], sizes[0])
        parts = -(-sizes[0] // max(1, many))
        down, across = (within(*each) for each in zip(x.shape[1:3], sizes, (above, left), taps, steps))

        def some(k: int) -> None:
            i, start = k // parts, k % parts * many
            stop = min(sizes[0], start + many)
            first, last = start * steps[0] - above, (stop - 1) * steps[0] - above + taps[0]
            seen = x[i, max(0, first):last]
            if beyond[1] or len(seen) < last - first:
                wide = np.zeros((last - first, x.shape[2] + beyond[1], x.shape[3]), x.dtype)
                wide[max(0, -first):max(0, -first) + len(seen), left:left + x.shape[2]] = seen
                seen = wide
            cut = [seen[a:a + (stop - start - 1) * steps[0] + 1:steps[0], b:b + (sizes[1] - 1) * steps[1] + 1:steps[1]]
                   for a, b in np.ndindex(*taps)]
            over(cut, (down[start:stop, None] * across)[:, :, None], out[i, start:stop])

        n.each(len(x) * parts, some)
        return [out, one(low), one(high)]

    return run


def _room(n: Any, made: int) -> int:
    """Bytes of some lines of windows. made: of what is made for each."""
    batch, _, width, channels = n.shapes[0]
    _, high, across, _ = n.outs[0]
    many = _lines(width, channels, high)
    (_, tap, wide, _), (_, step, along, _) = n.attrs["ksize"], n.attrs["strides"]
    padded = max(0, (across - 1) * along + wide - width)
    return int(channels * min(n.threads, batch * -(-high // max(1, many))) * (
        ((many - 1) * step + tap) * (width + padded) * (padded > 0) + made * many * across))


@op
class QuantizedMaxPool:
    """The greatest of each window of quantized images (tf.nn.quantized_max_pool)."""

    signature, attrs = _POOL, _POOLED
    takes = "min_input: []; max_input: []"
    no_kernel = f"T: {NOT_BYTES}"
    infer, gradient = _pool, undefined_gradient

    def kernel(n: Any) -> Any:
        def greatest(seen: Any, within: Any, out: Any) -> None:
            # what is not there is 0, as little as there is
            out[...] = seen[0]
            for tap in seen[1:]:
                np.maximum(out, tap, out=out)

        return _windows(n, greatest)

    def scratch(n: Any) -> Any:
        return _room(n, 0)


@op
class QuantizedAvgPool:
    """The mean of each window of quantized images, cut to a whole number (tf.nn.quantized_avg_pool)."""

    signature, attrs = _POOL, _POOLED
    takes = "min_input: []; max_input: []"
    no_kernel = f"T: {NOT_BYTES}"
    infer, gradient = _pool, undefined_gradient

    def kernel(n: Any) -> Any:
        def mean(seen: Any, within: Any, out: Any) -> None:
            total = seen[0].astype(np.int32)
            for tap in seen[1:]:
                total += tap
            total //= within.astype(np.int32)
            out[...] = total

        return _windows(n, mean)

    def scratch(n: Any) -> Any:
        return _room(n, 4)


def _put(out: Any, x: Any, function: Any) -> None:
    """``out[...] = function(x)``, some lines at a time."""
    many = max(1, PIECE * len(x) // max(1, x.size))
    for i in range(0, len(x), many):
        out[i:i + many] = function(x[i:i + many])


def _between(have: Quanta, want: Quanta) -> Any:
    """The function of numbers between some ends that gives those between others."""
    return lambda x: want.all_numbers(have.all_values(x))


@op
class QuantizedConcat:
    """Quantized numbers joined along an axis, between ends that are those of all (tf.quantization.quantized_concat)."""

    signature = ("concat_dim: int32, values: N*T, input_mins: N*float32, input_maxes: N*float32 -> output: T, "
                 "output_min: float32, output_max: float32")
    takes = "concat_dim: []; input_mins: []; input_maxes: []"
    host_memory = "concat_dim"
    attrs = "N: int >= 2; T: type"
    gradient = undefined_gradient

    def infer(n: Any, axis: Any, values: Any, lows: Any, highs: Any) -> Any:
        return [joined_shape(n, values, n.value(0)), (), ()]

    def kernel(n: Any) -> Any:
        dtype = n.attrs["T"]
        if dtype.name not in ("quint8", "qint32"):
            raise InvalidArgument(f"TensorFlow has no kernel of QuantizedConcat for {dtype.name}")

        def run(axis: Any, values: Any, lows: Any, highs: Any) -> Any:
            lows, highs = [one(x) for x in lows], [one(x) for x in highs]
            least, most = min(lows), max(highs)
            if dtype.name == "qint32":
                most = max(abs(least), abs(most))
                least = -most
            whole = Quanta(dtype, least, most)
            out = np.concatenate(values, int(axis))
            into = np.moveaxis(out, int(axis), 0)
            at = 0
            for x, low, high in zip(values, lows, highs):
                there = np.moveaxis(into[at:at + x.shape[int(axis)]], 0, int(axis))
                at += x.shape[int(axis)]
                if (low, high) != (least, most):
                    _put(there, x, by_table(_between(Quanta(dtype, low, high), whole), x))
            return [out, least, most]

        return run

    def scratch(n: Any) -> int:
        return piece_bytes(n, 16)


@op
class QuantizedReshape:
    """The same quantized numbers in another shape."""

    signature = ("tensor: T, shape: Tshape, input_min: float32, input_max: float32 -> output: T, "
                 "output_min: float32, output_max: float32")
    takes = "input_min: []; input_max: []"
    host_memory = "shape"
    attrs = "T: type; Tshape: {int32, int64} = int32"
    gradient = undefined_gradient

    def infer(n: Any, x: Any, shape: Any, *ends: Any) -> Any:
        return [Reshape.infer(n, x, shape), (), ()]

    def kernel(n: Any) -> Any:
        reshape = Reshape.kernel(n)
        return lambda x, shape, low, high: [reshape(x, shape), one(low), one(high)]
