"""The only place that prints: lines of styled pieces, tables, trees and JSON.

A line is a list of (text, style) pieces. Piped output is the text alone; on a terminal rich gives it
the styles, in the same layout.
"""
from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from .layout import HEAD as HEAD
from .layout import Cell
from .layout import Line as Line
from .layout import columns as columns
from .layout import fitted as fitted
from .layout import hang as hang
from .layout import line as line
from .layout import plain as plain
from .layout import table as table
from .layout import width as width

NAME, KIND, DIM, GOOD, WARN, BAD = "cyan", "magenta", "dim", "green", "yellow", "red"


def coloured() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def show(lines: Iterable[Cell]) -> None:
    """Prints lines to stdout."""
    lines = list(lines)
    if coloured():
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False, soft_wrap=True)
        for cell in lines:
            console.print(Text.assemble(*[(encodable(safe(t)), s) for t, s in line(cell)]), soft_wrap=True)
        return
    write("".join(safe(plain(cell)).rstrip() + "\n" for cell in lines))


def safe(text: str) -> str:
    """A name from a stranger's file must not steer the terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else
                   f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in text)


PLAINER = str.maketrans({"│": "|", "├": "|", "┤": "|", "└": "`", "┬": "+", "┴": "+", "─": "-", "…": "~", "←": "<",
                         "→": ">", "↑": "^", "↓": "v", "×": "x", "·": ".", "µ": "u",
                         **{chr(0x2800 + dots): "*" if dots else " " for dots in range(256)}})
"""What lines, arrows and dots become, each in its one column, where the encoding of a terminal lacks them."""


def encodable(text: str) -> str:
    """A text as standard output can say it."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(PLAINER).encode(encoding, "backslashreplace").decode(encoding)
    return text


def write(text: str) -> None:
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        sys.stdout.write(encodable(text))


def write_bytes(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def note(text: str) -> None:
    """A remark for the person, on stderr; where that takes no more, nothing is told and all else goes on."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        silence(2)


def silence(stream: int) -> None:
    """A null device in the place of a stream whose reader has gone or whose disk is full: Python flushes it again."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream)
    os.close(null)


def bullet(lines: Iterable[Cell], indent: int = 2) -> list[Line]:
    return [[(" " * indent, ""), *line(c)] for c in lines]


def json(value: Any) -> None:
    """One JSON text; lists of objects have one to a line, so that they can be read and diffed."""
    write(json_text(value) + "\n")


def json_text(value: Any, indent: int = 0) -> str:
    import json as library

    def compact(v: Any) -> str:
        return library.dumps(v, ensure_ascii=False, allow_nan=False)

    if not _holds_objects(value):
        return compact(value)
    text = compact(value) if _small(value) else ""
    if text and len(text) + indent <= 100:
        return text
    pad, inner = " " * indent, " " * (indent + 1)
    if isinstance(value, dict):
        body = [f"{inner}{compact(str(k))}: {json_text(v, indent + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(body) + f"\n{pad}}}"
    rows = [f"{inner}{compact(v)}" for v in value]
    return "[\n" + ",\n".join(rows) + f"\n{pad}]"


def _holds_objects(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value)
    return isinstance(value, list) and any(isinstance(v, dict) for v in value[:8])


def _small(value: Any) -> bool:
    return len(value) <= 8


def dtype_shape(dtype: Any, shape: Any) -> str:
    """``float32 [?, 784]``."""
    from ..graph.shapes import show as show_shape

    return f"{dtype.base_dtype.name} {show_shape(shape)}"


def number(value: int) -> str:
    return f"{value:,}"


def size(count: int) -> str:
    """A number of bytes for a person."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return ""


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 'es' if word.endswith('s') else 's'}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """``a, b, c and 4 more``."""
    names = list(names)
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
