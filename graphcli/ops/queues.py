"""Queues and what puts elements in and takes them out (tf.FIFOQueue, tf.RandomShuffleQueue, tf.PaddingFIFOQueue).

A step that finds no element, or no room, waits for the step of another thread.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument, said
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import Static, compatible, show
from ._datasets import kept
from ._queues import PriorityQueue, Queue
from ._shared import shared
from .dataset_chance import Words, seeds_of
from .dataset_order import padded, stacked

CPU_ONLY = True
_QUEUE = ("component_types: list(type) >= 1; shapes: list(shape) >= 0 = []; capacity: int = -1; "
          "{}container: string = ''; shared_name: string = ''")
_PRIORITY = ("component_types: list(type) >= 0 = []; shapes: list(shape) >= 0; capacity: int = -1; "
             "container: string = ''; shared_name: string = ''")
_PUT = "Tcomponents: list(type) >= 1; timeout_ms: int = -1"
_TAKEN = "component_types: list(type) >= 1; timeout_ms: int = -1"


def _queue(name: str, doc: str, more: str, made: Any) -> None:
    def kernel(n: Any) -> Any:
        queue, attrs = shared(n, "Queue", lambda: (made(n), {"type": name, **n.attrs}))
        for key, asked in {"type": name, **n.attrs}.items():
            if attrs.get(key) != asked:
                raise InvalidArgument(f"Shared queue {n.attrs['shared_name']!r} has {key} {said(attrs.get(key))} but "
                                      f"requested {key} was {said(asked)}")
        return lambda: queue

    op(type(name, (), {"__doc__": doc, "__module__": __name__, "signature": " -> handle: resource",
                       "attrs": _PRIORITY if name.startswith("Priority") else _QUEUE.format(more), "stateful": True,
                       "infer": scalar_shape, "kernel": kernel, "gradient": undefined_gradient}))


def _by_chance(n: Any) -> Queue:
    if n.attrs["min_after_dequeue"] >= n.attrs["capacity"] >= 0:
        raise InvalidArgument(f"min_after_dequeue {n.attrs['min_after_dequeue']} must be < capacity "
                              f"{n.attrs['capacity']}")
    return Queue(n.node.name, n.attrs["capacity"], n.attrs["min_after_dequeue"],
                 Words(*seeds_of(n.attrs["seed"], n.attrs["seed2"])))


_queue("FIFOQueueV2", "A queue: first in, first out.", "", lambda n: Queue(n.node.name, n.attrs["capacity"]))
_queue("PaddingFIFOQueueV2", "A queue of elements whose sizes differ; several are filled up with zeros.", "",
       lambda n: Queue(n.node.name, n.attrs["capacity"], padded=True))
_queue("RandomShuffleQueueV2", "A queue that gives what it has by chance.",
       "min_after_dequeue: int = 0; seed: int = 0; seed2: int = 0; ", _by_chance)


_queue("PriorityQueueV2", "A queue that gives what has the least number first; that is the first component.", "",
       lambda n: PriorityQueue(n.node.name, n.attrs["capacity"]))


def shapes_of(node: Any) -> list[Static] | None:
    """The shapes of a queue's elements, where the node that makes it tells."""
    shapes = node.attrs.get("shapes") or None
    return shapes if shapes is None or not node.type.startswith("PriorityQueue") else [(), *shapes]


def _check(n: Any, element: Any) -> None:
    """Raises InvalidArgument for an element whose components are not the queue's."""
    made = n.node.inputs[0].op
    many = len(made.attrs.get("component_types", element)) + made.type.startswith("PriorityQueue")
    if len(element) != many:
        raise InvalidArgument(f"Wrong number of components in tuple. Expected {many}, got {len(element)}")
    for i, (value, shape) in enumerate(zip(element, shapes_of(n.node.inputs[0].op) or ())):
        if not compatible(shape, np.shape(value)):
            raise InvalidArgument(f"Shape mismatch in tuple component {i}. Expected {show(shape)}, got "
                                  f"{show(np.shape(value))}")


@op
class QueueEnqueueV2:
    """Puts one element in; waits for room."""

    signature = "handle: resource, components: list(Tcomponents) -> "
    attrs = _PUT
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        def put(queue: Any, components: Any) -> None:
            element = tuple(kept(n, components, 1))
            _check(n, element)
            queue.put(element)

        return put


@op
class QueueEnqueueManyV2:
    """Puts the rows of tensors in, one after another; waits for room."""

    signature = "handle: resource, components: list(Tcomponents) -> "
    attrs = _PUT
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        def put(queue: Any, components: Any) -> None:
            if any(not np.ndim(c) for c in components) or len({len(c) for c in components}) > 1:
                raise InvalidArgument("the components have as many rows each, not the shapes "
                                      f"{', '.join(show(np.shape(c)) for c in components)}")
            rows = kept(n, components, 1)
            for i in range(len(rows[0])):
                element = tuple(np.array(c[i, ...]) for c in rows)
                _check(n, element)
                queue.put(element)

        return put


def _taken(n: Any, before: tuple[Any, ...]) -> list[Static]:
    types = n.attrs["component_types"]
    known = shapes_of(n.node.inputs[0].op) or [None] * len(types)
    return [None if s is None else (*before, *s) for s in known]


@op
class QueueDequeueV2:
    """Takes one element; waits for it."""

    signature = "handle: resource -> components: list(component_types)"
    attrs = _TAKEN
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, handle: Any) -> Any:
        return _taken(n, ())

    def kernel(n: Any) -> Any:
        return lambda queue: list(queue.take(1)[0])


def _several(name: str, doc: str, or_fewer: bool) -> None:
    def infer(n: Any, handle: Any, many: Any) -> Any:
        value = None if or_fewer else n.value(1)
        return _taken(n, (None if value is None or value < 0 else int(value),))

    def kernel(n: Any) -> Any:
        types, known = n.attrs["component_types"], shapes_of(n.node.inputs[0].op)

        def take(queue: Any, many: Any) -> Any:
            if int(many) < 0:
                raise InvalidArgument(f"{name} requires n >= 0, not {int(many)}")
            if queue.padded:
                def joined(rows: Any, i: int) -> Any:
                    return padded(rows, i, [-1] * np.ndim(rows[0]), b"" if types[i].kind == "S" else 0)
            else:
                joined = stacked
            if known is None:
                raise InvalidArgument(f"the queue {queue.name!r} gives several elements at once only if it was made "
                                      "with shapes=")
            rows = queue.take(int(many), or_fewer)
            if not rows:
                return [np.empty((0, *(s or 0 for s in shape or ())), t.as_numpy_dtype)
                        for shape, t in zip(known, types)]
            return [joined(list(component), i) for i, component in enumerate(zip(*rows))]

        return take

    op(type(name, (), {"__doc__": doc, "__module__": __name__, "attrs": _TAKEN, "stateful": True,
                       "signature": "handle: resource, n: int32 -> components: list(component_types)",
                       "takes": "n: []", "infer": infer, "kernel": kernel, "gradient": undefined_gradient}))


_several("QueueDequeueManyV2", "Takes so many elements, side by side; waits for them.", or_fewer=False)
_several("QueueDequeueUpToV2", "Takes so many elements, side by side; of a closed queue what is left.", or_fewer=True)


@op
class QueueCloseV2:
    """Closes a queue: nothing more is put in, and what is in it can be taken."""

    signature = "handle: resource -> "
    attrs = "cancel_pending_enqueues: bool = False"
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        cancel = n.attrs["cancel_pending_enqueues"]
        return lambda queue: queue.close(cancel)


@op
class QueueIsClosedV2:
    """Whether a queue is closed."""

    signature = "handle: resource -> is_closed: bool"
    stateful = True
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda queue: np.asarray(queue.closed)


@op
class QueueSizeV2:
    """How many elements are in a queue."""

    signature = "handle: resource -> size: int32"
    stateful = True
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda queue: np.asarray(len(queue.items), np.int32)
