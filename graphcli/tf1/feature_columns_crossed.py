"""Feature columns made of others: ids with weights, and combinations of features by their hash."""
from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from typing import Any

from ..errors import InvalidValue
from ..graph.types import as_dtype, float32, string
from .feature_columns import CategoricalColumn, FeatureColumn, IdsAndWeights, Transformed, sparse_without
from .feature_columns_ids import HashedCategoricalColumn
from .modules import modules
from .parsing import VarLenFeature
from .sparse_crossed import cross_hashed
from .sparse_tensor import SparseTensor, convert_to_tensor_or_sparse_tensor, is_sparse

EXPORTS = """
feature_column: weighted_categorical_column crossed_column
"""

tf = modules["tf"]


class WeightedCategoricalColumn(CategoricalColumn, namedtuple(
        "WeightedCategoricalColumn", "categorical_column weight_feature_key dtype")):
    """The ids of a column, with weights of a feature that stand where they do."""

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"{self.categorical_column.name}_weighted_by_{self.weight_feature_key}"

    @property
    def parse_example_spec(self) -> dict[str, Any]:  # type: ignore[override]
        spec = dict(self.categorical_column.parse_example_spec)
        if self.weight_feature_key in spec:
            raise InvalidValue(f"Parse config {spec[self.weight_feature_key]} already exists for "
                               f"{self.weight_feature_key}.")
        return {**spec, self.weight_feature_key: VarLenFeature(self.dtype)}

    @property
    def num_buckets(self) -> int:  # type: ignore[override]
        return self.categorical_column.num_buckets  # type: ignore[no-any-return]

    def transform(self, features: Transformed) -> tuple[SparseTensor, SparseTensor]:
        weights = convert_to_tensor_or_sparse_tensor(features[self.weight_feature_key])
        if weights.dtype.base_dtype != self.dtype:
            raise InvalidValue(f"Bad dtype, expected {self.dtype!r}, but got {weights.dtype!r}.")
        if not is_sparse(weights):
            weights = sparse_without(weights, ignored=0.0)
        if not weights.dtype.is_floating:
            weights = tf.cast(weights, float32)
        return features[self.categorical_column], weights

    def ids(self, features: Transformed) -> IdsAndWeights:
        return IdsAndWeights(*features[self])


class CrossedColumn(CategoricalColumn, namedtuple("CrossedColumn", "keys hash_bucket_size hash_key")):
    """Every combination of a row's features, by its hash."""

    def leaves(self) -> Iterator[Any]:
        """What is crossed, with what crosses among it are made of."""
        for key in self.keys:
            if isinstance(key, CrossedColumn):
                yield from key.leaves()
            else:
                yield key

    @property
    def name(self) -> str:  # type: ignore[override]
        return "_X_".join(sorted(key.name if isinstance(key, FeatureColumn) else key for key in self.leaves()))

    @property
    def parse_example_spec(self) -> dict[str, Any]:  # type: ignore[override]
        spec: dict[str, Any] = {}
        for key in self.keys:
            spec.update(key.parse_example_spec if isinstance(key, FeatureColumn) else {key: VarLenFeature(string)})
        return spec

    @property
    def num_buckets(self) -> int:  # type: ignore[override]
        return self.hash_bucket_size  # type: ignore[no-any-return]

    def transform(self, features: Transformed) -> SparseTensor:
        crossed = []
        for key in self.leaves():
            if isinstance(key, str):
                crossed.append(features[key])
                continue
            found = key.ids(features)
            if found.weight_tensor is not None:
                raise InvalidValue("crossed_column does not support weight_tensor, but the given column populates "
                                   f"weight_tensor. Given column: {key.name}")
            crossed.append(found.id_tensor)
        return cross_hashed(crossed, self.hash_bucket_size, self.hash_key)


def weighted_categorical_column(categorical_column: Any, weight_feature_key: str, dtype: Any = float32
                                ) -> WeightedCategoricalColumn:
    """The ids of a column, weighted by another feature (tf.feature_column.weighted_categorical_column)."""
    kind = None if dtype is None else as_dtype(dtype)
    if kind is None or not kind.is_integer and not kind.is_floating:
        raise InvalidValue(f"dtype {dtype} is not convertible to float.")
    return WeightedCategoricalColumn(categorical_column, weight_feature_key, kind)


def crossed_column(keys: Any, hash_bucket_size: int, hash_key: int | None = None) -> CrossedColumn:
    """The combinations of features by their hash (tf.feature_column.crossed_column).

    keys: names of features and columns of ids, but for hashed ones. Raises InvalidValue.
    """
    if not hash_bucket_size or hash_bucket_size < 1:
        raise InvalidValue(f"hash_bucket_size must be > 1. hash_bucket_size: {hash_bucket_size}")
    if not keys or len(keys) < 2:
        raise InvalidValue(f"keys must be a list with length > 1. Given: {keys}")
    for key in keys:
        if isinstance(key, HashedCategoricalColumn):
            raise InvalidValue("categorical_column_with_hash_bucket is not supported for crossing. Hashing before "
                               "crossing will increase probability of collision. Instead, use the feature name as a "
                               f"string. Given: {key}")
        if not isinstance(key, (str, CategoricalColumn)):
            raise InvalidValue("Unsupported key type. All keys must be either string, or categorical column except "
                               f"HashedCategoricalColumn. Given: {key}")
    return CrossedColumn(tuple(keys), hash_bucket_size, hash_key)
