"""What helpers draw in a step: words of logits, and which rows draw them."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.types import int32, int64
from .conversion import convert_to_tensor
from .framework import name_scope
from .modules import modules

tf = modules["tf"]


def _shaped(drawn: Callable[[Any], Any], shape: Any) -> Any:
    """``drawn(how many)`` [how many, …] as [shape…, …], with the nodes of a distribution's ``sample``."""
    with name_scope(None, "call_sampler"):
        shape = convert_to_tensor(shape, int32, name="sample_shape")
        pad = tf.cast(tf.equal(tf.rank(shape), 0), int32)
        shape = tf.reshape(shape, tf.pad(tf.shape(shape), paddings=[[pad, 0]], constant_values=1))
        samples = drawn(tf.reduce_prod(shape))
        return tf.reshape(samples, tf.concat([shape, tf.shape(samples)[1:]], 0))


def bernoulli(probs: Any, dtype: Any, shape: Any = (), seed: int | None = None) -> Any:
    """1, or True, with the probability ``probs``: [shape…, probs' shape…]."""
    probs = convert_to_tensor(probs, name="probs")
    inner = tf.shape(probs)

    def drawn(count: Any) -> Any:
        uniform = tf.random_uniform(tf.concat([[count], inner], 0), seed=seed, dtype=probs.dtype)
        return tf.cast(tf.less(uniform, probs), dtype)

    return _shaped(drawn, shape)


def categorical(logits: Any, seed: int | None = None) -> Any:
    """A class int32 [batch] of logits [batch, classes]."""
    logits = convert_to_tensor(logits, name="logits")
    classes = tf.shape(logits)[-1]
    inner = tf.shape(logits)[:-1]

    def drawn(count: Any) -> Any:
        rows = logits if logits.static is not None and len(logits.static) == 2 else tf.reshape(logits, [-1, classes])
        kind = int64 if logits.dtype.size > 4 else int32
        draws = tf.multinomial(rows, count, seed=seed, output_dtype=kind)
        return tf.cast(tf.reshape(tf.transpose(draws), tf.concat([[count], inner], 0)), int32)

    return _shaped(drawn, ())
