"""Sizes: what a step is about to make, checked before memory is asked for.

Static shapes are checked when the plan is made. Ops whose size follows from values (``Fill``, ``Tile``,
random ops), or from what came before (what a loop makes longer in each turn), are checked when they run, by their own
inference with the values that came.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import GraphError, InvalidType, InvalidValue, ResourceExhausted, RunError, said
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static, count, show
from .arrived import flat, inferred
from .failures import size_text

if TYPE_CHECKING:
    from .plan import Plan
    from .state import State

SIZED_BY_VALUE = frozenset({
    "Fill", "Tile", "BroadcastTo", "Pad", "PadV2", "MirrorPad", "OneHot", "Range", "LinSpace", "ScatterNd",
    "SparseToDense", "UnsortedSegmentSum", "UnsortedSegmentProd", "UnsortedSegmentMax", "UnsortedSegmentMin",
    "SegmentSum", "MatrixDiagV2", "MatrixDiagV3", "Conv2DBackpropInput", "Conv2DBackpropFilter", "Empty",
    "RandomUniform", "RandomUniformInt", "RandomStandardNormal", "TruncatedNormal", "Multinomial", "RandomGamma",
    "RandomPoissonV2", "BatchToSpaceND", "SpaceToBatchND", "ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic",
    "ResizeArea", "CropAndResize", "Bincount", "RFFT", "RFFT2D", "RFFT3D", "IRFFT", "IRFFT2D", "IRFFT3D",
    "SparseSegmentSumGrad", "SparseSegmentMeanGrad", "SparseSegmentSqrtNGrad"})


@cache
def physical_memory() -> int | None:
    """Bytes of memory of this machine, or of the control group of this process; None where that is not known."""
    import os

    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            with open(path) as file:
                return min(found, int(file.read()))
        except (ValueError, OSError):
            continue
    return found


def check_numbers(least: int, **numbers: int | None) -> None:
    """Raises InvalidType or InvalidValue for a setting that is neither None nor a whole number from ``least`` on."""
    for name, number in numbers.items():
        if number is not None and (not isinstance(number, (int, np.integer)) or isinstance(number, bool)):
            raise InvalidType(f"{name} is a whole number, not {said(number)}")
        if number is not None and number < least:
            raise InvalidValue(f"{name} is at least {least}, not {number}")


def refuse(node: Node, shape: Static, size: int, limit: int, output: int = 0) -> ResourceExhausted:
    """A tensor that needs more memory than one may take."""
    dtype = node.outputs[output].dtype.base_dtype.name
    return ResourceExhausted(f"{node.name} ({node.type}) makes {dtype} {show(shape)}, {size_text(size)}, and the limit "
                             f"is {size_text(limit)}", node.span, hint="--max-bytes raises the limit")


def refuse_beside(node: Node, shape: Static, total: int, memory: int, output: int = 0) -> ResourceExhausted:
    """A tensor for which there is no room beside what it is made of."""
    dtype = node.outputs[output].dtype.base_dtype.name
    return ResourceExhausted(f"{node.name} ({node.type}) makes {dtype} {show(shape)}, {size_text(total)} with its "
                             f"operands, and the step may hold {size_text(memory)}", node.span,
                             hint="--memory says what a step may hold")


def with_copies(plan: Plan, copied: int) -> Plan:
    """A plan for feeds of which so many bytes are copies."""
    return plan.replace(peak=plan.peak.replace(bytes=plan.peak.bytes + copied, fed=copied)) if copied else plan


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
    sizes = plan.peak.alive
    largest = sorted((v for v in sizes if sizes[v]), key=lambda v: (-sizes[v], v))
    for value in largest[:8]:
        tensor = plan.tensors[value]
        told.note(f"alive there: {tensor.name} {tensor.dtype.base_dtype.name} {show(plan.forms[value][0])}, "
                  f"{size_text(sizes[value])}")
    if len(largest) > 8:
        told.note(f"and {len(largest) - 8} smaller ones, {size_text(sum(sizes[v] for v in largest[8:]))}")
    if plan.peak.within:
        told.note(f"taken to work in, and copied to be handed out: {size_text(plan.peak.within)}")
    if plan.peak.kept:
        told.note(f"kept from step to step for loops over blocks: {size_text(plan.peak.kept)}")
    if plan.peak.fed:
        told.note(f"copied of what is fed, which does not lie in one piece or has another dtype: "
                  f"{size_text(plan.peak.fed)}")
    raise told


def _is_kept(tensor: Tensor) -> bool:
    """Whether it is a variable or a list, not a value."""
    return tensor.dtype.is_ref or tensor.dtype.name == "resource"


def checked(node: Node, kernel: Callable[..., Any], state: State,
            known: Callable[[Tensor], Static] = lambda tensor: tensor.static) -> Callable[..., Any]:
    """The kernel, with a check in front where shapes do not tell the size of its result. known: the shape that a
    tensor has whenever the kernel is called, as far as there is one."""
    opdef, limit = node.opdef, state.max_bytes
    if limit is None or opdef is None or opdef.infer is None or any(map(_is_kept, (*node.inputs, *node.outputs))):
        return kernel
    if all(count(known(t)) is not None for t in node.outputs):
        return kernel
    most = min(limit, state.memory or limit)
    widths = [t.dtype.size for t in node.outputs]
    by_value = node.type in SIZED_BY_VALUE
    squares = not (opdef.elementwise or any(a.is_list for a in opdef.inputs))

    def run(*args: Any) -> Any:
        if by_value or _combinations(args, squares) * max(widths) > most:
            _check(node, flat(args), limit, state.memory)
        return kernel(*args)

    return run


def _combinations(args: Sequence[Any], squares: bool) -> int:
    """How many elements an op may make at most that pairs or joins those of its operands. squares: or makes a square of
    them, as a diagonal does."""
    most = 1
    for arg in args:
        most *= 1 + (sum(map(np.size, arg)) if isinstance(arg, list) else int(np.size(arg)))
    return most * most if squares else most


def _check(node: Node, arrays: list[Any], limit: int, memory: int | None) -> None:
    """Raises TooLarge for a result of more than ``limit`` bytes, or of more than ``memory`` with the operands."""
    try:
        result = inferred(node, arrays)
    except GraphError:
        if node.type in SIZED_BY_VALUE:
            raise
        # the kernel tells what is wrong with its operands
        return
    found = result if isinstance(result, list) else [result]
    total = sum({id(a): getattr(a, "nbytes", 0) for a in arrays}.values())
    for i, shape in enumerate(found):
        size = (count(shape) or 0) * node.outputs[i].dtype.size
        total += size
        if size > limit:
            raise TooLarge(refuse(node, shape, size, limit, i))
        if memory is not None and size and total > memory:
            raise TooLarge(refuse_beside(node, shape, total, memory, i))


class TooLarge(Exception):
    """Carries an error that is told already."""

    def __init__(self, error: RunError) -> None:
        super().__init__(str(error))
        self.error = error
