"""The params of a spec: each has the value that stands in the spec, or the one that was given for it from outside."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, InvalidValue, NotFound
from ..record import Record
from .env import POISON, Binding, PoisonUsed
from .params import HOLE, literal
from .parse import BadSyntax, parse
from .tree import Item, Map, Scalar, Seq

if TYPE_CHECKING:
    from .build import Builder

Params = Mapping[str, tuple[Scalar, Item]]


class Given(Record):
    """A value for a param, and what gives it: a flag as it was typed."""

    value: Any
    by: str


def read_params(b: Builder, params: Params, given: Mapping[str, Any]) -> None:
    """Binds each param, whatever the order in which they stand; what is wrong goes to the errors of the build."""
    made: dict[str, Binding] = {}
    for name in _in_order(b, params, given):
        key, item = params[name]
        value: Any = POISON
        b.given = {}
        try:
            if name in given:
                value = given[name]
                if isinstance(value, Given):
                    b.given, value = {name: value}, value.value
            else:
                value = literal(b, item, b.params)
        except GraphError as e:
            b.errors.add(tell_given(e.at(item.span), b.given))
        except PoisonUsed:
            pass
        made[name] = b.params.handles[name] = Binding(value, key.span, b.given)
    b.given = {}
    b.params.handles.clear()
    b.params.handles.update({name: made[name] for name in params})


def tell_given(error: GraphError, given: Mapping[str, Given]) -> GraphError:
    """An error of what was made of given values, with a note for each that says what gave it."""
    for one in error.errors():
        for name, value in given.items():
            note = (f"{value.by}: {name} is set here", None)
            if note not in one.notes and (not isinstance(one, NotFound) or _holds(value.value, one.message)):
                one.note(*note)
    return error


def _holds(value: Any, message: str) -> bool:
    """Whether the name that nothing has stands in a given value, or was made with it."""
    return isinstance(value, str) and value != "" and any(
        word in value or value in word for word in re.findall(r"'([\w.]+)'", message))


def _in_order(b: Builder, params: Params, given: Mapping[str, Any]) -> list[str]:
    """The names of the params, each after those that it is made of. What is made of itself is an error."""
    from graphlib import CycleError, TopologicalSorter

    needs = {name: [] if name in given else [n for n in _names_in(item) if n in params]
             for name, (_, item) in params.items()}
    while True:
        try:
            return list(TopologicalSorter(needs).static_order())
        except CycleError as e:
            # each is listed after what needs it
            chain = list(reversed(e.args[1]))
            first = min(chain, key=list(params).index)
            chain = chain[:-1]
            chain = chain[chain.index(first):] + chain[:chain.index(first)]
            b.errors.add(InvalidValue(f"the param {first!r} is made of itself: {' -> '.join([*chain, first])}",
                                      params[first][1].span))
            for name in chain:
                needs[name] = []
                b.params.handles[name] = Binding(POISON, params[name][0].span)


def _names_in(item: Item) -> Iterator[str]:
    """The names that the ``${}`` of a value read."""
    if isinstance(item, Seq):
        for one in item.items:
            yield from _names_in(one)
    elif isinstance(item, Map):
        for _, value in item:
            yield from _names_in(value)
    elif isinstance(item, Scalar) and isinstance(item.value, str) and "${" in item.value:
        for text in HOLE.findall(item.value):
            try:
                tree = parse(text.strip())
            except BadSyntax:
                # told where the value is made
                continue
            yield from (n.id for n in ast.walk(tree) if isinstance(n, ast.Name))
