"""What is applied to datasets: ``dataset.apply(tf.data.experimental.NAME(...))``, and what is made of several."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue
from ..graph.graph import Tensor
from ..graph.types import int64
from .conversion import constant, convert_to_tensor
from .data import Dataset, like
from .data_elements import Elements
from .data_functions import legacy_interleaved, map_and_batched
from .data_values import seed_tensors
from .framework import apply_op, control_dependencies, name_scope
from .modules import modules
from .sparse_tensor import SparseTensor

EXPORTS = """
data.experimental: unbatch shuffle_and_repeat map_and_batch map_and_batch_with_legacy_function=map_and_batch
data.experimental: parallel_interleave group_by_window bucket_by_sequence_length scan take_while ignore_errors unique
data.experimental: enumerate_dataset copy_to_device prefetch_to_device dense_to_sparse_batch get_single_element
data.experimental: cardinality assert_cardinality INFINITE_CARDINALITY UNKNOWN_CARDINALITY Counter RandomDataset
data.experimental: sample_from_datasets choose_from_datasets
data: INFINITE_CARDINALITY UNKNOWN_CARDINALITY
"""

tf = modules["tf"]
Change = Callable[[Dataset], Dataset]
INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -2


def unbatch() -> Change:
    """The rows of the elements (tf.data.experimental.unbatch)."""
    return lambda dataset: dataset.unbatch()


def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: int | None = None) -> Change:
    """The elements by chance, in another order each time (tf.data.experimental.shuffle_and_repeat)."""
    def apply(dataset: Dataset) -> Dataset:
        room = convert_to_tensor(buffer_size, int64, "buffer_size")
        times = constant(-1, int64, name="count") if count is None else convert_to_tensor(count, int64, "count")
        first, second = seed_tensors(seed)
        return dataset._same("ShuffleAndRepeatDataset", [room, first, second, times], None)

    return apply


def map_and_batch(map_func: Callable[..., Any], batch_size: Any, num_parallel_batches: Any = None,
                  drop_remainder: Any = False, num_parallel_calls: Any = None) -> Change:
    """Batches of what a function makes of elements (tf.data.experimental.map_and_batch)."""
    if num_parallel_batches is not None and num_parallel_calls is not None:
        raise InvalidValue("`map_and_batch` allows only one of `num_parallel_batches` and `num_parallel_calls`.")
    calls = num_parallel_calls if num_parallel_calls is not None else \
        1 if num_parallel_batches is None else num_parallel_batches * batch_size
    return lambda dataset: map_and_batched(dataset, map_func, batch_size, calls, drop_remainder)


def parallel_interleave(map_func: Callable[..., Any], cycle_length: Any, block_length: Any = 1,
                        sloppy: bool | None = False, buffer_output_elements: Any = None,
                        prefetch_input_elements: Any = None) -> Change:
    """Elements of the datasets that a function makes, by turns (tf.data.experimental.parallel_interleave)."""
    return lambda dataset: legacy_interleaved(dataset, map_func, cycle_length, block_length, sloppy,
                                              buffer_output_elements, prefetch_input_elements)


def group_by_window(key_func: Callable[..., Any], reduce_func: Callable[..., Any], window_size: Any = None,
                    window_size_func: Callable[..., Any] | None = None) -> Change:
    """See Dataset.group_by_window (tf.data.experimental.group_by_window)."""
    return lambda dataset: dataset.group_by_window(key_func, reduce_func, window_size, window_size_func)


def bucket_by_sequence_length(element_length_func: Callable[..., Any], bucket_boundaries: Any, bucket_batch_sizes: Any,
                              padded_shapes: Any = None, padding_values: Any = None,
                              pad_to_bucket_boundary: bool = False, no_padding: bool = False,
                              drop_remainder: bool = False) -> Change:
    """Batches of elements of nearly one length (tf.data.experimental.bucket_by_sequence_length).

    bucket_boundaries: lengths at which the next bucket begins; bucket_batch_sizes: one more than these. Raises
    InvalidValue where they are not.
    """
    def apply(dataset: Dataset) -> Dataset:
        if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
            raise InvalidValue(f"`len(bucket_batch_sizes)` must equal `len(bucket_boundaries) + 1` but got "
                               f"{len(bucket_batch_sizes)} and {len(bucket_boundaries)}")
        sizes = constant(list(bucket_batch_sizes), int64)
        ends = list(bucket_boundaries)

        def bucket_of(*element: Any) -> Any:
            length = element_length_func(*element)
            inside = tf.logical_and(tf.less_equal([np.iinfo(np.int32).min, *ends], length),
                                    tf.less(length, [*ends, np.iinfo(np.int32).max]))
            return tf.reduce_min(tf.where(inside))

        def batch(bucket: Any, group: Dataset) -> Dataset:
            many = sizes[bucket]
            if no_padding:
                return group.batch(many, drop_remainder=drop_remainder)
            fill = None
            if pad_to_bucket_boundary:
                message = ("When pad_to_bucket_boundary=True, elements must have length < max(bucket_boundaries).")
                last = constant(len(bucket_batch_sizes) - 1, int64)
                with control_dependencies([tf.debugging.assert_less(bucket, last, message=message)]):
                    fill = constant(ends, int64)[bucket] - 1
            shapes = _filled(padded_shapes if padded_shapes is not None else group.output_shapes, fill)
            return group.padded_batch(many, shapes, padding_values, drop_remainder=drop_remainder)

        return dataset.group_by_window(bucket_of, batch, window_size_func=lambda bucket: sizes[bucket])

    return apply


def _filled(shapes: Any, fill: Any) -> Any:
    """Shapes in which what is open is filled."""
    from . import data_nest as nest

    def one(shape: Any) -> Any:
        sizes = tf.TensorShape(shape).as_list()
        return [fill if size is None else size for size in sizes] if fill is not None else sizes

    return nest.mapped(one, shapes)


def scan(initial_state: Any, scan_func: Callable[..., Any]) -> Change:
    """See Dataset.scan (tf.data.experimental.scan)."""
    return lambda dataset: dataset.scan(initial_state, scan_func)


def take_while(predicate: Callable[..., Any]) -> Change:
    """The elements before the first for which a function gives false (tf.data.experimental.take_while)."""
    return lambda dataset: dataset.take_while(predicate)


def ignore_errors(log_warning: bool = False) -> Change:
    """The elements that can be made (tf.data.experimental.ignore_errors)."""
    return lambda dataset: dataset.ignore_errors(log_warning)


def unique() -> Change:
    """Each element once (tf.data.experimental.unique)."""
    return lambda dataset: dataset.unique()


def enumerate_dataset(start: Any = 0) -> Change:
    """Each element with its number before it (tf.data.experimental.enumerate_dataset)."""
    return lambda dataset: dataset.enumerate(start)


def copy_to_device(target_device: Any, source_device: Any = "/cpu:0") -> Change:
    """The dataset itself: its elements are made where the step runs (tf.data.experimental.copy_to_device)."""
    return lambda dataset: dataset


def prefetch_to_device(device: Any, buffer_size: Any = None) -> Change:
    """The dataset itself: nothing is made ahead (tf.data.experimental.prefetch_to_device)."""
    return lambda dataset: dataset


def dense_to_sparse_batch(batch_size: Any, row_shape: Any) -> Change:
    """Elements of several shapes as the rows of a sparse tensor (tf.data.experimental.dense_to_sparse_batch)."""
    def apply(dataset: Dataset) -> Dataset:
        if not isinstance(dataset._classes, type) or dataset._classes is not Tensor:
            raise InvalidType("`dense_to_sparse_batch` takes elements of one tensor")
        sizes = tf.TensorShape(row_shape).as_list()
        row = constant([-1 if s is None else s for s in sizes], int64)
        rows = Elements(dataset._types, tf.TensorShape([None, *sizes]), SparseTensor)
        with name_scope("DenseToSparseBatchDataset") as scope:
            many = convert_to_tensor(batch_size, int64, "batch_size")
            handle = apply_op("DenseToSparseBatchDataset", scope, [dataset._variant_tensor, many, row], rows._attrs())
        return like(rows, handle)

    return apply


def get_single_element(dataset: Dataset) -> Any:
    """The one element (tf.data.experimental.get_single_element); a run fails where there are none or more."""
    return dataset.get_single_element()


def cardinality(dataset: Dataset) -> Tensor:
    """How many elements there are (tf.data.experimental.cardinality)."""
    return dataset.cardinality()


def assert_cardinality(expected_cardinality: Any) -> Change:
    """The elements, of which there must be so many (tf.data.experimental.assert_cardinality)."""
    def apply(dataset: Dataset) -> Dataset:
        many = convert_to_tensor(expected_cardinality, int64, "expected_cardinality")
        return dataset._same("AssertCardinalityDataset", [many], None)

    return apply


def Counter(start: Any = 0, step: Any = 1, dtype: Any = int64) -> Dataset:
    """Whole numbers without end (tf.data.experimental.Counter)."""
    with name_scope("counter"):
        first = convert_to_tensor(start, dtype, "start")
        by = convert_to_tensor(step, dtype, "step")
        return Dataset.from_tensors(0).repeat(None).scan(first, lambda state, _: (state + by, state))


class RandomDataset(Dataset):
    """Whole numbers by chance, without end (tf.data.experimental.RandomDataset)."""

    def __init__(self, seed: int | None = None) -> None:
        shape = tf.TensorShape([])
        handle = apply_op("RandomDataset", None, list(seed_tensors(seed)),
                          {"output_types": [int64], "output_shapes": [()]})
        super().__init__(handle, int64, shape)


def sample_from_datasets(datasets: Any, weights: Any = None, seed: int | None = None,
                         stop_on_empty_dataset: bool = False) -> Dataset:
    """Elements of datasets, each drawn with a weight (tf.data.experimental.sample_from_datasets)."""
    if weights is None:
        weights = [1.0 / len(datasets)] * len(datasets)
    if len(weights) != len(datasets):
        raise InvalidValue("`len(weights)` must equal `len(datasets)`")
    shares = convert_to_tensor(weights, name="weights")
    logits = tf.expand_dims(tf.log(shares, name="logits"), 0)

    def drawn(number: Any) -> Any:
        return tf.squeeze(tf.random.stateless_multinomial(logits, 1, seed=number), axis=[0, 1])

    return _directed(RandomDataset(seed).batch(2).map(drawn), datasets, stop_on_empty_dataset)


def choose_from_datasets(datasets: Any, choice_dataset: Dataset, stop_on_empty_dataset: bool = False) -> Dataset:
    """Elements of the datasets that another names by number (tf.data.experimental.choose_from_datasets)."""
    if choice_dataset._types is not int64:
        raise InvalidType("`choice_dataset` must be a dataset of scalar `tf.int64` tensors.")
    kept = apply_op("RewriteDataset", None, [choice_dataset._variant_tensor, "replicate_on_split"],
                    choice_dataset._attrs())
    return _directed(like(choice_dataset, kept), datasets, stop_on_empty_dataset)


def _directed(which: Dataset, datasets: Any, early: bool) -> Dataset:
    from . import data_nest as nest
    from .data_values import common

    first, *others = datasets
    shapes = first._shapes
    for other in others:
        if nest.flatten(other._types) != nest.flatten(first._types):
            raise InvalidType(f"Incompatible types of the datasets: {first._types} and {other._types}")
        shapes = nest.mapped(common, shapes, other._shapes)
    one = Elements(first._types, shapes, first._classes)
    inputs = [which._variant_tensor, [d._variant_tensor for d in datasets]]
    return like(one, apply_op("DirectedInterleaveDataset", None, inputs,
                              {**one._attrs(), "stop_on_empty_dataset": early}))
