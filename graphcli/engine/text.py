"""Functions that are made of text.

A function holds the names that it uses. Were it one of them, or called another of them, the two would hold each other,
and with them the arrays of a plan, until a garbage collection comes round.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any


def function_of(lines: Sequence[str], filename: str, space: dict[str, Any], name: str, others: Sequence[str] = ()
                ) -> tuple[Callable[..., Any], frozenset[CodeType]]:
    """The function ``name`` of a text, and the codes of all its functions.

    space: the other names that the text uses. others: functions of the text that ``name`` calls; they are its last
    parameters, which get them by default.
    """
    code = compile("\n".join(lines), filename, "exec")
    exec(code, space)
    function = space.pop(name)
    called = tuple(space.pop(other) for other in others)
    function.__defaults__ = (*(function.__defaults__ or ()), *called) or None
    return function, frozenset(c for c in code.co_consts if isinstance(c, CodeType))
