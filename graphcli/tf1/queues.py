"""Queues: elements that threads put in and steps take out (tf.FIFOQueue and its kin)."""
from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Node, Tensor
from ..graph.shapes import TensorShape, compatible
from ..graph.types import DType, as_dtype, int64
from .behavior import init_scope
from .conversion import convert_to_tensor
from .data_values import common
from .framework import apply_op, device, name_scope
from .modules import modules
from .random_values import get_seed

EXPORTS = """
tf: QueueBase FIFOQueue PaddingFIFOQueue PriorityQueue RandomShuffleQueue
queue: QueueBase FIFOQueue PaddingFIFOQueue PriorityQueue RandomShuffleQueue
io: QueueBase PaddingFIFOQueue PriorityQueue RandomShuffleQueue
"""


class QueueBase:
    """A queue of elements of some dtypes (tf.QueueBase). names: keys of elements that are mappings."""

    def __init__(self, dtypes: Any, shapes: Any, names: Any, queue_ref: Tensor) -> None:
        self._dtypes: list[DType] = list(dtypes)
        self._shapes: list[TensorShape] = list(shapes)
        self._names: list[str] | None = names
        self._queue_ref = queue_ref
        self._name = queue_ref.op.name.split("/")[-1]

    @staticmethod
    def from_list(index: Any, queues: list[QueueBase]) -> QueueBase:
        """One of several queues, by its number. Raises InvalidType for queues of other dtypes or names."""
        if not queues or not isinstance(queues, list) or not all(isinstance(q, QueueBase) for q in queues):
            raise InvalidType("A list of queues expected")
        first = queues[0]
        if any(q.dtypes != first.dtypes for q in queues):
            raise InvalidType("Queues do not have matching component dtypes.")
        if any(q.names != first.names for q in queues):
            raise InvalidType("Queues do not have matching component names.")
        shapes = [reduce(common, each) for each in zip(*[q.shapes for q in queues])]
        stacked = apply_op("Pack", "stack", [[q.queue_ref for q in queues]], {"axis": 0})
        chosen = modules["tf"].gather(stacked, index)
        return QueueBase(first.dtypes, shapes, first.names, chosen)

    @property
    def queue_ref(self) -> Tensor:
        return self._queue_ref

    @property
    def name(self) -> str:
        return self._queue_ref.op.name

    @property
    def dtypes(self) -> list[DType]:
        return self._dtypes

    @property
    def shapes(self) -> list[TensorShape]:
        return self._shapes

    @property
    def names(self) -> list[str] | None:
        return self._names

    def _components(self, vals: Any) -> list[Any]:
        """What is put in, in the order of the dtypes; of a list as many as there are, as in TensorFlow. Raises
        InvalidValue for other names and for nothing."""
        if isinstance(vals, dict):
            if not self._names:
                raise InvalidValue("Queue must have names to enqueue a dictionary")
            if sorted(vals) != sorted(self._names):
                raise InvalidValue("Keys in dictionary to enqueue do not match names of Queue. Dictionary: "
                                   f"({sorted(vals)}), Queue: ({said(self._names)})")
            return [vals[name] for name in self._names]
        if self._names:
            raise InvalidValue("You must enqueue a dictionary in a Queue with names")
        found = list(vals) if isinstance(vals, (list, tuple)) else [vals]
        if not found:
            raise InvalidValue(f"the queue {self.name!r} takes {len(self._dtypes)} components, not 0")
        return found[:len(self._dtypes)]

    def _put(self, op_type: str, vals: Any, name: str | None, word: str, rows: bool) -> Node:
        given = self._components(vals)
        with name_scope(name, f"{self._name}_{word}", given) as scope:
            tensors = [convert_to_tensor(v, t, name=f"component_{i}") for i, (v, t) in enumerate(
                zip(given, self._dtypes))]
            for tensor, shape in zip(tensors, self._shapes):
                static = tensor.static
                if rows and static is not None:
                    if not static:
                        raise InvalidValue(f"Shape () must have rank at least 1: rows for the queue {self.name!r}",
                                           hint="enqueue puts one element in; several are lists of rows")
                    static = static[1:]
                if not compatible(static, shape.tuple):
                    raise InvalidValue(f"Shapes {TensorShape(static)} and {shape} are incompatible: what is put into "
                                       f"the queue {self.name!r}")
            made: Node = apply_op(op_type, scope, [self._queue_ref, tensors])
        return made

    def enqueue(self, vals: Any, name: str | None = None) -> Node:
        """Puts one element in; a run waits for room."""
        return self._put("QueueEnqueueV2", vals, name, "enqueue", rows=False)

    def enqueue_many(self, vals: Any, name: str | None = None) -> Node:
        """Puts the rows of tensors in, one after another."""
        return self._put("QueueEnqueueManyV2", vals, name, "EnqueueMany", rows=True)

    def _taken(self, tensors: Sequence[Tensor], lead: list[None]) -> Any:
        """The elements, with the shapes that the queue's have, which one of several queues does not tell by itself."""
        for tensor, shape in zip(tensors, self._shapes):
            tensor.set_shape(TensorShape(lead).concatenate(shape))
        if self._names:
            return dict(zip(self._names, tensors))
        return tensors[0] if len(tensors) == 1 else list(tensors)

    def dequeue(self, name: str | None = None) -> Any:
        """One element; a run waits for it, and is out of range where the queue is closed and empty."""
        return self._taken(apply_op("QueueDequeueV2", name or f"{self._name}_Dequeue", [self._queue_ref],
                                    {"component_types": self._dtypes}), [])

    def dequeue_many(self, n: Any, name: str | None = None) -> Any:
        """So many elements on a new first axis."""
        return self._taken(apply_op("QueueDequeueManyV2", name or f"{self._name}_DequeueMany",
                                    [self._queue_ref, n], {"component_types": self._dtypes}), [None])

    def dequeue_up_to(self, n: Any, name: str | None = None) -> Any:
        """So many elements; of a closed queue what is left."""
        return self._taken(apply_op("QueueDequeueUpToV2", name or f"{self._name}_DequeueUpTo",
                                    [self._queue_ref, n], {"component_types": self._dtypes}), [None])

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> Node:
        """Lets nothing more in."""
        made: Node = apply_op("QueueCloseV2", name or f"{self._name}_Close", [self._queue_ref],
                              {"cancel_pending_enqueues": cancel_pending_enqueues})
        return made

    def is_closed(self, name: str | None = None) -> Tensor:
        """Whether it is closed."""
        made: Tensor = apply_op("QueueIsClosedV2", name or f"{self._name}_Is_Closed", [self._queue_ref])
        return made

    def size(self, name: str | None = None) -> Tensor:
        """How many elements are in it."""
        made: Tensor = apply_op("QueueSizeV2", name or f"{self._name}_Size", [self._queue_ref])
        return made

    def _make(self, op_type: str, capacity: Any, dtypes: Any, shapes: Any, names: Any, shared_name: str | None,
              name: str | None, **attrs: Any) -> None:
        kinds = [as_dtype(t) for t in (dtypes if isinstance(dtypes, (list, tuple)) else [dtypes])]
        sizes = _shapes(shapes, len(kinds))
        words = [names] if isinstance(names, str) else list(names) if names is not None else None
        if words is not None and len(words) != len(kinds):
            raise InvalidValue(f"Queue names must have as many entries as dtypes: {len(words)} and {len(kinds)}")
        ref = apply_op(op_type, name, [], {
            "component_types": kinds, "shapes": [s.tuple for s in sizes], "capacity": int(capacity), "container": "",
            "shared_name": shared_name or "", **attrs})
        QueueBase.__init__(self, kinds, sizes or [TensorShape(None)] * len(kinds), words, ref)


def _shapes(shapes: Any, many: int) -> list[TensorShape]:
    if shapes is None:
        return []
    given = shapes
    if not isinstance(shapes, (list, tuple)) or shapes and not isinstance(shapes[0], (list, tuple, TensorShape)) \
            or many == 1 and not shapes:
        given = [shapes]
    if len(given) != many:
        raise InvalidValue(f"Queue shapes must have as many entries as dtypes: {len(given)} and {many}")
    return [TensorShape(s) for s in given]


class FIFOQueue(QueueBase):
    """First in, first out (tf.FIFOQueue)."""

    def __init__(self, capacity: Any, dtypes: Any, shapes: Any = None, names: Any = None,
                 shared_name: str | None = None, name: str | None = "fifo_queue") -> None:
        # TensorFlow places queues of this kind alone, and has them wait for nothing
        with init_scope(), device("/cpu:*"):
            self._make("FIFOQueueV2", capacity, dtypes, shapes, names, shared_name, name)


class PaddingFIFOQueue(QueueBase):
    """First in, first out; elements whose sizes differ are filled up with zeros (tf.PaddingFIFOQueue)."""

    def __init__(self, capacity: Any, dtypes: Any, shapes: Any, names: Any = None,
                 shared_name: str | None = None, name: str = "padding_fifo_queue") -> None:
        if shapes is None:
            raise InvalidType("a PaddingFIFOQueue is told the ranks of its elements: shapes=[[None]]")
        self._make("PaddingFIFOQueueV2", capacity, dtypes, shapes, names, shared_name, name)


class RandomShuffleQueue(QueueBase):
    """Elements by chance; ``min_after_dequeue`` stay in it while it is open (tf.RandomShuffleQueue)."""

    def __init__(self, capacity: Any, min_after_dequeue: Any, dtypes: Any, shapes: Any = None, names: Any = None,
                 seed: int | None = None, shared_name: str | None = None, name: str = "random_shuffle_queue") -> None:
        first, second = get_seed(seed)
        if first is None and second is None:
            first, second = 0, 0
        self._make("RandomShuffleQueueV2", capacity, dtypes, shapes, names, shared_name, name,
                   min_after_dequeue=int(min_after_dequeue), seed=first or 0, seed2=second or 0)




class PriorityQueue(QueueBase):
    """Elements by their first component, a whole number, the least first (tf.PriorityQueue). types, shapes: of the
    components behind it."""

    def __init__(self, capacity: Any, types: Any, shapes: Any = None, names: Any = None,
                 shared_name: str | None = None, name: str = "priority_queue") -> None:
        if not isinstance(types, (list, tuple)):
            raise InvalidType(f"the types of a PriorityQueue are a list, not {said(types)}")
        self._make("PriorityQueueV2", capacity, types, shapes, names, shared_name, name)
        self._dtypes = [int64, *self._dtypes]
        self._shapes = [TensorShape([]), *self._shapes] if shapes else [TensorShape(None)] * len(self._dtypes)
