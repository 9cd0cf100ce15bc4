"""The only place that prints: lines of styled pieces, tables, trees and JSON.

A line is a list of (text, style) pieces. Piped output is the text alone; on a terminal rich gives it
the styles, in the same layout.
"""
from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

Piece = tuple[str, str]
Line = list[Piece]
Cell = str | Piece | Line

NAME, KIND, DIM, GOOD, WARN, BAD, HEAD = "cyan", "magenta", "dim", "green", "yellow", "red", "bold"


LAST = 24
"""Columns that the last column of a table has at least."""


def width() -> int:
    # as shutil.get_terminal_size, whose module brings compressors along
    text = os.environ.get("COLUMNS", "")
    if text.isdigit() and int(text):
        return max(40, int(text))
    try:
        return max(40, os.get_terminal_size(1).columns or 80)
    except OSError:
        return 80


def coloured() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def line(cell: Cell) -> Line:
    if isinstance(cell, str):
        return [(cell, "")]
    return [cell] if isinstance(cell, tuple) else cell


def plain(cell: Cell) -> str:
    return "".join(text for text, _ in line(cell))


def columns(text: str) -> int:
    """What a terminal gives to a text."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


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


def table(rows: Sequence[Sequence[Any]], head: Sequence[str] | None = None, gap: int = 2,
          right: Sequence[int] = (), indent: int = 0) -> list[Line]:
    """Rows in columns; ``right``: the columns that are set flush right. The last column wraps.

    On a terminal that is too narrow, a name that is too long for its column has a line of its own above the rest.
    """
    cells = [[line(c) for c in row] for row in rows]
    if head:
        cells.insert(0, [[(h, HEAD)] for h in head])
    if not cells:
        return []
    count = max(len(r) for r in cells)
    sizes = [max((columns(plain(r[i])) for r in cells if i < len(r)), default=0) for i in range(count)]
    if sys.stdout.isatty() and count > 2 and 0 not in right:
        room = max(width() - indent - sum(sizes[1:-1]) - gap * (count - 1) - min(sizes[-1], LAST), LAST)
        if room < sizes[0]:
            sizes[0] = max((n for n in (columns(plain(r[0])) for r in cells) if n <= room), default=2)
    out: list[Line] = []
    for row in cells:
        start: Line = [(" " * indent, "")] if indent else []
        if columns(plain(row[0])) > sizes[0] and len(row) > 1:
            out.append([*start, *row[0]])
            row = [[], *row[1:]]
        for i, cell in enumerate(row[:-1]):
            pad = " " * (sizes[i] - columns(plain(cell)))
            start += [(pad, ""), *cell] if i in right else [*cell, (pad, "")]
            start.append((" " * gap, ""))
        last = row[-1]
        if len(row) == count and count - 1 in right:
            last = [(" " * (sizes[-1] - columns(plain(last))), ""), *last]
        out += hang(start, last)
    return out


def hang(start: Line, rest: Line, limit: int | None = None, follow: Line | None = None) -> list[Line]:
    """``rest`` after ``start``, broken at spaces to the width, further lines indented below its beginning.

    On a terminal that leaves too little room for that, all of ``rest`` stands below ``start``.
    """
    limit = width() if limit is None else limit
    indent = columns(plain(start))
    room = max(limit - indent, LAST)
    if columns(plain(rest)) <= (max(limit - indent, 0) if sys.stdout.isatty() else room):
        return [[*start, *rest]]
    if sys.stdout.isatty() and follow is None:
        lead = indent - columns(plain(start).lstrip()) + 4
        if lead < indent and limit - indent < max(LAST, *(columns(plain(w)) for w in _words(rest))):
            while not start[-1][0].strip():
                start = start[:-1]
            return [start, *hang([(" " * lead, "")], rest, limit)]
    lines: list[Line] = []
    current: Line = []
    used = 0
    for word in _words(rest):
        size = columns(plain(word))
        if current and used + 1 + size > room:
            lines.append(current)
            current, used = [], 0
        if current:
            text, style = word[0] if word else ("", "")
            word = [(" " + text, style), *word[1:]]
            size += 1
        current += word
        used += size
    lines.append(current)
    under: Line = [(" " * indent, "")] if follow is None else [*follow, (" " * (indent - columns(plain(follow))), "")]
    return [[*start, *lines[0]], *([*under, *more] for more in lines[1:])]


def fitted(start: Line, rest: Line) -> list[Line]:
    """One line, broken on a terminal that is too narrow for it."""
    return hang(start, rest) if sys.stdout.isatty() else [[*start, *rest]]


def _words(rest: Line) -> list[Line]:
    """A line at its spaces; a word may have parts of several styles."""
    words: list[Line] = [[]]
    for text, style in rest:
        first, *more = text.split(" ")
        if first:
            words[-1].append((first, style))
        words += [[(word, style)] if word else [] for word in more]
    return words


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
