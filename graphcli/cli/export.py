"""``export``: the graph as a file for elsewhere."""
from __future__ import annotations

import os
from typing import Any

import click

from ..errors import UsageError
from .choice import Choice
from .options import spec_options, verb

GRAPHS = {".pb": "binary", ".pbtxt": "text", ".meta": "meta"}
SPECS = (".yaml", ".yml")
PICTURES = (".dot", ".gv", ".svg", ".png", ".mmd", ".html")
KINDS = {"pb": ".pb", "pbtxt": ".pbtxt", "meta": ".meta", "yaml": ".yaml", "dot": ".dot", "svg": ".svg"}


@verb("export", "export specs/line.yaml -o line.pb")
@spec_options
@click.option("-o", "--out", metavar="FILE",
              help="Where to: .pb or .pbtxt (GraphDef), .meta (MetaGraphDef: with collections and variables), .yaml (a "
                   "spec), .dot, .svg, .png or .html (viz has more to say on these); - is standard output.")
@click.option("--logdir", metavar="DIR", help="Write an event file with the graph into this run's folder, for "
              "TensorBoard; the same graph gives the same bytes.")
@click.option("--format", "form", type=click.Choice(list(KINDS)), help="What to write, for - and other endings.")
@click.option("--no-shapes", is_flag=True, help="Leave the static shapes out of a GraphDef or MetaGraphDef.")
def command(choice: Choice, out: str | None, logdir: str | None, form: str | None, no_shapes: bool) -> int:
    """Write GRAPH as a file that TensorFlow, TensorBoard, Netron or graphcli reads. The ending says which."""
    if out is not None and logdir is not None:
        raise UsageError("export writes -o FILE or --logdir DIR, not both")
    if logdir is not None:
        return _log(choice, logdir)
    from .files import check_apart

    check_apart("-o", out, {"GRAPH": choice.path})
    if out is None:
        raise UsageError("nothing to write: there is neither -o FILE nor --logdir DIR",
                         hint="-o model.pb writes a GraphDef")
    ending = KINDS[form] if form else os.path.splitext(out)[1].lower()
    if ending in PICTURES:
        return _draw(choice, out, ending)
    if ending not in GRAPHS and ending not in SPECS:
        if out == "-":
            raise UsageError("-o - needs --format", hint=f"one of {', '.join(KINDS)}")
        endings = ", ".join([*GRAPHS, *SPECS[:1], *(p for p in PICTURES if p != ".gv")])
        raise UsageError(f"--out {out}: a graph is written as {endings}, by the file's ending",
                         hint="--format says it for another")
    _check_folder(out)
    data = _bytes(choice, ending, not no_shapes)
    from . import render

    if out == "-":
        render.write_bytes(data)
        return 0
    from .files import write_whole

    write_whole(out, lambda file: file.write(data))
    render.note(f"wrote {out}")
    return 0


def _log(choice: Choice, logdir: str) -> int:
    from ..formats.events.run_log import export
    from . import render

    path = export(logdir, choice.built().graph)
    render.note(f"wrote {path}")
    return 0


def _check_folder(out: str) -> None:
    folder = os.path.dirname(out) or "."
    if out != "-" and not os.path.isdir(folder):
        raise UsageError(f"cannot write {out}: there is no folder {folder}")


def _bytes(choice: Choice, ending: str, shapes: bool) -> bytes:
    built: Any = choice.built()
    if ending in SPECS:
        from .as_spec import as_spec

        return as_spec(built).encode()
    from ..formats.graphdef.write import to_bytes

    return to_bytes(built.graph, GRAPHS[ending], shapes, getattr(built, "beside", None))


def _draw(choice: Choice, out: str, ending: str) -> int:
    from . import viz

    args = [choice.path, "--out", out, "--format", {".gv": "dot", ".mmd": "mermaid"}.get(ending, ending[1:])]
    if choice.graph is not None:
        args += ["--graph", choice.graph]
    if choice.seed is not None:
        args += ["--seed", str(choice.seed)]
    args += [a for s in choice.sets for a in ("--set", s)]
    for flag, limit in ("--max-nodes", choice.max_nodes), ("--max-bytes", choice.max_bytes):
        args += [flag, str(limit)] if limit is not None else []
    status: int = viz.command.main(args, standalone_mode=False) or 0
    return status
