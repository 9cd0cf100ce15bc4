"""What a run has told of nodes, in the words of a picture."""
from __future__ import annotations

from collections.abc import Sequence

from ...analysis.measured import Measured, Run, Value
from ...graph.shapes import show
from .words import number, plural, seconds, size


def notes(run: Run | None, names: Sequence[str]) -> list[str]:
    """The lines of a box that stands for these nodes: its time and bytes, its value."""
    found: list[Measured] = [run[n] for n in names if n in run] if run is not None else []
    if not found:
        return []
    one = found[0] if len(found) == 1 else None
    spent = [m.seconds for m in found if m.seconds is not None]
    facts = [seconds(sum(spent))] if spent else []
    taken = sum(m.bytes for m in found)
    if taken:
        facts.append(size(taken))
    if one is not None and one.calls > 1:
        facts.append(plural(one.calls, "call"))
    text = statistics(one.values[0]) if one is not None and one.values and one.values[0] is not None else ""
    return [line for line in (" · ".join(facts), text) if line]


def statistics(value: Value) -> str:
    """``0.5`` of a scalar; ``-1.2 … 3.4, mean 0.1`` of more."""
    odd = f"{value.odd} NaN or inf" if value.odd else ""
    if value.least is None or value.most is None or value.mean is None:
        return odd
    text = number(value.mean) if value.least == value.most else (
        f"{number(value.least)} … {number(value.most)}, mean {number(value.mean)}")
    return f"{text}, {odd}" if odd else text


def value_of(run: Run | None, name: str, index: int) -> Value | None:
    """What an output held, None where the run did not say."""
    measured = run.get(name) if run is not None else None
    return measured.values[index] if measured is not None and index < len(measured.values) else None


def shape_text(value: Value) -> str:
    """``[2, 10] · 80 B``: the shape that a tensor really had, on an arrow."""
    prefix = "" if value.dtype == "float32" else f"{value.dtype} "
    return f"{prefix}{show(value.shape)} · {size(value.bytes)}"
