"""A CUDA GPU through the same array code: kernels get cupy for numpy."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...graph.devices import parse
from ...graph.graph import Node
from ...graph.kernel import as_it_is, in_turn
from ...passes.place import Device
from . import Backend


def missing() -> str | None:
    """Why no GPU can be used, None if one can."""
    import cupy

    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"cupy finds no CUDA GPU: {error}"
    return None if count else "cupy finds no CUDA GPU"


class Cupy(Backend):
    name = "cupy"
    host = False

    def __init__(self, device: Device) -> None:
        import cupy

        self.device = device
        self.xp = cupy
        self.each, self.shared = in_turn, as_it_is
        self.index = int(parse(device.name).index or 0) % cupy.cuda.runtime.getDeviceCount()

    def put(self, array: Any) -> Any:
        if getattr(getattr(array, "dtype", None), "kind", "") == "O":
            return array
        with self.xp.cuda.Device(self.index):
            return self.xp.asarray(array)

    def get(self, array: Any) -> Any:
        return self.xp.asnumpy(array) if isinstance(array, self.xp.ndarray) else array

    def kernel(self, node: Node, state: Any, owned: frozenset[int] = frozenset(),
               unused: frozenset[int] = frozenset(), winograd: bool = False) -> Callable[..., Any]:
        run = super().kernel(node, state, owned)
        context = self.xp.cuda.Device

        def on_device(*args: Any) -> Any:
            with context(self.index):
                return run(*args)

        return on_device


def make(device: Device) -> Backend:
    return Cupy(device)
