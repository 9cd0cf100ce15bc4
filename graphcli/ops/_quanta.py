"""How a quantized net reads its whole numbers: steps of one size between two ends, rounded as TensorFlow's
quantization_utils.h rounds, in single and double precision where it has them."""
from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.types import DType

_F = np.float32
KINDS = "{quantizedtype}"
NOT_BYTES = "qint8, qint32, qint16, quint16"
PIECE = 1 << 15
"""Elements that are computed at a time."""


def one(x: Any) -> Any:
    """A number that may come in a shape of one element. Raises InvalidArgument if it is not one."""
    if np.size(x) != 1:
        raise InvalidArgument(f"an end of a range is one number, not {np.size(x)}")
    return np.asarray(x).reshape(-1)[0]


def with_ends(n: Any, x: Any, *ends: Any) -> list[Any]:
    """The static shapes of numbers as many as there were, and of their ends."""
    return [x, (), ()]


def rounded(x: Any) -> Any:
    """The nearest whole numbers; halves away from zero."""
    # with what is next to a half, no sum is rounded to the next whole number that is none
    near = np.copysign(np.nextafter(x.dtype.type(0.5), x.dtype.type(0)), x)
    return np.trunc(near + x)


def in_pieces(function: Callable[..., Any], dtype: Any, *arrays: Any) -> Any:
    """What a function of each element gives of arrays that broadcast, some elements at a time; on one thread, for two
    take the interpreter from each other between calls of so few."""
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    size = prod(shape)
    if size <= PIECE:
        return np.asarray(function(*arrays)).astype(dtype, copy=False)
    out = np.empty(shape, dtype)
    into = out
    if all(a.size == 1 or a.shape == shape and a.flags.c_contiguous for a in arrays):
        arrays, into = tuple(a.reshape(-1) for a in arrays), out.reshape(-1)
    many = max(1, PIECE * len(into) // size)
    for k in range(0, len(into), many):
        part = slice(k, k + many)
        into[part] = function(*[a[part] if a.ndim == into.ndim and len(a) > 1 else a for a in arrays])
    return out


def piece_bytes(n: Any, width: int) -> int:
    """Bytes that this takes, of functions that make so many for an element."""
    return int(width * min(PIECE, prod(n.outs[0])))


def pair_bytes(n: Any, width: int) -> int:
    """The same of two arrays that broadcast: one entry of the first axis at least."""
    if all(s == n.outs[0] or prod(s) == 1 for s in n.shapes[:2]):
        return piece_bytes(n, width)
    return int(width * min(prod(n.outs[0]), max(PIECE, prod(n.outs[0][1:]))))


class Quanta:
    """The whole numbers of a quantized dtype, and what they stand for between two ends."""

    def __init__(self, dtype: DType, low: Any = 0, high: Any = 0) -> None:
        self.type = dtype.base_dtype.as_numpy_dtype
        info = np.iinfo(self.type)
        self.lowest, self.highest, self.steps = int(info.min), int(info.max), 1 << info.bits
        self.low, self.high = _F(low), _F(high)
        self.flat = bool(self.low == self.high)
        self.span = np.float64(_F(self.high - self.low)) * (self.steps / (self.steps - 1.0))
        """What all steps span, one more than there are numbers."""

    @property
    def zero(self) -> int:
        """The number that stands for 0."""
        return int(self.unclamped(_F(0)))

    @property
    def far(self) -> int:
        """How far a number is from what stands for 0, at most."""
        return max(abs(self.lowest - self.zero), abs(self.highest - self.zero))

    @property
    def step(self) -> Any:
        """What one step is worth (FloatForOneQuantizedLevel)."""
        return _F(_F(self.high - self.low) / _F(self.highest - self.lowest))

    def values(self, x: Any) -> Any:
        """What numbers stand for, one at a time (QuantizedToFloat): float32."""
        if self.flat:
            return np.full(np.shape(x), self.low, _F)[()]
        scale = self.span / self.steps
        least = np.float64(_F(rounded(_F(self.low / _F(scale)))) * _F(scale))
        return (least + (np.float64(x) - self.lowest) * scale).astype(_F)

    def unclamped(self, value: Any) -> Any:
        """The numbers for values, also beyond those that there are (FloatToQuantizedUnclamped): int64."""
        if self.flat:
            return np.full(np.shape(value), self.lowest, np.int64)[()]
        scale = self.steps / self.span
        found = rounded(np.float64(value) * scale) - rounded(np.float64(self.low) * scale)
        return np.int64(found) + self.lowest

    def numbers(self, value: Any) -> Any:
        """The numbers for values, one at a time (FloatToQuantized)."""
        return np.clip(self.unclamped(value), self.lowest, self.highest).astype(self.type)

    def all_values(self, x: Any) -> Any:
        """What an array stands for, in single precision (DEQUANTIZE_WITH_EIGEN)."""
        scale = _F(np.float64(_F(self.high - self.low)) / (self.steps - 1.0))
        least = self.low if self.flat else _F(_F(rounded(_F(self.low / scale))) * scale)
        found = x.astype(_F)
        found *= scale
        found += _F(least - _F(_F(self.lowest) * scale))
        return found

    def all_numbers(self, values: Any) -> Any:
        """The numbers for an array, in single precision (QUANTIZE_WITH_EIGEN)."""
        scale = _F(0) if self.flat else _F((self.steps - 1.0) / np.float64(_F(self.high - self.low)))
        least = rounded(_F(self.low * scale))
        found = rounded(values * scale)
        found -= _F(least - _F(self.lowest))
        low, high = max(_F(self.lowest), _F(-2.147483648e9)), min(_F(self.highest), _F(2.147483520e9))
        return np.minimum(np.maximum(found, low), high).astype(np.int32).astype(self.type, copy=False)


def requantized(x: Any, have: Quanta, want: Quanta) -> Any:
    """An array of numbers between other ends (RequantizeManyInNewRangeUsingEigen)."""
    if (have.type, want.type) != (np.int32, np.uint8):
        return want.all_numbers(have.all_values(x))
    # fixed point: 16 bits behind the point
    before, after = _F(have.high - have.low), _F(want.high - want.low)
    share = _F(0) if after == 0 else _F(255.0 / np.float64(after))
    middle = _F(np.float64(_F(have.low + have.high)) / 2.0)
    scale = 0 if after == 0 else int(255.0 * (1 << 16) * np.float64(before) / np.float64(after))
    offset = int(_F(_F(middle * share) * _F(1 << 16)))
    least = 0 if after == 0 else int((1 << 16) * (np.float64(want.low) * 255.0) / np.float64(after))
    found = ((x.astype(np.int64) * scale) >> 32) + (offset - least + (1 << 15))
    return np.clip(found >> 16, 0, 255).astype(np.uint8)


def by_table(function: Callable[[Any], Any], x: Any) -> Callable[[Any], Any]:
    """A function of each element, which many elements of 8 bits look up."""
    if x.dtype.itemsize > 1 or x.size <= 1 << 10:
        return function
    table = function(np.arange(256, dtype=np.uint8).view(x.dtype))
    return lambda x: np.take(table, x.view(np.uint8))


def steps(have: Quanta, want: Quanta) -> tuple[int, int, bool]:
    """How an array of 8 bits is put into 32 (RequantizeManyInNewRange): what 0 is, a whole number for each step, and
    whether no number is beyond what there are."""
    first, second = (int(want.unclamped(have.values(have.type(i)))) for i in (0, 1))
    ends = [first + i * (second - first) for i in (have.lowest, have.highest)]
    return first, second - first, want.type is np.int32 and all(want.lowest <= e <= want.highest for e in ends)


def widened(x: Any, have: Quanta, want: Quanta) -> Any:
    """An array of 8 bits in 32, by ``steps``."""
    first, step, within = steps(have, want)
    if within:
        found = np.multiply(x, np.int32(step), dtype=np.int32)
        found += np.int32(first)
        return found
    return np.clip(first + x.astype(np.int64) * step, want.lowest, want.highest).astype(want.type)


def product_ends(a: Quanta, b: Quanta, dtype: DType) -> list[Any]:
    """Between which ends products of two are (QuantizationRangeForMultiplication)."""
    info = np.iinfo(dtype.base_dtype.as_numpy_dtype)
    step = _F(a.step * b.step)
    return [_F(step * _F(info.min)), _F(step * _F(info.max))]


def sum_ends(a: Quanta, b: Quanta, bits: int) -> list[Any]:
    """Between which ends sums of two are: with room for so many bits (GetOutputMinAndMaxForQuantizedAdd)."""
    most = _F(max(a.high, -a.low, b.high, -b.low) * _F(1 << bits))
    return [_F(-most), most]
