"""Quantized nets: products, convolutions and their biases, of whole numbers that stand for others between two ends."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidArgument, Unimplemented
from ..graph.kernel import in_turn
from ..graph.opdef import op, undefined_gradient
from ._quanta import KINDS, NOT_BYTES, Quanta, by_table, in_pieces, one, piece_bytes, product_ends, sum_ends
from .matmul import MatMul
from .nn_bias import biased
from .nn_conv2d import convolved

CPU_ONLY = True
BLAS = True
_F = np.float32
BLOCK, LINES = 1 << 17, 16
"""Numbers that are multiplied at a time, and rows and columns of them at least."""
ROWS, COLUMNS, TERMS = 128, 512, 256
"""Of products of bytes in single precision: rows and columns of a block, and terms that are summed at a time, at most,
..."""
FEW = 64
"""... and at least: of fewer, whose sums are whole numbers of 24 bits, double precision is quicker."""
PATCHES = 1 << 16
"""Numbers of patches that are multiplied at a time."""
SHARED = 1 << 22
"""Multiplications from which threads share a product."""


def _wrapped(x: Any) -> Any:
    """Whole numbers, in double precision, as 32 bits hold them."""
    return x.astype(np.int64).astype(np.int32)


def _terms(left: Quanta, right: Quanta) -> int:
    """How many products of numbers are exact in single precision, and so are their sums in any order; 0: too few."""
    found = (1 << 24) // max(1, left.far * right.far)
    return 0 if found < FEW else min(TERMS, found)


def _add_product(out: Any, rows: Any, columns: Any, first: bool) -> None:
    """Adds a product of whole numbers of 24 bits to whole numbers, or puts it there."""
    if first:
        out[...] = rows @ columns
    else:
        out += (rows @ columns).astype(np.int32)


def _multiply(n: Any, out: Any, a: Any, b: Any, zero_a: int, zero_b: int, terms: int) -> None:
    """The product of bytes, whose sums of so many terms are exact in single precision, as whole numbers."""
    each = n.each if out.size * len(b) >= SHARED else in_turn

    def block(j: int, k: int) -> None:
        columns = np.subtract(b[k:k + terms, j:j + COLUMNS], _F(zero_b), dtype=_F)

        def some(i: int) -> None:
            here = slice(i * ROWS, (i + 1) * ROWS)
            rows = np.subtract(a[here, k:k + terms], _F(zero_a), dtype=_F)
            _add_product(out[here, j:j + COLUMNS], rows, columns, not k)

        each(-(-len(a) // ROWS), some)

    for j in range(0, b.shape[1], COLUMNS):
        for k in range(0, len(b), terms):
            block(j, k)


def _multiply_wide(out: Any, a: Any, b: Any, zero_a: int, zero_b: int) -> None:
    """The same in double precision, for ends far from zero."""
    many = max(LINES, BLOCK // max(1, len(b)))
    # of whole numbers any part of the product is exact
    for j in range(0, b.shape[1], many):
        columns = b[:, j:j + many].astype(np.float64)
        columns -= zero_b
        for i in range(0, len(a), many):
            rows = a[i:i + many].astype(np.float64)
            rows -= zero_a
            out[i:i + many, j:j + many] = _wrapped(rows @ columns)


@op
class QuantizedMatMul:
    """Product of two matrices of quantized numbers, and its ends."""

    signature = ("a: T1, b: T2, min_a: float32, max_a: float32, min_b: float32, max_b: float32 -> out: Toutput, "
                 "min_out: float32, max_out: float32")
    takes = "min_a: []; max_a: []; min_b: []; max_b: []"
    attrs = (f"T1: {KINDS}; T2: {KINDS}; Toutput: {KINDS} = qint32; transpose_a: bool = False; "
             f"transpose_b: bool = False; Tactivation: {KINDS} = quint8")
    no_kernel = f"T1: {NOT_BYTES}; T2: {NOT_BYTES}; Toutput: qint8, quint8, qint16, quint16"
    gradient = undefined_gradient

    def infer(n: Any, a: Any, b: Any, *ends: Any) -> Any:
        return [MatMul.infer(n, a, b), (), ()]

    def kernel(n: Any) -> Any:
        attrs = n.attrs

        def run(a: Any, b: Any, *ends: Any) -> Any:
            low_a, high_a, low_b, high_b = map(one, ends)
            left, right = Quanta(attrs["T1"], low_a, high_a), Quanta(attrs["T2"], low_b, high_b)
            a, b = a.T if attrs["transpose_a"] else a, b.T if attrs["transpose_b"] else b
            out = np.empty((len(a), b.shape[1]), np.int32)
            terms = _terms(left, right)
            if terms and len(b):
                _multiply(n, out, a, b, left.zero, right.zero, terms)
            else:
                _multiply_wide(out, a, b, left.zero, right.zero)
            return [out, *product_ends(left, right, attrs["Toutput"])]

        return run

    def scratch(n: Any) -> Any:
        rows, columns = n.outs[0]
        inner = min(TERMS, prod(n.shapes[0]) // max(1, rows))
        shared = rows * columns * (prod(n.shapes[0]) // max(1, rows)) >= SHARED
        threads = min(n.threads, -(-rows // ROWS)) if shared else 1
        rows, columns = min(rows, ROWS), min(columns, COLUMNS)
        return 4 * (columns * inner + threads * (rows * inner + 2 * rows * columns))


def _padded(x: Any, zero: int, taps: tuple[int, ...], step: int, sizes: tuple[int, ...], same: bool, kind: Any) -> Any:
    """An image [height, width, channels] less its zero, and zeros around, from where TensorFlow's first window is: it
    centers the windows even where what is left over is cut off."""
    shape, cut, inside = list(x.shape), [], []
    for axis, (tap, size) in enumerate(zip(taps, sizes)):
        seen = (size - 1) * step + tap
        before = int((seen - x.shape[axis] + (not same)) / 2)
        cut.append(slice(max(0, -before), None))
        left, before = x.shape[axis] - max(0, -before), max(0, before)
        shape[axis] = max(seen, before + left)
        inside.append(slice(before, before + left))
    out = np.zeros(shape, kind)
    np.subtract(x[tuple(cut)], kind(zero), out[tuple(inside)], dtype=kind)
    return out


@op
class QuantizedConv2D:
    """Convolution of quantized images and filters, and its ends (tf.nn.quantized_conv2d)."""

    signature = ("input: Tinput, filter: Tfilter, min_input: float32, max_input: float32, min_filter: float32, "
                 "max_filter: float32 -> output: out_type, min_output: float32, max_output: float32")
    takes = "min_input: []; max_input: []; min_filter: []; max_filter: []"
    attrs = (f"Tinput: {KINDS}; Tfilter: {KINDS}; out_type: {KINDS} = qint32; strides: list(int); "
             "padding: {'SAME', 'VALID'}; dilations: list(int) = [1, 1, 1, 1]")
    no_kernel = f"Tinput: {NOT_BYTES}; Tfilter: {NOT_BYTES}; out_type: qint8, quint8, qint16, quint16"
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
            terms, zero = _terms(left, right), left.zero
            kind = _F if terms else np.float64
            matrix = np.subtract(w, kind(right.zero), dtype=kind).reshape(-1, filters)

            def some(i: int) -> None:
                image = _padded(x[i], zero, taps, step, sizes, same, kind)
                seen = np.lib.stride_tricks.sliding_window_view(image, taps, (0, 1))[::step, ::step]
                seen = np.moveaxis(seen[:sizes[0], :sizes[1]], 2, -1)
                many = max(1, PATCHES // max(1, sizes[1] * len(matrix)))
                for row in range(0, sizes[0], many):
                    lines = seen[row:row + many].reshape(-1, len(matrix))
                    into = out[i, row:row + many].reshape(-1, filters)
                    if not terms:
                        into[...] = _wrapped(lines @ matrix)
                    for k in range(0, len(matrix) if terms else 0, terms or 1):
                        _add_product(into, lines[:, k:k + terms], matrix[k:k + terms], not k)

            n.each(len(x), some)
            return [out, *product_ends(left, right, attrs["out_type"])]

        return run

    def scratch(n: Any) -> Any:
        image, filter, *_ = n.shapes
        line = n.outs[0][2] * prod((filter or (0,))[:3])
        patches = min(n.outs[0][1] * line, max(line, PATCHES))
        made = 2 * n.outs[0][3] * (patches // max(1, prod((filter or (0,))[:3])))
        return 4 * (min(n.threads, image[0]) * (prod(image[1:]) + patches + made) + prod(filter or (0,)))


@op
class QuantizedBiasAdd:
    """Quantized numbers and a bias along the last axis, and the ends of their sums."""

    signature = ("input: T1, bias: T2, min_input: float32, max_input: float32, min_bias: float32, "
                 "max_bias: float32 -> output: out_type, min_out: float32, max_out: float32")
    takes = "min_input: []; max_input: []; min_bias: []; max_bias: []"
    attrs = f"T1: {KINDS}; T2: {KINDS}; out_type: {KINDS}"
    no_kernel = ("T1: qint32, qint16, quint16; T2: qint32, qint16, quint16; "
                 "out_type: qint8, quint8, qint16, quint16")
    gradient = undefined_gradient

    def infer(n: Any, x: Any, bias: Any, *ends: Any) -> Any:
        return [biased(n, x, bias), (), ()]

    def kernel(n: Any) -> Any:
        return _adding(n, "T1", "T2", "out_type")

    def scratch(n: Any) -> Any:
        return piece_bytes(n, 24)


def _adding(n: Any, first: str, second: str, third: str) -> Any:
    attrs = n.attrs

    def run(x: Any, y: Any, *ends: Any) -> Any:
        low_x, high_x, low_y, high_y = map(one, ends)
        left, right = Quanta(attrs[first], low_x, high_x), Quanta(attrs[second], low_y, high_y)
        least, most = sum_ends(left, right, 17)
        total = Quanta(attrs[third], least, most)
        zero = np.int32(total.numbers(_F(0)))
        bias = total.all_numbers(right.all_values(y)) + zero
        flat = x.reshape(-1, x.shape[-1]) if y.ndim == 1 else x
        wide = by_table(lambda x: total.all_numbers(left.all_values(x)), x)
        found = in_pieces(lambda x, bias: wide(x) + bias, total.type, flat, bias)
        return [found.reshape(x.shape) if y.ndim == 1 else found, least, most]

    return run


_STATISTICS = "".join(f", {name}: Tinput, {name}_min: float32, {name}_max: float32"
                      for name in ("m", "v", "beta", "gamma"))


@op
class QuantizedBatchNormWithGlobalNormalization:
    """Batch normalization of quantized images in fixed point, with 10 bits behind the point."""

    signature = (f"t: Tinput, t_min: float32, t_max: float32{_STATISTICS} -> result: out_type, "
                 "result_min: float32, result_max: float32")
    takes = "t: [?, ?, ?, ?]; m: [?]; v: [?]; beta: [?]; gamma: [?]"
    attrs = f"Tinput: {KINDS}; out_type: {KINDS}; variance_epsilon: float; scale_after_normalization: bool"
    no_kernel = f"Tinput: {NOT_BYTES}; out_type: qint8, quint8, qint16, quint16"
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
            kind, factor = Quanta(have, one(low), one(high)), want.numbers(scale)

            wide = by_table(lambda t: want.numbers(kind.values(t)), t)

            def normalized(t: Any, factor: Any, offset: Any) -> Any:
                found = wide(t) * factor
                # a quotient of C: cut towards zero
                share = np.sign(found) * (np.abs(found.astype(np.int64)) // unit)
                return share.astype(np.int32) + offset

            found = in_pieces(normalized, np.int32, t.reshape(-1, t.shape[-1]), factor, offset)
            return [found.reshape(t.shape), want.low, want.high]

        return run

    def scratch(n: Any) -> Any:
        return piece_bytes(n, 40)
