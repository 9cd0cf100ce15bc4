"""Staging areas by keys: a tuple is put in under a number, whole or in parts, and taken out by it (MapStagingArea)."""
from __future__ import annotations

import threading
from typing import Any

import numpy as np

from ..errors import Cancelled, InvalidArgument, ResourceExhausted
from ..graph.deadline import wait
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient
from ._datasets import kept

CPU_ONLY = True
_ATTRS = ("capacity: int >= 0 = 0; memory_limit: int >= 0 = 0; dtypes: list(type){}; container: string = ''; "
          "shared_name: string = ''")
_PUT = _ATTRS.format("").replace("container", "fake_dtypes: list(type) >= 1; container")
_GONE = object()
Parts = dict[int, Any]


class Keyed:
    """Tuples by their keys. ordered: whether what is taken without a key is that of the least; else the last put in."""

    def __init__(self, many: int, ordered: bool, capacity: int, memory: int) -> None:
        self.many, self.ordered, self.capacity, self.memory = many, ordered, capacity, memory
        self.whole: dict[int, Parts] = {}
        self.incomplete: dict[int, Parts] = {}
        self.ended = False
        self._changed = threading.Condition()

    def _wait(self, ready: Any) -> None:
        while not ready():
            if self.ended:
                raise Cancelled("the session of the staging area is closed")
            wait(self._changed)

    def _bytes(self) -> int:
        return sum(_size(p) for held in (self.whole, self.incomplete) for p in held.values())

    def put(self, key: int, parts: Parts) -> None:
        """Waits for room. Raises InvalidArgument for a part that is there, ResourceExhausted for more than may be."""
        size = _size(parts)
        if self.memory and size > self.memory:
            raise ResourceExhausted(f"Attempted to insert tensors with combined size of '{size}' bytes into Staging "
                                    f"Area with a memory limit of '{self.memory}'.")
        with self._changed:
            if self.memory:
                self._wait(lambda: self._bytes() + size <= self.memory)
            held = self.incomplete.get(key, {})
            for index in parts:
                if index in held:
                    raise InvalidArgument(f"The tensor for index '{index}' for key '{key}' was already initialized "
                                          f"'{self.many}'.")
            joined = {**held, **parts}
            if len(joined) < self.many:
                self.incomplete[key] = joined
            else:
                self.incomplete.pop(key, None)
                self._wait(lambda: not self.capacity or len(self.whole) < self.capacity)
                self.whole.setdefault(key, joined)
            self._changed.notify_all()

    def take(self, key: int | None, indices: list[int], keep: bool = False) -> tuple[int, list[Any]]:
        """(the key, some parts of its tuple), which are no more there unless they are to be kept; waits for them."""
        with self._changed:
            self._wait(lambda: self.whole if key is None else key in self.whole)
            if key is None:
                key = min(self.whole) if self.ordered else next(reversed(self.whole))
            held, out = self.whole[key], []
            for index in indices:
                if not 0 <= index < self.many:
                    raise InvalidArgument(f"Index '{index}' for key '{key}' is out of bounds '{self.many}'.")
                if held[index] is _GONE:
                    raise InvalidArgument(f"Tensor at index '{index}' for key '{key}' has already been removed.")
                out.append(held[index])
                if not keep:
                    held[index] = _GONE
            if all(part is _GONE for part in held.values()):
                del self.whole[key]
            self._changed.notify_all()
            return key, out

    def clear(self) -> None:
        with self._changed:
            self.whole.clear()
            self.incomplete.clear()
            self._changed.notify_all()

    def cancel(self) -> None:
        """Ends the waiting of all: the session is closed."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()


def _size(parts: Parts) -> int:
    return sum(int(getattr(value, "nbytes", 0)) for value in parts.values())


def _area(n: Any) -> Keyed:
    """What all nodes have that say one shared_name, else one name."""
    attrs, name = n.attrs, n.attrs["shared_name"] or n.node.name
    ordered = n.node.type.startswith("Ordered")
    found: Keyed = n.state.resource(f"Staging map {attrs['container']}/{name}", lambda: Keyed(
        len(attrs["dtypes"]), ordered, attrs["capacity"], attrs["memory_limit"]))
    return found


def _key(key: Any) -> int:
    """The key. Raises InvalidArgument for one that is no number by itself."""
    if np.ndim(key):
        raise InvalidArgument("key must be an int64 scalar")
    return int(key)


def _indices(indices: Any) -> list[int]:
    return [int(i) for i in np.asarray(indices).reshape(-1)]


def _stage(n: Any) -> Any:
    area = _area(n)

    def put(key: Any, indices: Any, values: Any) -> None:
        places = _indices(indices)
        if len(places) != len(values):
            raise InvalidArgument("indices and values must have as many elements")
        for low, high in zip(places, places[1:]):
            if low >= high:
                raise InvalidArgument("Indices are not strictly ordered")
        if len(places) > area.many or any(not 0 <= i < area.many for i in places):
            raise InvalidArgument(f"indices are below {area.many}, not {places}")
        area.put(_key(key), dict(zip(places, kept(n, values, 2))))

    return put


def _taken(n: Any, keep: bool) -> Any:
    area = _area(n)

    def take(key: Any, indices: Any) -> Any:
        return _as_told(n, area.take(_key(key), _indices(indices), keep)[1])

    return take


def _as_told(n: Any, values: list[Any]) -> list[Any]:
    """The values. Raises InvalidArgument for others than the node's dtypes."""
    if len(values) != len(n.attrs["dtypes"]):
        raise InvalidArgument(f"output/indices size mismatch: {len(n.attrs['dtypes'])} vs. {len(values)}")
    return values


def _first(n: Any) -> Any:
    area = _area(n)

    def take(indices: Any) -> Any:
        key, values = area.take(None, _indices(indices))
        return [np.asarray(key, np.int64), *_as_told(n, values)]

    return take


def _unknown(n: Any, *shapes: Any) -> Any:
    return None


def _counted(held: str) -> Any:
    def kernel(n: Any) -> Any:
        area = _area(n)
        return lambda: np.asarray(len(getattr(area, held)), np.int32)

    return kernel


def _clear(n: Any) -> Any:
    return _area(n).clear


for _prefix, _which in (("", "of any key"), ("Ordered", "of the least key")):
    for _name, _doc, _signature, _attrs, _kernel, _infer in (
            ("Stage", "Puts some tensors of a tuple in, under a key; waits for room.",
             "key: int64, indices: int32, values: list(fake_dtypes) -> ", _PUT, _stage, _unknown),
            ("Unstage", "Takes tensors out that were put in under a key; waits for them.",
             "key: int64, indices: int32 -> values: list(dtypes)", _ATTRS.format(" >= 1"),
             lambda n: _taken(n, False), _unknown),
            ("UnstageNoKey", f"Takes tensors {_which} out, and the key; waits for them.",
             "indices: int32 -> key: int64, values: list(dtypes)", _ATTRS.format(" >= 1"), _first, _unknown),
            ("Peek", "Tensors that were put in under a key, which stay; waits for them.",
             "key: int64, indices: int32 -> values: list(dtypes)", _ATTRS.format(" >= 1"),
             lambda n: _taken(n, True), _unknown),
            ("Size", "How many whole tuples are in.", " -> size: int32", _ATTRS.format(""), _counted("whole"),
             scalar_shape),
            ("IncompleteSize", "How many tuples are in in part.", " -> size: int32", _ATTRS.format(""),
             _counted("incomplete"), scalar_shape),
            ("Clear", "Takes all out.", " -> ", _ATTRS.format(""), _clear, _unknown)):
        op(type(f"{_prefix}Map{_name}", (), {
            "__doc__": _doc, "__module__": __name__, "signature": _signature, "attrs": _attrs, "stateful": True,
            "kernel": _kernel, "gradient": undefined_gradient, "infer": _infer}))
