"""tf.contrib.data, from where tf.data.experimental came: what changes a dataset, by ``dataset.apply``."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .data import Dataset
from .data_experimental import (
    Counter,
    RandomDataset,
    bucket_by_sequence_length,
    choose_from_datasets,
    dense_to_sparse_batch,
    enumerate_dataset,
    get_single_element,
    group_by_window,
    ignore_errors,
    map_and_batch,
    parallel_interleave,
    prefetch_to_device,
    sample_from_datasets,
    scan,
    shuffle_and_repeat,
    unbatch,
    unique,
)

EXPORTS = """
contrib.data: Counter RandomDataset bucket_by_sequence_length choose_from_datasets dense_to_sparse_batch
contrib.data: enumerate_dataset get_single_element group_by_window ignore_errors map_and_batch parallel_interleave
contrib.data: prefetch_to_device sample_from_datasets scan shuffle_and_repeat unbatch unique
contrib.data: batch_and_drop_remainder padded_batch_and_drop_remainder
"""

__all__ = ["Counter", "RandomDataset", "bucket_by_sequence_length", "choose_from_datasets", "dense_to_sparse_batch",
           "enumerate_dataset", "get_single_element", "group_by_window", "ignore_errors", "map_and_batch",
           "parallel_interleave", "prefetch_to_device", "sample_from_datasets", "scan", "shuffle_and_repeat",
           "unbatch", "unique"]


def batch_and_drop_remainder(batch_size: Any) -> Callable[[Dataset], Dataset]:
    """Batches, all of the same size (tf.contrib.data.batch_and_drop_remainder)."""
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)


def padded_batch_and_drop_remainder(batch_size: Any, padded_shapes: Any,
                                    padding_values: Any = None) -> Callable[[Dataset], Dataset]:
    """Padded batches, all of the same size (tf.contrib.data.padded_batch_and_drop_remainder)."""
    return lambda dataset: dataset.padded_batch(batch_size, padded_shapes, padding_values, drop_remainder=True)
