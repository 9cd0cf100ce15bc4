"""``scopes``: the variable scopes as a tree, and what is shared with what."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import GraphError, UsageError
from . import complete
from .choice import Choice
from .options import format_option, spec_options, verb

if TYPE_CHECKING:
    from ..analysis.sharing import Use, VariableFacts
    from .render import Line


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


def tree_lines(every: list[VariableFacts]) -> list[Line]:
    """The variables under their scopes, with notes that wrap below their beginning."""
    from . import render

    root: dict[str, Any] = {}
    for v in every:
        at = root
        for word in v.name.split("/")[:-1]:
            at = at.setdefault(word + "/", {})
        at[v.name.rpartition("/")[2]] = v
    rows: list[tuple[str, str, str, VariableFacts | None]] = []

    def walk(level: dict[str, Any], lead: str, top: bool) -> None:
        shown = _together({k: v for k, v in level.items() if not _of_variable(k, level)})
        for i, (name, item) in enumerate(shown.items()):
            last = i == len(shown) - 1
            branch = "" if top else "└── " if last else "├── "
            under = "" if top else "    " if last else "│   "
            if isinstance(item, dict):
                while len(item) == 1 and isinstance(next(iter(item.values())), dict):
                    inner, item = next(iter(item.items()))
                    name += inner
                if top:
                    rows.append(("", "", "", None))
                rows.append((lead + branch, name[:-1], lead + under, None))
                walk(item, lead + under, False)
            else:
                below = level.get(name + "/", {})
                rows.append((lead + branch, name, lead + under + ("│   " if below else ""), item))
                walk(below, lead + under, False)

    loose = {k: v for k, v in root.items() if not isinstance(v, dict) or _of_variable(k, root)}
    if loose:
        rows.append(("", "", "", None))
        walk(loose, "", True)
    walk({k: v for k, v in root.items() if k not in loose}, "", True)
    names = max((len(r[0]) + len(r[1]) for r in rows if r[3]), default=0)
    kinds = max((len(render.dtype_shape(v.dtype, v.shape)) for v in every), default=0)
    out: list[Line] = []
    for lead, name, under, facts in rows:
        if facts is None:
            out.append([(lead, render.DIM), (name, render.HEAD)])
            continue
        kind = render.dtype_shape(facts.dtype, facts.shape)
        start = [(lead, render.DIM), (name, render.NAME), (" " * (names - len(lead) - len(name) + 2), ""),
                 (kind.ljust(kinds + 2), render.KIND)]
        out += render.hang(start, notes(facts), follow=[(under, render.DIM)])
    return out


def _of_variable(key: str, level: dict[str, Any]) -> bool:
    """Whether a scope is that of a variable beside it: what an optimizer keeps of it stands there."""
    return key[-1] == "/" and key[:-1] in level


def _together(level: dict[str, Any]) -> dict[str, Any]:
    """A level of the tree with what training keeps of one variable (Adam, Adam_1) in one row, where it is alike."""
    out: dict[str, Any] = {}
    last: tuple[str, Any] = ("", None)
    for name, v in level.items():
        kind = None if isinstance(v, dict) or not _kept(v) else (v.dtype, v.shape, made(v))
        if kind is not None and kind == last[1]:
            out[f"{last[0]}, {name}"] = out.pop(last[0])
            last = f"{last[0]}, {name}", kind
        else:
            out[name] = v
            last = name, kind
    return out


def _kept(v: VariableFacts) -> bool:
    """Whether it is training's alone: only its ops read it."""
    return v.auxiliary and bool(v.own_readers) and all(n in v.aside for n in v.own_readers)


def notes(v: VariableFacts) -> Line:
    """``shared by 2: made :6, again :8 as var1_reuse; read by conv``."""
    from . import render

    if _kept(v):
        return made(v)
    readers, writers = [n.name for n in v.own_readers], [n.name for n in v.written_by]
    if readers:
        return [*made(v), (f"; read by {render.listed(readers)}", render.DIM)]
    unread = f"; only written, by {render.listed(writers)}" if writers else "; nothing reads it"
    return [*made(v), (unread, render.WARN)]


def made(v: VariableFacts) -> Line:
    """``shared by 2: made :6, again :8 as var1_reuse``."""
    from . import render

    out: Line = []
    if v.shared:
        out += [(f"{v.sharing}: ", render.WARN)]
    one_statement = len(v.uses) > 1 and len({(u.line, u.handle) for u in v.uses}) == 1 and all(u.calls for u in v.uses)
    if one_statement:
        out += [(f"made :{v.uses[0].line} in {v.uses[0].calls[0].function}, ", ""),
                (f"called {_times([c.calls[0].span.line for c in v.uses if c.calls[0].span])}", render.WARN)]
    elif v.uses:
        out.append((f"made {place(v.uses[0])}", ""))
    elif v.node.span:
        out.append((f"made :{v.node.span.line}" + (f" by {v.node.origin}" if v.node.origin else ""), ""))
    else:
        out.append(("made by training" if v.auxiliary else "made by the graph", ""))
    again: dict[str, int] = {}
    for use in () if one_statement else v.uses[1:]:
        text = place(use, v.uses[0])
        again[text] = again.get(text, 0) + 1
    for text, times in again.items():
        out.append((f", again {text}" + (f" ({times} times)" if times > 1 else ""), render.WARN))
    if v.uses and v.uses[0].statement == "Variable" and _renamed(v):
        out.append((f", renamed from {_renamed(v)}", ""))
    if not v.trainable and not v.auxiliary:
        out.append((", not trainable", render.DIM))
    return out


def place(use: Use, first: Use | None = None) -> str:
    """``:6 as w2``, ``:21 in cell :33``: the line, the handle where it is not that of ``first``, the call."""
    text = f":{use.line}" if use.line else "somewhere"
    if first is not None and use.handle and use.handle != first.handle:
        scope, _, name = use.handle.rpartition(".")
        text += f" as {name if scope == (first.handle or '').rpartition('.')[0] else use.handle}"
    if use.calls:
        call = use.calls[0]
        text += f" in {call.function}" + (f" :{call.span.line}" if call.span else "")
    return text


def _times(lines: list[int]) -> str:
    """``:40, :42``, ``:35 8 times``."""
    counts: dict[int, int] = {}
    for line in lines:
        counts[line] = counts.get(line, 0) + 1
    return ", ".join(f":{n}" + (f" {times} times" if times > 1 else "") for n, times in counts.items())


def _renamed(v: VariableFacts) -> str | None:
    base, _, number = v.name.rpartition("/")[2].rpartition("_")
    handle = (v.uses[0].handle or "").rpartition(".")[2]
    return base if number.isdigit() and base and handle != v.name.rpartition("/")[2] else None


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
