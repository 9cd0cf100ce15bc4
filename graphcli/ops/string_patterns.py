"""Patterns in strings: Python's ``re``; TensorFlow's are RE2's, whose syntax is nearly the same.

What RE2 lacks (lookaround, backreferences in a pattern) is refused, so that a graph means the same there.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..errors import RunError
from ..graph.inference import same_shape
from ..graph.opdef import no_gradient, op, undefined_gradient
from .strings import mapped, scalar_too, strings

NOT_RE2 = re.compile(rb"\(\?(?:[=!]|<[=!])|(?<!\\)(?:\\\\)*\\[1-9]|\(\?P=")

CPU_ONLY = True


def pattern(text: bytes) -> Any:
    """A compiled pattern. Raises RunError for what is none, in RE2 or here."""
    if NOT_RE2.search(text):
        raise RunError(f"Invalid pattern: {text.decode('utf-8', 'replace')}: RE2 has no lookaround or backreference")
    try:
        return re.compile(text)
    except re.error as error:
        raise RunError(f"Invalid pattern: {text.decode('utf-8', 'replace')}: {error}") from None


def replaced(found: Any, rewrite: bytes, everywhere: bool) -> Callable[[bytes], bytes]:
    """``\\1`` in the rewrite is the first group, ``\\0`` the match, two backslashes are one."""
    parts = re.split(rb"(\\[0-9\\])", rewrite)
    if any(p != b"\\\\" and int(p[1:]) > found.groups for p in parts[1::2]):
        raise RunError(f"Invalid rewrite pattern: {rewrite.decode('utf-8', 'replace')}")

    def made(match: Any) -> bytes:
        return b"".join(p if i % 2 == 0 else b"\\" if p == b"\\\\" else match.group(int(p[1:])) or b""
                        for i, p in enumerate(parts))

    return lambda text: found.sub(made, text, count=0 if everywhere else 1)


@op
class RegexReplace:
    """What a pattern matches, rewritten (tf.strings.regex_replace)."""

    signature = "input: string, pattern: string, rewrite: string -> output: string"
    attrs = "replace_global: bool = True"
    infer = scalar_too
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        def replace(x: Any, given: Any, rewrite: Any) -> Any:
            change = replaced(pattern(bytes(given.item())), bytes(rewrite.item()), n.attrs["replace_global"])
            return mapped(n.xp, change, object, x)

        return replace


@op
class StaticRegexReplace:
    """As RegexReplace, with a pattern that is known (tf.strings.regex_replace)."""

    signature = "input: string -> output: string"
    attrs = "pattern: string; rewrite: string; replace_global: bool = True"
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        attrs = n.attrs
        change = replaced(pattern(attrs["pattern"].encode()), attrs["rewrite"].encode(), attrs["replace_global"])
        return strings(n, change)


@op
class RegexFullMatch:
    """Whether a pattern matches the whole string (tf.strings.regex_full_match)."""

    signature = "input: string, pattern: string -> output: bool"
    attrs = ""
    infer = scalar_too
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        def match(x: Any, given: Any) -> Any:
            found = pattern(bytes(given.item()))
            return mapped(n.xp, lambda t: found.fullmatch(t) is not None, bool, x)

        return match


@op
class StaticRegexFullMatch:
    """As RegexFullMatch, with a pattern that is known (tf.strings.regex_full_match)."""

    signature = "input: string -> output: bool"
    attrs = "pattern: string"
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        found = pattern(n.attrs["pattern"].encode())
        return lambda x: mapped(n.xp, lambda t: found.fullmatch(t) is not None, bool, x)
