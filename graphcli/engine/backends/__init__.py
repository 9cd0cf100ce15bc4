"""Backends: what runs a logical device. Each is an array module and the way in and out of it."""
from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...errors import NotSupported, RunError
from ...graph.graph import Node
from ...graph.kernel import KernelContext, as_it_is, in_turn
from ...graph.opdef import OpDef
from ...passes.place import Device
from ..failures import failed
from ..handed import copied


class Backend:
    """numpy: arrays of this process."""

    name = "numpy"
    host = True

    def __init__(self, device: Device) -> None:
        self.device = device
        self.xp: Any = np
        self.each: Any = in_turn
        self.shared: Any = as_it_is
        self.adding: Any = None
        """Makes what adds a product of matrices to an array: ``Products.adding``."""
        self.part: Any = None
        """Takes columns of a product: ``Products.part``."""
        self.turned: Any = None
        """A product, or columns of one, column by column in memory: ``Products.turned``."""

    def put(self, array: Any) -> Any:
        """An array of the host as this device wants it."""
        return array

    def constant(self, array: Any) -> Any:
        """The same for an array that is never written to and comes at every step."""
        return self.put(array)

    def get(self, array: Any) -> Any:
        """An array of this device on the host."""
        return array

    def fetched(self, array: Any) -> Any:
        """An array of this device as the caller's own."""
        return copied(array)

    def snapshot(self, array: Any) -> Any:
        """An array of this device as it is now."""
        return copied(array)

    def close(self) -> None:
        """Lets go of what is outside of this process."""

    def wait(self, result: Any) -> None:
        """Returns when what a kernel of this device gave is computed."""

    def kernel(self, node: Node, state: Any, owned: frozenset[int] = frozenset(),
               unused: frozenset[int] = frozenset(), winograd: bool = False) -> Callable[..., Any]:
        """The function that computes one node here. owned, unused, winograd: see ``KernelContext``.

        Raises RunError for attrs that the op's kernels refuse.
        """
        assert node.opdef is not None and node.opdef.kernel is not None
        try:
            kernel: Callable[..., Any] = node.opdef.kernel(
                KernelContext(node, self.xp, state, self.each, owned, self.shared, unused, winograd))
        except RunError as error:
            raise failed(node, error, ()) from error
        return _of_text(kernel) if any(t.dtype.base_dtype.kind == "S" for t in node.outputs) else kernel


def _of_text(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel whose single texts are arrays: an element of an array of objects is none, as one of numbers is."""
    def one(value: Any) -> Any:
        if not isinstance(value, bytes):
            return value
        out = np.empty((), object)
        out[()] = value
        return out

    def run(*args: Any) -> Any:
        result = kernel(*args)
        return type(result)([one(r) for r in result]) if type(result) in (list, tuple) else one(result)

    return run


def brought(kernel: Callable[..., Any], opdef: OpDef, ways: Sequence[Callable[[Any], Any]]) -> Callable[..., Any]:
    """A kernel each of whose arguments goes one of these ways first; of a list, each value in it."""
    whole = [_of_each(way) if arg.is_list else way for arg, way in zip(opdef.inputs, ways)]
    return lambda *args: kernel(*[way(a) for way, a in zip(whole, args)])


def _of_each(way: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda values: [way(v) for v in values]


_EXTRA = {"cupy": "a CUDA GPU and `pip install graphcli[cupy]`", "dask": "`pip install graphcli[dask]`"}


def missing(names: set[str]) -> dict[str, str]:
    """Why each of these backends cannot run here; those that can are left out."""
    out = {}
    for name in sorted(names & _EXTRA.keys()):
        if importlib.util.find_spec(name) is None:
            out[name] = f"{name} is not installed (it needs {_EXTRA[name]})"
            continue
        why = importlib.import_module(f"{__name__}.{name}").missing()
        if why:
            out[name] = why
    return out


def make(device: Device, each: Any = in_turn, shared: Any = as_it_is, adding: Any = None,
         part: Any = None, turned: Any = None) -> Backend:
    """The backend of a device. Raises NotSupported where its library is not there.

    each, shared: how the kernels of this process share a loop, and a product, among threads. adding, part: how they
    add a product to an array, and take columns of one. turned: how they make one that lies column by column.
    """
    if device.backend == "numpy":
        backend = Backend(device)
        backend.each, backend.shared, backend.adding, backend.part, backend.turned = each, shared, adding, part, turned
        return backend
    why = missing({device.backend})
    if why:
        raise NotSupported(f"device {device.name} cannot run: {why[device.backend]}",
                           hint="give it a fallback in `devices:`, or place softly (--soft-placement)")
    made: Backend = importlib.import_module(f"{__name__}.{device.backend}").make(device)
    return made
