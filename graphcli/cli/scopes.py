"""``scopes``: the variable scopes as a tree, and what is shared with what."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import GraphError, UsageError
from . import complete
from .choice import Choice
from .options import format_option, spec_options, verb

if TYPE_CHECKING:
    from ..analysis.sharing import VariableFacts


@verb("scopes", "scopes specs/sharing.yaml --why variable_scope_y/var2_1")
@spec_options
@click.argument("scope", required=False, shell_complete=complete.scopes)
@click.option("--why", metavar="NAME", shell_complete=complete.handles,
              help="Say which scope gave each part of a name.")
@click.option("--same", nargs=2, metavar="A B", shell_complete=complete.scopes,
              help="Do two scopes use the same variables? Exit status 0 if so, 1 if not.")
@click.option("--lint", is_flag=True, help="Look for near misses of sharing.")
@format_option
def command(choice: Choice, scope: str | None, why: str | None, same: tuple[str, str] | None, lint: bool,
            form: str) -> int:
    """Show the variable scopes of GRAPH, or only what is under SCOPE.

    Each variable with shape, dtype, where it was made, every statement that shares it and the ops
    that read it.
    """
    if sum(map(bool, (why, same, lint))) > 1:
        raise UsageError("--why, --same and --lint are different questions", hint="ask one at a time")
    built = choice.built()
    try:
        if why:
            return _why(built, why, form)
        if same:
            return _same(built, same, form)
    except GraphError as error:
        flag, fallback = ("--why", "graphcli nodes lists what the graph has") if why else ("--same", None)
        raise UsageError(f"{flag}: {error.message}", hint=error.hint or fallback) from None
    if lint:
        return _lint(built, form)
    return _tree(built, scope, form)


def _tree(built: Any, scope: str | None, form: str) -> int:
    from ..analysis.sharing import used_in, variables
    from . import render
    from .sharing_text import tree_lines

    every = variables(built)
    if scope is not None:
        try:
            every = list(used_in(built, scope).values())
        except GraphError as error:
            raise UsageError(error.message, hint=error.hint) from None
    if form == "json":
        render.json({"variables": [as_json(v) for v in every]})
        return 0
    where = f"{built.name}, {scope}" if scope else built.name
    known = not every or any(v.uses for v in every)
    head = (f"{where}: {render.plural(len(every), 'variable')}, {sum(v.shared for v in every)} "
            f"{'shared' if known else 'used several times'}")
    render.show([(head, render.HEAD), *tree_lines(every)])
    return 0


def as_json(v: VariableFacts) -> dict[str, Any]:
    return {
        "name": v.name,
        "shape": None if v.shape is None else list(v.shape),
        "dtype": v.dtype.name,
        "trainable": v.trainable,
        "shared": v.shared,
        "defined_at": v.defined_at,
        "reused_at": [u.line for u in v.uses[1:]],
        "handles": v.handles,
        "scope": v.scope,
        "statements": [{"line": u.line, "handle": u.handle, "statement": u.statement, "created": u.created,
                        "calls": [{"function": c.function, "line": c.span.line if c.span else None}
                                  for c in u.calls]} for u in v.uses],
        "read_by": [n.name for n in v.read_by],
        "written_by": [n.name for n in v.written_by],
    }


def _why(built: Any, name: str, form: str) -> int:
    from ..analysis.naming import why
    from . import render

    parts = why(built, name)
    if form == "json":
        render.json({"name": "/".join(p.text for p in parts),
                     "parts": [{"text": p.text, "reason": p.reason, "line": p.span.line if p.span else None}
                               for p in parts]})
        return 0
    render.show([("/".join(p.text for p in parts), render.HEAD)])
    rows: list[Any] = []
    for i, p in enumerate(parts):
        at = f":{p.span.line}" if p.span else ""
        rows.append([(p.text + ("/" if i < len(parts) - 1 else ""), render.NAME), (at, render.DIM), p.reason])
    render.show(render.table(rows, indent=2))
    return 0


def _same(built: Any, names: tuple[str, str], form: str) -> int:
    from ..analysis.sharing import used_in
    from . import render
    from .sharing_text import made

    first, second = (used_in(built, n) for n in names)
    common = [n for n in first if n in second]
    only = ([n for n in first if n not in second], [n for n in second if n not in first])
    same = bool(common) and not any(only)
    if form == "json":
        render.json({"same": same, "common": common, "only": dict(zip(names, only))})
        return 0 if same else 1
    variables = {name: v for name, found in zip(names, (first, second))
                 for v in found.values() if name in (v.name, *v.handles)}
    if len(variables) == len({*names}):
        each: list[Any] = [[(n, render.NAME), made(v)] for n, v in {v.name: v for v in variables.values()}.items()]
        head = f"{names[0]} and {names[1]} are {'one variable' if same else 'two variables'}"
        render.show([(head, render.HEAD), *render.table(each, indent=2)])
        return 0 if same else 1
    if same:
        head = f"{names[0]} and {names[1]} use the same {render.plural(len(common), 'variable')}"
    elif common:
        head = f"{names[0]} and {names[1]} share {len(common)} of {len({*first, *second})} variables"
    else:
        head = f"{names[0]} and {names[1]} share no variable"
    rows: list[Any] = [[("both", render.GOOD), n] for n in common]
    for name, rest in zip(names, only):
        rows += [[(f"only {name}", render.WARN), n] for n in rest]
    render.show([(head, render.HEAD), *render.table(rows, indent=2)])
    return 0 if same else 1


def _lint(built: Any, form: str) -> int:
    from ..analysis.lint import lint

    show_findings(built, [f for f in lint(built) if f.rule != "unread-input"], form)
    return 0


def findings_json(found: list[Any]) -> list[dict[str, Any]]:
    return [{"rule": f.rule, "name": f.name, "message": f.message, "line": f.span.line if f.span else None}
            for f in found]


def show_findings(built: Any, found: list[Any], form: str) -> None:
    from ..errors import note_lines
    from . import render

    if form == "json":
        render.json({"findings": findings_json(found)})
        return
    if not found:
        render.show([f"{built.name}: nothing suspicious"])
    for f in found:
        where = f"{f.span}: " if f.span else ""
        render.show(render.hang([("warning: ", render.WARN)], [(where, render.DIM), (f"{f.message} [{f.rule}]", "")]))
        if f.span:
            render.show([*f.span.excerpt(), *note_lines(f.span.around)])
