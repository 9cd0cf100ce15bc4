"""Names and shell patterns after a verb: a name that is not there is an error, a pattern that fits nothing is told and
lists nothing."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..errors import UsageError


def is_pattern(text: str) -> bool:
    """Whether a word of the command line is a shell pattern and no name."""
    return any(c in text for c in "*?[")


def fitting(patterns: Sequence[str], known: Iterable[str], what: str, missing: Callable[[str], UsageError],
            below: bool = False, listing: bool = True) -> list[str]:
    """The names that any of the patterns fits, in their order; all where there are none.

    what: what the names are of, for the note of a pattern that fits nothing. missing: the error of a name that is not
    there, and without ``listing`` of such a pattern too. below: a name also means what stands under it as a scope.
    """
    from fnmatch import fnmatchcase

    names = list(known)
    if not patterns:
        return names
    kept: dict[str, None] = {}
    for pattern in patterns:
        found = [n for n in names if n == pattern or fnmatchcase(n, pattern)
                 or below and n.startswith(pattern.rstrip("/") + "/")]
        if not found:
            if not listing or not is_pattern(pattern):
                raise missing(pattern)
            nothing(what, pattern)
        kept.update(dict.fromkeys(found))
    return [n for n in names if n in kept]


def nothing(what: str, pattern: str) -> None:
    """Tells that a pattern fits nothing."""
    from . import render

    render.note(f"{what} fits {pattern!r}")
