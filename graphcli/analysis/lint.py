"""Near misses: graphs that are right, and probably not what was meant."""
from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import nearest
from ..graph.collections import GraphKeys
from ..record import Record
from ..source import Span
from .feeds import PLACEHOLDERS
from .sharing import Built, VariableFacts, is_auto, node_of, variables


class Finding(Record):
    """rule: its name, for programs; name: the variable, scope or node that it is about."""

    rule: str
    name: str
    message: str
    span: Span | None = None


def lint(built: Built) -> list[Finding]:
    """What is suspicious about sharing, in file order."""
    every = [v for v in variables(built) if not v.auxiliary]
    found = [*renamed(every), *new_under_auto(built, every), *opened_twice(built, every), *unread(built, every),
             *uninitialized(built, every), *unread_inputs(built), *uncalled(built), *changed(built)]
    return in_order(found)


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """Findings as they stand in the file."""
    return sorted(found, key=lambda f: f.span.start if f.span else -1)


def uncalled(built: Built) -> list[Finding]:
    """A function that nothing calls: what is wrong in it shows when it is called."""
    return [Finding("uncalled", name, f"nothing calls the function {name!r}, so that nothing in it was checked", span)
            for name, span in getattr(built, "uncalled", ())]


def changed(built: Built) -> list[Finding]:
    """Numbers that their dtype does not hold."""
    return [Finding("changed", *one) for one in getattr(built, "changed", ())]


def renamed(every: list[VariableFacts]) -> list[Finding]:
    """``w_1`` beside ``w``: a second variable where perhaps the first was meant."""
    by_name = {v.name: v for v in every}
    out = []
    for v in every:
        match = re.fullmatch(r"(.+)_(\d+)", v.name)
        first = by_name.get(match[1]) if match else None
        if match is None or first is None or first.shape != v.shape or first.dtype is not v.dtype:
            continue
        use = v.uses[0] if v.uses else None
        if use is not None and use.statement == "get_variable" and use.handle and use.handle.endswith(f"_{match[2]}"):
            continue
        at = f" (line {first.defined_at})" if first.defined_at else ""
        how = "Variable always makes a new one; get_variable under reuse would share" \
            if use is None or use.statement == "Variable" else "it was renamed because an op had its name"
        out.append(Finding("renamed", v.name, f"{v.name} stands beside {first.name}{at}: {how}",
                           use.span if use else v.node.span))
    return out


def new_under_auto(built: Built, every: list[VariableFacts]) -> list[Finding]:
    """A variable that ``reuse: auto`` made in a scope which had been there before: perhaps a slip of the pen."""
    out = []
    first_opening: dict[str, object] = {}
    for opened in built.scopes:
        if opened.kind != "name_scope":
            first_opening.setdefault(opened.variable_scope, opened)
    for v in every:
        if not v.uses or not v.uses[0].created or v.uses[0].statement != "get_variable":
            continue
        scopes = [s for s in v.uses[0].scopes if s.kind != "name_scope"]
        inner = scopes[-1] if scopes else None
        if inner is None or not is_auto(inner.reuse):
            continue
        first = first_opening.get(inner.variable_scope)
        if first is inner or first is None:
            continue
        siblings = [o.name for o in every if o.scope == v.scope and o is not v]
        near = nearest(v.name, siblings)
        at = f" at line {first.span.line}" if first.span else ""  # type: ignore[attr-defined]
        out.append(Finding("auto-made-new", v.name,
                           f"reuse: auto made a new variable {v.name}: its scope was first opened{at} without it"
                           + (f"; did you mean {near!r}?" if near else ""), v.uses[0].span))
    return out


def opened_twice(built: Built, every: list[VariableFacts]) -> list[Finding]:
    """A scope opened again without reuse, in which variables are made: perhaps one scope was meant."""
    first: dict[str, object] = {}
    out = []
    for opened in built.scopes:
        if opened.kind == "name_scope" or not opened.variable_scope:
            continue
        earlier = first.setdefault(opened.variable_scope, opened)
        if earlier is opened or opened.kind == "reopen" or opened.reuse:
            continue
        before = any(earlier in u.scopes for v in every for u in v.uses)
        made = any(opened in u.scopes and u.created for v in every for u in v.uses)
        if not (before and made):
            continue
        at = f" at line {earlier.span.line}" if earlier.span else ""  # type: ignore[attr-defined]
        ops = opened.name_scope.rstrip("/")
        out.append(Finding("opened-twice", opened.variable_scope,
                           f"scope {opened.variable_scope} was opened{at} already: its variables join that one, its "
                           f"ops go under {ops}/; one block, reopen or reuse may be meant", opened.span))
    return out


def unread(built: Built, every: list[VariableFacts]) -> list[Finding]:
    """A variable that nothing reads; a global step is there for who looks at it."""
    steps = {node_of(v) for v in built.graph.get_collection(GraphKeys.GLOBAL_STEP)}
    return [Finding("unread", v.name,
                    f"nothing reads {v.name}" + (", it is only written" if v.written_by else ""),
                    v.uses[0].span if v.uses else v.node.span)
            for v in every if not v.read_by and v.node not in steps]


def uninitialized(built: Built, every: list[VariableFacts]) -> list[Finding]:
    """A variable of a spec that is used, that nothing gives its first value, and that no session initializes: it is in
    no collection of those."""
    keys = (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES)
    known = {node_of(v) for key in keys for v in built.graph.get_collection(key)}
    own = {getattr(value, "op", None) for value in built.flat_handles().values()}
    return [Finding("uninitialized", v.name,
                    f"nothing initializes {v.name}: none of its collections is {' or '.join(keys)}", v.uses[0].span)
            for v in every if v.uses and v.node not in known and (v.read_by or v.written_by)
            and not any(w.type == "Assign" for w in v.written_by)
            and not any(u.type == "Assign" and (u.outputs[0].uses or u.control_uses or u in own)
                        for u in v.node.outputs[0].consumers())]


def unread_inputs(built: Built) -> list[Finding]:
    """A placeholder that nothing reads."""
    return [Finding("unread-input", n.name, f"nothing reads the input {n.name}", n.span)
            for n in built.graph if n.type in PLACEHOLDERS and not n.outputs[0].uses]
