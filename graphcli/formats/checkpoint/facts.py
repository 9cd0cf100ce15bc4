"""What the tensors of a checkpoint hold: numbers about one, and what two checkpoints differ in.

Tensors are read one at a time.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...wire.bundle import Bundle, Entry

PRIVATE = ("_graphcli/", "_CHECKPOINTABLE_OBJECT_GRAPH")
"""Names, or beginnings of names, of what is no variable: graphcli's training state, TensorFlow 2's objects."""
BLOCK = 1 << 18
"""Elements that are looked at together."""


def is_private(name: str) -> bool:
    return name.startswith(PRIVATE)


def size_of(bundle: Bundle, entry: Entry) -> int:
    """The bytes of a tensor, its parts together."""
    if not entry.slices:
        return entry.size
    return sum(bundle._part(entry, part).size for part in entry.slices)


@dataclass(frozen=True)
class Stats:
    """Numbers about one tensor; None where it has none of the kind (strings, no elements, NaN apart)."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    mean: float | None = None
    std: float | None = None
    least: float | None = None
    most: float | None = None
    zeros: int = 0
    nans: int = 0
    infinities: int = 0


def stats(bundle: Bundle, names: Iterable[str]) -> Iterator[Stats]:
    """Numbers about each tensor; mean and std of what is finite, by blocks in float64."""
    for name in names:
        entry = bundle.entry(name)
        value = bundle.read(name)
        if value.dtype.kind == "O" or not value.size:
            yield Stats(name, entry.dtype_name, entry.shape)
            continue
        flat, value = value.reshape(-1), None
        found = _numbers(name, entry, flat)
        # given back before the next tensor is read
        del flat
        yield found


def _numbers(name: str, entry: Entry, flat: Any) -> Stats:
    count = zeros = nans = infinities = 0
    mean = square = 0.0
    least, most = np.inf, -np.inf
    for at in range(0, flat.size, BLOCK):
        block = flat[at:at + BLOCK]
        block = np.abs(block) if block.dtype.kind == "c" else block
        block = block.astype(np.float64)
        zeros += int((block == 0).sum())
        nans += int(np.isnan(block).sum())
        infinities += int(np.isinf(block).sum())
        block = block[np.isfinite(block)]
        if block.size:
            # Chan's update: the sums of squares about the means of blocks add up without cancelling
            own = float(block.mean())
            total = count + block.size
            square += float(((block - own) ** 2).sum()) + (own - mean) ** 2 * count * block.size / total
            mean += (own - mean) * block.size / total
            count = total
            least, most = min(least, float(block.min())), max(most, float(block.max()))
    if not count:
        return Stats(name, entry.dtype_name, entry.shape, zeros=zeros, nans=nans, infinities=infinities)
    return Stats(name, entry.dtype_name, entry.shape, mean, float(np.sqrt(square / count)), least, most, zeros, nans,
                 infinities)


@dataclass(frozen=True)
class Change:
    """A tensor that two checkpoints both have, in other forms or with other values.

    before, after: ``float32 [2, 3]``; elements: how many differ; largest, relative: the greatest difference and
    that relative to the greater magnitude, None where they are no numbers or of other forms.
    """

    name: str
    before: str
    after: str
    elements: int | None = None
    largest: float | None = None
    relative: float | None = None


@dataclass
class Difference:
    """What two checkpoints differ in; ``same`` counts the tensors that are equal to the bit."""

    removed: list[str]
    added: list[str]
    changed: list[Change]
    same: int


def difference(a: Bundle, b: Bundle, names: Iterable[str] | None = None) -> Difference:
    """Compares two checkpoints, tensor by tensor. names: only these."""
    chosen = sorted({*a, *b}) if names is None else list(names)
    out = Difference([], [], [], 0)
    for name in chosen:
        if name not in b:
            out.removed.append(name)
        elif name not in a:
            out.added.append(name)
        else:
            change = _change(a, b, name)
            if change is None:
                out.same += 1
            else:
                out.changed.append(change)
    return out


def form(entry: Entry) -> str:
    """``float32 [2, 3]``."""
    return f"{entry.dtype_name} {list(entry.shape)}"


def _change(a: Bundle, b: Bundle, name: str) -> Change | None:
    before, after = form(a.entry(name)), form(b.entry(name))
    if before != after:
        return Change(name, before, after)
    x, y = a.read(name), b.read(name)
    if x.dtype.kind == "O":
        count = sum(p != q for p, q in zip(x.reshape(-1).tolist(), y.reshape(-1).tolist()))
        return Change(name, before, after, count) if count else None
    x, y = x.reshape(-1), y.reshape(-1)
    count, largest, relative = 0, None, 0.0
    for at in range(0, x.size, BLOCK):
        found, gap, share = _gaps(x[at:at + BLOCK], y[at:at + BLOCK])
        count += found
        if gap is not None:
            largest, relative = max(gap, largest or 0.0), max(share, relative)
    if not count:
        return None
    return Change(name, before, after, count, largest, None if largest is None else relative)


def _gaps(x: Any, y: Any) -> tuple[int, float | None, float]:
    """(how many elements differ in a bit, by how much at most, the same relative to the greater of the two)."""
    differ = (x.view(np.uint8).reshape(x.size, -1) != y.view(np.uint8).reshape(y.size, -1)).any(axis=1)
    if not differ.any():
        return 0, None, 0.0
    x, y = (v[differ].astype(np.complex128 if v.dtype.kind == "c" else np.float64) for v in (x, y))
    with np.errstate(all="ignore"):
        gap = np.abs(x - y)
        relative = gap / np.maximum(np.abs(x), np.abs(y))
    finite = np.isfinite(gap)
    share = relative[finite & np.isfinite(relative)]
    return int(differ.sum()), float(gap[finite].max()) if finite.any() else None, float(share.max(initial=0.0))
