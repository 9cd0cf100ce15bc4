"""The located tree of a spec: every key and scalar knows where it stands.

Scalars are read by YAML 1.2's core schema: ``no`` is a string, ``1e-3`` a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..errors import InvalidValue
from ..source import Source, Span

MAX_DIGITS = 4000


class Item:
    """A value of the tree and its place."""

    __slots__ = ("source", "start", "end")
    kind = "value"

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)

    def error(self, message: str, hint: str | None = None) -> InvalidValue:
        return InvalidValue(message, self.span, hint=hint)


class Scalar(Item):
    """``text`` as YAML read it, ``value`` by the core schema; ``style`` is the quote, or '' for plain."""

    __slots__ = ("text", "value", "style")
    kind = "scalar"

    def __init__(self, source: Source, start: int, end: int, text: str, value: Any, style: str) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.text = text
        self.value = value
        self.style = style

    def inner(self) -> Span | None:
        """The span of the text itself where the file shows it character by character, else None."""
        quote = 1 if self.style in ("'", '"') else 0
        start, end = self.start + quote, self.end - quote
        if end - start == len(self.text) and self.source.text[start:end] == self.text:
            return Span(self.source, start, end)
        return None


class Seq(Item):
    __slots__ = ("items",)
    kind = "list"

    def __init__(self, source: Source, start: int, end: int) -> None:
        super().__init__(source, start, end)
        self.items: list[Item] = []


class Map(Item):
    """Pairs in file order; ``get`` finds the first of a key."""

    __slots__ = ("pairs",)
    kind = "mapping"

    def __init__(self, source: Source, start: int, end: int) -> None:
        super().__init__(source, start, end)
        self.pairs: list[tuple[Scalar, Item]] = []

    def get(self, key: str) -> Item | None:
        for k, v in self.pairs:
            if k.text == key:
                return v
        return None

    def key(self, key: str) -> Scalar | None:
        for k, _ in self.pairs:
            if k.text == key:
                return k
        return None

    def keys(self) -> list[str]:
        return [k.text for k, _ in self.pairs]

    def __iter__(self) -> Iterator[tuple[Scalar, Item]]:
        return iter(self.pairs)


_INT = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
for _sign in ("", "+", "-"):
    _WORDS.update({f"{_sign}.{w}": float(f"{_sign}inf") for w in ("inf", "Inf", "INF")})
_WORDS.update({f".{w}": float("nan") for w in ("nan", "NaN", "NAN")})
_NUMERIC = frozenset("0123456789+-.")


def core_scalar(text: str) -> Any:
    """A plain scalar by YAML 1.2's core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC or len(text) > MAX_DIGITS:
        return text
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    if _OCTAL.match(text):
        return int(text[2:], 8)
    if _HEX.match(text):
        return int(text[2:], 16)
    return text
