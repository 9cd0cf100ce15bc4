"""The words of a picture: a title, the lines below it, an arrow's label; short here, whole in the tooltip."""
from __future__ import annotations

import math
import re
from collections.abc import Container, Sequence

from ...analysis.shown import argument_name, tensor_label, typed, value_text
from ...graph.graph import Node, Tensor
from ...graph.shapes import count

_BAD = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff\\ufffe\\uffff]")
TITLE, NOTE, TIP, HEADING = 28, 34, 12_000, 80
"""Characters of a title, of a line below it, of a tooltip, of a picture's name."""


def elide(text: str, most: int) -> str:
    """The text, its middle left out where it is longer than ``most``."""
    if len(text) <= most:
        return text
    head = (most - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (most - 1 - head):]}"


def clean(text: str) -> str:
    """The text with what no picture can hold written as escapes: control characters, half surrogates, turned text."""
    return _BAD.sub(_escaped, text) if _BAD.search(text) else text


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code == 9:
        return "    "
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def title(text: str) -> str:
    """A name as it stands in a box: at most three lines, elided."""
    lines = clean(text).split("\n")
    return "\n".join(elide(line, TITLE) for line in lines[:3]) + ("…" if len(lines) > 3 else "")


def heading(text: str) -> str:
    """A picture's name as it stands above it: one line, elided."""
    return elide(clean(text).replace("\n", " "), HEADING)


def note(text: str) -> str:
    line = clean(text).replace("\n", " ")
    return line if len(line) <= NOTE else line[:NOTE - 1] + "…"


def tip(text: str) -> str:
    return elide(clean(text), TIP)


def arguments(n: Node, folded: Container[Node]) -> list[str]:
    """The small constants that stand inside a node, as ``axis = 1``; a slice as Python writes it."""
    if n.type == "StridedSlice" and all(t.op in folded for t in n.inputs[1:]):
        text = slice_text(n)
        if text:
            return [text]
    named = [(argument_name(n, i), t.op) for i, t in enumerate(n.inputs) if t.op in folded]
    return [f"{name} = {value_text(const)}" for name, const in named if not name.startswith("serialized")]


def slice_text(n: Node) -> str:
    """``[:, 0:1]`` of a StridedSlice whose bounds are constants, empty where they are of odd lengths."""
    begin, end, strides = (t.op.attrs["value"].tolist() for t in n.inputs[1:4])
    masks = [int(n.attrs.get(f"{k}_mask", 0)) for k in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")]
    if not isinstance(begin, list) or not len(begin) == len(end) == len(strides):
        return ""
    parts = []
    for i, (b, e, s) in enumerate(zip(begin, end, strides)):
        bit = 1 << i
        if masks[2] & bit:
            parts.append("...")
        elif masks[3] & bit:
            parts.append("None")
        elif masks[4] & bit:
            parts.append(str(b))
        else:
            text = f"{'' if masks[0] & bit else b}:{'' if masks[1] & bit else e}"
            parts.append(text + (f":{s}" if s != 1 else ""))
    return f"[{', '.join(parts)}]"


def elements(tensor: Tensor) -> int:
    """How many elements a tensor has, an unknown size counted as 1."""
    out = 1
    for d in tensor.static or ():
        out *= 1 if d is None else d
    return out


def width(size: int) -> float:
    """How thick the arrow of a tensor of ``size`` elements is: 1 for a scalar, 5 for a hundred million."""
    return 1.0 if size <= 1 else min(5.0, 1.0 + math.log10(size) / 2)


def arrow_label(tensors: Sequence[Tensor]) -> str:
    """The shapes on an arrow, two at most."""
    if len(tensors) == 1:
        return tensor_label(tensors[0])
    shown = list(dict.fromkeys(tensor_label(t) for t in tensors))
    if len(shown) > 2:
        return f"{len(tensors)} tensors"
    return "\n".join(shown)


def arrow_tip(tensors: Sequence[Tensor]) -> str:
    """Which tensors an arrow carries, twelve at most."""
    lines = [f"{t.op.name}:{t.value_index} · {typed(t.dtype, t.static)}" for t in tensors[:12]]
    return tip("\n".join(lines) + (f"\n… and {len(tensors) - 12} more" if len(tensors) > 12 else ""))


def seconds(amount: float) -> str:
    """A time for a person."""
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if amount * scale >= 1 or unit == "µs":
            return f"{amount * scale:.3g} {unit}"
    return ""


def size(amount: int) -> str:
    """A number of bytes for a person."""
    value = float(amount)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.3g} {unit}" if unit != "B" else f"{amount} B"
        value /= 1000
    return f"{value:.3g} GB"


def static_bytes(n: Node) -> int:
    """What the outputs of a node take in memory, unknown sizes counted as 1."""
    return sum((count(t.static) or elements(t)) * max(t.dtype.base_dtype.size or 1, 1) for t in n.outputs)


def number(amount: float) -> str:
    return f"{amount:.3g}"


def plural(amount: int, word: str) -> str:
    return f"{amount:,} {word}{'' if amount == 1 else 's'}"
