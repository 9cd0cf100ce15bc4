"""Shell completion, of the names inside a graph too.

A spec is read, not built: it takes a moment and needs no spec without an error. Only what building alone finds out,
the names that a ``for`` makes, those of nodes and the collections, is asked of the graph.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SECTIONS = ("inputs", "variables", "ops")
FIRST = 500
"""Events of a file that are looked at for its tags."""
OPENERS = ("scope", "reopen")
INSIDE = ("name_scope", "device", "control_dependencies", "colocate_with", "for")
"""Statements whose block binds in the block around it."""


def files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def handles(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """For --fetch, which may hold a comma list, and names of values; past a ``/`` and where no handle begins so, the
    names of nodes."""
    before, comma, last = incomplete.rpartition(",")
    names = _names(_tree(ctx), ctx) or _of_file(ctx)
    if ("/" in last or last and not _matching(names, last)) and (built := _built(ctx)) is not None:
        names = [*names, *(n.name for n in built.graph)]
    given = before.split(",")
    return [f"{before}{comma}{n}" for n in _matching(names, last) if n not in given]


def feeds(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """For --feed: the inputs, with the ``=``."""
    found = _names(_tree(ctx), ctx, ("inputs",)) or _of_file(ctx, True)
    if "=" in incomplete:
        return []
    return [f"{n}=" for n in _matching(found, incomplete)]


def inputs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return _matching(_names(_tree(ctx), ctx, ("inputs",)) or _of_file(ctx, True), incomplete)


def collections(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    built = _built(ctx)
    return _matching(built.graph.get_all_collection_keys(), incomplete) if built is not None else []


def types(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The op types of a graph."""
    built = _built(ctx)
    return _matching(sorted({n.type for n in built.graph}), incomplete) if built is not None else []


def scopes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The scopes, by the handles in them."""
    paths = (n.rpartition(".")[0] for n in _names(_tree(ctx), ctx))
    return _matching([p for p in paths if p], incomplete)


def graphs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    tree = _tree(ctx)
    found = tree.get("graphs") if tree is not None else None
    return _matching(found.keys() if found is not None and found.kind == "mapping" else [], incomplete)


def params(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from ..spec.files import params_of

    tree = _tree(ctx)
    return [f"{n}=" for n in _matching(params_of(tree, _path(ctx) or "-") if tree is not None else [], incomplete)]


def runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The runs of a LOGDIR."""
    return _matching([run.name for run in _runs(ctx)], incomplete)


def tags(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The tags of a LOGDIR, as far as they are in the first events of each file."""
    from itertools import islice

    from ..formats.events.reader import Entry, read

    found: dict[str, None] = {}
    for run in _runs(ctx):
        for path in run.paths:
            for entry in islice(read(path), FIRST):
                if isinstance(entry, Entry):
                    found.update((v.tag, None) for v in entry.event.summary.value)
    return _matching([t for t in found if t], incomplete)


def _runs(ctx: click.Context) -> list[Any]:
    from ..errors import GraphError
    from ..formats.events import reader

    path = ctx.params.get("logdir") or next(iter(ctx.args), None)
    try:
        return reader.runs(path) if path else []
    except (GraphError, OSError):
        return []


def vocabulary(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from ..tf1._names import NAMES

    return _matching(sorted({n for table in NAMES.values() for n in table}), incomplete)


def _path(ctx: click.Context) -> str | None:
    # click leaves the arguments unread when the option at the cursor has no value yet
    path = ctx.params.get("path") or next(iter(ctx.args), None)
    return path if path and path != "-" else None


def _built(ctx: click.Context) -> Any:
    """The graph, None where there is none or it has an error."""
    from ..errors import GraphError
    from .choice import Choice

    path = _path(ctx)
    if path is None:
        return None
    try:
        return Choice(path, ctx.params.get("graph_name"), ctx.params.get("sets") or ()).built()
    except (GraphError, OSError, ValueError):
        return None


def _of_file(ctx: click.Context, inputs: bool = False) -> list[str]:
    """The names of values in a graph file, or of its placeholders."""
    from ..errors import GraphError
    from .choice import Choice

    path = _path(ctx)
    try:
        if path is None or Choice(path).is_spec():
            return []
    except (GraphError, OSError):
        return []
    built = _built(ctx)
    if built is None:
        return []
    nodes = [n.name for n in built.graph if not inputs or n.type.startswith("Placeholder")]
    return [*built.flat_handles(), *nodes]


def _matching(names: Any, incomplete: str) -> list[str]:
    return [n for n in dict.fromkeys(names) if n.startswith(incomplete)]


def _tree(ctx: click.Context) -> Any:
    path = _path(ctx)
    if path is None:
        return None
    from ..errors import GraphError
    from ..spec.load import load, read_source

    try:
        return load(read_source(path), [])
    except (GraphError, OSError, ValueError):
        return None


def _names(tree: Any, ctx: click.Context, sections: tuple[str, ...] = SECTIONS) -> list[str]:
    if tree is None:
        return []
    several = tree.get("graphs")
    if several is not None and several.kind == "mapping" and several.pairs:
        chosen = ctx.params.get("graph_name")
        tree = several.get(chosen) if chosen else several.pairs[0][1]
        if tree is None:
            return []
    names = dict.fromkeys(_block(tree, "", sections))
    plain = [n for n in names if "${" not in n]
    built = _built(ctx) if len(plain) < len(names) else None
    if built is None:
        return plain
    made = (k for k, v in built.flat_handles().items() if sections == SECTIONS or _is_input(v))
    return list(dict.fromkeys([*plain, *made]))


def _is_input(value: Any) -> bool:
    return getattr(getattr(value, "op", None), "type", "").startswith("Placeholder")


def _block(block: Any, prefix: str, sections: tuple[str, ...]) -> Iterator[str]:
    """The handles that a block binds, without knowing what they are."""
    if block.kind != "mapping":
        return
    for key, section in block:
        if key.text in SECTIONS:
            shown = key.text in sections
            for name, value in _statements(section):
                yield from _statement(name, value, prefix, sections, shown)
        elif key.text == "scopes":
            for name, value in _statements(section):
                if name in (*OPENERS, None):
                    yield from _statement(name, value, prefix, sections, False)
                else:
                    yield from _block(value, f"{prefix}{_as(value) or name}.", sections)


def _statements(section: Any) -> Iterator[tuple[str | None, Any]]:
    """(name, definition) pairs of a section; a statement comes as (its keyword, the whole item)."""
    if section.kind == "mapping":
        yield from ((k.text, v) for k, v in section)
    elif section.kind == "list":
        for item in section.items:
            if item.kind != "mapping" or not item.pairs:
                continue
            first = item.pairs[0][0].text
            if first in KEYWORDS or len(item.pairs) > 1:
                word = next((k.text for k, _ in item if k.text in KEYWORDS), None)
                yield word, item
            else:
                yield first, item.pairs[0][1]


KEYWORDS = frozenset((*OPENERS, *INSIDE, "get_variable", "Variable", "op", "add_to_collection", "assert"))


def _statement(word: str | None, item: Any, prefix: str, sections: tuple[str, ...], shown: bool) -> Iterator[str]:
    if word is None or word in ("add_to_collection", "assert"):
        return
    if word not in KEYWORDS or item.kind != "mapping" or item.get(word) is None:
        if shown:
            yield prefix + (_as(item) or word)
        return
    subject = item.get(word)
    name = _as(item) or (subject.text if subject.kind == "scalar" else "")
    if word in OPENERS:
        if name:
            yield from _block(item, f"{prefix}{name}.", sections)
    elif word in INSIDE:
        yield from _block(item, prefix, sections)
    elif word == "op":
        named = _as(item) or getattr(item.get("name"), "text", "")
        if shown and named:
            yield prefix + named
    elif shown and name:
        yield prefix + name


def _as(item: Any) -> str | None:
    if item.kind != "mapping":
        return None
    found = item.get("as")
    return found.text if found is not None and found.kind == "scalar" else None
