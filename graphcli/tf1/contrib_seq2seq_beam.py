"""Decoding that follows the likeliest sentences side by side (tf.contrib.seq2seq.BeamSearchDecoder)."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.constant import static_value
from ..graph.shapes import TensorShape, compatible
from ..graph.types import bool_, int32, int64
from . import nesting as nest
from .contrib_seq2seq import Decoder, output_size_of
from .contrib_seq2seq_beam_step import (
    BeamSearchDecoderOutput,
    BeamSearchDecoderState,
    attention_probs,
    beam_search_step,
    known_rank,
)
from .contrib_seq2seq_beam_tree import gather_tree, sorted_beams
from .contrib_seq2seq_helpers import looking_up, tokens
from .conversion import convert_to_tensor, is_tensor
from .framework import name_scope
from .layers import Layer
from .modules import modules
from .rnn_cells import like_a_cell
from .tensor_array import TensorArray

EXPORTS = """
contrib.seq2seq: BeamSearchDecoder FinalBeamSearchDecoderOutput tile_batch
"""

tf = modules["tf"]


class FinalBeamSearchDecoderOutput(NamedTuple):
    """The sentences [time, batch, beams], and what each step chose."""

    predicted_ids: Any
    beam_search_decoder_output: Any


def tile_batch(t: Any, multiplier: int, name: str | None = None) -> Any:
    """Each row ``multiplier`` times, of a tensor or a nesting (tf.contrib.seq2seq.tile_batch).

    Raises InvalidValue for a tensor of unknown rank, or of rank 0.
    """
    with name_scope(name, "tile_batch", [*nest.flatten(t), multiplier]):
        return nest.map_structure(lambda x: _tiled(x, multiplier), t)


def _tiled(t: Any, multiplier: int) -> Any:
    t = convert_to_tensor(t, name="t")
    sizes = tf.shape(t)
    if not t.static:
        raise InvalidValue(f"tile_batch takes tensors [batch, …], not {t.name} of shape {t.shape}")
    times = [1] * (len(t.static) + 1)
    times[1] = multiplier
    tiled = tf.tile(tf.expand_dims(t, 1), times)
    tiled = tf.reshape(tiled, tf.concat(([sizes[0] * multiplier], sizes[1:]), 0))
    batch = t.static[0]
    tiled.set_shape((None if batch is None else batch * multiplier, *t.static[1:]))
    return tiled


def _known(size: Any) -> TensorShape:
    """A part of a cell's state_size as a static shape."""
    value = static_value(size) if is_tensor(size) else size
    if value is None:
        return TensorShape(None)
    return TensorShape([int(value)] if hasattr(value, "__index__") else value)


class BeamSearchDecoder(Decoder):
    """The ``beam_width`` likeliest sentences of each row (tf.contrib.seq2seq.BeamSearchDecoder).

    cell: of a batch of ``batch * beam_width`` rows, as its initial_state is (``tile_batch``). embedding: a table of
    words, or a function of numbers that makes inputs. start_tokens: int32 [batch]. end_token: int32 [].
    output_layer: makes logits of the cell's outputs. length_penalty_weight, coverage_penalty_weight: of Wu et al.
    reorder_tensor_arrays: arrays in the state, as AttentionWrapper's history, are put in the order of the sentences.
    Raises InvalidType and InvalidValue for what is none of these.
    """

    def __init__(self, cell: Any, embedding: Any, start_tokens: Any, end_token: Any, initial_state: Any,
                 beam_width: int, output_layer: Any = None, length_penalty_weight: Any = 0.0,
                 coverage_penalty_weight: Any = 0.0, reorder_tensor_arrays: bool = True) -> None:
        like_a_cell("cell", cell)
        if output_layer is not None and not isinstance(output_layer, Layer):
            raise InvalidType(f"output_layer is a layer, such as tf.layers.Dense(units), not {said(output_layer)}")
        self._cell, self._output_layer, self._beam_width = cell, output_layer, beam_width
        self._reorder_tensor_arrays = reorder_tensor_arrays
        self._length_penalty_weight, self._coverage_penalty_weight = length_penalty_weight, coverage_penalty_weight
        self._embedding_fn = looking_up(embedding)
        start, self._end_token = tokens(start_tokens, end_token)
        self._batch_size = tf.size(start_tokens)
        self._initial_cell_state = nest.map_structure(self._maybe_split_batch_beams, initial_state,
                                                      self._cell.state_size)
        self._start_tokens = tf.tile(tf.expand_dims(start, 1), [1, self._beam_width])
        self._start_inputs = self._embedding_fn(self._start_tokens)
        self._finished = tf.one_hot(tf.zeros([self._batch_size], dtype=int32), depth=self._beam_width, on_value=False,
                                    off_value=True, dtype=bool_)

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    @property
    def tracks_own_finished(self) -> bool:
        return True

    @property
    def output_size(self) -> BeamSearchDecoderOutput:
        return BeamSearchDecoderOutput(*[TensorShape([self._beam_width])] * 3)

    @property
    def output_dtype(self) -> BeamSearchDecoderOutput:
        kind = nest.flatten(self._initial_cell_state)[0].dtype
        sizes = output_size_of(self._cell, self._output_layer)
        return BeamSearchDecoderOutput(nest.map_structure(lambda _: kind, sizes), int32, int32)

    def initialize(self, name: str | None = None) -> Any:
        kind = nest.flatten(self._initial_cell_state)[0].dtype
        log_probs = tf.one_hot(tf.zeros([self._batch_size], dtype=int32), depth=self._beam_width,
                               on_value=convert_to_tensor(0.0, dtype=kind),
                               off_value=convert_to_tensor(-np.inf, dtype=kind), dtype=kind)
        seen = attention_probs(self._initial_cell_state, self._coverage_penalty_weight)
        state = BeamSearchDecoderState(
            cell_state=self._initial_cell_state, log_probs=log_probs, finished=self._finished,
            lengths=tf.zeros([self._batch_size, self._beam_width], dtype=int64),
            accumulated_attention_probs=() if seen is None else seen)
        return self._finished, self._start_inputs, state

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        longest = tf.cast(tf.reduce_max(final_state.lengths, axis=1), int32)
        ids = gather_tree(outputs.predicted_ids, outputs.parent_ids, max_sequence_lengths=longest,
                          end_token=self._end_token)
        if self._reorder_tensor_arrays:
            final_state = final_state._replace(cell_state=nest.map_structure(
                lambda t: sorted_beams(t, outputs.parent_ids, final_state.lengths, self._batch_size, self._beam_width),
                final_state.cell_state))
        return FinalBeamSearchDecoderOutput(ids, outputs), final_state

    def _batch(self) -> int | None:
        known = static_value(self._batch_size)
        return None if known is None else int(known)

    def _merge_batch_beams(self, t: Any, s: Any = None) -> Any:
        """[batch, beams, …] as [batch * beams, …]."""
        shape = _known(s)
        sizes = tf.shape(t)
        batch = self._batch()
        merged = tf.reshape(t, tf.concat(([self._batch_size * self._beam_width], sizes[2:]), 0))
        merged.set_shape(TensorShape([None if batch is None else batch * self._beam_width]).concatenate(shape))
        return merged

    def _split_batch_beams(self, t: Any, s: Any = None) -> Any:
        """[batch * beams, …] as [batch, beams, …]. Raises InvalidValue where that cannot be."""
        shape = _known(s)
        sizes = tf.shape(t)
        split = tf.reshape(t, tf.concat(([self._batch_size, self._beam_width], sizes[1:]), 0))
        expected = TensorShape([self._batch(), self._beam_width]).concatenate(shape)
        if not compatible(split.static, expected.tuple):
            raise InvalidValue(f"{t.name} of shape {t.shape} is no state of {self._beam_width} beams for each row: "
                               f"{split.shape} instead of {expected}",
                               hint="zero_state(batch_size * beam_width, dtype), and tile_batch for what is encoded")
        split.set_shape(expected)
        return split

    def _maybe_split_batch_beams(self, t: Any, s: Any) -> Any:
        if isinstance(t, TensorArray):
            return t
        return self._split_batch_beams(t, s) if known_rank(t) else t

    def _maybe_merge_batch_beams(self, t: Any, s: Any) -> Any:
        if isinstance(t, TensorArray):
            return t
        return self._merge_batch_beams(t, s) if known_rank(t) >= 2 else t

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        with name_scope(name, "BeamSearchDecoderStep"):
            inputs = nest.map_structure(lambda x: self._merge_batch_beams(x, x.shape[2:]), inputs)
            cell_state = nest.map_structure(self._maybe_merge_batch_beams, state.cell_state, self._cell.state_size)
            outputs, cell_state = self._cell(inputs, cell_state)
            outputs = nest.map_structure(lambda x: self._split_batch_beams(x, x.shape[1:]), outputs)
            cell_state = nest.map_structure(self._maybe_split_batch_beams, cell_state, self._cell.state_size)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            output, following = beam_search_step(
                time, outputs, cell_state, state, self._batch_size, self._beam_width, self._end_token,
                self._length_penalty_weight, self._coverage_penalty_weight)
            next_inputs = tf.cond(tf.reduce_all(following.finished), lambda: self._start_inputs,
                                  lambda: self._embedding_fn(output.predicted_ids))
        return output, following, next_inputs, following.finished
