"""Tables of words and their numbers as older programs make them (tf.contrib.lookup)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.types import as_dtype, int64, string
from .conversion import convert_to_tensor
from .framework import name_scope
from .lookup import KeyValueTensorInitializer, StaticHashTable, TextFileIndex, TextFileInitializer
from .modules import modules
from .sparse_tensor import SparseTensor, convert_to_tensor_or_sparse_tensor

EXPORTS = """
contrib.lookup: index_table_from_file index_table_from_tensor index_to_string_table_from_file
contrib.lookup: index_to_string_table_from_tensor
"""

tf = modules["tf"]


class _WithBuckets:
    """A table whose unknown words get numbers beyond, by their hash; without buckets it is the table itself."""

    def __init__(self, table: StaticHashTable, buckets: int, key_dtype: Any) -> None:
        self._table, self._buckets, self.key_dtype = table, buckets, key_dtype
        self.value_dtype, self.name = int64, table.name
        self.initializer = self.init = table.initializer

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The numbers of words, dense or sparse."""
        keys = convert_to_tensor_or_sparse_tensor(keys)
        values = keys.values if isinstance(keys, SparseTensor) else keys
        plain = tf.cast(values, int64) if self.key_dtype.is_integer else values
        with name_scope(name, f"{self.name}_Lookup"):
            text = plain if self.key_dtype is string else tf.as_string(plain)
            buckets = tf.strings.to_hash_bucket_fast(text, self._buckets, name="hash_bucket")
            ids = self._table.lookup(plain)
            buckets = tf.add(buckets, self._table.size())
            ids = tf.where_v2(tf.not_equal(ids, self._table.default_value), ids, buckets)
        return SparseTensor(keys.indices, ids, keys.dense_shape) if isinstance(keys, SparseTensor) else ids

    def size(self, name: str | None = None) -> Any:
        """How many numbers there are."""
        with name_scope(name, f"{self.name}_Size"):
            return self._table.size() + self._buckets


def _with_buckets(table: StaticHashTable, buckets: int, key_dtype: Any) -> Any:
    return _WithBuckets(table, buckets, key_dtype) if buckets else table


def index_table_from_file(vocabulary_file: Any = None, num_oov_buckets: int = 0, vocab_size: int | None = None,
                          default_value: Any = -1, hasher_spec: Any = None, key_dtype: Any = string,
                          name: str | None = None, key_column_index: int = TextFileIndex.WHOLE_LINE,
                          value_column_index: int = TextFileIndex.LINE_NUMBER, delimiter: str = "\t") -> Any:
    """The words of a file's lines and their numbers (tf.contrib.lookup.index_table_from_file).

    num_oov_buckets: how many numbers beyond the file's are for words that it has not; default_value: theirs if 0.
    Raises InvalidValue without a file.
    """
    if vocabulary_file is None or vocabulary_file == "":
        raise InvalidValue("`vocabulary_file` must be specified.")
    dtype = as_dtype(key_dtype)
    with name_scope(name, "string_to_index"):
        with name_scope(None, "hash_table"):
            given = TextFileInitializer(vocabulary_file, int64 if dtype.is_integer else dtype, key_column_index, int64,
                                        value_column_index, vocab_size, delimiter, "table_init")
            table = StaticHashTable(given, default_value)
        return _with_buckets(table, num_oov_buckets, dtype)


def index_table_from_tensor(vocabulary_list: Any = None, num_oov_buckets: int = 0, default_value: Any = -1,
                            hasher_spec: Any = None, dtype: Any = string, name: str | None = None,
                            mapping: Any = None) -> Any:
    """Words and their places in a list (tf.contrib.lookup.index_table_from_tensor)."""
    words = mapping if vocabulary_list is None else vocabulary_list
    if words is None:
        raise InvalidValue("`vocabulary_list` must be specified.")
    kind = as_dtype(dtype)
    with name_scope(name, "string_to_index"):
        keys = convert_to_tensor(words)
        if keys.dtype.is_integer != kind.is_integer or not kind.is_integer and keys.dtype.base_dtype is not kind:
            raise InvalidValue(f"Invalid `dtype`: Expected {kind!r}, got {keys.dtype!r}.")
        values = tf.cast(tf.range(tf.size(keys)), int64)
        with name_scope(None, "hash_table"):
            plain = tf.cast(keys, int64) if keys.dtype.is_integer else keys
            table = StaticHashTable(KeyValueTensorInitializer(plain, values, plain.dtype, int64, "table_init"),
                                    default_value)
        return _with_buckets(table, num_oov_buckets, kind)


def index_to_string_table_from_file(vocabulary_file: Any, vocab_size: int | None = None, default_value: Any = "UNK",
                                    name: str | None = None, key_column_index: int = TextFileIndex.LINE_NUMBER,
                                    value_column_index: int = TextFileIndex.WHOLE_LINE, delimiter: str = "\t") -> Any:
    """The words of numbers, of a file's lines (tf.contrib.lookup.index_to_string_table_from_file)."""
    if not vocabulary_file:
        raise InvalidValue("`vocabulary_file` must be specified.")
    with name_scope(name, "index_to_string"):
        given = TextFileInitializer(vocabulary_file, int64, key_column_index, string, value_column_index, vocab_size,
                                    delimiter, "table_init")
        return StaticHashTable(given, default_value)


def index_to_string_table_from_tensor(vocabulary_list: Any = None, default_value: Any = "UNK", name: str | None = None,
                                      mapping: Any = None) -> Any:
    """The words of numbers, their places in a list (tf.contrib.lookup.index_to_string_table_from_tensor)."""
    words = mapping if vocabulary_list is None else vocabulary_list
    if words is None:
        raise InvalidValue("`vocabulary_list` must be specified.")
    with name_scope(name, "index_to_string"):
        values = convert_to_tensor(words, string)
        keys = tf.cast(tf.range(tf.size(values)), int64)
        return StaticHashTable(KeyValueTensorInitializer(keys, values, int64, string, "table_init"), default_value)
