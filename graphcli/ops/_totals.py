"""The sum of all elements of a large array by a fixed tree: leaves of LEAF elements, then the leaves.

numpy halves an array until 128 elements are left, so that what it adds first depends on the size of what it
is given. With leaves of one size, a sum that is taken block by block, on any number of threads, has the bits of the
sum that is taken at once. The error bound is that of pairwise summation.
"""
from __future__ import annotations

from typing import Any

import numpy

LEAF = 16384


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


def summed(xp: Any, x: Any, axis: tuple[int, ...], keepdims: bool, dtype: Any) -> Any:
    """``xp.sum``, by the tree where ``by_leaves`` says so."""
    if by_leaves(xp, x, axis):
        parts = numpy.empty(count(x.size), x.dtype if dtype is None else dtype)
        leaves(numpy, x.reshape(-1), parts)
        whole = numpy.add.reduce(parts)
        return whole.reshape((1,) * x.ndim) if keepdims else whole
    return xp.sum(x, axis=axis, keepdims=keepdims, dtype=dtype)
