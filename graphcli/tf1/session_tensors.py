"""Tensors that stay in a session between steps (tf.get_session_handle and what takes its handles)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType
from ..graph.devices import canonical
from ..graph.graph import Node, Tensor
from ..graph.types import as_dtype, string
from .context import colocate_with
from .framework import apply_op, device
from .modules import modules

EXPORTS = """
tf: get_session_handle get_session_tensor delete_session_tensor
"""


def get_session_handle(data: Any, name: str | None = None) -> Tensor:
    """Keeps a tensor in the session; a run gives its handle (tf.get_session_handle). Raises InvalidType."""
    if not isinstance(data, Tensor):
        raise InvalidType("`data` must be of type Tensor.")
    with colocate_with(data):
        return apply_op("GetSessionHandle", name, [data])  # type: ignore[no-any-return]


def _device(handle: Any) -> str:
    text = handle.decode() if isinstance(handle, bytes) else str(getattr(handle, "handle", handle))
    return canonical(text.split(";")[-1])


def get_session_tensor(handle: Any, dtype: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(a placeholder for a handle, the tensor that the session keeps under it) (tf.get_session_tensor)."""
    with device(_device(handle)):
        holder = modules["tf"].placeholder(string)
        return holder, apply_op("GetSessionTensor", name, [holder], {"dtype": as_dtype(dtype)})


def delete_session_tensor(handle: Any, name: str | None = None) -> tuple[Tensor, Node]:
    """(a placeholder for a handle, the node that forgets its tensor) (tf.delete_session_tensor)."""
    with device(_device(handle)):
        holder = modules["tf"].placeholder(string)
        return holder, apply_op("DeleteSessionTensor", name, [holder])
