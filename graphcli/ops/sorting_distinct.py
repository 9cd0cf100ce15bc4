"""Distinct elements and slices, with their indices and counts, and differences of lists."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ._distinct import PART, differ, distinct, taken

CPU_ONLY = True


def _unique_kernel(n: Any) -> Any:
    index, number = n.dtype(1), len(n.node.outputs)

    def unique(x: Any) -> Any:
        if x.ndim != 1:
            raise RunError("unique expects a 1D vector.")
        return distinct(n, x, index, number > 2 and 2 not in n.unused)[:number]

    return unique


def _scratch(n: Any) -> int:
    return taken(n.size(), n.width(), n.out_width(1))


@op
class Unique:
    """The distinct values in order of appearance, and which each element is (tf.unique)."""

    signature = "x: T -> y: T, idx: out_idx"
    attrs = "T: type; out_idx: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128"
    kernel = _unique_kernel
    scratch = _scratch
    gradient = undefined_gradient

    def infer(n: Any, x: Any) -> Any:
        n.with_rank(x, 1, "x")
        return [(None,), x]


@op
class UniqueWithCounts:
    """The distinct values, which each element is, and how many of each there are (tf.unique_with_counts)."""

    signature = "x: T -> y: T, idx: out_idx, count: out_idx"
    attrs = "T: type; out_idx: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128"
    kernel = _unique_kernel
    scratch = _scratch
    gradient = undefined_gradient

    def infer(n: Any, x: Any) -> Any:
        # that x is a vector is asked in the run only, as in TensorFlow
        return [(None,), x, (None,)]


def _slices_shape(n: Any, x: Any, axis: Any) -> Any:
    value = n.value(1)
    number = len(n.node.outputs)
    if value is not None and value.size > 1:
        n.fail(f"axis is one number at most, not {value.size}")
    if value is not None and not value.size:
        n.with_rank(x, 1, "x without an axis")
    if x is None or value is None:
        return [None if x is None else (None,) * len(x), *[(None,)] * (number - 1)]
    at = int(value.reshape(-1)[0]) if value.size else 0
    if not -len(x) <= at < len(x):
        n.fail(f"axis {at} is not in [{-len(x)}, {len(x)})")
    at %= len(x)
    return [(None,) * len(x), (x[at],), (None,)][:number]


def _slices_kernel(n: Any) -> Any:
    xp, index, number = n.xp, n.dtype(1), len(n.node.outputs)

    def unique(x: Any, axis: Any) -> Any:
        axis = xp.asarray(axis).reshape(-1)
        if axis.size > 1 or not axis.size and x.ndim != 1:
            raise RunError("axis must be one number, or empty for a vector")
        at = int(axis[0]) if axis.size else 0
        if not -x.ndim <= at < x.ndim:
            raise RunError(f"axis {at} is not in [{-x.ndim}, {x.ndim})")
        return distinct(n, x, index, number > 2 and 2 not in n.unused, at % x.ndim)[:number]

    return unique


@op
class UniqueV2:
    """The distinct slices along an axis, and which each slice is."""

    signature = "x: T, axis: Taxis -> y: T, idx: out_idx"
    takes = "axis: [?] run"
    attrs = "T: type; Taxis: {int32, int64} = int64; out_idx: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128"
    infer = _slices_shape
    kernel = _slices_kernel
    gradient = undefined_gradient


@op
class UniqueWithCountsV2:
    """The distinct slices along an axis, which each slice is, and how many of each there are."""

    signature = "x: T, axis: Taxis -> y: T, idx: out_idx, count: out_idx"
    takes = "axis: [?] run"
    attrs = "T: type; Taxis: {int32, int64} = int64; out_idx: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128"
    infer = _slices_shape
    kernel = _slices_kernel
    gradient = undefined_gradient


@op
class ListDiff:
    """What of x is not in y, and where it was (tf.setdiff1d)."""

    signature = "x: T, y: T -> out: T, idx: out_idx"
    attrs = "T: type; out_idx: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128, bool"
    gradient = undefined_gradient

    def infer(n: Any, x: Any, y: Any) -> Any:
        n.with_rank(x, 1, "x")
        n.with_rank(y, 1, "y")
        return [(None,), (None,)]

    def kernel(n: Any) -> Any:
        xp, index = n.xp, n.dtype(1)

        def kernel(x: Any, y: Any) -> Any:
            if xp.__name__ == "numpy":
                return differ(x, y, index)
            stays = ~xp.isin(x, y)
            return x[stays], xp.nonzero(stays)[0].astype(index)

        return kernel

    def scratch(n: Any) -> Any:
        return n.size() // 8 + n.bytes(1) + 24 * PART
