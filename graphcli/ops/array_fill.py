"""Values made of shapes and numbers: fills and ranges."""
from __future__ import annotations

from typing import Any

import numpy

from ..errors import RunError
from ..graph.inference import same_shape
from ..graph.opdef import no_gradient, op
from ..graph.types import variant
from ._tensor_list import zeros_of

PART = 1 << 16
"""Elements of a range that are counted at a time."""


@op
class Fill:
    """A tensor of one value (tf.fill)."""

    signature = "dims: index_type, value: T -> output: T"
    host_memory = "dims"
    attrs = "T: type; index_type: {int32, int64} = int32"
    fresh = True

    def infer(n: Any, dims: Any, value: Any) -> Any:
        n.with_rank(dims, 1, "dims")
        n.with_rank(value, 0, "value")
        sizes = n.value(0)
        if sizes is not None and (sizes < 0).any():
            n.fail(f"dims must not be negative, but are {sizes.tolist()}")
        return n.shape_value(0)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def fill(dims: Any, value: Any) -> Any:
            if (dims < 0).any():
                raise RunError(f"dims must not be negative, but are {dims.tolist()}")
            return xp.full(tuple(dims.tolist()), value, dtype)

        return fill

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [None, tf.reduce_sum(grad)]


@op
class ZerosLike:
    """Zeros of the same shape and dtype (tf.zeros_like)."""

    signature = "x: T -> y: T"
    attrs = "T: type"
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp, kind = n.xp, n.out()
        if kind is variant:
            return lambda x: zeros_of(numpy, x)
        return (lambda x: xp.full(x.shape, b"", object)) if kind.kind == "S" else xp.zeros_like


@op
class OnesLike:
    """Ones of the same shape and dtype (tf.ones_like)."""

    signature = "x: T -> y: T"
    attrs = ("T: {bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, "
             "complex64, complex128, bool}")
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.ones_like


@op
class Range:
    """start, start + delta, … below limit (tf.range)."""

    signature = "start: Tidx, limit: Tidx, delta: Tidx -> output: Tidx"
    host_memory = "start, limit, delta"
    attrs = ("Tidx: {bfloat16, float16, float32, float64, int8, int16, int32, int64, uint16, uint32, uint64} "
             "= int32")
    no_kernel = "Tidx: int8, int16, uint16, uint32, uint64"
    gradient = no_gradient

    def infer(n: Any, *shapes: Any) -> Any:
        for name, shape in zip(("start", "limit", "delta"), shapes):
            n.with_rank(shape, 0, name)
        values = [n.value(i) for i in range(3)]
        if any(v is None for v in values):
            return (None,)
        start, limit, delta = (v.item() for v in values)
        if delta == 0:
            n.fail("delta must not be 0")
        if (limit - start) * delta < 0:
            n.fail(f"from {start} to {limit} in steps of {delta}: the limit is never reached")
        length = _length(start, limit, delta)
        # NaN is refused when it runs, as TensorFlow does
        if length is None and start == start and limit == limit and delta == delta:
            n.fail(f"from {start} to {limit} in steps of {delta}: too long for a tensor, or endless")
        return (length,)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def arange(start: Any, limit: Any, delta: Any) -> Any:
            a, b, c = (v.item() for v in (start, limit, delta))
            if c == 0:
                raise RunError("Requires delta != 0")
            if (b - a) * c < 0:
                raise RunError(f"Requires {'start <= limit' if c > 0 else 'start >= limit'}: {a}, {b}, {c}")
            length = _length(a, b, c)
            if length is None:
                raise RunError(f"Requires ((limit - start) / delta) <= {MOST}: {a}, {b}, {c}")
            if xp.dtype(dtype).kind == "i":
                # in their own width: what a product loses above it, the sum would lose too
                out = xp.arange(length, dtype=dtype)
                return out if (a, c) == (0, 1) else xp.add(xp.multiply(out, dtype(c), out=out), dtype(a), out=out)
            return _filled(xp, length, dtype, lambda places: a + places * c)

        return arange


def _filled(xp: Any, size: int, dtype: Any, of: Any) -> Any:
    """A vector of a function of its places, a part at a time."""
    out = xp.empty(size, dtype)
    for i in range(0, size, PART):
        out[i:i + PART] = of(xp.arange(i, min(size, i + PART))).astype(dtype)
    return out


MOST = 2**63 - 1


def _length(start: Any, limit: Any, delta: Any) -> int | None:
    """How many numbers a range has; None where that is no number, or one that is too large."""
    import math

    if isinstance(start, int):
        return max(0, int(-((start - limit) // delta)))
    steps = abs((limit - start) / delta)
    return int(math.ceil(steps)) if steps <= MOST else None


@op
class LinSpace:
    """num values from start to stop, both included (tf.linspace)."""

    signature = "start: T, stop: T, num: Tidx -> output: T"
    host_memory = "num"
    attrs = "T: {bfloat16, float16, float32, float64}; Tidx: {int32, int64} = int32"
    no_kernel = "T: float16, bfloat16"
    gradient = no_gradient

    def infer(n: Any, *shapes: Any) -> Any:
        for name, shape in zip(("start", "stop", "num"), shapes):
            n.with_rank(shape, 0, name)
        number = n.value(2)
        if number is None:
            return (None,)
        if number <= 0:
            n.fail(f"num must be above 0, not {int(number)}")
        return (int(number),)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def linspace(start: Any, stop: Any, num: Any) -> Any:
            count = int(num)
            if count <= 0:
                raise RunError(f"Requires num > 0: {count}")
            if count == 1:
                return xp.asarray([start], dtype)
            start, stop = xp.asarray(start, dtype), xp.asarray(stop, dtype)
            step = ((stop - start) / xp.asarray(count - 1, dtype)).astype(dtype)
            out = _filled(xp, count, dtype, lambda places: start + step * places.astype(dtype))
            out[0], out[-1] = start, stop
            return out

        return linspace
