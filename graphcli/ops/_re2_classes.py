"""Classes of characters as RE2 knows them, as ranges of code points."""
from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]

NO_CHARACTERS = (0xD800, 0xDFFF)
"""Surrogates: bytes that are no text are decoded as such, and nothing matches them."""
LAST = 0x10FFFF


def _of(text: str) -> Ranges:
    """The ranges of characters that are written side by side, two for each."""
    return tuple((ord(text[i]), ord(text[i + 1])) for i in range(0, len(text), 2))


def complement(ranges: Ranges) -> Ranges:
    """All other characters."""
    out, at = [], 0
    for low, high in sorted((*ranges, NO_CHARACTERS)):
        if low > at:
            out.append((at, low - 1))
        at = max(at, high + 1)
    return (*out, (at, LAST)) if at <= LAST else tuple(out)


def written(ranges: Ranges) -> str:
    """A class as Python has it; of no characters one that nothing is of."""
    if not ranges:
        return "(?!)"
    return "[" + "".join(re.escape(chr(low)) + (f"-{re.escape(chr(high))}" if high > low else "")
                         for low, high in ranges) + "]"


POSIX: dict[str, Ranges] = {
    "alnum": _of("09AZaz"), "alpha": _of("AZaz"), "ascii": ((0, 127),), "blank": _of("\t\t  "),
    "cntrl": ((0, 31), (127, 127)), "digit": _of("09"), "graph": _of("!~"), "lower": _of("az"), "print": _of(" ~"),
    "punct": _of("!/:@[`{~"), "space": _of("\t\r  "), "upper": _of("AZ"), "word": _of("09AZaz__"),
    "xdigit": _of("09AFaf")}
CLASSES: dict[str, Ranges] = {"d": POSIX["digit"], "w": POSIX["word"], "s": _of("\t\n\f\r  ")}
CLASSES |= {name.upper(): complement(ranges) for name, ranges in CLASSES.items()}


@lru_cache(16)
def category(name: str) -> Ranges | None:
    """The characters of a category of Unicode (``L``, ``Lu``), or of any; None for what is none, or a script."""
    if name == "Any":
        return complement(())
    if not re.fullmatch("[CLMNPSZ][a-z]?", name):
        return None
    out: list[list[int]] = []
    for code in range(LAST + 1):
        if unicodedata.category(chr(code)).startswith(name) and not NO_CHARACTERS[0] <= code <= NO_CHARACTERS[1]:
            if out and out[-1][1] == code - 1:
                out[-1][1] = code
            else:
                out.append([code, code])
    return tuple((low, high) for low, high in out) or None
