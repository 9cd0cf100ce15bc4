"""Which rows make which batch. The order of an epoch follows from the seed and its number alone.

So a run that goes on at some step needs no more than that number to see the batches that it would have seen.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..ops._philox import Philox

STRETCH = 100
"""Steps of an interval where none is given and an epoch is longer, or a single step."""


class Batches:
    """The batches of steps 0, 1, 2, …, epoch after epoch.

    rows: how many there are; size: of a batch. shuffle: in another order each epoch, which the seed decides.
    drop_last: leave out the rows that make no whole batch. Raises InvalidValue where there would be no batch.
    """

    def __init__(self, rows: int, size: int, shuffle: bool = False, seed: int = 0, drop_last: bool = False) -> None:
        if size < 1:
            raise InvalidValue(f"a batch has at least 1 row, not {size}")
        if not rows or drop_last and rows < size:
            raise InvalidValue(f"{rows} rows make no batch" + (f" of {size}" if rows else ""))
        self.rows, self.size, self.shuffle, self.seed, self.drop_last = rows, size, shuffle, seed, drop_last
        self.per_epoch = rows // size if drop_last else -(-rows // size)
        self.stretch = self.per_epoch if self.per_epoch > 1 else STRETCH
        """After how many steps a run is evaluated and saved where nothing else is said: an epoch, if it has several."""
        self._epoch = -1
        self._order: Any = None

    def at(self, step: int) -> Any:
        """The rows of a step: a slice, or an array of row numbers if they are shuffled."""
        epoch, batch = divmod(step, self.per_epoch)
        start = batch * self.size
        part = slice(start, min(start + self.size, self.rows))
        if not self.shuffle:
            return part
        if epoch != self._epoch:
            self._epoch, self._order = epoch, order(self.rows, self.seed, epoch)
        return self._order[part]

    def epoch(self, step: int) -> int:
        """The epoch, from 0, in which a step lies."""
        return step // self.per_epoch


class Unfed(Batches):
    """No rows: a step finds all that it needs in the graph. What is done each epoch is done each ``STRETCH`` steps."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(STRETCH, 1, seed=seed)
        self.rows = self.size = 0

    def at(self, step: int) -> Any:
        return slice(0, 0)


def order(rows: int, seed: int, epoch: int) -> Any:
    """A permutation of 0 … rows - 1: the rows by random numbers of 64 bits, of a stream of this epoch."""
    stream = Philox(seed, epoch)
    words = stream.words(stream.counter, -(-rows // 2)).astype(np.uint64)
    keys = (words[:, 0::2] << np.uint64(32) | words[:, 1::2]).reshape(-1)[:rows]
    return np.argsort(keys, kind="stable")
