"""Stacked: what the stacks of a plan hold when they are full, which a loop pushes for its gradient."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from ..graph.flow import ENTER, PASSES
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from ..passes.effects import ALIASES
from .memory import size_of
from .region_peak import hands_on

if TYPE_CHECKING:
    from .plan import Step


def stacked(steps: Sequence[Step], values: Mapping[int, Any], feeds: int, shape: Callable[[Tensor], Static]
            ) -> dict[int, int | None]:
    """Handle -> bytes of all that is pushed; None where it is not known how often, or of what shape. values:
    constants. feeds: how many values are fed. A loop whose counter has several bounds runs as often as the least known
    one lets it, at most."""
    out: dict[int, int | None] = {}
    for step in steps:
        if step.region is None or not any(n.type == "StackPushV2" for n in step.region.nodes):
            continue
        numbers = {t: o for t, o in zip(step.region.outside, step.inputs) if isinstance(o, int)}
        known = {t: values[o] for t, o in numbers.items() if o in values}
        trips = _trips(step.region.nodes, known)
        most: dict[Tensor, tuple[int, int]] = {}
        """Of what is made the stack that has most of it, and how many."""
        for node in step.region.nodes:
            if node.type != "StackPushV2":
                continue
            handle, frames = _handle(node.inputs[0])
            stack = numbers.get(handle, -1)
            made, first = _pushed(node.inputs[1])
            out.setdefault(stack, 0)
            if made is None:
                continue
            many = prod(trips[f] for f in frames) if all(f in trips for f in frames) else None
            if many is None or _size(made, shape) is None:
                out[stack] = None
                continue
            begins = None if first is None else numbers.get(first)
            if begins is not None and (begins in values or begins < feeds):
                # the first is somebody else's, and the last is not pushed
                many = max(0, many - 1)
            if many > most.get(made, (-1, 0))[1]:
                most[made] = stack, many
        for made, (stack, many) in most.items():
            size, before = _size(made, shape), out[stack]
            out[stack] = None if size is None or before is None else before + many * size
    return out


def _handle(tensor: Tensor) -> tuple[Tensor, list[str]]:
    """A stack as it is outside of all loops and conditions, and the frames of these loops."""
    frames = []
    while tensor.op.type in PASSES or tensor.op.type in ALIASES:
        if tensor.op.type in ENTER:
            frames.append(str(tensor.op.attrs["frame_name"]))
        tensor = tensor.op.inputs[0]
    return tensor, frames


def _size(tensor: Tensor, shape: Callable[[Tensor], Static]) -> int | None:
    known = shape(tensor)
    return size_of(tensor, tensor.static if known is None or None in known else known)


def _pushed(tensor: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """The tensor whose memory is pushed, None where it comes from outside the loop, or out of a list; and, where it is
    what a turn begins with, what the first one does."""
    seen, first = set(), None
    while tensor not in seen:
        seen.add(tensor)
        node = tensor.op
        if node.type in ENTER or node.type.startswith("TensorArrayRead"):
            break
        if node.type == "Merge" and len(node.inputs) == 2 and node.inputs[1].op.type == "NextIteration":
            start = node.inputs[0].op
            first = start.inputs[0] if start.type in ENTER else None
            tensor = node.inputs[1]
        elif node.inputs and hands_on(node):
            tensor = node.inputs[node.type == "Split"]
        else:
            return tensor, first
    return None, None


def _trips(nodes: Sequence[Node], known: Mapping[Tensor, Any]) -> dict[str, int]:
    """Frame -> how often its loop runs at most, by counters that are compared with constants."""
    out: dict[str, int] = {}

    def value(tensor: Tensor) -> Any:
        while tensor.op.type in ENTER or tensor.op.type == "Identity":
            if tensor in known:
                break
            tensor = tensor.op.inputs[0]
        return known.get(tensor, tensor.op.attrs.get("value") if tensor.op.type == "Const" else None)

    def bound(tensor: Tensor) -> None:
        node = tensor.op
        if node.type == "LogicalAnd":
            for part in node.inputs:
                bound(part)
        elif node.type in ("Less", "LessEqual") and node.inputs[0].op.type == "Merge":
            merge = node.inputs[0].op
            added = merge.inputs[-1].op.inputs[0].op if merge.inputs[-1].op.type == "NextIteration" else None
            if merge.inputs[0].op.type in ENTER and added is not None and added.type in ("Add", "AddV2"):
                start, stop, step = value(merge.inputs[0]), value(node.inputs[1]), value(added.inputs[1])
                if None not in (start, stop, step) and step > 0:
                    frame = str(merge.inputs[0].op.attrs["frame_name"])
                    many = max(0, -((int(start) - int(stop) - (node.type == "LessEqual")) // int(step)))
                    out[frame] = min(many, out.get(frame, many))

    for node in nodes:
        if node.type == "LoopCond":
            bound(node.inputs[0])
    return out
