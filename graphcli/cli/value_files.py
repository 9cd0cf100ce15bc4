"""Files of values: text, .npy, .npz and .csv, read with the errors of the command line."""
from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import UsageError


def stdin_text(place: str) -> str:
    """Standard input. Raises UsageError where it is empty or not UTF-8."""
    try:
        return _some(_all(sys.stdin.buffer, "standard input", place).decode("utf-8-sig"), "standard input", place)
    except UnicodeDecodeError:
        raise UsageError(f"{place}: standard input is not a text in UTF-8") from None


def _some(text: str, of: str, place: str) -> str:
    if not text.strip():
        raise UsageError(f"{place}: {of} is empty")
    return text


def read_text(path: str, place: str) -> str:
    """A file's text, without a byte order mark. Raises UsageError."""
    _check(path, place)
    try:
        return _some(_read(path, place).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"), path, place)
    except UnicodeDecodeError:
        raise UsageError(f"{place}: {path} is not a text in UTF-8") from None


def read_bytes(path: str, place: str) -> bytes:
    """All of a file. Raises UsageError."""
    _check(path, place)
    return _read(path, place)


def _read(path: str, place: str) -> bytes:
    from .choice import is_pipe

    with open(path, "rb") as file:
        return _all(file, path, place) if is_pipe(path) else file.read()


def _all(stream: Any, name: str, place: str) -> bytes:
    from .choice import all_of

    with _of(place):
        return all_of(stream, name)


def _check(path: str, place: str) -> None:
    from .choice import check_readable

    with _of(place):
        check_readable(path, "a file is wanted")


@contextmanager
def _of(place: str) -> Iterator[None]:
    """An error names the flag whose value it is of."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{place}: {error.message}", hint=error.hint) from None


def read_npy(path: str, place: str) -> Any:
    """The array of a file; a pickle is not read. Raises UsageError."""
    import numpy as np

    _check(path, place)
    try:
        with open(path, "rb") as file:
            # read_array, not load: load would take any pickle for a file
            return np.lib.format.read_array(file, allow_pickle=False)
    except Exception as error:  # of Python's own parser of the head too
        raise UsageError(f"{place}: {path} is no .npy file that can be read{_cut(path) or _reason(error)}") from None


def open_npz(path: str, place: str) -> Any:
    """The archive, to be closed by who asked. Raises UsageError where it is none."""
    import zipfile

    import numpy as np

    _check(path, place)
    if not zipfile.is_zipfile(path):
        with open(path, "rb") as file:
            cut = file.read(4) == b"PK\x03\x04"
        raise UsageError(f"{place}: {path} is no .npz file" + (
            " that can be read: the list of its arrays, with which it ends, is not there" if cut else ""),
            hint="it was cut off" if cut else None)
    try:
        return np.load(path, allow_pickle=False)
    except Exception as error:  # of zipfile's limits too
        raise UsageError(f"{place}: {path} is no .npz file that can be read{_reason(error)}") from None


def npz_member(data: Any, key: str, path: str, place: str) -> Any:
    """One array of an archive. Raises UsageError."""
    try:
        value = data[key]
    except Exception as error:
        raise UsageError(f"{place}: {path}:{key} cannot be read{_reason(error)}") from None
    if isinstance(value, bytes):
        raise UsageError(f"{place}: {path}:{key} is no array")
    return value


def _cut(path: str) -> str:
    """What a .npy file lacks of the bytes that its head promises."""
    import os

    import numpy as np

    try:
        with open(path, "rb") as file:
            version = np.lib.format.read_magic(file)
            head = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = head(file)
            there = os.path.getsize(path) - file.tell()
    except Exception:  # of Python's own parser of the head too
        return ""
    wanted = math.prod(shape) * dtype.itemsize
    if dtype.hasobject or there >= wanted:
        return ""
    return f": {dtype.name} {list(shape)} has {wanted:,} bytes, of which {there:,} are there"


def _reason(error: BaseException) -> str:
    if "allow_pickle" in str(error):
        return ": it holds Python objects (a pickle), which are not read"
    if isinstance(error, MemoryError):
        return ": there is not enough memory"
    return ": its bytes do not fit its checksum" if "CRC" in str(error) else ""


def csv_cells(path: str, place: str) -> list[list[str]]:
    """The cells of each line of a .csv in which there are some. Raises UsageError."""
    import csv
    import io

    text = read_text(path, place)
    try:
        return [r for r in csv.reader(io.StringIO(text)) if r]
    except csv.Error as error:
        raise UsageError(f"{place}: {path} is no CSV: {error}") from None


def read_csv(path: str, place: str) -> Any:
    """Rows of a table; a first line with no number in it is a heading. One column is still a column."""
    rows = csv_cells(path, place)
    if rows and not any(number(c) is not None for c in rows[0]) and any(
            number(c) is not None for r in rows[1:] for c in r):
        rows = rows[1:]
    if not rows:
        raise UsageError(f"{place}: {path} has no rows")
    widths = {len(r) for r in rows}
    if len(widths) > 1:
        raise UsageError(f"{place}: the rows of {path} have {min(widths)} to {max(widths)} values",
                         hint="all rows of a tensor have the same length")
    check_separator(rows, path, place)
    numbers = [[number(c) for c in row] for row in rows]
    if all(n is None for r in numbers for n in r):
        return [[c.strip() for c in r] for r in rows]
    for i, row in enumerate(numbers):
        for j, found in enumerate(row):
            if found is None:
                raise UsageError(f"{place}: {path}, row {i + 1}, column {j + 1}: {rows[i][j]!r} is no number")
    return numbers


def check_separator(rows: list[list[str]], path: str, place: str) -> None:
    """Raises UsageError for a table of one column that holds several, separated by no comma."""
    if {len(r) for r in rows} == {1} and (mark := _other_separator(rows)):
        shown = "tabs" if mark == "\t" else repr(mark)
        raise UsageError(f"{place}: {path} separates its columns by {shown}", hint="a .csv does by commas")


def _other_separator(rows: list[list[str]]) -> str | None:
    """What separates numbers in the only column of a table, if it is no comma."""
    return next((mark for mark in ";\t" if all(
        mark in row[0] and all(number(part) is not None for part in row[0].split(mark)) for row in rows[1:] or rows)),
        None)


def number(text: str) -> Any:
    """What a cell of a table says: a number, true or false; None of other text."""
    text = text.strip()
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    if re.search(r"(\d|inf|nan)j\)?$", text):
        try:
            return complex(text)
        except ValueError:
            return None
    return {"true": True, "false": False}.get(text.lower())
