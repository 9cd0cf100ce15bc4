"""Distinct elements and slices, with their indices and counts, and differences of lists."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ._packed import fits
from ._packed import order as sorted_places
from .sorting import PART

MANY = 1 << 10
"""Elements from which a sort with their places packed is worth its calls."""


def distinct(xp: Any, x: Any, index: Any) -> tuple[Any, Any, Any]:
    """Places of the first of each value in order of appearance, which value each element is, how many of each."""
    if x.dtype == object:
        table: dict[Any, int] = {}
        which = xp.asarray([table.setdefault(v, len(table)) for v in x.tolist()], xp.int64)
        places = xp.full(len(table), 0, xp.int64)
        places[which[::-1]] = xp.arange(len(x))[::-1]
    else:
        quick = xp.__name__ == "numpy" and fits(x.dtype) and len(x) > MANY
        order = sorted_places(x) if quick else xp.argsort(x, kind="stable")
        which, many = xp.empty(len(x), index), 0
        starts, first = [], []
        for i in range(0, len(x), PART):
            some = order[i:i + PART]
            # with the one before them
            part = x[order[max(0, i - 1):i + PART]]
            new = xp.concatenate([[True], part[1:] != part[:-1]])[-len(some):]
            group = xp.cumsum(new) + (many - 1)
            which[some] = group
            many = int(group[-1]) + 1
            starts.append(xp.nonzero(new)[0] + i)
            first.append(some[new])
        if not many:
            return xp.empty(0, xp.int64), which, xp.empty(0, xp.int64)
        del order
        places = xp.concatenate(first)
        appear = xp.argsort(places, kind="stable")
        rank = xp.empty(many, index)
        rank[appear] = xp.arange(many)
        for i in range(0, len(x), PART):
            which[i:i + PART] = rank[which[i:i + PART]]
        return places[appear], which, xp.diff(xp.concatenate(starts), append=len(x))[appear]
    return places, which, xp.bincount(which, minlength=len(places))


def _unique_kernel(n: Any) -> Any:
    xp, index, number = n.xp, n.dtype(1), len(n.node.outputs)

    def unique(x: Any) -> Any:
        if x.ndim != 1:
            raise RunError("unique expects a 1D vector.")
        places, which, counts = distinct(xp, x, index)
        return (x[places], which.astype(index, copy=False), counts.astype(index))[:number]

    return unique


@op
class Unique:
    """The distinct values in order of appearance, and which each element is (tf.unique)."""

    signature = "x: T -> y: T, idx: out_idx"
    attrs = "T: type; out_idx: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128"
    kernel = _unique_kernel
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
    gradient = undefined_gradient

    def infer(n: Any, x: Any) -> Any:
        # that x is a vector is asked in the run only, as in TensorFlow
        return [(None,), x, (None,)]


def _slices_shape(n: Any, x: Any, axis: Any) -> Any:
    value = n.value(1)
    number = len(n.node.outputs)
    if x is None or value is None or value.size > 1:
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
        rows = xp.moveaxis(x, at, 0)
        keys = rows
        if x.ndim > 1:
            keys = xp.empty(len(rows), object)
            for i, row in enumerate(rows):
                keys[i] = tuple(row.reshape(-1).tolist())
        places, which, counts = distinct(xp, keys, index)
        return (xp.moveaxis(rows[places], 0, at), which.astype(index, copy=False), counts.astype(index))[:number]

    return unique


@op
class UniqueV2:
    """The distinct slices along an axis, and which each slice is."""

    signature = "x: T, axis: Taxis -> y: T, idx: out_idx"
    attrs = "T: type; Taxis: {int32, int64} = int64; out_idx: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128"
    infer = _slices_shape
    kernel = _slices_kernel
    gradient = undefined_gradient


@op
class UniqueWithCountsV2:
    """The distinct slices along an axis, which each slice is, and how many of each there are."""

    signature = "x: T, axis: Taxis -> y: T, idx: out_idx, count: out_idx"
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

        def differ(x: Any, y: Any) -> Any:
            if x.dtype == object:
                known = set(y.tolist())
                stays = xp.asarray([v not in known for v in x.tolist()], bool)
            else:
                stays = ~xp.isin(x, y)
            return x[stays], xp.nonzero(stays)[0].astype(index)

        return differ
