"""Attention that never goes back in its memory (tf.contrib.seq2seq.LuongMonotonicAttention)."""
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..errors import InvalidValue, said
from ..graph.types import int32
from .contrib_seq2seq_attention import BaseAttentionMechanism, bahdanau_scored, luong_scored, without_bias
from .conversion import convert_to_tensor
from .framework import name_scope
from .get_variable import get_variable
from .modules import modules
from .variable_scope import variable_scope

EXPORTS = """
contrib.seq2seq: LuongMonotonicAttention BahdanauMonotonicAttention monotonic_attention safe_cumprod
contrib.seq2seq.python.ops.attention_wrapper: _BaseMonotonicAttentionMechanism=BaseMonotonicAttentionMechanism
contrib.seq2seq.python.ops.attention_wrapper: _monotonic_probability_fn=monotonic_probability_fn
"""

tf = modules["tf"]


def safe_cumprod(x: Any, *args: Any, **kwargs: Any) -> Any:
    """The running product by logarithms, whose gradient stays finite (tf.contrib.seq2seq.safe_cumprod)."""
    with name_scope(None, "SafeCumprod", [x]):
        x = convert_to_tensor(x, name="x")
        tiny = np.finfo(x.dtype.as_numpy_dtype).tiny
        return tf.exp(tf.cumsum(tf.log(tf.clip_by_value(x, tiny, 1)), *args, **kwargs))


def monotonic_attention(p_choose_i: Any, previous_attention: Any, mode: str) -> Any:
    """Weights [batch, time] of the chance that each step is stopped at, and of the weights before.

    mode: 'recursive', 'parallel' (quicker, less exact where chances are near 0 or 1) or 'hard' (chances are 0 or 1).
    Raises InvalidValue for another mode.
    """
    p: Any = convert_to_tensor(p_choose_i, name="p_choose_i")
    previous: Any = convert_to_tensor(previous_attention, name="previous_attention")
    if mode == "recursive":
        batch = p.static[0] or tf.shape(p)[0]
        shifted = tf.concat([tf.ones((batch, 1)), 1 - p[:, :-1]], 1)
        steps = [tf.transpose(shifted), tf.transpose(previous)]
        return p * tf.transpose(tf.scan(lambda x, yz: tf.reshape(yz[0] * x + yz[1], (batch,)), steps,
                                        tf.zeros((batch,))))
    if mode == "parallel":
        passed = safe_cumprod(1 - p, axis=1, exclusive=True)
        return p * passed * tf.cumsum(previous / tf.clip_by_value(passed, 1e-10, 1.0), axis=1)
    if mode == "hard":
        p *= tf.cumsum(previous, axis=1)
        return p * tf.cumprod(1 - p, axis=1, exclusive=True)
    raise InvalidValue(f"mode is 'recursive', 'parallel' or 'hard', not {said(mode)}")


def monotonic_probability_fn(score: Any, previous_alignments: Any, sigmoid_noise: float, mode: str,
                             seed: int | None = None) -> Any:
    """Weights of a score [batch, time], to which noise is added."""
    if sigmoid_noise > 0:
        noise = tf.random_normal(tf.shape(score), dtype=score.dtype, seed=seed)
        score += sigmoid_noise * noise
    chances = tf.cast(score > 0, score.dtype) if mode == "hard" else tf.sigmoid(score)
    return monotonic_attention(chances, previous_alignments, mode)


class BaseMonotonicAttentionMechanism(BaseAttentionMechanism):
    """A mechanism that begins at the first step of its memory."""

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Any:
        size = self._alignments_size
        return tf.one_hot(tf.zeros((batch_size,), dtype=int32), size, dtype=dtype)


class BahdanauMonotonicAttention(BaseMonotonicAttentionMechanism):
    """BahdanauAttention that never goes back (tf.contrib.seq2seq.BahdanauMonotonicAttention).

    sigmoid_noise: deviation of what is added to scores, in training. score_bias_init: of a bias that is added to
    scores. mode: of monotonic_attention.
    """

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, normalize: bool = False,
                 score_mask_value: Any = None, sigmoid_noise: float = 0.0, sigmoid_noise_seed: int | None = None,
                 score_bias_init: float = 0.0, mode: str = "parallel", dtype: Any = None,
                 name: str = "BahdanauMonotonicAttention") -> None:
        query_layer = without_bias(num_units, "query_layer", dtype)
        function = partial(monotonic_probability_fn, sigmoid_noise=sigmoid_noise, mode=mode, seed=sigmoid_noise_seed)
        super().__init__(query_layer, memory, function, memory_sequence_length,
                         without_bias(num_units, "memory_layer", dtype), score_mask_value=score_mask_value, name=name)
        self._num_units, self._normalize, self._name = num_units, normalize, name
        self._score_bias_init = score_bias_init

    def __call__(self, query: Any, state: Any) -> tuple[Any, Any]:
        """(weights [batch, time], next state) of a query [batch, …] and the weights before."""
        with variable_scope(None, "bahdanau_monotonic_attention", [query]):
            score, processed = bahdanau_scored(query, self.query_layer, self._keys, self._num_units, self._normalize)
            score += get_variable("attention_score_bias", dtype=processed.dtype, initializer=self._score_bias_init)
        alignments = self._probability_fn(score, state)
        return alignments, alignments


class LuongMonotonicAttention(BaseMonotonicAttentionMechanism):
    """LuongAttention that never goes back; as BahdanauMonotonicAttention (LuongMonotonicAttention)."""

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, scale: bool = False,
                 score_mask_value: Any = None, sigmoid_noise: float = 0.0, sigmoid_noise_seed: int | None = None,
                 score_bias_init: float = 0.0, mode: str = "parallel", dtype: Any = None,
                 name: str = "LuongMonotonicAttention") -> None:
        function = partial(monotonic_probability_fn, sigmoid_noise=sigmoid_noise, mode=mode, seed=sigmoid_noise_seed)
        super().__init__(None, memory, function, memory_sequence_length,
                         without_bias(num_units, "memory_layer", dtype), score_mask_value=score_mask_value, name=name)
        self._num_units, self._scale, self._name, self._score_bias_init = num_units, scale, name, score_bias_init

    def __call__(self, query: Any, state: Any) -> tuple[Any, Any]:
        """(weights [batch, time], next state) of a query [batch, units] and the weights before."""
        with variable_scope(None, "luong_monotonic_attention", [query]):
            score = luong_scored(query, self._keys, self._scale)
            score += get_variable("attention_score_bias", dtype=query.dtype, initializer=self._score_bias_init)
        alignments = self._probability_fn(score, state)
        return alignments, alignments
