"""Filled: which steps of a plan fill its stacks and lists, and which empty them."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..graph.flow import PASSES
from ..graph.graph import Node, Tensor
from ..passes.effects import ALIASES
from ..passes.kept import WRITTEN
from .region_peak import hands_on

if TYPE_CHECKING:
    from .plan import Step

FILLS = frozenset({"StackPushV2", "TensorArraySplitV3", *WRITTEN})
EMPTIES = frozenset({"StackPopV2", "TensorArrayGatherV3", "TensorArrayConcatV3"})
MADE = frozenset({"StackV2", "TensorArrayV3", "TensorArrayGradV3"})


def filled(steps: Sequence[Step]) -> dict[int, tuple[int, int | None]]:
    """Handle -> the first step that puts something in, and the step that takes all of it out; None where none does.
    What nothing fills has no entry. A loop that reads a list takes all of it, if what is read is not kept."""
    made: dict[Any, Any] = {}
    """What stands for a list, by its handles."""
    kept: set[Any] = set()
    """The lists that keep what is read."""
    moved: dict[Any, set[Any]] = {}
    """The lists of which a stack holds what was read."""
    first: dict[Any, int] = {}
    empty: dict[Any, int] = {}
    for step in steps:
        if step.program is not None:
            continue
        handle = step.outputs[0] if step.outputs else -1
        if step.region is None and step.node.type in MADE and handle >= 0:
            made[handle] = handle
            if step.node.type == "TensorArrayGradV3" and step.inputs[0] in made:
                made[handle] = made[step.inputs[0]], step.node.attrs["source"]
            if not step.node.attrs.get("clear_after_read", step.node.type == "StackV2"):
                kept.add(made[handle])
        used = list(_used(step, made))
        reads = {node: key for node, key in used if node.type == "TensorArrayReadV3"}
        for node, key in used:
            if node.type in FILLS:
                first.setdefault(key, step.number)
                if node.type == "StackPushV2":
                    source = reads.get(_source(node.inputs[1]))
                    if source is not None:
                        moved.setdefault(key, set()).add(source)
        loops = step.region is not None and any(n.type == "LoopCond" for n in step.region.nodes)
        within = set().union(*moved.values())
        for node, key in used:
            if node.type in EMPTIES or loops and node.type not in FILLS and key not in within:
                for one in {key, *moved.get(key, ())} - kept:
                    empty[one] = step.number
    return {h: (first[key], empty.get(key)) for h, key in made.items()
            if key in first and first[key] != empty.get(key)}


def _used(step: Step, made: Mapping[Any, Any]) -> Iterator[tuple[Node, Any]]:
    """The nodes of a step that fill or read lists, each with what stands for its list."""
    if step.region is None:
        if step.inputs and step.inputs[0] in made and step.node.type not in MADE:
            yield step.node, made[step.inputs[0]]
        return
    numbers = dict(zip(step.region.outside, step.inputs))
    for node in step.region.nodes:
        if node.type in FILLS or node.type in EMPTIES or node.type == "TensorArrayReadV3":
            key = _behind(node.inputs[0], numbers, made)
            if key is not None:
                yield node, key


def _source(tensor: Tensor) -> Node:
    """The node that has made the memory of a tensor, or the loop's state."""
    while tensor.op.inputs and tensor.op.type != "Merge" and hands_on(tensor.op):
        tensor = tensor.op.inputs[tensor.op.type == "Split"]
    return tensor.op


def _behind(handle: Tensor, numbers: Mapping[Tensor, Any], made: Mapping[Any, Any]) -> Any:
    if handle in numbers:
        return made.get(numbers[handle])
    node = handle.op
    if node.type in PASSES or node.type in ALIASES:
        return _behind(node.inputs[0], numbers, made)
    if node.type == "TensorArrayGradV3":
        of = _behind(node.inputs[0], numbers, made)
        return None if of is None else (of, node.attrs["source"])
    return None
