"""Views: how what is transposed lies in the memory of what it was: whether a reshape of it copies, and a product."""
from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

from ..graph.shapes import Static
from ..passes.labels import Axes, Labels

if TYPE_CHECKING:
    from .plan import Step


class Views:
    """Of the values of a plan. forms: shape and dtype by value. values: the constants' arrays."""

    def __init__(self, forms: Mapping[int, tuple[Static, Any]], values: Mapping[int, Any]) -> None:
        self.forms = forms
        self.values = values
        self._of: dict[int, tuple[Labels, Axes, Axes]] = {}
        """By value the labels of its axes, and of those of what lies in one piece."""
        self._apart: set[int] = set()
        """Values whose rows are cut out with steps between."""

    def seen(self, step: Step, loose: Set[int]) -> None:
        """Takes in a view. loose: see ``owners``."""
        if step.node.type == "Transpose":
            self._turn(step, loose)
        elif step.node.type == "StridedSlice":
            steps = self.values.get(step.inputs[3]) if isinstance(step.inputs[3], int) else None
            rank, source = self.forms[step.outputs[0]][0], step.inputs[0]
            if steps is not None and rank and len(steps) == len(rank) and (
                    steps[-1] != 1 or source in self._apart or isinstance(source, int) and self._is_broken(source)):
                self._apart.add(step.outputs[0])

    def _turn(self, step: Step, loose: Set[int]) -> None:
        source, output = step.inputs[0], step.outputs[0]
        order = self.values.get(step.inputs[1]) if isinstance(step.inputs[1], int) else None
        shape = self.forms[source][0] if isinstance(source, int) else None
        if order is None or shape is None or not isinstance(source, int) or len(order) != len(shape):
            return
        if source in self._of:
            labels, axes, whole = self._of[source]
        elif source in loose or not all(shape):
            return
        else:
            labels = Labels()
            axes = whole = tuple(labels.new(size or 0) for size in shape)
        self._of[output] = labels, tuple(axes[i] for i in order), whole

    def formed(self, source: int, output: int) -> bool:
        """Whether what has the numbers of a value in another shape is a view of it; takes that in."""
        shape = self.forms[output][0]
        if source not in self._of or shape is None:
            return False
        labels, axes, whole = self._of[source]
        found = labels.formed(axes, [size or 0 for size in shape])
        if found is None or not labels.in_one(found, labels.term(whole)):
            return False
        self._of[output] = labels, found, whole
        return True

    def broken(self) -> set[int]:
        """Values of which not even the rows lie in one piece."""
        return self._apart | {v for v in self._of if self._is_broken(v)}

    def _is_broken(self, value: int) -> bool:
        if value not in self._of:
            return False
        labels, axes, whole = self._of[value]
        return bool(labels.term(axes[-1:])) and labels.term(axes[-1:])[-1] != labels.term(whole)[-1]
