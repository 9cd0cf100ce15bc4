"""``load_spec``: a path or a text to built graphs, or to all the errors that stand in it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

from ..errors import GraphError, GraphErrors, InvalidType, UsageError, did_you_mean, said
from ..graph.variables import store_of
from ..source import Source
from . import params as parameters
from . import schema
from .build import MAX_ERRORS, MAX_NODES, Builder, OnStatement, TooMuch
from .compose import BadTag
from .devices import read_devices
from .env import POISON, PoisonUsed
from .files import Includes
from .functions import check_function
from .given import Given, read_params, tell_given
from .load import load_whole_part, read_source
from .op_form import close_loops
from .poison import poison_rest, poison_unknown
from .result import BuiltGraph, Spec, instead, unfetchable
from .told import Errors
from .tree import Item, Map, Scalar, Seq
from .vocabulary import Vocabulary

RECURSION = 5000
"""Frames that nested scopes, functions and expressions within their own limits may need."""


def load_spec(
    path: str | os.PathLike[str] | Source,
    graph: str | None = None,
    params: Mapping[str, Any] | None = None,
    seed: int | None = None,
    on_statement: OnStatement | None = None,
    max_nodes: int | None = None,
) -> Spec:
    """Reads a spec and builds its graphs, or only the one that is named.

    path: a file, or a Source whose name ``include`` is relative to.
    params: overrides of the spec's own, each a value or a Given; seed: instead of the spec's.
    max_nodes: of a graph; None: 2,000,000.
    Raises GraphError, or GraphErrors with all that is wrong, in file order.
    """
    source = path if isinstance(path, Source) else read_source(path)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION))
    try:
        return _Loader(source, params or {}, seed, on_statement, max_nodes or MAX_NODES).load(graph)
    finally:
        sys.setrecursionlimit(limit)


class _Loader:
    def __init__(
        self,
        source: Source,
        overrides: Mapping[str, Any],
        seed: int | None,
        on_statement: OnStatement | None,
        max_nodes: int,
    ) -> None:
        self.source = source
        self.overrides = overrides
        self.seed = seed
        self.on_statement = on_statement
        self.max_nodes = max_nodes
        self.errors = Errors()
        self.known_params: dict[str, None] = {}
        read: list[GraphError] = []
        self.top, self.end = load_whole_part(source, read)
        self.lost = self.end is not None
        if self.lost:
            # only for the other errors of what can be read
            self.on_statement = None
        for error in read:
            self.errors.add(error)
        self.errors.tagged = {(e.span.source.name, e.span.start) for e in self.errors.list
                              if isinstance(e, BadTag) and e.span is not None}
        self.path = source.name

    def load(self, wanted: str | None) -> Spec:
        top = self.top
        version = top.get("graphcli")
        if version is not None and not (
            isinstance(version, Scalar) and version.value == schema.VERSION and version.value is not True
        ):
            shown = version.value if isinstance(version, Scalar) else version.kind
            raise version.error(f"this is version {schema.VERSION} of the language, not {said(shown)}")
        several = top.get("graphs")
        if several is None:
            name = self.name(top)
            if wanted is not None and wanted != name:
                if self.end is not None:
                    self.finish()
                raise UsageError(f"no graph {wanted!r} in {self.source.name}", hint=f"it has one graph, {name!r}")
            spec = Spec(self.source.name, self.source, {}, [name])
            spec.graphs[name] = self.build(name, [], top, {})
        else:
            spec = self.load_several(several, wanted)
        self.check_overrides()
        self.finish()
        return spec

    def load_several(self, several: Item, wanted: str | None) -> Spec:
        if not isinstance(several, Map) or not several.pairs:
            raise several.error("graphs is a mapping: name: graph")
        for error in schema.unknown_keys(self.top, schema.SHARED_KEYS):
            if any(error.message == f"unknown key {s!r}" for s in (*schema.SECTIONS, "outputs", "graph")):
                error.hint = "beside graphs: it stands inside one of them"
            self.errors.add(error)
        names = list(dict.fromkeys(k.text for k, _ in several))
        if wanted is not None and wanted not in names:
            if self.end is not None:
                self.finish()
            raise UsageError(
                f"no graph {wanted!r} in {self.source.name}",
                hint=did_you_mean(wanted, names) or f"it has {', '.join(names)}",
            )
        spec = Spec(self.source.name, self.source, {}, names)
        for key, item in several:
            name = key.text
            if wanted not in (None, name) or name in spec.graphs:
                continue
            if not isinstance(item, Map):
                self.errors.add(item.error(f"the graph {name!r} is a mapping with inputs, variables, ops, ..."))
                continue
            built = spec.graphs[name] = self.build(name, [self.top], item,
                                                    {k.text: i for k, i in several if k.text != name})
            built.elsewhere = spec.graph_with
        return spec

    def name(self, top: Map) -> str:
        item = top.get("graph")
        if isinstance(item, Scalar) and item.value is not None:
            return item.text
        if item is not None and not isinstance(item, Scalar):
            self.errors.add(item.error("the graph's name is a string"))
        stem, _ = os.path.splitext(os.path.basename(self.path))
        return stem if stem not in ("-", "", "<stdin>") else "graph"

    def finish(self) -> None:
        """Raises what was found, in file order: this file first, then those that it includes."""
        found = self.errors.list
        if not found:
            return
        order: dict[str, int] = {self.source.name: 0}
        for error in found:
            if error.span is not None:
                order.setdefault(error.span.source.name, len(order))
        found.sort(key=lambda e: (-1, 0) if e.span is None else (order[e.span.source.name], e.span.start))
        if len(found) >= MAX_ERRORS:
            found[-1].note(f"after {MAX_ERRORS} errors the rest of the spec was not read")
        raise found[0] if len(found) == 1 else GraphErrors(found)

    def check_overrides(self) -> None:
        """An override is of a param of at least one graph that is built, or of a file that could not be read."""
        if self.lost:
            return
        known = self.known_params
        for name, value in self.overrides.items():
            if name not in known:
                place = f"{value.by}: " if isinstance(value, Given) else ""
                raise UsageError(
                    f"{place}unknown param {name!r}",
                    hint=did_you_mean(name, known)
                    or (f"the spec has {', '.join(known)}" if known else "the spec has no params"),
                )

    # -- one graph

    def build(self, name: str, shared: list[Map], top: Map, others: dict[str, Item]) -> BuiltGraph:
        words = vocabulary()
        parts = [*shared, top]
        graph = words.tf.Graph()
        if hasattr(graph, "title"):
            graph.title = name
        read: list[GraphError] = []
        includes = Includes(read)
        functions, params = {}, {}
        for part in parts:
            known = includes.collect(part, self.path)
            functions.update(known.functions)
            params.update(known.params)
        for error in read:
            self.errors.add(error)
        for definition in functions.values():
            for error in check_function(definition):
                self.errors.add(error)
        # a spec says itself what its variables are
        store_of(graph).scope.set_use_resource(False)
        builder = Builder(words, graph, functions, self.errors, others, self.on_statement, self.max_nodes)
        builder.lost_names += [([], re.compile(name)) for name in includes.lost]
        self.lost = self.lost or bool(includes.lost)
        built = BuiltGraph(name, graph, self.source, builder.root.handles)
        built.declarations, built.scopes, built.changed = builder.declarations, builder.scopes, builder.changed
        try:
            with graph.as_default():
                self.known_params.update(dict.fromkeys(params))
                read_params(builder, params, self.overrides)
                if self.end is not None:
                    poison_rest(builder, self.source.text[self.end :])
                built.params = {k: v.value for k, v in builder.params.handles.items() if v.value is not POISON}
                built.seed = self.seeds(builder, parts)
                if built.seed is not None:
                    words.tf.set_random_seed(built.seed)
                for part in parts:
                    read_devices(builder, part, built.devices)
                for key, value in top:
                    if key.text not in schema.GRAPH_KEYS and key.text not in schema.SECTIONS:
                        poison_unknown(builder, value, builder.root)
                for error in schema.unknown_keys(top, (*schema.GRAPH_KEYS, *schema.SECTIONS)):
                    self.errors.add(error)
                builder.block(top, builder.root)
                close_loops(builder)
        except TooMuch:
            self.finish()
        self.outputs(builder, top, built)
        own = top.get("functions")
        built.uncalled = [(key.text, key.span) for key, _ in (own if isinstance(own, Map) else ())
                          if key.text not in builder.made]
        return built

    def seeds(self, b: Builder, parts: list[Map]) -> int | None:
        seed: int | None = None
        for part in parts:
            item = part.get("seed")
            if item is None:
                continue
            b.given = {}
            try:
                value = parameters.literal(b, item, b.params)
                if not isinstance(value, int) or isinstance(value, bool):
                    raise item.error(
                        f"seed is a whole number, not {'null' if value is None else repr(value)}",
                        hint="without seed: there is none" if value is None else None,
                    )
                seed = value
            except GraphError as e:
                self.errors.add(tell_given(e.at(item.span), b.given))
            except PoisonUsed:
                pass
        return seed if self.seed is None else self.seed

    def outputs(self, b: Builder, top: Map, built: BuiltGraph) -> None:
        item = top.get("outputs")
        if item is None or isinstance(item, Scalar) and item.value is None:
            return
        if not isinstance(item, Seq):
            self.errors.add(item.error("outputs is a list of names", hint="outputs: [y]"))
            return
        broken = bool(self.errors.list)
        for one in item.items:
            b.given = {}
            try:
                name = parameters.text(b, one, b.params, "an output")
                built.outputs.append(name)
                if not broken or self.is_nowhere(b, name, item):
                    value = built.resolve(name)
                    why = unfetchable(name, value)
                    if why is not None:
                        raise InvalidType(why, hint=instead(value))
            except GraphError as e:
                self.errors.add(tell_given(e.at(one.span), b.given))
            except PoisonUsed:
                pass

    def is_nowhere(self, b: Builder, name: str, item: Seq) -> bool:
        """Whether no statement can have been meant to make an output, those that failed neither: nothing says it."""
        text = self.source.text
        rest = text[:item.span.start] + text[item.span.end:]
        return (name.isidentifier() and name not in b.root.handles and not b.is_lost(name) and "include:" not in text
                and not re.search(rf"\b{name}\b", rest))


_VOCABULARY: list[Vocabulary] = []


def vocabulary() -> Vocabulary:
    """The names of ``tf1``, looked up once per process."""
    if not _VOCABULARY:
        from .. import tf1

        # the table of names, not the package: a file of the package may bear the name of a function
        _VOCABULARY.append(Vocabulary(tf1.modules["tf"]))
    return _VOCABULARY[0]
