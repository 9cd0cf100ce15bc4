"""Numbers as quantized nets hold them: whole ones between two ends, to and fro (tf.quantization)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument, Unimplemented
from ..graph.opdef import op, undefined_gradient
from ._quanta import Quanta, in_pieces, one, piece_bytes, rounded

CPU_ONLY = True
_F = np.float32
_MOST = np.finfo(np.float32).max
_MODES = "{'MIN_COMBINED', 'MIN_FIRST', 'SCALED'} = 'MIN_COMBINED'"


def _ends(n: Any, x: Any, low: Any, high: Any) -> None:
    axis = n.attrs.get("axis", -1)
    for what, end in (("min_range", low), ("max_range", high)):
        n.with_rank(end, 0 if axis == -1 else 1, what)


def _check_one_scale(n: Any) -> None:
    if n.attrs["axis"] != -1:
        raise Unimplemented(f"{n.node.type} of an axis is TensorFlow 2's; here all numbers have one scale")


@op
class QuantizeV2:
    """Numbers between two ends as whole ones of a quantized dtype, and the ends that they have (tf.quantize)."""

    signature = ("input: float32, min_range: float32, max_range: float32 -> output: T, output_min: float32, "
                 "output_max: float32")
    attrs = (f"T: {{quantizedtype}}; mode: {_MODES}; round_mode: {{'HALF_AWAY_FROM_ZERO', 'HALF_TO_EVEN'}} = "
             "'HALF_AWAY_FROM_ZERO'; narrow_range: bool = False; axis: int = -1; "
             "ensure_minimum_range: float = 0.009999999776482582")
    gradient = undefined_gradient

    def infer(n: Any, x: Any, low: Any, high: Any) -> Any:
        _ends(n, x, low, high)
        return [x, low, high] if n.attrs["axis"] != -1 else [x, (), ()]

    def kernel(n: Any) -> Any:
        _check_one_scale(n)
        attrs, dtype = n.attrs, n.out()
        even = attrs["round_mode"] == "HALF_TO_EVEN"
        if even and attrs["mode"] != "SCALED":
            raise InvalidArgument("Round mode 'HALF_TO_EVEN' only supported for mode 'SCALED'")

        def run(x: Any, low: Any, high: Any) -> Any:
            low, high = one(low), one(high)
            if high < low:
                raise InvalidArgument("input_max_range must be larger than input_min_range.")
            # zero is one of the numbers, and the ends are apart
            least = min(_F(0), low)
            room = _F(max(_F(1), abs(low), abs(high)) * _F(attrs["ensure_minimum_range"]))
            most = max(_F(0), high, _F(least + room))
            kind = Quanta(dtype, least, most)
            if attrs["mode"] == "MIN_FIRST":
                return [in_pieces(kind.all_numbers, kind.type, x), least, most]
            lowest, highest = _F(kind.lowest), _F(kind.highest)
            if attrs["mode"] == "SCALED":
                lowest = _F(kind.lowest + attrs["narrow_range"])
                scale = min(_F(lowest / least) if lowest * least > 0 else _MOST,
                            _F(highest / most) if highest * most > 0 else _MOST)
                least, most = _F(lowest / scale), _F(highest / scale)

                def scaled(x: Any) -> Any:
                    found = np.maximum(np.minimum(x, most), least) * scale
                    return (np.rint(found) if even else rounded(found)).astype(np.int32)

                return [in_pieces(scaled, kind.type, x), least, most]
            scale = _F(_F(highest - lowest) / _F(most - least))

            def combined(x: Any) -> Any:
                found = (np.maximum(np.minimum(x, most), least) - least) * scale
                found = rounded(found - _F(kind.steps / 2)) if kind.lowest < 0 else found + _F(0.5)
                return found.astype(np.int32)

            return [in_pieces(combined, kind.type, x), least, most]

        return run

    def scratch(n: Any) -> Any:
        return piece_bytes(n, 16)


@op
class Dequantize:
    """What numbers of a quantized dtype stand for between two ends (tf.quantization.dequantize)."""

    signature = "input: T, min_range: float32, max_range: float32 -> output: dtype"
    attrs = (f"T: {{quantizedtype}}; mode: {_MODES}; narrow_range: bool = False; axis: int = -1; "
             "dtype: {bfloat16, float32} = float32")
    gradient = undefined_gradient

    def infer(n: Any, x: Any, low: Any, high: Any) -> Any:
        _ends(n, x, low, high)
        return x

    def kernel(n: Any) -> Any:
        _check_one_scale(n)
        mode, source, wanted = n.attrs["mode"], n.attrs["T"], n.out().as_numpy_dtype
        narrow = n.attrs["narrow_range"]

        def run(x: Any, low: Any, high: Any) -> Any:
            low, high = one(low), one(high)
            kind = Quanta(source, low, high)
            if mode == "MIN_FIRST":
                return in_pieces(kind.all_values, wanted, x)
            if mode == "SCALED":
                least = _F(kind.lowest + narrow)
                scale = _F(high / _F(kind.highest))
                scale = scale if kind.lowest == 0 else max(_F(low / least), scale)
                # numpy writes over what it has made
                return x.astype(_F) * scale if wanted is _F else in_pieces(lambda x: x.astype(_F) * scale, wanted, x)
            half = _F(kind.steps / 2 if kind.lowest < 0 else 0)
            scale = _F(_F(high - low) / (_F(kind.highest) - _F(kind.lowest)))
            if wanted is _F:
                return (x.astype(_F) + half) * scale + low
            return in_pieces(lambda x: (x.astype(_F) + half) * scale + low, wanted, x)

        return run

    def scratch(n: Any) -> Any:
        plain = n.attrs["mode"] != "MIN_FIRST" and n.attrs["dtype"].size == 4
        return 0 if plain else piece_bytes(n, 12)


def _scale(kind: Any, low: Any, high: Any, bits: int, signed: bool, narrow: bool) -> tuple[Any, Any, Any, Any]:
    """(ends, the scale, its inverse) with which zero is one of the numbers of so many bits."""
    first = kind(-(1 << bits - 1) + narrow if signed else 0)
    last = kind((1 << bits - 1) - 1 if signed else (1 << bits) - 1)
    most = np.finfo(kind).max
    below = kind(first / low) if first * low > 0 else most
    above = kind(last / high) if last * high > 0 else most
    if below < above:
        inverse = kind(low / first)
        return low, kind(last * inverse), below, inverse
    inverse = kind(high / last)
    return kind(first * inverse), high, above, inverse


def _both_ways(n: Any, x: Any, low: Any, high: Any, bits: int, signed: bool, given: bool, narrow: bool, up: bool
               ) -> Any:
    kind = x.dtype.type
    if not given:
        low, high = (x.min(), x.max()) if x.size else (kind(0), kind(0))
    elif low > high:
        raise InvalidArgument(f"Invalid range: input_min {low} > input_max {high}")
    low, high, scale, inverse = _scale(kind, kind(low), kind(high), bits, signed, narrow)

    def nearest(x: Any) -> Any:
        scaled = (np.maximum(np.minimum(x, high), low) if given else x) * scale
        return (np.floor(scaled + kind(0.5)) if up else np.rint(scaled)) * inverse

    return in_pieces(nearest, x.dtype, x)


def _nearest_bytes(n: Any) -> int:
    return piece_bytes(n, 3 * n.width())


def _check_bits(bits: int, signed: bool) -> None:
    if not 0 < bits < (62 if signed else 63):
        raise InvalidArgument(f"num_bits is out of range: {bits} with signed_input {signed}")


def _fit(n: Any, x: Any, low: Any = (), high: Any = (), *bits: Any) -> Any:
    if "axis" in n.attrs and n.attrs["axis"] == -1:
        n.with_rank(low, 0, "input_min")
        n.with_rank(high, 0, "input_max")
    return x


@op
class QuantizeAndDequantize:
    """Numbers rounded to those that so many bits can hold, with the ends as attrs."""

    signature = "input: T -> output: T"
    attrs = ("signed_input: bool = True; num_bits: int = 8; range_given: bool = False; input_min: float = 0.0; "
             "input_max: float = 0.0; T: {floating}")
    no_kernel = "T: bfloat16, float16"
    infer = _fit

    def kernel(n: Any) -> Any:
        a = n.attrs
        _check_bits(a["num_bits"], a["signed_input"])
        if a["range_given"] and a["input_min"] > a["input_max"]:
            raise InvalidArgument(f"Invalid range: input_min {a['input_min']:g} > input_max {a['input_max']:g}")
        return lambda x: _both_ways(n, x, a["input_min"], a["input_max"], a["num_bits"], a["signed_input"],
                                    a["range_given"], False, False)

    scratch = _nearest_bytes

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad]


@op
class QuantizeAndDequantizeV2:
    """Numbers rounded to those that so many bits can hold (tf.quantization.quantize_and_dequantize)."""

    signature = "input: T, input_min: T, input_max: T -> output: T"
    attrs = ("signed_input: bool = True; num_bits: int = 8; range_given: bool = False; T: {floating}; "
             "round_mode: {'HALF_TO_EVEN', 'HALF_UP'} = 'HALF_TO_EVEN'; narrow_range: bool = False; axis: int = -1")
    no_kernel = "T: bfloat16, float16"
    infer = _fit

    def kernel(n: Any) -> Any:
        a = n.attrs
        _check_one_scale(n)
        _check_bits(a["num_bits"], a["signed_input"])
        return lambda x, low, high: _both_ways(n, x, low, high, a["num_bits"], a["signed_input"], a["range_given"],
                                               a["narrow_range"], a["round_mode"] == "HALF_UP")

    scratch = _nearest_bytes

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad, None, None]


@op
class QuantizeAndDequantizeV3:
    """The same with the number of bits as an input."""

    signature = "input: T, input_min: T, input_max: T, num_bits: int32 -> output: T"
    attrs = ("signed_input: bool = True; range_given: bool = True; T: {floating}; narrow_range: bool = False; "
             "axis: int = -1")
    no_kernel = "T: bfloat16, float16"
    infer = _fit

    def kernel(n: Any) -> Any:
        a = n.attrs
        _check_one_scale(n)

        def run(x: Any, low: Any, high: Any, num_bits: Any) -> Any:
            bits = int(num_bits)
            _check_bits(bits, a["signed_input"])
            return _both_ways(n, x, low, high, bits, a["signed_input"], a["range_given"], a["narrow_range"], False)

        return run

    scratch = _nearest_bytes

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad, None, None, None]
