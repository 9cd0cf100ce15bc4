"""The arrows of a picture: one from box to box, whatever number of tensors it carries."""
from __future__ import annotations

from collections import Counter

from ...graph.graph import Node, Tensor
from . import words
from .boxes import STATES
from .measure import shape_text, value_of
from .model import Arrow, Box
from .subject import Options, Subject


def arrows_of(shown: Subject, places: dict[Node, str], boxes: list[Box], options: Options) -> list[Arrow]:
    data: dict[tuple[str, str], list[Tensor]] = {}
    after: dict[tuple[str, str], None] = {}
    back: set[tuple[str, str]] = set()
    owner, run = shown.owner, options.run
    loops = {box.id for box in boxes if box.kind == "series"}
    for n in shown.nodes:
        target = places[n]
        for tensor in n.inputs:
            origin = owner.get(tensor.op)
            if origin is None or origin not in places:
                continue
            key = places[origin], target
            if key[0] == target and (target not in loops or origin is n):
                continue
            data.setdefault(key, []).append(tensor)
            if tensor.op.type in ("NextIteration", "RefNextIteration"):
                back.add(key)
        for other in n.control_inputs:
            origin = owner.get(other)
            if origin is not None and origin in places and places[origin] != target:
                after.setdefault((places[origin], target))
    known = {box.id: box for box in boxes}
    fans = Counter(source for source, _ in data)
    out = []
    for (a, b), tensors in data.items():
        tensors = list(dict.fromkeys(tensors))
        values = [v for t in tensors if (v := value_of(run, t.op.name, t.value_index)
                                         or value_of(run, owner[t.op].name, 0)) is not None]
        size = sum(words.elements(t) for t in tensors)
        label = words.arrow_label(tensors)
        if run is not None and len(values) == len(tensors) <= 2:
            label = "\n".join(dict.fromkeys(shape_text(v) for v in values))
        if fans[a] > 3 and known[a].kind in STATES:
            label = ""  # its box says it, and many arrows with the same words hide the picture
        if a == b:
            label = "each feeds the next"
        out.append(Arrow(a, b, label, False, round(words.width(size), 2), words.arrow_tip(tensors),
                         _arrow_status(known[a], known[b], shown, (a, b)), (a, b) in back))
    for a, b in after:
        if (a, b) not in data:
            out.append(Arrow(a, b, "", True, 1.0, words.tip(f"{known[b].name} runs after {known[a].name}"),
                             _arrow_status(known[a], known[b], shown, (a, b))))
    return out


def _arrow_status(a: Box, b: Box, shown: Subject, key: tuple[str, str]) -> str:
    for status in ("removed", "added"):
        if status in (a.status, b.status):
            return status
    return ""
