"""Names are a service: the characters that TensorFlow allows, and unique names without regard to case."""
from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import InvalidValue, nearest

VALID_OP_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*\Z")
VALID_SCOPE_NAME = re.compile(r"[A-Za-z0-9_.\\/>-]*\Z")


class NameAuthority:
    """Hands out names that no node of one graph has yet (Graph.unique_name)."""

    def __init__(self) -> None:
        self.used: dict[str, int] = {}

    def unique(self, name: str, mark: bool = True) -> str:
        """``name``, or the first of ``name_1``, ``name_2``, … that is free; taken if ``mark``."""
        used = self.used
        key = name.lower()
        seen = used.get(key)
        if seen is None:
            if mark:
                used[key] = 1
            return name
        number = seen
        new_key = key
        while new_key in used:
            new_key = f"{key}_{number}"
            number += 1
        if mark:
            used[key] = number
            used[new_key] = 1
        return f"{name}_{number - 1}"


class BadName(InvalidValue):
    """A name that TensorFlow refuses."""

    def __init__(self, name: str, message: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.name = name


def check_op_name(name: str) -> None:
    """Raises InvalidValue for a name that TensorFlow refuses for an op."""
    if not VALID_OP_NAME.match(name):
        raise BadName(name, f"{name!r} is not a valid op name",
                      "a name begins with an ASCII letter, a digit or '.', and goes on with those and _ / - > \\")


def check_scope_name(name: str, first: bool) -> None:
    """Raises InvalidValue for a name scope that TensorFlow refuses; ``first``: nothing around it."""
    if not (VALID_OP_NAME if first else VALID_SCOPE_NAME).match(name):
        raise BadName(name, f"{name!r} is not a valid scope name",
                      "a scope's name has ASCII letters, digits and _ . / - > \\"
                      + (", and begins with a letter, a digit or ." if first else ""))


def parse_tensor_name(name: str) -> tuple[str, int | None]:
    """``('a/b', 1)`` of ``a/b:1``, ``('a/b', None)`` of ``a/b``."""
    head, colon, tail = name.rpartition(":")
    if colon and tail.isdigit():
        return head, int(tail)
    return name, None


def nearest_path(name: str, names: Iterable[str]) -> str | None:
    """The name that ends most like ``name``, scope by scope; else the nearest in spelling."""
    own = name.split("/")[::-1]
    best, most = None, 0
    for other in names:
        common = 0
        for a, b in zip(own, other.split("/")[::-1]):
            if a != b:
                break
            common += 1
        if common > most:
            best, most = other, common
    return best or nearest(name, names)
