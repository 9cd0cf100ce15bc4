"""Tensors that stay in a session under a handle, a string, for later steps (tf.get_session_handle)."""
from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np

from ..errors import InvalidArgument, InvalidType
from ..graph.inference import scalar_shape
from ..graph.opdef import no_gradient, op
from ._datasets import kept

CPU_ONLY = True
_DEVICE = "/job:localhost/replica:0/task:0/device:CPU:0"


class _Held:
    def __init__(self) -> None:
        self.tensors: dict[bytes, Any] = {}
        self.numbers = count()


class TensorHandle:
    """What a session keeps a tensor under, as a run gives it (session_ops.TensorHandle)."""

    def __init__(self, text: bytes, held: _Held) -> None:
        self.text, self.held = text, held

    @property
    def handle(self) -> str:
        """The text that is fed."""
        return self.text.decode()

    def __eq__(self, other: object) -> bool:
        return other == self.text or isinstance(other, TensorHandle) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.handle

    def get_raw_handle(self) -> str:
        return self.handle

    def eval(self) -> Any:
        """The tensor. Raises InvalidType after ``delete``."""
        return np.array(self.held.tensors[self._there()])

    def delete(self) -> None:
        """Lets the session forget the tensor. Raises InvalidType the second time."""
        del self.held.tensors[self._there()]

    def _there(self) -> bytes:
        if self.text not in self.held.tensors:
            raise InvalidType(f"Persistent tensor {self.handle} may have already been deleted.")
        return self.text


def _held(n: Any) -> _Held:
    found: _Held = n.state.resource("Session tensors", _Held)
    return found


def _there(held: _Held, handle: Any) -> bytes:
    """The handle, of a tensor that is there. Raises InvalidArgument for another."""
    text: Any = np.asarray(handle, object).item()
    text = text.encode() if isinstance(text, str) else getattr(text, "text", text)
    if text not in held.tensors:
        raise InvalidArgument(f"The tensor with handle '{text.decode(errors='replace')}' is not in the session store.")
    return text  # type: ignore[no-any-return]


@op
class GetSessionHandle:
    """Keeps a tensor in the session; the handle is a string that can be fed."""

    signature = "value: T -> handle: string"
    attrs = "T: type"
    stateful = True
    infer, gradient = scalar_shape, no_gradient

    def kernel(n: Any) -> Any:
        held = _held(n)

        def keep(value: Any) -> Any:
            handle = f"{n.node.name};{next(held.numbers)};{_DEVICE}".encode()
            held.tensors[handle] = kept(n, [value])[0]
            out = np.empty((), object)
            out[()] = TensorHandle(handle, held)
            return out

        return keep


@op
class GetSessionTensor:
    """The tensor that the session keeps under a handle."""

    signature = "handle: string -> value: dtype"
    attrs = "dtype: type"
    takes = "handle: []"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, handle: Any) -> Any:
        return None

    def kernel(n: Any) -> Any:
        held = _held(n)
        return lambda handle: held.tensors[_there(held, handle)]


@op
class DeleteSessionTensor:
    """Forgets the tensor that the session keeps under a handle."""

    signature = "handle: string -> "
    takes = "handle: []"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, handle: Any) -> Any:
        return None

    def kernel(n: Any) -> Any:
        held = _held(n)

        def forget(handle: Any) -> None:
            del held.tensors[_there(held, handle)]

        return forget
