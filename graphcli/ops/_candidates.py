"""Distributions of classes to sample from, on TensorFlow's own streams.

Follows TensorFlow's range_sampler.cc and distribution_sampler.cc: which words of the stream make a class is part of
what a seed means.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ._candidate_words import MASK32, Words, doubles

PLACES = 14
BLOCK, GROUP = 1 << PLACES, 64
"""Classes that are drawn at a time, and that one sum of weights is for."""
FEW = 1 << 16
"""Classes up to which each has a sum of its own."""
MANY = 1 << 12
"""Different classes from which on Python's own tables are slow and large."""
BITS = 16
"""Bits for each of them."""
AT_A_TIME, EACH = 64, 32
"""Bytes that it takes to draw a class, and to tell how often it is expected."""


class Uniform:
    """All classes alike."""

    def __init__(self, size: int) -> None:
        self.size = size

    def draw(self, words: Words, count: int) -> Any:
        return words.uniform64(self.size, count)

    def probability(self, classes: Any) -> Any:
        return np.full(classes.shape, np.float32(1.0 / self.size))


class LogUniform:
    """Class c about as often as 1 / (c + 1): right for classes sorted by falling frequency."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.log_size = np.log1p(np.float64(size))

    def draw(self, words: Words, count: int) -> Any:
        return self.made_of(words.take(2 * count))

    def made_of(self, words: Any) -> Any:
        """The classes of pairs of words along the last axis."""
        value = np.exp(doubles(words) * self.log_size).astype(np.int64) - 1
        return value % self.size

    def probability(self, classes: Any) -> Any:
        c = classes.astype(np.float64)
        return (np.log((c + 2.0) / (c + 1.0)) / self.log_size).astype(np.float32)


class Weighted:
    """Classes by fixed weights, by Walker's alias method."""

    def __init__(self, weights: Any) -> None:
        self.weights = np.asarray(weights, np.float32)
        self.size = len(self.weights)
        self.total = float(np.sum(self.weights, dtype=np.float64))
        share = self.weights.astype(np.float64) * self.size / self.total
        probability = share.tolist()
        other = [-1] * self.size
        low = [i for i, p in enumerate(probability) if p < 1.0]
        high = [i for i, p in enumerate(probability) if not p < 1.0]
        while high and low:
            small, large = low.pop(), high.pop()
            other[small] = large
            probability[large] -= 1.0 - probability[small]
            (low if probability[large] < 1.0 else high).append(large)
        for i in high + low:
            probability[i], other[i] = 1.0, i
        self.keep = np.asarray(probability, np.float32)
        self.other = np.asarray(other, np.int64)

    def draw(self, words: Words, count: int) -> Any:
        chance, bucket = self._pairs(words, count)
        return np.where(chance < self.keep[bucket], bucket, self.other[bucket])

    def _pairs(self, words: Words, count: int) -> tuple[Any, Any]:
        """Of each sample, a float and a bucket; a bucket drawn again moves all that follows by a word."""
        bound = self.size
        least = 0 if bound & (bound - 1) == 0 else MASK32 % bound + 1
        floats, buckets = [], []
        missing = count
        while missing:
            pairs = words.take(2 * missing).reshape(-1, 2)
            bad = np.flatnonzero(pairs[:, 1] < least)
            good = pairs if not len(bad) else pairs[:bad[0]]
            floats.append(good[:, 0])
            buckets.append((good[:, 1] % np.uint32(bound)).astype(np.int64))
            missing -= len(good)
            if len(bad):
                words.give_back(pairs.reshape(-1)[2 * int(bad[0]) + 1:])
                floats.append(pairs[bad[0], :1])
                buckets.append(words.uniform(bound, 1))
                missing -= 1
        bits = (np.concatenate(floats) & np.uint32(0x7FFFFF)) | np.uint32(127 << 23)
        return bits.view(np.float32) - np.float32(1.0), np.concatenate(buckets)

    def probability(self, classes: Any) -> Any:
        inside = (classes >= 0) & (classes < self.size)
        found = self.weights[np.where(inside, classes, 0)] / self.total
        return np.where(inside, found, 0.0).astype(np.float32)


class Learned:
    """Classes by how often they were seen as true classes, each once to begin with."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.weights = np.ones(size, np.int64)
        self.settle()

    def settle(self) -> None:
        """Adds up what was counted, of many classes GROUP at a time, before a step draws."""
        sums = self.weights if self.size <= FEW else np.add.reduceat(self.weights, np.arange(0, self.size, GROUP))
        self.ends = np.cumsum(sums)

    def draw(self, words: Words, count: int) -> Any:
        place = words.uniform(int(self.ends[-1]), count)
        if self.size <= FEW:
            return np.searchsorted(self.ends, place, side="right")
        out = np.empty(count, np.int64)
        for start in range(0, count, BLOCK // GROUP):
            some = place[start:start + BLOCK // GROUP]
            group = np.searchsorted(self.ends, some, side="right")
            rest = some - np.where(group > 0, self.ends[group - 1], 0)
            classes = np.minimum(group[:, None] * GROUP + np.arange(GROUP), self.size - 1)
            before = np.cumsum(self.weights[classes], axis=1) <= rest[:, None]
            out[start:start + BLOCK // GROUP] = group * GROUP + before.sum(1)
        return out

    def probability(self, classes: Any) -> Any:
        inside = (classes >= 0) & (classes < self.size)
        found = self.weights[np.where(inside, classes, 0)].astype(np.float32) / np.float32(self.ends[-1])
        return np.where(inside, found, np.float32(0))

    def update(self, classes: Any) -> None:
        np.add.at(self.weights, classes.reshape(-1), 1)


def first_draw(missing: int) -> int:
    """How many classes are drawn at a time while so many different ones are missing."""
    return max(64, 2 * missing)


def sample(distribution: Any, words: Words, count: int, unique: bool) -> tuple[Any, int]:
    """``count`` classes, all different if ``unique``, and how many were drawn for them."""
    if unique and count > MANY and distribution.size <= 1 << 63 - PLACES:
        return _many_different(distribution, words, count)
    if not unique:
        out = np.empty(count, np.int64)
        for start in range(0, count, BLOCK):
            out[start:start + BLOCK] = distribution.draw(words, min(BLOCK, count - start))
        return out, count
    picked: dict[int, None] = {}
    tries = 0
    while len(picked) < count:
        drawn = words.classes(distribution, first_draw(count - len(picked)))
        at = 0
        while len(picked) < count and at < len(drawn):
            # as many as are missing cannot be too many
            more = drawn[at:at + count - len(picked)]
            picked.update(dict.fromkeys(more))
            at += len(more)
        tries = _tried(tries + at, count)
    return np.fromiter(picked, np.int64, count), tries


def _tried(tries: int, count: int) -> int:
    if tries > 2**31:
        raise RunError(f"{count} different classes were not found in {tries} draws")
    return tries


def _many_different(distribution: Any, words: Words, count: int) -> tuple[Any, int]:
    """The same, of many: a bit for a class tells that it may be picked already, and the bits are as many as fit."""
    bits = min(distribution.size, BITS * count)
    seen = np.zeros(-(-bits // 8), np.uint8)
    picked = np.empty(count, np.int64)
    have = tries = 0
    while have < count:
        drawn = distribution.draw(words, min(BLOCK, first_draw(count - have)))
        first = _first(drawn)
        place = drawn[first] % bits
        byte, bit = place >> 3, np.left_shift(1, place & 7).astype(np.uint8)
        old = seen[byte] & bit != 0
        if bits < distribution.size and old.any():
            old[old] = _among(drawn[first[old]], picked[:have])
        new = ~old
        first, byte, bit = first[new][:count - have], byte[new], bit[new]
        for each in range(8):
            seen[byte[bit == 1 << each]] |= 1 << each
        picked[have:have + len(first)] = drawn[first]
        have += len(first)
        tries = _tried(tries + (len(drawn) if have < count else int(first[-1]) + 1), count)
    return picked, tries


def _first(drawn: Any) -> Any:
    """The places of the first of each class among those that are drawn, in order."""
    keys = np.sort((drawn << PLACES) | np.arange(len(drawn)))
    new = np.ones(len(keys), bool)
    np.not_equal(keys[1:] >> PLACES, keys[:-1] >> PLACES, out=new[1:])
    return np.sort(keys[new] & (1 << PLACES) - 1)


def _among(some: Any, picked: Any) -> Any:
    """Which of some classes, all different, are picked."""
    order = np.argsort(some)
    ordered, known = some[order], np.zeros(len(some), bool)
    for start in range(0, len(picked), BLOCK):
        block = picked[start:start + BLOCK]
        place = np.minimum(np.searchsorted(ordered, block), len(some) - 1)
        known[order[place[ordered[place] == block]]] = True
    return known


def picking(size: int, count: int, unique: bool) -> int:
    """Bytes that ``sample`` takes beside the classes, of ``size`` that there are."""
    return AT_A_TIME * min(BLOCK, count) + (min(size, BITS * count) // 8 if unique and count > MANY else 0)


def counts(distribution: Any, classes: Any, count: int, tries: int) -> Any:
    """How often each of some classes is expected among ``count`` that took ``tries``."""
    out = np.empty(classes.shape, np.float32)
    given, flat = classes.reshape(-1), out.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        flat[start:start + BLOCK] = expected(distribution.probability(given[start:start + BLOCK]), count, tries)
    return out


def expected(probability: Any, count: int, tries: int) -> Any:
    """How often classes of these probabilities are expected among ``count`` that took ``tries``."""
    if tries == count:
        return probability * np.float32(count)
    return -np.expm1(np.float32(tries) * np.log1p(-probability))
