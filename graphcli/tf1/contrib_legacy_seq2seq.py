"""Sequences unrolled step by step (tf.contrib.legacy_seq2seq): decoders, and losses of lists of steps."""
from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..errors import InvalidValue
from ..graph.types import float32
from .conversion import convert_to_tensor
from .embedding import embedding_lookup
from .framework import name_scope
from .get_variable import get_variable
from .modules import modules
from .rnn_unrolled import static_rnn
from .variable_scope import get_variable_scope, variable_scope

EXPORTS = """
contrib.legacy_seq2seq: rnn_decoder basic_rnn_seq2seq tied_rnn_seq2seq embedding_rnn_decoder
contrib.legacy_seq2seq: sequence_loss_by_example sequence_loss
"""

tf = modules["tf"]
Loop = Callable[[Any, int], Any]


def rnn_decoder(decoder_inputs: Iterable[Any], initial_state: Any, cell: Any, loop_function: Loop | None = None,
                scope: Any = None) -> tuple[list[Any], Any]:
    """(outputs, last state) of a cell over a list of inputs (tf.contrib.legacy_seq2seq.rnn_decoder).

    loop_function: makes the input of a step of the output before it, instead of the list's.
    """
    with variable_scope(scope or "rnn_decoder"):
        state, outputs = initial_state, []
        before = None
        for i, given in enumerate(decoder_inputs):
            if loop_function is not None and before is not None:
                with variable_scope("loop_function", reuse=True):
                    given = loop_function(before, i)
            if i > 0:
                get_variable_scope().reuse_variables()
            output, state = cell(given, state)
            outputs.append(output)
            before = output
    return outputs, state


def basic_rnn_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any, dtype: Any = float32,
                      scope: Any = None) -> tuple[list[Any], Any]:
    """A cell over the inputs, and another like it from there on (tf.contrib.legacy_seq2seq.basic_rnn_seq2seq)."""
    with variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = static_rnn(copy.deepcopy(cell), encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


def tied_rnn_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any,
                     loop_function: Loop | None = None, dtype: Any = float32, scope: Any = None
                     ) -> tuple[list[Any], Any]:
    """basic_rnn_seq2seq of one cell, with the same variables twice (tf.contrib.legacy_seq2seq.tied_rnn_seq2seq)."""
    with variable_scope("combined_tied_rnn_seq2seq"):
        name = scope or "tied_rnn_seq2seq"
        _, state = static_rnn(cell, encoder_inputs, dtype=dtype, scope=name)
        get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell, loop_function=loop_function, scope=name)


def likeliest_row(embedding: Any, output_projection: Any, update_embedding: bool) -> Loop:
    """Makes the next input of an output: the row of its likeliest word."""
    def likeliest(before: Any, _: int) -> Any:
        if output_projection is not None:
            before = tf.nn.xw_plus_b(before, *output_projection)
        row = embedding_lookup(embedding, tf.argmax(before, 1))
        return row if update_embedding else tf.stop_gradient(row)

    return likeliest


def embedding_rnn_decoder(decoder_inputs: Sequence[Any], initial_state: Any, cell: Any, num_symbols: int,
                          embedding_size: int, output_projection: Any = None, feed_previous: bool = False,
                          update_embedding_for_previous: bool = True, scope: Any = None) -> tuple[list[Any], Any]:
    """rnn_decoder of word numbers, rows of a variable ``embedding`` (tf.contrib.legacy_seq2seq.embedding_rnn_decoder).

    output_projection: (weights, biases) that make words of outputs. feed_previous: the likeliest word is the next
    step's. Raises InvalidValue for a projection of other sizes.
    """
    with variable_scope(scope or "embedding_rnn_decoder") as opened:
        if output_projection is not None:
            for part, shape in zip(output_projection, ([None, num_symbols], [num_symbols])):
                convert_to_tensor(part, opened.dtype).get_shape().assert_is_compatible_with(shape)
        embedding = get_variable("embedding", [num_symbols, embedding_size])

        loop = likeliest_row(embedding, output_projection, update_embedding_for_previous) if feed_previous else None
        rows = (embedding_lookup(embedding, words) for words in decoder_inputs)
        return rnn_decoder(rows, initial_state, cell, loop_function=loop)


def sequence_loss_by_example(logits: list[Any], targets: list[Any], weights: list[Any],
                             average_across_timesteps: bool = True, softmax_loss_function: Any = None,
                             name: str | None = None) -> Any:
    """The weighted cross entropy of each example over its steps (tf.contrib.legacy_seq2seq.sequence_loss_by_example).

    logits: [batch, symbols] of each step; targets: [batch] of int32 or int64; weights: [batch]. Raises InvalidValue
    where there are more of one than of another.
    """
    if not len(targets) == len(logits) == len(weights):
        raise InvalidValue("Lengths of logits, weights, and targets must be the same "
                           f"{len(logits)}, {len(weights)}, {len(targets)}.")
    with name_scope(name, "sequence_loss_by_example", logits + targets + weights):
        losses = []
        for logit, target, weight in zip(logits, targets, weights):
            if softmax_loss_function is None:
                found = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(target, [-1]), logits=logit)
            else:
                found = softmax_loss_function(labels=target, logits=logit)
            losses.append(found * weight)
        total = tf.add_n(losses)
        if average_across_timesteps:
            total /= tf.add_n(weights) + 1e-12
    return total


def sequence_loss(logits: list[Any], targets: list[Any], weights: list[Any], average_across_timesteps: bool = True,
                  average_across_batch: bool = True, softmax_loss_function: Any = None, name: str | None = None) -> Any:
    """The sum of sequence_loss_by_example, or its mean (tf.contrib.legacy_seq2seq.sequence_loss): a scalar."""
    with name_scope(name, "sequence_loss", logits + targets + weights):
        cost = tf.reduce_sum(sequence_loss_by_example(
            logits, targets, weights, average_across_timesteps=average_across_timesteps,
            softmax_loss_function=softmax_loss_function))
        if not average_across_batch:
            return cost
        return cost / tf.cast(tf.shape(targets[0])[0], cost.dtype)
