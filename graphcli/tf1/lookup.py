"""Tables from keys to values, filled from tensors or the lines of files (tf.lookup, tf.contrib.lookup)."""
from __future__ import annotations

import os
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.collections import GraphKeys
from ..graph.constant import static_value
from ..graph.graph import Node, Tensor
from ..graph.types import as_dtype, int64, string
from .conversion import convert_to_tensor
from .framework import add_to_collection, apply_op, device, get_default_graph, name_scope
from .modules import modules
from .sparse_tensor import SparseTensor, convert_to_tensor_or_sparse_tensor

EXPORTS = """
lookup: StaticHashTable StaticVocabularyTable KeyValueTensorInitializer TextFileInitializer TextFileIndex
contrib.lookup: HashTable=StaticHashTable KeyValueTensorInitializer TextFileInitializer TextFileIndex
"""

tf = modules["tf"]


class TextFileIndex:
    """What of a line is a key or a value, where it is no column's number (tf.lookup.TextFileIndex)."""

    WHOLE_LINE, LINE_NUMBER = -2, -1


class _Initializer:
    """What fills a table, with the dtypes of keys and values."""

    key_dtype: Any
    value_dtype: Any

    def shared_name(self) -> str:
        return f"hash_table_{len(get_default_graph())}"

    def _filled(self, node: Node) -> Node:
        add_to_collection(GraphKeys.TABLE_INITIALIZERS, node)
        return node


class KeyValueTensorInitializer(_Initializer):
    """Keys and their values as tensors (tf.lookup.KeyValueTensorInitializer)."""

    def __init__(self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None,
                 name: str | None = None) -> None:
        self._keys = convert_to_tensor(keys, key_dtype, "keys")
        self._values = convert_to_tensor(values, value_dtype, "values")
        self._name = name or "key_value_init"
        self.key_dtype, self.value_dtype = self._keys.dtype.base_dtype, self._values.dtype.base_dtype

    def initialize(self, table: StaticHashTable) -> Node:
        """The node that fills a table."""
        with name_scope(self._name, None, [table.resource_handle]):
            return self._filled(apply_op("LookupTableImportV2", None, [table.resource_handle, self._keys,
                                                                       self._values]))


class TextFileInitializer(_Initializer):
    """The lines of a file: keys and values are whole ones, their numbers, or columns (tf.lookup.TextFileInitializer).

    Raises InvalidValue where a dtype does not fit a TextFileIndex, or for an index that is none.
    """

    def __init__(self, filename: Any, key_dtype: Any, key_index: int, value_dtype: Any, value_index: int,
                 vocab_size: int | None = None, delimiter: str = "\t", name: str | None = None,
                 value_index_offset: int = 0) -> None:
        self.key_dtype, self.value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        for word, dtype, index in (("Key", self.key_dtype, key_index), ("Value", self.value_dtype, value_index)):
            if index < TextFileIndex.WHOLE_LINE:
                raise InvalidValue(f"`{word.lower()}_index` should be >= -2, received: {index}.")
            if index == TextFileIndex.LINE_NUMBER and dtype is not int64:
                raise InvalidValue(f"`{word.lower()}_dtype` must be int64 if `{word.lower()}_index` is {index}, "
                                   f"received: {dtype.name}")
            if index == TextFileIndex.WHOLE_LINE and not dtype.is_integer and dtype is not string:
                raise InvalidValue(f"`{word.lower()}_dtype` should be either integer or string for `"
                                   f"{word.lower()}_index` {index}, received: {dtype.name}")
        if vocab_size is not None and vocab_size <= 0:
            raise InvalidValue(f"`vocab_size` should be > 0, received: {vocab_size}")
        if isinstance(filename, (str, bytes, os.PathLike)) and not os.fspath(filename):
            raise InvalidValue("`filename` argument required for tf.lookup.TextFileInitializer")
        self._places = key_index, value_index
        self._size, self._delimiter, self._offset = vocab_size, delimiter, value_index_offset
        self._name = name or "text_file_init"
        with device("CPU"):
            path = os.fspath(filename) if isinstance(filename, os.PathLike) else filename
            self._filename = convert_to_tensor(path, string, "asset_path")

    def shared_name(self) -> str:
        path = static_value(self._filename)
        named = path.item().decode() if path is not None else self._filename.name
        parts = [named, *([] if self._size is None else [str(self._size)]), *map(str, self._places)]
        return "hash_table_" + "_".join([*parts, *([str(self._offset)] if self._offset else [])])

    def initialize(self, table: StaticHashTable) -> Node:
        """The node that fills a table."""
        with name_scope(self._name, "text_file_init", [table.resource_handle]):
            node: Node = apply_op("InitializeTableFromTextFileV2", None, [table.resource_handle, self._filename], {
                "key_index": self._places[0], "value_index": self._places[1], "offset": self._offset,
                "vocab_size": -1 if self._size is None else self._size, "delimiter": self._delimiter})
        if self._filename.op.type == "Const":
            add_to_collection(GraphKeys.ASSET_FILEPATHS, self._filename)
        return self._filled(node)


def _on_values(keys: Any, wanted: Any, found: Any) -> Any:
    """What ``found`` makes of keys, of a sparse tensor's values. Raises InvalidType for keys of another dtype."""
    keys = convert_to_tensor_or_sparse_tensor(keys)
    if keys.dtype.base_dtype is not wanted:
        raise InvalidType(f"Dtype of argument `keys` must be {wanted!r}, received: {keys.dtype.base_dtype!r}")
    if isinstance(keys, SparseTensor):
        return SparseTensor(keys.indices, found(keys.values), keys.dense_shape)
    return found(keys)


class StaticHashTable:
    """A table that its initializer fills (tf.lookup.StaticHashTable); ``tf.tables_initializer()`` runs that."""

    def __init__(self, initializer: Any, default_value: Any, name: str | None = None,
                 experimental_is_anonymous: bool = False) -> None:
        self.key_dtype, self.value_dtype = initializer.key_dtype, initializer.value_dtype
        self.default_value = convert_to_tensor(default_value, self.value_dtype)
        if self.default_value.static not in (None, ()):
            raise InvalidValue(f"the default value of a table is a scalar, not {self.default_value.shape}")
        handle: Tensor = apply_op("HashTableV2", name or "hash_table", [], {
            "shared_name": initializer.shared_name(), "key_dtype": self.key_dtype, "value_dtype": self.value_dtype})
        self.resource_handle = handle
        self.initializer = self.init = initializer.initialize(self)

    @property
    def name(self) -> str:
        return self.resource_handle.op.name.rpartition("/")[2]

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys, dense or sparse; the default value where there is none. Raises InvalidType for another
        dtype."""
        def found(values: Any) -> Any:
            with name_scope(name, f"{self.name}_Lookup", [self.resource_handle, values]):
                return apply_op("LookupTableFindV2", None, [self.resource_handle, values, self.default_value])

        return _on_values(keys, self.key_dtype, found)

    __getitem__ = lookup

    def size(self, name: str | None = None) -> Tensor:
        """How many entries there are."""
        with name_scope(name, f"{self.name}_Size", [self.resource_handle]):
            made: Tensor = apply_op("LookupTableSizeV2", None, [self.resource_handle])
            return made

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """(all keys, all values)."""
        with name_scope(name, f"{self.name}_Export", [self.resource_handle]):
            keys, values = apply_op("LookupTableExportV2", None, [self.resource_handle],
                                    {"Tkeys": self.key_dtype, "Tvalues": self.value_dtype})
        return keys, values


class StaticVocabularyTable:
    """Words and their numbers; words that it has not get one of ``num_oov_buckets`` numbers beyond, by their hash
    (tf.lookup.StaticVocabularyTable). Raises InvalidType unless values are int64, InvalidValue without buckets."""

    def __init__(self, initializer: Any, num_oov_buckets: int, lookup_key_dtype: Any = None, name: str | None = None,
                 experimental_is_anonymous: bool = False) -> None:
        if num_oov_buckets <= 0:
            raise InvalidValue("`num_oov_buckets` must be > 0; use StaticHashTable.")
        if initializer is not None and initializer.value_dtype is not int64:
            raise InvalidType(f"Invalid `value_dtype`, expected {int64!r} but got {initializer.value_dtype!r}.")
        self._table = None if initializer is None else StaticHashTable(initializer, -1, name)
        self._buckets = num_oov_buckets
        given = lookup_key_dtype or (string if self._table is None else self._table.key_dtype)
        self.key_dtype, self.value_dtype = as_dtype(given), int64

    @property
    def initializer(self) -> Any:
        return tf.no_op() if self._table is None else self._table.initializer

    @property
    def name(self) -> str:
        return "hash_bucket" if self._table is None else self._table.name

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The numbers of words, dense or sparse."""
        def found(values: Any) -> Any:
            with name_scope(name, f"{self.name}_Lookup"):
                text = values if self.key_dtype is string else tf.as_string(values)
                buckets = tf.strings.to_hash_bucket_fast(text, self._buckets, name="hash_bucket")
                if self._table is None:
                    return buckets
                ids = self._table.lookup(values)
                buckets = tf.add(buckets, self._table.size())
                return tf.where_v2(tf.not_equal(ids, self._table.default_value), ids, buckets)

        return _on_values(keys, self.key_dtype, found)

    __getitem__ = lookup

    def size(self, name: str | None = None) -> Any:
        """How many numbers there are."""
        with name_scope(name, f"{self.name}_Size"):
            known = tf.convert_to_tensor(0, int64) if self._table is None else self._table.size()
            return known + self._buckets
