"""The rows of files of fields between commas (tf.data.experimental.CsvDataset)."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ._datasets import OUTPUTS, Dataset, dataset_op
from .dataset_sources import opened
from .decode import fields, values_of

CPU_ONLY = True


def _within_quotes(text: bytes, delimiter: bytes) -> bool:
    """Whether a row goes on in the next line, since a field that begins with a quote has not ended."""
    at = 0
    while True:
        if text[at:at + 1] == b'"':
            end = text.find(b'"', at + 1)
            while end >= 0 and text[end + 1:end + 2] == b'"':
                end = text.find(b'"', end + 2)
            if end < 0:
                return True
            at = end + 1
        at = text.find(delimiter, at) + 1
        if not at:
            return False


def _records(file: Any, delimiter: bytes, quotes: bool) -> Iterator[bytes]:
    """The rows of a file, which end with a line but for one that ends within quotes."""
    held = b""
    for line in file:
        held += line
        if quotes and _within_quotes(held, delimiter):
            continue
        rows = held.removesuffix(b"\n").removesuffix(b"\r")
        held = b""
        # a return alone ends a line too
        yield from [rows] if quotes and b'"' in rows else rows.split(b"\r")
    if held:
        yield held


class _Rows:
    """An iterator that goes on behind a row that is refused."""

    def __init__(self, rows: Iterator[tuple[int, bytes]], decode: Any) -> None:
        self._rows, self._decode = rows, decode

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> tuple[Any, ...]:
        found: tuple[Any, ...] = self._decode(*next(self._rows))
        return found


def _csv(n: Any) -> Any:
    kinds = n.attrs["output_types"]

    def made(filenames: Any, compression: Any, buffer: Any, header: Any, delimiter: Any, quotes: Any, missing: Any,
             select: Any, defaults: Any, exclude: Any = ()) -> Dataset:
        mark, absent = np.asarray(delimiter, object).item(), np.asarray(missing, object).item()
        if len(mark) != 1:
            raise InvalidArgument("field_delim should be only 1 char")
        chosen, left = select.tolist(), set(np.asarray(exclude).tolist())
        if len(chosen) and (min(chosen) < 0 or any(b <= a for a, b in zip(chosen, chosen[1:]))):
            raise InvalidArgument("select_cols should be strictly increasing indices, none below 0")
        if chosen and len(chosen) != len(kinds):
            raise InvalidArgument("the number of select_cols and of record_defaults should be the same")
        for i, default in enumerate(defaults):
            if default.size > 1:
                raise InvalidArgument(f"There should only be 1 default per field but field {i} has {default.size}")

        def decode(row: int, text: bytes) -> tuple[Any, ...]:
            found = fields(text, mark, bool(quotes)) or [b""]
            if chosen:
                if chosen[-1] >= len(found):
                    raise InvalidArgument(f"Expect more than {chosen[-1]} fields but have {len(found)} in record {row}")
                found = [found[i] for i in chosen]
            elif left:
                found = [f for i, f in enumerate(found) if i not in left]
            if len(found) != len(kinds):
                raise InvalidArgument(f"Expect {len(kinds)} fields but have {len(found)} in record {row}")
            return tuple(values_of(i, row, [field], kind, default, absent).reshape(())
                         for i, (field, kind, default) in enumerate(zip(found, kinds, defaults)))

        paths = np.asarray(filenames, object).reshape(-1).tolist()
        kind = np.asarray(compression, object).item()

        def rows() -> Iterator[tuple[int, bytes]]:
            for path in paths:
                with opened(n, path, kind) as file:
                    found = _records(file, mark, bool(quotes))
                    if header and next(found, None) is None:
                        raise InvalidArgument("Can't read header of file")
                    yield from enumerate(found)

        return Dataset(lambda: _Rows(rows(), decode))

    return made


dataset_op("CSVDatasetV2", "The rows of files of fields between commas (tf.data.experimental.CsvDataset).",
           "filenames: string, compression_type: string, buffer_size: int64, header: bool, field_delim: string, "
           "use_quote_delim: bool, na_value: string, select_cols: int64, record_defaults: list(output_types), "
           "exclude_cols: int64",
           OUTPUTS.replace("list(type) >= 1", "list({float32, float64, int32, int64, string}) >= 1"), _csv)
