"""Batches of elements that belong together, as of sequences about as long (tf.contrib.training.bucket)."""
from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.constant import static_value
from ..graph.shapes import TensorShape
from ..graph.types import float32, int32
from .conversion import constant, convert_to_tensor
from .error_names import CancelledError, OutOfRangeError
from .framework import name_scope
from .input_producers import _element_shapes, _lists, _nested, _whether
from .modules import modules
from .queue_runner import QueueRunner, add_queue_runner
from .queues import FIFOQueue, PaddingFIFOQueue
from .sparse_batches import put_all, take_all

EXPORTS = """
contrib.training: bucket bucket_by_sequence_length
"""

tf = modules["tf"]


def _several(tensors: Any) -> list[Any]:
    """The tensors of an element, those of a mapping by their names. Raises InvalidType for one by itself."""
    if not isinstance(tensors, (list, tuple, dict)):
        raise InvalidType(f"a bucket takes a list of tensors, not {said(tensors)}", hint="[x] is a list of one")
    return [tensors[key] for key in sorted(tensors)] if isinstance(tensors, dict) else list(tensors)


def _sizes(batch_size: Any, buckets: int) -> list[Any]:
    """How large the batches of each bucket are: numbers where they are known."""
    given = list(batch_size) if isinstance(batch_size, (list, tuple)) else [batch_size] * buckets
    if len(given) != buckets:
        raise InvalidValue(f"batch_size has a number for each of {buckets} buckets, not {len(given)}")
    tensors = [convert_to_tensor(size, int32, name="batch_size") for size in given]
    return [tensor if (known := static_value(tensor)) is None else int(known) for tensor in tensors]


def _runner(queue: Any, puts: list[Any], filled: list[Any], grouped: bool) -> None:
    """Threads that put from one queue into others, which are closed when the first is."""
    def closed(pending: bool) -> Any:
        ops = [q.close(cancel_pending_enqueues=pending) for q in filled]
        return tf.group(*ops) if grouped else ops[0]

    add_queue_runner(QueueRunner(queue, puts, closed(False), closed(True),
                                 queue_closed_exception_types=(OutOfRangeError, CancelledError)))


def bucket(tensors: Any, which_bucket: Any, batch_size: Any, num_buckets: int, num_threads: int = 1,
           capacity: int = 32, bucket_capacities: Sequence[int] | None = None, shapes: Any = None,
           dynamic_pad: bool = False, allow_smaller_final_batch: bool = False, keep_input: Any = True,
           shared_name: str | None = None, name: str | None = None) -> tuple[Any, Any]:
    """Batches of elements of one bucket each, which threads make (tf.contrib.training.bucket).

    which_bucket: of the element, from 0 to below ``num_buckets``. batch_size: a number, or one for each bucket; the
    rest as tf.train.batch takes it. Returns the number of the bucket and the batch. Raises InvalidValue.
    """
    _several(tensors)
    one_size = not isinstance(batch_size, (list, tuple))
    capacities = [capacity] * num_buckets if bucket_capacities is None else list(bucket_capacities)
    if len(capacities) != num_buckets:
        raise InvalidValue(f"bucket_capacities has a number for each of {num_buckets} buckets, not {len(capacities)}")
    with name_scope(name, "bucket"):
        keys, lists = _lists([tensors])
        keep = _whether(keep_input, False)
        lists, ways = put_all(lists, False)
        sizes = _sizes(batch_size, num_buckets)
        dtypes, inner = [t.dtype.base_dtype for t in lists[0]], _element_shapes(lists, shapes, False)
        if not dynamic_pad and not all(s.is_fully_defined() for s in inner):
            raise InvalidValue(f"All shapes must be fully defined: {inner}", hint="dynamic_pad=True fills them up")
        which_bucket = convert_to_tensor(which_bucket, int32, name="which_bucket")
        kind: Any = PaddingFIFOQueue if dynamic_pad else FIFOQueue
        queues = [kind(capacities[i], dtypes, inner, shared_name=shared_name and f"{shared_name}_{i}",
                       name=f"bucket_queue_{i}") for i in range(num_buckets)]
        known = None if allow_smaller_final_batch or not one_size or hasattr(sizes[-1], "op") else sizes[-1]
        top = PaddingFIFOQueue(capacity, [int32, *dtypes], [TensorShape([])] + [
            TensorShape([known]).concatenate(s) for s in inner], shared_name=shared_name, name="top_queue")

        def sorted_in() -> Any:
            puts = [tf.cond(tf.equal(which_bucket, i), partial(queues[i].enqueue, lists[0]), tf.no_op)
                    for i in range(num_buckets)]
            return tf.group(*puts, name="group_enqueues")

        kept = static_value(keep)
        put = tf.cond(keep, sorted_in, tf.no_op) if kept is None else sorted_in() if kept else tf.no_op()
        moves = []
        for i, (queue, size) in enumerate(zip(queues, sizes)):
            number = constant(i)
            take = queue.dequeue_up_to if allow_smaller_final_batch else queue.dequeue_many
            taken = take(size, name=f"read_bucket_{i}")
            moves.append(top.enqueue([number, *(taken if isinstance(taken, (list, tuple)) else [taken])],
                                     name=f"enqueue_from_bucket_{i}"))
        _runner(queues[0], moves, [top], False)
        _runner(top, [put] * num_threads, queues, True)
        for queue in queues:
            tf.summary.scalar(f"bucket/{queue.name}/size", tf.cast(top.size(), float32))
        tf.summary.scalar(f"bucket/{top.name}/fraction_of_{capacity}_full",
                          tf.cast(top.size(), float32) * (1.0 / capacity))
        number, *batch = top.dequeue(name="dequeue_top")
        return number, _nested(keys, take_all(batch if len(batch) > 1 else batch[0], ways))


def bucket_by_sequence_length(input_length: Any, tensors: Any, batch_size: Any, bucket_boundaries: Sequence[int],
                              num_threads: int = 1, capacity: int = 32, bucket_capacities: Sequence[int] | None = None,
                              shapes: Any = None, dynamic_pad: bool = False, allow_smaller_final_batch: bool = False,
                              keep_input: Any = True, shared_name: str | None = None, name: str | None = None
                              ) -> tuple[Any, Any]:
    """bucket() by lengths: below the first boundary, from one to below the next, from the last on
    (tf.contrib.training.bucket_by_sequence_length).

    Returns the lengths of a batch and the batch. Raises InvalidType for boundaries that are no whole numbers,
    InvalidValue for none, or where they do not grow.
    """
    members = _several(tensors)
    if not isinstance(bucket_boundaries, (list, tuple)):
        raise InvalidType(f"bucket_boundaries is a list of whole numbers, not {bucket_boundaries!r}")
    if not bucket_boundaries:
        raise InvalidValue("bucket_boundaries needs a number")
    for low, high in zip(bucket_boundaries, bucket_boundaries[1:]):
        if not isinstance(low, int) or not isinstance(high, int):
            raise InvalidType(f"bucket_boundaries are whole numbers, not {low!r} and {high!r}")
        if low >= high:
            raise InvalidValue(f"bucket_boundaries grow, and {high} comes after {low}")
    with name_scope(name, "bucket_by_sequence_length"):
        length = convert_to_tensor(input_length, int32, name="input_length")
        least, beyond = ([*ends] for ends in ((np.iinfo(np.int32).min, *bucket_boundaries),
                                              (*bucket_boundaries, np.iinfo(np.int32).max)))
        within = tf.logical_and(tf.less_equal(least, length), tf.less(length, beyond))
        which = tf.cast(tf.reduce_min(tf.where(within)), int32)
        _, taken = bucket([length, *members], which, batch_size, len(bucket_boundaries) + 1, num_threads, capacity,
                          bucket_capacities, None if shapes is None else [TensorShape([]), *shapes], dynamic_pad,
                          allow_smaller_final_batch, keep_input, shared_name)
        lengths, *rest = taken
        return lengths, _nested(sorted(tensors) if isinstance(tensors, dict) else None, rest)
