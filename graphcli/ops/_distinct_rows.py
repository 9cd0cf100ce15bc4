"""Rows by which of them are equal: each row is brought to 64 bits, and rows of the same bits are compared.

Rows of up to 8 bytes are their bits; longer ones are mixed, so that two that differ have the same bits one time in very
many, whatever they hold. Those that do are found when each row is compared with the first of its bits.
"""
from __future__ import annotations

from typing import Any

import numpy as np

BLOCK = 1 << 18
"""Bytes of rows that are looked at at a time."""
SHARE = 20
"""The bits of all rows are kept where they are such a part of rows and results, else made again for each walk."""
FEW, PART = 1 << 12, 1 << 15
"""Different rows up to which each is looked up among those that were met, and rows that are looked up at a time."""
ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)


class Bits:
    """For each row its 64 bits, made when they are asked for."""

    dtype = np.dtype(np.uint64)

    def __init__(self, rows: Any) -> None:
        self.rows = rows
        self.nbytes = rows.nbytes

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: Any) -> Any:
        """Of a slice or of places."""
        at = range(len(self))[which] if isinstance(which, slice) else which
        out = np.empty(len(at), np.uint64)
        many = in_block(self.rows)
        for i in range(0, len(at), many):
            some = at[i:i + many]
            if isinstance(some, range):
                some = slice(some.start, some.stop, some.step)
            out[i:i + many] = mixed(self.rows[some])
        return out


def in_block(rows: Any) -> int:
    """How many rows are looked at at a time."""
    return max(1, BLOCK // max(8, int(rows.nbytes) // max(1, len(rows))))


def bits_of(rows: Any, results: int) -> Any:
    """An array of bits, or ``Bits``. results: bytes of what is made of the rows."""
    bits = Bits(rows)
    return bits[:] if 8 * SHARE * len(rows) <= rows.nbytes + results else bits


def mixed(rows: Any) -> Any:
    """The bits of rows [number, ...], the same for zeros of both signs."""
    rows = rows.reshape(len(rows), -1)
    if rows.dtype == object:
        words = np.fromiter(map(hash, rows.reshape(-1).tolist()), np.int64, rows.size).reshape(rows.shape)
    else:
        each = 8 // rows.itemsize
        words = np.zeros((len(rows), -(-rows.shape[1] // each) * each), rows.dtype)
        np.add(rows, rows.dtype.type(0), out=words[:, :rows.shape[1]])
    words = words.view(np.uint64)
    if not words.shape[1]:
        return np.zeros(len(rows), np.uint64)
    while words.shape[1] > 1:
        half = words.shape[1] // 2
        both = words[:, :half] * np.uint64(ODD[0])
        both ^= both >> np.uint64(32)
        both += words[:, half:2 * half]
        both *= np.uint64(ODD[1])
        both ^= both >> np.uint64(29)
        words = np.concatenate([both, words[:, 2 * half:]], 1) if words.shape[1] % 2 else both
    return words[:, 0]


def by_few(bits: Any, into: Any) -> bool:
    """Into the places of rows: the first of their bits. False where different ones are many."""
    known, first = np.empty(0, np.uint64), np.empty(0, into.dtype)
    for i in range(0, len(bits), PART):
        some = bits[i:i + PART]
        at = np.searchsorted(known, some)
        new = np.flatnonzero(known[np.minimum(at, len(known) - 1)] != some) if len(known) else np.arange(len(some))
        if len(new):
            more, places = np.unique(some[new], return_index=True)
            if len(known) + len(more) > FEW:
                return False
            where = np.searchsorted(known, more)
            known, first = np.insert(known, where, more), np.insert(first, where, new[places] + i)
            at = np.searchsorted(known, some)
        into[i:i + PART] = first[at]
    return True


def compare(rows: Any, places: Any) -> None:
    """Of rows that have the place of the first of their bits: gives those that differ from it the place of the first
    that they are equal to."""
    known: dict[Any, int] = {}
    axes = tuple(range(1, rows.ndim))
    many = in_block(rows)
    for i in range(0, len(rows), many):
        here = np.flatnonzero(places[i:i + many] != np.arange(i, min(len(rows), i + many))) + i
        some = rows[here]
        alone = (some != some).any(axis=axes) if rows.dtype.kind not in "iub" else np.zeros(len(some), bool)
        places[here[alone]] = here[alone]
        # all that is equal to what differs from the first differs from it
        for at in here[(some != rows[places[here]]).any(axis=axes) & ~alone].tolist():
            places[at] = known.setdefault(tuple(rows[at].reshape(-1).tolist()), at)
