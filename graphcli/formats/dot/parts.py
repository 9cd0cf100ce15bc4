"""The parts of a picture that neither arrows nor frames connect, and how they stand in rows.

Left to itself, Graphviz sets all of them side by side, metres wide. Its own packing loses the labels of arrows,
so rows are made by arrows that are not drawn: from the end of a row to the beginnings of the one beyond it.
"""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..picture.model import Picture

ROOM = 1400
"""Points that a row of parts may take."""
LETTER, LINE, AROUND = 6, 14, 36
"""Points that a letter is wide and a line high, and that are around a box, roughly."""


@dataclass
class Part:
    """first, last: the boxes at the ends of its longest way. size: points across; count: boxes."""

    first: str
    last: str
    size: int
    count: int


def parts(picture: Picture) -> list[Part]:
    """The parts, largest first; those of one size in the order of the graph."""
    joined = _joined(picture)
    height, following = _heights(picture)
    right = picture.direction == "right"
    size = {box.id: (LINE * len(box.lines) if right else LETTER * max(map(len, box.lines))) + AROUND
            for box in picture.boxes}
    members: dict[str, list[str]] = {}
    for box in picture.boxes:
        members.setdefault(joined[box.id], []).append(box.id)
    out = []
    for names in members.values():
        first = max(names, key=lambda name: height[name])
        last = first
        while height[last]:
            last = max(following[last], key=lambda name: height[name])
        across: Counter[int] = Counter()
        for name in names:
            across[height[name]] += size[name]
        out.append(Part(first, last, max(across.values()), len(names)))
    return sorted(out, key=lambda part: -part.count)


def rows(found: list[Part]) -> list[list[Part]]:
    """The parts in rows, each as long as there is room."""
    out: list[list[Part]] = []
    room = 0
    for part in found:
        if not out or part.size > room:
            out.append([])
            room = ROOM
        out[-1].append(part)
        room -= part.size
    return out


def holds(found: list[Part], legend: str | None) -> list[tuple[str, str]]:
    """The arrows that set the rows: the largest parts where data ends, the legend where it begins.

    Each part is held by the one in its column, so that the columns stand one upon another.
    """
    out: list[tuple[str, str]] = []
    before: list[str] = [] if legend is None else [legend]
    for row in rows(found)[::-1]:
        out += [(before[min(i, len(before) - 1)], part.first) for i, part in enumerate(row)] if before else []
        before = [part.last for part in row]
    return out


def _joined(picture: Picture) -> dict[str, str]:
    """Each box with the one that stands for its part."""
    outer: dict[int, int] = {}
    for frame in picture.frames:
        outer[frame.number] = frame.number if frame.parent is None else outer[frame.parent]
    group: dict[str, str] = {}
    heads: dict[int, str] = {}
    for box in picture.boxes:
        group[box.id] = box.id if box.frame is None else heads.setdefault(outer[box.frame], box.id)

    def root(name: str) -> str:
        while group[name] != name:
            group[name] = group[group[name]]
            name = group[name]
        return name

    for arrow in picture.arrows:
        group[root(arrow.target)] = root(arrow.source)
    return {box.id: root(box.id) for box in picture.boxes}


def _heights(picture: Picture) -> tuple[dict[str, int], dict[str, list[str]]]:
    """(how many arrows a box is before the end of its longest way, the boxes that count for it).

    Of a cycle the box that comes last in the graph is taken for the end.
    """
    sources: dict[str, list[str]] = {}
    waiting = {box.id: 0 for box in picture.boxes}
    for arrow in picture.arrows:
        if arrow.source != arrow.target and not arrow.back:
            sources.setdefault(arrow.target, []).append(arrow.source)
            waiting[arrow.source] += 1
    height = {box.id: 0 for box in picture.boxes}
    following: dict[str, list[str]] = {box.id: [] for box in picture.boxes}
    ready = [name for name, count in waiting.items() if count == 0]
    done: set[str] = set()
    for end in reversed(waiting):
        ready += [end] * (not ready)
        while ready:
            at = ready.pop()
            if at in done:
                continue
            done.add(at)
            for source in sources.get(at, ()):
                if source in done:
                    continue
                height[source] = max(height[source], height[at] + 1)
                following[source].append(at)
                waiting[source] -= 1
                if waiting[source] == 0:
                    ready.append(source)
    return height, following
