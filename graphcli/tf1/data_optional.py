"""An element that may be missing (tf.data.experimental.Optional), and what options are told (tf.data.Options)."""
from __future__ import annotations

from typing import Any

from ..graph.graph import Tensor
from .data_elements import Elements, Given
from .data_iterators import Iterator
from .framework import apply_op, colocate_with

EXPORTS = """
data.experimental: Optional get_next_as_optional
data: Options
"""


class Optional(Elements):
    """An element, or none (tf.data.experimental.Optional)."""

    def __init__(self, variant_tensor: Tensor, elements: Elements) -> None:
        super().__init__(elements._types, elements._shapes, elements._classes)
        self._variant = variant_tensor

    def has_value(self, name: str | None = None) -> Tensor:
        """Whether there is one."""
        with colocate_with(self._variant):
            found: Tensor = apply_op("OptionalHasValue", name, [self._variant])
        return found

    def get_value(self, name: str | None = None) -> Any:
        """The element; a run fails where there is none."""
        with colocate_with(self._variant):
            return self._of(apply_op("OptionalGetValue", name, [self._variant], self._attrs()))

    @staticmethod
    def from_value(value: Any) -> Optional:
        """One that has an element."""
        given = Given(value, named=False)
        return Optional(apply_op("OptionalFromValue", None, [given.flat]), given.elements)


def get_next_as_optional(iterator: Iterator) -> Optional:
    """The next element of an iterator, or none after the last (tf.data.experimental.get_next_as_optional)."""
    with colocate_with(iterator._iterator_resource):
        handle = apply_op("IteratorGetNextAsOptional", None, [iterator._iterator_resource], iterator._attrs())
    return Optional(handle, iterator)


class Options:
    """What a program asks of TensorFlow's threads and graph rewriting (tf.data.Options); kept for TF1 code."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = Options()
        setattr(self, name, found)
        return found
