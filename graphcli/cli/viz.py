"""``viz``: draws the graph."""
from __future__ import annotations

import os

import click

from ..errors import UsageError
from . import complete
from .options import Choice, spec_options, verb

ENDINGS = {".svg": "svg", ".png": "png", ".dot": "dot", ".gv": "dot", ".html": "html"}


@verb("viz", "viz specs/image_filters.yaml -o filters.svg")
@spec_options
@click.option("-o", "--out", metavar="FILE", help="Where to: .svg, .png, .dot, .gv, .html; else to standard output.")
@click.option("--format", "form", type=click.Choice(["svg", "png", "dot", "html"]),
              help="What to draw; by the ending of FILE, or dot.")
@click.option("--scope", metavar="SCOPE", shell_complete=complete.scopes, help="Draw only what is under this scope.")
@click.option("--depth", type=click.IntRange(0), metavar="N", help="Close scopes that are deeper than this.")
@click.option("--all", "everything", is_flag=True, help="Draw gradients, initializers and small constants too.")
@click.option("--no-legend", is_flag=True, help="Leave the legend out.")
def command(choice: Choice, out: str | None, form: str | None, scope: str | None, depth: int | None,
            everything: bool, no_legend: bool) -> int:
    """Draw GRAPH: scopes as frames, ops by kind, shapes on the arrows, shared variables marked.

    With more than about 60 boxes, scopes are closed from the inside out; --depth opens them.
    """
    if out is not None:
        ending = os.path.splitext(out)[1].lower()
        if form is None and ending not in ENDINGS:
            raise UsageError(f"-o {out}: a picture is .svg, .png, .dot, .gv or .html, by the file's ending")
        form = form or ENDINGS[ending]
    from . import render

    built = choice.built()
    if scope is not None:
        scope = _name_scope(built, scope)
    if form == "html":
        from ..formats.html.page import to_html

        nodes = None if scope is None else {n for n in built.graph if n.name.startswith(scope + "/")}
        return _write(to_html(built, nodes, everything, depth, _command(choice)), out)
    from ..formats.dot.picture import picture
    from ..formats.dot.write import to_dot

    drawn = picture(built, built.name, everything, scope, depth)
    text = to_dot(drawn, not no_legend)
    if form in ("svg", "png"):
        from ..formats.dot.image import render as to_image

        data = to_image(text, form)
    else:
        data = text.encode("utf-8")
    if drawn.closed and depth is None:
        render.note(f"note: {render.plural(drawn.closed, 'scope')} closed to keep the picture small; "
                    "--depth N opens more")
    return _write(data, out)


def _write(data: bytes, out: str | None) -> int:
    from . import render

    if out is None:
        render.write_bytes(data)
    else:
        from .files import write_whole

        write_whole(out, lambda file: file.write(data))
        render.note(f"wrote {out}")
    return 0


def _command(choice: Choice) -> tuple[str, str]:
    """What stands before and after a node's name in the command that prints it."""
    import shlex

    after = [f"--set={s}" for s in choice.sets]
    if choice.graph is not None:
        after.append(f"--graph={choice.graph}")
    if choice.seed is not None:
        after.append(f"--seed={choice.seed}")
    return shlex.quote(choice.path), "".join(" " + shlex.quote(a) for a in after)


def _name_scope(built: object, scope: str) -> str:
    """The name scope of a scope's name. Raises UsageError where no node is under it."""
    from ..errors import did_you_mean

    graph = built.graph  # type: ignore[attr-defined]
    known = {n.name.rpartition("/")[0] for n in graph}
    known |= {"/".join(k.split("/")[:i]) for k in known for i in range(1, k.count("/") + 1)}
    name = scope.rstrip("/")
    if name not in known and name.replace(".", "/") in known:
        name = name.replace(".", "/")
    if name not in known or not name:
        raise UsageError(f"--scope {scope}: no node is under it", hint=did_you_mean(scope, sorted(known - {""})))
    return name
