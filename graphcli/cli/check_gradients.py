"""``run --check-gradients LOSS``: the table of variables and feeds, and the op that is off."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import GraphError, RunError, UsageError

if TYPE_CHECKING:
    from ..engine.gradient_check import Report

MOST = 5


def loss_of(built: Any, name: str) -> Any:
    """The tensor of a name. Raises UsageError for what is none."""
    from .options import resolve

    value = resolve(built, name, "--check-gradients")
    convert = getattr(value, "_as_graph_element", None)
    value = convert() if convert else value
    if not hasattr(value, "value_index"):
        raise UsageError(f"--check-gradients {name}: {name} is no tensor")
    return value


def show(report: Report, form: str) -> int:
    """Prints a report; raises what is to be said of a gradient that is off."""
    from . import render

    if form == "json":
        render.json(_json(report))
    else:
        render.show(_lines(report))
    if report.ok:
        return 0
    raise _error(report)


def _lines(report: Report) -> list[Any]:
    from ..engine.gradient_check import BOUNDS
    from ..graph.shapes import show as show_shape
    from . import render

    bound = BOUNDS[bool(report.narrow)]
    rows = []
    for row in report.rows:
        said: Any = ("ok", render.GOOD) if row.ok else (f"off by {row.error:.2g}", render.BAD)
        if row.ok and row.kinks:
            said = (f"ok, {row.kinks} at a kink", render.WARN)
        rows.append([(row.name, render.NAME), row.kind, show_shape(row.shape), str(row.probes),
                     "none" if row.largest is None else f"{row.largest:.4g}", said])
    lines: list[Any] = [f"loss {report.loss:.6g} in float64, gradients against central differences within {bound:g}"]
    lines += render.table(rows, ["name", "kind", "shape", "probes", "largest", "gradient"], right=(3, 4))
    for nodes, what in ((report.held, "held fixed"), (report.narrow, "without float64"), (report.unseen, "not seen")):
        if nodes:
            names = [f"{n.name} ({n.type})" for n in nodes]
            lines += render.hang([(f"{what}: ", render.DIM)], [(", ".join(names[:MOST]) + (
                f" and {len(names) - MOST} more" if len(names) > MOST else ""), "")])
    return lines


def _json(report: Report) -> dict[str, Any]:
    return {"loss": report.loss, "ok": report.ok,
            "checked": [{"name": r.name, "kind": r.kind, "shape": list(r.shape), "probes": r.probes,
                         "largest": r.largest, "error": r.error, "kinks": r.kinks, "ok": r.ok} for r in report.rows],
            "off": [{"name": o.node.name, "op": o.node.type, "input": o.input, "gradient": o.said,
                     "difference": o.measured, "missing": o.missing,
                     "line": None if o.node.span is None else o.node.span.line} for o in report.off],
            "held": [n.name for n in report.held], "narrow": [n.name for n in report.narrow]}


def _error(report: Report) -> GraphError:
    names = ", ".join(r.name for r in report.rows if not r.ok)
    if not report.off:
        error = RunError(f"the gradient for {names} is off, and every op that could be looked at is right by itself")
        for node in report.unseen[:MOST]:
            error.note(f"{node.name} ({node.type}) could not be looked at", node.span)
        return error
    first, *more = report.off
    error = RunError(_said(first), first.node.span)
    for one in more[:MOST]:
        error.note(_said(one), None if one.node is first.node else one.node.span)
    return error.note(f"the gradient for {names} is off by it")


def _said(off: Any) -> str:
    which = off.node.inputs[off.input].name
    if off.missing:
        return (f"{off.node.name} ({off.node.type}) has no gradient for its input {off.input}, {which}, "
                f"but depends on it")
    return (f"{off.node.name} ({off.node.type}): the gradient for its input {off.input}, {which}, says "
            f"{off.said:.6g} along a line where the difference is {off.measured:.6g}")
