"""Word numbers to word numbers, with attention or without (tf.contrib.legacy_seq2seq.embedding_attention_seq2seq)."""
from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.types import float32
from .contrib_legacy_seq2seq import (
    Loop,
    embedding_rnn_decoder,
    likeliest_row,
    sequence_loss,
    sequence_loss_by_example,
    tied_rnn_seq2seq,
)
from .contrib_rnn_linear import Linear
from .contrib_rnn_wrappers import EmbeddingWrapper, OutputProjectionWrapper
from .conversion import convert_to_tensor
from .embedding import embedding_lookup
from .framework import name_scope
from .get_variable import get_variable
from .modules import modules
from .nesting import flatten, is_nested, pack
from .rnn_cells import RNNCell
from .rnn_unrolled import static_rnn
from .variable_scope import get_variable_scope, variable_scope

EXPORTS = """
contrib.legacy_seq2seq: embedding_rnn_seq2seq embedding_tied_rnn_seq2seq attention_decoder embedding_attention_decoder
contrib.legacy_seq2seq: embedding_attention_seq2seq one2many_rnn_seq2seq model_with_buckets
"""

tf = modules["tf"]
Decoded = tuple[list[Any], Any]


def _either(feed_previous: Any, decode: Callable[[bool], Decoded], steps: int, like: Any) -> Decoded:
    """What a decoder gives, by a flag or by a tensor that says whether it reads its own words."""
    if isinstance(feed_previous, bool):
        return decode(feed_previous)

    def branch(fed: bool) -> list[Any]:
        with variable_scope(get_variable_scope(), reuse=None if fed else True):
            outputs, state = decode(fed)
            return outputs + (flatten(state) if is_nested(state) else [state])

    found = tf.cond(feed_previous, lambda: branch(True), lambda: branch(False))
    rest = found[steps:]
    return list(found[:steps]), pack(like, rest) if is_nested(like) else rest[0]


def embedding_rnn_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any,
                          num_encoder_symbols: int, num_decoder_symbols: int, embedding_size: int,
                          output_projection: Any = None, feed_previous: Any = False, dtype: Any = None,
                          scope: Any = None) -> Decoded:
    """A cell over words, and another from there on (tf.contrib.legacy_seq2seq.embedding_rnn_seq2seq)."""
    with variable_scope(scope or "embedding_rnn_seq2seq") as opened:
        if dtype is not None:
            opened.set_dtype(dtype)
        encoder = EmbeddingWrapper(copy.deepcopy(cell), embedding_classes=num_encoder_symbols,
                                   embedding_size=embedding_size)
        _, state = static_rnn(encoder, encoder_inputs, dtype=dtype or opened.dtype)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)

        def decode(fed: bool) -> Decoded:
            return embedding_rnn_decoder(
                decoder_inputs, state, cell, num_decoder_symbols, embedding_size, output_projection=output_projection,
                feed_previous=fed, update_embedding_for_previous=isinstance(feed_previous, bool))

        return _either(feed_previous, decode, len(decoder_inputs), state)


def embedding_tied_rnn_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any,
                               num_symbols: int, embedding_size: int, num_decoder_symbols: int | None = None,
                               output_projection: Any = None, feed_previous: Any = False, dtype: Any = None,
                               scope: Any = None) -> Decoded:
    """One cell and one embedding for both sides (tf.contrib.legacy_seq2seq.embedding_tied_rnn_seq2seq)."""
    with variable_scope(scope or "embedding_tied_rnn_seq2seq", dtype=dtype) as opened:
        kind = opened.dtype
        if output_projection is not None:
            for part, shape in zip(output_projection, ([None, num_symbols], [num_symbols])):
                convert_to_tensor(part, kind).get_shape().assert_is_compatible_with(shape)
        embedding = get_variable("embedding", [num_symbols, embedding_size], dtype=kind)
        sources = [embedding_lookup(embedding, x) for x in encoder_inputs]
        targets = [embedding_lookup(embedding, x) for x in decoder_inputs]
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_symbols if num_decoder_symbols is None else num_decoder_symbols)

        def decode(fed: bool) -> Decoded:
            loop = likeliest_row(embedding, output_projection, isinstance(feed_previous, bool)) if fed else None
            return tied_rnn_seq2seq(sources, targets, cell, loop_function=loop, dtype=kind)

        if isinstance(feed_previous, bool):
            return decode(feed_previous)
        outputs, state = _either(feed_previous, decode, len(decoder_inputs), cell.state_size)
        size = encoder_inputs[0].get_shape()[0]
        cell.zero_state(tf.shape(encoder_inputs[0])[0] if size.value is None else size.value, kind)
        return outputs, state


def attention_decoder(decoder_inputs: Sequence[Any], initial_state: Any, attention_states: Any, cell: Any,
                      output_size: int | None = None, num_heads: int = 1, loop_function: Loop | None = None,
                      dtype: Any = None, scope: Any = None, initial_state_attention: bool = False) -> Decoded:
    """A cell over inputs that looks at states at each step (tf.contrib.legacy_seq2seq.attention_decoder).

    attention_states: [batch, steps, size]. Raises InvalidValue for no inputs, no heads, or a size that is not known.
    """
    if not decoder_inputs:
        raise InvalidValue("Must provide at least 1 input to attention decoder.")
    if num_heads < 1:
        raise InvalidValue("With less than 1 heads, use a non-attention decoder.")
    size = attention_states.get_shape()[2].value
    if size is None:
        raise InvalidValue(f"Shape[2] of attention_states must be known: {attention_states.get_shape()}")
    output_size = cell.output_size if output_size is None else output_size
    with variable_scope(scope or "attention_decoder", dtype=dtype) as opened:
        kind = opened.dtype
        batch = tf.shape(decoder_inputs[0])[0]
        steps = attention_states.get_shape()[1].value
        steps = tf.shape(attention_states)[1] if steps is None else steps
        hidden = tf.reshape(attention_states, [-1, steps, 1, size])
        features, v = [], []
        for head in range(num_heads):
            k = get_variable(f"AttnW_{head}", [1, 1, size, size], dtype=kind)
            features.append(tf.nn.conv2d(hidden, k, [1, 1, 1, 1], "SAME"))
            v.append(get_variable(f"AttnV_{head}", [size], dtype=kind))

        def attention(query: Any) -> list[Any]:
            if is_nested(query):
                query = tf.concat(flatten(query), 1)
            reads = []
            for head in range(num_heads):
                with variable_scope(f"Attention_{head}"):
                    y = tf.reshape(Linear(query, size, True)(query), [-1, 1, 1, size])
                    score = tf.reduce_sum(v[head] * tf.tanh(features[head] + tf.cast(y, kind)), [2, 3])
                    share = tf.cast(tf.nn.softmax(tf.cast(score, dtype=float32)), kind)
                    read = tf.reduce_sum(tf.reshape(share, [-1, steps, 1, 1]) * hidden, [1, 2])
                    reads.append(tf.reshape(read, [-1, size]))
            return reads

        state, outputs, before = initial_state, [], None
        shape = tf.stack([batch, size])
        attns = [tf.zeros(shape, dtype=kind) for _ in range(num_heads)]
        for a in attns:
            a.set_shape([None, size])
        if initial_state_attention:
            attns = attention(initial_state)
        for i, given in enumerate(decoder_inputs):
            if i > 0:
                get_variable_scope().reuse_variables()
            if loop_function is not None and before is not None:
                with variable_scope("loop_function", reuse=True):
                    given = loop_function(before, i)
            width = given.get_shape().with_rank(2)[1]
            if width.value is None:
                raise InvalidValue(f"Could not infer input size from input: {given.name}")
            inputs = [tf.cast(e, kind) for e in [given, *attns]]
            output, state = cell(Linear(inputs, width.value, True)(inputs), state)
            if i == 0 and initial_state_attention:
                with variable_scope(get_variable_scope(), reuse=True):
                    attns = attention(state)
            else:
                attns = attention(state)
            with variable_scope("AttnOutputProjection"):
                inputs = [tf.cast(output, kind), *attns]
                output = Linear(inputs, output_size, True)(inputs)
            before = output
            outputs.append(output)
    return outputs, state


def embedding_attention_decoder(decoder_inputs: Sequence[Any], initial_state: Any, attention_states: Any, cell: Any,
                                num_symbols: int, embedding_size: int, num_heads: int = 1,
                                output_size: int | None = None, output_projection: Any = None,
                                feed_previous: bool = False, update_embedding_for_previous: bool = True,
                                dtype: Any = None, scope: Any = None, initial_state_attention: bool = False) -> Decoded:
    """attention_decoder of word numbers (tf.contrib.legacy_seq2seq.embedding_attention_decoder)."""
    output_size = cell.output_size if output_size is None else output_size
    if output_projection is not None:
        convert_to_tensor(output_projection[1], dtype).get_shape().assert_is_compatible_with([num_symbols])
    with variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        embedding = get_variable("embedding", [num_symbols, embedding_size])
        loop = likeliest_row(embedding, output_projection, update_embedding_for_previous) if feed_previous else None
        rows = [embedding_lookup(embedding, words) for words in decoder_inputs]
        return attention_decoder(rows, initial_state, attention_states, cell, output_size=output_size,
                                 num_heads=num_heads, loop_function=loop,
                                 initial_state_attention=initial_state_attention)


def embedding_attention_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any,
                                num_encoder_symbols: int, num_decoder_symbols: int, embedding_size: int,
                                num_heads: int = 1, output_projection: Any = None, feed_previous: Any = False,
                                dtype: Any = None, scope: Any = None, initial_state_attention: bool = False
                                ) -> Decoded:
    """Words to words with attention to the encoder's (tf.contrib.legacy_seq2seq.embedding_attention_seq2seq).

    feed_previous: whether the decoder reads its own words, as a bool or a tensor.
    """
    with variable_scope(scope or "embedding_attention_seq2seq", dtype=dtype) as opened:
        encoder = EmbeddingWrapper(copy.deepcopy(cell), embedding_classes=num_encoder_symbols,
                                   embedding_size=embedding_size)
        outputs, state = static_rnn(encoder, encoder_inputs, dtype=opened.dtype)
        seen = tf.concat([tf.reshape(e, [-1, 1, cell.output_size]) for e in outputs], 1)
        output_size = None
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
            output_size = num_decoder_symbols

        def decode(fed: bool) -> Decoded:
            return embedding_attention_decoder(
                decoder_inputs, state, seen, cell, num_decoder_symbols, embedding_size, num_heads=num_heads,
                output_size=output_size, output_projection=output_projection, feed_previous=fed,
                update_embedding_for_previous=isinstance(feed_previous, bool),
                initial_state_attention=initial_state_attention)

        return _either(feed_previous, decode, len(decoder_inputs), state)


def one2many_rnn_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs_dict: Mapping[Any, Sequence[Any]],
                         enc_cell: Any, dec_cells_dict: Mapping[Any, Any], num_encoder_symbols: int,
                         num_decoder_symbols_dict: Mapping[Any, int], embedding_size: int, feed_previous: Any = False,
                         dtype: Any = None, scope: Any = None) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """One encoder and decoders by name (tf.contrib.legacy_seq2seq.one2many_rnn_seq2seq).

    Raises InvalidType for what is no cell, InvalidValue for names that differ.
    """
    if set(dec_cells_dict) != set(decoder_inputs_dict):
        raise InvalidValue("keys of dec_cells_dict != keys of decodre_inputs_dict")
    for one in (enc_cell, *dec_cells_dict.values()):
        if not isinstance(one, RNNCell):
            raise InvalidType(f"a cell is not an RNNCell: {type(one)}")
    outputs, states = {}, {}
    with variable_scope(scope or "one2many_rnn_seq2seq", dtype=dtype) as opened:
        encoder = EmbeddingWrapper(enc_cell, embedding_classes=num_encoder_symbols, embedding_size=embedding_size)
        _, state = static_rnn(encoder, encoder_inputs, dtype=opened.dtype)
        for name, words in decoder_inputs_dict.items():
            symbols = num_decoder_symbols_dict[name]
            with variable_scope(f"one2many_decoder_{name}"):
                cell = OutputProjectionWrapper(dec_cells_dict[name], symbols)

                def decode(fed: bool, words: Any = words, cell: Any = cell, symbols: int = symbols) -> Decoded:
                    return embedding_rnn_decoder(words, state, cell, symbols, embedding_size, feed_previous=fed)

                outputs[name], states[name] = _either(feed_previous, decode, len(words), state)
    return outputs, states


def model_with_buckets(encoder_inputs: list[Any], decoder_inputs: list[Any], targets: list[Any], weights: list[Any],
                       buckets: Sequence[tuple[int, int]], seq2seq: Callable[[Any, Any], Decoded],
                       softmax_loss_function: Any = None, per_example_loss: bool = False, name: str | None = None
                       ) -> tuple[list[Any], list[Any]]:
    """(outputs, losses) of a model unrolled for each pair of lengths, with the same variables
    (tf.contrib.legacy_seq2seq.model_with_buckets). Raises InvalidValue for fewer inputs than the last pair takes."""
    for what, given, at_least in (("encoder_inputs", encoder_inputs, buckets[-1][0]),
                                  ("targets", targets, buckets[-1][1]), ("weights", weights, buckets[-1][1])):
        if len(given) < at_least:
            raise InvalidValue(f"Length of {what} ({len(given)}) must be at least that of last bucket ({at_least}).")
    outputs, losses = [], []
    with name_scope(name, "model_with_buckets", encoder_inputs + decoder_inputs + targets + weights):
        for j, (sources, words) in enumerate(buckets):
            with variable_scope(get_variable_scope(), reuse=True if j > 0 else None):
                found, _ = seq2seq(encoder_inputs[:sources], decoder_inputs[:words])
                outputs.append(found)
                loss = sequence_loss_by_example if per_example_loss else sequence_loss
                losses.append(loss(found, targets[:words], weights[:words],
                                   softmax_loss_function=softmax_loss_function))
    return outputs, losses
