"""How arrays lie in memory changes no bit: where numpy or BLAS rounds otherwise for it, kernels see and give rows.

An elementwise function of a transposed view is laid out like the view, and like its rows where a loop over blocks
computes it; BLAS has other functions for small matrices whose columns are in one piece. Of half precision numpy rounds
otherwise what is not in one piece.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .types import float16

if TYPE_CHECKING:
    from .kernel import KernelContext


def in_rows(n: KernelContext, kernel: Callable[..., Any], blas: bool, one_piece: bool, pair: bool, alike_from: int
            ) -> Callable[..., Any]:
    """A kernel of numpy's arrays for which it does not matter how they lie. blas: whether it calls BLAS. one_piece:
    whether it sums in an order that follows the layout. pair: whether it takes two arrays. alike_from: see ``alike``.
    """
    import numpy

    if n.xp is not numpy:
        # another module, or what stands for numpy while a kernel is traced: its arrays have no layout
        return kernel
    if blas or one_piece:
        lay = piece if one_piece else rows
        kernel = _of_two(kernel, lay, alike_from) if pair else _of_any(kernel, lay)
    return _dense(kernel) if any(t.dtype is float16 for t in n.node.outputs) else kernel


def rows(x: Any) -> Any:
    """x, or a copy where the numbers of a row are not side by side."""
    if not hasattr(type(x), "strides") or x.ndim < 2 or x.strides[-1] == x.itemsize or x.shape[-1] == 1:
        return x
    return x.copy()


def piece(x: Any) -> Any:
    """x, or a copy where it is not in one piece."""
    return x if not hasattr(type(x), "flags") or x.flags.c_contiguous else x.copy()


def alike(a: Sequence[Any], b: Sequence[Any], alike_from: int) -> bool:
    """Whether the product of two matrices of these shapes has the same bits however they lie: BLAS copies them into its
    buffers first. alike_from: multiplications from which it does; 0: the op is no such product."""
    return (alike_from > 0 and len(a) == len(b) == 2 and min(*a, *b) > 1
            and bool(a[0] * a[1] * b[0] * b[1] >= alike_from * max(a)))


def _of_two(kernel: Callable[..., Any], lay: Callable[[Any], Any], alike_from: int) -> Callable[..., Any]:
    def run(a: Any, b: Any) -> Any:
        if a.flags.c_contiguous and b.flags.c_contiguous or alike(a.shape, b.shape, alike_from):
            return kernel(a, b)
        return kernel(lay(a), lay(b))

    return run


def _of_any(kernel: Callable[..., Any], lay: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *args: kernel(*[[lay(x) for x in a] if type(a) is list else lay(a) for a in args])


def _dense(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel whose results lie in one piece."""
    def run(*args: Any) -> Any:
        result = kernel(*args)
        return type(result)([piece(r) for r in result]) if type(result) in (list, tuple) else piece(result)

    return run
