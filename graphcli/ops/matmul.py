"""Products of matrices."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy

from ..errors import RunError
from ..graph.blas import SHARED
from ..graph.opdef import op
from ..graph.shapes import show
from ..graph.types import float32
from ._products import LEAST, divided, own_scratch, product_of_two
from ._stacks import Stacks
from ._unpacked import MOST, beside

BLAS = True


def product_shape(n: Any, a: Any, b: Any, transpose_a: bool, transpose_b: bool, word: str) -> Any:
    """Rows and columns of a product. Refuses inner sizes that differ, with the transpose that would fit."""
    rows, inner_a = (a[1], a[0]) if transpose_a else (a[0], a[1])
    inner_b, columns = (b[1], b[0]) if transpose_b else (b[0], b[1])
    if inner_a is not None and inner_b is not None and inner_a != inner_b:
        hint = None
        if inner_a == columns:
            hint = f"matmul(a, b, {word}_b={not transpose_b})"
        elif rows == inner_b:
            hint = f"matmul(a, b, {word}_a={not transpose_a})"
        n.fail(f"inner dimensions differ: {inner_a} meets {inner_b}", hint)
    return rows, columns


def _stacks(n: Any) -> Stacks:
    return Stacks(n.node, ("transpose_a", "transpose_b"), False)


def _scratch(n: Any) -> int:
    stacks = _stacks(n)
    if any(stacks.lay):
        return stacks.scratch(n)
    (rows, columns), inner = n.outs[0], n.shapes[0][0 if n.attrs["transpose_a"] else 1]
    single = n.node.outputs[0].dtype.base_dtype == float32
    tiles = beside(rows, inner, columns, n.attrs["transpose_b"]) * n.width() if single else 0
    # of blocks none is a matrix with itself
    own = own_scratch(n) if n.threads > 1 or rows * inner * columns < LEAST else 0
    return own or int(tiles * min(n.threads, 1 + rows * inner * columns // LEAST))


def _converted(n: Any, wide: Any) -> Any:
    """The product of two matrices of which numbers are converted."""
    xp, turns, dtype = n.xp, (n.attrs["transpose_a"], n.attrs["transpose_b"]), n.dtype()
    stacks = _stacks(n) if xp is numpy else None

    def product(a: Any, b: Any) -> Any:
        if stacks is not None and a.ndim == b.ndim == 2 and stacks.large(a.shape, b.shape):
            found = stacks.product(a, b, n.each)
            if found is not None:
                return found
        a, b = _turned(a.astype(wide, copy=False), b.astype(wide, copy=False), *turns)
        return xp.matmul(a, b).astype(dtype, copy=False)

    return product


def _matrices(xp: Any, a: Any, b: Any, turn_a: bool, turn_b: bool) -> Any:
    """The product of two whose ranks only the run tells."""
    for word, x in (("0", a), ("1", b)):
        if x.ndim != 2:
            raise RunError(f"In[{word}] is not a matrix. Instead it has shape {show(x.shape)}")
    a, b = _turned(a, b, turn_a, turn_b)
    return (product_of_two if xp is numpy else xp.matmul)(a, b)


@op
class MatMul:
    """Product of two matrices (tf.matmul of rank 2)."""

    signature = "a: T, b: T -> product: T"
    attrs = ("transpose_a: bool = False; transpose_b: bool = False; "
             "T: {floating, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128}; "
             "grad_a: bool = False; grad_b: bool = False")
    no_kernel = "T: uint8, uint16, uint32, uint64"
    alike_from = MOST
    scratch = _scratch

    def infer(n: Any, a: Any, b: Any) -> Any:
        a, b = n.with_rank(a, 2, "a"), n.with_rank(b, 2, "b")
        return product_shape(n, a, b, n.attrs["transpose_a"], n.attrs["transpose_b"], "transpose")

    def kernel(n: Any) -> Any:
        xp = n.xp
        turn_a, turn_b = n.attrs["transpose_a"], n.attrs["transpose_b"]
        if n.out().size == 2 and n.out().is_floating:
            return _converted(n, xp.float32)
        if any(t.static is None for t in n.node.inputs):
            return lambda a, b: _matrices(xp, a, b, turn_a, turn_b)
        rows, columns = n.node.outputs[0].static or (None, None)
        square = rows is None or columns is None or rows == columns > 1
        matmul = product_of_two if square and xp is numpy and not n.out().is_integer else xp.matmul
        product = _outer(xp) if _is_outer(n) else matmul if _is_small(n) else divided(n, matmul)
        if not turn_a and not turn_b:
            return product
        if turn_a and turn_b:
            return lambda a, b: product(a.T, b.T)
        if turn_a:
            return lambda a, b: product(a.T, b)
        return lambda a, b: product(a, b.T)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        a, b = tf.conj(op.inputs[0]), tf.conj(op.inputs[1])
        turn_a, turn_b = op.attrs["transpose_a"], op.attrs["transpose_b"]

        def product(x: Any, y: Any, turns: str, of: str) -> Any:
            turned = {f"transpose_{side}": True for side in turns}
            return tf.apply_op("MatMul", None, [x, y], {**turned, f"grad_{of}": True})

        if not turn_a and not turn_b:
            return [product(grad, b, "b", "a"), product(a, grad, "a", "b")]
        if not turn_a:
            return [product(grad, b, "", "a"), product(grad, a, "a", "b")]
        if not turn_b:
            return [product(b, grad, "b", "a"), product(a, grad, "", "b")]
        return [product(b, grad, "ab", "a"), product(grad, a, "ab", "b")]


def _is_small(n: Any) -> bool:
    """Whether a product has one thread: whole numbers, another array module, or sizes that are known to be small."""
    if n.xp.__name__ != "numpy" or n.out().is_integer:
        return True
    inner = n.node.inputs[0].static[0 if n.attrs["transpose_a"] else 1]
    sizes = (*(n.node.outputs[0].static or (None,)), inner)
    return None not in sizes and prod(sizes) < SHARED


def _is_outer(n: Any) -> bool:
    """Whether each sum is known to have one term."""
    inner = n.node.inputs[0].static[0 if n.attrs["transpose_a"] else 1]
    return inner == 1 and bool(n.out().is_floating)


def _outer(xp: Any) -> Any:
    """A column times a row, without BLAS, which takes several times as long for sums of one term."""
    def outer(a: Any, b: Any) -> Any:
        if a.shape[1] != b.shape[0]:
            return xp.matmul(a, b)
        out = a * b
        out += out.dtype.type(0)  # a sum of one term has no negative zero
        return out

    return outer


def _turned(a: Any, b: Any, turn_a: bool, turn_b: bool) -> tuple[Any, Any]:
    return a.swapaxes(-1, -2) if turn_a else a, b.swapaxes(-1, -2) if turn_b else b


@op
class SparseMatMul:
    """Product of two matrices of which one may be mostly 0 (tf.sparse_matmul)."""

    signature = "a: Ta, b: Tb -> product: float32"
    attrs = ("transpose_a: bool = False; transpose_b: bool = False; a_is_sparse: bool = False; "
             "b_is_sparse: bool = False; Ta: {float32, bfloat16} = float32; Tb: {float32, bfloat16} = float32")
    infer = MatMul.__dict__["infer"]

    def kernel(n: Any) -> Any:
        return _converted(n, n.xp.float32)

    scratch = _scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        a, b = op.inputs
        turn_a, turn_b = op.attrs["transpose_a"], op.attrs["transpose_b"]
        sparse = {a: op.attrs["a_is_sparse"], b: op.attrs["b_is_sparse"], grad: grad.op.type == "ReluGrad"}

        def product(x: Any, y: Any, kind: Any, turn_x: bool = False, turn_y: bool = False) -> Any:
            out = tf.matmul(x, tf.transpose(y) if turn_y else y, transpose_a=turn_x, a_is_sparse=sparse[x],
                            b_is_sparse=sparse[y])
            return tf.cast(out, kind)

        grad_a = product(b, grad, a.dtype, turn_b, True) if turn_a else product(grad, b, a.dtype, turn_y=not turn_b)
        grad_b = product(grad, a, b.dtype, True, turn_a) if turn_b else product(a, grad, b.dtype, not turn_a)
        return [grad_a, grad_b]
