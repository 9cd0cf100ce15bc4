"""Calls that YAML has cut: inside ``{}`` and ``[]`` a plain value ends at its first comma, in a call or not."""

from __future__ import annotations

from ..errors import InvalidValue
from .tree import Item, Map, Scalar, Seq

MAX_SHOWN = 60


FLOW = "inside [] and {} an expression with a comma, a bracket or a brace needs quotes"


def cut_before(item: Map | Seq) -> bool:
    """Whether the last value of a mapping ends within a call: YAML has cut it at a comma."""
    return isinstance(item, Map) and bool(item.pairs) and _open(item.pairs[-1][1]) > 0


def join_split(item: Map | Seq) -> list[InvalidValue]:
    """An error for each value of a flow collection that ends within a call, put together again as it was meant.

    So the rest of the spec is read as if the quotes were there, and the cut is told once.
    """
    return _in_map(item) if isinstance(item, Map) else _in_list(item)


def _in_map(item: Map) -> list[InvalidValue]:
    errors = []
    for at in range(len(item.pairs) - 2, -1, -1):
        key, value = item.pairs[at]
        if (missing := _open(value)) <= 0:
            continue
        for last in range(at + 1, len(item.pairs)):
            part, nothing = item.pairs[last]
            if part.style or not (isinstance(nothing, Scalar) and nothing.text == "" and not nothing.style):
                break
            missing += _open(part)
            if missing <= 0:
                whole = _joined(value, part)
                item.pairs[at : last + 1] = [(key, whole)]
                errors.append(_cut(whole))
                break
    return errors


def _in_list(item: Seq) -> list[InvalidValue]:
    errors = []
    for at in range(len(item.items) - 2, -1, -1):
        value = item.items[at]
        if (missing := _open(value)) <= 0:
            continue
        for last in range(at + 1, len(item.items)):
            part = item.items[last]
            if not isinstance(part, Scalar) or part.style:
                break
            missing += _open(part)
            if missing <= 0:
                whole = _joined(value, part)
                item.items[at : last + 1] = [whole]
                errors.append(_cut(whole))
                break
    return errors


def _open(item: Item) -> int:
    """How many parentheses a plain value opens and leaves open."""
    if not isinstance(item, Scalar) or item.style:
        return 0
    return item.text.count("(") - item.text.count(")")


def _joined(first: Item, last: Item) -> Scalar:
    text = first.source.text[first.start : last.end]
    return Scalar(first.source, first.start, last.end, text, text, "joined")


def _cut(whole: Scalar) -> InvalidValue:
    quote = '"' if "'" in whole.text else "'"
    hint = f"quote it: {quote}{whole.text}{quote}"
    if len(whole.text) > MAX_SHOWN or "\n" in whole.text:
        hint = "quote all of it"
    return whole.error("inside {} and [] a value ends at its first comma, here in the middle of a call", hint)
