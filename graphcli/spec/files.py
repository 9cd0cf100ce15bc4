"""A spec and the files that it includes: which functions and params become known."""

from __future__ import annotations

import os
import re

from ..errors import GraphError, InvalidValue, did_you_mean
from ..record import Record, field
from .load import load, read_source
from .schema import SECTIONS, TOP_KEYS, unknown_keys
from .tree import Item, Map, Scalar, Seq

MAX_FILES = 100
ANY = ".*"


class FunctionDef(Record, frozen=False):
    """A function of a spec, not yet called."""

    name: Scalar
    body: Map


class Known(Record, frozen=False):
    """What a part of a spec and its includes make known; later ones take precedence."""

    functions: dict[str, FunctionDef] = field(factory=dict)
    params: dict[str, tuple[Scalar, Item]] = field(factory=dict)


class Includes:
    """Reads included files once each; refuses circles. Errors go to ``errors``."""

    def __init__(self, errors: list[GraphError]) -> None:
        self.errors = errors
        self.trees: dict[str, Map | None] = {}
        self.lost: list[str] = []
        """Patterns of the names that would be known if it were not for an error."""

    def collect(self, top: Map, path: str | None) -> Known:
        known = Known()
        start = path or "-"
        self._collect(top, start, known, (os.path.realpath(start),))
        return known

    def _collect(self, top: Map, path: str, known: Known, chain: tuple[str, ...]) -> None:
        include = top.get("include")
        if isinstance(include, Seq):
            for item in include.items:
                self._include(item, path, known, chain)
        elif include is not None and not _empty(include):
            self.errors.append(include.error("include is a list of files", hint="include: [FILE]"))
            self.lost.append(ANY)
        functions, params = top.get("functions"), top.get("params")
        for what, section in (("functions", functions), ("params", params)):
            if section is not None and not isinstance(section, Map) and not _empty(section):
                self.errors.append(section.error(f"{what} is a mapping: name: definition"))
                self.lost.append(ANY)
        for key, again in top:
            if key.text in ("functions", "params", "include") and again is not top.get(key.text) and not _empty(again):
                # refused when the file was read
                self.lost += [re.escape(k.text) for k, _ in again] if isinstance(again, Map) else [ANY]
        if isinstance(functions, Map):
            for key, body in functions:
                if isinstance(body, Map):
                    known.functions[key.text] = FunctionDef(key, body)
                else:
                    self.errors.append(
                        body.error(f"the function {key.text!r} is a mapping with inputs, sections and returns")
                    )
                    self.lost.append(re.escape(key.text))
        if isinstance(params, Map):
            for key, value in params:
                known.params.pop(key.text, None)
                known.params[key.text] = (key, value)

    def _include(self, item: Item, path: str, known: Known, chain: tuple[str, ...]) -> None:
        tree, other, real = self._tree(item, path, chain)
        if tree is None:
            self.lost.append(ANY)
            return
        before = len(self.errors)
        self._collect(tree, other, known, (*chain, real))
        for error in self.errors[before:]:
            error.note("included here", item.span)

    def _tree(self, item: Item, path: str, chain: tuple[str, ...]) -> tuple[Map | None, str, str]:
        """The tree of a file, None where an error says why there is none; its path; its real path."""
        if not isinstance(item, Scalar) or not item.text:
            self.errors.append(item.error("a file's name is a string"))
            return None, "", ""
        if "\0" in item.text or os.path.isabs(item.text):
            self.errors.append(item.error(f"{item.text!r} is no path relative to this file"))
            return None, "", ""
        other = os.path.join(os.path.dirname(path), item.text)
        real = os.path.realpath(other)
        if real in chain:
            names = [os.path.basename(p) for p in (*chain[chain.index(real) :], real)]
            self.errors.append(item.error(f"{item.text} includes itself: {' -> '.join(names)}"))
            return None, "", ""
        if real not in self.trees:
            self.trees[real] = self._read(item, other)
        return self.trees[real], other, real

    def _read(self, item: Scalar, path: str) -> Map | None:
        if len(self.trees) >= MAX_FILES:
            self.errors.append(item.error(f"more than {MAX_FILES} files are included"))
            return None
        if os.path.isdir(path):
            self.errors.append(item.error(f"{item.text} is a folder", hint="include is a list of files"))
            return None
        if not os.path.isfile(path):
            what = f"{item.text} is no file that can be read" if os.path.lexists(path) else f"no such file: {item.text}"
            self.errors.append(item.error(what, hint=None if os.path.lexists(path) else _near(path)))
            return None
        try:
            tree = load(read_source(path), self.errors)
            for error in unknown_keys(tree, (*TOP_KEYS, *SECTIONS)):
                self.errors.append(error.note("included here", item.span))
            for key, value in tree:
                if key.text not in TOP_KEYS and key.text not in SECTIONS and isinstance(value, Map):
                    self.lost += map(re.escape, value.keys())
            return tree
        except GraphError as e:
            self.errors.extend(
                x.note("included here", item.span) if x.span else InvalidValue(x.message, item.span) for x in e.errors()
            )
            return None


def params_of(top: Map, path: str) -> list[str]:
    """The params that the graphs of a spec have, by themselves or by what they include, as far as these can be read."""
    several = top.get("graphs")
    parts = [top, *(g for _, g in several if isinstance(g, Map))] if isinstance(several, Map) else [top]
    includes = Includes([])
    return list(dict.fromkeys(name for part in parts for name in includes.collect(part, path).params))


def _near(path: str) -> str | None:
    folder, name = os.path.split(path)
    try:
        return did_you_mean(name, sorted(os.listdir(folder or ".")))
    except OSError:
        return None


def _empty(item: Item) -> bool:
    return isinstance(item, Scalar) and item.value is None
