"""A picture as Mermaid, the drawing language of Markdown pages. The same picture gives the same text."""
from __future__ import annotations

from .picture import words
from .picture.model import Box, Picture
from .picture.themes import INK, WORDS, paint
from .picture.words import clean

# opening and closing brackets of each kind: no two kinds of a palette share both a form and a colour
FORMS = {"input": ("[/", "\\]"), "variable": ("[(", ")]"), "shared": ("[(", ")]"), "constant": (">", "]"),
         "math": ("(", ")"), "nn": ("([", "])"), "array": ("[", "]"), "random": ("{", "}"), "state": ("[/", "/]"),
         "control": ("{{", "}}"), "summary": ("[\\", "\\]"), "other": ("[", "]"), "scope": ("[[", "]]"),
         "series": ("[[", "]]")}
# what Mermaid or HTML would take for its own, as Mermaid's entities
_ENTITIES = {"#": "#35;", "&": "#38;", "<": "#60;", ">": "#62;", '"': "#34;", "'": "#39;", "`": "#96;", "\\": "#92;",
             "*": "#42;", "_": "#95;", "~": "#126;", "%": "#37;", ":": "#58;", "/": "#47;", "$": "#36;"}
_TABLE = str.maketrans(_ENTITIES)


def to_mermaid(picture: Picture, legend: bool = True, theme: str = "light") -> str:
    """The Mermaid text of a picture. theme: light or dark."""
    lines = ["---", f"title: {heading(picture.name)}", "---"]
    if theme == "dark":
        lines.insert(2, "config: {theme: dark}")
    lines.append(f"flowchart {'LR' if picture.direction == 'right' else 'BT'}")
    boxes, frames = picture.inside()
    stack: list[tuple[int | None, int] | str] = [(None, 0)]
    while stack:
        top = stack.pop()
        if isinstance(top, str):
            lines.append(top)
            continue
        number, depth = top
        pad = "  " * (depth + 1)
        lines += [pad + _box(b) for b in boxes.get(number, ())]
        for frame in reversed(frames.get(number, [])):
            stack += [f"{pad}end", (frame.number, depth + 1), f'{pad}subgraph f{frame.number}["{text(frame.label)}"]']
    widths: dict[float, list[int]] = {}
    for i, arrow in enumerate(picture.arrows):
        line = "-.->" if arrow.control or arrow.status == "removed" else "-->"
        label = f'|"{text(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  {arrow.source} {line}{label} {arrow.target}")
        if arrow.width > 1:
            widths.setdefault(arrow.width, []).append(i)
    lines += [f"  linkStyle {','.join(map(str, at))} stroke-width:{width:g}px" for width, at in sorted(widths.items())]
    shown = _legend(picture) if legend else []
    lines += shown
    ink = INK[theme]
    clusters = [f"f{f.number}" for f in picture.frames] + (["legend"] if shown else [])
    if clusters:
        lines.append(f"  classDef frame fill:{ink['frame0']},stroke:{ink['edge']},color:{ink['text']}")
        lines.append(f"  class {','.join(clusters)} frame")
    used = dict.fromkeys([*(b.paint for b in picture.boxes), *(s.paint for s in picture.legend.swatches)])
    for name in used:
        fill, stroke = paint(theme, name)
        thick = ",stroke-width:3px" if name == "shared" else ""
        lines.append(f"  classDef {name} fill:{fill},stroke:{stroke},color:{ink['text']}{thick}")
    return "\n".join(lines) + "\n"


def heading(name: str) -> str:
    """The title, a YAML string. It is no label: entities are not read in it, and what looks like a tag is."""
    import json

    plain = words.heading(name).replace("<", "\u2039").replace(">", "\u203a")
    return json.dumps(plain, ensure_ascii=False)


def text(label: str) -> str:
    """A label that means nothing to Mermaid, Markdown or HTML."""
    # a backslash and an n would be a new line, however they are written
    label = clean(label).replace("\\n", "\\\u200bn")
    return label.translate(_TABLE).replace("\n", "<br/>") or " "


def _box(box: Box) -> str:
    left, right = FORMS[box.kind]
    return f'{box.id}{left}"{text(chr(10).join(box.lines))}"{right}:::{box.paint}'


def _legend(picture: Picture) -> list[str]:
    kinds, swatches = picture.legend.kinds, picture.legend.swatches
    if len(kinds) < 2 and not swatches:
        return []
    told = " · ".join(["legend", *(w for w in (picture.legend.title, *picture.legend.remarks) if w)])
    out = [f'  subgraph legend["{text(told)}"]', "    direction LR"]
    for i, kind in enumerate(kinds):
        left, right = FORMS[kind]
        out.append(f'    l{i}{left}"{text(WORDS[kind])}"{right}' + ("" if swatches else f":::{kind}"))
    out += [f'    s{i}["{text(s.label)}"]:::{s.paint}' for i, s in enumerate(swatches)]
    return [*out, "  end"]
