"""Workers through dask: each kernel without state runs where dask's scheduler puts it.

``address`` beside ``backend: dask`` is a scheduler's. A worker makes the kernel itself, of one node's GraphDef, and
what it computes stays with it until this process or another worker wants it. Without an address, dask's threads of
this process do the work.
"""
from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from operator import getitem
from typing import Any

import numpy

from ...errors import GraphError, NotSupported, RunError
from ...graph.graph import Node
from ...passes.place import Device
from ..handed import copied
from . import Backend, brought
from .remote import compute, movable, packed

WAIT = 10
"""Seconds in which a scheduler answers."""
LARGE = 1 << 20
"""Bytes of an array that is sent ahead of the call that wants it."""


def missing() -> str | None:
    """None: dask itself is enough."""
    return None


def make(device: Device) -> Backend:
    address = device.options.get("address")
    return Threads(device) if not address else Cluster(device, str(address))


class Threads(Backend):
    """dask's threads of this process."""

    name = "dask"

    def kernel(self, node: Node, state: Any, owned: frozenset[int] = frozenset(),
               unused: frozenset[int] = frozenset(), winograd: bool = False) -> Callable[..., Any]:
        run = super().kernel(node, state, owned)
        if not movable(node):
            return run
        dask: Any = import_module("dask")
        return lambda *args: dask.delayed(run, pure=False, traverse=False)(*args).compute(scheduler="threads")


class Remote:
    """A value that lies with a worker, or is on its way there. Who looks at it waits for it."""

    __slots__ = ("future", "cluster", "_value")

    def __init__(self, future: Any, cluster: Cluster, value: Any = None) -> None:
        self.future = future
        self.cluster = cluster
        self._value = value

    @property
    def value(self) -> Any:
        if self._value is None:
            self._value = self.cluster.result(self.future)
        return self._value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return numpy.asarray(self.value, dtype)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.value, name)


class Cluster(Backend):
    """The workers of a scheduler."""

    name = "dask"
    host = False

    def __init__(self, device: Device, address: str) -> None:
        super().__init__(device)
        self.address = address
        self.nodes: dict[str, Node] = {}
        try:
            distributed: Any = import_module("distributed")
            self.client = distributed.Client(address, timeout=WAIT, set_as_default=False)
        except ImportError as error:
            raise NotSupported(f"device {device.name} cannot run: {error}",
                               hint="`pip install graphcli[dask]`") from None
        except (OSError, ValueError) as error:
            raise RunError(f"dask's scheduler at {address}, of device {device.name}, does not answer: "
                           f"{str(error).splitlines()[0] if str(error) else type(error).__name__}",
                           hint="`dask scheduler` starts one, `dask worker ADDRESS` its workers") from None
        try:
            self.client.wait_for_workers(1, timeout=WAIT)
        except TimeoutError:
            self.client.close()
            raise RunError(f"dask's scheduler at {address}, of device {device.name}, has no workers",
                           hint="`dask worker ADDRESS` starts one") from None

    def close(self) -> None:
        self.client.close()

    # -- where values lie

    def put(self, array: Any) -> Any:
        if isinstance(array, numpy.ndarray) and array.nbytes >= LARGE and array.dtype != object:
            return Remote(self.client.scatter(array, hash=False), self, array)
        return array

    def get(self, array: Any) -> Any:
        return array.value if isinstance(array, Remote) else array

    def fetched(self, array: Any) -> Any:
        return copied(self.get(array))

    def snapshot(self, array: Any) -> Any:
        return array if isinstance(array, Remote) else copied(array)

    def wait(self, result: Any) -> None:
        for value in result if type(result) is list else [result]:
            if isinstance(value, Remote):
                value.future.exception()

    def result(self, future: Any) -> Any:
        """What a worker computed; its failure with the place in the user's file."""
        try:
            return future.result()
        except GraphError as error:
            raise self._placed(error) from None
        except Exception as error:
            raise RunError(f"dask's workers at {self.address} did not compute this: {type(error).__name__}: {error}",
                           hint="they need graphcli, of the version that is here, and memory for the values") from None

    def _placed(self, error: GraphError) -> GraphError:
        """A worker's error in the words of the graph: it knows one node, and no file."""
        node = self.nodes.get(error.message.partition(" ")[0])
        if node is None:
            return error
        names = {f"{node.name}/{i}:0 is": f"{t.name} is" for i, t in enumerate(node.inputs)}
        for old, new in names.items():
            error.notes = [(text.replace(old, new), span) for text, span in error.notes]
        return error.at(node.span)

    # -- kernels

    def kernel(self, node: Node, state: Any, owned: frozenset[int] = frozenset(),
               unused: frozenset[int] = frozenset(), winograd: bool = False) -> Callable[..., Any]:
        opdef = node.opdef
        assert opdef is not None
        if not movable(node):
            return brought(super().kernel(node, state), opdef, [self.get] * len(opdef.inputs))
        self.nodes[node.name] = node
        data, outputs, submit = packed(node), len(node.outputs), self.client.submit
        several = outputs > 1 or any(a.is_list for a in opdef.outputs)

        def remote(*args: Any) -> Any:
            flat = [v for a in args for v in (a if type(a) is list else [a])]
            future = submit(compute, data, *[v.future if isinstance(v, Remote) else v for v in flat], pure=False)
            if not several:
                return Remote(future, self)
            return [Remote(submit(getitem, future, i, pure=False), self) for i in range(outputs)]

        return remote
