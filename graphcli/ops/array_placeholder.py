"""What is fed: placeholders."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import compatible, show


def declared(n: Any) -> Any:
    """The shape that the node was given."""
    return n.attrs["shape"]


def unfed(n: Any) -> Any:
    """A kernel that says what must be fed."""
    name = n.node.name

    def missing() -> Any:
        raise RunError(f"You must feed a value for placeholder {name!r}")

    return missing


@op
class Placeholder:
    """A value that must be fed (tf.placeholder)."""

    signature = " -> output: dtype"
    attrs = "dtype: type; shape: shape = None"
    infer = declared
    kernel = unfed
    gradient = undefined_gradient


@op
class PlaceholderWithDefault:
    """A value that may be fed (tf.placeholder_with_default)."""

    signature = "input: dtype -> output: dtype"
    attrs = "dtype: type; shape: shape"

    def infer(n: Any, x: Any) -> Any:
        shape = n.attrs["shape"]
        if n.built and not compatible(x, shape):
            n.fail(f"the default has shape {show(x)}, the placeholder {show(shape)}")
        return shape

    def kernel(n: Any) -> Any:
        return lambda x: x

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad]


@op
class PlaceholderV2:
    """A value that must be fed, of a given shape."""

    signature = " -> output: dtype"
    attrs = "dtype: type; shape: shape"
    infer = declared
    kernel = unfed
    gradient = undefined_gradient
