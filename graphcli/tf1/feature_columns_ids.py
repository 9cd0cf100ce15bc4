"""Feature columns of ids: of words by a hash, a list or a file, and of numbers as they are."""
from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.types import as_dtype, int64, string
from .feature_columns import (
    CategoricalColumn,
    Transformed,
    key_of,
    sparse_without,
    words_or_numbers,
)
from .framework import control_dependencies
from .gfile import GFile
from .logging import info
from .lookup_words import index_table_from_file, index_table_from_tensor
from .modules import modules
from .parsing import VarLenFeature
from .sparse_tensor import SparseTensor

EXPORTS = """
feature_column: categorical_column_with_hash_bucket categorical_column_with_vocabulary_file
feature_column: categorical_column_with_vocabulary_list categorical_column_with_identity
"""

tf = modules["tf"]


class _OfOneFeature(CategoricalColumn):
    """The ids of what one feature has."""

    key: str
    dtype: Any

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.key

    @property
    def parse_example_spec(self) -> dict[str, Any]:  # type: ignore[override]
        return {self.key: VarLenFeature(self.dtype)}

    def transform(self, features: Transformed) -> SparseTensor:
        return self.numbered(sparse_without(features[self.key]))

    def numbered(self, words: SparseTensor) -> SparseTensor:
        """The ids of words."""
        raise NotImplementedError

    def _fitting(self, words: SparseTensor) -> SparseTensor:
        kind = words_or_numbers(words.dtype, f"column_name: {self.key} input_tensor")
        if kind.is_integer != self.dtype.is_integer:
            raise InvalidValue(f"Column dtype and SparseTensors dtype must be compatible. key: {self.key}, "
                               f"column dtype: {self.dtype!r}, tensor dtype: {kind!r}")
        return words


class HashedCategoricalColumn(_OfOneFeature, namedtuple("HashedCategoricalColumn", "key hash_bucket_size dtype")):
    """Words by their hash."""

    @property
    def num_buckets(self) -> int:  # type: ignore[override]
        return self.hash_bucket_size  # type: ignore[no-any-return]

    def numbered(self, words: SparseTensor) -> SparseTensor:
        values = self._fitting(words).values
        text = values if self.dtype == string else tf.as_string(values)
        ids = tf.string_to_hash_bucket_fast(text, self.hash_bucket_size, name="lookup")
        return SparseTensor(words.indices, ids, words.dense_shape)


class _Vocabulary(_OfOneFeature):
    """Words by a table."""

    def numbered(self, words: SparseTensor) -> SparseTensor:
        kind = self.dtype
        if self._fitting(words).dtype.is_integer:
            kind, words = int64, tf.cast(words, int64)
        return self.table(kind, f"{self.key}_lookup").lookup(words)  # type: ignore[no-any-return]

    def table(self, dtype: Any, name: str) -> Any:
        """The table, of keys of this dtype."""
        raise NotImplementedError


class VocabularyFileCategoricalColumn(_Vocabulary, namedtuple(
        "VocabularyFileCategoricalColumn",
        "key vocabulary_file vocabulary_size num_oov_buckets dtype default_value")):
    """Words by the lines of a file."""

    @property
    def num_buckets(self) -> int:  # type: ignore[override]
        return self.vocabulary_size + self.num_oov_buckets  # type: ignore[no-any-return]

    def table(self, dtype: Any, name: str) -> Any:
        return index_table_from_file(self.vocabulary_file, self.num_oov_buckets, self.vocabulary_size,
                                     self.default_value, key_dtype=dtype, name=name)


class VocabularyListCategoricalColumn(_Vocabulary, namedtuple(
        "VocabularyListCategoricalColumn", "key vocabulary_list dtype default_value num_oov_buckets")):
    """Words by a list."""

    @property
    def num_buckets(self) -> int:  # type: ignore[override]
        return len(self.vocabulary_list) + self.num_oov_buckets  # type: ignore[no-any-return]

    def table(self, dtype: Any, name: str) -> Any:
        return index_table_from_tensor(self.vocabulary_list, self.num_oov_buckets, self.default_value, dtype=dtype,
                                       name=name)


class IdentityCategoricalColumn(_OfOneFeature, namedtuple(
        "IdentityCategoricalColumn", "key number_buckets default_value")):
    """Whole numbers, which are ids already."""

    dtype = int64

    @property
    def num_buckets(self) -> int:  # type: ignore[override]
        return self.number_buckets  # type: ignore[no-any-return]

    def numbered(self, words: SparseTensor) -> SparseTensor:
        if not words.dtype.is_integer:
            raise InvalidValue(f"Invalid input, not integer. key: {self.key} dtype: {words.dtype!r}")
        values = words.values
        if values.dtype.base_dtype != int64:
            values = tf.cast(values, int64, name="values")
        if self.default_value is not None:
            values = self._in_range(values)
        else:
            values = self._checked(values)
        return SparseTensor(words.indices, values, words.dense_shape)

    def _bounds(self) -> tuple[Any, Any]:
        return tf.cast(self.num_buckets, int64, name="num_buckets"), tf.cast(0, int64, name="zero")

    def _checked(self, values: Any) -> Any:
        buckets, zero = self._bounds()
        less = tf.assert_less(values, buckets, data=(values, buckets), name="assert_less_than_num_buckets",
                              message=f'Bucket index for categorical column "{self.name}" exceeds number of buckets')
        greater = tf.assert_greater_equal(values, zero, data=(values,), name="assert_greater_or_equal_0",
                                          message=f'Negative bucket index for categorical column "{self.name}"')
        with control_dependencies((less, greater)):
            return tf.identity(values)

    def _in_range(self, values: Any) -> Any:
        buckets, zero = self._bounds()
        out = tf.logical_or(values < zero, values >= buckets, name="out_of_range")
        default = tf.fill(tf.shape(values), tf.cast(self.default_value, int64), name="default_values")
        return tf.where_v2(out, default, values)


def categorical_column_with_hash_bucket(key: str, hash_bucket_size: int, dtype: Any = string
                                        ) -> HashedCategoricalColumn:
    """Words or whole numbers by their hash (tf.feature_column.categorical_column_with_hash_bucket)."""
    if hash_bucket_size is None or hash_bucket_size < 1:
        raise InvalidValue(f"hash_bucket_size must be at least 1. hash_bucket_size: {hash_bucket_size}, key: {key}")
    return HashedCategoricalColumn(key_of(key), hash_bucket_size, words_or_numbers(dtype, f"column_name: {key}"))


def _buckets(key: str, num_oov_buckets: Any, has_default: bool) -> int:
    if num_oov_buckets and has_default:
        raise InvalidValue(f"Can't specify both num_oov_buckets and default_value in {key}.")
    if num_oov_buckets and num_oov_buckets < 0:
        raise InvalidValue(f"Invalid num_oov_buckets {num_oov_buckets} in {key}.")
    return num_oov_buckets or 0


def categorical_column_with_vocabulary_file(key: str, vocabulary_file: str, vocabulary_size: int | None = None,
                                            num_oov_buckets: int = 0, default_value: int | None = None,
                                            dtype: Any = string) -> VocabularyFileCategoricalColumn:
    """Words by the lines of a file (tf.feature_column.categorical_column_with_vocabulary_file).

    vocabulary_size: how many lines count, all by default. num_oov_buckets: ids beyond, for other words;
    default_value: theirs without such, -1 by default. Raises InvalidValue.
    """
    if not vocabulary_file:
        raise InvalidValue(f"Missing vocabulary_file in {key}.")
    if vocabulary_size is None:
        if not tf.gfile.Exists(vocabulary_file):
            raise InvalidValue(f"vocabulary_file in {key} does not exist.")
        with GFile(vocabulary_file) as lines:
            vocabulary_size = sum(1 for _ in lines)
        info("vocabulary_size = %d in %s is inferred from the number of elements in the vocabulary_file %s.",
             vocabulary_size, key, vocabulary_file)
    if vocabulary_size < 1:
        raise InvalidValue(f"Invalid vocabulary_size in {key}.")
    buckets = _buckets(key, num_oov_buckets, default_value is not None)
    kind = words_or_numbers(dtype, f"column_name: {key}")
    return VocabularyFileCategoricalColumn(key_of(key), vocabulary_file, vocabulary_size, buckets, kind,
                                           -1 if default_value is None else default_value)


def categorical_column_with_vocabulary_list(key: str, vocabulary_list: Any, dtype: Any = None, default_value: int = -1,
                                            num_oov_buckets: int = 0) -> VocabularyListCategoricalColumn:
    """Words or whole numbers by their place in a list (tf.feature_column.categorical_column_with_vocabulary_list)."""
    if vocabulary_list is None or len(vocabulary_list) < 1:
        raise InvalidValue(f"vocabulary_list {vocabulary_list} must be non-empty, column_name: {key}")
    if len(set(vocabulary_list)) != len(vocabulary_list):
        raise InvalidValue(f"Duplicate keys in vocabulary_list {vocabulary_list}, column_name: {key}")
    found = as_dtype(np.array(vocabulary_list).dtype)
    buckets = _buckets(key, num_oov_buckets, default_value != -1)
    words_or_numbers(found, f"column_name: {key} vocabulary")
    kind = found if dtype is None else as_dtype(dtype)
    if kind.is_integer != found.is_integer:
        raise InvalidValue(f"dtype {kind!r} and vocabulary dtype {found!r} do not match, column_name: {key}")
    words_or_numbers(kind, f"column_name: {key}")
    return VocabularyListCategoricalColumn(key_of(key), tuple(vocabulary_list), kind, default_value, buckets)


def categorical_column_with_identity(key: str, num_buckets: int, default_value: int | None = None
                                     ) -> IdentityCategoricalColumn:
    """Whole numbers below ``num_buckets`` (tf.feature_column.categorical_column_with_identity).

    default_value: of numbers that are not; without it they are an error of the run. Raises InvalidValue.
    """
    if num_buckets < 1:
        raise InvalidValue(f"num_buckets {num_buckets} < 1, column_name {key}")
    if default_value is not None and not 0 <= default_value < num_buckets:
        raise InvalidValue(f"default_value {default_value} not in range [0, {num_buckets}), column_name {key}")
    return IdentityCategoricalColumn(key_of(key), num_buckets, default_value)
