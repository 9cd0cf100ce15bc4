"""What a flag takes: how a value is read, how a help says so, and how it is written on a command line."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """One kind of flags.

    read: a value of a text, or of a value as a program gives it. Raises ValueError or TypeError where it is none.
    words: what a help says of it below the flag; front: what it says beside the name.
    write: the text of a value. switch: it stands without a value, ``--noNAME`` is its opposite.
    holds: whether a value that the program sets is within the bounds.
    """

    read: Callable[[Any], Any]
    words: str = ""
    front: str = ""
    write: Callable[[Any], str] = str
    switch: bool = False
    holds: Callable[[Any], bool] = lambda value: True


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text is wanted")
    return value


def _truth(value: Any) -> bool:
    word = value.lower() if isinstance(value, str) else value
    for truth, words in ((True, ("true", "t", "1", 1)), (False, ("false", "f", "0", 0))):
        if word in words:
            return truth
    raise ValueError("true or false is wanted")


TEXT = Kind(_text)
TRUTH = Kind(_truth, switch=True, write=lambda value: "true" if value else "false")


def number(name: str, read: Callable[[Any], Any], low: Any, high: Any) -> Kind:
    """Numbers from ``low`` to ``high``, either of which may be None."""
    words = f"a{'n' if name[0] in 'aeiou' else ''} {name}"
    if low is not None and high is not None:
        words = f"{words} in the range [{low}, {high}]"
    elif low is not None:
        words = {0: f"a non-negative {name}"}.get(low, f"{name} >= {low}")
    elif high is not None:
        words = {0: f"a non-positive {name}"}.get(high, f"{name} <= {high}")

    def holds(value: Any) -> bool:
        return (low is None or value >= low) and (high is None or value <= high)

    def checked(value: Any) -> Any:
        found = read(value)
        if not holds(found):
            raise ValueError(f"it is not {words}")
        return found

    return Kind(checked, words, holds=holds)


def _whole(value: Any) -> int:
    if isinstance(value, str):
        base = 8 if value[:2] == "0o" else 16 if value[:2] == "0x" else 10
        return int(value, base)
    if isinstance(value, float):
        raise TypeError("a whole number is wanted")
    return int(value)


def whole(low: int | None, high: int | None) -> Kind:
    return number("integer", _whole, low, high)


def real(low: float | None, high: float | None) -> Kind:
    return number("number", float, low, high)


def one_of(values: Sequence[str], case_sensitive: bool = True) -> Kind:
    """One of some words, as it is written there."""
    known = {v if case_sensitive else v.lower(): v for v in values}
    choice = "|".join(values)

    def read(value: Any) -> str:
        word = value if case_sensitive or not isinstance(value, str) else value.lower()
        if word not in known:
            raise ValueError(f"it is not one of {choice}")
        return known[word]

    return Kind(read, front=f" <{choice}>:")


def member(of: type[Enum], case_sensitive: bool = False) -> Kind:
    """A member of an enumeration by its name."""
    known = {name if case_sensitive else name.lower(): value for name, value in of.__members__.items()}
    choice = "|".join(known)

    def read(value: Any) -> Any:
        if isinstance(value, of):
            return value
        word = value if case_sensitive or not isinstance(value, str) else value.lower()
        if word not in known:
            raise ValueError(f"it is not one of {choice}")
        return known[word]

    return Kind(read, front=f" <{choice}>:", write=lambda v: str(v.name if case_sensitive else v.name.lower()))


def words(comma: bool) -> Kind:
    """Several words, with commas or with white space between them."""
    def read(value: Any) -> list[str]:
        if isinstance(value, (list, tuple)):
            return list(value)
        if not comma:
            return _text(value).split()
        return [part.strip() for part in _text(value).split(",")] if value else []

    between = "comma" if comma else "whitespace"
    return Kind(read, f"a {between} separated list", write=("," if comma else " ").join)
