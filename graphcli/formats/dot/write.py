"""A picture as DOT, by the graphviz package. The same picture gives the same text."""
from __future__ import annotations

from typing import Any

from .picture import Box, Picture

# Okabe and Ito's palette, lightened for fills: told apart with any colour vision; each kind has a form too.
STYLES: dict[str, dict[str, str]] = {
    "input": {"shape": "invhouse", "fillcolor": "#cfe8f7", "color": "#0072b2"},
    "variable": {"shape": "cylinder", "fillcolor": "#fdecc8", "color": "#b87a00"},
    "shared": {"shape": "cylinder", "fillcolor": "#f6d5b8", "color": "#d55e00", "penwidth": "2.5"},
    "constant": {"shape": "note", "fillcolor": "#f4f4f4", "color": "#707070"},
    "math": {"shape": "box", "style": "rounded,filled", "fillcolor": "#ffffff", "color": "#404040"},
    "nn": {"shape": "box", "style": "rounded,filled", "fillcolor": "#d3efe5", "color": "#007a5a"},
    "array": {"shape": "box", "fillcolor": "#ffffff", "color": "#8a8a8a"},
    "state": {"shape": "box", "style": "filled,bold", "fillcolor": "#fdecc8", "color": "#b87a00"},
    "random": {"shape": "diamond", "fillcolor": "#f3dcea", "color": "#a8578a"},
    "control": {"shape": "octagon", "fillcolor": "#fbf7c8", "color": "#8a8000"},
    "scope": {"shape": "folder", "fillcolor": "#e8e8f4", "color": "#505080"},
    "other": {"shape": "box", "fillcolor": "#ffffff", "color": "#8a8a8a"},
}
WORDS = {"input": "input", "variable": "variable", "shared": "variable, shared", "constant": "constant",
         "math": "arithmetic", "nn": "neural net", "array": "shaping", "state": "update", "random": "random",
         "control": "control flow", "scope": "closed scope", "other": "other op"}
FONT = "Helvetica"


def to_dot(picture: Picture, legend: bool = True) -> str:
    """The DOT text of a picture."""
    import graphviz

    dot = graphviz.Digraph(
        name=picture.name,
        graph_attr={"rankdir": "TB", "fontname": FONT, "fontsize": "11", "compound": "true", "nodesep": "0.3",
                    "ranksep": "0.45", "label": _text(picture.name), "labelloc": "t", "tooltip": _text(picture.name)},
        node_attr={"fontname": FONT, "fontsize": "11", "style": "filled", "margin": "0.12,0.06"},
        edge_attr={"fontname": FONT, "fontsize": "9", "color": "#606060", "fontcolor": "#606060",
                   "arrowsize": "0.7"})
    _cluster(dot, picture.boxes, (), [0])
    for arrow in picture.arrows:
        more = {"style": "dashed", "constraint": "true"} if arrow.control else {}
        if arrow.label:
            more["label"] = _text(arrow.label)
        dot.edge(arrow.source, arrow.target, **more)
    if legend:
        _legend(dot, picture)
    return str(dot.source)


def _text(text: str) -> Any:
    """A label that means nothing to DOT: no escapes, no HTML."""
    import graphviz

    return graphviz.nohtml("\\n".join(str(graphviz.escape(line)) for line in text.split("\n")))


def _cluster(dot: Any, boxes: list[Box], scope: tuple[str, ...], counter: list[int]) -> None:
    """The boxes of one scope, and its inner scopes as clusters."""
    depth = len(scope)
    inner: dict[str, list[Box]] = {}
    for box in boxes:
        if len(box.scope) == depth:
            _node(dot, box)
        else:
            inner.setdefault(box.scope[depth], []).append(box)
    for word, members in inner.items():
        counter[0] += 1
        with dot.subgraph(name=f"cluster_{counter[0]}") as sub:
            path = "/".join((*scope, word))
            sub.attr(label=_text(word), labeljust="l", style="rounded,filled", color="#b0b0b0",
                     fillcolor="#fafafa" if depth % 2 == 0 else "#f0f0f0", tooltip=_text(path), fontsize="11")
            _cluster(sub, members, (*scope, word), counter)


def _node(dot: Any, box: Box) -> None:
    label = "\n".join((box.title, *box.note))
    dot.node(box.id, label=_text(label), tooltip=_text(box.tooltip), **STYLES[box.kind])


def _legend(dot: Any, picture: Picture) -> None:
    """The kinds that occur, as a row of small boxes below."""
    present = dict.fromkeys(b.kind for b in picture.boxes)
    kinds = [k for k in STYLES if k in present]
    if len(kinds) < 2:
        return
    with dot.subgraph(name="cluster_legend") as sub:
        sub.attr(label="legend", labeljust="l", style="rounded", color="#d0d0d0", fontsize="9", fontcolor="#707070",
                 tooltip="legend")
        for kind in kinds:
            sub.node(f"legend_{kind}", label=_text(WORDS[kind]), fontsize="9", height="0.25",
                     tooltip=_text(WORDS[kind]), **STYLES[kind])
        for a, b in zip(kinds, kinds[1:]):
            sub.edge(f"legend_{a}", f"legend_{b}", style="invis")
