"""Tables from keys to values (tf.lookup): they are filled once, by an initializer, and looked up after it."""
from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..errors import FailedPrecondition, InvalidArgument, NotFound, Unimplemented
from ..graph.inference import scalar_shape
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show
from ._entries import EACH, PART, Entries, entries_of, text
from ._shared import shared
from .checkpoint import path_of

CPU_ONLY = True
WHOLE_LINE, LINE_NUMBER = -2, -1
NAMED = ("container: string = ''; shared_name: string = ''; use_node_name_sharing: bool = False; key_dtype: type; "
          "value_dtype: type")


class Table:
    """What a table's handle stands for in a session; entries: None before it is filled."""

    def __init__(self, node: Any) -> None:
        self.name = node.name
        self.keys, self.values = node.attrs["key_dtype"], node.attrs["value_dtype"]
        self.entries: Entries | None = None

    def fill(self, keys: Any, values: Any) -> None:
        """Takes the entries; the same ones again are nothing new.

        Raises FailedPrecondition for a key with two values, and where there are others already.
        """
        made = entries_of(*(np.asarray(of, kind.as_numpy_dtype) for of, kind in ((keys, self.keys),
                                                                                 (values, self.values))))
        if self.entries is None:
            self.entries = made
        elif not self.entries.same(made):
            raise FailedPrecondition(f"the table {self.name!r} is filled already, with other entries")

    def find(self, keys: Any, default: Any) -> Any:
        """The values of keys, each a default where there is none."""
        if np.ndim(default):
            raise InvalidArgument(f"Expected shape [] for default value, got {show(np.shape(default))}")
        entries, other = self.filled(), np.asarray(default).item()
        out = np.empty(np.shape(keys), self.values.as_numpy_dtype)
        entries.find(np.asarray(keys).reshape(-1), other, out.reshape(-1))
        return out

    def take_in(self, keys: Any, values: Any) -> None:
        """Is filled with keys and their values."""
        if keys.shape != values.shape:
            raise InvalidArgument(f"keys and values must have one shape, not {keys.shape} and {values.shape}")
        self.fill(np.asarray(keys).reshape(-1), np.asarray(values).reshape(-1))

    def export(self) -> tuple[Any, Any]:
        """The keys and the values, in the order in which they came."""
        return self.filled().export()

    def insert(self, keys: Any, values: Any) -> None:
        raise Unimplemented("Insert not supported by InitializableLookupTable implementations")

    def remove(self, keys: Any) -> None:
        raise Unimplemented("Remove not supported by InitializableLookupTable implementations")

    def __len__(self) -> int:
        return len(self.filled())

    def filled(self) -> Entries:
        """The entries. Raises FailedPrecondition before there are any."""
        if self.entries is None:
            raise FailedPrecondition("Table not initialized.", hint="run tf.tables_initializer() first")
        return self.entries


@op
class HashTableV2:
    """A table that an initializer fills (tf.lookup.StaticHashTable)."""

    signature = " -> table_handle: resource"
    attrs = NAMED
    stateful = True
    infer, gradient = scalar_shape, no_gradient

    def kernel(n: Any) -> Any:
        table = shared(n, "Table", lambda: Table(n.node))
        return lambda: table


def _import(n: Any) -> Any:
    return lambda table, keys, values: table.take_in(keys, values)


for _name, _key, _value, _gradient in (("LookupTableImportV2", "Tin", "Tout", undefined_gradient),
                                       ("InitializeTableV2", "Tkey", "Tval", no_gradient)):
    op(type(_name, (), {"__doc__": "Fills a table with keys and their values.", "__module__": __name__,
                        "signature": f"table_handle: resource, keys: {_key}, values: {_value} -> ",
                        "attrs": f"{_key}: type; {_value}: type", "stateful": True, "kernel": _import,
                        "gradient": _gradient}))


@op
class InitializeTableFromTextFileV2:
    """Fills a table with the lines of a file: whole ones, their numbers, or their columns."""

    signature = "table_handle: resource, filename: string -> "
    attrs = ("key_index: int >= -2; value_index: int >= -2; vocab_size: int >= -1 = -1; delimiter: string = '\\t'; "
             "offset: int = 0")
    stateful = True
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        places = n.attrs["key_index"], n.attrs["value_index"]
        most, offset, mark = n.attrs["vocab_size"], n.attrs["offset"], n.attrs["delimiter"]
        mark = mark if isinstance(mark, bytes) else mark.encode()

        def fill(table: Table, filename: Any) -> None:
            path = path_of(n, filename, reading=True)
            try:
                with open(path, "rb") as file:
                    lines = [line.rstrip(b"\r\n") for line in file]
            except FileNotFoundError:
                raise NotFound(f"{path}; No such file or directory") from None
            if most >= 0 and len(lines) < most:
                raise InvalidArgument(f"Invalid vocab_size in {os.path.basename(path)}: expected {most} but got "
                                      f"{len(lines)}")
            kept = lines if most < 0 else lines[:most]
            keys, values = ([_column(line, i + offset, place, mark, dtype) for i, line in enumerate(kept)]
                            for place, dtype in zip(places, (table.keys, table.values)))
            table.fill(keys, values)

        return fill


def _column(line: bytes, number: int, place: int, mark: bytes, dtype: Any) -> Any:
    """What a line has at a place, as a value of a dtype. Raises InvalidArgument where it has none."""
    if place == LINE_NUMBER:
        return number
    parts = [line] if place == WHOLE_LINE else line.split(mark)
    at = max(place, 0)
    if at >= len(parts):
        raise InvalidArgument(f"Invalid number of columns in line {number} ({text(line)}): expected at least {at + 1} "
                              f"got {len(parts)}")
    if dtype.kind == "S":
        return parts[at]
    try:
        return dtype.as_numpy_dtype(int(parts[at]) if dtype.kind in "iu" else float(parts[at])).item()
    except ValueError:
        raise InvalidArgument(f"Field {text(parts[at])} in line {number} is not a valid {dtype.name}.") from None


@op
class LookupTableFindV2:
    """The values of keys, a default where there is none."""

    signature = "table_handle: resource, keys: Tin, default_value: Tout -> values: Tout"
    attrs = "Tin: type; Tout: type"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, table: Any, keys: Any, default: Any) -> Any:
        made = n.node.inputs[0].op
        if "value_shape" not in made.attrs:
            return keys
        own = made.inputs[0].static if made.inputs else ()
        value = made.attrs["value_shape"]
        return None if keys is None or own is None or value is None else (*keys[:len(keys) - len(own)], *value)

    def kernel(n: Any) -> Any:
        return lambda table, keys, default: table.find(keys, default)

    def scratch(n: Any) -> int:
        return int(EACH * min(PART, n.size(1)))


@op
class LookupTableSizeV2:
    """How many entries a table has."""

    signature = "table_handle: resource -> size: int64"
    stateful = True
    infer, gradient = scalar_shape, no_gradient

    def kernel(n: Any) -> Any:
        return lambda table: np.asarray(len(table), np.int64)


@op
class LookupTableExportV2:
    """The keys and the values of a table, in the order in which it was filled."""

    signature = "table_handle: resource -> keys: Tkeys, values: Tvalues"
    attrs = "Tkeys: type; Tvalues: type"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, table: Any) -> Any:
        # TensorFlow knows no shape of these of a table that is filled once
        made = n.node.inputs[0].op
        if not made.type.startswith("Mutable") or n.node.type == "LookupTableExport":
            return [None, None]
        # of one in buckets a key and a value are rows when it runs; TensorFlow says so nowhere
        key = made.inputs[0].static if made.inputs else ()
        return [None if key is None else (None, *key), (None, *(made.attrs.get("value_shape") or ()))]

    def kernel(n: Any) -> Any:
        return lambda table: list(table.export())
