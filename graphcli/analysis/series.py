"""Names that count: conv_1, conv_2, … belong together, and are called conv [1 … 2]."""
from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"(.*[^0-9]|)([0-9]+)([^0-9]*)", re.S)


def stem(word: str) -> tuple[tuple[str, str], int]:
    """``conv_12_b`` is number 12 of (conv, _b); ``conv`` is number 0 of (conv, '')."""
    found = _NUMBER.fullmatch(word)
    if found is None:
        return (word, ""), 0
    return (found[1].rstrip("_"), found[3]), int(found[2][:18])


def range_of(words: Sequence[str]) -> str:
    """``cell [1 … 7]`` of cell_1 to cell_7; the first and the last word where they have no stem in common."""
    stems = [stem(w) for w in words]
    (head, tail), first = stems[0]
    if not head or any(s[0] != stems[0][0] for s in stems):
        return f"{words[0]} … {words[-1]}"
    return f"{head} [{first} … {stems[-1][1]}]{tail}"
