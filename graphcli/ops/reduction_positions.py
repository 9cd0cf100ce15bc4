"""Positions of the least and the greatest along an axis."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.constant import static_value
from ..graph.opdef import no_gradient, op
from ._reducing import PART


def _position(n: Any, x: Any, axis: Any) -> Any:
    value = n.value(1)
    n.with_rank(axis, 0, "dimension")
    if x is None:
        return None
    if len(x) < 2:
        return ()
    if value is None:
        return (None,) * (len(x) - 1)
    at = int(value)
    if not -len(x) <= at < len(x):
        n.fail(f"axis {at} is not in [{-len(x)}, {len(x)})")
    at %= len(x)
    return x[:at] + x[at + 1:]


FEW = 4096
"""Elements up to which to look twice costs more than a copy."""


def _finding(n: Any, function: Any, worst: str) -> Any:
    """A kernel that finds extremes; NaN is none, and nothing is worse than the ``worst`` finite number."""
    xp, dtype, kind = n.xp, n.dtype(), n.attrs["T"]
    limit = xp.asarray(getattr(kind, worst), kind.as_numpy_dtype) if kind.is_floating else None
    better = xp.greater if worst == "min" else xp.less

    def places(x: Any) -> Any:
        """Along the axis in the middle of three."""
        found = function(x, axis=1)
        if limit is not None and not better(xp.take_along_axis(x, found[:, None], 1), limit).all():
            found = function(xp.where(better(x, limit), x, limit), axis=1)
        return found

    def find(x: Any, axis: Any) -> Any:
        at = int(axis)
        if not -x.ndim <= at < x.ndim:
            raise RunError(f"Expected dimension in the range [{-x.ndim}, {x.ndim}), but got {at}")
        if x.shape[at] == 0:
            raise RunError(f"Reduction axis {at} is empty in shape {list(x.shape)}")
        if x.size <= FEW:
            return function(x if limit is None else xp.where(better(x, limit), x, limit), axis=at).astype(dtype)
        at %= x.ndim
        before, after = x.shape[:at], x.shape[at + 1:]
        if x.ndim > 2 and x.size > PART // 2 and xp.__name__ == "numpy" and not x.flags.c_contiguous:
            # some at a time, so that what does not lie in one piece is not copied as a whole
            along = max((i for i in range(x.ndim) if i != at), key=lambda i: x.shape[i])
            many = max(1, PART * x.shape[along] // x.size // 2)
            if many < x.shape[along]:
                out = xp.empty((*before, *after), dtype)
                lines, into = xp.moveaxis(x, along, 0), xp.moveaxis(out, along - (along > at), 0)
                for i in range(0, len(lines), many):
                    part = xp.moveaxis(lines[i:i + many], 0, along)
                    into[i:i + many] = xp.moveaxis(find(part, at), along - (along > at), 0)
                return out
        sheets = x.reshape(prod(before), x.shape[at], prod(after))
        out = xp.empty((prod(before), prod(after)), dtype)
        columns = max(1, min(prod(after), PART // x.shape[at]))
        rows = max(1, PART // (x.shape[at] * columns))
        for i in range(0, len(sheets), rows):
            for j in range(0, prod(after), columns):
                out[i:i + rows, j:j + columns] = places(sheets[i:i + rows, :, j:j + columns])
        return out.reshape((*before, *after))

    return find


def _finding_scratch(n: Any) -> int:
    """A part of the input, as numpy lays it out; of the last axis, in one piece, it lies so."""
    x, out = n.shapes[0], n.outs[0]
    axis = static_value(n.node.inputs[1])
    axes = [i for i in range(len(x)) if x[:i] + x[i + 1:] == out] if axis is None else [int(axis) % len(x)] if x else []
    last = axes == [len(x) - 1]
    if len(x) > 2 and 0 in n.apart:
        once = last or len(x) == 3 and axes == [1]
        return min(PART // 2, int(n.size())) * int(n.width()) * (2 - once)
    if last and 0 not in n.apart:
        return 0
    # of each place where it is found, and what is there
    least = min([x[i] for i in axes], default=1)
    return min(PART, int(n.size())) * (int(n.width()) + 8 // max(1, least))


@op
class ArgMax:
    """Where the greatest is along an axis, the first of equals (tf.argmax)."""

    signature = "input: T, dimension: Tidx -> output: output_type"
    host_memory = "dimension"
    attrs = ("T: {realnumbertype, bool}; Tidx: {int16, int32, int64} = int32; "
             "output_type: {int16, uint16, int32, int64} = int64")
    infer = _position
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _finding(n, n.xp.argmax, "min")

    def scratch(n: Any) -> Any:
        return _finding_scratch(n)


@op
class ArgMin:
    """Where the least is along an axis, the first of equals (tf.argmin)."""

    signature = "input: T, dimension: Tidx -> output: output_type"
    host_memory = "dimension"
    attrs = "T: {realnumbertype, bool}; Tidx: {int32, int64} = int32; output_type: {int32, int64} = int64"
    infer = _position
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _finding(n, n.xp.argmin, "max")

    def scratch(n: Any) -> Any:
        return _finding_scratch(n)
