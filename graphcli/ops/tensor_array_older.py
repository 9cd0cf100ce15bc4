"""TensorArrays and stacks whose handles are strings or references to strings, as graphs before TensorFlow 1.0 have
them; flows are read from elsewhere, and the order of ops follows from them as it does now."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import get_op, no_gradient, op, undefined_gradient
from ._older import by_reference, older


def _first(name: str) -> Any:
    """The kernel of a handle without its flow."""
    def kernel(n: Any) -> Any:
        make = get_op(name).cls.kernel(n)  # type: ignore[attr-defined]
        return lambda *args: make(*args)[0]

    return kernel


def _handle(n: Any, *shapes: Any) -> Any:
    return (2,)


for _suffix, _string in (("", "Ref(string)"), ("V2", "string")):
    older(__name__, f"TensorArray{_suffix}", "TensorArrayV3", signature=f"size: int32 -> handle: {_string}",
          without="identical_element_shapes", kernel=_first("TensorArrayV3"), infer=_handle)
    older(__name__, f"TensorArrayGrad{_suffix}", "TensorArrayGradV3",
          signature=f"handle: string, flow_in: float32 -> grad_handle: {_string}", kernel=_first("TensorArrayGradV3"),
          infer=_handle)
    for _name in ("Write", "Read", "Gather", "Scatter", "Concat", "Split", "Size", "Close"):
        _of = get_op(f"TensorArray{_name}V3")
        older(__name__, f"TensorArray{_name}{_suffix}", _of.name,
              signature=_of.cls.signature.replace("resource", _string))  # type: ignore[attr-defined]


@op
class TensorArrayPack:
    """All elements as one tensor."""

    signature = "handle: Ref(string), flow_in: float32 -> value: dtype"
    attrs = "dtype: type; element_shape: shape = None"
    gradient = undefined_gradient

    def infer(n: Any, handle: Any, flow: Any) -> Any:
        return None

    def kernel(n: Any) -> Any:
        element = n.attrs["element_shape"]
        return lambda handle, flow: handle.stacked(range(len(handle.items)), element)


@op
class TensorArrayUnpack:
    """Writes the rows of a tensor, one to each element."""

    signature = "handle: Ref(string), value: T, flow_in: float32 -> flow_out: float32"
    attrs = "T: type"
    gradient = undefined_gradient

    def infer(n: Any, handle: Any, value: Any, flow: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        scatter = get_op("TensorArrayScatterV3").cls.kernel(n)  # type: ignore[attr-defined]
        return lambda handle, value, flow: scatter(handle, range(len(value)), value, flow)


older(__name__, "Stack", "StackV2", signature=" -> handle: Ref(string)", infer=_handle, gradient=no_gradient,
      kernel=lambda n: lambda make=get_op("StackV2").cls.kernel(n): make(-1))  # type: ignore[attr-defined]
by_reference(__name__, {"StackPush": "StackPushV2", "StackPop": "StackPopV2", "StackClose": "StackCloseV2"},
             gradient=no_gradient)
