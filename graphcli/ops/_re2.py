"""Patterns of RE2, which TensorFlow has, as Python's ``re`` has them.

Both look for the leftmost match and try alternatives in order. RE2 knows ASCII alone in ``\\w`` and the like, ends a
text at ``$`` and not before a last newline, takes flags anywhere, and sees characters, never a byte that is none
(https://github.com/google/re2/wiki/Syntax). So a pattern is read by its rules and written anew, piece by piece; what it
refuses is refused.
"""
from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ..errors import RunError
from ._re2_classes import CLASSES, POSIX, Ranges, category, complement, written

MOST = 1000
"""Times that RE2 repeats something at most."""
ESCAPES = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}


@lru_cache(64)
def compiled(text: bytes) -> re.Pattern[str]:
    """A pattern, for text that was decoded with ``surrogateescape``. Raises RunError for what is none in RE2, or cannot
    be said in Python's."""
    shown = text.decode("utf-8", "replace")
    try:
        return re.compile(_Reader(text.decode("utf-8")).whole())
    except UnicodeDecodeError:
        raise RunError(f"Invalid pattern: {shown}, error: invalid UTF-8") from None
    except (_Invalid, re.error, OverflowError, RecursionError) as error:
        raise RunError(f"Invalid pattern: {shown}, error: {error}") from None


class _Invalid(Exception):
    """What is wrong with a pattern."""


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.flags: frozenset[str] = frozenset()

    def whole(self) -> str:
        out = self._alternatives()
        if self.at < len(self.text):
            raise _Invalid(f"unexpected ): {self.text}")
        return out

    def _alternatives(self) -> str:
        """What stands up to the end of a group."""
        out, unary, anything = "", "", False
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == ")":
                break
            if char == "|":
                self.at += 1
                out, anything, unary = out + "|", False, ""
                continue
            repeat = self._repeat()
            if repeat is not None:
                sign, form = repeat
                if not anything:
                    raise _Invalid(f"no argument for repetition operator: {sign}")
                if unary:
                    raise _Invalid(f"bad repetition operator: {unary}{sign}")
                out, unary = out + form, sign
                continue
            piece = self._piece()
            out, unary = out + piece, ""
            anything = anything or bool(piece)
        return out

    def _repeat(self) -> tuple[str, str] | None:
        """(as it was written, as Python has it), None where nothing is repeated here."""
        found = re.compile(r"[*+?]|\{(\d+)(,(\d*))?\}").match(self.text, self.at)
        if found is None:
            return None
        if found[1] is not None:
            low, high = int(found[1]), int(found[3] or found[1])
            if max(low, high) > MOST or found[3] and low > high:
                raise _Invalid(f"invalid repetition size: {found[0]}")
        self.at = found.end()
        lazy = self.text.startswith("?", self.at)
        self.at += lazy
        return found[0] + "?" * lazy, found[0] + "?" * (lazy != ("U" in self.flags))

    def _piece(self) -> str:
        char = self.text[self.at]
        self.at += 1
        if char == "(":
            return self._group()
        if char == "[":
            return self._folded(self._class())
        if char == ".":
            return written(complement(()) if "s" in self.flags else complement(((10, 10),)))
        if char == "^":
            return "(?m:^)" if "m" in self.flags else r"(?:\A)"
        if char == "$":
            return "(?m:$)" if "m" in self.flags else r"(?:\Z)"
        if char == "\\":
            return self._escape()
        return self._folded(re.escape(char))

    def _folded(self, form: str) -> str:
        return f"(?i:{form})" if "i" in self.flags else form

    def _escape(self) -> str:
        """What a backslash begins, outside of a class."""
        char = self.text[self.at:self.at + 1]
        fixed = {"A": r"(?:\A)", "z": r"(?:\Z)", "b": r"(?a:\b)", "B": r"(?!(?a:\b))"}.get(char)
        if fixed:
            self.at += 1
            return fixed
        if char == "Q":
            end = self.text.find("\\E", self.at)
            literal = self.text[self.at + 1:len(self.text) if end < 0 else end]
            self.at = len(self.text) if end < 0 else end + 2
            return "".join(self._folded(re.escape(c)) for c in literal)
        if char == "C":
            raise _Invalid(r"\C, a byte of a character, is not known here")
        ranges = self._known_class()
        return self._folded(written(ranges) if ranges is not None else re.escape(chr(self._code())))

    def _known_class(self) -> Ranges | None:
        """``\\d`` and the like and ``\\pL``, None where there is none."""
        char = self.text[self.at:self.at + 1]
        if char in CLASSES:
            self.at += 1
            return CLASSES[char]
        found = re.compile(r"([pP])(?:\{(\^?)([^}]*)\}|([A-Z]))").match(self.text, self.at)
        if found is None:
            return None
        ranges = category(found[3] or found[4])
        if ranges is None:
            raise _Invalid(f"invalid character class range: \\{found[0]}")
        self.at = found.end()
        return complement(ranges) if (found[1] == "P") != bool(found[2]) else ranges

    def _code(self) -> int:
        """The character that an escape is."""
        char = self.text[self.at:self.at + 1]
        found = re.compile(r"x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]+)\}|(0[0-7]{0,2}|[1-7][0-7]{1,2})").match(self.text,
                                                                                                         self.at)
        if found is not None:
            self.at = found.end()
            code = int(found[1] or found[2], 16) if found[3] is None else int(found[3], 8)
            if code <= 0x10FFFF:
                return code
        elif char in ESCAPES or char and char < "\x80" and not char.isalnum():
            self.at += 1
            return ESCAPES.get(char, ord(char))
        if not char:
            raise _Invalid(f"trailing \\ at end of regexp: {self.text}")
        raise _Invalid(f"invalid escape sequence: \\{char}")

    def _class(self) -> str:
        """What stands in brackets, without the first."""
        begin = self.at - 1
        without = self.text.startswith("^", self.at)
        self.at += without
        ranges: list[tuple[int, int]] = []
        first = self.at
        while not (self.text.startswith("]", self.at) and self.at > first):
            if self.at >= len(self.text):
                raise _Invalid(f"missing ]: {self.text[begin:]}")
            ranges += self._class_item()
        self.at += 1
        return written(complement(tuple(ranges)) if without else tuple(ranges))

    def _class_item(self) -> Ranges:
        named = re.compile(r"\[:(\^?)(\w*):\]").match(self.text, self.at)
        if named is not None:
            if named[2] not in POSIX:
                raise _Invalid(f"invalid character class range: {named[0]}")
            self.at = named.end()
            return complement(POSIX[named[2]]) if named[1] else POSIX[named[2]]
        if self.text.startswith("\\", self.at):
            self.at += 1
            known = self._known_class()
            if known is not None:
                return known
            self.at -= 1
        start = self.at
        low = high = self._class_char()
        if self.text.startswith("-", self.at) and self.text[self.at + 1:self.at + 2] not in ("]", ""):
            self.at += 1
            high = self._class_char()
        if low > high:
            raise _Invalid(f"invalid character class range: {self.text[start:self.at]}")
        return ((low, high),)

    def _class_char(self) -> int:
        char = self.text[self.at]
        self.at += 1
        return self._code() if char == "\\" else ord(char)

    def _group(self) -> str:
        """A group, without its first bracket; empty where it only sets flags for what follows."""
        kept, begin = self.flags, self.at - 1
        found = re.compile(r"\?(?:P<(?P<name>\w+)>|(?P<on>[imsU]*)(?:-(?P<off>[imsU]+))?(?P<end>[:)]))").match(
            self.text, self.at)
        opened = "("
        if found is not None:
            self.at = found.end()
            if found["name"] is not None:
                opened = f"(?P<{found['name']}>"
            else:
                self.flags = (self.flags | set(found["on"])) - set(found["off"] or "")
                if found["end"] == ")":
                    return ""
                opened = "(?:"
        elif self.text.startswith("?", self.at):
            raise _Invalid(f"invalid perl operator: {self.text[begin:self.at + 2]}")
        inner = self._alternatives()
        if not self.text.startswith(")", self.at):
            raise _Invalid(f"missing ): {self.text}")
        self.at += 1
        self.flags = kept
        return f"{opened}{inner})"


def replaced(found: Any, rewrite: bytes, everywhere: bool) -> Any:
    """A function that rewrites what a pattern matches: ``\\1`` in the rewrite is the first group, ``\\0`` the match,
    two backslashes are one. With a group that is not there nothing is rewritten; up to a backslash before another
    character all is, if everywhere."""
    parts = re.split(r"(\\[0-9\\])", rewrite.decode("utf-8", "surrogateescape"))
    if any(p != "\\\\" and int(p[1:]) > found.groups for p in parts[1::2]):
        return lambda text: text
    stop = next((i for i in range(0, len(parts), 2) if "\\" in parts[i]), None)
    if stop is not None:
        if not everywhere:
            return lambda text: text
        parts = [*parts[:stop], parts[stop][:parts[stop].index("\\")]]

    def made(match: Any) -> str:
        return "".join(p if i % 2 == 0 else "\\" if p == "\\\\" else match.group(int(p[1:])) or ""
                       for i, p in enumerate(parts))

    def some(match: Any) -> str:
        if match.end() == match.start():
            raise _Nothing
        return made(match)

    def rewritten(text: bytes) -> bytes:
        decoded = text.decode("utf-8", "surrogateescape")
        try:
            out = found.sub(some, decoded, count=0 if everywhere else 1)
        except _Nothing:
            out = _one_by_one(found, made, decoded, everywhere)
        return bytes(out.encode("utf-8", "surrogateescape"))

    return rewritten


class _Nothing(Exception):
    """Nothing is matched, of which RE2 has other rules."""


def _one_by_one(found: Any, made: Any, text: str, everywhere: bool) -> str:
    """Rewrites as RE2 does it: a match of nothing is none right behind the last one."""
    out, at, last = "", 0, -1
    while at <= len(text):
        match = found.search(text, at)
        if match is None:
            break
        out += text[at:match.start()]
        if match.start() == match.end() == last:
            out += text[at:at + 1]
            at += 1
            continue
        out += made(match)
        at = last = match.end()
        if not everywhere:
            break
    return out + text[at:]
