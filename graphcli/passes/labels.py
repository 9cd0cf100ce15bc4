"""Labels of axes: one stays the same through reshapes and transposes, as long as no axis is cut across it."""
from __future__ import annotations

from collections.abc import Iterator, Sequence

Axes = tuple[tuple[int, ...], ...]
"""For each axis of a tensor its labels, the outermost first; none of one of size 1."""


class Labels:
    """Labels with their sizes; one may turn out to be several."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._parts: dict[int, tuple[int, ...]] = {}

    def new(self, size: int) -> tuple[int, ...]:
        """The label of an axis."""
        if size == 1:
            return ()
        self.sizes.append(size)
        return (len(self.sizes) - 1,)

    def term(self, axes: Axes) -> list[int]:
        """The labels of a tensor in the order of its axes."""
        return [x for axis in axes for label in axis for x in self._of(label)]

    def _of(self, label: int) -> Iterator[int]:
        if label in self._parts:
            for part in self._parts[label]:
                yield from self._of(part)
        else:
            yield label

    def formed(self, axes: Axes, shape: Sequence[int]) -> Axes | None:
        """The axes of what has the same numbers in another shape; None where an axis of one is cut across by the
        other."""
        left = self.term(axes)[::-1]
        out = []
        for size in shape:
            axis: list[int] = []
            while size > 1:
                label = left.pop()
                there = self.sizes[label]
                if max(there, size) % min(there, size):
                    return None
                if there > size:
                    first, rest = self.new(size), self.new(there // size)
                    self._parts[label] = (*first, *rest)
                    left += rest
                    label = first[0]
                size //= self.sizes[label]
                axis.append(label)
            out.append(tuple(axis))
        return tuple(out)

    def in_one(self, axes: Axes, term: Sequence[int]) -> bool:
        """Whether each axis is one of a view of what lies in the order of ``term``."""
        place = {label: i for i, label in enumerate(term)}
        for axis in axes:
            at = [place[label] for label in self.term((axis,))]
            if at != [*range(at[0], at[0] + len(at))] if at else False:
                return False
        return True
