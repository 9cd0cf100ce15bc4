"""Sizes: what a step is about to make, checked before memory is asked for.

Static shapes are checked when the plan is made. Ops whose size follows from values (``Fill``, ``Tile``,
random ops) are checked when they run, by their own inference with the values that came.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidType, InvalidValue, ResourceExhausted, RunError
from ..graph.graph import Node
from ..graph.inference import InferContext
from ..graph.shapes import Static, count, show
from .failures import size_text
from .handed import here

if TYPE_CHECKING:
    from .plan import Plan

SIZED_BY_VALUE = frozenset({
    "Fill", "Tile", "BroadcastTo", "Pad", "PadV2", "MirrorPad", "OneHot", "Range", "LinSpace", "ScatterNd",
    "SparseToDense", "UnsortedSegmentSum", "UnsortedSegmentProd", "UnsortedSegmentMax", "UnsortedSegmentMin",
    "SegmentSum", "MatrixDiagV2", "MatrixDiagV3", "Conv2DBackpropInput", "Conv2DBackpropFilter", "Empty",
    "RandomUniform", "RandomUniformInt", "RandomStandardNormal", "TruncatedNormal", "Multinomial", "RandomGamma",
    "RandomPoissonV2", "BatchToSpaceND", "SpaceToBatchND", "ResizeBilinear", "ResizeNearestNeighbor"})


def physical_memory() -> int | None:
    """Bytes of memory of this machine, None where that is not known."""
    import os

    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


def check_numbers(least: int, **numbers: int | None) -> None:
    """Raises InvalidType or InvalidValue for a setting that is neither None nor a whole number from ``least`` on."""
    for name, number in numbers.items():
        if number is not None and (not isinstance(number, (int, np.integer)) or isinstance(number, bool)):
            raise InvalidType(f"{name} is a whole number, not {number!r}")
        if number is not None and number < least:
            raise InvalidValue(f"{name} is at least {least}, not {number}")


class _Values(InferContext):
    """Inference with the arrays that came."""

    __slots__ = ("arrays",)

    def __init__(self, node: Node, arrays: list[Any]) -> None:
        super().__init__(node)
        self.arrays = arrays

    def value(self, index: int) -> Any:
        return here(self.arrays[index])

    def shape_value(self, index: int) -> Static:
        return tuple(None if v < 0 else int(v) for v in np.asarray(self.value(index)).reshape(-1))


def refuse(node: Node, shape: Static, size: int, limit: int, output: int = 0) -> ResourceExhausted:
    """A tensor that needs more memory than one may take."""
    dtype = node.outputs[output].dtype.base_dtype.name
    return ResourceExhausted(f"{node.name} ({node.type}) makes {dtype} {show(shape)}, {size_text(size)}, and the limit "
                             f"is {size_text(limit)}", node.span, hint="--max-bytes raises the limit")


def refuse_beyond(plan: Plan, limit: int) -> None:
    """Raises ResourceExhausted if a step would hold more than ``limit`` bytes; tells what is alive where most is."""
    given = plan.given
    needed = sum(given.values()) + plan.peak.bytes
    if needed <= limit:
        return
    step = plan.steps[plan.peak.step] if plan.steps else None
    asked, given_it = size_text(needed), size_text(limit)
    if asked == given_it:
        asked, given_it = f"{needed:,} bytes", f"{limit:,}"
    told = ResourceExhausted(
        f"this step needs {asked} at its peak, and --memory gives it {given_it}",
        None if step is None else step.node.span, hint="feed fewer rows at a time, or raise --memory")
    parts = [f"{name} {size_text(size)}" for name, size in given.items() if size]
    if step is not None:
        parts.append(f"values {size_text(plan.peak.bytes)} when {step.node.name} ({step.node.type}) runs")
    told.note("; ".join(parts))
    sizes = {v: (count(plan.forms[v][0]) or 0) * plan.tensors[v].dtype.base_dtype.size for v in plan.peak.alive}
    largest = sorted(plan.peak.alive, key=lambda v: (-sizes[v], v))
    for value in largest[:8]:
        tensor = plan.tensors[value]
        told.note(f"alive there: {tensor.name} {tensor.dtype.base_dtype.name} {show(plan.forms[value][0])}, "
                  f"{size_text(sizes[value])}")
    if len(largest) > 8:
        told.note(f"and {len(largest) - 8} smaller ones")
    raise told


def checked(node: Node, kernel: Callable[..., Any], limit: int | None) -> Callable[..., Any]:
    """The kernel, with a check in front where its result's size follows from values."""
    opdef = node.opdef
    if limit is None or node.type not in SIZED_BY_VALUE or opdef is None or opdef.infer is None:
        return kernel
    if all(count(t.static) is not None for t in node.outputs):
        return kernel
    infer = opdef.infer

    def run(*args: Any) -> Any:
        flat = [a for arg in args for a in (arg if isinstance(arg, list) else [arg])]
        shapes = opdef.group(opdef.inputs, [np.shape(a) for a in flat], node.attrs)
        result = infer(_Values(node, flat), *shapes)
        found = result if isinstance(result, list) else [result]
        for i, shape in enumerate(found):
            elements = count(shape)
            if elements is not None:
                size = elements * node.outputs[i].dtype.size
                if size > limit:
                    raise TooLarge(refuse(node, shape, size, limit, i))
        return kernel(*args)

    return run


class TooLarge(Exception):
    """Carries an error that is told already."""

    def __init__(self, error: RunError) -> None:
        super().__init__(str(error))
        self.error = error
