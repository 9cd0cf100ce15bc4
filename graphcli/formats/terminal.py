"""A picture as lines of text: a tree by scope, or the dataflow of what is fetched, its repeats marked.

A line is a list of (text, role); a role is a kind of box, ``frame``, ``line``, ``shape`` or ``dim``.
"""
from __future__ import annotations

from collections.abc import Callable

from ..record import Record
from .picture.model import Arrow, Box, Frame, Picture
from .picture.words import clean, elide

Line = list[tuple[str, str]]
Columns = Callable[[str], int]
STATES = ("input", "variable", "shared", "constant")
"""Kinds that are said instead of the op type."""
LONG = 48
"""Characters of a whole name."""
MOST = 10
"""One in so many rows may be too long for a column."""
DEEP = 0.5
"""What part of the width indentation may take before a branch goes on below."""


class _Row(Record, frozen=False):
    lead: str
    title: str
    role: str
    what: str = ""
    shape: str = ""
    tail: str = ""


def tree_lines(picture: Picture, width: int, columns: Columns = len) -> list[Line]:
    """The picture by scope: each box with its type, the shape of its value, and what it reads."""
    boxes, frames = picture.inside()
    first: dict[int | None, int] = {}
    for i, box in enumerate(picture.boxes):
        at = box.frame
        while at is not None and at not in first:
            first[at] = i
            at = picture.frames[at - 1].parent
    number = {b.id: i for i, b in enumerate(picture.boxes)}
    reads = _reads(picture)

    def items(frame: int | None) -> list[Box | Frame]:
        found: list[Box | Frame] = [*boxes.get(frame, ()), *frames.get(frame, ())]
        return sorted(found, key=lambda i: first.get(i.number, 0) if isinstance(i, Frame) else number[i.id])

    rows: list[_Row] = []
    stack = _branches(items(None), "")
    while stack:
        lead, following, item = stack.pop()
        if isinstance(item, Frame):
            rows.append(_Row(lead, one_line(item.label) + "/", "frame"))
            stack += _branches(items(item.number), following)
        else:
            rows.append(_row(lead, item, reads.get(item.id, [])))
    return _aligned(rows, width, columns)


def _branches(items: list[Box | Frame], prefix: str) -> list[tuple[str, str, Box | Frame]]:
    """The items of one scope as a stack: the first is on top."""
    out = [(prefix + "├── ", prefix + "│   ", item) for item in items]
    if out:
        out[-1] = (prefix + "└── ", prefix + "    ", items[-1])
    return out[::-1]


def _reads(picture: Picture) -> dict[str, list[str]]:
    boxes = {b.id: b for b in picture.boxes}
    out: dict[str, list[str]] = {}
    for a in picture.arrows:
        if a.source != a.target:
            out.setdefault(a.target, []).append(("^" if a.control else "") + _beside(boxes[a.source], boxes[a.target]))
    return out


def _row(lead: str, box: Box, reads: list[str]) -> _Row:
    notes = [n for n in box.notes if n not in (box.op, box.shape)]
    what = box.op
    if box.kind in STATES:
        what = "variable" if box.kind == "shared" else box.kind
    elif box.count > 1 and notes:
        what, notes = notes[0], notes[1:]
    tail = ", ".join(one_line(n) for n in (*box.measured, *notes))
    if reads:
        tail += f"{'  ' if tail else ''}← {', '.join(reads)}"
    status = {"added": "+ ", "removed": "- ", "changed": "~ "}.get(box.status, "")
    title = one_line(box.title)
    return _Row(lead, status + title, box.status or box.kind, "" if what == title else what,
                box.shape.removeprefix("float32 "), tail)


def _aligned(rows: list[_Row], width: int, columns: Columns) -> list[Line]:
    """The rows in columns; a row that is too long for a column moves what follows to the right."""
    boxes = [r for r in rows if r.role != "frame"]
    starts: list[int] = []
    at = 0
    for most, column in ((width * 2 // 5, [r.lead + r.title for r in boxes]), (20, [r.what for r in boxes]),
                        (20, [r.shape for r in boxes])):
        sizes = sorted(columns(c) for c in column)
        at += min(sizes[-1 - len(sizes) // MOST], most) + (2 if sizes[-1] else 0) if sizes else 0
        starts.append(at)
    out: list[Line] = []
    for row in rows:
        title = cut(row.title, max(width - columns(row.lead), 8), columns)
        line: Line = [(row.lead, "line"), (title, row.role)]
        end = columns(row.lead) + columns(title)
        cells = ((row.what, "dim"), (row.shape, "shape"), (row.tail, "dim"))
        for (text, role), start in zip(cells, starts):
            gap = max(start - end, 2)
            text = cut(text, width - end - gap, columns)
            if text:
                line += [(" " * gap, ""), (text, role)]
                end += gap + columns(text)
        out.append(line)
    return out


def flow_lines(picture: Picture, width: int, columns: Columns = len) -> list[Line]:
    """What is fetched and, indented below, what each value is made of. What was told before is marked ``↑``.

    A branch that is indented too far goes on below, at the left margin.
    """
    boxes = {b.id: b for b in picture.boxes}
    inputs: dict[str, list[Arrow]] = {}
    for a in picture.arrows:
        if a.source != a.target:
            inputs.setdefault(a.target, []).append(a)
    told: set[str] = set()
    todo = list(picture.roots) or _ends(picture)
    out: list[Line] = []
    while todo:
        root = todo.pop(0)
        if root in told:
            continue
        if out:
            out.append([])
        stack: list[tuple[str, str, Arrow | None, str]] = [("", "", None, root)]
        while stack:
            lead, following, arrow, at = stack.pop()
            children = inputs.get(at, [])
            mark = ""
            if at in told:
                mark = "  ↑" if children else ""
            elif children and columns(following) > width * DEEP:
                mark = "  ↓"
                todo.append(at)
            else:
                told.add(at)
                mark = "."
                below = [(following + "├── ", following + "│   ", a, a.source) for a in children]
                if below:
                    below[-1] = (following + "└── ", following + "    ", children[-1], children[-1].source)
                stack += reversed(below)
            out.append(_fit(_flow_line(lead, boxes[at], arrow, mark), width, columns))
    return out


def _flow_line(lead: str, box: Box, arrow: Arrow | None, mark: str) -> Line:
    """mark: ``.`` where the box is told in full."""
    line: Line = [(lead, "line")]
    if arrow is not None and arrow.control:
        line.append(("^", "dim"))
    line.append((path(box), box.kind))
    shape = box.shape or (one_line(arrow.label) if arrow is not None else "")
    if shape:
        line.append((f"  {shape}", "shape"))
    words = ", ".join(one_line(n) for n in (*box.measured, *box.notes) if n != box.shape)
    if mark == "." and words:
        line.append((f"  {words}", "dim"))
    elif mark != ".":
        line.append((mark, "dim"))
    return line


def _beside(source: Box, target: Box) -> str:
    """The name of a box as one in another scope would say it: without the scopes that they share."""
    words, others = source.name.split("/"), target.name.split("/")
    shared = 0
    while shared < min(len(words), len(others)) - 1 and words[shared] == others[shared]:
        shared += 1
    return one_line(elide(clean("/".join(words[shared:])), LONG))


def path(box: Box) -> str:
    """A box's whole name: where boxes of several scopes stand together, as ``conv1/weights``."""
    return one_line(elide(clean(box.name), LONG))


def _ends(picture: Picture) -> list[str]:
    """The boxes that nothing reads."""
    read = {a.source for a in picture.arrows if a.source != a.target}
    return [b.id for b in picture.boxes if b.id not in read] or [b.id for b in picture.boxes[-1:]]


def cut(text: str, room: int, columns: Columns = len) -> str:
    """The beginning of a text that fits; nothing where there is no room for a word."""
    if columns(text) <= room:
        return text
    if room < 4:
        return ""
    out = text[:room - 1]
    while columns(out) > room - 1:
        out = out[:-1]
    return out.rstrip() + "…"


def one_line(text: str) -> str:
    return text.replace("\n", "\\n")


def _fit(line: Line, width: int, columns: Columns) -> Line:
    out: Line = []
    used = 0
    for text, role in line:
        if not text:
            continue
        fitting = cut(text, width - used, columns)
        if not fitting:
            break
        out.append((fitting, role))
        used += columns(fitting)
    return out
