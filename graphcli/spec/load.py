"""YAML text to a located tree.

The tree is made from libyaml's events with a stack of our own, so that depth, aliases and tags are
checked before anything is built from them.
"""

from __future__ import annotations

import os
import re
from typing import Any

import yaml

from ..errors import GraphError, GraphErrors, InvalidValue, did_you_mean
from ..source import Source, Span
from .flow import join_split
from .schema import SECTIONS
from .tree import Item, Map, Scalar, Seq, core_scalar
from .yaml_errors import retold

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 100
MAX_EXPANDED = 2_000_000
"""How many values a file may have once its aliases are written out."""

_CORE_TAGS = {f"tag:yaml.org,2002:{t}" for t in ("str", "int", "float", "bool", "null", "map", "seq")}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_source(path: str | os.PathLike[str], name: str | None = None) -> Source:
    """The text of a spec file. Raises GraphError if it is none."""
    name = name or str(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as e:
        raise InvalidValue(f"cannot read {name}: {e.strerror or e}") from None
    return decode_source(data, name)


def decode_source(data: bytes, name: str) -> Source:
    """Bytes as the text of a spec. Raises GraphError, with the place of the first bad byte."""
    if len(data) > MAX_BYTES:
        raise InvalidValue(f"{name} has {len(data)} bytes; a spec may have {MAX_BYTES}")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return Source(name, data.decode(encoding))
    except UnicodeDecodeError as e:
        before = data[: e.start].decode(encoding, "replace")
        source = Source(name, before + "\ufffd")
        raise InvalidValue(
            f"not a text in UTF-8: byte {data[e.start]:#04x}", Span(source, len(before), len(before) + 1)
        ) from None


def load_whole_part(source: Source, errors: list[GraphError]) -> tuple[Map, int | None]:
    """The tree of a spec, and None; or, where its text is no YAML from some place on, what stands whole before it,
    and where that ends. What is wrong goes to ``errors``; raises GraphError where there is nothing to read.
    """
    composer = _composer(source)
    try:
        root = composer.compose()
    except yaml.YAMLError as e:
        error = retold(e, source)
        root = composer.root
        end = cut_last(root) if isinstance(root, Map) else 0
        if not isinstance(root, Map) or not root.pairs:
            raise error from None
        errors += [*composer.errors, error]
        return root, end
    return _checked(composer, root, errors), None


def load(source: Source, errors: list[GraphError] | None = None) -> Map:
    """The tree of a spec.

    Raises GraphError where there is no tree. What can be read over (a key given twice, a tag) goes to
    ``errors``, or is raised where there is no such list.
    """
    return _checked(*_composed(source), errors)


def _checked(composer: _Composer, root: Item | None, errors: list[GraphError] | None) -> Map:
    source = composer.source
    if errors is not None:
        errors += composer.errors
    elif composer.errors:
        if len(composer.errors) == 1:
            raise composer.errors[0]
        raise GraphErrors(composer.errors)
    if root is None or isinstance(root, Scalar) and root.value is None:
        raise InvalidValue(
            "the spec is empty",
            Span(source, 0, 0),
            hint="it needs at least one of inputs, variables, ops, scopes",
        )
    if not isinstance(root, Map):
        raise root.error(f"a spec is a mapping (key: value), not a {root.kind}")
    return root


def load_value(source: Source) -> Item | None:
    """The value in a text, of any kind, in which no text is an expression. Raises GraphError."""
    composer, root = _composed(source, False)
    if composer.errors:
        raise composer.errors[0] if len(composer.errors) == 1 else GraphErrors(composer.errors)
    return root


def _composed(source: Source, expressions: bool = True) -> tuple[_Composer, Item | None]:
    composer = _composer(source, expressions)
    try:
        return composer, composer.compose()
    except yaml.YAMLError as e:
        raise retold(e, source) from None


def _composer(source: Source, expressions: bool = True) -> _Composer:
    bad = _UNPRINTABLE.search(source.text)
    if bad:
        raise InvalidValue(
            f"the character U+{ord(bad.group()):04X} does not belong in a text",
            Span(source, bad.start(), bad.end()),
        )
    return _Composer(source, expressions)


def cut_last(top: Map) -> int:
    """Takes the end out of a tree that breaks off, and returns where it began: the last statement, which may be a
    part of one, and the one before it, which a line that belongs nowhere may have cut in two.

    What stands before them is whole: a later statement changes nothing of it.
    """
    if not top.pairs:
        return top.start
    key, value = top.pairs[-1]
    if key.text == "graphs" and isinstance(value, Map) and value.pairs and isinstance(value.pairs[-1][1], Map):
        return cut_last(value.pairs[-1][1])
    gone: list[Item] = []
    if key.text in (*SECTIONS, "functions") and isinstance(value, Map):
        gone = [k for k, _ in value.pairs[-2:]]
        del value.pairs[-2:]
    elif key.text in SECTIONS and isinstance(value, Seq):
        gone = value.items[-2:]
        del value.items[-2:]
    return gone[0].start if gone else top.pairs.pop()[0].start


class _PurePython(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """The same events without libyaml."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


def _events(text: str) -> Any:
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]
    except ImportError:
        return _PurePython(text)
    return CParser(text)


class _Composer:
    """Events to Items, with an explicit stack."""

    def __init__(self, source: Source, expressions: bool) -> None:
        self.source = source
        self.expressions = expressions
        self.errors: list[GraphError] = []
        self.anchors: dict[str, Item] = {}
        self.sizes: dict[int, int] = {}
        self.expanded = 0
        self.root: Item | None = None
        """What is read so far."""

    def compose(self) -> Item | None:
        # libyaml leaves out a byte order mark; what it counts from there on is characters
        source, text = self.source, self.source.text
        shift = 1 if text.startswith("\ufeff") else 0
        parser = _events(text[shift:])
        get_event = parser.get_event
        documents = 0
        stack: list[Map | Seq] = []
        keys: list[Scalar | None] = []
        starts: list[int] = []
        scalar_event, alias_event = yaml.ScalarEvent, yaml.AliasEvent
        while True:
            event = get_event()
            kind = type(event)
            start = event.start_mark.index + shift
            item: Item
            if kind is scalar_event:
                end = event.end_mark.index + shift
                value = event.value
                style = event.style or ""
                tag = event.tag
                if tag is None or tag == "!":
                    resolved = core_scalar(value) if not style and tag is None else value
                else:
                    resolved = self.tagged(tag, value, start, end, "scalar")
                item = Scalar(source, start, end, value, resolved, "" if style == ":" else style)
                self.expanded += 1
            elif kind is alias_event:
                item = self.alias(event.anchor, start, event.end_mark.index + shift, stack)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                item = (Map if kind is yaml.MappingStartEvent else Seq)(source, start, event.end_mark.index + shift)
                if event.tag is not None and event.tag != "!":
                    self.tagged(event.tag, None, start, item.end, "map" if isinstance(item, Map) else "seq")
                if len(stack) >= MAX_DEPTH:
                    raise item.error(f"nested more than {MAX_DEPTH} deep")
                self.expanded += 1
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                done = stack.pop()
                keys.pop()
                done.end = max(done.end, self._trim(done.start, event.end_mark.index + shift))
                self.sizes[id(done)] = self.expanded - starts.pop()
                if self.expressions and event.end_mark.index > event.start_mark.index:
                    self.errors += join_split(done)
                if isinstance(done, Map):
                    self.check_duplicates(done)
                continue
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise InvalidValue(
                        "a spec is one YAML document; here a second one begins",
                        Span(source, start, event.end_mark.index + shift),
                        hint="several graphs in one file stand under graphs:",
                    )
                continue
            elif kind is yaml.StreamEndEvent:
                return self.root
            else:
                continue

            if self.expanded > MAX_EXPANDED:
                raise item.error(f"more than {MAX_EXPANDED} values once the aliases are written out")
            if kind is not alias_event and event.anchor is not None:
                self.anchors[event.anchor] = item
            if stack:
                parent = stack[-1]
                if parent.__class__ is Seq:
                    parent.items.append(item)
                else:
                    key = keys[-1]
                    if key is None:
                        if not isinstance(item, Scalar):
                            raise item.error(
                                f"a key is one word, not a {item.kind}",
                                hint="quote it, if it begins with [ or {",
                            )
                        keys[-1] = item
                    else:
                        parent.pairs.append((key, item))  # type: ignore[union-attr]
                        keys[-1] = None
            else:
                self.root = item
            if isinstance(item, (Map, Seq)) and kind is not alias_event:
                stack.append(item)
                keys.append(None)
                starts.append(self.expanded)

    def _trim(self, start: int, end: int) -> int:
        """A block collection ends where its last line does, not where the next token begins."""
        text = self.source.text
        while end > start and text[end - 1] in " \r\n\t":
            end -= 1
        return end

    def alias(self, anchor: str, start: int, end: int, stack: list[Map | Seq]) -> Item:
        span = Span(self.source, start, end)
        found = self.anchors.get(anchor)
        if found is None:
            raise InvalidValue(f"no anchor &{anchor} stands before this alias", span,
                               hint=did_you_mean(f"*{anchor}", [f"*{known}" for known in self.anchors])
                               or "a value that begins with * is an alias to YAML: quote it")
        if any(found is open for open in stack):
            raise InvalidValue("an alias inside its own anchor: the value would contain itself", span).note(
                f"&{anchor} is here", found.span
            )
        self.expanded += 1 + self.sizes.get(id(found), 0)
        return found

    def check_duplicates(self, item: Map) -> None:
        if len({k.text for k, _ in item.pairs}) == len(item.pairs):
            return
        seen: dict[str, Scalar] = {}
        for key, _ in item.pairs:
            first = seen.setdefault(key.text, key)
            if first is not key:
                here, there = first.span.line, key.span.line
                self.errors.append(
                    InvalidValue(
                        f"the key {key.text!r} is given twice"
                        + (f": lines {here} and {there}" if here != there else ""),
                        key.span,
                        notes=[("given here first", first.span)],
                    )
                )

    def tagged(self, tag: str, value: str | None, start: int, end: int, kind: str) -> Any:
        span = Span(self.source, start, end)
        short = tag.rsplit(":", 1)[-1]
        if tag not in _CORE_TAGS or (short in ("map", "seq")) != (value is None) or value is None and short != kind:
            self.errors.append(InvalidValue(f"the tag {tag} is refused: a spec is plain data", span))
            return value
        if value is None or short == "str":
            return value
        wanted = {"int": int, "float": (float, int), "bool": bool, "null": type(None)}[short]
        got = core_scalar(value)
        if not isinstance(got, wanted) or short == "int" and isinstance(got, bool):  # type: ignore[arg-type]
            self.errors.append(InvalidValue(f"{value!r} is no {short}", span))
        return float(got) if short == "float" and isinstance(got, int) else got
