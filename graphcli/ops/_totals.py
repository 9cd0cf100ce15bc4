"""The sum of all elements of a large array by a fixed tree: leaves of LEAF elements, then the leaves.

numpy halves an array until 128 elements are left, so that what it adds first depends on the size of what it
is given. With leaves of one size, a sum that is taken block by block, on any number of threads, has the bits of the
sum that is taken at once. The error bound is that of pairwise summation.
"""
from __future__ import annotations

from typing import Any

LEAF = 8192


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


def total(xp: Any, x: Any, dtype: Any) -> Any:
    """The sum of all elements of a contiguous array."""
    parts = xp.empty(count(x.size), dtype)
    leaves(xp, x.reshape(-1), parts)
    return xp.add.reduce(parts)
