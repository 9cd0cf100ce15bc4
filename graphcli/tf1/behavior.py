"""How TensorFlow 2 is told to be TensorFlow 1: what is so here at all times, and what is refused."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import NotSupported
from ..graph.dimension import Dimension
from .conversion import IndexedSlices, convert_to_tensor
from .framework import get_default_graph

EXPORTS = """
tf: disable_v2_behavior disable_eager_execution disable_v2_tensorshape disable_tensor_equality disable_control_flow_v2
tf: enable_v2_behavior enable_eager_execution enable_v2_tensorshape enable_tensor_equality enable_control_flow_v2
tf: executing_eagerly executing_eagerly_outside_functions control_flow_v2_enabled init_scope
contrib.eager contrib.eager.tfe python.eager.context: executing_eagerly in_eager_mode=executing_eagerly
tf: dimension_value dimension_at_index convert_to_tensor_or_indexed_slices
compat: dimension_value dimension_at_index
"""


def _already(what: str) -> Callable[[], None]:
    def disable() -> None:
        pass

    disable.__doc__ = f"Nothing to do: {what} here."
    return disable


def _never(call: str, what: str) -> Callable[..., None]:
    def enable(*args: Any, **kwargs: Any) -> None:
        raise NotSupported(f"{call}: {what} here", hint="graphs are TensorFlow 1's")

    enable.__doc__ = f"Raises NotSupported: {what} here (tf.{call})."
    return enable


disable_v2_behavior = _already("TensorFlow is TensorFlow 1")
disable_eager_execution = _already("calls make graphs")
disable_v2_tensorshape = _already("sizes are Dimensions")
disable_tensor_equality = _already("tensors are hashed by identity")
disable_control_flow_v2 = _already("conditions and loops are nodes of the graph")
enable_v2_behavior = _never("enable_v2_behavior", "TensorFlow is TensorFlow 1")
enable_eager_execution = _never("enable_eager_execution", "calls make graphs")
enable_v2_tensorshape = _never("enable_v2_tensorshape", "sizes are Dimensions")
enable_tensor_equality = _never("enable_tensor_equality", "tensors are hashed by identity")
enable_control_flow_v2 = _never("enable_control_flow_v2", "conditions and loops are nodes of the graph")


def executing_eagerly() -> bool:
    """False: calls make graphs (tf.executing_eagerly)."""
    return False


executing_eagerly_outside_functions = executing_eagerly


def control_flow_v2_enabled() -> bool:
    """False: conditions and loops are nodes of the graph (tf.control_flow_v2_enabled)."""
    return False


@contextmanager
def init_scope() -> Iterator[None]:
    """Without the control inputs and colocations around it (tf.init_scope)."""
    with get_default_graph().scopes.lifted():
        yield


def dimension_value(dimension: Any) -> int | None:
    """The size of a Dimension, or the number that it is already (tf.dimension_value)."""
    return dimension.value if isinstance(dimension, Dimension) else dimension


def dimension_at_index(shape: Any, index: int) -> Dimension:
    """An axis of a shape; of unknown size if the rank is not known (tf.dimension_at_index)."""
    return Dimension(None) if shape.rank is None else shape[index]


def convert_to_tensor_or_indexed_slices(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A tensor of what is none, IndexedSlices and sparse tensors as they are
    (tf.convert_to_tensor_or_indexed_slices)."""
    whole = isinstance(value, IndexedSlices) or hasattr(value, "components")
    return value if whole else convert_to_tensor(value, dtype=dtype, name=name)
