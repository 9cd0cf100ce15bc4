"""Counts of numbers: bins, histograms, buckets, bits."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.inference import same_shape
from ..graph.opdef import no_gradient, op, undefined_gradient
from ._axes import elements
from ._extremes import least

PART = 1 << 15
"""Elements that are counted at a time."""
MANY = 1 << 16
"""Bins up to which those of a part are made apart."""


def _count(xp: Any, x: Any, size: int, weights: Any, binary: bool, dtype: Any) -> Any:
    dtype = xp.dtype(dtype)
    wide = dtype if binary or dtype.kind in "iu" else xp.dtype(xp.float64 if weights.size else xp.int64)
    bins = _bins(xp, size, x.nbytes + weights.nbytes + size * dtype.itemsize, wide != dtype)
    if bins == size:
        return _of_bins(xp, x, 0, xp.zeros(size, wide), weights, binary, True).astype(dtype, copy=False)
    out, low = xp.empty(size, dtype), 0
    while low < size:
        # half of the bins that are left are counted where all of them will be
        half = (size - low) // 4 * 2
        counts = out[low:low + 2 * half].view(wide) if half > bins else xp.empty(min(bins, size - low), wide)
        counts[:] = 0
        _of_bins(xp, x, low, counts, weights, binary, False)
        for i in range(0, len(counts), PART):
            some = counts[i:i + PART].astype(dtype)
            out[low + i:low + i + len(some)] = some
        low += len(counts)
    return out


def _bins(xp: Any, size: int, held: int, cast: bool) -> int:
    """How many bins are counted at a time beside the result: some, where they are cast to what is returned. held: bytes
    of all."""
    return min(size, max(4 * MANY, held // 100)) if cast and xp.__name__ == "numpy" else size


def _of_bins(xp: Any, x: Any, low: int, out: Any, weights: Any, binary: bool, whole: bool) -> Any:
    """Counts into ``out``, which is zero, the bins from ``low`` on. whole: whether these are all bins."""
    many, wide = len(out), out.dtype
    for i in range(0, x.size, PART):
        part = x[i:i + PART]
        if low:
            # what is below has the greatest numbers of all without a sign
            part = part - x.dtype.type(low)
            inside = part.view(f"u{part.itemsize}") < many
        else:
            inside = part < many
        if not whole:
            # few of many are found sooner by their places
            inside = np.flatnonzero(inside)
        part = part[inside]
        if binary:
            out[part] = 1
        elif weights.size:
            # one after the other, as bincount does
            xp.add.at(out, part, weights[i:i + PART][inside].astype(wide, copy=False))
        elif many <= MANY or xp.__name__ != "numpy":
            out += xp.bincount(part, minlength=many)
        else:
            xp.add.at(out, part, wide.type(1))
    return out


def _checked(xp: Any, x: Any, size: int, weights: Any) -> None:
    if size < 0:
        raise RunError(f"size ({size}) must be non-negative")
    if least(x, 0) < 0:
        low = xp.nonzero(xp.asarray(x).reshape(-1) < 0)[0]
        raise RunError(f"Input arr must be non-negative: element {int(low[0])} is {int(x.reshape(-1)[low[0]])}")
    if weights.size and weights.shape != x.shape:
        raise RunError(f"weights has shape {list(weights.shape)}, the input {list(x.shape)}")


def _scratch(n: Any, size: int, of: int) -> int:
    """size: bins, of so many elements."""
    whole = not n.node.outputs[0].dtype.base_dtype.is_floating
    weights = of * n.width(2) if n.size(2) else 0
    bins = _bins(np, size, of * n.width() + weights + size * n.out_width(), not whole)
    kept = 0 if whole or n.out_width() == 8 and n.size(2) else 8 * bins
    return 24 * min(PART, of) + kept + (8 * size if size <= MANY else 0)


@op
class DenseBincount:
    """How often, or with what weight, each number below ``size`` occurs (tf.bincount)."""

    signature = "input: Tidx, size: Tidx, weights: T -> output: T"
    takes = "size: []"
    host_memory = "size"
    attrs = "Tidx: {int32, int64}; T: {int32, int64, float32, float64}; binary_output: bool = False"
    gradient = undefined_gradient

    def infer(n: Any, x: Any, size: Any, weights: Any) -> Any:
        if x is not None and len(x) > 2:
            n.fail(f"input has at most rank 2, not {len(x)}")
        number = n.size_value(1)
        if x is None:
            return None
        return (number,) if len(x) < 2 else (None if number is None else x[0], number)

    def kernel(n: Any) -> Any:
        xp, dtype, binary = n.xp, n.dtype(), n.attrs["binary_output"]

        def count(x: Any, size: Any, weights: Any) -> Any:
            x, size = xp.asarray(x), int(size)
            _checked(xp, x, size, weights)
            if x.ndim < 2:
                return _count(xp, x.reshape(-1), size, weights.reshape(-1), binary, dtype)
            out = xp.empty((len(x), size), dtype)
            for i, row in enumerate(x):
                out[i] = _count(xp, row, size, weights[i] if weights.size else weights.reshape(-1), binary, dtype)
            return out

        return count

    def scratch(n: Any) -> Any:
        size = n.outs[0][-1] if n.outs[0] else 1
        return _scratch(n, size, n.size() // max(1, len(n.outs[0]) > 1 and n.outs[0][0]))


@op
class Bincount:
    """How often, or with what weight, each number below ``size`` occurs (of older graphs)."""

    signature = "arr: int32, size: int32, weights: T -> bins: T"
    takes = "size: []"
    host_memory = "size"
    attrs = "T: {int32, int64, float32, float64}"
    gradient = undefined_gradient

    def infer(n: Any, x: Any, size: Any, weights: Any) -> Any:
        return (n.size_value(1),)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def count(x: Any, size: Any, weights: Any) -> Any:
            x = xp.asarray(x)
            _checked(xp, x, int(size), weights)
            return _count(xp, x.reshape(-1), int(size), weights.reshape(-1), False, dtype)

        return count

    def scratch(n: Any) -> Any:
        return _scratch(n, n.made(), n.size())


@op
class HistogramFixedWidth:
    """How many values fall into each of equal parts of a range (tf.histogram_fixed_width)."""

    signature = "values: T, value_range: T, nbins: int32 -> out: dtype"
    takes = "nbins: []"
    host_memory = "nbins"
    attrs = "T: {int32, int64, float32, float64}; dtype: {int32, int64} = int32"
    gradient = undefined_gradient

    def infer(n: Any, values: Any, value_range: Any, nbins: Any) -> Any:
        n.merge(value_range, (2,), "shapes of value_range and [2]")
        value = n.value(2)
        if value is not None and int(value) <= 0:
            n.fail(f"nbins is above 0, not {int(value)}")
        return (None if value is None else int(value),)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def count(values: Any, value_range: Any, nbins: Any) -> Any:
            bins = int(nbins)
            if bins <= 0:
                raise RunError(f"nbins should be a positive number, but got '{bins}'")
            low, high = value_range[0], value_range[1]
            if not low < high:
                raise RunError(f"value_range should satisfy value_range[0] < value_range[1], but got [{low}, {high}]")
            step, out, flat = xp.float64(high - low) / bins, xp.zeros(bins, xp.int64), elements(xp, values)
            for i in range(0, values.size, PART):
                part = flat[i:i + PART]
                if (part != part).any():
                    raise RunError("Histogram values must not contain NaN")
                where = xp.floor((xp.clip(part, low, high) - low) / step)
                out += xp.bincount(xp.clip(where, 0, bins - 1).astype(int), minlength=bins)
            return out.astype(dtype)

        return count

    def scratch(n: Any) -> Any:
        return 24 * min(PART, n.size()) + 8 * n.made()


@op
class Bucketize:
    """Between which boundaries each value is."""

    signature = "input: T -> output: int32"
    attrs = "T: {int32, int64, float32, float64}; boundaries: list(float)"
    parts = {"input": 0}
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp
        boundaries = xp.asarray(n.attrs["boundaries"], xp.float32)
        return lambda x: xp.searchsorted(boundaries, x, side="right").astype(xp.int32)

    def scratch(n: Any) -> Any:
        return 8 * n.size()


@op
class PopulationCount:
    """How many bits are 1."""

    signature = "x: T -> y: uint8"
    attrs = "T: {int8, int16, int32, int64, uint8, uint16, uint32, uint64}"
    elementwise = True
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp

        def count(x: Any) -> Any:
            if hasattr(xp, "bitwise_count"):
                # of negative numbers it would count the bits of their absolute values
                return xp.bitwise_count(x.view(f"u{x.dtype.itemsize}"))
            bits = x.astype(xp.uint64) & xp.uint64((1 << 8 * x.dtype.itemsize) - 1)
            total = xp.zeros(x.shape, xp.uint8)
            for i in range(8 * x.dtype.itemsize):
                total += ((bits >> xp.uint64(i)) & xp.uint64(1)).astype(xp.uint8)
            return total

        return count


@op
class ApproximateEqual:
    """Whether two numbers differ by ``tolerance`` at most."""

    signature = "x: T, y: T -> z: bool"
    attrs = "T: {numbertype}; tolerance: float = 1e-05"
    no_kernel = "T: float16, bfloat16, int8, int16, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128"
    elementwise = True
    gradient = no_gradient

    def infer(n: Any, x: Any, y: Any) -> Any:
        n.merge(x, y)
        return x

    def kernel(n: Any) -> Any:
        xp, tolerance = n.xp, n.attrs["tolerance"]
        return lambda x, y: xp.abs(x - y) <= tolerance
