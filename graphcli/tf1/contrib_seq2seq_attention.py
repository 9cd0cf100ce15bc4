"""Where a decoder looks: how much each step of a memory counts for a query (tf.contrib.seq2seq.LuongAttention)."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.types import as_dtype, float32, int32
from . import nesting as nest
from .conversion import convert_to_tensor
from .framework import control_dependencies, name_scope
from .get_variable import get_variable
from .initializers import Constant, Ones, Zeros
from .layers import Layer
from .layers_core import Dense
from .modules import modules
from .rnn_cells import zeros_of
from .variable_scope import variable_scope

EXPORTS = """
contrib.seq2seq: AttentionMechanism LuongAttention BahdanauAttention hardmax
contrib.seq2seq.python.ops.attention_wrapper: _BaseAttentionMechanism=BaseAttentionMechanism
contrib.seq2seq.python.ops.attention_wrapper: _bahdanau_score=bahdanau_score _luong_score=luong_score
contrib.seq2seq.python.ops.attention_wrapper: _prepare_memory=prepared _maybe_mask_score=masked_score
"""

tf = modules["tf"]


class AttentionMechanism:
    """What tells an AttentionWrapper how much each step of a memory counts (AttentionMechanism)."""

    @property
    def alignments_size(self) -> Any:
        raise NotImplementedError

    @property
    def state_size(self) -> Any:
        raise NotImplementedError


def prepared(memory: Any, lengths: Any = None, check_inner_dims_defined: bool = True) -> Any:
    """The memory [batch, time, …], 0 from each row's length on. Raises InvalidValue if an inner size is not known."""
    memory = nest.map_structure(lambda m: convert_to_tensor(m, name="memory"), memory)
    if lengths is not None:
        lengths = convert_to_tensor(lengths, name="memory_sequence_length")
    flat = nest.flatten(memory)
    for m in flat if check_inner_dims_defined else ():
        if m.static is None or None in m.static[2:]:
            raise InvalidValue(f"the inner sizes of the memory {m.name} must be known, not {m.shape}")
    if lengths is None:
        return memory
    mask = tf.sequence_mask(lengths, maxlen=tf.shape(flat[0])[1], dtype=flat[0].dtype)

    def masked(m: Any) -> Any:
        rank = tf.rank(m) if m.static is None else len(m.static)
        ones = tf.ones(rank - 2, dtype=int32)
        return m * tf.reshape(mask, tf.concat((tf.shape(mask), ones), 0))

    return nest.map_structure(masked, memory)


def masked_score(score: Any, lengths: Any, value: Any) -> Any:
    """The score [batch, time], ``value`` from each row's length on, which must be above 0."""
    if lengths is None:
        return score
    message = "All values in memory_sequence_length must be greater than zero."
    with control_dependencies([tf.assert_positive(lengths, message=message)]):
        mask = tf.sequence_mask(lengths, maxlen=tf.shape(score)[1])
    return tf.where(mask, score, value * tf.ones_like(score))


class BaseAttentionMechanism(AttentionMechanism):
    """A memory, with a layer that makes keys of it and one that makes queries fit these.

    probability_fn: of a score [batch, time] and the state before it. memory_sequence_length: [batch]; what comes
    after it counts as ``score_mask_value``, -inf by default. custom_key_value_fn: makes others of keys and values.
    Raises InvalidType for what is no layer or function, InvalidValue for memories whose inner sizes are not known.
    """

    def __init__(self, query_layer: Any, memory: Any, probability_fn: Callable[[Any, Any], Any],
                 memory_sequence_length: Any = None, memory_layer: Any = None, check_inner_dims_defined: bool = True,
                 score_mask_value: Any = None, custom_key_value_fn: Callable[[Any, Any], Any] | None = None,
                 name: str | None = None) -> None:
        for word, layer in (("query_layer", query_layer), ("memory_layer", memory_layer)):
            if layer is not None and not isinstance(layer, Layer):
                raise InvalidType(f"{word} is a layer, such as tf.layers.Dense(units), not {said(layer)}")
        if memory_layer is None:
            raise InvalidType("memory_layer is a layer, which says the dtype of the scores")
        self._query_layer, self._memory_layer, self.dtype = query_layer, memory_layer, memory_layer.dtype
        if not callable(probability_fn):
            raise InvalidType(f"probability_fn is a function of a score, not {said(probability_fn)}")
        if score_mask_value is None:
            score_mask_value = as_dtype(self.dtype).as_numpy_dtype(-np.inf)
        self._probability_fn: Callable[[Any, Any], Any] = lambda score, previous: probability_fn(
            masked_score(score, memory_sequence_length, score_mask_value), previous)
        with name_scope(name, "BaseAttentionMechanismInit", nest.flatten(memory)):
            self._values = prepared(memory, memory_sequence_length, check_inner_dims_defined)
            self._keys = memory_layer(self._values)
            if custom_key_value_fn is not None:
                self._keys, self._values = custom_key_value_fn(self._keys, self._values)
            self._batch_size = self._keys.static[0] or tf.shape(self._keys)[0]
            self._alignments_size = self._keys.static[1] or tf.shape(self._keys)[1]

    @property
    def memory_layer(self) -> Any:
        return self._memory_layer

    @property
    def query_layer(self) -> Any:
        return self._query_layer

    @property
    def values(self) -> Any:
        return self._values

    @property
    def keys(self) -> Any:
        return self._keys

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    @property
    def alignments_size(self) -> Any:
        return self._alignments_size

    @property
    def state_size(self) -> Any:
        return self._alignments_size

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Any:
        """What counted before the first step: nothing."""
        return zeros_of(self._alignments_size, batch_size, dtype)

    def initial_state(self, batch_size: Any, dtype: Any) -> Any:
        return self.initial_alignments(batch_size, dtype)


def without_bias(units: int, name: str, dtype: Any) -> Dense:
    return Dense(units, name=name, use_bias=False, dtype=float32 if dtype is None else dtype)


def luong_score(query: Any, keys: Any, scale: Any) -> Any:
    """query [batch, units] times each key of [batch, time, units]. Raises InvalidValue for other units."""
    depth, units = query.static[-1], keys.static[-1]
    if depth is not None and units is not None and depth != units:
        raise InvalidValue(f"the query {query.name} has {depth} units and the keys {keys.name} have {units}",
                           hint=f"num_units={depth}")
    score = tf.squeeze(tf.matmul(tf.expand_dims(query, 1), keys, transpose_b=True), [1])
    return score if scale is None else scale * score


def luong_scored(query: Any, keys: Any, scale: bool) -> Any:
    """The score, times a variable if ``scale``."""
    of = get_variable("attention_g", dtype=query.dtype, initializer=Ones(), shape=()) if scale else None
    return luong_score(query, keys, of)


class LuongAttention(BaseAttentionMechanism):
    """Scores that are products of query and keys (tf.contrib.seq2seq.LuongAttention).

    num_units: of the keys, which are ``memory_layer`` of the memory. scale: with a factor that is trained.
    probability_fn: makes weights of scores, softmax by default. Raises as BaseAttentionMechanism does.
    """

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, scale: bool = False,
                 probability_fn: Callable[[Any], Any] | None = None, score_mask_value: Any = None, dtype: Any = None,
                 custom_key_value_fn: Callable[[Any, Any], Any] | None = None, name: str = "LuongAttention") -> None:
        function = probability_fn or tf.nn.softmax
        super().__init__(None, memory, lambda score, _: function(score), memory_sequence_length,
                         without_bias(num_units, "memory_layer", dtype), score_mask_value=score_mask_value,
                         custom_key_value_fn=custom_key_value_fn, name=name)
        self._num_units, self._scale, self._name = num_units, scale, name

    def __call__(self, query: Any, state: Any) -> tuple[Any, Any]:
        """(weights [batch, time], next state) of a query [batch, units]."""
        with variable_scope(None, "luong_attention", [query]):
            score = luong_scored(query, self._keys, self._scale)
        alignments = self._probability_fn(score, state)
        return alignments, alignments


def bahdanau_score(processed_query: Any, keys: Any, attention_v: Any, attention_g: Any = None,
                   attention_b: Any = None) -> Any:
    """``sum(v * tanh(keys + query))``, or with v of norm g and a bias."""
    processed_query = tf.expand_dims(processed_query, 1)
    if attention_g is None or attention_b is None:
        return tf.reduce_sum(attention_v * tf.tanh(keys + processed_query), [2])
    normed = attention_g * attention_v * tf.rsqrt(tf.reduce_sum(tf.square(attention_v)))
    return tf.reduce_sum(normed * tf.tanh(keys + processed_query + attention_b), [2])


def bahdanau_scored(query: Any, layer: Any, keys: Any, units: int, normalize: bool) -> tuple[Any, Any]:
    """The score with the variables of the scope, and what ``layer`` makes of the query."""
    processed = layer(query) if layer else query
    v = get_variable("attention_v", [units], dtype=query.dtype)
    g = b = None
    if normalize:
        start = Constant(math.sqrt(1.0 / units))
        g = get_variable("attention_g", dtype=query.dtype, initializer=start, shape=())
        b = get_variable("attention_b", [units], dtype=query.dtype, initializer=Zeros())
    return bahdanau_score(processed, keys, v, g, b), processed


class BahdanauAttention(BaseAttentionMechanism):
    """Scores that a small net makes of query and keys (tf.contrib.seq2seq.BahdanauAttention).

    num_units: of the net. normalize: its weights have a norm that is trained apart. Else as LuongAttention.
    """

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, normalize: bool = False,
                 probability_fn: Callable[[Any], Any] | None = None, score_mask_value: Any = None, dtype: Any = None,
                 custom_key_value_fn: Callable[[Any, Any], Any] | None = None,
                 name: str = "BahdanauAttention") -> None:
        function = probability_fn or tf.nn.softmax
        query_layer = without_bias(num_units, "query_layer", dtype)
        super().__init__(query_layer, memory, lambda score, _: function(score), memory_sequence_length,
                         without_bias(num_units, "memory_layer", dtype), score_mask_value=score_mask_value,
                         custom_key_value_fn=custom_key_value_fn, name=name)
        self._num_units, self._normalize, self._name = num_units, normalize, name

    def __call__(self, query: Any, state: Any) -> tuple[Any, Any]:
        """(weights [batch, time], next state) of a query [batch, …]."""
        with variable_scope(None, "bahdanau_attention", [query]):
            score, _ = bahdanau_scored(query, self.query_layer, self._keys, self._num_units, self._normalize)
        alignments = self._probability_fn(score, state)
        return alignments, alignments


def hardmax(logits: Any, name: str | None = None) -> Any:
    """1 where the last axis is greatest, 0 elsewhere, in the dtype of logits (tf.contrib.seq2seq.hardmax)."""
    with name_scope(name, "Hardmax", [logits]):
        logits = convert_to_tensor(logits, name="logits")
        depth = logits.static[-1] if logits.static else None
        depth = tf.shape(logits)[-1] if depth is None else depth
        return tf.one_hot(tf.argmax(logits, -1), depth, dtype=logits.dtype)
