"""``check``: read, build and lint without running."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .choice import Choice
from .options import format_option, spec_options, verb

if TYPE_CHECKING:
    from ..analysis.lint import Finding


@verb("check", "check specs/sharing.yaml")
@spec_options
@click.option("--strict", is_flag=True, help="Warnings are errors: exit status 1.")
@format_option
def command(choice: Choice, strict: bool, form: str) -> int:
    """Read and build GRAPH, all graphs of the file, and look for what was hardly meant. Runs nothing.

    Told are variables and inputs that nothing reads, variables made anew beside those that they were to share,
    gradients that are None, rows that meet all rows on their way into a loss, softmax of softmax, updates and
    penalties that training does without, devices that are not there, ops that fail in every run, defaults that their
    dtype does not hold, and very large values.
    """
    from ..analysis.counts import VARIABLES
    from ..analysis.lint import in_order, lint
    from ..analysis.traps import traps
    from ..analysis.unrunnable import unrunnable
    from ..errors import GraphError, UsageError
    from . import render
    from .scopes import findings_json, show_findings

    try:
        spec = choice.load()
        for built in spec.graphs.values():
            for name in built.outputs:
                built.resolve(name)
    except UsageError:
        raise
    except GraphError as error:
        if form != "json":
            raise
        render.json({"ok": False, "errors": [
            {"message": e.message, "hint": e.hint, "file": e.span.source.name if e.span else None,
             "line": e.span.line if e.span else None, "column": e.span.column if e.span else None}
            for e in error.errors()], "graphs": {}})
        return 1
    found = {name: in_order([*lint(built), *traps(built), *unrunnable(built.graph), *_homeless(built)])
             for name, built in spec.graphs.items()}
    total = sum(map(len, found.values()))
    if form == "json":
        render.json({"ok": True, "errors": [], "graphs": {
            name: {"nodes": len(built.graph), "findings": findings_json(found[name])}
            for name, built in spec.graphs.items()}})
        return 1 if strict and total else 0
    for name, built in spec.graphs.items():
        variables = sum(n.type in VARIABLES for n in built.graph)
        words = f"{render.plural(len(built.graph), 'node')}, {render.plural(variables, 'variable')}"
        warnings = f", {render.plural(len(found[name]), 'warning')}" if found[name] else ""
        head = [(name, render.HEAD), (": ", ""), ("ok", render.GOOD), (f", {words}{warnings}", "")]
        render.show(render.fitted([], head))
        if found[name]:
            show_findings(built, found[name], form)
    return 1 if strict and total else 0


def _homeless(built: Any) -> list[Finding]:
    """Nodes that ask for a device which nothing stands behind: told once for each device."""
    from ..analysis.lint import Finding
    from ..passes.place import place
    from . import render

    asked: dict[str, list[Any]] = {}
    for p in place(built.graph, built.devices).placed.values():
        if p.error is not None:
            asked.setdefault(p.error.asked, []).append(p.node)
    return [Finding("no-device", nodes[0].name,
                    f"{render.listed([n.name for n in nodes])} cannot run: there is no device {name}; give it an entry "
                    "in devices:, or place softly (--soft-placement)", nodes[0].span) for name, nodes in asked.items()]
