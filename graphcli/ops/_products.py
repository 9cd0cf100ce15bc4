"""The product of two matrices, in blocks that threads share, and of two that are one."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy

from ..graph.blas import LARGE, SHARED, adder, address
from ._unpacked import in_tiles

PART = 1 << 22
"""Multiplications of one block of a large product."""
LEAST = 2 * PART
"""Multiplications from which a product has blocks."""
PARTS, MANY = 4, 1 << 24
"""Into how many blocks a product is cut at most, and from how many multiplications on."""
LONG, EVEN = 256, 32
"""Sums longer than LONG that are no multiple of EVEN are cut, the rest added last: OpenBLAS sums what one thread
and what several threads take in the same panels then (level3.c and level3_thread.c halve a long rest differently)."""
OWN = 1 << 19
"""Bytes of what is copied where a matrix is multiplied with itself."""
WIDE = 1 << 15
"""Elements of a product from which BLAS adds the rest quicker than a product of its own and a sum; of the same bits."""


def adder_of(kind: Any) -> Any:
    """See ``adder``; None of other numbers too."""
    return adder(kind) if kind.char in "fd" else None


def even_of(xp: Any, matmul: Any, dtype: Any) -> Any:
    """The product of two matrices, with bits that do not depend on the number of BLAS's threads if it can be had."""
    add = adder_of(dtype) if xp.__name__ == "numpy" else None

    def even(a: Any, b: Any, out: Any = None) -> Any:
        inner = a.shape[1]
        rest = inner % EVEN
        if inner <= LONG or not rest:
            return matmul(a, b, out=out)
        out = matmul(a[:, :-rest], b[:-rest], out=out)
        if add is not None and out.size >= WIDE and min(out.shape) > 1 and out.flags.aligned and (
                out.strides[1] == out.itemsize):
            add(out, a[:, -rest:], b[-rest:], 1.0)
        else:
            out += matmul(a[:, -rest:], b[-rest:])
        return out

    return even


def divided(n: Any, matmul: Any, lone: Any = None, least: int = LEAST) -> Any:
    """The product of two matrices, a large one in blocks of rows or columns. The blocks follow from the shapes.
    matmul: what multiplies two. lone: what does so on one thread; in tiles, by default. least: multiplications from
    which a product has blocks."""
    xp, each, dtype = n.xp, n.each, numpy.dtype(n.dtype())
    whole = even_of(xp, matmul, dtype)
    matmul = lone or (in_tiles(matmul) if xp is numpy and dtype.char == "f" else matmul)
    even = even_of(xp, matmul, dtype)

    def product(a: Any, b: Any) -> Any:
        rows, columns = a.shape[0], b.shape[1]
        work = rows * columns * a.shape[1]
        if work < least:
            return matmul(a, b) if work < SHARED else even(a, b)
        parts, piece = 2 if work < MANY else PARTS, even if work < LARGE else matmul
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

    return n.shared(product, whole)


def product_of_two(a: Any, b: Any, out: Any = None) -> Any:
    """The products of numpy's matrices, the same whether a matrix is multiplied with itself, turned, or with another of
    its numbers: for the first numpy asks BLAS for half of the result (syrk), which rounds otherwise."""
    if a.shape[-2] != b.shape[-1] or a.strides[-2:] != b.strides[:-3:-1] or not (
            isinstance(a, numpy.ndarray) and address(a) == address(b)):
        return numpy.matmul(a, b, out=out)
    many, add = len(b), adder_of(b.dtype) if b.ndim == 2 else None
    if b.nbytes <= OWN or b.ndim == 2 and add is None or a.shape[:-2] != b.shape[:-2]:
        return numpy.matmul(a, b.copy(order="K"), out=out)
    if out is None:
        out = numpy.empty((*a.shape[:-1], b.shape[-1]), b.dtype)
    if add is not None:
        out[...] = 0
        add(out if out.strides[1] == out.itemsize else out.T, a, b, 1.0)
        return out
    step = OWN * many // b.nbytes
    for i in range(0, many, max(1, step)):
        some = slice(i, i + step) if step else i
        product_of_two(a[some], b[some], out[some])
    return out


def own_scratch(n: Any) -> int:
    """The other array of a matrix that is multiplied with itself, turned; see ``product_of_two``."""
    turned = sum(bool(n.attrs.get(key)) for key in ("transpose_a", "transpose_b", "adj_x", "adj_y"))
    made = [t.op for t in n.node.inputs if t.op.type == "Transpose"]
    a, b = n.memory or [t.op.inputs[0] if t.op.type == "Transpose" else t for t in n.node.inputs]
    if a != b or not (turned + len(made)) % 2:
        return 0
    one = prod(n.shapes[0][-2:]) * n.width()
    kind = numpy.dtype(n.node.inputs[0].dtype.base_dtype.as_numpy_dtype)
    if one > OWN and adder_of(kind):
        return 0
    return int(min(n.bytes(), max(one, OWN)))
