"""What the colours of a picture mean: the kind of an op, or its device, scope, dtype, type, time or memory."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from ...analysis.measured import Run
from ...graph.graph import Node
from ...record import Record, field
from .model import Swatch
from .themes import CATEGORIES, LEVELS
from .words import seconds, size, static_bytes

BY = ("kind", "device", "scope", "dtype", "op", "time", "memory")
NONE = {"device": "no device asked for", "scope": "no scope", "dtype": "no value"}


class Paints(Record, frozen=False):
    """swatches: for the legend. of: the paint of a box that stands for nodes; None: that of its kind."""

    of: Callable[[Sequence[Node]], str | None]
    title: str = ""
    swatches: list[Swatch] = field(factory=list)


def paints(by: str, boxes: Iterable[Sequence[Node]], run: Run | None = None) -> Paints:
    """The colours of boxes, each of which stands for some nodes."""
    boxes = list(boxes)
    if by == "kind":
        return Paints(lambda nodes: None)
    if by in ("time", "memory"):
        return _amounts(by, boxes, run)
    category = {"device": _device, "scope": _scope, "dtype": _dtype, "op": lambda n: n.type}[by]
    counts: Counter[str] = Counter()
    for nodes in boxes:
        counts[_common(nodes, category)] += 1
    ranked = sorted(counts, key=lambda c: (-counts[c], c))
    mixed = {"several", NONE.get(by, "")}
    named = [c for c in ranked if c not in mixed][:CATEGORIES]
    paint = {c: f"c{i}" for i, c in enumerate(named)}
    swatches = [Swatch(c, paint[c]) for c in named]
    rest = [c for c in ranked if c not in paint]
    if rest:
        words = [c for c in rest if c in mixed]
        others = len(rest) - len(words)
        swatches.append(Swatch(", ".join(words + ([f"{others} others"] if others else [])), "c8"))
    return Paints(lambda nodes: paint.get(_common(nodes, category), "c8"), f"colour: {by}", swatches)


def _common(nodes: Sequence[Node], category: Callable[[Node], str]) -> str:
    first = category(nodes[0])
    return first if all(category(n) == first for n in nodes) else "several"


def _device(n: Node) -> str:
    return n.device or NONE["device"]


def _scope(n: Node) -> str:
    return n.name.partition("/")[0] if "/" in n.name else NONE["scope"]


def _dtype(n: Node) -> str:
    return n.outputs[0].dtype.base_dtype.name if n.outputs else NONE["dtype"]


def _amounts(by: str, boxes: list[Sequence[Node]], run: Run | None) -> Paints:
    """Five levels: nothing, then quarters of the largest box's amount."""
    def amount(nodes: Sequence[Node]) -> float:
        if by == "time":
            return sum((run[n.name].seconds or 0.0) for n in nodes if n.name in run) if run is not None else 0.0
        return float(sum(run[n.name].bytes if run is not None and n.name in run else
                         0 if run is not None else static_bytes(n) for n in nodes))

    top = max((amount(nodes) for nodes in boxes), default=0.0)

    def level(value: float) -> int:
        if value <= 0 or top <= 0:
            return 0
        # each level is a quarter of the one above it: times and sizes differ by orders of magnitude
        for i in range(LEVELS - 1, 1, -1):
            if value > top / 4 ** (LEVELS - i):
                return i
        return 1

    shown: Callable[[float], str] = seconds if by == "time" else lambda v: size(int(v))
    used = sorted({level(amount(nodes)) for nodes in boxes})
    words: Mapping[int, str] = {0: "none", LEVELS - 1: f"up to {shown(top)}",
                                **{i: f"up to {shown(top / 4 ** (LEVELS - 1 - i))}" for i in range(1, LEVELS - 1)}}
    where = "" if run is not None else ", by static shapes"
    return Paints(lambda nodes: f"s{level(amount(nodes))}", f"colour: {by}{where}",
                  [Swatch(words[i], f"s{i}") for i in used])
