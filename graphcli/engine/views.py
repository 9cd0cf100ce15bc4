"""Views: how values lie that are parts of others, or others turned: in one piece or not, by rows or not, and whether
what has their numbers in another shape is a view too.

numpy itself tells it, of stand-ins that have the shapes and strides of the arrays to come and no memory."""
from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import GraphError
from ..graph.scratch import reshaped
from ..graph.shapes import Static
from ..ops.array_strided import index_of

if TYPE_CHECKING:
    from .plan import Step

NOTHING = np.empty(1, np.int8)


class Views:
    """Of the values of a plan. forms: shape and dtype by value. values: the constants' arrays."""

    def __init__(self, forms: Mapping[int, tuple[Static, Any]], values: Mapping[int, Any]) -> None:
        self.forms = forms
        self.values = values
        self._of: dict[int, Any] = {}
        """The stand-ins, by value."""

    def seen(self, step: Step, at: int, source: Any, loose: Set[int]) -> bool | None:
        """Takes in what a step gives there as a view of a source; whether it lies in one piece, None where shapes and
        constants do not tell. loose: see ``owners``."""
        output, given = step.outputs[at], [self.values.get(o) if isinstance(o, int) else None for o in step.inputs]
        whole = self._stand_in(source, loose)
        try:
            part = None if whole is None else _part(step.node, at, whole, given, self.forms[output][0])
        except (GraphError, ValueError, IndexError):  # the step will tell what is wrong
            return None
        if part is None or part.shape != self.forms[output][0]:
            return None
        self._of[output] = part
        return bool(part.flags.c_contiguous)

    def forget(self, output: int) -> None:
        """It is no view after all."""
        self._of.pop(output, None)

    def _stand_in(self, value: Any, loose: Set[int]) -> Any:
        """None for what is not known."""
        if value in self._of or not isinstance(value, int) or value in loose:
            return self._of.get(value)
        shape = _known(self.forms[value][0])
        if shape is None or not all(shape):
            return None
        strides = [1]
        for size in shape[:0:-1]:
            strides.append(strides[-1] * size)
        return np.lib.stride_tricks.as_strided(NOTHING, shape, strides[::-1][:len(shape)])

    def formed(self, source: int, output: int) -> bool:
        """Whether what has the numbers of a value in another shape is a view of it; takes that in."""
        shape, whole = _known(self.forms[output][0]), self._of.get(source)
        if whole is None or shape is None:
            return False
        found = reshaped(whole, shape)
        if found is not None:
            self._of[output] = found
        return found is not None

    def whole(self, value: int) -> bool:
        """Whether a value is known to lie in one piece."""
        return value not in self._of or bool(self._of[value].flags.c_contiguous)

    def lies(self, value: Any) -> Any:
        """What stands for a value, None where that is not known."""
        return self._of.get(value)

    def broken(self, value: Any) -> bool:
        """Whether not even the rows of a value are known to lie in one piece."""
        found = self._of.get(value)
        return found is not None and found.ndim > 1 and found.shape[-1] != 1 and found.strides[-1] != 1


def _known(shape: Static) -> list[int] | None:
    """A shape of which all sizes are known."""
    return None if shape is None or None in shape else [size for size in shape if size is not None]


def _part(node: Any, at: int, whole: Any, given: list[Any], shape: Any) -> Any:
    """What a node gives there of its source; None where that is not known. given: the constants among its inputs."""
    if node.type == "Transpose":
        return None if given[1] is None or len(given[1]) != whole.ndim else whole.transpose(given[1].tolist())
    if node.type == "StridedSlice":
        if any(v is None for v in given[1:]):
            return None
        return whole[index_of(node.attrs, whole.shape, *(v.tolist() for v in given[1:]))]
    if node.type == "Slice":
        if any(v is None for v in given[1:]):
            return None
        begin, sizes = (v.tolist() for v in given[1:])
        return whole[tuple([slice(b, None if s == -1 else b + s) for b, s in zip(begin, sizes)])]
    if node.type == "Unpack":
        return np.moveaxis(whole, node.attrs["axis"], 0)[at]
    if node.type in ("Split", "SplitV"):
        axis = given[0 if node.type == "Split" else 2]
        if axis is None or shape is None or None in shape:
            return None
        # of one that is cut it does not matter where
        return np.moveaxis(np.moveaxis(whole, int(axis), 0)[:shape[int(axis)]], 0, int(axis))
    return None if shape is None or None in shape else np.broadcast_to(whole, shape)
