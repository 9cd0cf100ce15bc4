"""Names that count: conv_1, conv_2, … belong together, and are called conv [1 … 2]."""
from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"([0-9]+)")
Stem = tuple[str, ...]


def stems(words: Sequence[str], every: bool = False) -> list[tuple[Stem, int]]:
    """What each of some names, side by side, counts, and its number there: conv_12_b is number 12 of (conv, _b).

    Of several numbers in a name that counts which differs, the last of those that do; with ``every`` all are left out.
    ``conv`` is number 0 of what conv_1 is number 1 of.
    """
    split = [_NUMBER.split(w) for w in words]
    differing = _differing(split)
    out: list[tuple[Stem, int]] = []
    for parts in split:
        if len(parts) == 1:
            out.append(((parts[0], ""), 0))
            continue
        places = differing[tuple(parts[::2])] or [len(parts) - 2]
        at = places[-1]
        if every and len(places) > 1:
            out.append((tuple(parts[::2]), int(parts[at][:18])))
        else:
            out.append((("".join(parts[:at]).rstrip("_"), "".join(parts[at + 1:])), int(parts[at][:18])))
    return out


def range_of(words: Sequence[str]) -> str:
    """``cell [1 … 7]`` of cell_1 to cell_7; the first and the last word where they have no stem in common."""
    split = [_NUMBER.split(w) for w in words]
    first = split[0]
    if len(first) > 1 and first[0] and all(p[::2] == first[::2] for p in split):
        shown = ""
        places = _differing(split)[tuple(first[::2])] or [len(first) - 2]
        for at, part in enumerate(first):
            if at in places:
                numbers = [int(p[at][:18]) for p in split]
                shown = f"{shown.rstrip('_')} [{min(numbers)} … {max(numbers)}]"
            else:
                shown += part
        return shown
    found = stems(words)
    (head, *tail), number = found[0]
    if not head or any(s[0] != found[0][0] for s in found):
        return f"{words[0]} … {words[-1]}"
    return f"{head} [{number} … {found[-1][1]}]{''.join(tail)}"


def first_word(name: str) -> str:
    """``batch`` of batch_normalization_3, ``conv`` of conv2d."""
    return re.split(r"[^A-Za-z]", name.lstrip("_"), maxsplit=1)[0] or name


def _differing(split: Sequence[Sequence[str]]) -> dict[Stem, list[int]]:
    """For names that are alike but for their numbers the places of the numbers that differ."""
    alike: dict[Stem, list[set[str]]] = {}
    for parts in split:
        sets = alike.setdefault(tuple(parts[::2]), [set() for _ in parts])
        for found, part in zip(sets, parts):
            found.add(part)
    return {stem: [i for i, found in enumerate(sets) if len(found) > 1] for stem, sets in alike.items()}
