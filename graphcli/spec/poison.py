"""After a statement has failed: what it would have bound is poisoned, and who reads that fails in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import GraphError
from . import params, schema
from .env import POISON, Binding, Env, PoisonUsed
from .tree import Item, Map, Scalar, Seq

if TYPE_CHECKING:
    from .build import Builder


def _poison(name: str, env: Env) -> None:
    env.target.setdefault(name, Binding(POISON, None))


def poison_definition(b: Builder, section: str, key: Scalar, item: Item, env: Env) -> None:
    _poison_store(b, item, section)
    if section == "collections":
        return
    if section in schema.FIELDS:
        _poison_values(item, (*schema.FIELDS[section], *schema.SECTIONS), env)
    if section != "ops" and isinstance(item, Scalar) and item.text.isidentifier():
        # the name after a statement's keyword that is written wrong
        poison_name(b, item, env)
    alias = item.get("as") if isinstance(item, Map) and section != "ops" else None
    poison_name(b, alias if isinstance(alias, Scalar) else key, env)


def poison_name(b: Builder, item: Scalar, env: Env) -> None:
    try:
        _poison(str(params.fill(b, item, env)) if "${" in item.text else item.text, env)
    except (GraphError, PoisonUsed):
        # what the holes would have held is not known
        pattern = ".*".join(re.escape(part) for part in re.split(r"\$\{[^{}]*\}", item.text))
        b.lost_names.append((list(b.calling), re.compile(pattern)))


MAKES_VARIABLES = frozenset("variables Variable get_variable get_local_variable layers rnn_cell".split())
COLLECTS = MAKES_VARIABLES | frozenset("add_to_collection collections losses summary regularizer".split())
"""Words of statements that make variables of any name, and that collect something."""


def _poison_store(b: Builder, item: Item, word: str) -> None:
    """What failed may have been meant to make variables, or to collect something."""
    b.unmade = b.unmade or _has(b, item, word, MAKES_VARIABLES, set())
    b.uncollected = b.uncollected or _has(b, item, word, COLLECTS, set())


def _has(b: Builder, item: Item, word: str, wanted: Iterable[str], seen: set[str]) -> bool:
    """Whether any of these words stands in a statement, or in a function that it calls."""
    words = {word, *re.findall(r"\w+", item.source.text[item.start:item.end])}
    if not words.isdisjoint(wanted):
        return True
    called = (words & b.functions.keys()) - seen
    seen |= called
    return any(_has(b, b.functions[name].body, "", wanted, seen) for name in called)


def _poison_values(item: Item, known: Iterable[str], env: Env) -> None:
    """A word under an unknown key may have been meant for the handle: ``sa: name``."""
    for key, value in item if isinstance(item, Map) else ():
        if key.text not in known and isinstance(value, Scalar) and value.text.isidentifier():
            _poison(value.text, env)


def poison_statement(b: Builder, word: str, item: Map, env: Env) -> None:
    _poison_store(b, item, word)
    _poison_values(item, schema.STATEMENTS[word].known, env)
    for key in ("as", "name" if word == "op" else word):
        named = item.get(key)
        if (
            isinstance(named, Scalar)
            and named.text
            and (key == "as" or word in ("get_variable", "Variable", "op", "scope"))
        ):
            poison_name(b, named, env)
            return
    if word not in ("scope", "reopen"):
        poison_block(b, item, env)


def poison_block(b: Builder, item: Map, env: Env) -> None:
    """All that the sections of a block would have bound in the block around it."""
    for section in schema.SECTIONS:
        inner = item.get(section)
        if inner is not None:
            poison_section(b, section, inner, env)


def poison_section(b: Builder, section: str, inner: Item, env: Env) -> None:
    """All that a section would have bound."""
    if isinstance(inner, Map):
        for key, value in inner:
            poison_definition(b, section, key, value, env)
    elif isinstance(inner, Seq):
        for one in inner.items:
            if not isinstance(one, Map) or not one.pairs:
                continue
            word = next((w for w in schema.STATEMENTS if w in one.keys()), None)
            if word is not None:
                poison_statement(b, word, one, env)
            else:
                poison_definition(b, section, *one.pairs[0], env)


def poison_unknown(b: Builder, item: Item, env: Env) -> None:
    """What stands under an unknown key may have been a section: its names are not unknown too."""
    items = [item] if isinstance(item, Map) else item.items if isinstance(item, Seq) else []
    for one in items:
        if isinstance(one, Map):
            for key, _ in one:
                _poison(key.text, env)


def poison_rest(b: Builder, text: str) -> None:
    """What stands in the part of a spec that could not be read may be functions and params, of any name."""
    for word in re.findall(r"(\w+)['\"]?\s*:(?!\S)", text):
        _poison(word, b.params)
    if re.search(r"\binclude\b|\b(functions|params)['\"]?\s*:\s*[*]", text):
        b.lost_names.append(([], re.compile(".*")))
