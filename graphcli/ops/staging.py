"""Staging areas: what one step puts in and another takes out, first in, first out (tf.contrib.staging.StagingArea)."""
from __future__ import annotations

import threading
from functools import partial
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.deadline import left, wait
from ..graph.inference import scalar_shape
from ._datasets import kept
from ._listed import listed_op

CPU_ONLY = True
_ATTRS = ("capacity: int >= 0 = 0; memory_limit: int >= 0 = 0; dtypes: list(type){}; container: string = ''; "
          "shared_name: string = ''")


class Staging:
    """Tuples of tensors. capacity, memory: how many it holds at most, and bytes of them; 0 for any number."""

    def __init__(self, capacity: int, memory: int) -> None:
        self.capacity, self.memory = capacity, memory
        self.items: list[tuple[Any, ...]] = []
        self.ended = False
        self._changed = threading.Condition()

    def _wait(self, ready: Any) -> None:
        from ..errors import Cancelled

        while not ready():
            if self.ended:
                raise Cancelled("the session of the staging area is closed")
            wait(self._changed)

    def put(self, item: tuple[Any, ...]) -> None:
        """Waits for room. Raises ResourceExhausted for what there is never room for."""
        from ..errors import ResourceExhausted

        size = _bytes(item)
        if self.memory and size > self.memory:
            raise ResourceExhausted(f"Attempted to insert tensors with combined size of '{size}' bytes into Staging "
                                    f"Area with a memory limit of '{self.memory}'.")
        left()
        with self._changed:
            self._wait(lambda: (not self.capacity or len(self.items) < self.capacity) and (
                not self.memory or sum(map(_bytes, self.items)) + size <= self.memory))
            self.items.append(item)
            self._changed.notify_all()

    def take(self) -> tuple[Any, ...]:
        """The first; waits for one."""
        with self._changed:
            self._wait(lambda: self.items)
            found = self.items.pop(0)
            self._changed.notify_all()
            return found

    def peek(self, index: int) -> tuple[Any, ...]:
        """The one with so many before it, which stays; waits for it."""
        with self._changed:
            self._wait(lambda: index < len(self.items))
            return self.items[index]

    def clear(self) -> None:
        with self._changed:
            self.items.clear()
            self._changed.notify_all()

    def cancel(self) -> None:
        """Ends the waiting of all: the session is closed."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()


def _bytes(item: tuple[Any, ...]) -> int:
    return sum(int(getattr(value, "nbytes", 0)) for value in item)


def _area(n: Any) -> Staging:
    """What all nodes have that say one shared_name, else one name."""
    name = n.attrs["shared_name"] or n.node.name
    found: Staging = n.state.resource(f"Staging {n.attrs['container']}/{name}", lambda: Staging(
        n.attrs["capacity"], n.attrs["memory_limit"]))
    return found


_op = partial(listed_op, __name__, stateful=True)


def _stage(n: Any) -> Any:
    area = _area(n)
    return lambda values: area.put(tuple(kept(n, values)))


def _peek(n: Any) -> Any:
    area = _area(n)

    def peek(index: Any) -> Any:
        if int(index) < 0:
            raise InvalidArgument(f"the index is at least 0, not {int(index)}")
        return list(area.peek(int(index)))

    return peek


def _size(n: Any) -> Any:
    area = _area(n)
    return lambda: np.asarray(len(area.items), np.int32)


_MANY = _ATTRS.format(" >= 1")
_op("Stage", "Puts tensors in; waits for room.", "values: list(dtypes) -> ", _stage, _MANY)
_op("Unstage", "Takes out what came first; waits for it.", " -> values: list(dtypes)",
    lambda n: lambda area=_area(n): list(area.take()), _MANY)
_op("StagePeek", "What has so many before it, which stays; waits for it.", "index: int32 -> values: list(dtypes)",
    _peek, _MANY)
_op("StageSize", "How many are in.", " -> size: int32", _size, _ATTRS.format(""), scalar_shape)
_op("StageClear", "Takes all out.", " -> ", lambda n: _area(n).clear, _ATTRS.format(""))
