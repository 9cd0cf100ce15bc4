"""Input pipelines of queues: names, rows and batches of tensors (tf.train.string_input_producer, tf.train.batch)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, NotSupported
from ..graph.collections import GraphKeys
from ..graph.constant import static_value
from ..graph.graph import Tensor
from ..graph.shapes import TensorShape, merge
from ..graph.types import float32, int32, int64, string
from .conversion import constant, convert_to_tensor
from .data_values import common
from .framework import control_dependencies, name_scope
from .modules import modules
from .queue_runner import QueueRunner, add_queue_runner
from .queues import FIFOQueue, PaddingFIFOQueue, QueueBase, RandomShuffleQueue
from .sparse_batches import put_all, take_all

EXPORTS = """
train: input_producer string_input_producer range_input_producer slice_input_producer limit_epochs match_filenames_once
io: match_filenames_once
train: batch batch_join shuffle_batch shuffle_batch_join
train: maybe_batch maybe_batch_join maybe_shuffle_batch maybe_shuffle_batch_join
"""

tf = modules["tf"]


def match_filenames_once(pattern: Any, name: str | None = None) -> Any:
    """A local variable of the names of the files that match (tf.train.match_filenames_once)."""
    with name_scope(name, "matching_filenames", [pattern]) as scope:
        return tf.Variable(tf.matching_files(pattern), name=scope, trainable=False, validate_shape=False,
                           collections=[GraphKeys.LOCAL_VARIABLES])


def limit_epochs(tensor: Any, num_epochs: int | None = None, name: str | None = None) -> Any:
    """The tensor, so many times; then a run is out of range (tf.train.limit_epochs)."""
    if num_epochs is None:
        return tensor
    if num_epochs <= 0:
        raise InvalidValue(f"num_epochs must be > 0 not {num_epochs}.")
    with name_scope(name, "limit_epochs", [tensor]) as scope:
        epochs = tf.Variable(constant(0, int64), name="epochs", trainable=False,
                             collections=[GraphKeys.LOCAL_VARIABLES])
        with control_dependencies([epochs.count_up_to(num_epochs)]):
            return tf.identity(tensor, name=scope)


def input_producer(input_tensor: Any, element_shape: Any = None, num_epochs: int | None = None, shuffle: bool = True,
                   seed: int | None = None, capacity: int = 32, shared_name: str | None = None,
                   summary_name: str | None = None, name: str | None = None, cancel_op: Any = None) -> QueueBase:
    """A queue of the rows of a tensor, over and over or ``num_epochs`` times (tf.train.input_producer)."""
    with name_scope(name, "input_producer", [input_tensor]):
        tensor = convert_to_tensor(input_tensor, name="input_tensor")
        shape = TensorShape(merge(None if tensor.static is None else tensor.static[1:],
                                  TensorShape(element_shape).tuple))
        if not shape.is_fully_defined():
            raise InvalidValue("Either `input_tensor` must have a fully defined shape or `element_shape` must be "
                               "specified")
        if shuffle:
            tensor = tf.random_shuffle(tensor, seed=seed)
        tensor = limit_epochs(tensor, num_epochs)
        queue = FIFOQueue(capacity, [tensor.dtype.base_dtype], [shape], shared_name=shared_name, name=name)
        filling = queue.enqueue_many([tensor])
        add_queue_runner(QueueRunner(queue, [filling], cancel_op=cancel_op))
        if summary_name is not None:
            tf.summary.scalar(summary_name, tf.cast(queue.size(), float32) * (1.0 / capacity))
        return queue


def string_input_producer(string_tensor: Any, num_epochs: int | None = None, shuffle: bool = True,
                          seed: int | None = None, capacity: int = 32, shared_name: str | None = None,
                          name: str | None = None, cancel_op: Any = None) -> QueueBase:
    """A queue of strings, as of names of files (tf.train.string_input_producer)."""
    empty = "string_input_producer requires a non-null input tensor"
    if isinstance(string_tensor, (list, tuple)) and not string_tensor:
        raise InvalidValue(empty)
    with name_scope(name, "input_producer", [string_tensor]) as scope:
        strings = convert_to_tensor(string_tensor, string)
        with control_dependencies([tf.Assert(tf.greater(tf.size(strings), 0), [empty])]):
            strings = tf.identity(strings)
        return input_producer(strings, [], num_epochs, shuffle, seed, capacity, shared_name,
                              f"fraction_of_{capacity}_full", scope, cancel_op)


def range_input_producer(limit: Any, num_epochs: int | None = None, shuffle: bool = True, seed: int | None = None,
                         capacity: int = 32, shared_name: str | None = None, name: str | None = None) -> QueueBase:
    """A queue of the numbers below a limit (tf.train.range_input_producer)."""
    with name_scope(name, "input_producer", [limit]) as scope:
        return input_producer(tf.range(limit), [], num_epochs, shuffle, seed, capacity, shared_name,
                              f"fraction_of_{capacity}_full", scope)


def slice_input_producer(tensor_list: Any, num_epochs: int | None = None, shuffle: bool = True,
                         seed: int | None = None, capacity: int = 32, shared_name: str | None = None,
                         name: str | None = None) -> list[Tensor]:
    """A row of each tensor at a time (tf.train.slice_input_producer)."""
    with name_scope(name, "input_producer", tensor_list):
        tensors = [convert_to_tensor(t) for t in tensor_list]
        if not tensors:
            raise InvalidValue("Expected at least one tensor in slice_input_producer().")
        many = tf.shape(tensors[0])[0]
        index = range_input_producer(many, num_epochs, shuffle, seed, capacity, shared_name).dequeue()
        return [tf.gather(t, index) for t in tensors]


def _lists(tensors_list: Any) -> tuple[list[str] | None, list[list[Any]]]:
    """(the keys of elements that are mappings, the tensors of each list)."""
    like = tensors_list[0]
    keys = sorted(like) if isinstance(like, dict) else None
    flat = []
    for one in tensors_list:
        members = [one[k] for k in keys] if keys is not None else list(one) if isinstance(one, (list, tuple)) else [one]
        flat.append([m if hasattr(m, "components") else convert_to_tensor(m) for m in members])
    if not flat[0]:
        raise InvalidValue("Expected at least one tensor in batch().")
    return keys, flat


def _nested(keys: list[str] | None, taken: Any) -> Any:
    """What a queue gives: one tensor, or a list of them, or by the keys."""
    if keys is None:
        return taken
    return dict(zip(keys, taken if isinstance(taken, list) else [taken]))


def _element_shapes(lists: list[list[Tensor]], shapes: Any, rows: bool) -> list[TensorShape]:
    if shapes is not None:
        return [TensorShape(s) for s in shapes]
    found = []
    for same in zip(*lists):
        each = [TensorShape(None if t.static is None else t.static[1:] if rows else t.static) for t in same]
        shape = each[0]
        for other in each[1:]:
            shape = common(shape, other)
        found.append(shape)
    return found


def _whether(keep: Any, rows: bool) -> Any:
    """Whether elements are kept, as a tensor. Raises InvalidValue for one of another rank."""
    keep = convert_to_tensor(keep)
    if keep.static is None:
        raise InvalidValue("`keep_input` dimensions must be known at graph construction.")
    if not rows and len(keep.static) == 1:
        raise InvalidValue("`keep_input` cannot be a vector when `enqueue_many=False`.")
    if len(keep.static) > 1:
        raise InvalidValue("`keep_input` must be 0 or 1 dimensions.")
    return keep


def _put_kept(put: Any, tensors: list[Any], keep: Any) -> Any:
    """The node that puts an element in, or of several those that are to be kept."""
    if keep.static:
        chosen = tf.cast(keep, int32)
        return put([tf.dynamic_partition(t, chosen, 2)[1] for t in tensors])
    known = static_value(keep)
    if known is not None:
        return put(tensors) if known else tf.no_op()
    return tf.cond(keep, lambda: put(tensors), tf.no_op)


def _batch(tensors_list: Any, batch_size: Any, threads: int, capacity: int, enqueue_many: bool, shapes: Any,
           dynamic_pad: bool, fewer: bool, shared_name: str | None, name: str | None, word: str,
           least: int | None = None, seed: int | None = None, keep: Any = True) -> Any:
    with name_scope(name, word) as scope:
        keys, lists = _lists(tensors_list)
        keep = _whether(keep, enqueue_many)
        if any(hasattr(t, "components") for one in lists for t in one) and static_value(keep) is None:
            raise NotSupported("sparse tensors of which a tensor says whether they are kept are not batched here")
        lists, ways = put_all(lists, enqueue_many)
        dtypes, sizes = [t.dtype.base_dtype for t in lists[0]], _element_shapes(lists, shapes, enqueue_many)
        if not dynamic_pad and not all(s.is_fully_defined() for s in sizes):
            raise InvalidValue(f"All shapes must be fully defined: {sizes}", hint="dynamic_pad=True fills them up")
        queue: QueueBase
        if least is not None:
            queue = RandomShuffleQueue(capacity, least, dtypes, sizes, seed=seed, shared_name=shared_name)
        elif dynamic_pad:
            queue = PaddingFIFOQueue(capacity, dtypes, sizes, shared_name=shared_name)
        else:
            queue = FIFOQueue(capacity, dtypes, sizes, shared_name=shared_name)
        put = queue.enqueue_many if enqueue_many else queue.enqueue
        add_queue_runner(QueueRunner(queue, [_put_kept(put, one, keep) for one in lists] * threads))
        if least is None:
            full, room = queue.size(), f"fraction_of_{capacity}_full"
            share = tf.cast(full, float32) * (1.0 / capacity)
        else:
            over = capacity - least
            room = f"fraction_over_{least}_of_{over}_full"
            share = tf.cast(tf.maximum(0, queue.size() - least), float32) * (1.0 / over)
        tf.summary.scalar(room, share)
        take = queue.dequeue_up_to if fewer else queue.dequeue_many
        return _nested(keys, take_all(take(batch_size, name=scope), ways))


def batch(tensors: Any, batch_size: Any, num_threads: int = 1, capacity: int = 32, enqueue_many: bool = False,
          shapes: Any = None, dynamic_pad: bool = False, allow_smaller_final_batch: bool = False,
          shared_name: str | None = None, name: str | None = None) -> Any:
    """Batches of tensors, which threads make element by element (tf.train.batch)."""
    return _batch([tensors], batch_size, num_threads, capacity, enqueue_many, shapes, dynamic_pad,
                  allow_smaller_final_batch, shared_name, name, "batch")


def batch_join(tensors_list: Any, batch_size: Any, capacity: int = 32, enqueue_many: bool = False, shapes: Any = None,
               dynamic_pad: bool = False, allow_smaller_final_batch: bool = False, shared_name: str | None = None,
               name: str | None = None) -> Any:
    """Batches of several lists of tensors, each made by a thread (tf.train.batch_join)."""
    return _batch(tensors_list, batch_size, 1, capacity, enqueue_many, shapes, dynamic_pad,
                  allow_smaller_final_batch, shared_name, name, "batch_join")


def shuffle_batch(tensors: Any, batch_size: Any, capacity: int, min_after_dequeue: int, num_threads: int = 1,
                  seed: int | None = None, enqueue_many: bool = False, shapes: Any = None,
                  allow_smaller_final_batch: bool = False, shared_name: str | None = None, name: str | None = None
                  ) -> Any:
    """Batches of tensors by chance, each drawn of more than ``min_after_dequeue`` (tf.train.shuffle_batch)."""
    return _batch([tensors], batch_size, num_threads, capacity, enqueue_many, shapes, False,
                  allow_smaller_final_batch, shared_name, name, "shuffle_batch", min_after_dequeue, seed)


def shuffle_batch_join(tensors_list: Any, batch_size: Any, capacity: int, min_after_dequeue: int,
                       seed: int | None = None, enqueue_many: bool = False, shapes: Any = None,
                       allow_smaller_final_batch: bool = False, shared_name: str | None = None, name: str | None = None
                       ) -> Any:
    """Batches by chance of several lists of tensors (tf.train.shuffle_batch_join)."""
    return _batch(tensors_list, batch_size, 1, capacity, enqueue_many, shapes, False, allow_smaller_final_batch,
                  shared_name, name, "shuffle_batch_join", min_after_dequeue, seed)


def maybe_batch(tensors: Any, keep_input: Any, batch_size: Any, num_threads: int = 1, capacity: int = 32,
                enqueue_many: bool = False, shapes: Any = None, dynamic_pad: bool = False,
                allow_smaller_final_batch: bool = False, shared_name: str | None = None,
                name: str | None = None) -> Any:
    """Batches of those tensors for which keep_input is true (tf.train.maybe_batch)."""
    return _batch([tensors], batch_size, num_threads, capacity, enqueue_many, shapes, dynamic_pad,
                  allow_smaller_final_batch, shared_name, name, "batch", keep=keep_input)


def maybe_batch_join(tensors_list: Any, keep_input: Any, batch_size: Any, capacity: int = 32,
                     enqueue_many: bool = False, shapes: Any = None, dynamic_pad: bool = False,
                     allow_smaller_final_batch: bool = False, shared_name: str | None = None,
                     name: str | None = None) -> Any:
    """Batches of several lists of tensors, of those for which keep_input is true (tf.train.maybe_batch_join)."""
    return _batch(tensors_list, batch_size, 1, capacity, enqueue_many, shapes, dynamic_pad,
                  allow_smaller_final_batch, shared_name, name, "batch_join", keep=keep_input)


def maybe_shuffle_batch(tensors: Any, batch_size: Any, capacity: int, min_after_dequeue: int, keep_input: Any,
                        num_threads: int = 1, seed: int | None = None, enqueue_many: bool = False, shapes: Any = None,
                        allow_smaller_final_batch: bool = False, shared_name: str | None = None,
                        name: str | None = None) -> Any:
    """Batches by chance of those tensors for which keep_input is true (tf.train.maybe_shuffle_batch)."""
    return _batch([tensors], batch_size, num_threads, capacity, enqueue_many, shapes, False,
                  allow_smaller_final_batch, shared_name, name, "shuffle_batch", min_after_dequeue, seed, keep_input)


def maybe_shuffle_batch_join(tensors_list: Any, batch_size: Any, capacity: int, min_after_dequeue: int, keep_input: Any,
                             seed: int | None = None, enqueue_many: bool = False, shapes: Any = None,
                             allow_smaller_final_batch: bool = False, shared_name: str | None = None,
                             name: str | None = None) -> Any:
    """Batches by chance of several lists, of those for which keep_input is true (tf.train.maybe_shuffle_batch_join)."""
    return _batch(tensors_list, batch_size, 1, capacity, enqueue_many, shapes, False, allow_smaller_final_batch,
                  shared_name, name, "shuffle_batch_join", min_after_dequeue, seed, keep_input)
