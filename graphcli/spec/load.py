"""YAML text to a located tree, as far as it is YAML."""

from __future__ import annotations

import os
import re

import yaml

from ..errors import GraphError, GraphErrors, InvalidValue, reason_of
from ..source import Source, Span
from .compose import Composer
from .schema import SECTIONS
from .tree import Item, Map, Scalar, Seq
from .yaml_errors import retold

MAX_BYTES = 64 * 2**20
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_source(path: str | os.PathLike[str], name: str | None = None) -> Source:
    """The text of a spec file. Raises GraphError if it is none."""
    name = name or str(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as e:
        raise InvalidValue(f"cannot read {name}: {reason_of(e)}") from None
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


def _checked(composer: Composer, root: Item | None, errors: list[GraphError] | None) -> Map:
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
        program = re.match(r"(\s*#.*\n)*(import|from)\s+\w", source.text)
        raise root.error(f"a spec is a mapping (key: value), not a {root.kind}", hint=
                         "a Python program of TensorFlow 1 runs with python -m graphcli.tf1 FILE" if program else None)
    return root


def load_value(source: Source) -> Item | None:
    """The value in a text, of any kind, in which no text is an expression. Raises GraphError."""
    composer, root = _composed(source, False)
    if composer.errors:
        raise composer.errors[0] if len(composer.errors) == 1 else GraphErrors(composer.errors)
    return root


def _composed(source: Source, expressions: bool = True) -> tuple[Composer, Item | None]:
    composer = _composer(source, expressions)
    try:
        return composer, composer.compose()
    except yaml.YAMLError as e:
        raise retold(e, source) from None


def _composer(source: Source, expressions: bool = True) -> Composer:
    bad = _UNPRINTABLE.search(source.text)
    if bad:
        raise InvalidValue(
            f"the character U+{ord(bad.group()):04X} does not belong in a text",
            Span(source, bad.start(), bad.end()),
        )
    return Composer(source, expressions)


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
