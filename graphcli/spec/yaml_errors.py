"""libyaml's errors in clear terms, at their place and with what to do."""

from __future__ import annotations

import re
from unicodedata import name

import yaml

from ..errors import GraphError, InvalidValue
from ..source import Source, Span
from .flow import FLOW

MAX_KEY = 1024
"""What YAML lets a key have that is not marked by a question mark."""

_TERMS = (
    (
        r"did not find expected key|expected '-' indicator|expected <block end>|expected <document start>",
        "this line is not in step with the lines above it: check its indentation and quotes",
    ),
    (
        r"mapping values are not allowed",
        "a ': ' stands where no key can be: quote the whole value if it belongs to it, or put fields into {}",
    ),
    (
        r"found unexpected end of stream|unexpected end of the stream",
        "the quote that opens here is never closed",
    ),
    (r"could not find expected ':'|while scanning a simple key", "a key without its ':'"),
    (r"found undefined tag handle|tag", "a tag that means nothing here: quote a value that begins with !"),
    (r"while scanning an (alias|anchor)|alias|anchor",
     "a value that begins with * or & is an alias or anchor to YAML: quote it"),
    (r"block sequence entries are not allowed", "a list begins on a line of its own, or is written [a, b]"),
    (r"mapping keys are not allowed", "a value cannot begin with ?: quote it"),
    (r"while scanning a block scalar", "a value that begins with | or > is a text of several lines to YAML: quote it"),
    (r"while scanning a directive", "a line that begins with % is a directive to YAML: quote it"),
    (r"did not find expected node content", "a value is missing before this, or a [ or { above is never closed"),
    (r"found unknown escape character", "an unknown escape in a double-quoted value: use single quotes"),
)


def retold(e: yaml.YAMLError, source: Source) -> GraphError:
    """A YAML error in clear terms, at its place."""
    problem = str(getattr(e, "problem", None) or e).splitlines()[0]
    context = str(getattr(e, "context", None) or "")
    mark = getattr(e, "problem_mark", None) or getattr(e, "context_mark", None)
    size = len(source.text)
    at = min(mark.index, size) if mark is not None else 0
    if at >= size and size:
        at = len(source.text.rstrip()) - 1
    at = max(at, 0)
    span = Span(source, at, at + 1)
    here = source.text[at : at + 1]
    line_start = source.text.rfind("\n", 0, at) + 1
    lead = source.text[line_start : at + 1]
    error = InvalidValue(f"not YAML: {problem}", span)
    if "\t" in lead and not lead.strip():
        tab = line_start + lead.index("\t")
        return InvalidValue("a tab indents this line", Span(source, tab, tab + 1), hint="YAML indents with spaces only")
    strange = None if here.isascii() or here.isalnum() else f"U+{ord(here):04X} {name(here, '')}".rstrip()
    if strange is not None:
        error.message = f"not YAML: the character {strange} stands here"
        error.hint = "a space, or nothing?" if here.isspace() or not here.isprintable() else None
    elif here in "@`%" and here:
        error.hint = f"a value cannot begin with {here}: quote it"
    elif "did not find expected ',' or" in problem:
        opening, closing = "[]" if "']'" in problem else "{}"
        error.message = f"not YAML: expected ',' or {closing!r}"
        error.hint = FLOW
        begun = getattr(e, "context_mark", None)
        rest = source.text[begun.index : source.text.find("\n", at) % (size + 1)] if begun is not None else ""
        if begun is not None and rest.count(opening) > rest.count(closing):
            return InvalidValue(error.message, span, hint=f"the {opening} before it is never closed").note(
                f"the {opening} is here", Span(source, begun.index, begun.index + 1))
    elif "mapping values are not allowed" in problem and len(lead.strip()) > MAX_KEY:
        error.message = f"not YAML: this key has more than {MAX_KEY} characters"
    elif "mapping values are not allowed" in problem and re.fullmatch(r"\s*[\w/-]+:", lead):
        error.message = "not YAML: this line goes on with the text above it, and holds a ': '"
        error.hint = "indent it as the keys around it, or end the line above with a ':'"
    elif here in ("]", "}") and "end of stream" not in problem:
        error.hint = f"nothing is open that this {here} closes"
    else:
        for pattern, hint in _TERMS:
            if re.search(pattern, problem) or re.search(pattern, context):
                error.hint = hint
                break
    opened = getattr(e, "context_mark", None)
    if opened is not None and "end of stream" in problem and "quoted" in context:
        error.span = Span(source, opened.index, opened.index + 1)
    elif opened is not None and context and opened.index != at and opened.index < size:
        error.note(context, Span(source, opened.index, opened.index + 1))
    return error
