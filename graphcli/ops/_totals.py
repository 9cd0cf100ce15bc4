"""Sums of rows as products with ones, and the sum of all elements of a large array by a fixed tree.

BLAS sums a row in some 64 parts at once, as exactly as numpy does in pairs and in a third of the time.

The tree has leaves of LEAF elements, which are summed, and then the sums.

numpy halves an array until 128 elements are left, so that what it adds first depends on the size of what it
is given. With leaves of one size, a sum that is taken block by block, on any number of threads, has the bits of the
sum that is taken at once. The error bound is that of pairwise summation.
"""
from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy

LEAF = 16384
LONGEST = 8192
"""Elements of a row that BLAS sums: of more than 10,000 it would ask other threads for help."""


def leaves(xp: Any, x: Any, into: Any, start: int = 0) -> None:
    """Sums the leaves of a vector into ``into``. start: where in the whole array it begins, at a leaf."""
    whole = x.size // LEAF
    at = start // LEAF
    if whole:
        xp.add.reduce(x[:whole * LEAF].reshape(whole, LEAF), 1, into.dtype, into[at:at + whole])
    if x.size > whole * LEAF:
        into[at + whole] = xp.add.reduce(x[whole * LEAF:], 0, into.dtype)


def count(size: int) -> int:
    """How many leaves an array of ``size`` elements has."""
    return -(-size // LEAF)


def by_leaves(xp: Any, x: Any, axis: tuple[int, ...]) -> bool:
    """Whether a sum is taken by the tree: of all elements of a large contiguous array of numpy's."""
    return xp is numpy and len(axis) == x.ndim and x.size > LEAF and x.dtype.kind in "fc" and x.flags.c_contiguous


def by_rows(xp: Any, x: Any, axis: tuple[int, ...], dtype: Any) -> bool:
    """Whether a sum is a product with ones: along the last axis of a matrix or more, of single or double precision."""
    return (len(axis) == 1 and axis[0] == x.ndim - 1 > 0 and 1 < x.shape[-1] <= LONGEST and x.dtype.char in "fd"
            and (dtype is None or dtype == x.dtype) and xp.__name__ == "numpy" and hasattr(numpy, "vecdot"))


@lru_cache(64)
def ones(size: int, char: str) -> Any:
    return numpy.ones(size, char)


def rows(xp: Any, x: Any, keepdims: bool) -> Any:
    """The sums of rows."""
    if isinstance(x, numpy.ndarray):
        x = numpy.ascontiguousarray(x)
    return xp.vecdot(x, ones(x.shape[-1], x.dtype.char), keepdims=keepdims)


def in_order(x: Any) -> Any:
    """x with its last axis innermost: what numpy adds first follows from how an array lies in memory, and what passes
    make lies otherwise than a transposed view."""
    if isinstance(x, numpy.ndarray) and x.dtype.kind in "fc" and not x.flags.c_contiguous:
        return numpy.ascontiguousarray(x)
    return x


def row_sums(xp: Any, x: Any) -> Any:
    """``xp.sum`` along the last axis, which is kept."""
    return summed(xp, x, (x.ndim - 1,), True, None)


def summed(xp: Any, x: Any, axis: tuple[int, ...], keepdims: bool, dtype: Any) -> Any:
    """``xp.sum``; by rows or by the tree where ``by_rows`` or ``by_leaves`` says so."""
    x = in_order(x)
    if by_rows(xp, x, axis, dtype):
        return rows(xp, x, keepdims)
    if by_leaves(xp, x, axis):
        parts = numpy.empty(count(x.size), x.dtype if dtype is None else dtype)
        leaves(numpy, x.reshape(-1), parts)
        whole = numpy.add.reduce(parts)
        return whole.reshape((1,) * x.ndim) if keepdims else whole
    return xp.sum(x, axis=axis, keepdims=keepdims, dtype=dtype)
