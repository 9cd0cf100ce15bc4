"""What tf.contrib.slim has beside layers: named summaries, what a model holds, queues for a session."""
from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ..graph.collections import GraphKeys
from .coordinator import Coordinator
from .framework import add_to_collection, get_collection
from .modules import modules

EXPORTS = """
contrib.slim.summaries: add_histogram_summary add_image_summary add_scalar_summary add_zero_fraction_summary
contrib.slim.summaries: add_histogram_summaries add_image_summaries add_scalar_summaries add_zero_fraction_summaries
contrib.slim.model_analyzer: tensor_description analyze_ops analyze_vars
contrib.slim.queues: QueueRunners NestedQueueRunnerError
"""

tf = modules["tf"]


def _name(tensor: Any, name: str | None, prefix: str | None, postfix: str | None = None) -> str:
    return "/".join(part for part in (prefix, name or tensor.op.name, postfix) if part)


def add_histogram_summary(tensor: Any, name: str | None = None, prefix: str | None = None) -> Any:
    """tf.summary.histogram by the tensor's name."""
    return tf.summary.histogram(_name(tensor, name, prefix), tensor)


def _printed(kind: Any, tensor: Any, name: str, print_summary: bool) -> Any:
    """A summary; one that is printed prints the tensor whenever it is made."""
    if not print_summary:
        return kind(name, tensor)
    made = tf.Print(kind(name, tensor, collections=[]), [tensor], name)
    add_to_collection(GraphKeys.SUMMARIES, made)
    return made


def add_image_summary(tensor: Any, name: str | None = None, prefix: str | None = None,
                      print_summary: bool = False) -> Any:
    """tf.summary.image by the tensor's name."""
    return _printed(tf.summary.image, tensor, _name(tensor, name, prefix), print_summary)


def add_scalar_summary(tensor: Any, name: str | None = None, prefix: str | None = None,
                       print_summary: bool = False) -> Any:
    """tf.summary.scalar by the tensor's name."""
    return _printed(tf.summary.scalar, tensor, _name(tensor, name, prefix), print_summary)


def add_zero_fraction_summary(tensor: Any, name: str | None = None, prefix: str | None = None,
                              print_summary: bool = False) -> Any:
    """How much of a tensor is zero."""
    name = _name(tensor, name, prefix, "Fraction_of_Zero_Values")
    return add_scalar_summary(tf.nn.zero_fraction(tensor), name, print_summary=print_summary)


def add_histogram_summaries(tensors: Iterable[Any], prefix: str | None = None) -> list[Any]:
    """add_histogram_summary of each."""
    return [add_histogram_summary(tensor, prefix=prefix) for tensor in tensors]


def add_image_summaries(tensors: Iterable[Any], prefix: str | None = None) -> list[Any]:
    """add_image_summary of each."""
    return [add_image_summary(tensor, prefix=prefix) for tensor in tensors]


def add_scalar_summaries(tensors: Iterable[Any], prefix: str | None = None, print_summary: bool = False) -> list[Any]:
    """add_scalar_summary of each."""
    return [add_scalar_summary(tensor, prefix=prefix, print_summary=print_summary) for tensor in tensors]


def add_zero_fraction_summaries(tensors: Iterable[Any], prefix: str | None = None) -> list[Any]:
    """add_zero_fraction_summary of each."""
    return [add_zero_fraction_summary(tensor, prefix=prefix) for tensor in tensors]


def tensor_description(var: Any) -> str:
    """A dtype and a shape, ``(float32 3x4)``."""
    return f"({var.dtype.name} {'x'.join(map(str, var.get_shape()))})"


def _headed(what: str, print_info: bool) -> None:
    if print_info:
        print("---------", what, "---------", sep="\n")


def analyze_ops(graph: Any, print_info: bool = False) -> int:
    """How many numbers all outputs of a graph have, as far as their shapes are known."""
    _headed("Operations: name -> (type shapes) [size]", print_info)
    total = 0
    for op in graph.get_operations():
        size = sum(output.get_shape().num_elements() or 0 for output in op.outputs)
        if print_info:
            shapes = [tensor_description(output) for output in op.outputs if output.get_shape()]
            print(op.name, "\t->", ", ".join(shapes), f"[{size}]")
        total += size
    return total


def analyze_vars(variables: Iterable[Any], print_info: bool = False) -> tuple[int, int]:
    """(numbers, bytes) that variables hold."""
    _headed("Variables: name (type shape) [size]", print_info)
    total = held = 0
    for var in variables:
        size = var.get_shape().num_elements() or 0
        total, held = total + size, held + size * var.dtype.size
        if print_info:
            print(var.name, tensor_description(var), f"[{size}, bytes: {size * var.dtype.size}]")
    if print_info:
        print(f"Total size of variables: {total}\nTotal bytes of variables: {held}")
    return total, held


class NestedQueueRunnerError(Exception):
    """QueueRunners inside QueueRunners."""


_one = threading.Lock()


@contextmanager
def QueueRunners(session: Any) -> Iterator[None]:
    """Inside, threads fill the graph's queues. Raises NestedQueueRunnerError inside another."""
    if not _one.acquire(blocking=False):
        raise NestedQueueRunnerError("QueueRunners cannot be nested")
    try:
        coordinator = Coordinator()
        threads = [thread for runner in get_collection(GraphKeys.QUEUE_RUNNERS)
                   for thread in runner.create_threads(session, coord=coordinator, daemon=True, start=True)]
        try:
            yield
        finally:
            coordinator.request_stop()
            try:
                coordinator.join(threads, stop_grace_period_secs=120)
            except RuntimeError:
                session.close()
    finally:
        _one.release()
