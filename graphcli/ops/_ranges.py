"""A vector's elements in falling order, range after range of their values.

An order of all elements at once takes 8 or 16 bytes for each. Here one walk over the vector finds what lies in a range
of values, as much as there is room for, and that is sorted; equals are never in two ranges. Where the ranges end is
guessed from a sample, and mended where more is found than there is room for: the order does not depend on it.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ._packed import falling, falling_as, fits, infinite, shared_sort

STEP = 1 << 15
"""Elements that are looked at at a time, and that a range has room for at least."""
SAMPLE = 1 << 12
"""Elements at least from which the ends of ranges are guessed, ..."""
FINE = 64
"""... and at least for each range."""
SAMPLED = 1 << 16
"""Elements from which it is guessed between which the n-th one lies."""
SHARE = 168
"""A range takes 12 bytes for an element, and a fourteenth of what there is."""

Each = Callable[[int, Callable[[int], None]], None]
Found = tuple[Any, Any]
"""Places, and None; or places of equals, and the first of all that are equal to them."""


def room(size: int, results: int, wanted: int) -> int:
    """How many elements a range may have, of a vector and results of so many bytes, of which so many elements are
    wanted."""
    return max(STEP, min(2 * wanted, (size + results) // SHARE))


def taken(row: int, width: int, results: int, k: int) -> int:
    """Bytes that ``greatest`` takes beside results of so many bytes, of a row of elements of so many bytes."""
    return within(min(row, room(row * width, results, k)), row, width)


def within(many: int, row: int, width: int) -> int:
    """Bytes that ranges of so many elements take."""
    return many * (8 if width <= 4 else 12 if row < 1 << 31 else 16) + 16 * min(STEP, row)


def seen(x: Any) -> Any:
    """Elements as they are compared: half precision in single."""
    return x if x.dtype.itemsize != 2 or x.dtype.kind in "iu" else x.astype(np.float32)


def ends(x: Any, many: int) -> Iterator[tuple[Any, bool]]:
    """Where ranges end, from above: (value, False) with it, (value, True) before it where it is a range of its own."""
    if len(x) <= many:
        return
    size = max(SAMPLE, FINE * len(x) // many)
    sample = seen(x[::max(1, len(x) // size)])
    values, counts = np.unique(sample[sample == sample], return_counts=True)
    most = max(1, 4 * many * len(sample) // (5 * len(x)))
    held = 0
    for value, count in zip(values[::-1], counts[::-1].tolist()):
        held += count
        if 4 * count > most + 3:
            yield value, True
            held = 0
        elif held >= most:
            yield value, False
            held = 0


def inside(some: Any, top: Any, bottom: Any, alone: bool) -> Any:
    """Which are below ``top`` and down to ``bottom``, without it where it is alone. No NaN is."""
    if bottom is None:
        return some == some if top is None else some < top
    kept = some > bottom if alone else some >= bottom
    return kept if top is None else np.logical_and(kept, some < top, out=kept)


class Ranges:
    """The elements of a vector in falling order, some at a time. many: how many a range may have."""

    def __init__(self, x: Any, many: int, each: Each) -> None:
        self.x = x
        self.each = each
        self.narrow = fits(x.dtype)
        size = min(len(x), many)
        self.keys = np.empty(size, np.uint64)
        self.places = None if self.narrow else np.empty(size, np.int32 if len(x) < 1 << 31 else np.int64)
        self.ends = ends(x, many)
        self.later: list[tuple[Any, bool]] = []

    def __iter__(self) -> Iterator[Found]:
        """Places of equals in their order, NaN last. What is yielded is valid until the next is asked for."""
        top, bottom = None, None
        while True:
            bottom, alone = self.later.pop() if self.later else next(self.ends, (None, False))
            count, bottom, alone = self._collect(top, bottom, alone)
            if count:
                yield self._in_order(count), None
            if bottom is None:
                break
            if alone:
                yield from self._equal(bottom)
            top = bottom
        if self.x.dtype.kind not in "iub":
            for places, _ in self._equal(None):
                yield places, None

    def _equal(self, value: Any) -> Iterator[Found]:
        """What is equal to a value. None: what is NaN."""
        first = None
        for start in range(0, len(self.x), STEP):
            some = seen(self.x[start:start + STEP])
            here = np.flatnonzero(some != some if value is None else some == value)
            if len(here):
                here += start
                first = here[0] if first is None else first
                yield here, first

    def _collect(self, top: Any, bottom: Any, alone: bool) -> tuple[int, Any, bool]:
        """Keys and places of a range: how many, and where it ends, which is sooner where there is no room."""
        count = 0
        for start in range(0, len(self.x), STEP):
            some = self.x[start:start + STEP]
            here = np.flatnonzero(inside(seen(some), top, bottom, alone))
            while count + len(here) > len(self.keys):
                if bottom is not None:
                    self.later.append((bottom, alone))
                count, bottom, alone = self._sooner(count)
                here = here[inside(seen(some[here]), top, bottom, alone)]
            if len(here):
                new = slice(count, count + len(here))
                if self.places is None:
                    self.keys[new] = falling(some[here])
                    self.keys[new] <<= np.uint64(32)
                    here += start
                    self.keys[new] |= here.astype(np.uint64)
                else:
                    self.keys[new] = falling_as(some[here], np.uint64)
                    here += start
                    self.places[new] = here
                count += len(here)
        return count, bottom, alone

    def _sooner(self, count: int) -> tuple[int, Any, bool]:
        """Keeps the greater half of what was collected: how many these are, and where they end."""
        keys = self.keys[:count]
        order = keys >> np.uint64(32) if self.places is None else keys
        end = np.partition(order, count // 2)[count // 2]
        at = int(np.flatnonzero(order == end)[0])
        place = int(keys[at] & np.uint64((1 << 32) - 1)) if self.places is None else int(self.places[at])
        alone = 4 * int((order == end).sum()) > count
        kept = order < end if alone else order <= end
        left = int(kept.sum())
        self.keys[:left] = keys[kept]
        if self.places is not None:
            self.places[:left] = self.places[:count][kept]
        return left, seen(self.x[place:place + 1])[0], alone

    def _in_order(self, count: int) -> Any:
        keys = self.keys[:count]
        few = (count - 1).bit_length()
        if self.places is None:
            shared_sort(keys, self.each)
            places, out = None, keys.view(np.uint32)
        else:
            self._sort_wide(keys, few)
            places, out = self.places, keys.view(self.places.dtype)
        # places move to the front of the keys, each behind what was read
        for i in range(0, count, STEP):
            some = keys[i:i + STEP]
            out[i:i + STEP][:len(some)] = some if places is None else places[self._local(some, few)]
        return out[:count]

    def _local(self, keys: Any, few: int) -> Any:
        return (keys & np.uint64((1 << few) - 1)).view(np.int64)

    def _sort_wide(self, keys: Any, few: int) -> None:
        """Sorts keys of 64 bits: as much of each as is beside where it was found, then what that leaves undone."""
        low = keys.min()
        shift = max(0, int(keys.max() - low).bit_length() + few - 64)
        for i in range(0, len(keys), STEP):
            some = keys[i:i + STEP]
            some -= low
            some >>= np.uint64(shift)
            some <<= np.uint64(few)
            some |= np.arange(i, i + len(some), dtype=np.uint64)
        shared_sort(keys, self.each)
        if shift:
            pieces = [range(i, min(len(keys), i + STEP + 1)) for i in range(0, len(keys) - 1, STEP)]
            if any(self._undone(keys[p.start:p.stop], few) for p in pieces):
                self._mend(keys, few, pieces)

    def _whole(self, keys: Any, few: int) -> Any:
        return falling_as(self.x[self.places[self._local(keys, few)]], np.uint64)  # type: ignore[index]

    def _undone(self, keys: Any, few: int) -> bool:
        """Whether neighbours are in the wrong order."""
        whole = self._whole(keys, few)
        return bool((whole[1:] < whole[:-1]).any())

    def _mend(self, keys: Any, few: int, pieces: list[range]) -> None:
        """Sorts what is alike in the sorted part of its key by the whole key."""
        alike = np.concatenate([np.flatnonzero(np.diff(keys[p.start:p.stop] >> np.uint64(few)) == 0) + p.start
                                for p in pieces])
        member = np.union1d(alike, alike + 1)
        run = np.cumsum(~np.isin(member - 1, alike, assume_unique=True))
        keys[member] = keys[member[np.lexsort((self._whole(keys[member], few), run))]]


def greatest(x: Any, k: int, index: Any, each: Each) -> tuple[Any, Any]:
    """The k greatest of the last axis in falling order, and their places; of equals the first comes first, NaN last."""
    shape = (*x.shape[:-1], k)
    values, places = np.empty(shape, x.dtype), np.empty(shape, index)
    rows = x.reshape(-1, x.shape[-1])
    many = room(rows[0].nbytes, (values.itemsize + places.itemsize) * k, k)
    for row, value, place in zip(rows, values.reshape(-1, k), places.reshape(-1, k)):
        count = 0
        for found, _ in Ranges(row, many, each):
            for i in range(0, min(len(found), k - count), STEP):
                some = found[i:i + STEP][:k - count]
                value[count:count + len(some)] = row[some]
                place[count:count + len(some)] = some
                count += len(some)
            if count == k:
                break
    return values, places


class _Halves:
    """Elements of half precision as whole numbers that rise as they do, NaN the greatest: they are compared faster."""

    def __init__(self, x: Any) -> None:
        self.bits, self.infinite = x.view(np.int16), np.int16(infinite(x.dtype))

    def __len__(self) -> int:
        return len(self.bits)

    def __getitem__(self, which: Any) -> Any:
        bits = self.bits[which]
        keys = _turned(bits)
        keys[(bits & MOST) > self.infinite] = MOST
        return keys


MOST = np.int16(0x7FFF)


def _turned(bits: Any) -> Any:
    """Bits of half precision as such a number, and back."""
    return bits ^ ((bits >> np.int16(15)) & MOST)


def nth(x: Any, at: int) -> Any:
    """The element of a vector that is at a place in rising order, NaN last."""
    if x.itemsize == 2 and x.dtype.kind not in "iu":
        return np.asarray(_turned(_nth(_Halves(x), at))).view(x.dtype)[()]
    return _nth(x, at)


def _nth(x: Any, at: int) -> Any:
    sample = np.sort(x[::max(1, len(x) // SAMPLED)])
    sample = sample[sample == sample]
    guess, margin = at * len(sample) // len(x), int(4 * len(sample) ** 0.5)
    if len(sample) > 2 * margin:
        # near an end nothing bounds it there
        ends = sample[[max(0, guess - margin), min(len(sample) - 1, guess + margin)]]
        low, high = ends[0] if guess > margin else None, ends[1] if guess + margin < len(sample) - 1 else None
        alike = low is not None and high is not None and low == high
        below = beside = 0
        found = []
        for i in range(0, len(x), STEP):
            some = x[i:i + STEP]
            if low is not None:
                below += int(np.count_nonzero(some < low))
            kept = some[some <= high] if low is None else some[some >= low] if high is None else some[
                (some >= low) & (some <= high)]
            beside += len(kept)
            if not alike and beside < len(x) // 4:
                found.append(kept)
        if below <= at < below + beside:
            if alike:
                return low
            if beside < len(x) // 4:
                whole = np.concatenate(found)
                found.clear()
                whole.partition(at - below)
                return whole[at - below]
    return np.partition(x[:], at)[at]
