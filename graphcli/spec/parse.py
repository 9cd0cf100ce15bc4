"""Expression text to a Python syntax tree with limits, and the place of each part in the file."""

from __future__ import annotations

import ast
import keyword
import re
import sys
import warnings
from functools import lru_cache

from ..errors import InvalidValue
from ..source import Source, Span
from .tree import Scalar

IN_EXPRESSIONS = {"and", "else", "for", "if", "in", "is", "lambda", "not", "or"}
MAX_TEXT = 1_000_000
MAX_DEPTH = 500

_WARNS = re.compile(r"\\|\d[\da-fA-FjJoOxX_.]*(?:and|else|for|if|in|is|not|or)")
"""What Python's parser warns about; warnings are not for the user of a spec."""


class BadSyntax(Exception):
    """Not an expression: why, and the column (from 0) if known."""

    def __init__(self, why: str, column: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.column = column


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr:
    """The tree of an expression. Raises BadSyntax."""
    if len(text) > MAX_TEXT:
        raise BadSyntax(f"it has {len(text)} characters; the limit is {MAX_TEXT}")
    try:
        if _WARNS.search(text):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text, mode="eval").body
        else:
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as e:
        column = e.offset - 1 if e.lineno == 1 and e.offset else None
        if "integer string conversion" in str(e.msg):
            raise BadSyntax(f"a whole number has at most {sys.get_int_max_str_digits()} digits") from None
        raise BadSyntax(re.sub(r" \(detected at line \d+\)", "", str(e.msg)), column) from None
    except (RecursionError, MemoryError):
        raise BadSyntax(f"it is nested more than {MAX_DEPTH} deep") from None
    except ValueError as e:
        raise BadSyntax(str(e)) from None
    if len(text) > MAX_DEPTH and _deeper(tree, MAX_DEPTH):
        raise BadSyntax(f"it is nested more than {MAX_DEPTH} deep")
    return tree


def _deeper(tree: ast.AST, limit: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(limit):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def keyword_hint(text: str) -> str | None:
    """A word that Python keeps for itself cannot be read as a name."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
    kept = [w for w in re.findall(r"(?<![.\w])[a-z]+\b", bare) if w in keyword.kwlist and w not in IN_EXPRESSIONS]
    return f"{kept[0]!r} is a word that Python keeps for itself: another name" if kept else None


_OTHERS = (
    (re.compile("&&"), "&& is & here, or logical_and(a, b)"),
    (re.compile(r"\|\|"), "|| is | here, or logical_or(a, b)"),
    (re.compile("!(?!=)"), "! is ~ here, or logical_not(a)"),
    (re.compile("(?<![=!<>:])=(?!=)"), "== compares"),
)


def _other_operator(text: str) -> str | None:
    """Operators of other languages."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
    # what = stands for inside a call is another matter
    inner = re.compile(r"\([^()]*\)")
    while bare != (outer := inner.sub("", bare)):
        bare = outer
    bare = bare.partition("(")[0]
    return next((hint for pattern, hint in _OTHERS if pattern.search(bare)), None)


def _call_hint(text: str) -> str | None:
    """``relu x`` of languages whose calls have no brackets."""
    found = re.match(r"([A-Za-z_][\w.]*) +[A-Za-z_\d]", text)
    return None if found is None or keyword.iskeyword(found[1]) else f"a call is {found[1]}(...)"


def _comma_hint(text: str) -> str | None:
    """``f(a b=1)``: two values side by side in brackets."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "_", text)
    for found in re.finditer(r"(\w+|[\])]) +([A-Za-z_\d]\w*)", bare):
        before = bare[:found.start(2)]
        inside = sum(before.count(c) for c in "([") > sum(before.count(c) for c in ")]")
        if inside and not keyword.iskeyword(found[1]) and not keyword.iskeyword(found[2]):
            return f"a comma is missing before {found[2]}" if found[2] != "_" else "a comma is missing before a text"
    return None


def _hole_hint(text: str) -> str | None:
    """``$x`` and ``${x`` are no params."""
    found = re.search(r"\$\{?\s*(\w*)", text)
    return None if found is None else f"a param is put in by ${{{found[1] or 'x'}}}"


def _character_hint(why: str) -> str | None:
    """A character that came with a text pasted from elsewhere."""
    found = re.fullmatch(r"invalid (?:non-printable )?character.* ?\(?U\+([0-9A-F]+)\)?", why)
    if found is None:
        return None
    known = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0xD7: "*", 0x2212: "-", 0x2013: "-", 0x2026: "..."}
    character = int(found[1], 16)
    return f"it looks like {known[character]} and is another character" if character in known else None \
        if chr(character).isprintable() else "it cannot be seen: delete it"


def _index_hint(text: str) -> str | None:
    """``parts.0`` is no attribute."""
    found = re.search(r"(?<!\w)([A-Za-z_]\w*)\.(\d+)(?!\w)", text)
    return f"an element is {found[1]}[{found[2]}]" if found else None


class Place:
    """Where an expression stands: the scalar, and how its characters map to the file."""

    __slots__ = ("scalar", "text", "source", "base", "end", "exact", "ascii")

    def __init__(self, scalar: Scalar, text: str | None = None) -> None:
        self.scalar = scalar
        raw = scalar.text if text is None else text
        self.text = raw.strip()
        self.source: Source = scalar.source
        inner = scalar.inner() if text is None and "\n" not in self.text else None
        self.exact = inner is not None
        self.base = inner.start + len(raw) - len(raw.lstrip()) if inner is not None else scalar.start
        self.end = scalar.end
        self.ascii = self.text.isascii()

    def column(self, offset: int) -> int:
        """A column of the syntax tree (bytes of UTF-8) in characters."""
        return offset if self.ascii else len(self.text.encode()[:offset].decode(errors="ignore"))

    def span(self, node: ast.expr | ast.keyword | None) -> Span:
        if not self.exact or node is None:
            return Span(self.source, self.scalar.start, self.end)
        return Span(
            self.source,
            self.base + self.column(node.col_offset),
            self.base + self.column(node.end_col_offset or node.col_offset),
        )

    def last(self, node: ast.expr, length: int) -> Span:
        """The last ``length`` characters of a node: the word after a dot."""
        span = self.span(node)
        return Span(self.source, max(span.start, span.end - length), span.end) if self.exact else span

    def tree(self) -> ast.expr:
        """The parsed expression. Raises InvalidValue at the place that Python's parser names."""
        try:
            return parse(self.text)
        except BadSyntax as e:
            span = self.span(None)
            if self.exact and e.column is not None and e.column < len(self.text):
                span = Span(self.source, self.base + e.column, self.base + e.column + 1)
            text = self.text if len(self.text) <= 60 else self.text[:57] + "..."
            why = e.why.replace("f-string: ", "").removesuffix(". Perhaps you forgot a comma?")
            hint = (_character_hint(e.why) or keyword_hint(self.text) or _other_operator(self.text)
                    or _index_hint(self.text) or _hole_hint(self.text) or self._flow_hint() or _call_hint(self.text)
                    or _comma_hint(self.text))
            if "\n" in self.text and e.why.startswith("unterminated string"):
                hint = r"YAML reads \n in double quotes as the end of a line; write \\n"
            raise InvalidValue(f"not an expression: {text!r}: {why}", span, hint=hint) from None

    def _flow_hint(self) -> str | None:
        """Inside ``{}`` and ``[]`` YAML ends a plain value at its first comma."""
        scalar = self.scalar
        if scalar.style == "" and self.source.text[scalar.end : scalar.end + 1] in (",", "]", "}", "[", "{"):
            return "inside {} and [] quote an expression that holds a comma, a bracket or a brace"
        return None
