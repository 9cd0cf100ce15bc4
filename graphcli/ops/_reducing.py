"""How a reduction over axes runs: what sums are kept in, and some rows or columns at a time where that takes less."""
from __future__ import annotations

from math import prod
from typing import Any

from ._axes import axes_of

KEEP = "keep_dims: bool = False; "
HALVES = ("float16", "bfloat16")
BLOCK = 1 << 16
"""Halves that are reduced at a time."""
INDEX = "; Tidx: {int32, int64} = int32"
PART = 1 << 18
"""Elements that are squared at once, and looked through along an axis that is not the last: numpy copies them."""


def reducing(n: Any, function: Any, **options: Any) -> Any:
    """A kernel that hands numpy the axes of input 1."""
    keep, xp = n.attrs["keep_dims"], n.xp

    def kernel(x: Any, axes: Any) -> Any:
        x = xp.asarray(x)
        return function(x, axis=axes_of(x, axes), keepdims=keep, **options)

    return kernel


def accumulator(n: Any) -> Any:
    """What sums are kept in: of halves in single precision, for one half after the other would lose digits."""
    return n.xp.float32 if n.out().name in HALVES else n.dtype()


def single(n: Any, function: Any) -> Any:
    """The kernel, its result rounded where it is of halves."""
    if n.out().name not in HALVES:
        return some_rows(n, function, whole=True)
    dtype = n.dtype()
    return some_rows(n, lambda x, axes: function(x, axes).astype(dtype))


def some_rows(n: Any, function: Any, whole: bool = False) -> Any:
    """The kernel for some rows at a time, if the first axis is kept, or of halves for some columns, if the last one is:
    what halves are added up in is twice as wide, and what does not lie in one piece is copied. whole: what does is
    reduced at once."""
    import numpy

    def rows_of(x: Any, axes: Any) -> Any:
        x = n.xp.asarray(x)
        if n.xp is not numpy or x.ndim < 2 or x.size <= BLOCK or whole and x.flags.c_contiguous:
            return function(x, axes)
        gone = axes_of(x, axes)
        if 0 in gone:
            left = x.size // prod([x.shape[i] for i in gone])
            return function(x, axes) if whole or x.ndim - 1 in gone or left <= BLOCK else columns_of(x, axes)
        many = -(-BLOCK * len(x) // x.size)
        first = function(x[:many], axes)
        out = numpy.empty((len(x), *first.shape[1:]), first.dtype)
        out[:many] = first

        def some(i: int) -> None:
            out[(i + 1) * many:(i + 2) * many] = function(x[(i + 1) * many:(i + 2) * many], axes)

        n.each(-(-len(x) // many) - 1, some)
        return out

    def columns_of(x: Any, axes: Any) -> Any:
        many = -(-BLOCK * x.shape[-1] // x.size)
        first = function(x[..., :many], axes)
        out = numpy.empty((*first.shape[:-1], x.shape[-1]), first.dtype)
        out[..., :many] = first

        def some(i: int) -> None:
            part = slice((i + 1) * many, (i + 2) * many)
            out[..., part] = function(x[..., part], axes)

        n.each(-(-x.shape[-1] // many) - 1, some)
        return out

    return rows_of


def wide(n: Any) -> int:
    """Bytes of sums of halves in single precision, where they are not of some rows or columns at a time."""
    if n.node.outputs[0].dtype.base_dtype.name not in HALVES:
        return 0
    kept = (n.shapes[0][:1] == n.outs[0][:1] and n.size() > BLOCK
            or n.shapes[0][-1:] == n.outs[0][-1:] and n.made() > BLOCK)
    return int(min(4 * n.made(), 8 * BLOCK * n.threads) if kept else 4 * n.made())
