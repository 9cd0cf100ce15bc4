"""Barriers: elements whose components come one by one under a key, and are taken when all are there."""
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..errors import Cancelled, InvalidArgument
from ..graph.inference import scalar_shape
from ..graph.shapes import compatible, show
from ._listed import listed_op
from ._queues import Element, PriorityQueue
from ._shared import shared
from .dataset_order import stacked

CPU_ONLY = True
_MISSING = object()
_FIRST = -(1 << 63)


class Barrier:
    """What a barrier's handle stands for. many: how many components there are."""

    def __init__(self, name: str, many: int) -> None:
        self.name, self.many = name, many
        self.ready = PriorityQueue(name, -1)
        self.begun: dict[bytes, list[Any]] = {}
        self.number = _FIRST
        self.closed = self.cancelled = False

    def insert(self, keys: list[bytes], component: int, values: Any) -> None:
        """Gives keys a component. Raises InvalidArgument for one that has it, Cancelled for a new one where the barrier
        is closed."""
        if not 0 <= component < self.many:
            raise InvalidArgument(f"The component ID is out of range {component} > num_components = {self.many}")
        if self.cancelled or self.closed and any(k not in self.begun for k in keys):
            key = next((k for k in keys if k not in self.begun), b"")
            raise Cancelled(f"Barrier {self.name} is closed, but attempted to insert a brand new key: "
                            f"{key.decode(errors='replace')}. Pending inserts: {len(self.begun)}")
        new = 0
        for key, value in zip(keys, values):
            if key not in self.begun:
                self.begun[key] = [np.asarray(self.number, np.int64), np.asarray(key, object)] + [_MISSING] * self.many
                new = 1
            parts = self.begun[key]
            if parts[2 + component] is not _MISSING:
                raise InvalidArgument(f"Key {key.decode(errors='replace')} already has a value for component "
                                      f"{component} in barrier {self.name}")
            parts[2 + component] = np.asarray(value)
            if all(p is not _MISSING for p in parts):
                self.ready.put(tuple(self.begun.pop(key)))
        # keys that come together have one number
        self.number += new
        if self.closed and not self.begun and not self.ready.closed:
            self.ready.close()

    def take(self, many: int, small: bool) -> list[Element]:
        return self.ready.take(many, small)

    def close(self, cancel: bool) -> None:
        """Takes no new keys. cancel: nor what is missing of others. Raises Cancelled where it is closed already."""
        if self.cancelled or self.closed and not cancel:
            raise Cancelled(f"Barrier {self.name!r} is already closed.")
        self.closed, self.cancelled = True, self.cancelled or cancel
        if cancel:
            self.begun.clear()
        if not self.begun and not self.ready.closed:
            self.ready.close()

    def cancel(self) -> None:
        """Ends the waiting of all: the session is closed."""
        self.ready.cancel()


_op = partial(listed_op, __name__)


def _made(n: Any) -> Any:
    found = shared(n, "Barrier", lambda: Barrier(n.node.name, len(n.attrs["component_types"])))
    return lambda: found


def _insert(n: Any) -> Any:
    component = n.attrs["component_index"]

    def insert(barrier: Barrier, keys: Any, values: Any) -> None:
        if not np.ndim(values) or len(values) != len(keys):
            raise InvalidArgument(f"keys and values have as many rows, not {show(np.shape(keys))} and "
                                  f"{show(np.shape(values))}")
        shapes = n.node.inputs[0].op.attrs.get("shapes") or None
        if shapes and component < len(shapes) and not compatible(shapes[component], np.shape(values)[1:]):
            raise InvalidArgument(f"Shape mismatch in tuple component {component}. Expected "
                                  f"{show(shapes[component])}, got {show(np.shape(values)[1:])}")
        barrier.insert(np.asarray(keys).tolist(), component, [np.array(values[i, ...]) for i in range(len(keys))])

    return insert


def _take(n: Any) -> Any:
    small = n.attrs["allow_small_batch"]

    def take(barrier: Barrier, many: Any) -> Any:
        rows = barrier.take(int(many), small)
        return [stacked(list(component), i) for i, component in enumerate(zip(*rows))]

    return take


def _taken(n: Any, handle: Any, many: Any) -> Any:
    value = None if n.attrs["allow_small_batch"] else n.value(1)
    shapes = n.node.inputs[0].op.attrs.get("shapes") or [None] * len(n.attrs["component_types"])
    rows = None if value is None else int(value)
    return [(rows,), (rows,), *(None if s is None else (rows, *s) for s in shapes)]


def _size(count: Any) -> Any:
    return lambda n: lambda barrier: np.asarray(count(barrier), np.int32)


_op("Barrier", "Elements that wait for all their components.", " -> handle: Ref(string)", _made,
    "component_types: list(type) >= 1; shapes: list(shape) >= 0 = []; capacity: int = -1; container: string = ''; "
    "shared_name: string = ''", stateful=True, infer=lambda n: (2,))
_op("BarrierInsertMany", "Gives keys a component.", "handle: Ref(string), keys: string, values: T -> ", _insert,
    "T: type; component_index: int", takes="keys: [?]")
_op("BarrierTakeMany", "Takes so many whole elements, in the order in which their keys came; waits for them.",
    "handle: Ref(string), num_elements: int32 -> indices: int64, keys: string, values: list(component_types)", _take,
    "component_types: list(type) >= 1; allow_small_batch: bool = False; wait_for_incomplete: bool = False; "
    "timeout_ms: int = -1", takes="num_elements: []", infer=_taken)
_op("BarrierClose", "Takes no new keys.", "handle: Ref(string) -> ",
    lambda n: lambda barrier: barrier.close(n.attrs["cancel_pending_enqueues"]),
    "cancel_pending_enqueues: bool = False")
_op("BarrierReadySize", "How many elements are whole.", "handle: Ref(string) -> size: int32",
    _size(lambda b: len(b.ready.items)), infer=scalar_shape)
_op("BarrierIncompleteSize", "How many elements lack a component.", "handle: Ref(string) -> size: int32",
    _size(lambda b: len(b.begun)), infer=scalar_shape)
