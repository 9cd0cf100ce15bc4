"""Datasets of the elements of others, in groups, in another order, or fewer of them (tf.data)."""
from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.shapes import show
from ._datasets import METADATA, OUTPUTS, Dataset, Element, dataset_op, each
from ._philox import MASK64, Philox

CPU_ONLY = True
_ONE = "input_dataset: variant"


def _sizes(shape: Any) -> str:
    return show(shape).replace(" ", "")


def stacked(rows: list[Any], i: int) -> Any:
    """Elements' component i, on a new first axis. Raises InvalidArgument where their shapes differ."""
    first = np.shape(rows[0])
    for k, row in enumerate(rows):
        if np.shape(row) != first:
            raise InvalidArgument(f"Cannot batch tensors with different shapes in component {i}. First element had "
                                  f"shape {_sizes(first)} and element {k} had shape {_sizes(np.shape(row))}.")
    return np.stack(rows)


def padded(rows: list[Any], i: int, shape: Any, value: Any) -> Any:
    """Elements' component i as rows of a shape; where that leaves a size open, of the longest one's."""
    if np.ndim(rows[0]) != len(shape):
        raise InvalidArgument(f"All elements in a batch must have the same rank as the padded shape for component{i}: "
                              f"expected rank {len(shape)} but got element with rank {np.ndim(rows[0])}")
    sizes = [max(np.shape(r)[axis] for r in rows) if s < 0 else s for axis, s in enumerate(shape)]
    dtype = np.asarray(rows[0]).dtype
    out: Any = np.empty((len(rows), *sizes), object if dtype.kind in "OS" else dtype)
    out[...] = value
    for k, row in enumerate(rows):
        if any(have > room for have, room in zip(np.shape(row), sizes)):
            raise InvalidArgument("Attempted to pad to a smaller size than the input element.")
        out[(k, *(slice(0, have) for have in np.shape(row)))] = row
    return out


def _groups(rows: Dataset, size: Any, drop: Any, joined: Any) -> Dataset:
    many = int(size)
    if many <= 0:
        raise InvalidArgument("Batch size must be greater than zero.")

    def start() -> Iterator[Element]:
        taken = iter(rows)

        def more() -> Element:
            group = list(islice(taken, many))
            if not group or bool(drop) and len(group) < many:
                raise StopIteration
            return tuple(joined(list(component), i) for i, component in enumerate(zip(*group)))

        return each(more)

    return Dataset(start)


def _batch(n: Any) -> Any:
    return lambda rows, size, drop: _groups(rows, size, drop, stacked)


def _padded_batch(n: Any) -> Any:
    def made(rows: Any, size: Any, shapes: Any, values: Any, drop: Any) -> Dataset:
        sizes = [np.asarray(s).reshape(-1).tolist() for s in shapes]
        fills = [np.asarray(v)[()] for v in values]
        return _groups(rows, size, drop, lambda group, i: padded(group, i, sizes[i], fills[i]))

    return made


def _repeat(n: Any) -> Any:
    def made(rows: Any, count: Any) -> Dataset:
        times = int(count)

        def start() -> Iterator[Element]:
            taken, done, empty = iter(rows), 0, True

            def more() -> Element:
                nonlocal taken, done, empty
                while times < 0 or done < times:
                    for element in taken:
                        empty = False
                        return element  # type: ignore[no-any-return]
                    if empty:
                        break
                    taken, done, empty = iter(rows), done + 1, True
                raise StopIteration

            return each(more)

        return Dataset(start)

    return made


class _Words:
    """The 32-bit numbers of a stream, one by one."""

    def __init__(self, seed: int, seed2: int) -> None:
        self.stream, self.left = Philox(seed, seed2), []  # type: tuple[Philox, list[int]]

    def __call__(self) -> int:
        if not self.left:
            self.left = self.stream.words(self.stream.reserve(64), 64).reshape(-1)[::-1].tolist()
        return self.left.pop()


def _seeds(seed: Any, seed2: Any) -> tuple[int, int]:
    """Two zeros mean chance."""
    first, second = int(seed), int(seed2)
    if first == 0 and second == 0:
        return tuple(int.from_bytes(os.urandom(8), "little") & MASK64 for _ in "ab")  # type: ignore[return-value]
    return first, second


def shuffled(rows: Dataset, room: int, word: _Words) -> Iterator[Element]:
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
        seeds = _seeds(seed, seed2)
        draw = _Words(*seeds)
        return Dataset(lambda: shuffled(rows, room, _Words(draw(), draw()) if again else _Words(*seeds)))

    return made


def _take(n: Any) -> Any:
    return lambda rows, count: Dataset(lambda: islice(iter(rows), None if int(count) < 0 else int(count)))


def _skip(n: Any) -> Any:
    def made(rows: Any, count: Any) -> Dataset:
        left = int(count)
        return Dataset(lambda: iter(()) if left < 0 else islice(iter(rows), left, None))

    return made


def _shard(n: Any) -> Any:
    def made(rows: Any, many: Any, index: Any) -> Dataset:
        if int(many) < 1:
            raise InvalidArgument(f"Number of shards must be greater than zero (currently num_shards = {int(many)}).")
        if not 0 <= int(index) < int(many):
            raise InvalidArgument(f"Index must be between 0 and {int(many) - 1} (currently index = {int(index)}).")
        return Dataset(lambda: islice(iter(rows), int(index), None, int(many)))

    return made


def _same(n: Any) -> Any:
    return lambda rows, *settings: rows


def _cache(n: Any) -> Any:
    def made(rows: Any, filename: Any) -> Dataset:
        if np.asarray(filename, object).item():
            raise InvalidArgument("a dataset is cached in memory here, not in a file")
        whole: list[list[Element]] = []

        def start() -> Iterator[Element]:
            if whole:
                yield from whole[0]
                return
            found = []
            for element in rows:
                found.append(element)
                yield element
            whole.append(found)

        return Dataset(start)

    return made


def _zip(n: Any) -> Any:
    return lambda datasets: Dataset(lambda: (tuple(chain.from_iterable(e)) for e in zip(*map(iter, datasets))))


def _concatenate(n: Any) -> Any:
    return lambda rows, others: Dataset(lambda: chain.from_iterable((rows, others)))


for _name, _doc, _inputs, _attrs, _kernel in (
        ("BatchDatasetV2", "Elements side by side (batch).", "batch_size: int64, drop_remainder: bool",
         f"parallel_copy: bool = False; {OUTPUTS}; {METADATA}", _batch),
        ("PaddedBatchDatasetV2", "Elements side by side, filled up to one shape (padded_batch).",
         "batch_size: int64, padded_shapes: N*int64, padding_values: list(Toutput_types), drop_remainder: bool",
         "parallel_copy: bool = False; Toutput_types: list(type) >= 1; output_shapes: list(shape) >= 1; N: int >= 1; "
         f"{METADATA}", _padded_batch),
        ("RepeatDataset", "The elements over and over (repeat).", "count: int64", f"{OUTPUTS}; {METADATA}", _repeat),
        ("ShuffleDataset", "The elements by chance (shuffle).", "buffer_size: int64, seed: int64, seed2: int64",
         f"reshuffle_each_iteration: bool = True; {OUTPUTS}; {METADATA}", _shuffle),
        ("TakeDataset", "The first elements (take).", "count: int64", f"{OUTPUTS}; {METADATA}", _take),
        ("SkipDataset", "All but the first elements (skip).", "count: int64", f"{OUTPUTS}; {METADATA}", _skip),
        ("ShardDataset", "Every n-th element (shard).", "num_shards: int64, index: int64",
         f"require_non_empty: bool = False; {OUTPUTS}; {METADATA}", _shard),
        ("PrefetchDataset", "The elements as they are: none is made ahead (prefetch).", "buffer_size: int64",
         f"{OUTPUTS}; slack_period: int = 0; legacy_autotune: bool = True; buffer_size_min: int = 0; {METADATA}",
         _same),
        ("CacheDataset", "The elements, made once (cache).", "filename: string", f"{OUTPUTS}; {METADATA}", _cache),
        ("ConcatenateDataset", "The elements of one and of another (concatenate).", "another_dataset: variant",
         f"{OUTPUTS}; {METADATA}", _concatenate)):
    dataset_op(_name, _doc, f"{_ONE}, {_inputs}", _attrs, _kernel)
dataset_op("ZipDataset", "Elements of several side by side (tf.data.Dataset.zip).", "input_datasets: N*variant",
           f"{OUTPUTS}; N: int >= 1; {METADATA}", _zip)
dataset_op("RewriteDataset", "The elements as they are (enumerate).", f"{_ONE}, rewrite_name: string", OUTPUTS, _same)
