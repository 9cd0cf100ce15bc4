"""Quantized nets: sums, products element by element, and activations."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument, Unimplemented
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from ._quanta import KINDS, NOT_BYTES, Quanta, in_pieces, one, pair_bytes, product_ends, sum_ends, widened, with_ends

CPU_ONLY = True
_F = np.float32


def _broadcast(n: Any, x: Any, y: Any, *ends: Any) -> Any:
    return [n.broadcast(x, y), (), ()]


def _check_spread(x: Any, y: Any) -> None:
    """Raises Unimplemented for shapes that TensorFlow's kernels do not spread over each other: axes that lie beside
    each other and spread alike are one, and they take two."""
    rank = max(x.ndim, y.ndim)
    pairs = zip((1,) * (rank - x.ndim) + x.shape, (1,) * (rank - y.ndim) + y.shape)
    ways = [(a == 1, b == 1) if a != b else (False, False) for a, b in pairs if (a, b) != (1, 1)]
    if sum(way != before for way, before in zip(ways, [None, *ways])) > 2:
        raise Unimplemented(f"Broadcast between {show(x.shape)} and {show(y.shape)} is not supported yet.")


_PAIR = ("x: T1, y: T2, min_x: float32, max_x: float32, min_y: float32, max_y: float32 -> z: Toutput, "
         "min_z: float32, max_z: float32")
_PAIRED = f"T1: {KINDS}; T2: {KINDS}; Toutput: {KINDS} = qint32"
_NO_PAIR = f"T1: {NOT_BYTES}; T2: {NOT_BYTES}; Toutput: qint8, quint8, qint16, quint16"


def _pair(attrs: Any, x: Any, y: Any, ends: Any) -> tuple[Quanta, Quanta]:
    """How the numbers of either side are read. Raises InvalidArgument for ends that are none, and what
    ``_check_spread`` raises."""
    low_x, high_x, low_y, high_y = [one(e) for e in ends]
    if not low_x < high_x or not low_y < high_y:
        raise InvalidArgument(f"the least of a range is less than the greatest, not {low_x:g} to {high_x:g} and "
                              f"{low_y:g} to {high_y:g}")
    _check_spread(x, y)
    return Quanta(attrs["T1"], low_x, high_x), Quanta(attrs["T2"], low_y, high_y)


@op
class QuantizedAdd:
    """x + y of quantized numbers, which broadcast, and the ends of the sums."""

    signature, attrs, no_kernel = _PAIR, _PAIRED, _NO_PAIR
    takes = "min_x: []; max_x: []; min_y: []; max_y: []"
    infer, gradient = _broadcast, undefined_gradient

    def kernel(n: Any) -> Any:
        attrs = n.attrs

        def run(x: Any, y: Any, *ends: Any) -> Any:
            left, right = _pair(attrs, x, y, ends)
            least, most = sum_ends(left, right, 14)
            total = Quanta(attrs["Toutput"], least, most)
            # one number is found exactly, many by whole steps
            full = np.broadcast_shapes(x.shape, y.shape)

            def wide(z: Any, kind: Quanta) -> Any:
                return total.numbers(kind.values(z)) if z.size == 1 else widened(z, kind, total)

            # what is spread is converted once
            spread = x.shape != full, y.shape != full
            x, y = (np.asarray(wide(z, k)) if s else z for z, k, s in zip((x, y), (left, right), spread))

            def added(*both: Any) -> Any:
                one_, other = (z if s else wide(z, k) for z, k, s in zip(both, (left, right), spread))
                return np.add(one_, other, None if spread[0] or np.ndim(one_) == 0 else one_)

            return [in_pieces(added, total.type, x, y), least, most]

        return run

    def scratch(n: Any) -> Any:
        return pair_bytes(n, 12)


@op
class QuantizedMul:
    """x * y of quantized numbers, which broadcast, and the ends of the products."""

    signature, attrs, no_kernel = _PAIR, _PAIRED, _NO_PAIR
    takes = "min_x: []; max_x: []; min_y: []; max_y: []"
    infer, gradient = _broadcast, undefined_gradient

    def kernel(n: Any) -> Any:
        attrs = n.attrs

        def run(x: Any, y: Any, *ends: Any) -> Any:
            left, right = _pair(attrs, x, y, ends)

            def multiplied(x: Any, y: Any) -> Any:
                found = np.subtract(x, np.int32(left.zero), dtype=np.int32)
                other = np.subtract(y, np.int32(right.zero), dtype=np.int32)
                return np.multiply(found, other, found if found.shape == np.broadcast_shapes(
                    found.shape, other.shape) else None)

            return [in_pieces(multiplied, np.int32, x, y), *product_ends(left, right, attrs["Toutput"])]

        return run

    def scratch(n: Any) -> Any:
        return pair_bytes(n, 12)


_ACTIVATION = "activations: out_type, min_activations: float32, max_activations: float32"
_ACTIVATED = f"Tinput: {KINDS}; out_type: {KINDS} = quint8"
_NO_ACTIVATION = "Tinput: qint8, qint16, quint16; out_type: qint8, qint16, quint16"


def _between(n: Any, most: Any, x: Any, low: Any, high: Any) -> Any:
    kind = Quanta(n.attrs["Tinput"], low, high)
    found = np.maximum(x, kind.numbers(_F(0)))
    return [found if most is None else np.minimum(found, kind.numbers(most), out=found), low, high]


@op
class QuantizedRelu:
    """max(x, 0) of quantized numbers."""

    signature = f"features: Tinput, min_features: float32, max_features: float32 -> {_ACTIVATION}"
    takes = "min_features: []; max_features: []"
    attrs, no_kernel = _ACTIVATED, _NO_ACTIVATION
    infer, gradient = with_ends, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda x, low, high: _between(n, None, x, one(low), one(high))


@op
class QuantizedRelu6:
    """min(max(x, 0), 6) of quantized numbers."""

    signature = f"features: Tinput, min_features: float32, max_features: float32 -> {_ACTIVATION}"
    takes = "min_features: []; max_features: []"
    attrs, no_kernel = _ACTIVATED, _NO_ACTIVATION
    infer, gradient = with_ends, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda x, low, high: _between(n, _F(6), x, one(low), one(high))


@op
class QuantizedReluX:
    """min(max(x, 0), most) of quantized numbers (tf.nn.quantized_relu_x)."""

    signature = ("features: Tinput, max_value: float32, min_features: float32, max_features: float32 -> "
                 f"{_ACTIVATION}")
    takes = "min_features: []; max_features: []"
    attrs, no_kernel = _ACTIVATED, _NO_ACTIVATION
    infer, gradient = with_ends, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda x, most, low, high: _between(n, one(most), x, one(low), one(high))
