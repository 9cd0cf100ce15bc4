"""Variables in words: the tree of ``scopes``, who made each, who shares it and what reads it."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import render

if TYPE_CHECKING:
    from ..analysis.sharing import Use, VariableFacts
    from .render import Line


def tree_lines(every: list[VariableFacts]) -> list[Line]:
    """The variables under their scopes, with notes that wrap below their beginning."""
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
    if _kept(v):
        return made(v)
    readers, writers = [n.name for n in v.own_readers], [n.name for n in v.written_by]
    if readers:
        return [*made(v), (f"; read by {render.listed(readers)}", render.DIM)]
    unread = f"; only written, by {render.listed(writers)}" if writers else "; nothing reads it"
    return [*made(v), (unread, render.WARN)]


def made(v: VariableFacts) -> Line:
    """``shared by 2: made :6, again :8 as var1_reuse``."""
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
