"""Rows of a gradient (IndexedSlices) in a formula that wants a tensor: each op that takes them makes them dense anew,
as TensorFlow's do."""
from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from ..graph.graph import Tensor

_OPERATORS = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "pow", "matmul": "matmul"}


def late(tf: Any, slices: Any) -> Any:
    """The slices with the operators and the static shape of a tensor. tf: the vocabulary that makes nodes."""
    kind: Any = type(slices)
    made = _kind(kind)(slices.values, slices.indices, slices.dense_shape)
    made.tf = tf
    return made


@cache
def _kind(base: Any) -> Any:
    space: dict[str, Any] = {"__doc__": "Rows of a gradient, with a tensor's operators.", "tf": None,
                             "static": property(lambda self: self.shape.tuple),
                             "get_shape": lambda self: self.shape,
                             "__neg__": lambda self: self.tf.negative(self),
                             "__getitem__": lambda self, key: self.tf.convert_to_tensor(self)[key]}
    for word, call in _OPERATORS.items():
        space[f"__{word}__"], space[f"__r{word}__"] = _both(call)
    return type("LateSlices", (base,), space)


def _both(call: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """An operator before and behind what is no tensor: a tensor's own is used with one."""
    def before(self: Any, other: Any) -> Any:
        return NotImplemented if isinstance(other, Tensor) else getattr(self.tf, call)(self, other)

    def behind(self: Any, other: Any) -> Any:
        return getattr(self.tf, call)(other, self)

    return before, behind
