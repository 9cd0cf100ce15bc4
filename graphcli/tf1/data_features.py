"""Datasets of the features of Examples (tf.data.experimental.make_batched_features_dataset)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.graph import Tensor
from ..graph.shapes import TensorShape
from ..graph.types import int64, string
from .conversion import convert_to_tensor
from .data import Dataset, like
from .data_elements import Elements
from .data_experimental import parallel_interleave
from .data_readers import TFRecordDataset
from .framework import apply_op, name_scope
from .parsing import Wanted, with_sparse
from .sparse_tensor import SparseTensor

EXPORTS = """
data.experimental: parse_example_dataset make_batched_features_dataset
"""


def parse_example_dataset(features: dict[str, Any], num_parallel_calls: Any = 1, deterministic: bool | None = None
                          ) -> Callable[[Dataset], Dataset]:
    """The features of serialized Examples, a batch an element, by name (tf.data.experimental.parse_example_dataset)."""
    if features is None:
        raise InvalidValue("Argument `features` is required.")

    def apply(dataset: Dataset) -> Dataset:
        if dataset._types is not string or dataset._shapes.rank != 1:
            raise InvalidType("Input dataset should be a dataset of vectors of strings.")
        wanted = Wanted(features)
        rows: Any = dataset._shapes.tuple
        sparse: dict[str, Any] = {k: (t, TensorShape([*rows, None]), SparseTensor) for k, t in wanted.sparse.items()}
        dense: dict[str, Any] = {k: (t, TensorShape([*rows, *s.as_list()]), Tensor)
                                 for k, (t, _, s) in wanted.dense.items()}
        leaves = {**sparse, **dense}
        elements = Elements(*({k: leaves[k][i] for k in sorted(leaves)} for i in range(3)))
        order = {None: "default", True: "true", False: "false"}[deterministic]
        defaults = wanted.defaults()
        with name_scope("ParseExampleDatasetV2") as scope:
            calls = convert_to_tensor(num_parallel_calls, int64, "num_parallel_calls")
            handle = apply_op("ParseExampleDatasetV2", scope, [dataset._variant_tensor, calls, defaults], {
                **elements._attrs(), "sparse_keys": sorted(wanted.sparse), "dense_keys": sorted(wanted.dense),
                "sparse_types": [wanted.sparse[k] for k in sorted(wanted.sparse)],
                "dense_shapes": [wanted.dense[k][2].tuple for k in sorted(wanted.dense)], "deterministic": order})
        made = like(elements, handle)
        if any(hasattr(f, "index_key") for f in features.values()):
            return made.map(lambda found: with_sparse(features, found), num_parallel_calls=num_parallel_calls)
        return made

    return apply


def make_batched_features_dataset(file_pattern: Any, batch_size: int, features: dict[str, Any], reader: Any = None,
                                  label_key: str | None = None, reader_args: Any = None, num_epochs: int | None = None,
                                  shuffle: bool = True, shuffle_buffer_size: int = 10000,
                                  shuffle_seed: int | None = None, prefetch_buffer_size: Any = None,
                                  reader_num_threads: int | None = None, parser_num_threads: int | None = None,
                                  sloppy_ordering: bool = False, drop_final_batch: bool = False) -> Dataset:
    """Batches of features of the Examples in files (tf.data.experimental.make_batched_features_dataset).

    label_key: a feature that is given beside the others. Raises InvalidValue where there is none of this name.
    """
    if shuffle_seed is not None and not shuffle:
        raise InvalidValue("`shuffle_seed` is given, and `shuffle` is false")
    if label_key is not None and label_key not in features:
        raise InvalidValue(f"The `label_key` provided ({label_key!r}) must be one of the `features` keys.")
    open_with = TFRecordDataset if reader is None else reader
    dataset = Dataset.list_files(file_pattern, shuffle=shuffle, seed=shuffle_seed)
    several = parallel_interleave(lambda filename: open_with(filename, *(reader_args or [])),
                                  cycle_length=reader_num_threads or 1, sloppy=sloppy_ordering)
    dataset = dataset.apply(several)
    if isinstance(dataset._types, tuple):
        # of records with keys the values
        dataset = dataset.map(lambda _, value: value)
    if num_epochs != 1:
        dataset = dataset.repeat(num_epochs)
    if shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed)
    dataset = dataset.batch(batch_size, drop_remainder=drop_final_batch or num_epochs is None)
    dataset = dataset.apply(parse_example_dataset(features, num_parallel_calls=parser_num_threads or 2))
    if label_key is not None:
        dataset = dataset.map(lambda found: (found, found.pop(label_key)))
    made: Dataset = dataset.prefetch(prefetch_buffer_size)
    return made
