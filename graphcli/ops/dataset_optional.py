"""The next element of an iterator, or none: a value that is asked whether it has one (tf.data.experimental)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient
from ._datasets import OUTPUTS, kept
from ._tensor_list import Variant, sum_of, zeros_of
from .dataset_iterators import following

CPU_ONLY = True


class Optional(Variant):
    """element: None where there is none."""

    __slots__ = ("element",)

    def __init__(self, element: list[Any] | None = None) -> None:
        self.element = element

    def plus(self, xp: Any, other: Any) -> Optional:
        if self.element is None or other.element is None:
            if self.element is not other.element:
                raise InvalidArgument("Cannot add optionals because one has a value and the other doesn't.")
            return self
        return Optional([sum_of(xp, a, b) for a, b in zip(self.element, other.element)])

    def zeros(self, xp: Any) -> Optional:
        return self if self.element is None else Optional([zeros_of(xp, x) for x in self.element])


@op
class IteratorGetNextAsOptional:
    """The next element of an iterator, or none after the last."""

    signature = "iterator: resource -> optional: variant"
    attrs = OUTPUTS
    stateful = True
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        take = following(n)
        return lambda reader: Optional(take(reader, or_none=True))


@op
class OptionalFromValue:
    """An element as one that may be none."""

    signature = "components: list(Toutput_types) -> optional: variant"
    attrs = "Toutput_types: list(type) >= 1"
    infer = scalar_shape

    def kernel(n: Any) -> Any:
        return lambda components: Optional(kept(n, components))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return list(tf.apply_op("OptionalGetValue", None, [grad], {
            "output_types": [t.dtype for t in op.inputs], "output_shapes": [t.static for t in op.inputs]}))


@op
class OptionalNone:
    """No element."""

    signature = " -> optional: variant"
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        return Optional


@op
class OptionalHasValue:
    """Whether there is an element."""

    signature = "optional: variant -> has_value: bool"
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda optional: np.asarray(optional.element is not None)


@op
class OptionalGetValue:
    """The element."""

    signature = "optional: variant -> components: list(output_types)"
    attrs = OUTPUTS

    def infer(n: Any, optional: Any) -> Any:
        return list(n.attrs["output_shapes"])

    def kernel(n: Any) -> Any:
        def value(optional: Any) -> Any:
            if optional.element is None:
                raise InvalidArgument("The given optional does not have a value.")
            return list(optional.element)

        return value

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        return [tf.apply_op("OptionalFromValue", None, [list(grads)])]
