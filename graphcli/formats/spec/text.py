"""YAML of one statement to a line: scalars are quoted where YAML or the language would read them otherwise."""
from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*\Z")
_WORDS = frozenset("true false null yes no on off True False None Null NULL TRUE FALSE NaN nan inf".split())


class Raw(str):
    """Text that is YAML already."""

    __slots__ = ()


def flow(value: Any) -> str:
    """A value in flow style: what a YAML 1.2 reader gives back."""
    if isinstance(value, Raw):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(map(flow, value)) + "]"


def number(value: float) -> str:
    """A float that is read back to the bit; NaN and infinities are words, as in JSON."""
    if value != value:
        return '"NaN"'
    if value in (float("inf"), float("-inf")):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    text = repr(value)
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


def scalar(text: str) -> str:
    """A string, bare where that is safe."""
    if _PLAIN.match(text) and text not in _WORDS:
        return text
    # what JSON quotes YAML reads, but for characters beyond the first plane, which need no escape
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f").replace("\x85", "\\x85").replace(
        "\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\ufeff", "\\ufeff")
