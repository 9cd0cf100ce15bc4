"""What stands for a tensor that is made further below, found among all that is written without going through it."""
from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from ...graph.constant import constant_value
from ...graph.graph import Node, Tensor


class StandIns:
    """The first tensor of each dtype, of each shape, and of each value, of the nodes that are written.

    They are written in the order of the graph, or a few ahead of it, so each node is looked at once.
    """

    def __init__(self, order: Sequence[Node]) -> None:
        self.order = order
        self.at = 0
        self.first: dict[Any, Tensor] = {}

    def find(self, tensor: Tensor, done: Set[Node]) -> Tensor | None:
        """The nearest in kind: shapes follow from the value of a constant, which must be no other."""
        while self.at < len(self.order) and self.order[self.at] in done:
            for made in self.order[self.at].outputs:
                for key in _kinds(made):
                    self.first.setdefault(key, made)
            self.at += 1
        exact, *wider = _kinds(tensor)
        unknown = (tensor.dtype, tensor.static, None)
        return next((self.first[k] for k in (exact, unknown, *wider) if k in self.first), None)


def _kinds(tensor: Tensor) -> tuple[Any, ...]:
    """What a tensor is alike in: dtype, shape and the bits of its value, None if that is not known; then less."""
    value = constant_value(tensor)
    bits = None if value is None else value.tobytes()
    return (tensor.dtype, tensor.static, bits), (tensor.dtype, tensor.static), (tensor.dtype,)
