"""Elements that change places one after the other, as in a shuffle: of some steps those that no other meets at once."""
from __future__ import annotations

from typing import Any

import numpy as np

SHARE = 32
"""Of so many elements that are left one changes place at a time, so that few meet."""
SOME = 1 << 15
"""Rows that are taken at a time."""
FEW = 1 << 8
"""Steps that Python takes as soon."""
_KEYS = 1 << 16


def exchange(order: Any, first: int, steps: Any) -> None:
    """Lets the elements from ``first`` on change places, in turn, with those that are so many further.

    steps: 65,536 at most.
    """
    at, last = 0, len(steps)
    while at < last:
        some = min(last - at, (len(order) - first - at) // SHARE)
        if some < FEW:
            some = min(last - at, FEW)
            _in_turn(order, np.arange(first + at, first + at + some), steps[at:at + some])
        else:
            _at_once(order, first + at, steps[at:at + some])
        at += some


def exchange_scratch(rows: int, steps: int) -> int:
    """Bytes that so many steps take, of that many elements."""
    some = min(steps, rows // SHARE)
    return 0 if some < FEW else 2 * _KEYS + 35 * some


def order_within(out: Any) -> Any:
    """The numbers of its rows, of more than four bytes each, at the end of its memory."""
    end = out.nbytes // 4
    order = out.reshape(-1).view(np.uint8)[:4 * end].view(np.uint32)[end - len(out):]
    for i in range(0, len(order), SOME):
        order[i:i + SOME] = np.arange(i, min(i + SOME, len(order)), dtype=np.uint32)
    return order


def take_within(value: Any, order: Any, out: Any) -> None:
    """Rows by such numbers, which are read before what is made reaches them."""
    last = len(out)
    i = 0
    while i < last:
        # where memory ends within a number, the last rows reach it sooner
        stop = last if last - i < SOME + 4 else i + SOME
        np.take(value, order[i:stop].copy(), 0, out[i:stop], "clip")
        i = stop


def _in_turn(order: Any, here: Any, steps: Any) -> None:
    items = memoryview(order)
    for i, step in zip(here.tolist(), steps.tolist()):
        j = i + step
        items[i], items[j] = items[j], items[i]


def _at_once(order: Any, first: int, steps: Any) -> None:
    here = np.arange(first, first + len(steps))
    there = here + steps
    meets = there < first + len(steps)
    meets[there[meets] - first] = True
    meets[_twice(there)] = True
    met = np.flatnonzero(meets)
    there[met] = here[met]
    mine = order[first:first + len(steps)]
    kept = mine.copy()
    mine[...] = order[there]
    order[there] = kept
    _in_turn(order, here[met], steps[met])


def _twice(values: Any) -> Any:
    """Where the values are that are there more than once; a table of their lower bits tells which may be."""
    keys, numbers = values & (_KEYS - 1), np.arange(len(values), dtype=np.uint16)
    last = np.empty(_KEYS, np.uint16)
    last[keys] = numbers
    found = last[keys]
    shared = found != numbers
    shared[found[shared]] = True
    which = np.flatnonzero(shared)
    which = which[np.argsort(values[which])]
    same = np.flatnonzero(np.diff(values[which]) == 0)
    return np.concatenate([which[same], which[same + 1]])
