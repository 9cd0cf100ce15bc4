"""Lines and columns of crops, added up where they were read: many at a time, of which no two go to one place."""
from __future__ import annotations

from typing import Any

import numpy as np

from ._resampling import run


class Sums:
    """Of lines ``[many, k]`` that go to k places each: in which turns they are added, so that a place gets them line by
    line. there: which of them count. channels: elements to which a share belongs."""

    def __init__(self, places: Any, shares: Any, there: Any, channels: int) -> None:
        given = there.reshape(-1).nonzero()[0]
        flat = places.reshape(-1)[given]
        order = flat.argsort(kind="stable")
        flat = flat[order]
        new = np.empty(len(flat), bool)
        new[:1] = True
        np.not_equal(flat[1:], flat[:-1], out=new[1:])
        starts = new.nonzero()[0]
        self.found = flat[starts]
        # which of those of a place each is; then all first ones, all second ones, ...
        rank = np.arange(len(flat)) - starts[new.cumsum() - 1]
        turns = rank.argsort(kind="stable")
        ends = np.bincount(rank).cumsum().tolist()
        given, flat = given[order[turns]], flat[turns]
        lines, shares = given // places.shape[1], shares.reshape(-1)[given].repeat(channels)
        self.turns = [(lines[i:j], shares[i * channels:j * channels], flat[i:j]) for i, j in zip([0, *ends], ends)]

    def span(self) -> tuple[int, int]:
        """(first place, places): a run of them, where there is little between those that are found."""
        first, last = int(self.found[0]), int(self.found[-1]) + 1
        return first, last - first if last - first < 1.5 * len(self.found) + 8 else 0

    def columns(self, grads: Any) -> tuple[Any, Any]:
        """The sums ``[lines, places, channels]`` of grads ``[lines, columns, channels]``, and which places."""
        first, wide = self.span()
        room = None
        for columns, shares, to in self.turns:
            part = grads.take(columns, 1)
            part *= shares.reshape(-1, grads.shape[2])
            if room is None:
                if len(to) == wide or not wide:
                    room = part
                    continue
                room = np.zeros((len(grads), wide, grads.shape[2]), np.float32)
            room[:, run(to - first if wide else self.found.searchsorted(to))] += part
        return room, slice(first, first + wide) if wide else self.found

    def lines(self, total: Any, wide: Any, at: Any) -> None:
        """Adds ``wide`` of these lines to the lines of a total, at some of its columns."""
        for lines, shares, to in self.turns:
            part = wide.take(lines, 0)
            part *= shares[:, None, None]
            if isinstance(at, slice):
                total[run(to), at] += part
            else:
                total[to[:, None], at] += part
