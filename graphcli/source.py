"""Where in the user's file a value was written: Source, Span and the lines that show it."""
from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cached_property

WIDTH = 72

Around = tuple[tuple[str, "Span | None"], ...]


class Source:
    """A text with a name; offsets are in characters."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line begins."""
        out = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            out.append(at + 1)
            at = find("\n", at + 1)
        return out

    def position(self, offset: int) -> tuple[int, int]:
        """(line, column), both from 1, of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its end."""
        start = self.starts[number - 1]
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r")


class Span:
    """A stretch of a Source: ``start`` and ``end`` are offsets, ``end`` past the last character.

    around: what led there, from the inside out, as notes of an error: the calls of the functions that it stands in.
    """

    __slots__ = ("source", "start", "end", "around")

    def __init__(self, source: Source, start: int, end: int, around: Around = ()) -> None:
        self.source = source
        self.start = start
        self.end = max(end, start)
        self.around = around

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]

    def part(self, start: int, end: int) -> Span:
        """The stretch from ``start`` to ``end``, counted from the start of this one."""
        return Span(self.source, self.start + start, self.start + end)

    def within(self, around: Around) -> Span:
        """This stretch, with what led there."""
        return Span(self.source, self.start, self.end, around)

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"

    def __repr__(self) -> str:
        return f"<Span {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and (self.source, self.start, self.end) == (
            other.source, other.start, other.end)

    def __hash__(self) -> int:
        return hash((id(self.source), self.start, self.end))

    def excerpt(self) -> list[str]:
        """The line and its carets, cut to fit a terminal."""
        number, column = self.source.position(self.start)
        text = "".join(c if c.isprintable() else " " for c in self.source.line(number))
        first = column - 1
        if not text.strip():
            return []
        length = max(1, min(self.end - self.start, len(text) - first))
        cut = max(0, min(first - WIDTH // 2, len(text) - WIDTH)) if len(text) > WIDTH else 0
        shown = text[cut:cut + WIDTH]
        first -= cut
        length = max(1, min(length, len(shown) - first))
        pad = width(shown[:first])
        carets = "^" * max(1, width(shown[first:first + length]))
        lead = f"{number:>5} | "
        return [lead + shown.rstrip(), " " * (len(lead) - 2) + "| " + " " * pad + carets]


def width(text: str) -> int:
    """Columns that a terminal gives to a text."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)
