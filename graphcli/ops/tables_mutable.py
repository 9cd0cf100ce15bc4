"""Tables that change (tf.contrib.lookup.MutableHashTable, MutableDenseHashTable), and older forms of all tables."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidArgument
from ..graph.inference import scalar_shape
from ..graph.opdef import no_gradient, op, undefined_gradient
from ._older import by_reference, older
from ._shared import shared
from ._tables import DenseTable, MutableTable
from .tables import NAMED

CPU_ONLY = True
_SHAPED = f"{NAMED}; value_shape: shape = []"
_DENSE = f"{_SHAPED}; initial_num_buckets: int = 131072; max_load_factor: float = 0.8"


def _table(name: str, doc: str, attrs: str, made: Any, inputs: str = "") -> None:
    def kernel(n: Any) -> Any:
        return lambda *keys: shared(n, "Table", lambda: made(n, *keys))

    op(type(name, (), {"__doc__": doc, "__module__": __name__, "signature": f"{inputs} -> table_handle: resource",
                       "attrs": attrs, "stateful": True, "infer": scalar_shape, "kernel": kernel,
                       "gradient": no_gradient}))


def _of_tensors(n: Any) -> MutableTable:
    shape = n.attrs["value_shape"]
    if shape is None or len(shape) != 1:
        raise InvalidArgument(f"Default value must be a vector, got shape {shape}")
    return MutableTable(n, tuple(shape))


_table("MutableHashTableV2", "A table that changes.", NAMED, MutableTable)
_table("MutableHashTableOfTensorsV2", "A table of vectors that changes.", _SHAPED, _of_tensors)
_table("MutableDenseHashTableV2", "A table in buckets that changes.", _DENSE, DenseTable,
       "empty_key: key_dtype, deleted_key: key_dtype")


@op
class LookupTableInsertV2:
    """Gives keys values."""

    signature = "table_handle: resource, keys: Tin, values: Tout -> "
    attrs = "Tin: type; Tout: type"
    stateful = True
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return lambda table, keys, values: table.insert(keys, values)


@op
class LookupTableRemoveV2:
    """Takes keys out."""

    signature = "table_handle: resource, keys: Tin -> "
    attrs = "Tin: type"
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda table, keys: table.remove(keys)


by_reference(__name__, {k: f"{k}V2" for k in (
    "HashTable", "MutableHashTable", "MutableHashTableOfTensors", "MutableDenseHashTable")},
    infer=lambda n, *keys: (2,))
older(__name__, "MutableDenseHashTable", "MutableDenseHashTable",
      signature="empty_key: key_dtype -> table_handle: Ref(string)")
by_reference(__name__, {k: f"{k}V2" for k in (
    "LookupTableInsert", "LookupTableImport", "InitializeTable", "InitializeTableFromTextFile", "LookupTableSize")})
by_reference(__name__, {"LookupTableFind": "LookupTableFindV2"}, infer=lambda n, *shapes: None)
by_reference(__name__, {"LookupTableExport": "LookupTableExportV2"})
