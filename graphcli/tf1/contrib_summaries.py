"""Summaries of tensors by their names (tf.contrib.layers.summarize_tensor and its like)."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ..graph.collections import GraphKeys
from .framework import get_collection
from .modules import modules
from .summary import histogram, scalar

EXPORTS = """
contrib.layers contrib.slim contrib.layers.summaries: summarize_tensor summarize_tensors summarize_collection
contrib.layers contrib.slim contrib.layers.summaries: summarize_activation summarize_activations
contrib.slim contrib.layers.summaries: summarize_variables summarize_weights summarize_biases
"""

tf = modules["tf"]


def summarize_tensor(tensor: Any, tag: str | None = None) -> Any:
    """A summary of a number, or of the distribution of many; ``tag`` is ``NAME_summary`` by default."""
    kind = scalar if tensor.shape.ndims == 0 else histogram
    return kind(tag or f"{tensor.op.name}_summary", tensor)


def summarize_activation(op: Any) -> Any:
    """A summary of an activation's distribution, and of the share that it cuts off."""
    name, kind = op.op.name, op.op.type
    if kind in ("Relu", "Softplus", "Relu6"):
        given = op.op.inputs[0]
        for bound, beyond, word in ((0.0, tf.less, "zeros"), (6.0, tf.greater, "sixes")):
            if bound == 0.0 or kind == "Relu6":
                cut = beyond(given, tf.cast(bound, given.dtype))
                scalar(f"{name}/{word}", tf.reduce_mean(tf.to_float(cut)))
    return histogram(f"{name}/activation", op)


def summarize_tensors(tensors: Iterable[Any], summarizer: Callable[[Any], Any] = summarize_tensor) -> list[Any]:
    """A summary of each tensor."""
    return [summarizer(tensor) for tensor in tensors]


def summarize_collection(collection: str, name_filter: str | None = None,
                         summarizer: Callable[[Any], Any] = summarize_tensor) -> list[Any]:
    """A summary of each tensor of a collection whose name the expression matches at the start."""
    return summarize_tensors([tensor for tensor in get_collection(collection)
                              if name_filter is None or re.match(name_filter, tensor.op.name)], summarizer)


def summarize_activations(name_filter: str | None = None,
                          summarizer: Callable[[Any], Any] = summarize_activation) -> list[Any]:
    """A summary of each activation (the collection ``activations``)."""
    return summarize_collection(GraphKeys.ACTIVATIONS, name_filter, summarizer)


summarize_variables = partial(summarize_collection, GraphKeys.GLOBAL_VARIABLES)
summarize_weights = partial(summarize_collection, GraphKeys.WEIGHTS)
summarize_biases = partial(summarize_collection, GraphKeys.BIASES)
