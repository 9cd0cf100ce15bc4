"""Philox 4x32-10 on whole arrays: TensorFlow's streams of random bits, and numbers made of them.

A stream is a 64-bit key and a 128-bit counter; each counter value gives four 32-bit words. All
functions follow TensorFlow's philox_random.h and random_distributions.h, whose order of samples is
part of what a seed means.
"""
from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ._libm import logf, sincosf

MASK32 = 0xFFFFFFFF
MASK64 = 0xFFFFFFFFFFFFFFFF
RESERVED = 256
"""Counter values that TensorFlow sets aside for each output of a random op."""
BLOCK = 8192
"""Counter values per block, so that a round's arrays stay in the cache."""
AHEAD, FEW = 16, BLOCK // 2
"""Steps of which words are made at once, at most, and counter values of a step of which that pays: no more than a
block in all."""
PART = 4 * BLOCK
"""Numbers that are made at once: what they are made of takes several times their memory."""
PAIRS = 1 << 13
"""Pairs of normal numbers that are made at once, which takes eleven times their memory."""
_M = np.array(0xD2511F53, np.uint64), np.array(0xCD9E8D57, np.uint64)
_W = (0x9E3779B9, 0xBB67AE85)
_LOW = np.array(MASK32, np.uint64)
_HIGH = np.array(32, np.uint64)
_UNIT = np.uint32(0x7FFFFF)
LIMIT = 2.0
"""Deviations from which on a normal number is drawn again, where they are truncated."""


class Philox:
    """The stream of one random op: ``counter`` goes on from step to step."""

    __slots__ = ("key", "counter")

    def __init__(self, seed: int, seed2: int) -> None:
        self.key = seed & MASK64
        self.counter = (seed2 & MASK64) << 64

    def reserve(self, samples: int) -> int:
        """The counter at which ``samples`` values may be taken; the stream goes on after them."""
        at = self.counter
        self.counter = (at + samples) % (1 << 128)
        return at

    def words(self, at: int, count: int) -> Any:
        """The words of ``count`` consecutive counters: uint32 [count, 4]."""
        out = np.empty((count, 4), np.uint32)
        for start in range(0, count, BLOCK):
            size = min(BLOCK, count - start)
            low = np.arange(size, dtype=np.uint64)
            first = (at + start) & MASK64
            high = ((at + start) >> 64) & MASK64
            if first + size - 1 > MASK64:
                over = low > np.uint64(MASK64 - first)
            else:
                over = None
            low += np.uint64(first)
            _rounds(self.key, low, high, over, out[start:start + size])
        return out

    def words_at(self, at: int, steps: Any) -> Any:
        """The words of the counters ``at + steps``: uint32 [n, 4]."""
        steps = np.asarray(steps, np.uint64)
        out = np.empty((len(steps), 4), np.uint32)
        first, high = at & MASK64, (at >> 64) & MASK64
        for start in range(0, len(steps), BLOCK):
            part = steps[start:start + BLOCK]
            over = part > np.uint64(MASK64 - first)
            _rounds(self.key, part + np.uint64(first), high, over if over.any() else None,
                    out[start:start + BLOCK])
        return out


class Ahead:
    """A stream of which steps take few words: those of AHEAD steps are made at once, for numpy's calls take longer than
    they. step: how far the counter goes on in a step."""

    def __init__(self, rng: Philox) -> None:
        self.rng = rng
        self.step = 0
        self.first = self.next = -1
        self.form = 0, 0
        self.made: Any = None

    def words(self, at: int, count: int) -> Any:
        """See ``Philox.words``."""
        form, follows = (count, self.step), at == self.next
        if count > FEW or not self.step:
            return self.rng.words(at, count)
        self.next = at + self.step
        if not follows or form != self.form:
            self.form, self.made = form, None
            return self.rng.words(at, count)
        i = (at - self.first) // self.step
        if self.made is None or i >= len(self.made):
            many = min(AHEAD, BLOCK // max(1, count))
            counters = np.arange(many, dtype=np.uint64)[:, None] * np.uint64(self.step) + np.arange(
                count, dtype=np.uint64)
            self.first, i = at, 0
            self.made = self.rng.words_at(at, counters.reshape(-1)).reshape(many, count, 4)
        return self.made[i].copy()

    def words_at(self, at: int, steps: Any) -> Any:
        return self.rng.words_at(at, steps)


@lru_cache(64)
def _keys(key: int) -> list[tuple[Any, Any]]:
    """What is mixed into the two even words in each of ten rounds, in the upper half of 64 bits."""
    out, pair = [], (key & MASK32, key >> 32)
    for _ in range(10):
        out.append((np.array(pair[0] << 32, np.uint64), np.array(pair[1] << 32, np.uint64)))
        pair = (pair[0] + _W[0]) & MASK32, (pair[1] + _W[1]) & MASK32
    return out


def _rounds(key: int, low: Any, high: int, over: Any, out: Any) -> None:
    """Ten rounds. low: the lower 64 bits of each counter; over: where the upper 64 are one more."""
    multiply, xor, left, right = np.multiply, np.bitwise_xor, np.left_shift, np.right_shift
    # the odd words stand in the upper halves
    word0, word1, word2, word3, one, two = np.empty((6, len(low)), np.uint64)
    upper: Any = np.uint64(high)
    if over is not None:
        upper = np.where(over, np.uint64((high + 1) & MASK64), upper)
    for given, even, odd in ((low, word0, word1), (upper, word2, word3)):
        np.bitwise_and(given, _LOW, even)
        np.bitwise_and(given, ~_LOW, odd)
    for key0, key1 in _keys(key):
        multiply(word0, _M[0], one)
        multiply(word2, _M[1], two)
        # the upper half of one product goes to the even word of the other, the lower one is the odd word
        for product, odd, mixed, even in ((two, word1, key0, word0), (one, word3, key1, word2)):
            xor(product, odd, even)
            xor(even, mixed, even)
            right(even, _HIGH, even)
            left(product, _HIGH, odd)
    pairs = out.view(np.dtype("<u8"))
    np.bitwise_or(word0, word1, pairs[:, 0])
    np.bitwise_or(word2, word3, pairs[:, 1])


def new_stream(n: Any) -> Philox:
    """The stream of a node at the start of a session.

    Without seeds it begins by chance, or with the session's own seed and the node's name.
    """
    node, state = n.node, n.state
    seed, seed2 = n.attrs.get("seed", 0), n.attrs.get("seed2", 0)
    if seed == 0 and seed2 == 0:
        given = getattr(state, "seed", None)
        if given is not None:
            return Philox(given, (zlib.crc32(node.name.encode()) << 32) | 0x6772)
        return Philox(int.from_bytes(os.urandom(8), "little"), int.from_bytes(os.urandom(8), "little"))
    return Philox(seed, seed2)


def stream(n: Any) -> Any:
    """The node's stream in this session."""
    return n.state.private(n.node, lambda: new_stream(n))


# -- numbers of words

def uniform_of(words: Any, dtype: Any) -> Any:
    """Floats from 0 up to, without, 1, of uint32 words; doubles take two words each."""
    if dtype == np.float64:
        pairs = words.reshape(-1, 2).astype(np.uint64)
        bits = ((pairs[:, 0] & np.uint64(0xFFFFF)) << _HIGH) | pairs[:, 1] | np.uint64(1023 << 52)
        return bits.view(np.float64) - 1.0
    flat = words.reshape(-1)
    if dtype == np.float32:
        bits = flat & _UNIT
        bits |= np.uint32(127 << 23)
        values = bits.view(np.float32)
        values -= np.float32(1)
        return values
    half = flat.astype(np.uint16)
    if dtype == np.float16:
        return ((half & np.uint16(0x3FF)) | np.uint16(15 << 10)).view(np.float16) - np.float16(1)
    bits = (half & np.uint16(0x7F)) | np.uint16(127 << 7)
    return (bits.view(dtype).astype(np.float32) - np.float32(1)).astype(dtype)


def normal_of(words: Any) -> Any:
    """Pairs of float32 normals of pairs of uint32 words (Box-Muller), in the words' order."""
    pairs = words.reshape(-1, 2)
    out = np.empty(pairs.shape, np.float32)
    for i in range(0, len(pairs), PAIRS):
        _normals(pairs[i:i + PAIRS], out[i:i + PAIRS])
    return out.reshape(-1)


def _normals(pairs: Any, out: Any) -> None:
    unit = (pairs[:, 0] & _UNIT).astype(np.float32)
    unit *= np.float32(2.0 ** -23)
    radius = logf(np.maximum(unit, np.float32(1.0e-7), out=unit))
    radius *= np.float32(-2)
    np.sqrt(radius, out=radius)
    sincosf(pairs[:, 1] & _UNIT, radius, out)


def normal_double_of(words: Any) -> Any:
    """Pairs of float64 normals of four words each."""
    words = np.ascontiguousarray(words).reshape(-1, 4)
    out = np.empty((len(words), 2), np.float64)
    for i in range(0, len(words), PAIRS // 2):
        part = out[i:i + PAIRS // 2]
        unit = uniform_of(words[i:i + PAIRS // 2], np.float64).reshape(-1, 2)
        angle = 2.0 * np.pi * unit[:, 1]
        radius = np.sqrt(-2.0 * np.log(np.maximum(unit[:, 0], 1.0e-7)))
        np.multiply(np.sin(angle), radius, out=part[:, 0])
        np.multiply(np.cos(angle), radius, out=part[:, 1])
    return out.reshape(-1)


def groups(count: int, per_group: int) -> int:
    return -(-count // per_group)


def _in_parts(make: Callable[[int, int], Any], count: int, per: int, dtype: Any) -> Any:
    """``count`` numbers; ``make(i, n)`` gives those of ``n`` groups of ``per`` from group ``i`` on."""
    if count <= PART:
        return make(0, groups(count, per))[:count].astype(dtype, copy=False)
    out = np.empty(count, dtype)
    for start in range(0, count, PART):
        part = out[start:start + PART]
        part[...] = make(start // per, groups(len(part), per))[:len(part)]
    return out


def uniform(rng: Philox, at: int, count: int, dtype: Any) -> Any:
    per = 2 if dtype == np.float64 else 4
    return _in_parts(lambda i, n: uniform_of(rng.words(at + i, n), dtype), count, per, dtype)


def normal(rng: Philox, at: int, count: int, dtype: Any) -> Any:
    per, make = (2, normal_double_of) if dtype == np.float64 else (4, normal_of)
    return _in_parts(lambda i, n: make(rng.words(at + i, n)), count, per, dtype)


def truncated(rng: Philox, at: int, count: int, dtype: Any) -> Any:
    """Normals below LIMIT: each group of outputs has a stretch of the stream of its own."""
    per = 2 if dtype == np.float64 else 4
    stretch = per * RESERVED // 4
    return _in_parts(lambda i, n: _truncated(rng, at + i * stretch, n, per, stretch), count, per, dtype)


def _truncated(rng: Philox, at: int, many: int, per: int, stretch: int) -> Any:
    make = normal_double_of if per == 2 else normal_of
    starts = np.arange(many, dtype=np.uint64) * np.uint64(stretch)
    out = make(rng.words_at(at, starts)).reshape(many, per)
    # a group's answers are read as one number
    pending = np.flatnonzero((np.abs(out) >= LIMIT).view(np.dtype(f"u{per}")))
    drawn, step = out[pending], 0
    while len(pending):
        step += 1
        more = make(rng.words_at(at, starts[pending] + np.uint64(step))).reshape(-1, per)
        drawn = np.concatenate([drawn, more], 1)
        good = np.abs(drawn) < LIMIT
        found = np.cumsum(good, 1, np.int32)
        good &= found <= per
        done = found[:, -1] >= per
        out[pending[done]] = drawn[done][good[done]].reshape(-1, per)
        pending, drawn = pending[~done], drawn[~done]
    return out.reshape(-1)


def words(rng: Philox, at: int, count: int, dtype: Any) -> Any:
    """Whole numbers of all that the dtype, of 32 or 64 bits, holds: the words as they are."""
    return _in_parts(lambda i, n: rng.words(at + i, n).reshape(-1).view(dtype), count, 16 // dtype.itemsize, dtype)


def integers(rng: Philox, at: int, count: int, low: int, high: int, dtype: Any) -> Any:
    """Whole numbers from ``low`` up to, without, ``high``: the words modulo the range."""
    def short(i: int, n: int) -> Any:
        words = rng.words(at + i, n).reshape(-1)
        words %= np.uint32((high - low) & MASK32)
        words += np.uint32(low & MASK32)
        return words.view(np.int32)

    def long(i: int, n: int) -> Any:
        pairs = rng.words(at + i, n).reshape(-1, 2).astype(np.uint64)
        bits = pairs[:, 0] | (pairs[:, 1] << _HIGH)
        return (bits % np.uint64((high - low) & MASK64) + np.uint64(low & MASK64)).view(np.int64)

    return _in_parts(short, count, 4, dtype) if dtype == np.int32 else _in_parts(long, count, 2, dtype)
