"""Lists: what the TensorArrays of a plan hold when they are full."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..graph.flow import ENTER
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from ..passes.kept import WRITTEN
from .memory import size_of

if TYPE_CHECKING:
    from .plan import Step


def lists(steps: Sequence[Step], values: Mapping[int, Any], shape: Callable[[Tensor], Static]
          ) -> dict[int, int | None]:
    """Handle -> bytes of all elements; None where their number or their shape is not known. values: constants."""
    out: dict[int, int | None] = {}
    lengths: dict[int, Any] = {}
    for step in steps:
        if step.region is None and step.program is None and step.node.type in ("TensorArrayV3", "TensorArrayGradV3"):
            if step.outputs and step.outputs[0] >= 0:
                # that of gradients is as long as that whose gradients they are
                of, at = lengths if step.node.type == "TensorArrayGradV3" else values, step.inputs[0]
                length = lengths[step.outputs[0]] = of.get(at) if isinstance(at, int) else None
                element = _element(step.node.outputs[0], shape)
                out[step.outputs[0]] = None if length is None or element is None else int(length) * element
    return out


def same(steps: Sequence[Step]) -> dict[int, int]:
    """Handle -> the first handle of the same list: those of the gradients of one list by one name."""
    out: dict[int, int] = {}
    first: dict[Any, int] = {}
    for step in steps:
        if step.region is None and step.program is None and step.node.type == "TensorArrayGradV3" and step.outputs:
            made = step.outputs[0]
            of = first.setdefault((step.inputs[0], step.node.attrs["source"]), made)
            if of != made and made >= 0:
                out[made] = of
    return out


def _element(handle: Tensor, shape: Callable[[Tensor], Static]) -> int | None:
    """Bytes of the largest element that is written."""
    most = 0
    for user in _users(handle):
        if user.type in WRITTEN:
            kept = user.inputs[2]
            known = shape(kept)
            known = kept.static if known is None or None in known else known
            size = size_of(kept, known[1:] if known and WRITTEN[user.type] else known)
            if size is None:
                return None
            most = max(most, size)
    return most


def _users(handle: Tensor) -> list[Node]:
    """The nodes that take a handle, within loops too."""
    out: list[Node] = []
    for user in handle.consumers():
        if user.type in ENTER:
            out += _users(user.outputs[0])
        out.append(user)
    return out
