"""What was mirrored, folded back: each element takes those that were made of it, axis after axis.

A block of the result is made at a time, from the part of the input that lies behind it and those that mirror it, so
that no axis is folded as a whole.
"""
from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

PART = 1 << 17
"""Elements that are folded at a time."""

Pairs = list[tuple[int, int]]
Sources = list[tuple[slice, slice]]


def cut(out: tuple[int, ...]) -> tuple[int, int]:
    """Along which axis blocks are cut, with the axes before it taken one by one, and how much of it is a block."""
    axis = next((i for i in range(len(out) - 1) if prod(out[i + 1:]) <= PART), len(out) - 1)
    return axis, min(out[axis], max(1, PART // max(1, prod(out[axis + 1:]))))


def mirrored(xp: Any, x: Any, pairs: Pairs, skip: int) -> Any:
    """x with its paddings, in one piece."""
    out = xp.empty(tuple(s + b + a for s, (b, a) in zip(x.shape, pairs)), x.dtype)
    out[tuple(slice(b, b + s) for s, (b, _) in zip(x.shape, pairs))] = x
    for axis, (size, (before, after)) in enumerate(zip(x.shape, pairs)):
        lines, end = xp.moveaxis(out, axis, 0), before + size
        lines[:before] = lines[before + skip:2 * before + skip][::-1]
        lines[end:] = lines[end - skip - after:end - skip][::-1]
    return out


def sources(low: int, high: int, size: int, before: int, after: int, skip: int) -> Sources:
    """Which parts of a padded axis come together in a part of it without the padding: (there, here)."""
    found = [(slice(before + low, before + high), slice(0, high - low))]
    for first, many, last in ((skip, before, before - 1), (size - after - skip, after, before + size + after - 1)):
        start, stop = max(low, first), min(high, first + many)
        if start < stop:
            # backwards from the one that mirrors the first
            at = last - (start - first)
            end = at - (stop - start)
            found.append((slice(at, end if end >= 0 else None, -1), slice(start - low, stop - low)))
    return found


def _put(xp: Any, x: Any, ahead: list[Sources], at: tuple[slice, ...], into: Any) -> None:
    """Into ``into``: the sum of what comes together along the axes ``ahead``. at: which part of those behind them."""
    if not ahead:
        into[...] = x[at]
        return
    *others, ((inner, _), *more) = ahead
    _put(xp, x, others, (inner, *at), into)
    for there, here in more:
        target = into[(*(slice(None) for _ in others), here)]
        if all(len(o) == 1 for o in others):
            target += x[(*(o[0][0] for o in others), there, *at)]
        else:
            part = xp.empty(target.shape, x.dtype)
            _put(xp, x, others, (there, *at), part)
            target += part


def folded(n: Any, x: Any, pairs: Pairs, skip: int) -> Any:
    """x without its paddings, each element with what mirrors it. skip: 1 where the border is not mirrored."""
    xp = n.xp
    out = tuple(s - b - a for s, (b, a) in zip(x.shape, pairs))
    result = xp.empty(out, x.dtype)
    if not out or not result.size:
        result[...] = x[()] if not out else 0
        return result
    axis, many = cut(out)
    places = list(product(*map(range, out[:axis]), range(0, out[axis], many)))

    def block(number: int) -> None:
        low = (*places[number], *(0 for _ in out[axis + 1:]))
        high = (*(i + 1 for i in low[:axis]), min(out[axis], low[axis] + many), *out[axis + 1:])
        ahead = [sources(i, j, size, b, a, skip) for i, j, size, (b, a) in zip(low, high, out, pairs)]
        _put(xp, x, ahead, (), result[tuple(map(slice, low, high))])

    n.each(len(places), block)
    return result


def taken(n: Any) -> int:
    """Bytes of what is folded along other axes before it is added, of a block for each thread."""
    before, out = n.shapes[0], n.outs[0]
    folds = [(b - a) / max(1, a) for b, a in zip(before, out)]
    if sum(f > 0 for f in folds) < 2:
        return 0
    axis, many = cut(out)
    share = min(1.0, max(folds[1:]))
    blocks = prod(out[:axis]) * -(-out[axis] // max(1, many))
    return int(min(n.threads, max(1, blocks)) * many * prod(out[axis + 1:]) * share * n.width())
