"""Lines in columns: tables, and text that hangs below its beginning; on a terminal no line is wider than that is.

In a pipe each row of a table is one line; only text of several words goes on below, where it has room.
"""
from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

Piece = tuple[str, str]
Line = list[Piece]
Cell = str | Piece | Line

HEAD = "bold"

LAST, LEAST = 24, 12
"""Columns that the last column of a table has at least, and one in its middle."""

NARROW = 60
"""Columns of a terminal in which a table of two has no room for long names beside their text."""


def width() -> int:
    # as shutil.get_terminal_size, whose module brings compressors along
    text = os.environ.get("COLUMNS", "")
    if text.isdigit() and int(text):
        return max(40, int(text))
    try:
        return max(40, os.get_terminal_size(1).columns or 80)
    except OSError:
        return 80


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


def table(rows: Sequence[Sequence[Any]], head: Sequence[str] | None = None, gap: int = 2,
          right: Sequence[int] = (), indent: int = 0) -> list[Line]:
    """Rows in columns; ``right``: the columns that are set flush right. The last column wraps.

    On a terminal that is too narrow, a name that is too long for its column has lines of its own above the rest, and
    wide columns wrap too.
    """
    cells = [[line(c) for c in row] for row in rows]
    if head:
        cells.insert(0, [[(h, HEAD)] for h in head])
    if not cells:
        return []
    count = max(len(r) for r in cells)
    sizes = [max((columns(plain(r[i])) for r in cells if i < len(r)), default=0) for i in range(count)]
    narrow = sys.stdout.isatty() and 0 not in right
    if narrow and count > 2:
        _narrow(sizes, [columns(plain(r[0])) for r in cells], width() - indent - gap * (count - 1))
    elif narrow and count == 2 and width() < NARROW:
        half = max((width() - indent - gap) // 2, LEAST)
        sizes[0] = max((n for r in cells if (n := columns(plain(r[0]))) <= half), default=2)
    out: list[Line] = []
    for row in cells:
        start: Line = [(" " * indent, "")] if indent else []
        if columns(plain(row[0])) > sizes[0] and len(row) > 1 or narrow and columns(plain(row[0])) > width() - indent:
            out += [[*start, *part] for part in _folded(row[0], width() - indent, True)]
            if len(row) == 1:
                continue
            row = [[], *row[1:]]
        below: list[list[Line]] = []
        for i, cell in enumerate(row[:-1]):
            cell, *more = _folded(cell, sizes[i], True) if columns(plain(cell)) > sizes[i] else [cell]
            below.append(more)
            pad = " " * (sizes[i] - columns(plain(cell)))
            start += [(pad, ""), *cell] if i in right else [*cell, (pad, "")]
            start.append((" " * gap, ""))
        last = row[-1]
        if len(row) == count and count - 1 in right:
            last = [(" " * (sizes[-1] - columns(plain(last))), ""), *last]
        if not any(below):
            out += hang(start, last)
            continue
        beside = width() - columns(plain(start)) >= min(columns(plain(last)), LAST)
        ends = _folded(last, max(width() - columns(plain(start)), 1), True) if beside else [[]]
        out.append([*start, *ends[0]])
        for n in range(max(map(len, [ends[1:], *below]))):
            under: Line = [(" " * indent, "")]
            for size, more in zip(sizes, below):
                part = more[n] if n < len(more) else []
                under += [*part, (" " * (size + gap - columns(plain(part))), "")]
            out.append([*under, *(ends[n + 1] if n + 1 < len(ends) else [])])
        if not beside:
            out += hang([(" " * (indent + 4), "")], last)
    return out


def _narrow(sizes: list[int], names: Sequence[int], room: int) -> None:
    """Makes the first column of a table as narrow as it must be, and then those in the middle, the widest first."""
    floor = min(LAST, max(LEAST, room // 3))
    least = min(sizes[-1], LAST)
    first = max(room - sum(sizes[1:-1]) - least, floor)
    if first < sizes[0]:
        sizes[0] = max((n for n in names if n <= first), default=2)
    # a long last cell goes below its row
    beside = least if least <= LEAST else 0
    while (over := sum(sizes[:-1]) + beside - room) > 0:
        widest = max(range(1, len(sizes) - 1), key=sizes.__getitem__)
        if sizes[widest] <= LEAST:
            return
        second = max((sizes[i] for i in range(1, len(sizes) - 1) if i != widest), default=0)
        sizes[widest] = max(LEAST, min(sizes[widest] - 1, max(second, sizes[widest] - over)))


def hang(start: Line, rest: Line, limit: int | None = None, follow: Line | None = None) -> list[Line]:
    """``rest`` after ``start``, broken at spaces to the width, further lines indented below its beginning.

    On a terminal that leaves too little room for that, all of ``rest`` stands below ``start``; in a pipe it is not
    broken there.
    """
    limit = width() if limit is None else limit
    indent = columns(plain(start))
    room = max(limit - indent, LAST)
    terminal = sys.stdout.isatty()
    if columns(plain(rest)) <= (max(limit - indent, 0) if terminal else room) or not terminal and indent + LAST > limit:
        return [[*start, *rest]]
    if terminal and follow is None:
        # a start without text is what stands below a name: it is moved to the left
        blank = not plain(start).strip()
        lead = 6 if blank else indent - columns(plain(start).lstrip()) + 4
        if lead < indent and limit - indent < max(LAST, *(columns(plain(w)) for w in _words(rest))):
            if blank:
                return hang([(" " * lead, "")], rest, limit)
            while not start[-1][0].strip():
                start = start[:-1]
            above = [start] if columns(plain(start)) <= limit else _folded(start, limit, True)
            return [*above, *hang([(" " * lead, "")], rest, limit)]
    if terminal and follow is not None and limit - indent < LAST and columns(plain(follow)) + 4 < indent:
        # no room beside it in a tree: below it, and so what the start has no room for
        below: Line = [*follow, (" " * 4, "")]
        room = max(limit - columns(plain(below)), LEAST)
        first, *more = _folded(_stripped(start), limit, False)
        return [first, *([*below, *part] for part in (*more, *_folded(rest, room, True)))]
    lines = _folded(rest, room, terminal)
    under: Line = [(" " * indent, "")] if follow is None else [*follow, (" " * (indent - columns(plain(follow))), "")]
    return [[*start, *lines[0]], *([*under, *more] for more in lines[1:])]


def _stripped(start: Line) -> Line:
    """A line without the blanks at its end."""
    text, style = start[-1]
    return [*start[:-1], (text.rstrip(), style)]


def _folded(rest: Line, room: int, words: bool) -> list[Line]:
    """A line broken at spaces to the room that there is; words: also in the middle of a word that is too long."""
    lines: list[Line] = []
    current: Line = []
    used = 0
    for word in _words(rest):
        size = columns(plain(word))
        if current and used + 1 + size > room:
            lines.append(current)
            current, used = [], 0
        while words and size > room:
            first, word = _cut(word, room)
            lines.append(first)
            size = columns(plain(word))
        if current:
            text, style = word[0] if word else ("", "")
            word = [(" " + text, style), *word[1:]]
            size += 1
        current += word
        used += size
    return [*lines, current]


def _cut(word: Line, room: int) -> tuple[Line, Line]:
    """A word that is too long in two: after the last ``/`` for which there is room, if that is not near the start."""
    text = plain(word)
    fits = len(text)
    while columns(text[:fits]) > room:
        fits -= 1
    at = text.rfind("/", 0, fits) + 1
    at = max(1, fits if at <= room // 3 else at)
    first: Line = []
    second: Line = []
    for piece, style in word:
        if piece[:at]:
            first.append((piece[:at], style))
        if piece[at:]:
            second.append((piece[at:], style))
        at = max(0, at - len(piece))
    return first, second


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
