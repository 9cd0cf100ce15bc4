"""Tables that change, and are saved with the variables (tf.contrib.lookup.MutableHashTable, MutableDenseHashTable)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType
from ..graph.collections import GraphKeys
from ..graph.graph import Node, Tensor
from ..graph.types import DType, as_dtype
from .context import colocate_with
from .conversion import convert_to_tensor
from .framework import add_to_collection, apply_op, name_scope
from .saveables import SaveableObject

EXPORTS = """
contrib.lookup: MutableHashTable MutableDenseHashTable=DenseHashTable
lookup.experimental: DenseHashTable MutableHashTable
"""


class _Table:
    """What tables that change have in common."""

    resource_handle: Tensor

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Tensor, name: str, checkpoint: bool) -> None:
        self.key_dtype: DType = as_dtype(key_dtype)
        self.value_dtype: DType = as_dtype(value_dtype)
        self._default_value, self._checkpoint = default_value, checkpoint
        self.resource_handle = self._make(name)
        if checkpoint:
            add_to_collection(GraphKeys.SAVEABLE_OBJECTS, _Saveable(self, name))

    def _make(self, name: str) -> Tensor:
        raise NotImplementedError

    def _attrs(self) -> dict[str, Any]:
        return {"shared_name": "", "container": "", "use_node_name_sharing": self._checkpoint,
                "key_dtype": self.key_dtype, "value_dtype": self.value_dtype}

    @property
    def name(self) -> str:
        return self.resource_handle.op.name.rpartition("/")[2]

    def size(self, name: str | None = None) -> Tensor:
        """How many entries there are."""
        with name_scope(name, f"{self.name}_Size", [self.resource_handle]), colocate_with(self.resource_handle):
            made: Tensor = apply_op("LookupTableSizeV2", None, [self.resource_handle])
            return made

    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """The values of keys, the default value where there is none. Raises InvalidType for keys of another dtype."""
        with name_scope(name, f"{self.name}_lookup_table_find", [self.resource_handle, keys]):
            keys = convert_to_tensor(keys, self.key_dtype, "keys")
            with colocate_with(self.resource_handle):
                made: Tensor = apply_op("LookupTableFindV2", None, [self.resource_handle, keys, self._default_value])
                return made

    def insert(self, keys: Any, values: Any, name: str | None = None) -> Node:
        """The node that gives keys values. Raises InvalidType for other dtypes."""
        with name_scope(name, f"{self.name}_lookup_table_insert", [self.resource_handle, keys, values]):
            keys = convert_to_tensor(keys, self.key_dtype, "keys")
            values = convert_to_tensor(values, self.value_dtype, "values")
            with colocate_with(self.resource_handle):
                made: Node = apply_op("LookupTableInsertV2", None, [self.resource_handle, keys, values])
                return made

    def remove(self, keys: Any, name: str | None = None) -> Node:
        """The node that takes keys, a tensor, out. Raises InvalidType for keys of another dtype."""
        if keys.dtype != self.key_dtype:
            raise InvalidType(f"Signature mismatch. Keys must be dtype {self.key_dtype!r}, got {keys.dtype!r}.")
        with name_scope(name, f"{self.name}_lookup_table_remove", [self.resource_handle, keys, self._default_value]):
            made: Node = apply_op("LookupTableRemoveV2", None, [self.resource_handle, keys])
            return made

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """(all keys, all values)."""
        with name_scope(name, f"{self.name}_lookup_table_export_values", [self.resource_handle]), \
                colocate_with(self.resource_handle):
            keys, values = apply_op("LookupTableExportV2", None, [self.resource_handle],
                                    {"Tkeys": self.key_dtype, "Tvalues": self.value_dtype})
        return keys, values


class _Saveable(SaveableObject):
    """The keys and values of a table, as a checkpoint has them."""

    def __init__(self, table: _Table, name: str) -> None:
        self.table, self.entries = table, table.export()
        super().__init__(name, table.resource_handle.op, [f"{name}-keys", f"{name}-values"])

    def tensors(self) -> list[Any]:
        return list(self.entries)

    def restore(self, values: list[Any], reshape: bool) -> Node:
        handle = self.table.resource_handle
        with name_scope(None, f"{self.name}_table_restore"), colocate_with(handle):
            made: Node = apply_op("LookupTableImportV2", None, [handle, *values])
            return made


class MutableHashTable(_Table):
    """A table that changes (tf.contrib.lookup.MutableHashTable). default_value: a scalar or a vector; values are of its
    shape. checkpoint: whether a Saver saves the table."""

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Any, name: str = "MutableHashTable",
                 checkpoint: bool = True) -> None:
        super().__init__(key_dtype, value_dtype, convert_to_tensor(default_value, as_dtype(value_dtype)), name,
                         checkpoint)

    def _make(self, name: str) -> Tensor:
        shape = self._default_value.static
        made: Tensor
        if shape == ():
            made = apply_op("MutableHashTableV2", name, [], self._attrs())
        else:
            made = apply_op("MutableHashTableOfTensorsV2", name, [], {**self._attrs(), "value_shape": shape})
        return made


class DenseHashTable(_Table):
    """A table that changes, in buckets (tf.lookup.experimental.DenseHashTable, in tf.contrib MutableDenseHashTable).

    empty_key, deleted_key: keys for buckets that were never used, or are no more; no other entry may have them.
    """

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Any, empty_key: Any, deleted_key: Any,
                 initial_num_buckets: int | None = None, name: str = "MutableDenseHashTable",
                 checkpoint: bool = True) -> None:
        default = convert_to_tensor(default_value, as_dtype(value_dtype), "default_value")
        self._reserved = [convert_to_tensor(empty_key, as_dtype(key_dtype), "empty_key"),
                          convert_to_tensor(deleted_key, as_dtype(key_dtype), "deleted_key")]
        self._buckets = initial_num_buckets
        super().__init__(key_dtype, value_dtype, default, name, checkpoint)

    def _make(self, name: str) -> Tensor:
        attrs = {**self._attrs(), "value_shape": self._default_value.static}
        del attrs["key_dtype"]
        if self._buckets is not None:
            attrs["initial_num_buckets"] = self._buckets
        made: Tensor = apply_op("MutableDenseHashTableV2", name, self._reserved, attrs)
        return made

    insert_or_assign, erase = _Table.insert, _Table.remove
