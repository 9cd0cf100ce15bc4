"""Datasets of what a query of a database gives (tf.data.experimental.SqlDataset), and files of what a dataset gives."""
from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np

from ..errors import InvalidArgument, NotFound, Unimplemented
from ..graph.opdef import op, undefined_gradient
from ..wire.records import frame
from ._datasets import OUTPUTS, Dataset, dataset_op
from ._older import older
from .checkpoint import path_of

CPU_ONLY = True
_TEXTS = "driver_name: string, data_source_name: string, query: string"


def _text(value: Any) -> str:
    item = np.asarray(value, object).item()
    return item.decode() if isinstance(item, bytes) else item


def _as_text(value: Any) -> bytes:
    """What SQLite calls the text of a value."""
    if value is None:
        return b""
    if isinstance(value, float):
        whole, e, power = f"{value:.15g}".partition("e")
        return f"{whole}{'' if re.search('[.n]', whole) else '.0'}{e}{power}".encode()
    return value if isinstance(value, bytes) else str(value).encode()


def _as_number(value: Any) -> float | int:
    """What SQLite calls the number of a value: of text what it begins with."""
    if isinstance(value, bytes):
        found = re.match(rb"\s*([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", value)
        return float(found[1]) if found else 0
    number: float | int = 0 if value is None else value
    return number


def _cell(value: Any, kind: Any) -> Any:
    if kind.name == "string":
        return np.asarray(_as_text(value), object)
    number = _as_number(value)
    if kind.name == "float64":
        return np.float64(number)
    if kind.name == "bool":
        return np.bool_(int(number) != 0)
    # a float that is too large is the largest; of whole numbers the lower bits
    whole = int(number) if isinstance(number, int) else int(min(max(number, -2.0**63), 2.0**63))
    return np.asarray(min(whole, (1 << 63) - 1), np.int64).astype(kind.as_numpy_dtype)


def _rows(path: str, query: str, kinds: list[Any]) -> Iterator[tuple[Any, ...]]:
    import sqlite3

    def allowed(action: int, *about: Any) -> int:
        # no other file is opened
        return sqlite3.SQLITE_DENY if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH) else sqlite3.SQLITE_OK

    if not os.path.isfile(path):
        raise NotFound(f"{path}; No such file or directory")
    with closing(sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True, check_same_thread=False)) as base:
        base.text_factory = bytes
        base.set_authorizer(allowed)
        try:
            rows = base.execute(query)
            width = len(rows.description or ())
            if width != len(kinds):
                raise InvalidArgument(f"The number of columns in query ({width}) must match the number of elements in "
                                      f"output_types ({len(kinds)}).")
            for row in rows:
                yield tuple([_cell(value, kind) for value, kind in zip(row, kinds)])
        except sqlite3.Error as error:
            raise InvalidArgument(f"{path}: {error}: {query}") from error


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(os.path.abspath(path))


_KINDS = ("string", "int8", "int16", "int32", "int64", "uint8", "uint16", "bool", "float64")


def _queried(n: Any) -> Any:
    kinds = n.attrs["output_types"]
    for kind in kinds:
        if kind.name not in _KINDS:
            raise InvalidArgument(f"Each element of `output_types_` must be a string, a whole number, bool or double, "
                                  f"not {kind.name}.")
    for shape in n.attrs["output_shapes"]:
        if shape not in (None, ()):
            raise InvalidArgument("Each element of `output_shapes_` must be a scalar.")

    def made(driver: Any, source: Any, query: Any) -> Dataset:
        if _text(driver) != "sqlite":
            raise InvalidArgument(f"The database type, {_text(driver)}, is not supported by SqlDataset. The set of "
                                  "supported databases is: {'sqlite'}.")
        path, asked = path_of(n, source, reading=True), _text(query)
        return Dataset(lambda: _rows(path, asked, kinds))

    return made


dataset_op("SqlDataset", "The rows of what a query of a database gives (tf.data.experimental.SqlDataset).", _TEXTS,
           OUTPUTS, _queried)
older(__name__, "ExperimentalSqlDataset", "SqlDataset")


@op
class DatasetToTFRecord:
    """Writes the elements of a dataset, strings, to a TFRecord file (tf.data.experimental.TFRecordWriter)."""

    signature = "input_dataset: variant, filename: string, compression_type: string -> "
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        def write(rows: Any, filename: Any, compression: Any) -> None:
            import gzip
            import zlib

            from ..wire.files import write_whole

            kind, path = _text(compression), path_of(n, filename)
            if kind not in ("", "GZIP", "ZLIB"):
                raise Unimplemented(f"Unsupported compression_type: {kind}.")

            def written(file: Any) -> None:
                out = gzip.GzipFile("", "wb", 9, file, 0) if kind == "GZIP" else file
                packed = zlib.compressobj() if kind == "ZLIB" else None
                for element in rows:
                    record = frame(np.asarray(element[0], object).item())
                    out.write(packed.compress(record) if packed else record)
                if packed:
                    out.write(packed.flush())
                if out is not file:
                    out.close()

            write_whole(path, written)

        return write


older(__name__, "ExperimentalDatasetToTFRecord", "DatasetToTFRecord")
