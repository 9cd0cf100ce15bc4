"""Products of matrices."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy

from ..errors import RunError
from ..graph.blas import LARGE, SHARED, adder, address
from ..graph.opdef import op
from ..graph.shapes import show
from ._panels import MOST

BLAS = True
PART = 1 << 22
"""Multiplications of one block of a large product."""
PARTS, MANY = 4, 1 << 24
"""Into how many blocks a product is cut at most, and from how many multiplications on."""
LONG, EVEN = 256, 32
"""Sums longer than LONG that are no multiple of EVEN are cut, the rest added last: OpenBLAS sums what one thread
and what several threads take in the same panels then (level3.c and level3_thread.c halve a long rest differently)."""
WIDE = 1 << 15
"""Elements of a product from which BLAS adds the rest quicker than a product of its own and a sum; of the same bits."""


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


def _matrices(xp: Any, a: Any, b: Any, turn_a: bool, turn_b: bool) -> Any:
    """The product of two whose ranks only the run tells."""
    for word, x in (("0", a), ("1", b)):
        if x.ndim != 2:
            raise RunError(f"In[{word}] is not a matrix. Instead it has shape {show(x.shape)}")
    a, b = _turned(a, b, turn_a, turn_b)
    return xp.matmul(a, apart(a, b))


def own_scratch(n: Any) -> int:
    """The other array of a matrix that is multiplied with itself, turned; see ``apart``."""
    turned = sum(bool(n.attrs.get(key)) for key in ("transpose_a", "transpose_b", "adj_x", "adj_y"))
    made = [t.op for t in n.node.inputs if t.op.type == "Transpose"]
    a, b = (t.op.inputs[0] if t.op.type == "Transpose" else t for t in n.node.inputs)
    return int(n.bytes()) if a is b and (turned + len(made)) % 2 else 0


@op
class MatMul:
    """Product of two matrices (tf.matmul of rank 2)."""

    signature = "a: T, b: T -> product: T"
    attrs = ("transpose_a: bool = False; transpose_b: bool = False; "
             "T: {floating, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128}; "
             "grad_a: bool = False; grad_b: bool = False")
    no_kernel = "T: uint8, uint16, uint32, uint64"
    alike_from = MOST
    scratch = own_scratch

    def infer(n: Any, a: Any, b: Any) -> Any:
        a, b = n.with_rank(a, 2, "a"), n.with_rank(b, 2, "b")
        return product_shape(n, a, b, n.attrs["transpose_a"], n.attrs["transpose_b"], "transpose")

    def kernel(n: Any) -> Any:
        xp = n.xp
        turn_a, turn_b = n.attrs["transpose_a"], n.attrs["transpose_b"]
        if n.out().size == 2 and n.out().is_floating:
            wide, dtype = xp.float32, n.dtype()
            return lambda a, b: xp.matmul(*_turned(a.astype(wide), b.astype(wide), turn_a, turn_b)).astype(dtype)
        if any(t.static is None for t in n.node.inputs):
            return lambda a, b: _matrices(xp, a, b, turn_a, turn_b)
        product = _outer(xp) if _is_outer(n) else xp.matmul if _is_small(n) else _divided(n)
        rows, columns = n.node.outputs[0].static or (None, None)
        if rows is None or columns is None or rows == columns > 1:
            product = _of_two(product)
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
        if not turn_a and not turn_b:
            return [tf.matmul(grad, b, transpose_b=True, grad_a=True),
                    tf.matmul(a, grad, transpose_a=True, grad_b=True)]
        if not turn_a:
            return [tf.matmul(grad, b, grad_a=True), tf.matmul(grad, a, transpose_a=True, grad_b=True)]
        if not turn_b:
            return [tf.matmul(b, grad, transpose_b=True, grad_a=True), tf.matmul(a, grad, grad_b=True)]
        return [tf.matmul(b, grad, transpose_a=True, transpose_b=True, grad_a=True),
                tf.matmul(grad, a, transpose_a=True, transpose_b=True, grad_b=True)]


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


def _even(xp: Any, dtype: Any) -> Any:
    """The product of two matrices, with bits that do not depend on the number of BLAS's threads if it can be had."""
    add = adder(dtype) if xp.__name__ == "numpy" and dtype.char in "fd" else None

    def even(a: Any, b: Any, out: Any = None) -> Any:
        inner = a.shape[1]
        rest = inner % EVEN
        if inner <= LONG or not rest:
            return xp.matmul(a, b, out=out)
        out = xp.matmul(a[:, :-rest], b[:-rest], out=out)
        if add is not None and out.size >= WIDE and min(out.shape) > 1 and out.flags.aligned and (
                out.strides[1] == out.itemsize):
            add(out, a[:, -rest:], b[-rest:], 1.0)
        else:
            out += xp.matmul(a[:, -rest:], b[-rest:])
        return out

    return even


def _divided(n: Any) -> Any:
    """The product of two matrices, a large one in blocks of rows or columns. The blocks follow from the shapes."""
    xp, each, even = n.xp, n.each, _even(n.xp, numpy.dtype(n.dtype()))

    def product(a: Any, b: Any) -> Any:
        rows, columns = a.shape[0], b.shape[1]
        work = rows * columns * a.shape[1]
        if work < 2 * PART:
            return xp.matmul(a, b) if work < SHARED else even(a, b)
        parts, piece = 2 if work < MANY else PARTS, even if work < LARGE else xp.matmul
        out = xp.empty((rows, columns), a.dtype)
        size = -(-max(rows, columns) // (16 * parts)) * 16
        if rows >= columns:
            def block(i: int) -> None:
                piece(a[i * size:(i + 1) * size], b, out=out[i * size:(i + 1) * size])
        else:
            def block(i: int) -> None:
                piece(a, b[:, i * size:(i + 1) * size], out=out[:, i * size:(i + 1) * size])
        each(-(-max(rows, columns) // size), block)
        return out

    return n.shared(product, even)


def _of_two(product: Any) -> Any:
    """A product that is the same whether a matrix is multiplied with itself, turned, or with another of its numbers:
    for the first numpy asks BLAS for half of the result (syrk), which rounds otherwise."""
    return lambda a, b: product(a, apart(a, b))


def apart(a: Any, b: Any) -> Any:
    """b, or another array of its numbers where it is a, turned."""
    if a.shape[-2] == b.shape[-1] and a.strides[-2:] == b.strides[:-3:-1] and isinstance(a, numpy.ndarray):
        if address(a) == address(b):
            return b.copy(order="K")
    return b


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
        xp, turns = n.xp, (n.attrs["transpose_a"], n.attrs["transpose_b"])
        wide = xp.float32
        return lambda a, b: xp.matmul(*_turned(a.astype(wide, copy=False), b.astype(wide, copy=False), *turns))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        a, b = op.inputs
        turn_a, turn_b = op.attrs["transpose_a"], op.attrs["transpose_b"]
        grad_a = tf.matmul(grad, b, transpose_b=not turn_b) if not turn_a else tf.matmul(
            b, grad, transpose_a=turn_b, transpose_b=True)
        grad_b = tf.matmul(a, grad, transpose_a=not turn_a) if not turn_b else tf.matmul(
            grad, a, transpose_a=True, transpose_b=turn_a)
        return [tf.cast(grad_a, a.dtype), tf.cast(grad_b, b.dtype)]
