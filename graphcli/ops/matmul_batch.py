"""Products of stacks of matrices."""
from __future__ import annotations

from typing import Any

import numpy

from ..errors import InvalidArgument, RunError
from ..graph.opdef import op
from ..graph.shapes import count, show
from ._products import product_of_two
from ._stacks import Stacks
from .matmul import product_shape

BLAS = True


def _batch_shape(n: Any, x: Any, y: Any) -> Any:
    n.at_least_rank(x, 2, "x")
    n.at_least_rank(y, 2, "y")
    if x is None or y is None:
        return None
    tail = product_shape(n, x[-2:], y[-2:], n.attrs["adj_x"], n.attrs["adj_y"], "adjoint")
    lead = n.broadcast(x[:-2], y[:-2])
    return None if lead is None else lead + tail


def _same_batch_shape(n: Any, x: Any, y: Any) -> Any:
    n.at_least_rank(x, 2, "x")
    n.at_least_rank(y, 2, "y")
    if x is None and y is None:
        return None
    lead = n.merge(None if x is None else x[:-2], None if y is None else y[:-2], "batches")
    x, y = (x or (None, None))[-2:], (y or (None, None))[-2:]
    return lead + product_shape(n, x, y, n.attrs["adj_x"], n.attrs["adj_y"], "adjoint")


SAME = ("float32", "float64", "bfloat16", "int16", "int32", "int64", "complex64", "complex128")
BYTES = ("int8", "uint8")


def _mixed_kernel(n: Any) -> Any:
    """The kernel of a product into another dtype. Raises InvalidArgument where TensorFlow has none."""
    x, y = (t.dtype.base_dtype.name for t in n.node.inputs)
    made = {**{(k, k): k for k in SAME}, **{(a, b): "int32" for a in BYTES for b in BYTES},
            **{pair: "bfloat16" for k in BYTES for pair in ((k, "bfloat16"), ("bfloat16", k))}}
    if made.get((x, y)) != n.out().name:
        raise InvalidArgument(f"TensorFlow has no kernel of {n.node.type} of {x} and {y} into {n.out().name}",
                              hint="tf.cast converts a tensor")
    return _batch_kernel(n)


def _batch_kernel(n: Any) -> Any:
    xp, adj_x, adj_y, out = n.xp, n.attrs["adj_x"], n.attrs["adj_y"], n.out()
    dtype = n.dtype()

    def turn(x: Any) -> Any:
        x = x.swapaxes(-1, -2)
        return xp.conj(x) if x.dtype.kind == "c" else x

    wide = xp.float32 if out.size == 2 and out.is_floating else dtype
    stacks = _stacks(n) if xp is numpy else None

    def multiply(x: Any, y: Any) -> Any:
        if x.ndim < 2 or y.ndim < 2:
            raise RunError(f"In[0] and In[1] must have at least rank 2: {show(x.shape)} and {show(y.shape)}")
        if stacks is not None and stacks.large(x.shape, y.shape):
            found = stacks.product(x, y, n.each)
            if found is not None:
                return found
        x, y = turn(x) if adj_x else x, turn(y) if adj_y else y
        if x.dtype != wide or y.dtype != wide:
            return xp.matmul(x.astype(wide), y.astype(wide)).astype(dtype)
        return xp.matmul(x, y) if stacks is None else product_of_two(x, y)

    return multiply


def _stacks(n: Any) -> Stacks:
    return Stacks(n.node, ("adj_x", "adj_y"), True)


def _batch_scratch(n: Any) -> int:
    return _stacks(n).scratch(n)


def _alike_gradient(tf: Any, op: Any, grad: Any) -> Any:
    """The gradients of products of stacks that are alike, of which nothing is repeated."""
    x, y = op.inputs
    adj_x, adj_y = op.attrs["adj_x"], op.attrs["adj_y"]
    if not adj_x and not adj_y:
        grads = tf.matmul(grad, y, adjoint_b=True), tf.matmul(x, grad, adjoint_a=True)
    elif not adj_x:
        grads = tf.matmul(grad, y), tf.matmul(grad, x, adjoint_a=True)
    elif not adj_y:
        grads = tf.matmul(y, grad, adjoint_b=True), tf.matmul(x, grad)
    else:
        grads = (tf.matmul(y, grad, adjoint_a=True, adjoint_b=True),
                 tf.matmul(grad, x, adjoint_a=True, adjoint_b=True))
    return list(grads)


def _batch_gradient(tf: Any, op: Any, grad: Any) -> Any:
    return summed(tf, *op.inputs, *_alike_gradient(tf, op, grad))


def summed(tf: Any, x: Any, y: Any, grad_x: Any, grad_y: Any, whole: bool = False) -> list[Any]:
    """The gradients summed over the leading axes that were broadcast. whole: unless all of both shapes is known."""
    alike = x.static is not None and y.static is not None and x.static[:-2] == y.static[:-2] \
        and None not in x.static[:-2]
    if alike and not (whole and None in (count(x.static), count(y.static))):
        return [grad_x, grad_y]
    shape_x, shape_y = tf.shape(x), tf.shape(y)
    axes_x, axes_y = tf.apply_op("BroadcastGradientArgs", None, [shape_x[:-2], shape_y[:-2]])
    return [tf.reshape(tf.reduce_sum(grad_x, axes_x), shape_x), tf.reshape(tf.reduce_sum(grad_y, axes_y), shape_y)]


@op
class BatchMatMul:
    """Products of stacks of matrices of the same leading axes (of older graphs)."""

    signature = "x: T, y: T -> output: T"
    attrs = ("T: {floating, int32, int64, complex64, complex128}; adj_x: bool = False; adj_y: bool = False; "
             "grad_x: bool = False; grad_y: bool = False")
    infer = _same_batch_shape
    scratch = _batch_scratch
    kernel = _batch_kernel
    gradient = _alike_gradient


@op
class BatchMatMulV2:
    """Products of stacks of matrices, whose leading axes broadcast (tf.matmul of rank 3 and more)."""

    signature = "x: T, y: T -> output: T"
    attrs = ("T: {floating, int16, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128}; "
             "adj_x: bool = False; adj_y: bool = False; grad_x: bool = False; grad_y: bool = False")
    no_kernel = "T: uint8, uint16, uint32, uint64"
    infer = _batch_shape
    scratch = _batch_scratch
    kernel = _batch_kernel
    gradient = _batch_gradient


@op
class BatchMatMulV3:
    """Products of stacks of matrices into another dtype (tf.matmul with output_type)."""

    signature = "x: Ta, y: Tb -> output: Tout"
    attrs = ("Ta: {floating, uint8, int8, int16, int32, int64, complex64, complex128}; "
             "Tb: {floating, uint8, int8, int16, int32, int64, complex64, complex128}; "
             "Tout: {floating, int16, int32, int64, complex64, complex128}; "
             "adj_x: bool = False; adj_y: bool = False; grad_x: bool = False; grad_y: bool = False")
    infer = _batch_shape
    scratch = _batch_scratch
    kernel = _mixed_kernel
    gradient = _batch_gradient
