"""A picture as a value: boxes in frames, arrows between them, a legend. Writers only spell it."""
from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Box:
    """One box.

    kind gives its form: input, variable, shared, constant, math, nn, array, random, state, control,
    summary, other; scope (a closed one) or series (several alike, folded). paint gives its colours
    (see ``themes``). frame: number of the frame that it stands in, None outside all. notes: lines below
    the title. name: the node's or scope's whole name. op, shape: of one
    node, its type and its value. measured: lines of a run. count: how many nodes it stands for.
    """

    id: str
    title: str
    kind: str
    paint: str
    frame: int | None
    notes: tuple[str, ...] = ()
    tooltip: str = ""
    name: str = ""
    op: str = ""
    shape: str = ""
    measured: tuple[str, ...] = ()
    count: int = 1
    status: str = ""
    focus: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """All that is written in it."""
        return (self.title, *self.notes, *self.measured)


@dataclass(frozen=True)
class Arrow:
    """From the box that makes a value to the one that reads it. width: in points, by the tensor's size.

    control: it only runs after. back: it closes a loop, so that a layout need not heed it.
    """

    source: str
    target: str
    label: str = ""
    control: bool = False
    width: float = 1.0
    tooltip: str = ""
    status: str = ""
    back: bool = False


@dataclass(frozen=True)
class Frame:
    """An open scope. parent: number of the frame around it."""

    number: int
    label: str
    parent: int | None
    name: str


@dataclass(frozen=True)
class Swatch:
    """A colour of the legend, and what it means."""

    label: str
    paint: str


@dataclass
class Legend:
    """What occurs in the picture and nothing else: kinds by their form, colours, remarks on arrows."""

    kinds: list[str] = field(default_factory=list)
    swatches: list[Swatch] = field(default_factory=list)
    title: str = ""
    remarks: list[str] = field(default_factory=list)


@dataclass
class Picture:
    """boxes in graph order. closed: scopes drawn as one box; hidden: nodes left out, by the reason."""

    name: str
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    legend: Legend = field(default_factory=Legend)
    nodes: int = 0
    closed: int = 0
    hidden: dict[str, int] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
    direction: str = "up"

    def inside(self) -> tuple[dict[int | None, list[Box]], dict[int | None, list[Frame]]]:
        """The boxes and the frames of each frame."""
        boxes: dict[int | None, list[Box]] = {}
        frames: dict[int | None, list[Frame]] = {}
        for box in self.boxes:
            boxes.setdefault(box.frame, []).append(box)
        for frame in self.frames:
            frames.setdefault(frame.parent, []).append(frame)
        return boxes, frames
