"""libyaml's events to a located tree, with a stack of our own, so that depth, aliases and tags are checked before
anything is built from them.
"""

from __future__ import annotations

from typing import Any

import yaml

from ..errors import GraphError, InvalidValue, did_you_mean
from ..source import Source, Span
from .flow import FLOW, cut_before, join_split
from .tree import Item, Map, Scalar, Seq, core_scalar

MAX_DEPTH = 100
MAX_EXPANDED = 2_000_000
"""How many values a file may have once its aliases are written out."""

_CORE_TAGS = {f"tag:yaml.org,2002:{t}" for t in ("str", "int", "float", "bool", "null", "map", "seq")}


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


class BadTag(InvalidValue):
    """A tag that is refused: what it stands before is not what was meant, and not told of."""


class Composer:
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
                                hint=FLOW if cut_before(parent) else "quote it, if it begins with [ or {",
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
            # an alias of a key is the key itself
            if (first := seen.get(key.text)) is None:
                seen[key.text] = key
            else:
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
            word = tag[1:]
            hint = f"the opposite of {word} is logical_not({word})" if word.isidentifier() else None
            self.errors.append(BadTag(f"the tag {tag} is refused: a spec is plain data", span, hint=hint))
            return value
        if value is None or short == "str":
            return value
        wanted = {"int": int, "float": (float, int), "bool": bool, "null": type(None)}[short]
        got = core_scalar(value)
        if not isinstance(got, wanted) or short == "int" and isinstance(got, bool):  # type: ignore[arg-type]
            self.errors.append(InvalidValue(f"{value!r} is no {short}", span))
        return float(got) if short == "float" and isinstance(got, int) else got
