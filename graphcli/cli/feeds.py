"""``feeds``: what must be fed to get a value."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from . import complete
from .choice import Choice
from .options import format_option, spec_options, verb

if TYPE_CHECKING:
    from ..graph.graph import Tensor


@verb("feeds", "feeds specs/line.yaml --fetch out")
@spec_options
@click.option("-f", "--fetch", "fetches", multiple=True, metavar="NAME", shell_complete=complete.handles,
              help="The value that is wanted. Without it: the spec's outputs.")
@format_option
def command(choice: Choice, fetches: tuple[str, ...], form: str) -> int:
    """Show the placeholders that a fetch needs, with the path that needs each, and a line to paste.

    Those that only the initial value of a variable needs are shown too: a run begins with it.
    """
    from ..analysis.elements import flatten
    from ..analysis.feeds import called, needs, to_start
    from . import render
    from .run import targets_of, wanted

    built = choice.built()
    names = wanted(built, fetches)
    elements: list[Any] = []
    flatten(targets_of(built, names), elements)
    found = needs(elements)
    start = to_start(built.graph, found)
    found += start
    name_of = called(built.flat_handles())
    must = [n.tensor for n in found if not n.optional]
    line = command_line(choice, fetches, ready(must, name_of, built.flat_handles()))
    if form == "json":
        render.json({"fetches": names, "command": line, "feeds": [
            {"name": name_of(n.tensor), "tensor": n.tensor.name, "dtype": n.tensor.dtype.base_dtype.name,
             "shape": None if n.tensor.static is None else list(n.tensor.static),
             "required": not n.optional and not n.conditional, "path": [p.name for p in n.path],
             "initial": n in start, "line": n.tensor.op.span.line if n.tensor.op.span else None} for n in found]})
        return 0
    what = ", ".join(names)
    if not found:
        render.show([(f"{what}: needs no feed", render.HEAD)])
    else:
        many = sum(not n.optional and not n.conditional for n in found)
        head = f"{what}: needs {render.plural(many, 'feed') if many else 'no feed, but takes'}"
        render.show([(head, render.HEAD)])
        rows: list[Any] = []
        for n in found:
            kind = render.dtype_shape(n.tensor.dtype, n.tensor.static)
            extra = "has a default" if n.optional else "in a branch" if n.conditional else ""
            if n in start and not n.optional:
                extra = f"to start {n.path[-1].name.removesuffix('/Assign')}"
            path = [p.name for p in n.path]
            if len(path) > 6:
                path = [*path[:3], "...", *path[-2:]]
            rows.append([(name_of(n.tensor), render.NAME), (kind, render.KIND), (extra, render.DIM), " -> ".join(path)])
        render.show(render.table(rows, indent=2))
    render.show(["", line])
    return 0


def ready(tensors: list[Tensor], name_of: Callable[[Tensor], str], handles: Mapping[str, Any]) -> dict[str, str]:
    """What feeds these tensors by name, as literals; a sparse or ragged tensor is fed as one."""
    from ..analysis.feeds import example, whole_example

    whole = {t: (k, v) for k, v in handles.items() for t in _placeholders(v)}
    return dict((whole[t][0], whole_example(whole[t][1])) if t in whole else (name_of(t), example(t)) for t in tensors)


def _placeholders(value: Any) -> tuple[Tensor, ...]:
    """The parts of a sparse or ragged tensor that is fed."""
    parts: tuple[Tensor, ...] = getattr(value, "components", ())
    return parts if all(t.op.type.startswith("Placeholder") for t in parts) else ()


def command_line(choice: Choice, fetches: tuple[str, ...], feeds: Mapping[str, str]) -> str:
    """A line that is ready to paste into a shell."""
    import shlex

    words = []
    if choice.graph:
        words += ["--graph", choice.graph]
    for text in choice.sets:
        words += ["--set", text]
    for name in fetches:
        words += ["--fetch", name]
    line = " ".join(["graphcli run", choice.word, *map(shlex.quote, words)])
    for name, value in feeds.items():
        line += f" --feed {shlex.quote(name)}={shlex.quote(value)}"
    return line
