"""The arrows of a picture: one from box to box, whatever number of tensors it carries."""
from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from ...graph.flow import NEXT
from ...graph.graph import Node, Tensor
from . import words
from .boxes import STATES
from .measure import shape_text, value_of
from .model import Arrow, Box
from .subject import Options, Subject

MANY = 4
"""Dashed arrows to one box beyond which only those are drawn that do not follow from others."""
MOST = 8
"""Those that are left beyond which the box says how many they are instead."""


def arrows_of(shown: Subject, places: dict[Node, str], boxes: list[Box], options: Options,
              members: dict[Node, int]) -> list[Arrow]:
    """All arrows between the boxes; places: the box of each node; members: its number in a series."""
    data: dict[tuple[str, str], list[Tensor]] = {}
    after: dict[tuple[str, str], None] = {}
    back: set[tuple[str, str]] = set()
    owner = shown.owner
    gone = {n for n, what in shown.status.items() if what == "removed"}
    lost: set[tuple[str, str]] = set()
    loops = {box.id for box in boxes if box.kind == "series"}
    fed: dict[str, set[int]] = {}
    for n in shown.nodes:
        target = places[n]
        for tensor in n.inputs:
            origin = owner.get(tensor.op)
            if origin is None or origin not in places:
                continue
            key = places[origin], target
            if key[0] == target and (target not in loops or members.get(origin) == members.get(n)):
                continue
            if key[0] == target:
                fed.setdefault(target, set()).add(members[n])
            data.setdefault(key, []).append(tensor)
            if n in gone:
                lost.add(key)
            if tensor.op.type in NEXT:
                back.add(key)
        for other in n.control_inputs:
            origin = owner.get(other)
            if origin is not None and origin in places and places[origin] != target:
                after.setdefault((places[origin], target))
    status = _changes(shown, places, {*data, *after} - lost)
    for (source, target), old in status.items():
        if old == "removed" and (source, target) not in data:
            then = [t for a, b, t in shown.before or () if (places.get(a), places.get(b)) == (source, target)]
            tensors = [t for t in then if t is not None]
            if tensors:
                data[source, target] = tensors
            else:
                after.setdefault((source, target))
    for key in _following([k for k in (*data, *after) if k not in back], after) - status.keys():
        del after[key]
    known = {box.id: box for box in boxes}
    fans = Counter(source for source, _ in data)
    out = []
    for (a, b), tensors in data.items():
        if len(tensors) > 1:
            tensors = list(dict.fromkeys(tensors))
        size = sum(words.elements(t) for t in tensors)
        if a == b:
            count = len({members[n] for n, place in places.items() if place == a})
            label = "each feeds the next" if len(fed[a]) >= count - 1 else "some feed others"
        else:
            label = _label(tensors, owner, options)
        if fans[a] > 3 and known[a].kind in STATES:
            label = ""  # its box says it, and many arrows with the same words hide the picture
        out.append(Arrow(a, b, label, False, round(words.width(size), 2), words.arrow_tip(tensors),
                         status.get((a, b), ""), (a, b) in back))
    for a, b in after:
        if (a, b) not in data:
            out.append(Arrow(a, b, "", True, 1.0, words.tip(f"{known[b].name} runs after {known[a].name}"),
                             status.get((a, b), "")))
    return out


def _following(arrows: Collection[tuple[str, str]], after: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """The dashed arrows, to boxes with many of them, from where the others lead there too."""
    many = {box for box, count in Counter(b for _, b in after).items() if count > MANY}
    sources: dict[str, list[str]] = {}
    for a, b in arrows if many else ():
        sources.setdefault(b, []).append(a)
    out: set[tuple[str, str]] = set()
    for box in many:
        near = sources[box]
        before: set[str] = set()
        for b in near:
            _lead(sources.get(b, ()), sources, box, before)
        kept = [a for a in near if a not in before or (a, box) not in after]
        leading: set[str] = set()
        _lead(kept, sources, box, leading)
        for a in near:
            if a not in leading:
                # those of a cycle lead to each other: one stays
                kept.append(a)
                _lead([a], sources, box, leading)
        out.update((a, box) for a in set(near).difference(kept))
    return out


def _lead(starts: Iterable[str], sources: Mapping[str, Sequence[str]], end: str, found: set[str]) -> None:
    """Adds the boxes from where arrows lead to ``starts``, these among them, but for ``end``."""
    stack = list(starts)
    while stack:
        at = stack.pop()
        if at not in found and at != end:
            found.add(at)
            stack += sources.get(at, ())


def gathered(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> tuple[list[Box], list[Arrow]]:
    """Boxes and arrows where what runs after very many says so itself."""
    counts = Counter(a.target for a in arrows if a.control and not a.status)
    many = {box: count for box, count in counts.items() if count > MOST}
    return ([b.replace(notes=(*b.notes, f"runs after {many[b.id]} others")) if b.id in many else b for b in boxes],
            [a for a in arrows if not (a.control and not a.status and a.target in many)])


def _label(tensors: list[Tensor], owner: dict[Node, Node], options: Options) -> str:
    """The shapes on an arrow: those of a run, where there was one."""
    run = options.run
    if run is None:
        return words.arrow_label(tensors)
    values = [v for t in tensors if (v := value_of(run, t.op.name, t.value_index)
                                     or value_of(run, owner[t.op].name, 0)) is not None]
    if len(values) == len(tensors) <= 2:
        return "\n".join(dict.fromkeys(shape_text(v) for v in values))
    return words.arrow_label(tensors)


def _changes(shown: Subject, places: dict[Node, str], now: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The arrows that only one of two compared graphs has."""
    if shown.before is None:
        return {}
    then = dict.fromkeys((places[a], places[b]) for a, b, _ in shown.before if a in places and b in places)
    return {**{k: "added" for k in now if k not in then},
            **{k: "removed" for k in then if k[0] != k[1] and k not in now}}
