"""Ops of arrays that old graphs and other tools' graphs hold: Concat, AccumulateNV2, rows written in place, copies."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.inference import same_shape
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import Static
from .array_join import joined_gradient, joined_shape, joining


@op
class Concat:
    """Tensors joined along an axis (tf.concat of the first TensorFlow)."""

    signature = "concat_dim: int32, values: N*T -> output: T"
    takes = "concat_dim: []"
    host_memory = "concat_dim"
    attrs = "N: int >= 2; T: type"

    def infer(n: Any, axis: Static, values: Any) -> Any:
        return joined_shape(n, values, n.value(0))

    def kernel(n: Any) -> Any:
        join = joining(n.xp)
        return lambda axis, values: join(values, axis)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [None, *joined_gradient(tf, op.inputs[1:], op.inputs[0], grad)]


@op
class AccumulateNV2:
    """Sum of tensors of one shape (tf.accumulate_n)."""

    signature = "inputs: N*T -> sum: T"
    attrs = "N: int >= 1; T: {numbertype}; shape: shape"

    def infer(n: Any, inputs: Any) -> Any:
        shape = n.attrs["shape"]
        for other in inputs:
            shape = n.merge(shape, other, "shapes of the inputs")
        return shape

    def kernel(n: Any) -> Any:
        xp = n.xp

        def add(inputs: Any) -> Any:
            total = xp.array(inputs[0])
            for x in inputs[1:]:
                if x.shape != total.shape:
                    raise InvalidArgument(f"Inputs must have one shape: {list(total.shape)} != {list(x.shape)}")
                total = xp.add(total, x, total)
            return total

        return add

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad] * len(op.inputs)


@op
class DeepCopy:
    """A copy."""

    signature = "x: T -> y: T"
    attrs = "T: type"
    stateful = True
    infer, gradient = same_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        return n.xp.array


@op
class Empty:
    """A tensor of a shape; zeros here, whether init asks for them or not."""

    signature = "shape: int32 -> output: dtype"
    host_memory = "shape"
    attrs = "dtype: type; init: bool = False"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, shape: Static) -> Static:
        n.with_rank(shape, 1, "shape")
        found: Static = n.shape_value(0)
        return found

    def kernel(n: Any) -> Any:
        xp, dtype, text = n.xp, n.dtype(), n.out().kind == "S"

        def make(shape: Any) -> Any:
            if (shape < 0).any():
                raise InvalidArgument(f"a shape has sizes of at least 0, not {shape.tolist()}")
            sizes = tuple(shape.tolist())
            return np.full(sizes, b"", object) if text else xp.zeros(sizes, dtype)

        return make


@op
class FakeParam:
    """What stands for a value that the other branch of a condition gives: never looked at."""

    signature = " -> output: dtype"
    attrs = "dtype: type; shape: shape"
    gradient = undefined_gradient

    def infer(n: Any) -> Static:
        shape: Static = n.attrs["shape"]
        return shape

    def kernel(n: Any) -> Any:
        shape, dtype, xp = n.attrs["shape"] or (), n.dtype(), n.xp
        sizes = tuple(0 if d is None else d for d in shape)
        return lambda: xp.zeros(sizes, dtype)


def _rows(name: str, doc: str, change: Any) -> None:
    def kernel(n: Any) -> Any:
        xp = n.xp

        def run(x: Any, i: Any, v: Any) -> Any:
            if np.ndim(i) != 1 or v.shape != (len(i), *x.shape[1:]):
                raise InvalidArgument(f"{np.shape(i)} rows of {list(x.shape)} are not {list(np.shape(v))}")
            out = xp.array(x)
            for at, row in zip(i.tolist(), v):
                # as in TensorFlow, a row beyond the ends is one that is counted around
                change(out, at % len(out), row)
            return out

        return run

    def infer(n: Any, x: Static, i: Static, v: Static) -> Static:
        return x

    op(type(name, (), {"__doc__": doc, "__module__": __name__, "signature": "x: T, i: int32, v: T -> y: T",
                       "attrs": "T: type", "host_memory": "i", "infer": infer, "kernel": kernel,
                       "gradient": undefined_gradient}))


def _put(out: Any, at: int, row: Any) -> None:
    out[at] = row


def _add(out: Any, at: int, row: Any) -> None:
    out[at] += row


def _sub(out: Any, at: int, row: Any) -> None:
    out[at] -= row


_rows("InplaceUpdate", "x with other rows (tf.raw_ops.InplaceUpdate).", _put)
_rows("InplaceAdd", "x with rows that are added to.", _add)
_rows("InplaceSub", "x with rows that are taken from.", _sub)
