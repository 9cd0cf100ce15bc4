"""A remote worker through dask: each kernel without state runs where dask's scheduler puts it.

``address`` beside ``backend: dask`` is a scheduler's; without one, dask's threads of this process.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...graph.graph import Node
from ...passes.place import Device
from . import Backend


def missing() -> str | None:
    """None: dask itself is enough."""
    return None


class Dask(Backend):
    name = "dask"

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.client: Any = None
        address = device.options.get("address")
        if address:
            from distributed import Client

            self.client = Client(address)

    def kernel(self, node: Node, state: Any, owned: frozenset[int] = frozenset(),
               unused: frozenset[int] = frozenset(), winograd: bool = False) -> Callable[..., Any]:
        run = super().kernel(node, state, owned)
        if node.opdef is None or node.opdef.stateful or any(a.is_ref for a in node.opdef.inputs):
            return run
        if self.client is not None:
            return lambda *args: self.client.submit(run, *args, pure=False).result()
        import dask

        return lambda *args: dask.delayed(run, pure=False, traverse=False)(*args).compute(scheduler="threads")


def make(device: Device) -> Backend:
    return Dask(device)
