"""``viz``: draws the graph."""
from __future__ import annotations

import os
import sys
from typing import Any

import click
from click.core import ParameterSource

from ..errors import UsageError
from ..uncollected import uncollected
from . import complete
from .choice import Choice
from .options import resolve, spec_options, verb
from .restoring import Restoring, restore_options

FORMATS = ("svg", "png", "dot", "mermaid", "text", "html")
ENDINGS = {".svg": "svg", ".png": "png", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".txt": "text",
           ".html": "html"}
COLOURS = ("kind", "device", "scope", "dtype", "op", "time", "memory")


@verb("viz", "viz specs/image_filters.yaml -o filters.svg")
@spec_options
@click.argument("other", metavar="[OTHER]", required=False, shell_complete=complete.files)
@click.option("-o", "--out", metavar="FILE",
              help="Where to: .svg, .png, .dot, .gv, .mmd, .txt or .html; - is standard output.")
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="What to draw; else by the ending of FILE, dot for -, and text without -o.")
@click.option("-f", "--fetch", "fetches", multiple=True, metavar="NAME", shell_complete=complete.handles,
              help="Draw only what NAME needs; as text, its dataflow. May be repeated or hold a comma list.")
@click.option("--focus", multiple=True, metavar="NAME", shell_complete=complete.handles,
              help="Draw only what is near NAME. May be repeated.")
@click.option("--hops", type=click.IntRange(0), default=2, show_default=True, metavar="N",
              help="How many arrows from NAME of --focus.")
@click.option("--scope", metavar="SCOPE", shell_complete=complete.scopes, help="Draw only what is under this scope.")
@click.option("--depth", type=click.IntRange(0), metavar="N", help="Close scopes that are deeper than this.")
@click.option("--boxes", type=click.IntRange(1), default=60, show_default=True, metavar="N",
              help="Without --depth, scopes are closed until there are no more boxes than this.")
@click.option("--series", type=click.IntRange(0), default=5, show_default=True, metavar="N",
              help="Fold N or more in a row that are alike (layer_1, layer_2, ...); 0 for none.")
@click.option("--all", "everything", is_flag=True,
              help="Draw gradients, initializers, savers, reads and small constants too.")
@click.option("--color-by", type=click.Choice(COLOURS), default="kind", show_default=True, help="What colours mean.")
@click.option("--theme", type=click.Choice(["auto", "light", "dark"]), default="auto", show_default=True,
              help="Colours; auto is light, and an SVG turns dark with its reader.")
@click.option("--direction", type=click.Choice(["up", "right"]), default="up", show_default=True,
              help="Where data flows to.")
@click.option("--no-legend", is_flag=True, help="Leave the legend out.")
@click.option("--diff", is_flag=True, help="Draw OTHER, with what it adds to GRAPH, removes from it and changes.")
@click.option("--run", is_flag=True, help="Run once, and draw values, times and bytes.")
@click.option("--feed", "given", multiple=True, metavar="NAME=VALUE", shell_complete=complete.feeds,
              help="For --run: a YAML or JSON literal, @file.npy, @file.npz:key, @file.csv, "
                   "@file.csv:a+b (columns), @file.json or @-; for a string any other @file, as it is.")
@click.option("--feeds", "files", multiple=True, metavar="FILE", help="For --run: feeds by name, .npz, .json or .yaml.")
@click.option("--random", multiple=True, metavar="NAME[=SHAPE]", shell_complete=complete.inputs,
              help="For --run: feed random numbers.")
@restore_options
@uncollected()
def command(choice: Choice, other: str | None, out: str | None, form: str | None, fetches: tuple[str, ...],
            focus: tuple[str, ...], hops: int, scope: str | None, depth: int | None, boxes: int, series: int,
            everything: bool, color_by: str, theme: str, direction: str, no_legend: bool, diff: bool, run: bool,
            given: tuple[str, ...], files: tuple[str, ...], random: tuple[str, ...], restoring: Restoring) -> int:
    """Draw GRAPH: scopes as frames, ops by kind, shapes on the arrows, shared variables marked.

    Data flows upward. With more than about 60 boxes, scopes are closed from the inside out; --depth opens them.
    Without -o it is a tree by scope in the terminal.
    """
    form = _form(out, form)
    _check(other, diff, run, given, files, random, restoring.path, color_by)
    from . import pictures, render
    from .files import check_apart

    check_apart("-o", out, {"GRAPH": choice.path, "OTHER": other})
    built = choice.built()
    if scope is not None:
        scope = _name_scope(built, scope)
    from ..formats.picture import Options

    options = Options(everything, scope or "", depth, boxes, _nodes(built, fetches, "--fetch"),
                      _nodes(built, focus, "--focus"), hops, series, color_by, None, direction)
    if run:
        from .measured import measured

        options = options.replace(run=measured(choice, built, fetches, given, files, random, restoring))
    if form == "html":
        from ..formats.html.data import Look

        asked = click.get_current_context().get_parameter_source("direction") is not ParameterSource.DEFAULT
        look = Look(everything, depth, boxes, color_by, direction if asked else "", theme, not no_legend)
        pictures.write(_page(choice, built, other, options, look), out)
        return 0
    drawn = _picture(choice, built, other, options)
    pictures.show(drawn, form, out, theme, not no_legend, bool(fetches) and not focus)
    if drawn.closed and depth is None and form != "text":
        render.note(f"note: {render.plural(drawn.closed, 'scope')} closed to keep the picture small; "
                    "--depth N opens more")
    return 0


def _form(out: str | None, form: str | None) -> str:
    """What to draw. Raises UsageError for an ending that no writer knows."""
    if out in (None, "-"):
        form = form or ("text" if out is None else "dot")
        if form == "png" and sys.stdout.isatty():
            raise UsageError("a PNG is no text for a terminal", hint="-o FILE.png")
        return form
    assert out is not None
    ending = os.path.splitext(out)[1].lower()
    if form is None and ending not in ENDINGS:
        raise UsageError(f"-o {out}: a picture is {', '.join(list(ENDINGS)[:-1])} or {list(ENDINGS)[-1]}, "
                         "by the file's ending")
    return form or ENDINGS[ending]


def _check(other: str | None, diff: bool, run: bool, given: tuple[str, ...], files: tuple[str, ...],
           random: tuple[str, ...], restored: str | None, color_by: str) -> None:
    """Raises UsageError for flags that need another one."""
    if diff and other is None:
        raise UsageError("--diff compares two graphs", hint="graphcli viz BEFORE AFTER --diff")
    if other is not None and not diff:
        raise UsageError(f"one graph is drawn at a time, not {other} too", hint="--diff draws what changed between two")
    if diff and run:
        raise UsageError("--diff compares graphs, it runs none", hint="draw each with --run")
    flag = "--feed" if given else "--feeds" if files else "--random" if random else ""
    if restored and not run:
        raise UsageError("--restore gives a run its variables", hint="add --run")
    if flag and not run:
        raise UsageError(f"{flag} feeds a run", hint="add --run")
    if color_by == "time" and not run:
        raise UsageError("--color-by time needs a run to measure", hint="add --run")


def _picture(choice: Choice, built: Any, other: str | None, options: Any) -> Any:
    from ..formats.picture import picture

    if other is None:
        return picture(built, built.name, options)
    from ..formats.picture.compare import compared

    second = choice.replace(path=other).built()
    return compared(built, second, f"{built.name} → {second.name}" if built.name != second.name else built.name,
                    options)


def _command(choice: Choice) -> tuple[str, str]:
    """What stands before and after a node's name in the command that prints it."""
    import shlex

    after = [f"--set={s}" for s in choice.sets]
    if choice.graph is not None:
        after.append(f"--graph={choice.graph}")
    if choice.seed is not None:
        after.append(f"--seed={choice.seed}")
    return choice.word, "".join(" " + shlex.quote(a) for a in after)


def _page(choice: Choice, built: Any, other: str | None, options: Any, look: Any) -> bytes:
    """The HTML page: the whole graph with its scopes, or the part of it that is asked for."""
    from ..formats.html.page import to_html
    from ..formats.picture import subject

    if other is not None:
        after = choice.replace(path=other)
        return to_html(after.built(), None, look, _command(after), None, options.series, built)
    nodes = None
    if options.scope or options.fetch or options.focus:
        shown = subject(built, options)
        inside = set(shown.nodes)
        nodes = inside | {n for n, o in shown.owner.items() if o in inside} | {
            n for n in shown.folded if any(u in inside for t in n.outputs for u in t.uses)}
    return to_html(built, nodes, look, _command(choice), options.run, options.series)


def _nodes(built: Any, names: tuple[str, ...], flag: str) -> tuple[Any, ...]:
    """The nodes that names on the command line mean. Raises UsageError for what is none."""
    from .nodes import _nodes as nodes_of

    out: dict[Any, None] = {}
    for name in (part.strip() for text in names for part in text.split(",")):
        out.update(dict.fromkeys(nodes_of(resolve(built, name, flag), name, flag)))
    return tuple(out)


def _name_scope(built: Any, scope: str) -> str:
    """The name scope of a scope's name. Raises UsageError where no node is under it."""
    from ..errors import did_you_mean

    known = {n.name.rpartition("/")[0] for n in built.graph}
    known |= {"/".join(k.split("/")[:i]) for k in known for i in range(1, k.count("/") + 1)}
    name = scope.rstrip("/")
    if name not in known and name.replace(".", "/") in known:
        name = name.replace(".", "/")
    if name not in known or not name:
        raise UsageError(f"--scope {scope}: no node is under it", hint=did_you_mean(scope, sorted(known - {""})))
    return name
