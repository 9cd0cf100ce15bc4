"""Dense tensors of ids: one of several (indicator_column), rows of a variable (embedding_column)."""
from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue
from ..graph.collections import GraphKeys
from ..graph.shapes import TensorShape
from ..graph.types import float32
from .checkpoint_init import init_from_checkpoint
from .embedding_sparse import safe_embedding_lookup_sparse
from .feature_columns import CategoricalColumn, DenseColumn, Transformed
from .feature_columns_crossed import WeightedCategoricalColumn
from .framework import add_to_collection, get_collection, name_scope
from .get_variable import get_variable
from .initializers import TruncatedNormal
from .modules import modules

EXPORTS = """
feature_column: indicator_column embedding_column shared_embedding_columns
"""

tf = modules["tf"]


class _OfIds(DenseColumn):
    """What is made of the ids of a column."""

    categorical_column: CategoricalColumn

    @property
    def parse_example_spec(self) -> dict[str, Any]:  # type: ignore[override]
        return self.categorical_column.parse_example_spec


class IndicatorColumn(_OfIds, namedtuple("IndicatorColumn", "categorical_column")):
    """How often each id is in a row, or what its weights add up to."""

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"{self.categorical_column.name}_indicator"

    @property
    def variable_shape(self) -> TensorShape:  # type: ignore[override]
        return TensorShape([1, self.categorical_column.num_buckets])

    def transform(self, features: Transformed) -> Any:
        ids, weights = self.categorical_column.ids(features)
        size = self.categorical_column.num_buckets
        if weights is not None:
            merged = tf.sparse_merge(ids, weights, vocab_size=size)
            merged = tf.sparse_slice(merged, [0, 0], merged.dense_shape)
            return tf.scatter_nd(merged.indices, merged.values, merged.dense_shape)
        dense = tf.sparse_tensor_to_dense(ids, default_value=-1)
        return tf.reduce_sum(tf.one_hot(dense, size, on_value=1.0, off_value=0.0), axis=[-2])

    def dense(self, features: Transformed, collections: Any, trainable: bool) -> Any:
        return features[self]


class _Embedded(_OfIds):
    """Rows of a variable, as one for each row of ids."""

    dimension: int
    combiner: str
    max_norm: Any
    ckpt_to_load_from: Any
    tensor_name_in_ckpt: Any

    @property
    def variable_shape(self) -> TensorShape:  # type: ignore[override]
        return TensorShape([self.dimension])

    def transform(self, features: Transformed) -> Any:
        return features[self.categorical_column]

    def _variable(self, collections: Any, trainable: bool) -> Any:
        return get_variable("embedding_weights", (self.categorical_column.num_buckets, self.dimension), float32,
                            self.initializer, trainable=self.trainable and trainable,  # type: ignore[attr-defined]
                            collections=collections)

    def _rows(self, ids: Any, weights: Any, variable: Any) -> Any:
        if self.ckpt_to_load_from is not None:
            init_from_checkpoint(self.ckpt_to_load_from, {self.tensor_name_in_ckpt: variable})
        return safe_embedding_lookup_sparse(variable, ids, weights, self.combiner, name=f"{self.name}_weights",
                                            max_norm=self.max_norm)


class EmbeddingColumn(_Embedded, namedtuple(
        "EmbeddingColumn",
        "categorical_column dimension combiner initializer ckpt_to_load_from tensor_name_in_ckpt max_norm trainable")):
    """Rows of a variable of its own."""

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"{self.categorical_column.name}_embedding"

    def dense(self, features: Transformed, collections: Any, trainable: bool) -> Any:
        ids, weights = self.categorical_column.ids(features)
        return self._rows(ids, weights, self._variable(collections, trainable))


class SharedEmbeddingColumn(_Embedded, namedtuple(
        "_SharedEmbeddingColumn",
        "categorical_column dimension combiner initializer shared_embedding_collection_name ckpt_to_load_from "
        "tensor_name_in_ckpt max_norm trainable")):
    """Rows of a variable that other columns have too: the one of a collection."""

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"{self.categorical_column.name}_shared_embedding"

    @property
    def scope_name(self) -> str:
        return self.shared_embedding_collection_name  # type: ignore[no-any-return]

    def dense(self, features: Transformed, collections: Any, trainable: bool) -> Any:
        with name_scope(None, self.name):
            ids, weights = self.categorical_column.ids(features)
            collection = self.shared_embedding_collection_name
            shared = get_collection(collection)
            if not shared:
                shared = [self._variable(collections, trainable)]
                add_to_collection(collection, shared[0])
            if len(shared) > 1:
                raise InvalidValue(f"Collection {collection} can only contain one variable.",
                                   hint="give shared_embedding_collection_name a name of its own")
            wanted = (self.categorical_column.num_buckets, self.dimension)
            if tuple(shared[0].get_shape().as_list()) != wanted:
                raise InvalidValue(f"Shared embedding collection {collection} contains variable {shared[0].name} of "
                                   f"unexpected shape {shared[0].get_shape()}. Expected shape is {wanted}.",
                                   hint="give shared_embedding_collection_name a name of its own")
            return self._rows(ids, weights, shared[0])


def indicator_column(categorical_column: Any) -> IndicatorColumn:
    """How often each id is in a row (tf.feature_column.indicator_column): float32 [batch, num_buckets]."""
    return IndicatorColumn(categorical_column)


def _initializer(dimension: Any, initializer: Any, checkpoint: Any, tensor: Any) -> Any:
    if dimension is None or dimension < 1:
        raise InvalidValue(f"Invalid dimension {dimension}.")
    if (checkpoint is None) != (tensor is None):
        raise InvalidValue("Must specify both `ckpt_to_load_from` and `tensor_name_in_ckpt` or none of them.")
    if initializer is not None and not callable(initializer):
        raise InvalidValue("initializer must be callable if specified.")
    return initializer or TruncatedNormal(0.0, 1 / math.sqrt(dimension))


def embedding_column(categorical_column: Any, dimension: int, combiner: str = "mean", initializer: Any = None,
                     ckpt_to_load_from: str | None = None, tensor_name_in_ckpt: str | None = None,
                     max_norm: Any = None, trainable: bool = True) -> EmbeddingColumn:
    """Rows of a variable ``embedding_weights`` by the ids of a column (tf.feature_column.embedding_column).

    combiner: how those of a row become one, 'mean', 'sqrtn' or 'sum'. Raises InvalidValue.
    """
    initializer = _initializer(dimension, initializer, ckpt_to_load_from, tensor_name_in_ckpt)
    return EmbeddingColumn(categorical_column, dimension, combiner, initializer, ckpt_to_load_from, tensor_name_in_ckpt,
                           max_norm, trainable)


def shared_embedding_columns(categorical_columns: Sequence[Any], dimension: int, combiner: str = "mean",
                             initializer: Any = None, shared_embedding_collection_name: str | None = None,
                             ckpt_to_load_from: str | None = None, tensor_name_in_ckpt: str | None = None,
                             max_norm: Any = None, trainable: bool = True) -> list[SharedEmbeddingColumn]:
    """embedding_columns of one variable (tf.feature_column.shared_embedding_columns), in the given order.

    shared_embedding_collection_name: of the collection that holds it, of the columns by default. Raises InvalidValue
    unless all are of one kind and number of buckets.
    """
    initializer = _initializer(dimension, initializer, ckpt_to_load_from, tensor_name_in_ckpt)
    ordered = sorted(categorical_columns, key=lambda column: column.name)
    if not isinstance(ordered[0], CategoricalColumn):
        raise InvalidValue(f"All categorical_columns must be subclasses of _CategoricalColumn. Given: {ordered[0]}")
    kinds = {type(c.categorical_column if isinstance(c, WeightedCategoricalColumn) else c) for c in ordered}
    if len(kinds) > 1:
        raise InvalidValue("To use shared_embedding_column, all categorical_columns must have the same type, or be "
                           f"weighted_categorical_column of the same type. Given: {ordered}")
    if len({c.num_buckets for c in ordered}) > 1:
        raise InvalidValue("To use shared_embedding_column, all categorical_columns must have the same number of "
                           f"buckets. Given: {ordered}")
    name = shared_embedding_collection_name or "_".join(c.name for c in ordered) + "_shared_embedding"
    return [SharedEmbeddingColumn(column, dimension, combiner, initializer, name, ckpt_to_load_from,
                                  tensor_name_in_ckpt, max_norm, trainable) for column in categorical_columns]


def collections_of(given: Any) -> list[str]:
    """The collections that the variables of columns go into."""
    collections = list(given or [])
    return collections + [key for key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.MODEL_VARIABLES)
                          if key not in collections]
