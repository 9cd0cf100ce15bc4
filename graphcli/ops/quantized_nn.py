"""Quantized nets: products, convolutions, sums, pools of whole numbers that stand for others between two ends."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidArgument, Unimplemented
from ..graph.opdef import op, undefined_gradient
from ._axes import axis_in
from ._quanta import Quanta, product_ends, sum_ends, widened
from .array_shape import Reshape
from .matmul import MatMul
from .nn_bias import biased
from .nn_conv2d import convolved
from .nn_pool import pooled
from .quantized import one

CPU_ONLY = True
BLAS = True
_F = np.float32
_Q = "{quantizedtype}"
_NOT_BYTES = "qint8, qint32, qint16, quint16"


def _wrapped(x: Any) -> Any:
    """Whole numbers, in double precision, as 32 bits hold them."""
    return x.astype(np.int64).astype(np.int32)


def _zero(kind: Quanta) -> int:
    """The number that stands for 0."""
    return int(kind.unclamped(_F(0)))


@op
class QuantizedMatMul:
    """Product of two matrices of quantized numbers, and its ends."""

    signature = ("a: T1, b: T2, min_a: float32, max_a: float32, min_b: float32, max_b: float32 -> out: Toutput, "
                 "min_out: float32, max_out: float32")
    takes = "min_a: []; max_a: []; min_b: []; max_b: []"
    attrs = (f"T1: {_Q}; T2: {_Q}; Toutput: {_Q} = qint32; transpose_a: bool = False; transpose_b: bool = False; "
             f"Tactivation: {_Q} = quint8")
    no_kernel = f"T1: {_NOT_BYTES}; T2: {_NOT_BYTES}; Toutput: qint8, quint8, qint16, quint16"
    gradient = undefined_gradient

    def infer(n: Any, a: Any, b: Any, *ends: Any) -> Any:
        return [MatMul.infer(n, a, b), (), ()]

    def kernel(n: Any) -> Any:
        attrs = n.attrs

        def run(a: Any, b: Any, *ends: Any) -> Any:
            low_a, high_a, low_b, high_b = map(one, ends)
            left, right = Quanta(attrs["T1"], low_a, high_a), Quanta(attrs["T2"], low_b, high_b)
            a, b = a.astype(np.float64) - _zero(left), b.astype(np.float64) - _zero(right)
            found = (a.T if attrs["transpose_a"] else a) @ (b.T if attrs["transpose_b"] else b)
            return [_wrapped(found), *product_ends(left, right, attrs["Toutput"])]

        return run

    def scratch(n: Any) -> Any:
        return 8 * (prod(n.shapes[0] or (0,)) + prod(n.shapes[1] or (0,)) + 2 * n.size())


def _padded(x: Any, zero: int, taps: tuple[int, ...], step: int, sizes: tuple[int, ...], same: bool) -> Any:
    """An image [height, width, channels] less its zero, and zeros around, from where TensorFlow's first window is: it
    centers the windows even where what is left over is cut off."""
    out = x.astype(np.float64) - zero
    for axis, (tap, size) in enumerate(zip(taps, sizes)):
        beyond = (size - 1) * step + tap - x.shape[axis]
        before = int((beyond + (not same)) / 2)
        out = out[(slice(None),) * axis + (slice(max(0, -before), None),)]
        more = (size - 1) * step + tap - out.shape[axis] - max(0, before)
        pads = [(0, 0)] * out.ndim
        pads[axis] = max(0, before), max(0, more)
        out = np.pad(out, pads)
    return out


@op
class QuantizedConv2D:
    """Convolution of quantized images and filters, and its ends (tf.nn.quantized_conv2d)."""

    signature = ("input: Tinput, filter: Tfilter, min_input: float32, max_input: float32, min_filter: float32, "
                 "max_filter: float32 -> output: out_type, min_output: float32, max_output: float32")
    takes = "min_input: []; max_input: []; min_filter: []; max_filter: []"
    attrs = (f"Tinput: {_Q}; Tfilter: {_Q}; out_type: {_Q} = qint32; strides: list(int); "
             "padding: {'SAME', 'VALID'}; dilations: list(int) = [1, 1, 1, 1]")
    no_kernel = f"Tinput: {_NOT_BYTES}; Tfilter: {_NOT_BYTES}; out_type: qint8, quint8, qint16, quint16"
    gradient = undefined_gradient

    def infer(n: Any, x: Any, w: Any, *ends: Any) -> Any:
        return [convolved(n, x, w), (), ()]

    def kernel(n: Any) -> Any:
        attrs = n.attrs
        strides, same = attrs["strides"], attrs["padding"] == "SAME"
        if len(strides) != 4 or strides[1] != strides[2] or strides[0] != 1 or strides[3] != 1:
            raise InvalidArgument("Current implementation only supports equal length strides in the row and column "
                                  "dimensions, and none over images and channels")
        if attrs["dilations"] != [1, 1, 1, 1]:
            raise Unimplemented(f"dilations are all 1 here, not {attrs['dilations']}")
        step = strides[1]

        def run(x: Any, w: Any, *ends: Any) -> Any:
            low_x, high_x, low_w, high_w = map(one, ends)
            left, right = Quanta(attrs["Tinput"], low_x, high_x), Quanta(attrs["Tfilter"], low_w, high_w)
            taps, filters = w.shape[:2], w.shape[3]
            sizes = tuple(-(-s // step) if same else (s - t) // step + 1 for s, t in zip(x.shape[1:3], taps))
            out = np.empty((len(x), *sizes, filters), np.int32)
            matrix = (w.astype(np.float64) - _zero(right)).reshape(-1, filters)
            zero = _zero(left)

            def some(i: int) -> None:
                image = _padded(x[i], zero, taps, step, sizes, same)
                seen = np.lib.stride_tricks.sliding_window_view(image, taps, (0, 1))[::step, ::step]
                seen = np.moveaxis(seen[:sizes[0], :sizes[1]], 2, -1).reshape(prod(sizes), -1)
                out[i] = _wrapped(seen @ matrix).reshape(*sizes, filters)

            n.each(len(x), some)
            return [out, *product_ends(left, right, attrs["out_type"])]

        return run

    def scratch(n: Any) -> Any:
        image, filter, *_ = n.shapes
        one_image = prod((image or (0,))[1:3]) * prod((filter or (0,))[:3])
        return 8 * (n.threads * one_image + prod(filter or (0,)))


@op
class QuantizedBiasAdd:
    """Quantized numbers and a bias along the last axis, and the ends of their sums."""

    signature = ("input: T1, bias: T2, min_input: float32, max_input: float32, min_bias: float32, "
                 "max_bias: float32 -> output: out_type, min_out: float32, max_out: float32")
    takes = "min_input: []; max_input: []; min_bias: []; max_bias: []"
    attrs = f"T1: {_Q}; T2: {_Q}; out_type: {_Q}"
    no_kernel = ("T1: qint32, qint16, quint16; T2: qint32, qint16, quint16; "
                 "out_type: qint8, quint8, qint16, quint16")
    gradient = undefined_gradient

    def infer(n: Any, x: Any, bias: Any, *ends: Any) -> Any:
        return [biased(n, x, bias), (), ()]

    def kernel(n: Any) -> Any:
        return _adding(n, "T1", "T2", "out_type")

    def scratch(n: Any) -> Any:
        return 12 * n.size()


def _adding(n: Any, first: str, second: str, third: str) -> Any:
    attrs = n.attrs

    def run(x: Any, y: Any, *ends: Any) -> Any:
        low_x, high_x, low_y, high_y = map(one, ends)
        left, right = Quanta(attrs[first], low_x, high_x), Quanta(attrs[second], low_y, high_y)
        least, most = sum_ends(left, right, 17)
        total = Quanta(attrs[third], least, most)
        zero = np.int32(total.numbers(_F(0)))
        found = total.all_numbers(left.all_values(x)) + (total.all_numbers(right.all_values(y)) + zero)
        return [found, least, most]

    return run


def _broadcast(n: Any, x: Any, y: Any, *ends: Any) -> Any:
    return [n.broadcast(x, y), (), ()]


_PAIR = ("x: T1, y: T2, min_x: float32, max_x: float32, min_y: float32, max_y: float32 -> z: Toutput, "
         "min_z: float32, max_z: float32")
_PAIRED = f"T1: {_Q}; T2: {_Q}; Toutput: {_Q} = qint32"
_NO_PAIR = f"T1: {_NOT_BYTES}; T2: {_NOT_BYTES}; Toutput: qint8, quint8, qint16, quint16"


def _check_ends(ends: Any) -> list[Any]:
    low_x, high_x, low_y, high_y = found = [one(e) for e in ends]
    if not low_x < high_x or not low_y < high_y:
        raise InvalidArgument(f"the least of a range is less than the greatest, not {low_x:g} to {high_x:g} and "
                              f"{low_y:g} to {high_y:g}")
    return found


@op
class QuantizedAdd:
    """x + y of quantized numbers, which broadcast, and the ends of the sums."""

    signature, attrs, no_kernel = _PAIR, _PAIRED, _NO_PAIR
    takes = "min_x: []; max_x: []; min_y: []; max_y: []"
    infer, gradient = _broadcast, undefined_gradient

    def kernel(n: Any) -> Any:
        attrs = n.attrs

        def run(x: Any, y: Any, *ends: Any) -> Any:
            low_x, high_x, low_y, high_y = _check_ends(ends)
            left, right = Quanta(attrs["T1"], low_x, high_x), Quanta(attrs["T2"], low_y, high_y)
            least, most = sum_ends(left, right, 14)
            total = Quanta(attrs["Toutput"], least, most)
            # one number is found exactly, many by whole steps
            wide = [total.numbers(k.values(z)) if z.size == 1 else widened(z, k, total)
                    for z, k in ((x, left), (y, right))]
            return [wide[0] + wide[1], least, most]

        return run

    def scratch(n: Any) -> Any:
        return 24 * n.size()


@op
class QuantizedMul:
    """x * y of quantized numbers, which broadcast, and the ends of the products."""

    signature, attrs, no_kernel = _PAIR, _PAIRED, _NO_PAIR
    takes = "min_x: []; max_x: []; min_y: []; max_y: []"
    infer, gradient = _broadcast, undefined_gradient

    def kernel(n: Any) -> Any:
        attrs = n.attrs

        def run(x: Any, y: Any, *ends: Any) -> Any:
            low_x, high_x, low_y, high_y = _check_ends(ends)
            left, right = Quanta(attrs["T1"], low_x, high_x), Quanta(attrs["T2"], low_y, high_y)
            found = (x.astype(np.int32) - np.int32(_zero(left))) * (y.astype(np.int32) - np.int32(_zero(right)))
            return [found, *product_ends(left, right, attrs["Toutput"])]

        return run

    def scratch(n: Any) -> Any:
        return 8 * n.size()


def _kept(n: Any, x: Any, *ends: Any) -> Any:
    return [x, (), ()]


_ACTIVATION = "activations: out_type, min_activations: float32, max_activations: float32"
_ACTIVATED = f"Tinput: {_Q}; out_type: {_Q} = quint8"
_NO_ACTIVATION = "Tinput: qint8, qint16, quint16; out_type: qint8, qint16, quint16"


def _between(n: Any, most: Any, x: Any, low: Any, high: Any) -> Any:
    kind = Quanta(n.attrs["Tinput"], low, high)
    found = np.maximum(x, kind.numbers(_F(0)))
    return [found if most is None else np.minimum(found, kind.numbers(most)), low, high]


@op
class QuantizedRelu:
    """max(x, 0) of quantized numbers."""

    signature = f"features: Tinput, min_features: float32, max_features: float32 -> {_ACTIVATION}"
    takes = "min_features: []; max_features: []"
    attrs, no_kernel = _ACTIVATED, _NO_ACTIVATION
    infer, gradient = _kept, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda x, low, high: _between(n, None, x, one(low), one(high))


@op
class QuantizedRelu6:
    """min(max(x, 0), 6) of quantized numbers."""

    signature = f"features: Tinput, min_features: float32, max_features: float32 -> {_ACTIVATION}"
    takes = "min_features: []; max_features: []"
    attrs, no_kernel = _ACTIVATED, _NO_ACTIVATION
    infer, gradient = _kept, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda x, low, high: _between(n, _F(6), x, one(low), one(high))


@op
class QuantizedReluX:
    """min(max(x, 0), most) of quantized numbers (tf.nn.quantized_relu_x)."""

    signature = ("features: Tinput, max_value: float32, min_features: float32, max_features: float32 -> "
                 f"{_ACTIVATION}")
    takes = "min_features: []; max_features: []"
    attrs, no_kernel = _ACTIVATED, _NO_ACTIVATION
    infer, gradient = _kept, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda x, most, low, high: _between(n, one(most), x, one(low), one(high))


_POOL = "input: T, min_input: float32, max_input: float32 -> output: T, min_output: float32, max_output: float32"
_POOLED = f"T: {_Q}; ksize: list(int); strides: list(int); padding: {{'SAME', 'VALID'}}"


def _pool(n: Any, x: Any, *ends: Any) -> Any:
    return [pooled(n, x), (), ()]


def _windows(n: Any, over: Any) -> Any:
    """A kernel over windows of images: [batch, rows, columns, channels, taps] of those that lie within, or -1."""
    _, *taps, depth = n.attrs["ksize"]
    batch, *steps, channels = n.attrs["strides"]
    if n.attrs["ksize"][0] != 1 or batch != 1 or depth != 1 or channels != 1:
        raise Unimplemented("Pooling is not yet supported on the batch and depth dimensions.")
    same = n.attrs["padding"] == "SAME"

    def run(x: Any, low: Any, high: Any) -> Any:
        sizes = [-(-s // t) if same else (s - k) // t + 1 for s, k, t in zip(x.shape[1:3], taps, steps)]
        beyond = [max(0, (o - 1) * t + k - s) for o, t, k, s in zip(sizes, steps, taps, x.shape[1:3])]
        pads = [(0, 0), *((b // 2, b - b // 2) for b in beyond), (0, 0)]
        wide = np.pad(x.astype(np.int32), pads, constant_values=-1)
        seen = np.lib.stride_tricks.sliding_window_view(wide, taps, (1, 2))[:, ::steps[0], ::steps[1]]
        return [over(seen[:, :sizes[0], :sizes[1]]).astype(x.dtype), one(low), one(high)]

    return run


@op
class QuantizedMaxPool:
    """The greatest of each window of quantized images (tf.nn.quantized_max_pool)."""

    signature, attrs = _POOL, _POOLED
    takes = "min_input: []; max_input: []"
    no_kernel = f"T: {_NOT_BYTES}"
    infer, gradient = _pool, undefined_gradient

    def kernel(n: Any) -> Any:
        return _windows(n, lambda seen: seen.max((-2, -1)))

    def scratch(n: Any) -> Any:
        return 8 * prod(n.shapes[0] or (0,))


@op
class QuantizedAvgPool:
    """The mean of each window of quantized images, cut to a whole number (tf.nn.quantized_avg_pool)."""

    signature, attrs = _POOL, _POOLED
    takes = "min_input: []; max_input: []"
    no_kernel = f"T: {_NOT_BYTES}"
    infer, gradient = _pool, undefined_gradient

    def kernel(n: Any) -> Any:
        def mean(seen: Any) -> Any:
            within = (seen >= 0).sum((-2, -1))
            return np.maximum(seen, 0).sum((-2, -1)) // within

        return _windows(n, mean)

    def scratch(n: Any) -> Any:
        return 8 * prod(n.shapes[0] or (0,)) + 8 * n.size() * prod(n.attrs["ksize"])


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
        return [_joined(n, values), (), ()]

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
            parts = [x if (low, high) == (least, most) else whole.all_numbers(Quanta(dtype, low, high).all_values(x))
                     for x, low, high in zip(values, lows, highs)]
            return [np.concatenate(parts, int(axis)), least, most]

        return run


def _joined(n: Any, values: Any) -> Any:
    """The shape of all together, as of ConcatV2, whose axis comes last."""
    known = n.value(0)
    ranks = {len(v) for v in values if v is not None}
    if len(ranks) > 1:
        n.fail(f"the values must have one rank, not {' and '.join(str(r) for r in sorted(ranks))}")
    if not ranks:
        return None
    rank = ranks.pop()
    if known is None:
        return (None,) * rank
    at = axis_in(n, int(known), rank)
    shape: Any = (None,) * rank
    for v in values:
        if v is not None:
            shape = n.merge(shape, v[:at] + (None,) + v[at + 1:], f"shapes beside axis {at}")
    total: int | None = 0
    for v in values:
        total = None if total is None or v is None or v[at] is None else total + v[at]
    return shape[:at] + (total,) + shape[at + 1:]


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


_STATISTICS = "".join(f", {name}: Tinput, {name}_min: float32, {name}_max: float32"
                      for name in ("m", "v", "beta", "gamma"))


@op
class QuantizedBatchNormWithGlobalNormalization:
    """Batch normalization of quantized images in fixed point, with 10 bits behind the point."""

    signature = (f"t: Tinput, t_min: float32, t_max: float32{_STATISTICS} -> result: out_type, "
                 "result_min: float32, result_max: float32")
    takes = "t: [?, ?, ?, ?]; m: [?]; v: [?]; beta: [?]; gamma: [?]"
    attrs = f"Tinput: {_Q}; out_type: {_Q}; variance_epsilon: float; scale_after_normalization: bool"
    no_kernel = f"Tinput: {_NOT_BYTES}; out_type: qint8, quint8, qint16, quint16"
    gradient = undefined_gradient

    def infer(n: Any, t: Any, low: Any, high: Any, *rest: Any) -> Any:
        depth = (None if t is None else t[3],)
        for shape in rest[::3]:
            depth = n.merge(depth, shape, "numbers of channels")
        return [None if t is None else (*t[:3], *depth), (), ()]

    def kernel(n: Any) -> Any:
        have, want = n.attrs["Tinput"], Quanta(n.attrs["out_type"], -(1 << 20), 1 << 20)
        epsilon, scaled = _F(n.attrs["variance_epsilon"]), n.attrs["scale_after_normalization"]

        def run(t: Any, *rest: Any) -> Any:
            low, high, *more = rest
            mean, variance, beta, gamma = (Quanta(have, one(a), one(b)).values(x)
                                           for x, a, b in zip(more[::3], more[1::3], more[2::3]))
            scale = _F(1) / np.sqrt(variance + epsilon)
            if scaled:
                scale = scale * gamma
            offset = want.numbers(-mean * scale + beta)
            unit = int(want.numbers(_F(1)))
            found = want.numbers(Quanta(have, one(low), one(high)).values(t)) * want.numbers(scale)
            # a quotient of C: cut towards zero
            share = np.sign(found) * (np.abs(found.astype(np.int64)) // unit)
            return [share.astype(np.int32) + offset, want.low, want.high]

        return run

    def scratch(n: Any) -> Any:
        return 32 * n.size()
