"""The words that classes are drawn from, on TensorFlow's own streams.

Follows TensorFlow's simple_philox.cc: which words of the stream make a number, and which are drawn again, is part of
what a seed means.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ._philox import Philox

MASK32 = 0xFFFFFFFF
MASK64 = 0xFFFFFFFFFFFFFFFF
FIRST, AHEAD = 64, 16
"""Counters of which words are made at least, and steps for which they are made at once."""
_FIRST = np.arange(FIRST, dtype=np.uint64)


class Words:
    """The 32-bit words of a stream from a counter on, in order."""

    def __init__(self, philox: Philox, at: int, first: Any = None) -> None:
        self.philox = philox
        self.at = at if first is None else at + len(first) // 4
        self.left = np.empty(0, np.uint32) if first is None else first
        self.drawn: list[int] | None = None
        """The classes that the first words make, where these are known."""

    def take(self, count: int) -> Any:
        short = count - len(self.left)
        if short > 0:
            counters = max(-(-short // 4), FIRST)
            self.left = np.concatenate([self.left, self.philox.words(self.at, counters).reshape(-1)])
            self.at += counters
        out, self.left = self.left[:count], self.left[count:]
        return out

    def give_back(self, words: Any) -> None:
        """Words taken in vain are the next to be taken."""
        self.left = np.concatenate([words, self.left])

    def uniform(self, bound: int, count: int) -> Any:
        """Whole numbers below a 32-bit bound; a word that would favour small ones is passed over."""
        if bound & (bound - 1) == 0:
            return (self.take(count) & np.uint32(max(bound - 1, 0))).astype(np.int64)
        least = MASK32 % bound + 1
        out = np.empty(0, np.uint32)
        while len(out) < count:
            words = self.take(count - len(out))
            out = np.concatenate([out, words[words >= least]])
        return (out % np.uint32(bound)).astype(np.int64)

    def uniform64(self, bound: int, count: int) -> Any:
        """The same with 64-bit words."""
        least = np.uint64(0 if bound & (bound - 1) == 0 else MASK64 % bound + 1)
        out = np.empty(0, np.uint64)
        while len(out) < count:
            pairs = self.take(2 * (count - len(out))).astype(np.uint64).reshape(-1, 2)
            words = pairs[:, 0] | (pairs[:, 1] << np.uint64(32))
            out = np.concatenate([out, words[words >= least]])
        return (out % np.uint64(bound)).astype(np.int64)

    def classes(self, distribution: Any, count: int) -> list[int]:
        """So many classes of a distribution, as they are drawn."""
        drawn, self.drawn = self.drawn, None
        if drawn is None or len(drawn) != count:
            found: list[int] = distribution.draw(self, count).tolist()
            return found
        self.take(2 * count)
        return drawn


def doubles(words: Any) -> Any:
    """The doubles in [0, 1) of pairs of words along the last axis."""
    first, second = words[..., ::2].astype(np.uint64), words[..., 1::2]
    return (((first & np.uint64(0xFFFFF)) << np.uint64(32)) | second | np.uint64(1023 << 52)).view(np.float64) - 1.0


class Steps:
    """The words of one step after the other, each from its own counter on.

    The first words of AHEAD steps are made at once: a step needs few, and numpy's calls take longer than they. So are
    the first classes, ``count`` for each step, where ``made_of`` makes them of two words each.
    """

    def __init__(self, philox: Philox, reserved: int, count: int = 0, made_of: Any = None) -> None:
        self.philox = philox
        self.reserved = reserved
        self.count = count
        self.made_of = made_of if 2 * count <= 4 * FIRST else None
        self.made: dict[int, Any] = {}
        self.began = False

    def next(self) -> Words:
        at = self.philox.reserve(self.reserved)
        first, drawn = self.made.pop(at, (None, None))
        if first is None and self.began:
            counters = np.arange(AHEAD, dtype=np.uint64)[:, None] * np.uint64(self.reserved) + _FIRST
            words = self.philox.words_at(at, counters.reshape(-1)).reshape(AHEAD, -1)
            some = [None] * AHEAD if self.made_of is None else self.made_of(words[:, :2 * self.count]).tolist()
            self.made = {(at + i * self.reserved) % (1 << 128): (words[i], some[i]) for i in range(1, AHEAD)}
            first, drawn = words[0], some[0]
        self.began = True
        out = Words(self.philox, at, first)
        out.drawn = drawn
        return out
