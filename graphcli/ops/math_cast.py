"""Casts, sums of lists and clipping."""
from __future__ import annotations

from functools import reduce
from typing import Any

import numpy

from ..errors import RunError, Unimplemented
from ..graph.inference import same_shape
from ..graph.opdef import op
from ..graph.shapes import compatible
from ..graph.types import variant
from ._gradients import backs
from ._tensor_list import sum_of


@op
class Cast:
    """Another dtype (tf.cast): real to whole cuts toward 0, anything to bool is ``!= 0``."""

    signature = "x: SrcT -> y: DstT"
    attrs = "SrcT: type; DstT: type; Truncate: bool = False"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        source = n.attrs["SrcT"].name
        narrow = n.out().is_integer and n.out().size < 4
        text = "string" in (source, n.out().name)

        def cast(x: Any) -> Any:
            x = xp.asarray(x)
            if text:
                raise Unimplemented(f"Cast {source} to {n.out().name} is not supported")
            if x.dtype.kind == "c" and xp.dtype(dtype).kind != "c":
                x = x.real
            if x.dtype.kind == "f" and dtype in (xp.uint32, xp.uint64):
                # of what no whole number is, C++ and numpy make different ones
                return xp.where(xp.isinf(x), 2**63, x).astype(dtype) if dtype == xp.uint64 else x.astype(
                    xp.int64).astype(dtype)
            if x.dtype.kind == "f" and narrow and xp.__name__ != "numpy":
                # what is beyond the range wraps around, where a GPU takes the end of it
                x = x.astype(xp.int64)
            return x.astype(dtype)

        return cast

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        kinds = ("f", "c")
        if op.attrs["SrcT"].kind in kinds and op.attrs["DstT"].kind in kinds:
            return [tf.cast(grad, op.attrs["SrcT"])]
        return [None]


@op
class AddN:
    """Sum of tensors of one shape (tf.add_n)."""

    signature = "inputs: N*T -> sum: T"
    attrs = "N: int >= 1; T: {numbertype, variant}"

    def infer(n: Any, inputs: Any) -> Any:
        shape = inputs[0]
        for other in inputs[1:]:
            shape = n.merge(shape, other, "shapes of the inputs")
        return shape

    def kernel(n: Any) -> Any:
        xp = n.xp
        if n.out() is variant:
            return lambda inputs: reduce(lambda a, b: sum_of(numpy, a, b), inputs)

        def add(inputs: Any) -> Any:
            total = inputs[0]
            for i, x in enumerate(inputs[1:]):
                if x.shape != total.shape:
                    raise RunError(f"Inputs to operation AddN must have the same size and shape. Input 0: "
                                   f"{list(total.shape)} != input {i + 1}: {list(x.shape)}")
                total = xp.add(total, x) if i == 0 else xp.add(total, x, out=total) if total.ndim else total + x
            return total

        return add

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad] * len(op.inputs)


def _clipped(xp: Any, parts: bool) -> Any:
    """A function that clips; parts: of complex numbers, of which each part is clipped by itself."""
    def clip(t: Any, low: Any, high: Any) -> Any:
        if low.dtype.kind not in "iu" and xp.any((low != low) | (high != high)):
            # a limit that is no number is none
            t = xp.where(high < t, high, t)
            return xp.where(t < low, low, t)
        out = xp.minimum(t, high)
        if type(out) is numpy.ndarray and numpy.shape(low) in ((), out.shape):
            return numpy.maximum(out, low, out=out)
        return xp.maximum(out, low)

    def apart(t: Any, low: Any, high: Any) -> Any:
        out = xp.empty(t.shape, t.dtype)
        out.real[...], out.imag[...] = clip(t.real, low.real, high.real), clip(t.imag, low.imag, high.imag)
        return out

    return apart if parts else clip


@op
class ClipByValue:
    """Between two limits (what tf.saturate_cast uses)."""

    signature = "t: T, clip_value_min: T, clip_value_max: T -> output: T"
    attrs = "T: {numbertype}"
    no_kernel = "T: uint32, uint64"

    def infer(n: Any, t: Any, low: Any, high: Any) -> Any:
        for limit in () if n.built else (low, high):
            if limit not in (None, ()) and not compatible(limit, t):
                n.fail("a limit is a scalar or has the shape of the tensor")
        return t

    def kernel(n: Any) -> Any:
        return _clipped(n.xp, n.out().is_complex)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        t, low, high = op.inputs
        shapes = [tf.shape(x) for x in op.inputs]
        zeros = tf.zeros(tf.shape(grad), grad.dtype)
        under, over = tf.less(t, low), tf.greater(t, high)
        _, back_low = backs(tf, *shapes[:2])
        _, back_high = backs(tf, shapes[0], shapes[2])
        of_t = tf.where(tf.logical_or(under, over), zeros, grad)
        of_low, of_high = tf.where(under, grad, zeros), tf.where(over, grad, zeros)
        return [of_t, back_low(of_low), back_high(of_high)]
