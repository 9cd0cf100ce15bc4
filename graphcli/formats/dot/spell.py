"""How DOT spells what is drawn: quoted labels and the shape of each kind."""
from __future__ import annotations

import re

from ..picture.words import clean

SHAPES = {"input": "house", "variable": "cylinder", "shared": "cylinder", "constant": "note", "math": "box",
          "nn": "box", "array": "box", "random": "hexagon", "state": "component", "control": "octagon",
          "summary": "tab", "other": "box", "scope": "folder", "series": "box3d", "plain": "box"}
ROUND = ("math", "nn")
_PLAIN = re.compile(r"[\w ./:?,\[\]()=-]*", re.A)


def quoted(label: str) -> str:
    """A label that means nothing to DOT: neither an escape, nor HTML, nor an entity."""
    if _PLAIN.fullmatch(label):
        return f'"{label}"'
    label = clean(label)
    return '"' + label.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;").replace("\n", "\\n") + '"'


def hover(tip: str) -> str:
    """A tooltip, quoted: Graphviz looks for escapes in it twice."""
    return quoted(tip.replace("\\", "\\\\"))


def form(kind: str) -> str:
    """The attributes of a kind's shape."""
    more = ' style="rounded,filled"' if kind in ROUND else ' margin="0,0"' if kind == "input" else ""
    return f"shape={SHAPES[kind]}{more}"
