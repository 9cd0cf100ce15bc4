"""Elementwise kernels of what no loop over blocks takes, complex numbers and bfloat16: some elements at a time, which
threads share. What a kernel makes on the way is then as large as a block; each element is computed as it would be."""
from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

from .kernel import in_turn
from .types import bfloat16

if TYPE_CHECKING:
    from .kernel import KernelContext

BLOCK = 12_000
"""Elements of a block, less than 256 kB of complex128: numpy writes products over larger factors that nobody holds, and
of complex numbers a * b is rounded otherwise than b * a."""
SHARED = 8
"""Blocks from which threads share them."""


def in_blocks(n: KernelContext, kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel in blocks, where it is numpy's and of such numbers."""
    import numpy

    kinds = [t.dtype.base_dtype for t in (*n.node.inputs, *n.node.outputs)]
    if n.xp is not numpy or len(n.node.outputs) != 1 or not any(k.kind == "c" or k is bfloat16 for k in kinds):
        return kernel
    dtype, single = n.dtype(), isinstance(kernel, numpy.ufunc)

    def run(*args: Any) -> Any:
        sizes = [a.size for a in args]
        if max(sizes) <= BLOCK and (min(sizes) == 1 or args[0].shape == args[-1].shape):
            return kernel(*args)
        shapes = [a.shape for a in args]
        try:
            whole = numpy.broadcast_shapes(*shapes)
        except ValueError:
            # the kernel tells what is wrong
            return kernel(*args)
        lead = whole
        if all([s == whole or prod(s) == 1 for s in shapes]) and all([a.flags.c_contiguous for a in args]):
            lead = (prod(whole),)
            args = tuple([a.reshape(-1 if a.shape == whole else ()) for a in args])
        if prod(lead) <= BLOCK:
            return kernel(*args).reshape(whole)
        many = max(1, BLOCK * lead[0] // prod(lead))
        cut = [a.ndim == len(lead) and len(a) > 1 for a in args]
        parts = -(-lead[0] // many)
        out: Any = None

        def some(i: int) -> list[Any]:
            return [a[i * many:(i + 1) * many] if c else a for a, c in zip(args, cut)]

        def body(i: int) -> None:
            if single:
                kernel(*some(i), out=out[i * many:(i + 1) * many])
            elif i:
                out[i * many:(i + 1) * many] = kernel(*some(i))

        if not single:
            first = kernel(*some(0))
            if any([numpy.may_share_memory(first, a) for a in args]):
                # it hands on what it was given
                return kernel(*args).reshape(whole)
        out = numpy.empty(lead, dtype)
        if not single:
            out[:many] = first
            del first
        (n.each if parts >= SHARED else in_turn)(parts, body)
        return out.reshape(whole)

    run.block = 0 if single else BLOCK  # type: ignore[attr-defined]
    return run


def room(kernel: Callable[..., Any], made: int, width: int, threads: int) -> int:
    """Bytes of what such a kernel makes beside a result of so many elements: a block of it for each thread."""
    block = getattr(kernel, "block", 0)
    return 0 if made <= block else block * width * (threads if made >= SHARED * block else 1)
