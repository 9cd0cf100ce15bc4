"""Fetched values for a person: name, dtype, shape, and the numbers, elided where they are many."""
from __future__ import annotations

from typing import Any

from . import render

MOST = 100
"""Elements beyond which a person sees the ends only."""


def value_lines(name: str, value: Any, target: Any = ...) -> list[render.Line]:
    """A value as lines: one where it fits, else a heading and the array below it. target: what was fetched."""
    head: render.Line = [(name, render.NAME)]
    if value is None:
        return [[*head, ("  null" if target is None else "  done", render.DIM)]]
    if isinstance(value, dict):
        return [line for k, v in value.items() for line in value_lines(f"{name}.{k}", v, _part(target, k))]
    if hasattr(value, "dense_shape"):
        what = "sparse tensor" if isinstance(value, tuple) else "sparse rows"
        out: list[render.Line] = [[*head, (f"  {what}", render.KIND)]]
        for part in ("values", "indices", "dense_shape"):
            if getattr(value, part) is not None:
                out += render.bullet(value_lines(f"{name}.{part}", getattr(value, part)))
        return out
    if hasattr(value, "nested_row_splits"):
        return _rows(head, value)
    if isinstance(value, (list, tuple)):
        return [line for i, v in enumerate(value) for line in value_lines(f"{name}[{i}]", v, _part(target, i))]
    array = array_of(value)
    kind = "string" if array.dtype.kind in "SUO" else array.dtype.name
    shape = f"{kind} [{', '.join(map(str, array.shape))}]"
    text = array_text(array)
    if "\n" not in text and len(name) + len(shape) + len(text) + 4 <= render.width():
        return [[*head, (f"  {shape}  ", render.KIND), (text, "")]]
    return [[*head, (f"  {shape}", render.KIND)], *([("  " + row, "")] for row in text.split("\n"))]


def _rows(head: render.Line, value: Any) -> list[render.Line]:
    """Ragged rows: on one line where they fit, else one below another, those in the middle left out of many."""
    array = array_of(value.flat_values)
    kind = "string" if array.dtype.kind in "SUO" else array.dtype.name
    shape = f"{kind} [{', '.join('?' if d is None else str(d) for d in value.shape)}]"
    items = [_text(x) if isinstance(x, bytes) else x for x in array]
    for ends in reversed(value.nested_row_splits):
        items = [items[start:stop] for start, stop in zip(ends.tolist(), ends[1:].tolist())]
    rows = [_row_text(row) for row in items]
    whole = f"[{', '.join(rows)}]"
    if len(head[0][0]) + len(shape) + len(whole) + 4 <= render.width():
        return [[*head, (f"  {shape}  ", render.KIND), (whole, "")]]
    shown = rows if len(rows) <= MOST else [*rows[:3], "...", *rows[-3:]]
    return [[*head, (f"  {shape}", render.KIND)], *([("  " + row, "")] for row in shown)]


def _row_text(row: Any) -> str:
    """A row of ragged rows as a list, text in quotes, and those in the middle left out of many."""
    if isinstance(row, (str, bytes)) or not getattr(row, "ndim", 1):
        return repr(row) if isinstance(row, (str, bytes)) else str(row)
    rows = list(row)
    if len(rows) > MOST:
        return f"[{', '.join([*map(_row_text, rows[:3]), '...', *map(_row_text, rows[-3:])])}]"
    return f"[{', '.join(map(_row_text, rows))}]"


def array_of(value: Any) -> Any:
    """The array of a fetched value, a string as an object in it: numpy's own bytes lose a NUL at their end."""
    import numpy as np

    return np.array(value, object) if isinstance(value, bytes) else np.asarray(value)


def _part(target: Any, at: Any) -> Any:
    return target[at] if isinstance(target, (dict, list, tuple)) else ...


def array_text(array: Any) -> str:
    import numpy as np

    if array.dtype.kind in "SUO":
        decode = np.vectorize(_text, otypes=[object])
        array = decode(array) if array.size else array
        if array.ndim == 0:
            return repr(array.item())
    if array.ndim == 0:
        return str(array) if array.dtype.kind != "V" else str(array.astype(np.float32))
    with np.printoptions(threshold=MOST, edgeitems=3, linewidth=max(render.width() - 2, 40)):
        return np.array2string(array)


def _text(value: Any) -> str | bytes:
    """A string as text; bytes that are none stay what they are, and are shown as ``b'\\xff'``."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value
