"""Datasets of the elements of others, in groups, in another order, or fewer of them (tf.data)."""
from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import numpy as np

from ..errors import FailedPrecondition, InvalidArgument
from ..graph.shapes import show
from ._datasets import ENDLESS, METADATA, OUTPUTS, UNKNOWN, Dataset, Element, dataset_op, each, fewest

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
        out[(k, ..., *(slice(0, have) for have in np.shape(row)))] = row  # a string is an array too
    return out


def groups(rows: Dataset, size: Any, drop: Any, joined: Any) -> Dataset:
    """So many elements at a time as one. joined: of the values of a component and its number."""
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

    whole = rows.many // many if bool(drop) else -(-rows.many // many)
    return Dataset(start, rows.many if rows.many < 0 else whole)


def batch(n: Any) -> Any:
    """Elements side by side, with or without the last few."""
    return lambda rows, size, drop=False: groups(rows, size, drop, stacked)


def _parallel_batch(n: Any) -> Any:
    return lambda rows, size, calls, drop: groups(rows, size, drop, stacked)


def padded_batch(n: Any) -> Any:
    """Elements side by side, filled up to one shape, with or without the last few."""
    def made(rows: Any, size: Any, shapes: Any, values: Any, drop: Any = False) -> Dataset:
        sizes = [np.asarray(s).reshape(-1).tolist() for s in shapes]
        fills = [np.asarray(v)[()] for v in values]
        return groups(rows, size, drop, lambda group, i: padded(group, i, sizes[i], fills[i]))

    return made


def _repeat(n: Any) -> Any:
    return lambda rows, count: repeated(rows, int(count))


def repeated(rows: Dataset, times: int) -> Dataset:
    """A dataset so many times, without end for less than 0 unless it is empty."""
    def start() -> Iterator[Element]:
        taken, done, empty = iter(rows), 0, True

        def more() -> Element:
            nonlocal taken, done, empty
            while times < 0 or done < times:
                for element in taken:
                    empty = False
                    return element
                if empty:
                    break
                taken, done, empty = iter(rows), done + 1, True
            raise StopIteration

        return each(more)

    if times < 0:
        return Dataset(start, rows.many and ENDLESS)
    return Dataset(start, rows.many * times if rows.many >= 0 or not times else rows.many)


def _take(n: Any) -> Any:
    def made(rows: Any, count: Any) -> Dataset:
        first = None if int(count) < 0 else int(count)
        return Dataset(lambda: islice(iter(rows), first), rows.many if first is None else fewest([rows.many, first]))

    return made


def _skip(n: Any) -> Any:
    def made(rows: Any, count: Any) -> Dataset:
        left = int(count)
        if left < 0:
            return Dataset(lambda: iter(()), 0)
        return Dataset(lambda: islice(iter(rows), left, None), rows.many if rows.many < 0 else max(0, rows.many - left))

    return made


def _shard(n: Any) -> Any:
    def made(rows: Any, many: Any, index: Any) -> Dataset:
        if int(many) < 1:
            raise InvalidArgument(f"Number of shards must be greater than zero (currently num_shards = {int(many)}).")
        if not 0 <= int(index) < int(many):
            raise InvalidArgument(f"Index must be between 0 and {int(many) - 1} (currently index = {int(index)}).")
        own = rows.many if rows.many < 0 else -((int(index) - rows.many) // int(many))
        return Dataset(lambda: islice(iter(rows), int(index), None, int(many)), own)

    return made


def same(n: Any) -> Any:
    """The elements as they are."""
    return lambda rows, *settings: rows


def cache(n: Any) -> Any:
    """The elements, made once; in a memory that is given where others share it."""
    def made(rows: Any, filename: Any, memory: Any = None) -> Dataset:
        if np.asarray(filename, object).item():
            raise InvalidArgument("a dataset is cached in memory here, not in a file")
        whole: list[list[Element]] = [] if memory is None else memory

        def start() -> Iterator[Element]:
            if whole:
                yield from whole[0]
                return
            found = []
            for element in rows:
                found.append(element)
                yield element
            whole.append(found)

        return Dataset(start, rows.many)

    return made


def _zip(n: Any) -> Any:
    return lambda datasets: Dataset(lambda: (tuple(chain.from_iterable(e)) for e in zip(*map(iter, datasets))),
                                    fewest([d.many for d in datasets]))


def _concatenate(n: Any) -> Any:
    def made(rows: Any, others: Any) -> Dataset:
        both = rows.many, others.many
        many = ENDLESS if ENDLESS in both else UNKNOWN if UNKNOWN in both else sum(both)
        return Dataset(lambda: chain.from_iterable((rows, others)), many)

    return made


def _assert_cardinality(n: Any) -> Any:
    def made(rows: Any, wanted: Any) -> Dataset:
        def start() -> Iterator[Element]:
            many = 0
            for element in rows:
                many += 1
                if 0 <= int(wanted) < many:
                    raise FailedPrecondition(f"Input dataset was expected to contain {int(wanted)} elements but "
                                             "contained at least one more.")
                yield element
            if many != int(wanted):
                raise FailedPrecondition(f"Input dataset was expected to contain {int(wanted)} elements but contained "
                                         f"only {many}.")

        return Dataset(start, int(wanted))

    return made


for _name, _doc, _inputs, _attrs, _kernel in (
        ("BatchDatasetV2", "Elements side by side (batch).", "batch_size: int64, drop_remainder: bool",
         f"parallel_copy: bool = False; {OUTPUTS}; {METADATA}", batch),
        ("ParallelBatchDataset", "Elements side by side, one batch after another (batch).",
         "batch_size: int64, num_parallel_calls: int64, drop_remainder: bool",
         f"parallel_copy: bool = False; {OUTPUTS}; deterministic: string = 'default'; {METADATA}", _parallel_batch),
        ("OptionsDataset", "The elements as they are (with_options).", "",
         f"serialized_options: string; {OUTPUTS}; {METADATA}", same),
        ("PaddedBatchDatasetV2", "Elements side by side, filled up to one shape (padded_batch).",
         "batch_size: int64, padded_shapes: N*int64, padding_values: list(Toutput_types), drop_remainder: bool",
         "parallel_copy: bool = False; Toutput_types: list(type) >= 1; output_shapes: list(shape) >= 1; N: int >= 1; "
         f"{METADATA}", padded_batch),
        ("RepeatDataset", "The elements over and over (repeat).", "count: int64", f"{OUTPUTS}; {METADATA}", _repeat),
        ("TakeDataset", "The first elements (take).", "count: int64", f"{OUTPUTS}; {METADATA}", _take),
        ("SkipDataset", "All but the first elements (skip).", "count: int64", f"{OUTPUTS}; {METADATA}", _skip),
        ("ShardDataset", "Every n-th element (shard).", "num_shards: int64, index: int64",
         f"require_non_empty: bool = False; {OUTPUTS}; {METADATA}", _shard),
        ("PrefetchDataset", "The elements as they are: none is made ahead (prefetch).", "buffer_size: int64",
         f"{OUTPUTS}; slack_period: int = 0; legacy_autotune: bool = True; buffer_size_min: int = 0; {METADATA}",
         same),
        ("CacheDataset", "The elements, made once (cache).", "filename: string", f"{OUTPUTS}; {METADATA}", cache),
        ("ConcatenateDataset", "The elements of one and of another (concatenate).", "another_dataset: variant",
         f"{OUTPUTS}; {METADATA}", _concatenate)):
    dataset_op(_name, _doc, f"{_ONE}, {_inputs}" if _inputs else _ONE, _attrs, _kernel)
dataset_op("ZipDataset", "Elements of several side by side (tf.data.Dataset.zip).", "input_datasets: N*variant",
           f"{OUTPUTS}; N: int >= 1; {METADATA}", _zip)
dataset_op("RewriteDataset", "The elements as they are (enumerate).", f"{_ONE}, rewrite_name: string", OUTPUTS, same)
dataset_op("AssertCardinalityDataset", "The elements, of which there must be so many (assert_cardinality).",
           "input_dataset: variant, cardinality: int64", OUTPUTS, _assert_cardinality)
