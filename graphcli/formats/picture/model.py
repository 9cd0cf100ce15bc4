"""A picture as a value: boxes in frames, arrows between them, a legend. Writers only spell it."""
from __future__ import annotations

from ...record import Record, field


class Box(Record):
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


class Arrow(Record):
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


class Frame(Record):
    """An open scope. parent: number of the frame around it."""

    number: int
    label: str
    parent: int | None
    name: str


class Swatch(Record):
    """A colour of the legend, and what it means."""

    label: str
    paint: str


class Legend(Record, frozen=False):
    """What occurs in the picture and nothing else: kinds by their form, colours, remarks on arrows."""

    kinds: list[str] = field(factory=list)
    swatches: list[Swatch] = field(factory=list)
    title: str = ""
    remarks: list[str] = field(factory=list)


class Picture(Record, frozen=False):
    """boxes in graph order. closed: scopes drawn as one box; hidden: nodes left out, by the reason."""

    name: str
    boxes: list[Box] = field(factory=list)
    arrows: list[Arrow] = field(factory=list)
    frames: list[Frame] = field(factory=list)
    legend: Legend = field(factory=Legend)
    nodes: int = 0
    closed: int = 0
    hidden: dict[str, int] = field(factory=dict)
    roots: list[str] = field(factory=list)
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
