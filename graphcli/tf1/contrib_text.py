"""Pairs of tokens that stand near each other (tf.contrib.text.skip_gram_sample)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.types import float64
from .framework import apply_op, name_scope
from .modules import modules
from .random_values import get_seed

EXPORTS = """
contrib.text: skip_gram_sample
"""

tf = modules["tf"]


def skip_gram_sample(input_tensor: Any, min_skips: Any = 1, max_skips: Any = 5, start: Any = 0, limit: Any = -1,
                     emit_self_as_target: Any = False, vocab_freq_table: Any = None, vocab_min_count: Any = None,
                     vocab_subsampling: Any = None, corpus_size: Any = None, batch_size: int | None = None,
                     batch_capacity: int | None = None, seed: int | None = None, name: str | None = None) -> Any:
    """Tokens, and of each one that stands near it, up to a distance by chance (tf.contrib.text.skip_gram_sample).

    vocab_freq_table: how often each token occurs; others are left out, and those that occur less than
    ``vocab_min_count`` times; with ``vocab_subsampling``, of a text of ``corpus_size``, frequent ones by chance.
    batch_size: so many pairs at a time, by a queue. Raises InvalidValue for what needs a table without one.
    """
    if vocab_freq_table is None and any(x is not None for x in (vocab_min_count, vocab_subsampling, corpus_size)):
        raise InvalidValue(f"vocab_freq_table is not provided, but vocab_min_count={vocab_min_count}, "
                           f"vocab_subsampling={vocab_subsampling}, or corpus_size={corpus_size} is not None. These "
                           "settings are useless without a vocab_freq_table.")
    if (vocab_subsampling is None) != (corpus_size is None):
        raise InvalidValue(f"vocab_subsampling is {vocab_subsampling} while corpus_size is {corpus_size} - both must "
                           "be provided in order for subsampling to work.")
    with name_scope(name, "skip_gram_sample", [input_tensor, min_skips, max_skips, start, limit]):
        if vocab_freq_table is not None:
            input_tensor = _kept(input_tensor, vocab_freq_table, vocab_min_count, vocab_subsampling, corpus_size, seed)
        first, second = get_seed(seed)
        pair = apply_op("SkipGramGenerateCandidates", None, [
            input_tensor, min_skips, max_skips, start, limit, emit_self_as_target], {
                "seed": first or 0, "seed2": second or 0})
        if batch_size is not None and batch_size > 0:
            room = batch_capacity if batch_capacity is not None and batch_capacity > 0 else 100 * batch_size
            return tf.train.batch(list(pair), batch_size, capacity=room, enqueue_many=True)
        return tuple(pair)


def _kept(tokens: Any, table: Any, least: Any, share: Any, size: Any, seed: int | None) -> Any:
    with name_scope(None, "filter_vocab", [table, tokens, least]):
        often = table.lookup(tokens)
        mask = tf.not_equal(often, table.default_value)
        if least is not None:
            mask = tf.logical_and(mask, tf.greater_equal(often, tf.cast(least, often.dtype)))
        tokens, often = tf.boolean_mask(tokens, mask), tf.boolean_mask(often, mask)
    if not share:
        return tokens
    if not 0 <= share <= 1:
        raise InvalidValue(f"Invalid vocab_subsampling={share} - it should be within range [0, 1].")
    with name_scope(None, "subsample_vocab", [tokens, often, share]):
        size, often, part = tf.cast(size, float64), tf.cast(often, float64), tf.cast(share, float64)
        keep = (tf.sqrt(often / (part * size)) + 1.0) * (part * size / often)
        chance = tf.random_uniform(tf.shape(often), minval=0, maxval=1, dtype=float64, seed=seed)
        return tf.boolean_mask(tokens, tf.less_equal(chance, keep))
