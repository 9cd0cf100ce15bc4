"""A picture as DOT, by the graphviz package. The same picture gives the same text.

Boxes carry a class beside their colours, so that an SVG can change them with the reader's theme.
"""
from __future__ import annotations

from ..picture.model import Arrow, Box, Frame, Picture
from ..picture.themes import INK, paint
from ..picture.words import heading, tip
from .legend import legend_lines
from .parts import holds, parts
from .spell import form, hover, quoted

FONT = "Helvetica"


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
    body.append(f"\tlabel={quoted(heading(picture.name))} tooltip={hover(tip(picture.name))}\n")
    _frames(body, picture, theme)
    body += [_arrow(a, theme) for a in picture.arrows]
    words, below = legend_lines(picture, theme) if legend else ([], None)
    body += words
    body += [f"\t{a} -> {b} [style=invis{' weight=0' if a == below else ''}]\n"
             for a, b in holds(parts(picture), below)]
    return str(dot.source)


def _frames(body: list[str], picture: Picture, theme: str) -> None:
    """Every box in its frame, frames within frames."""
    boxes, frames = picture.inside()
    ink = INK[theme]
    place = "t" if picture.direction == "right" else "b"  # where data flows upward, b is above
    body += [_box(b, theme) for b in boxes.get(None, ())]
    stack: list[Frame | str] = list(reversed(frames.get(None, [])))
    depth = 0
    while stack:
        frame = stack.pop()
        if isinstance(frame, str):
            body.append(frame)
            depth -= 1
            continue
        depth += 1
        shade = "frame0" if depth % 2 else "frame1"
        body.append(f'\tsubgraph cluster_{frame.number} {{\n\t\tlabel={quoted(frame.label)} labeljust=l '
                    f'labelloc={place} style="rounded,filled" class={shade} color="{ink["edge"]}" '
                    f'fillcolor="{ink[shade]}" fontsize=11 margin=10 tooltip={hover(frame.name)}\n')
        body += [_box(b, theme) for b in boxes.get(frame.number, ())]
        stack.append("\t}\n")
        stack += reversed(frames.get(frame.number, []))


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
        hovering = hover(arrow.tooltip)
        more += f" tooltip={hovering}" + (f" labeltooltip={hovering}" if arrow.label else "")
    return f"\t{arrow.source} -> {arrow.target}{' [' + more.strip() + ']' if more else ''}\n"
