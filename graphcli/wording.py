"""The words of messages: the known word that may be meant, and a value as it is said."""
from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any


def nearest(word: object, known: Iterable[object]) -> str | None:
    """The known word nearest to ``word``, or None where none is near."""
    text = str(word)
    names = [str(k) for k in known]
    bare, order = _letters(text), sorted(text.lower().split("_"))
    same = [n for n in names if _letters(n) == bare] if bare else []
    if not same and len(order) > 1:
        same = [n for n in names if len(n) == len(text) and sorted(n.lower().split("_")) == order]
    if same or len(bare) == 1:
        # of one letter every name that begins with it would be near
        return same[0] if same else None
    found = _close(text, names, 1)
    if found:
        return found[0]
    folded = {n.lower(): n for n in names}
    found = _close(text.lower(), folded, 1)
    return folded[found[0]] if found else None


FEW = 50
"""So many names are compared letter by letter; of more, those that have most letters in common."""


def _close(word: str, known: Iterable[str], most: int) -> list[str]:
    """``difflib.get_close_matches``, of what may have been meant only; by itself it takes 0.1 s for a thousand long
    names that begin alike, and calls ``concat`` near to ``frobnicate``."""
    import difflib
    import heapq

    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(word)
    likely = []
    for name in known:
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() >= 0.6 and (common := matcher.quick_ratio()) >= 0.6:
            likely.append((common, name))
    if len(likely) > FEW:
        likely = heapq.nlargest(FEW, likely)
    return [n for n in difflib.get_close_matches(word, [name for _, name in likely], 10) if _meant(word, n)][:most]


def _meant(word: str, name: str) -> bool:
    """Whether a word may be a name with slips of the keyboard, one of every five letters, or some of its parts."""
    a, b = _letters(word), _letters(name)
    parts, wanted = _parts(word), _parts(name)
    return (b.startswith(a) or _slips(a, b) <= max(1, (max(len(a), len(b)) + 2) // 5)
            or all(any(p.startswith(s) for p in wanted) for s in parts) or set(wanted) <= set(parts))


def _parts(name: str) -> list[str]:
    """``rnn/while/addBias_1``: rnn, while, add, bias, 1."""
    return [part.lower() for part in re.findall(r"[A-Z]*[a-z]+|[A-Z]+|\d+", name)]


def _slips(a: str, b: str) -> int:
    """How many letters were left out, added, changed, or changed places (Damerau and Levenshtein)."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (x != y)))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                row[j] = min(row[j], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


def _letters(name: str) -> str:
    """A name without what styles of writing differ in: ``bias_add`` and ``BiasAdd`` are the same."""
    return name.replace("_", "").lower()


def near_names(name: str, known: Sequence[str]) -> list[str]:
    """Up to three known names that may be meant: first those that end in it below a scope, then those near to it."""
    ends = (f"/{name}", f".{name}")
    found = [k for k in known if k.endswith(ends)][:3]
    if len(known) > 5000:
        known = [k for k in known if abs(len(k) - len(name)) < 4][:5000]
    if len(found) < 3:
        found += _close(name, known, 3)
    if not found:
        one = nearest(name, known)
        found = [one] if one else []
    return list(dict.fromkeys(found))[:3]


def did_you_mean(word: object, known: Iterable[object]) -> str | None:
    """``did you mean 'relu'?`` or None: made to be a hint."""
    near = nearest(word, known)
    return f"did you mean {near!r}?" if near else None


WORD = 300
"""How many characters of a message may stand without a space between them."""


def cut(text: str) -> str:
    """A message without the middles of its very long words."""
    if len(text) <= WORD:
        return text
    return re.sub(rf"\S{{{WORD},}}", lambda m: f"{m[0][:80]}...{m[0][-40:]}", text)


LONGEST = 60
"""How many characters of a value stand in a message."""


def said(value: Any) -> str:
    """A value of any kind for a message: as it is written where that is short, else by its kind; no address of it."""
    text = _said(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _said(value: Any) -> str:
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        inner = ", ".join(_said(v) for v in value[:LONGEST])
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    if type(value) is dict:
        inner = ", ".join(f"{_said(k)}: {_said(v)}" for k, v in list(value.items())[:LONGEST])
        return f"{{{inner}}}"
    if isinstance(value, type):
        return f"the class {value.__name__!r}"
    if hasattr(value, "value_index"):
        return f"the tensor {value.name}"
    if hasattr(type(value), "control_inputs"):
        return f"the operation {value.name}"
    if value is ...:
        return "..."
    own = getattr(type(value), "__repr__", None) is not object.__repr__
    name = getattr(value, "__name__", None)
    if isinstance(value, (FunctionType, MethodType, BuiltinFunctionType)):
        return f"the {'method' if isinstance(value, MethodType) else 'function'} {name!r}"
    if own and repr(value).startswith("<module "):
        return f"the module {name}"
    if own and " at 0x" not in (text := repr(value)):
        return text
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'AEIOUaeiou' else 'a'} {kind}"
