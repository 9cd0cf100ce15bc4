"""Classes drawn by the logits of rows: where numbers fall into the running total of their shares."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from . import _philox as philox

LARGE = 1 << 21
"""Classes of a row whose running total is not kept, but made again where a number falls into it, ..."""
FEW = 8
"""... and of all rows where so many times the numbers are fewer than the blocks."""
BLOCK, PIECE = 1 << 10, 1 << 13
"""Classes of which it is kept where their shares end, and that are made at a time."""


def drawn_scratch(n: Any) -> int:
    """The numbers for some rows, and the running total of a row."""
    rows, classes = n.shapes[0]
    samples = n.made() // max(1, rows)
    some = min(n.made(), max(2 * samples, philox.PART)) if samples < philox.PART else philox.PART
    held = 18 * PIECE + classes // 128 if _is_long(classes, samples) else 8 * classes + 26 * min(classes, philox.PART)
    return int(56 * some + held)


def drawn_classes(rng: Any, reserve: Any, logits: Any, num_samples: Any, dtype: Any) -> Any:
    """Classes [rows, num_samples] by logits [rows, classes]; ``reserve(samples)`` gives the counter to begin at.

    Raises RunError for a negative number of samples, or where there are no classes.
    """
    rows, classes = logits.shape
    samples = int(num_samples)
    if samples < 0:
        raise RunError(f"num_samples must not be negative: {samples}")
    if rows and samples and not classes:
        raise RunError("logits have no classes to draw from")
    # TensorFlow reserves for whole samples of four, and twice as many for doubles
    at = reserve(rows * ((samples + 3) // 4 * 4 * 2) * philox.RESERVED)
    out = np.empty((rows, samples), dtype)
    # two numbers to a counter: an even number of rows begins at one of its own
    many = max(2, philox.PART // max(1, samples) // 2 * 2)
    long = _is_long(classes, samples)
    room = np.empty(classes if classes > philox.PART and not long else 0)
    for r in range(rows):
        row = _LongRow(logits[r]) if long else None
        ends: Any = None if long else _ends(logits[r], room)
        if samples >= philox.PART:
            for first in range(0, samples, philox.PART):
                some = min(philox.PART, samples - first)
                odd = (r * samples + first) % 2
                place = at + (r * samples + first) // 2
                unit = philox.uniform(rng, place, some + odd, np.dtype(np.float64))[odd:]
                out[r, first:first + some] = np.searchsorted(ends, unit * ends[-1], side="right")
            continue
        if r % many == 0:
            some = min(many, rows - r)
            unit = philox.uniform(rng, at + r * samples // 2, some * samples, np.dtype(np.float64)).reshape(some, -1)
        out[r] = row.drawn(unit[r % many]) if row is not None else np.searchsorted(
            ends, unit[r % many] * ends[-1], side="right")
    return out


def _is_long(classes: int, samples: int) -> bool:
    return classes > LARGE and samples < philox.PART or classes > PIECE and samples * BLOCK * FEW <= classes


class _LongRow:
    """Where the shares of a row of many classes end, some at a time, with the bits of ``_ends``."""

    def __init__(self, logits: Any) -> None:
        self.logits = logits
        self.top = max(_greatest(logits[i:i + PIECE]) for i in range(0, len(logits), PIECE))
        self.ends = np.empty(-(-len(logits) // BLOCK))
        total = 0.0
        for i in range(0, len(logits), PIECE):
            part = self._part(i, i + PIECE, total)
            total = part[-1]
            self.ends[i // BLOCK:(i + len(part)) // BLOCK] = part[BLOCK - 1::BLOCK]
        self.ends[-1] = total

    def _part(self, start: int, stop: int, total: float) -> Any:
        part = self.logits[start:stop].astype(np.float64)
        _running(part, self.top, total)
        return part

    def drawn(self, unit: Any) -> Any:
        """The classes of numbers between 0 and 1."""
        wanted = unit * self.ends[-1]
        where = np.searchsorted(self.ends, wanted, side="right")
        # a piece for the numbers in it, or a block where they are few
        each = 1 if len(unit) * FEW <= len(self.ends) else PIECE // BLOCK
        out = np.full(len(unit), len(self.logits))
        order = np.argsort(where)
        found, first = np.unique(where[order] // each, return_index=True)
        for k, here in zip((found * each).tolist(), np.split(order, first[1:])):
            if k < len(self.ends):
                start = k * BLOCK
                ends = self._part(start, start + each * BLOCK, self.ends[k - 1] if k else 0.0)
                # what lies at the end of all is of no class
                here = here[where[here] < len(self.ends)]
                out[here] = start + np.searchsorted(ends, wanted[here], side="right")
        return out


def _greatest(part: Any) -> float:
    """The greatest of logits that are numbers."""
    most = part.max()
    if not np.isfinite(most):
        wide = part.astype(np.float64)
        most = wide.max(initial=np.finfo(np.float64).min, where=np.isfinite(wide))
    return float(most)


def _running(part: Any, top: float, total: float) -> None:
    """Makes the running total of shares of logits, where they are."""
    none = ~np.isfinite(part)
    np.exp(np.subtract(part, top, out=part), out=part)
    part[none] = 0.0
    part[0] += total
    np.cumsum(part, out=part)


def _ends(logits: Any, room: Any) -> Any:
    """Where the share of each class ends, of one row, in double precision; written to room where there are many."""
    if len(logits) <= philox.PART:
        wide = np.asarray(logits, np.float64)
        finite = np.isfinite(wide)
        top = wide[finite].max() if finite.any() else np.finfo(np.float64).min
        return np.cumsum(np.where(finite, np.exp(wide - top), 0.0))
    np.copyto(room, logits)
    parts = [room[i:i + philox.PART] for i in range(0, len(room), philox.PART)]
    top = max(float(part.max(initial=np.finfo(np.float64).min, where=np.isfinite(part))) for part in parts)
    total = 0.0
    for part in parts:
        _running(part, top, total)
        total = part[-1]
    return room
