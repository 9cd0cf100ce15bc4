"""Line charts in a terminal: braille dots, two by four to a character, with labelled axes.

    lines = chart([("train", steps, values)], width=80, height=12)

One curve to a series; each has a colour, and with several its name stands where it ends. The result is lines of
styled pieces for ``render.show``.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .render import DIM, Line, columns

COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille character, by row and column."""
NAMES = 20
"""The most columns that the names of curves get."""

Series = tuple[str, Sequence[float], Sequence[float]]


@dataclass
class Canvas:
    """Dots on a grid of characters; a character has the colour of the curve that came last."""

    width: int
    height: int

    def __post_init__(self) -> None:
        self.bits = [[0] * self.width for _ in range(self.height)]
        self.owner = [[-1] * self.width for _ in range(self.height)]

    def dot(self, x: int, y: int, owner: int) -> None:
        """x from the left, y from the bottom."""
        row, column = self.height - 1 - y // 4, x // 2
        self.bits[row][column] |= DOTS[3 - y % 4][x % 2]
        self.owner[row][column] = owner

    def line(self, x0: int, y0: int, x1: int, y1: int, owner: int) -> None:
        count = max(abs(x1 - x0), abs(y1 - y0), 1)
        for i in range(count + 1):
            self.dot(x0 + round((x1 - x0) * i / count), y0 + round((y1 - y0) * i / count), owner)

    def row(self, index: int, colours: bool) -> Line:
        pieces: Line = []
        for bits, owner in zip(self.bits[index], self.owner[index]):
            text = chr(0x2800 + bits) if bits else " "
            style = COLOURS[owner % len(COLOURS)] if owner >= 0 and colours else ""
            if pieces and pieces[-1][1] == style:
                pieces[-1] = (pieces[-1][0] + text, style)
            else:
                pieces.append((text, style))
        return pieces


def _within(value: float) -> float:
    """A value of a size with which one can calculate."""
    return 0.0 if abs(value) < 1e-290 else max(-1e290, min(float(value), 1e290))


def nice(span: float, count: int) -> float:
    """A step of 1, 2 or 5 times a power of ten that goes about ``count`` times into the span."""
    raw = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    return power * next(m for m in (1, 2, 5, 10) if m * power >= raw * 0.999)


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round numbers from low to high, about ``count`` of them."""
    step = nice(high - low, count)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def label(value: float, step: float) -> str:
    """A tick's number with the digits that its step needs."""
    if not value:
        return "0"
    if abs(value) >= 1e6 or abs(value) < 1e-4:
        # neighbours are told apart
        digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(step) + 1e-9) + 1
        if digits > 3 and step >= 1 and abs(value) < 1e15:
            return f"{value:.0f}"
        return f"{value:.{min(max(3, digits), 17)}g}"
    return f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"


def clock(value: float, step: float) -> str:
    """A tick's moment in UTC, of seconds since 1970."""
    from datetime import UTC, datetime

    try:
        moment = datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return label(value, step)
    if step >= 5000:
        return f"{moment:%m-%d %H:%M}"
    return f"{moment:%H:%M:%S}" if step >= 1 else f"{moment:%H:%M:%S.%f}"[:-3]


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """The range to show; never empty."""
    low, high = min(values), max(values)
    if low == high:
        room = abs(low) * 0.1 or 1.0
        return low - room, high + room
    return low, high


def chart(series: Sequence[Series], width: int = 80, height: int = 12, log: bool = False,
          told: Callable[[float, float], str] = label) -> list[Line]:
    """The chart. Values that are not finite (or, on a log axis, not positive) leave gaps. told: a tick of the x axis,
    from its value and the step to the next.
    """
    scale: Callable[[float], float] = math.log10 if log else _within
    curves = [(name, [(float(x), scale(y)) for x, y in zip(xs, ys) if math.isfinite(y) and (y > 0 or not log)])
              for name, xs, ys in series]
    points = [p for _, curve in curves for p in curve]
    if not points:
        return [[("no finite value to plot", DIM)]]
    x_low, x_high = bounds([x for x, _ in points])
    y_low, y_high = bounds([y for _, y in points])
    marks = _y_marks(y_low, y_high, height, log)
    y_low, y_high = min(y_low, marks[0][0]), max(y_high, marks[-1][0])
    left = max(columns(text) for _, text in marks) + 2
    several = len(curves) > 1
    right = min(NAMES, width // 5, max(columns(name) for name, _ in curves)) + 1 if several else 0
    canvas = Canvas(max(10, width - left - right), height)
    across, up = canvas.width * 2 - 1, canvas.height * 4 - 1
    ends: list[tuple[int, str, int]] = []
    for owner, (name, curve) in enumerate(curves):
        pixels = [(round((x - x_low) / (x_high - x_low) * across), round((y - y_low) / (y_high - y_low) * up))
                  for x, y in curve]
        for here, there in zip(pixels, pixels[1:] or pixels):
            canvas.line(*here, *there, owner)
        if pixels:
            ends.append((height - 1 - pixels[-1][1] // 4, name, owner))
    rows = {height - 1 - round((y - y_low) / (y_high - y_low) * up) // 4: text for y, text in marks}
    names = _placed(ends, height) if several else {}
    lines = []
    for i in range(height):
        text = rows.get(i, "")
        axis = f"{text:>{left - 2}} {'┤' if text else '│'}"
        line: Line = [(axis, DIM), *canvas.row(i, True)]
        if i in names:
            name, owner = names[i]
            line.append((" " + _short(name, right - 1), COLOURS[owner % len(COLOURS)]))
        lines.append(line)
    return [*lines, *_x_axis(x_low, x_high, left, canvas.width, told)]


def _y_marks(low: float, high: float, height: int, log: bool) -> list[tuple[float, str]]:
    """Round values on the y axis, at least two of them, and their text."""
    if log:
        first, last = math.floor(low), math.ceil(high)
        powers = max(1, round((last - first) / max(2, height // 3)))
        return [(float(e), f"1e{e}" if abs(e) > 3 else f"{10.0 ** e:g}") for e in range(first, last + powers, powers)]
    step = nice(high - low, max(2, height // 3))
    least, most = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [(i * step, label(i * step, step)) for i in range(least, most + 1)]


def _placed(ends: list[tuple[int, str, int]], height: int) -> dict[int, tuple[str, int]]:
    """A row for the name of each curve: that where it ends, or the nearest free one."""
    taken: dict[int, tuple[str, int]] = {}
    for row, name, owner in sorted(ends):
        free = [r for r in range(height) if r not in taken]
        if free:
            taken[min(free, key=lambda r: (abs(r - row), r))] = (name, owner)
    return taken


def _short(name: str, room: int) -> str:
    return name if columns(name) <= room else "…" + name[len(name) - room + 1:]


def _x_axis(low: float, high: float, left: int, width: int, told: Callable[[float, float], str]) -> list[Line]:
    """The line below, with ticks, and their numbers."""
    values = ticks(low, high, max(2, width // 12))
    step = nice(high - low, max(2, width // 12))
    axis = ["─"] * width
    text = [" "] * (left + width)
    after = 0
    for value in values:
        at = min(width - 1, round((value - low) / (high - low) * (width - 1)))
        axis[at] = "┬"
        shown = told(value, step)
        start = min(max(left + at - len(shown) // 2, after), left + width - len(shown))
        if start >= after and (not after or start > after - 1):
            text[start:start + len(shown)] = shown
            after = start + len(shown) + 2
    return [[(" " * (left - 1) + "└" + "".join(axis), DIM)], [("".join(text).rstrip(), DIM)]]
