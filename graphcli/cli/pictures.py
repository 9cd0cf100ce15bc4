"""Pictures out of the program: to the terminal, to standard output, to files."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import render

STYLES = {"frame": render.HEAD, "line": render.DIM, "dim": render.DIM, "shape": render.KIND, "": "",
          "input": "bold blue", "variable": "yellow", "shared": "bold yellow", "constant": render.DIM,
          "state": "magenta", "control": "bright_black", "summary": "green", "scope": render.HEAD,
          "series": render.HEAD, "added": render.GOOD, "removed": render.BAD, "changed": render.WARN}


def show(drawn: Any, form: str, out: str | None, theme: str, legend: bool, flow: bool) -> None:
    """Writes a picture. flow: as text, the dataflow of what is fetched, not the scopes."""
    if form == "text" and out is None:
        render.show(text_lines(drawn, flow, render.width()))
        return
    if form == "text":
        data = "".join(render.safe(render.plain(line)).rstrip() + "\n" for line in text_lines(drawn, flow, 80)).encode()
    else:
        from ..drawing import Drawing
        from ..formats.dot.image import FORMATS, SLOW

        if form in FORMATS and len(drawn.boxes) > SLOW:
            render.note(f"note: {render.plural(len(drawn.boxes), 'box')} are many to lay out, and may take a while")
        data = Drawing(drawn, theme, legend).data(form)
    write(data, out)


def write(data: bytes, out: str | None) -> None:
    """To a file, or to standard output: there nothing but the picture."""
    if out is None or out == "-":
        render.write_bytes(data)
        return
    from .files import write_whole

    write_whole(out, lambda file: file.write(data))
    render.note(f"wrote {out}")


def text_lines(drawn: Any, flow: bool, width: int) -> list[Any]:
    """The picture for a terminal, with a line of facts above."""
    from ..formats.picture.words import heading
    from ..formats.terminal import flow_lines, tree_lines

    make: Callable[..., Any] = flow_lines if flow else tree_lines
    facts = [render.plural(drawn.nodes, "node")]
    shared = [b for b in drawn.boxes if b.kind == "shared"]
    if shared:
        known = any(note.startswith("shared") for b in shared for note in b.notes)
        count = render.plural(len(shared), "shared variable" if known else "variable")
        facts.append(count if known else f"{count} used several times")
    hidden = sum(drawn.hidden.values())
    if hidden:
        facts.append(f"{hidden:,} not drawn ({', '.join(drawn.hidden)})")
    if drawn.closed:
        facts.append(f"{render.plural(drawn.closed, 'scope')} closed")
    lines = make(drawn, width, render.columns)
    return [*render.hang([(f"{heading(drawn.name)}: ", render.HEAD)], [(", ".join(facts), "")], width), "",
            *([(text, STYLES.get(role, render.NAME)) for text, role in line] for line in lines)]
