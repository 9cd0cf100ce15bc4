"""What pools take beside their results, from shapes: a tap of some images, their border, and blocks of outputs."""
from __future__ import annotations

from math import prod
from typing import Any

from ..graph.types import float32, float64
from . import _pooling as pool
from . import _pooling_runs as runs
from ._windows import last, layout


def max_scratch(n: Any) -> int:
    """What one size after the other leaves, where channels are few, and what a block of the output is made in."""
    where = layout(n)
    x, out = last(where, n.shapes[0]), last(where, n.outs[0])
    if len(x) < 4:
        return 0
    if _side_by_side(n):
        return _tap_scratch(n)
    part, made = pool.portion(n.threads, x, out[1]), prod(out)
    steps = [x[0] * prod(out[1:i + 1]) * prod(x[i + 1:]) for i in range(1, len(x) - 2)] if x[-1] < pool.FEW else [0]
    return int(n.width() * part * max(a + b for a, b in zip(steps, (*steps[1:], made if part < 1 else 0))))


def _side_by_side(n: Any) -> bool:
    """Whether the taps of windows are laid out side by side (``_pooling_runs``)."""
    where, ksize = layout(n), n.attrs["ksize"]
    return (n.node.outputs[0].dtype.base_dtype in (float32, float64) and not where.first and n.by_rows(0)
            and ksize[0] == ksize[where.channel] == 1)


def _border(n: Any, x: Any) -> int:
    """Elements of an input with its border, 0 where windows need none."""
    sizes = _taps(n, x).padded
    return 0 if sizes is None else int(x[0] * prod(sizes) * x[-1])


def _taps(n: Any, x: Any) -> runs.Taps:
    window, steps, out, pads = pool.windows(n)(x[1:-1])
    return runs.taps_of(tuple(x[1:-1]), window, steps, out, pads)


def _tap_scratch(n: Any) -> int:
    """A tap, or what one size after the other leaves of some lines, and the border, of a group of images; of blocks,
    the block of the output too."""
    x, made = n.shapes[0], n.made()
    part = pool.portion(n.threads, x, n.outs[0][1])
    some, blocks = (part, 1) if part < 1 else (runs.images(x) / max(1, x[0]), 0)
    tap = some * made
    if prod(x) and _taps(n, x).one_by_one:
        tap = min(tap, runs.PART * (n.threads if part < 1 else 1))
    return int(n.width() * (tap + some * (made * blocks + _border(n, x))))


def mean_scratch(n: Any) -> int:
    """What a block of the output is made in, of half precision in single precision."""
    if _side_by_side(n):
        return _tap_scratch(n)
    where = layout(n)
    x, out = last(where, n.shapes[0]), last(where, n.outs[0])
    part = pool.portion(n.threads, x, out[1]) if len(x) > 3 else 1.0
    half = n.width() if n.wide() > n.width() else 0
    # where channels come first the whole is turned, once it is made
    whole = max(2 * half, n.width() * where.first)
    return int(part * n.made() * (n.wide() + half if part < 1 else whole))


def _part(n: Any, x: Any) -> float:
    """The part of an input that the gradient for it holds at once."""
    where = layout(n)
    x, taps, stride = last(where, x), where.sizes(n.attrs["ksize"])[0], where.sizes(n.attrs["strides"])[0]
    return pool.portion(n.threads, x, x[1], 2 * max(0, taps - stride))


def max_grad_scratch(n: Any) -> int:
    """What is still free, what is hit, and the gradient where it is; of blocks, with those."""
    part = _part(n, n.shapes[0])
    if _side_by_side(n) and layout(n).rank == 4:
        x = n.shapes[0]
        some, blocks = (part, n.out_bytes()) if part < 1 else (runs.images(x) / max(1, x[0]), 0)
        return int(some * (n.size(1) * (2 + n.width()) + 2 * n.width() * _border(n, x) + blocks))
    return int(part * (n.size(1) * (3 + n.width(2)) + (n.out_bytes() if part < 1 else 0)))


def max_grad_grad_scratch(n: Any) -> int:
    where = layout(n)
    return int(max(2 * n.size(1), where.back_scratch(last(where, n.outs[0]), n.out_width())))


def mean_grad_scratch(n: Any) -> int:
    """The shares of the windows that meet a block, added up along one size after the other, and the block of half
    precision."""
    where = layout(n)
    x, g = last(where, n.outs[0]), last(where, n.shapes[1])
    window, strides = where.sizes(n.attrs["ksize"]), where.sizes(n.attrs["strides"])
    if _side_by_side(n) and prod(x) <= runs.GROUP:
        return int(n.width(1) * (prod(g) + _border(n, x)))
    images, lines = pool.cut(x, x[1])
    blocks = -(-x[0] // max(1, images)) * -(-x[1] // max(1, lines))
    shares = min(g[1], (min(lines, x[1]) + window[0] - 2) // strides[0] + 1) * prod(g[2:])
    taken = shares
    for size in range(len(x) - 2, 1, -1):
        added = shares // max(1, g[size]) * x[size]
        if not window[size - 1] == strides[size - 1] == 1:
            taken = max(taken, shares + added)
        shares = added
    taken += prod(x[2:]) * min(lines, x[1]) if n.width(1) == 2 else 0
    return int(min(n.threads, blocks) * min(images, x[0]) * taken * n.wide(1))
