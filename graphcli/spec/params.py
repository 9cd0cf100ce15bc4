"""``${...}`` and the literal parts of a spec: params put into text, scalars with their types."""

from __future__ import annotations

import re
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from .env import Env, ScopeHandle
from .expr import evaluate
from .lookup import Host
from .python_ops import check_size
from .tree import Item, Map, Scalar, Seq

HOLE = re.compile(r"\$\{([^{}]*)\}")
MAX_TEXT = 1_000_000


def fill(host: Host, scalar: Scalar, env: Env) -> Any:
    """A scalar's value with its ``${}`` filled in; ``${x}`` alone keeps the type of x."""
    value = scalar.value
    if not isinstance(value, str) or "${" not in value:
        return value

    def hole(match: re.Match[str]) -> Any:
        found = evaluate(host, scalar, env, text=match[1], plain=True)
        if host.vocabulary.is_tensor(found) or isinstance(found, ScopeHandle) or callable(found):
            name = found.__name__ if getattr(found, "is_spec_function", False) else None
            what = f"the function {name!r}, and" if name else "no param:"
            raise InvalidType(f"${{{match[1]}}} is {what} only Python values go into a text", scalar.span,
                              hint=f"a text has quotes of its own: \"'{name}'\"" if name else None)
        return found

    whole = HOLE.fullmatch(value)
    if whole:
        return hole(whole)
    parts: list[str] = []
    size = at = 0
    for match in HOLE.finditer(value):
        parts += [value[at : match.start()], str(hole(match))]
        size += len(parts[-1]) + len(parts[-2])
        if size > MAX_TEXT:
            raise InvalidValue(f"the text has more than {MAX_TEXT} characters", scalar.span)
        at = match.end()
    return "".join(parts) + value[at:]


def literal(host: Host, item: Item, env: Env) -> Any:
    """A value as it stands, not as an expression."""
    if isinstance(item, Seq):
        return check_size([literal(host, i, env) for i in item.items])
    if isinstance(item, Map):
        return {k.text: literal(host, v, env) for k, v in item}
    assert isinstance(item, Scalar)
    return fill(host, item, env)


def text(host: Host, item: Item, env: Env, what: str) -> str:
    """A name or the like."""
    if not isinstance(item, Scalar):
        raise item.error(f"{what} is a string, not a {item.kind}")
    value = fill(host, item, env)
    if not isinstance(value, str):
        if value is None and not item.text:
            raise item.error(f"{what} is a string, and here is none")
        raise item.error(f"{what} is a string, not {said(value)}", hint=f"quote it: {item.text!r}")
    return value


def expression(host: Host, item: Item, env: Env, name: str | None = None, initializer: bool = False) -> Any:
    """An item as an expression: strings are parsed, lists and mappings are structures."""
    if isinstance(item, Scalar):
        value = fill(host, item, env)
        if not isinstance(value, str):
            return value
        return evaluate(host, item, env, name, text=None if value is item.value else value, initializer=initializer)
    if isinstance(item, Seq):
        return [expression(host, i, env) for i in item.items]
    assert isinstance(item, Map)
    return {str(fill(host, k, env)): expression(host, v, env) for k, v in item}
