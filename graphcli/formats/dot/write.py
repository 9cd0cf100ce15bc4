"""A picture as DOT, by the graphviz package. The same picture gives the same text.

Boxes carry a class beside their colours, so that an SVG can change them with the reader's theme.
"""
from __future__ import annotations

import re

from ..picture.model import Arrow, Box, Frame, Picture
from ..picture.themes import INK, WORDS, paint
from ..picture.words import clean

SHAPES = {"input": "house", "variable": "cylinder", "shared": "cylinder", "constant": "note", "math": "box",
          "nn": "box", "array": "box", "random": "hexagon", "state": "component", "control": "octagon",
          "summary": "tab", "other": "box", "scope": "folder", "series": "box3d", "plain": "box"}
ROUND = ("math", "nn")
FONT = "Helvetica"
_PLAIN = re.compile(r"[\w ./:?,\[\]()=-]*", re.A)
ROW = 5
"""Boxes in a row of the legend."""


def to_dot(picture: Picture, legend: bool = True, theme: str = "light") -> str:
    """The DOT text of a picture. theme: light or dark."""
    import graphviz

    ink = INK[theme]
    right = picture.direction == "right"
    head = {"rankdir": "LR" if right else "BT", "bgcolor": ink["paper"], "fontname": FONT, "fontsize": "13",
            "fontcolor": ink["text"], "nodesep": "0.25", "ranksep": "0.4" if not right else "0.5",
            "labelloc": "t"}
    dot = graphviz.Digraph(
        name="graph", graph_attr=head,
        node_attr={"fontname": FONT, "fontsize": "11", "style": "filled", "margin": "0.12,0.06", "height": "0.3",
                   "fontcolor": ink["text"]},
        edge_attr={"fontname": FONT, "fontsize": "9", "color": ink["line"], "fontcolor": ink["label"],
                   "arrowsize": "0.6"})
    body = dot.body
    body.append(f"\tlabel={quoted(picture.name)} tooltip={hover(picture.name)}\n")
    _frames(body, picture, theme, right)
    body += [_arrow(a, theme) for a in picture.arrows]
    if legend:
        _legend(body, picture, theme, right)
    return str(dot.source)


def quoted(label: str) -> str:
    """A label that means nothing to DOT: neither an escape, nor HTML, nor an entity."""
    if _PLAIN.fullmatch(label):
        return f'"{label}"'
    label = clean(label)
    return '"' + label.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;").replace("\n", "\\n") + '"'


def hover(tip: str) -> str:
    """A tooltip, quoted: Graphviz looks for escapes in it twice."""
    return quoted(tip.replace("\\", "\\\\"))


def _frames(body: list[str], picture: Picture, theme: str, right: bool) -> None:
    """Every box in its frame, frames within frames."""
    boxes, frames = picture.inside()
    ink = INK[theme]
    place = "t" if right else "b"  # where data flows upward, b is above
    stack: list[Frame | str | None] = [None]
    depth = 0
    while stack:
        frame = stack.pop()
        if isinstance(frame, str):
            body.append(frame)
            depth -= 1
            continue
        if frame is not None:
            depth += 1
            shade = "frame0" if depth % 2 else "frame1"
            body.append(f'\tsubgraph cluster_{frame.number} {{\n\t\tlabel={quoted(frame.label)} labeljust=l '
                        f'labelloc={place} style="rounded,filled" class={shade} color="{ink["edge"]}" '
                        f'fillcolor="{ink[shade]}" fontsize=11 margin=10 tooltip={hover(frame.name)}\n')
            stack.append("\t}\n")
        number = None if frame is None else frame.number
        body += [_box(b, theme) for b in boxes.get(number, ())]
        stack += reversed(frames.get(number, []))


def _box(box: Box, theme: str) -> str:
    fill, stroke = paint(theme, box.paint)
    more = form(box.kind)
    if box.kind == "shared":
        more += " penwidth=2.5"
    if box.focus:
        more += " penwidth=3 peripheries=2"
    if box.status == "removed":
        more = more.replace("filled", "filled,dashed") if "style" in more else more + ' style="filled,dashed"'
    label = "\n".join(box.lines)
    if more.startswith("shape=cylinder"):
        label = "\n" + label  # or the words would lie on the rim
    return (f'\t{box.id} [label={quoted(label)} {more} class="p-{box.paint}" fillcolor="{fill}" color="{stroke}" '
            f'tooltip={hover(box.tooltip)}]\n')


def form(kind: str) -> str:
    """The attributes of a kind's shape."""
    more = ' style="rounded,filled"' if kind in ROUND else ' margin="0,0"' if kind == "input" else ""
    return f"shape={SHAPES[kind]}{more}"


def _arrow(arrow: Arrow, theme: str) -> str:
    more = ""
    if arrow.label:
        more += f" label={quoted(' ' + arrow.label.replace(chr(10), chr(10) + ' '))}"
    if arrow.control or arrow.status == "removed":
        more += " style=dashed"
    if arrow.control:
        more += " arrowhead=vee class=control"
    if arrow.width > 1:
        more += f" penwidth={arrow.width:g}"
    if arrow.status:
        more += f' color="{paint(theme, arrow.status)[1]}" class="a-{arrow.status}"'
    if arrow.back:
        more += " constraint=false"
    if arrow.tooltip:
        tip = hover(arrow.tooltip)
        more += f" tooltip={tip}" + (f" labeltooltip={tip}" if arrow.label else "")
    return f"\t{arrow.source} -> {arrow.target}{' [' + more.strip() + ']' if more else ''}\n"


def _legend(body: list[str], picture: Picture, theme: str, right: bool) -> None:
    """What the forms and colours mean, in rows below the picture (beside it, where it flows to the right)."""
    ink = INK[theme]
    kinds, swatches = picture.legend.kinds, picture.legend.swatches
    if len(kinds) < 2 and not swatches:
        return
    entries = [(WORDS[k], form(k) + (" penwidth=2" if k == "shared" else ""), "plain" if swatches else k)
               for k in kinds]
    rows = [entries[i:i + ROW] for i in range(0, len(entries), ROW)]
    colours = [(s.label, form("plain"), s.paint) for s in swatches]
    rows += [colours[i:i + ROW] for i in range(0, len(colours), ROW)]
    words = " · ".join(w for w in (picture.legend.title, *picture.legend.remarks) if w)
    body.append(f'\tsubgraph cluster_legend {{\n\t\tlabel={quoted(words)} labeljust=l labelloc={"t" if right else "b"} '
                f'style=rounded color="{ink["edge"]}" class=legend fontsize=9 fontcolor="{ink["faint"]}" margin=8 '
                'tooltip="legend"\n')
    number = 0
    names: list[list[str]] = []
    for row in rows:
        ids = []
        for label, shape, colour in row:
            fill, stroke = paint(theme, colour)
            ids.append(f"legend{number}")
            body.append(f'\t\tlegend{number} [label={quoted(label)} {shape} class="p-{colour}" fillcolor="{fill}" '
                        f'color="{stroke}" fontsize=9 height=0.25 margin="0.08,0.04" tooltip={hover(label)}]\n')
            number += 1
        body.append(f"\t\t{{ rank=same {' '.join(ids)} }}\n")
        if right:
            ids.reverse()  # a rank that stands upright is filled from below
        body += [f"\t\t{a} -> {b} [style=invis]\n" for a, b in zip(ids, ids[1:])]
        names.append(ids)
    # the first row is the uppermost, or the one on the left
    if right:
        names.reverse()
    body += [f"\t\t{later[0]} -> {sooner[0]} [style=invis]\n" for sooner, later in zip(names, names[1:])]
    body.append("\t}\n")
    start = _deepest(picture)
    if start is not None:
        body.append(f"\t{names[0][0]} -> {start} [style=invis weight=0]\n")


def _deepest(picture: Picture) -> str | None:
    """The box where the longest way begins, below which the legend stands."""
    following: dict[str, list[str]] = {}
    waiting: dict[str, int] = {b.id: 0 for b in picture.boxes}
    for a in picture.arrows:
        if a.source != a.target and not a.back:
            following.setdefault(a.target, []).append(a.source)
            waiting[a.source] += 1
    # heights from the top: how far a box is above the ends of all ways
    height = {b.id: 0 for b in picture.boxes}
    ready = [i for i, count in waiting.items() if count == 0]
    while ready:
        at = ready.pop()
        for source in following.get(at, ()):
            height[source] = max(height[source], height[at] + 1)
            waiting[source] -= 1
            if waiting[source] == 0:
                ready.append(source)
    return max(height, key=lambda i: height[i], default=None)


