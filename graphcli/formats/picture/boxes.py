"""The box of a node, and of a closed scope or a series."""
from __future__ import annotations

from collections import Counter

from ...analysis.counts import VARIABLES
from ...analysis.shown import kind_of, tensor_label, typed
from ...graph.graph import Node
from . import words
from .group import Unit
from .measure import notes
from .model import Box
from .paint import Paints
from .subject import Options, Subject

STATES = ("input", "variable", "shared", "constant")
"""Kinds whose boxes say the dtype and shape of their value."""


def node_box(n: Node, word: str, identity: str, frame: int | None, shown: Subject, options: Options,
             colours: Paints) -> Box:
    """word: the node's name as the frame around it shows it."""
    kind = kind_of(n)
    lines: list[str] = []
    shape = tensor_label(n.outputs[0], kind in STATES) if n.outputs else ""
    if kind in STATES:
        lines.append(shape or n.type)
        if n in shown.shared:
            kind = "shared"
            lines.append(shown.shared[n])
    elif n.type.lower() != _plain(word):
        lines.append(n.type)
    arguments = words.arguments(n, shown.folded) if shown.folded else []
    lines += arguments
    if n.device and options.color_by != "device":
        lines.append(n.device)
    lines += shown.remarks.get(n, ())
    at = f" · line {n.span.line}" if n.span else ""
    facts = "".join(f"\n{line}" for line in arguments)
    outputs = "".join(f"\n→ {typed(t.dtype, t.static)}" for t in n.outputs[:6])
    paint = colours.of([n]) or kind
    return Box(identity, words.title(word), kind, paint, frame, tuple(words.note(line) for line in lines),
               words.tip(f"{n.name} · {n.type}{at}{facts}{outputs}"), n.name, n.type, shape,
               tuple(notes(options.run, [n.name])), 1, shown.status.get(n, ""))


def _plain(word: str) -> str:
    """A name without its number: ``relu_1`` says no more than ``Relu`` does."""
    head, _, tail = word.rpartition("_")
    return (head if head and tail.isdigit() else word).lower()


def closed_box(unit: Unit, nodes: list[Node], identity: str, frame: int | None, path: str, shown: Subject,
                options: Options, colours: Paints) -> Box:
    variables = sum(n.type in VARIABLES for n in nodes)
    ops = len(nodes) - variables
    counts = [words.plural(ops, "op")] if ops or not variables else []
    if variables:
        counts.append(words.plural(variables, "variable"))
    whole = f"{path}/{unit.word}" if path else unit.word
    lines: list[str] = []
    if unit.kind == "series":
        amount = len(unit.nodes) + len(unit.scopes)
        if unit.alike and unit.scopes:
            each = f", {words.plural(max(len(nodes) // amount, 1), 'op')} each"
            lines.append(f"{amount} more like {unit.like}" if unit.like else f"{amount} alike{each}")
        elif unit.alike and unit.nodes:
            lines.append(f"{amount} × {unit.nodes[0].type}" if "×" not in unit.word else "")
        else:
            lines.append(", ".join(counts))
    else:
        lines.append(", ".join(counts))
    types = Counter(n.type for n in nodes if n.type not in VARIABLES)
    listed = ", ".join(f"{c} {t}" if c > 1 else t for t, c in types.most_common(12))
    shared = [shown.shared[n] for n in nodes if n in shown.shared]
    if shared:
        lines.append(f"{len(shared)} {'shared' if shared[0].startswith('shared') else 'used several times'}")
    if shown.status:
        changes = Counter(shown.status[n] for n in nodes if n in shown.status)
        lines += [f"{c} {s}" for s, c in sorted(changes.items())]
    statuses = {shown.status.get(n, "") for n in nodes}
    status = statuses.pop() if len(statuses) == 1 else "changed" if statuses else ""
    title = words.title(unit.word) + ("/" if unit.kind == "scope" else "")
    return Box(identity, title, unit.kind, colours.of(nodes) or unit.kind, frame,
               tuple(words.note(line) for line in lines if line),
               words.tip(f"{whole}: {', '.join(counts)}\n{listed}"), whole, "", "",
               tuple(notes(options.run, [n.name for n in nodes])), len(nodes), status)
