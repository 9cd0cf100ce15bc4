"""Datasets by chance: elements in another order, numbers, and draws from several datasets (tf.data)."""
from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ._datasets import ENDLESS, METADATA, OUTPUTS, Dataset, Element, dataset_op, each
from ._philox import MASK64, Philox
from .dataset_order import repeated

CPU_ONLY = True


class Words:
    """The 32-bit numbers of a stream, one by one."""

    def __init__(self, seed: int, seed2: int) -> None:
        self.stream, self.left = Philox(seed, seed2), []  # type: tuple[Philox, list[int]]

    def __call__(self) -> int:
        if not self.left:
            self.left = self.stream.words(self.stream.reserve(64), 64).reshape(-1)[::-1].tolist()
        return self.left.pop()


def seeds_of(seed: Any, seed2: Any) -> tuple[int, int]:
    """Two zeros mean chance."""
    first, second = int(seed), int(seed2)
    if first == 0 and second == 0:
        return tuple(int.from_bytes(os.urandom(8), "little") & MASK64 for _ in "ab")  # type: ignore[return-value]
    return first, second


def shuffled(rows: Dataset, room: int, word: Words) -> Iterator[Element]:
    """Elements by chance, each drawn of ``room`` (ShuffleDataset of TensorFlow: where one is drawn from, the first of
    those that wait is put, and its place is the next one's)."""
    held: list[Any] = []
    taken = iter(rows)
    first = end = 0
    open_ = True

    def more() -> Element:
        nonlocal first, end, open_
        while open_ and end - first < room:
            element = next(taken, None)
            if element is None:
                open_ = False
                break
            if end < room:
                held.append(element)
            else:
                held[end % room] = element
            end += 1
        if end == first:
            raise StopIteration
        at, front = (first + word() % (end - first)) % room, first % room
        drawn: Element = held[at]
        held[at], held[front] = held[front], None
        first += 1
        return drawn

    return each(more)


def _shuffle(n: Any) -> Any:
    again = n.attrs["reshuffle_each_iteration"]

    def made(rows: Any, size: Any, seed: Any, seed2: Any) -> Dataset:
        room = int(size)
        if room <= 0:
            raise InvalidArgument("buffer_size must be greater than zero.")
        seeds = seeds_of(seed, seed2)
        draw = Words(*seeds)
        return Dataset(lambda: shuffled(rows, room, Words(draw(), draw()) if again else Words(*seeds)),
                       rows.many)

    return made


def _shuffle_and_repeat(n: Any) -> Any:
    shuffle = _shuffle(n)

    def made(rows: Any, size: Any, seed: Any, seed2: Any, repeats: Any) -> Dataset:
        once, times = shuffle(rows, size, seed, seed2), int(repeats)
        if times == 0 or times < -1:
            raise InvalidArgument("count must be greater than zero or equal to -1.")
        return repeated(once, times)

    return made


def _random(n: Any) -> Any:
    def made(seed: Any, seed2: Any) -> Dataset:
        seeds = seeds_of(seed, seed2)

        def start() -> Iterator[Element]:
            word = Words(*seeds)
            return each(lambda: (np.asarray(word(), np.int64),))

        return Dataset(start, ENDLESS)

    return made


def _directed(n: Any) -> Any:
    early = n.attrs.get("stop_on_empty_dataset", False)

    def made(which: Any, datasets: Any) -> Dataset:
        def start() -> Iterator[Element]:
            selected, open_ = iter(which), {i: iter(d) for i, d in enumerate(datasets)}

            def more() -> Element:
                while open_:
                    at = int(next(selected)[0])
                    if not 0 <= at < len(datasets):
                        raise InvalidArgument(f"Selector index out of range: {at} >= {len(datasets)}")
                    for element in open_.get(at, ()):
                        return element  # type: ignore[no-any-return]
                    if early and at in open_:
                        break
                    open_.pop(at, None)
                raise StopIteration

            return each(more)

        return Dataset(start)

    return made


dataset_op("ShuffleDataset", "The elements by chance (shuffle).",
           "input_dataset: variant, buffer_size: int64, seed: int64, seed2: int64",
           f"reshuffle_each_iteration: bool = True; {OUTPUTS}; {METADATA}", _shuffle)
dataset_op("ShuffleAndRepeatDataset", "The elements by chance, over and over (shuffle_and_repeat).",
           "input_dataset: variant, buffer_size: int64, seed: int64, seed2: int64, count: int64",
           f"{OUTPUTS}; reshuffle_each_iteration: bool = True; {METADATA}", _shuffle_and_repeat)
dataset_op("RandomDataset", "Whole numbers by chance (tf.data.experimental.RandomDataset).",
           "seed: int64, seed2: int64", f"{OUTPUTS}; {METADATA}", _random)
dataset_op("DirectedInterleaveDataset", "Elements of datasets, from that which another says (sample_from_datasets).",
           "selector_input_dataset: variant, data_input_datasets: N*variant",
           f"{OUTPUTS}; N: int >= 1; stop_on_empty_dataset: bool = False", _directed)
