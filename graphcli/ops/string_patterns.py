"""Patterns in strings, as RE2 has them."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.inference import same_shape
from ..graph.opdef import no_gradient, op, undefined_gradient
from ._re2 import compiled, replaced
from .strings import mapped, scalar_too, strings

CPU_ONLY = True


def fits(pattern: bytes) -> Callable[[bytes], bool]:
    """A function: whether a pattern matches all of a text."""
    found = compiled(pattern)
    return lambda text: found.fullmatch(text.decode("utf-8", "surrogateescape")) is not None


@op
class RegexReplace:
    """What a pattern matches, rewritten (tf.strings.regex_replace)."""

    signature = "input: string, pattern: string, rewrite: string -> output: string"
    attrs = "replace_global: bool = True"
    infer = scalar_too
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        def replace(x: Any, given: Any, rewrite: Any) -> Any:
            change = replaced(compiled(bytes(given.item())), bytes(rewrite.item()), n.attrs["replace_global"])
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
        pattern, rewrite = (attrs[name].encode("utf-8", "surrogateescape") for name in ("pattern", "rewrite"))
        change = replaced(compiled(pattern), rewrite, attrs["replace_global"])
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
            return mapped(n.xp, fits(bytes(given.item())), bool, x)

        return match


@op
class StaticRegexFullMatch:
    """As RegexFullMatch, with a pattern that is known (tf.strings.regex_full_match)."""

    signature = "input: string -> output: bool"
    attrs = "pattern: string"
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        whole = fits(n.attrs["pattern"].encode("utf-8", "surrogateescape"))
        return lambda x: mapped(n.xp, whole, bool, x)
