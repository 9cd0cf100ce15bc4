"""Files of named arrays: an .npz, the columns of a .csv, the lists of a .json; and how one of them is asked for."""
from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

from ..errors import UsageError, did_you_mean

_NAMED = re.compile(r"(?is)(.*\.(?:npz|csv|json)):(.+)")


def read_arrays(path: str, place: str) -> dict[str, Any]:
    """The arrays of a file, read when they are asked for where that is possible. Raises UsageError."""
    from .value_files import open_npz

    lower = path.lower()
    if lower.endswith(".npz"):
        return _Npz(path, place, open_npz(path, place))
    if lower.endswith(".csv"):
        return _csv(path, place)
    if lower.endswith(".json"):
        return _json(path, place)
    if os.path.isdir(path):
        raise UsageError(f"{place}: {path} is a folder")
    raise UsageError(f"{place}: {path} is none of .npz, .csv and .json")


class _Npz(dict[str, Any]):
    """The members of an .npz, each read when it is looked up."""

    def __init__(self, path: str, place: str, file: Any) -> None:
        super().__init__(dict.fromkeys(file.files))
        self.path, self.place, self.file = path, place, file

    def __getitem__(self, name: str) -> Any:
        from .value_files import npz_member

        return npz_member(self.file, name, self.path, self.place)


def _csv(path: str, place: str) -> dict[str, Any]:
    """Columns by their heading; by number, from 0, where no line of headings begins the table."""
    from .render import plural
    from .value_files import check_separator, csv_cells

    rows = csv_cells(path, place)
    if not rows:
        raise UsageError(f"{place}: {path} has no rows")
    width = len(rows[0])
    check_separator(rows, path, place)
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            raise UsageError(f"{place}: {path} has {plural(len(row), 'cell')} in row {number}, {width} in the first")
    headed = not any(_is_number(c) for c in rows[0])
    names = [c.strip() for c in rows[0]] if headed else [str(i) for i in range(width)]
    if len(set(names)) < width:
        raise UsageError(f"{place}: {path} has two columns of one name: {', '.join(names)}")
    body = rows[1:] if headed else rows
    if not body:
        raise UsageError(f"{place}: {path} has no rows below its headings")
    return {name: _column([row[i] for row in body]) for i, name in enumerate(names)}


def _is_number(text: str) -> bool:
    from .value_files import number

    return not isinstance(number(text), (bool, type(None)))


def _column(cells: list[str]) -> Any:
    import numpy as np

    for kind in (np.int64, np.float64, np.complex128):
        try:
            return np.array(cells).astype(kind)
        except (ValueError, OverflowError):
            continue
    return np.array([c.encode() for c in cells], object)


def _json(path: str, place: str) -> dict[str, Any]:
    """``{"x": [...], "y": [...]}``, or a list of ``{"x": ..., "y": ...}``."""
    import numpy as np

    from .literals import from_json
    from .value_files import read_text

    try:
        told = from_json(read_text(path, place), float)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place}: {path} is no JSON: {error}") from None
    if isinstance(told, list) and told and all(isinstance(r, dict) and r.keys() == told[0].keys() for r in told):
        told = {k: [r[k] for r in told] for k in told[0]}
    if not isinstance(told, dict) or not all(isinstance(v, list) for v in told.values()):
        raise UsageError(f"{place}: {path} holds no lists by name, and no list of rows with the same names")
    out = {}
    for name, values in told.items():
        try:
            out[name] = np.array(values)
        except ValueError:
            raise UsageError(f"{place}: the rows of {name} in {path} are of different sizes") from None
        if out[name].dtype.kind not in "biufSU":
            raise UsageError(f"{place}: {name} in {path} holds more than numbers and text")
        if out[name].dtype.kind == "U":
            out[name] = np.array([str(v).encode() for v in out[name].reshape(-1)], object).reshape(out[name].shape)
    return out


def named_array(text: str, place: str) -> Any:
    """The array of ``file.npz:key``, ``file.csv:column`` or ``file.csv:a+b``; None where no name follows a file."""
    named = _NAMED.fullmatch(text)
    return named and array_of(read_arrays(named[1], place), named[2], named[1], place)


def array_of(arrays: dict[str, Any], key: str, path: str, place: str) -> Any:
    """An array by its name; ``a+b+c`` puts columns side by side. Raises UsageError."""
    import numpy as np

    names = [key] if key in arrays else key.split("+")
    table = path.lower().endswith(".csv")
    if table:
        # a column by its number, which no heading is
        names = [list(arrays)[int(n)] if n not in arrays and re.fullmatch("[0-9]{1,6}", n) and int(n) < len(arrays)
                 else n for n in names]
    for name in names:
        if name not in arrays:
            raise UsageError(f"{place}: {path} has no {'column' if table else 'array'} {name!r}; "
                             f"it holds {listed_names(arrays)}",
                             hint=did_you_mean(name, arrays))
    if len(names) == 1:
        return arrays[names[0]]
    columns = [arrays[n] for n in names]
    if any(c.ndim != 1 for c in columns) or len({len(c) for c in columns}) > 1:
        raise UsageError(f"{place}: only columns of one length go side by side, {key} are none")
    texts = [n for n, c in zip(names, columns) if c.dtype.kind == "O"]
    if texts and len(texts) < len(names):
        row = next((i for i, cell in enumerate(arrays[texts[0]]) if not _is_number(cell.decode())), 0)
        raise UsageError(f"{place}: {path} has {arrays[texts[0]][row].decode()!r} in row {row + 1} of {texts[0]}, "
                         f"which is to go beside the numbers of {next(n for n in names if n not in texts)}")
    return np.stack(columns, axis=1)


def listed_names(arrays: Iterable[str]) -> str:
    """What a file holds, for an error."""
    from .render import listed

    return listed(list(arrays), 6) or "nothing"
