"""The page: the graph's data, the script and the style in one file that needs no other."""
from __future__ import annotations

import html
import json
import re
from collections.abc import Collection
from importlib.resources import files
from typing import Any

from ...graph.graph import Node
from .data import page_data

SCRIPTS = ("model.js", "layout.js", "scene.js", "view.js", "panel.js", "search.js", "main.js")
"""In the order in which they build on each other."""


def to_html(built: Any, nodes: Collection[Node] | None = None, everything: bool = False, depth: int | None = None,
            command: tuple[str, str] = ("", "")) -> bytes:
    """One HTML page, UTF-8. The same graph gives the same bytes.

    nodes: only these; everything, depth: what is open at first; command: what stands before and after
    a node's name in the command that prints the node.
    """
    app = files(__package__) / "app"
    parts = {
        "title": html.escape(built.name),
        "style": _lean_style((app / "style.css").read_text(encoding="utf-8")),
        "script": "".join(_lean((app / name).read_text(encoding="utf-8")) for name in SCRIPTS),
        "data": json_for_script(page_data(built, nodes, everything, depth, command)),
    }
    page = re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], (app / "page.html").read_text(encoding="utf-8"))
    # an unpaired surrogate of a stranger's file becomes the JSON escape that it would be
    return page.encode("utf-8", "backslashreplace")


def json_for_script(value: Any) -> str:
    """JSON that stands inside a script element: nothing in it can end or open one."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _lean(text: str) -> str:
    """Without indentation, blank lines and lines of comment. The script has no text that spans lines."""
    lines = (line.strip() for line in text.splitlines())
    return "".join(line + "\n" for line in lines if line and not line.startswith("//"))


def _lean_style(text: str) -> str:
    return re.sub(r"\s*([{};,])\s*|(?<=:)\s+", lambda mark: mark[1] or "", _lean(text))
