"""The page: the graph's data, the script and the style in one file that needs no other."""
from __future__ import annotations

import html
import json
import re
from collections.abc import Collection
from importlib.resources import files
from typing import Any

from ...analysis.measured import Run
from ...analysis.tree import SERIES
from ...graph.graph import Node
from ...uncollected import uncollected
from ..picture.themes import KINDS, PAINTS
from .data import Look, page_data

SCRIPTS = ("model.js", "paint.js", "layout.js", "scene.js", "view.js", "panel.js", "search.js", "main.js")
"""In the order in which they build on each other."""


def to_html(built: Any, nodes: Collection[Node] | None = None, look: Look = Look(),
            command: tuple[str, str] = ("", ""), run: Run | None = None, series: int = SERIES,
            before: Any = None) -> bytes:
    """One HTML page, UTF-8. The same graph gives the same bytes.

    nodes: only these; look: how it is drawn at first; command: what stands before and after a node's name in
    the command that prints the node; run: what a run has measured; series: how many alike are folded;
    before: an earlier graph, to tell what has changed since.
    """
    with uncollected():
        data = json_for_script(page_data(built, nodes, look, command, run, series, before))
    app = files(__package__) / "app"
    style = (app / "style.css").read_text(encoding="utf-8")
    parts = {
        "title": html.escape(built.name),
        "style": _lean_style(style.replace("{{paints}}", _paints())),
        "script": "".join(_lean_script((app / name).read_text(encoding="utf-8")) for name in SCRIPTS),
        "data": data,
    }
    page = re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], (app / "page.html").read_text(encoding="utf-8"))
    # an unpaired surrogate of a stranger's file becomes the JSON escape that it would be
    return page.encode("utf-8", "backslashreplace")


def json_for_script(value: Any) -> str:
    """JSON that stands inside a script element: nothing in it can end or open one."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _paints() -> str:
    """The colours of kinds, categories and amounts, those of every other picture."""
    rules = []
    for name, (fill, line) in PAINTS["light"].items():
        dark_fill, dark_line = PAINTS["dark"][name]
        where = f".k-{name} path" if name in KINDS else f".box .{name}"
        rules.append(f"{where} {{ fill: light-dark({fill}, {dark_fill}); stroke: light-dark({line}, {dark_line}); }}\n")
    return "".join(rules)


def _lean(text: str) -> str:
    """Without indentation, blank lines and lines of comment. The script has no text that spans lines."""
    lines = (line.strip() for line in text.splitlines())
    return "".join(line + "\n" for line in lines if line and not line.startswith("//"))


def _lean_script(text: str) -> str:
    """Without spaces around punctuation, except in strings and in lines whose quoting takes a parser to follow."""
    lines = []
    for line in _lean(text).splitlines(keepends=True):
        if not re.search("[`/']", line):
            pieces = re.split(r'("(?:\\.|[^"\\])*")', line)
            pieces[::2] = [re.sub(r" ?([=*<>!?:&|,;{}()\[\]]+) ?", r"\1", p) for p in pieces[::2]]
            line = "".join(pieces)
        lines.append(line)
    return "".join(lines)


def _lean_style(text: str) -> str:
    return re.sub(r"\s*([{};,])\s*|(?<=:)\s+", lambda mark: mark[1] or "", _lean(text))
