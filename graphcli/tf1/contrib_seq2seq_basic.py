"""The decoder of a cell and a helper, and the loss of what it makes (tf.contrib.seq2seq.BasicDecoder)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import InvalidType, InvalidValue, said
from . import nesting as nest
from .contrib_seq2seq import Decoder, output_size_of
from .contrib_seq2seq_helpers import Helper
from .framework import name_scope
from .layers import Layer
from .modules import modules
from .rnn_cells import like_a_cell

EXPORTS = """
contrib.seq2seq: BasicDecoder BasicDecoderOutput sequence_loss
"""

tf = modules["tf"]


class BasicDecoderOutput(NamedTuple):
    """What one step gives: the output of the cell, or of the layer after it, and what is taken from it."""

    rnn_output: Any
    sample_id: Any


class BasicDecoder(Decoder):
    """A cell whose next inputs are those that a helper makes of its outputs (tf.contrib.seq2seq.BasicDecoder).

    output_layer: a tf.layers.Layer that makes logits of the cell's outputs. Raises InvalidType for what is none of
    these.
    """

    def __init__(self, cell: Any, helper: Any, initial_state: Any, output_layer: Any = None) -> None:
        like_a_cell("cell", cell)
        if not isinstance(helper, Helper):
            raise InvalidType(f"helper is a Helper, such as a TrainingHelper, not {said(helper)}")
        if output_layer is not None and not isinstance(output_layer, Layer):
            raise InvalidType(f"output_layer is a layer, such as tf.layers.Dense(units), not {said(output_layer)}")
        self._cell, self._helper, self._initial_state, self._output_layer = cell, helper, initial_state, output_layer

    @property
    def batch_size(self) -> Any:
        return self._helper.batch_size

    @property
    def output_size(self) -> Any:
        return BasicDecoderOutput(output_size_of(self._cell, self._output_layer), self._helper.sample_ids_shape)

    @property
    def output_dtype(self) -> Any:
        kind = nest.flatten(self._initial_state)[0].dtype
        sizes = output_size_of(self._cell, self._output_layer)
        return BasicDecoderOutput(nest.map_structure(lambda _: kind, sizes), self._helper.sample_ids_dtype)

    def initialize(self, name: str | None = None) -> Any:
        return (*self._helper.initialize(), self._initial_state)

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        with name_scope(name, "BasicDecoderStep"):
            outputs, state = self._cell(inputs, state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            ids = self._helper.sample(time=time, outputs=outputs, state=state)
            finished, inputs, state = self._helper.next_inputs(time=time, outputs=outputs, state=state, sample_ids=ids)
        return BasicDecoderOutput(outputs, ids), state, inputs, finished


def _ranks(**values: Any) -> None:
    for (name, value), rank in zip(values.items(), (3, 2, 2)):
        if len(value.shape) != rank:
            raise InvalidValue(f"{name} is [batch, time{', classes' if rank == 3 else ''}], not {value.shape}")


def sequence_loss(logits: Any, targets: Any, weights: Any, average_across_timesteps: bool = True,
                  average_across_batch: bool = True, sum_over_timesteps: bool = False, sum_over_batch: bool = False,
                  softmax_loss_function: Callable[..., Any] | None = None, name: str | None = None) -> Any:
    """The weighted cross entropy of logits [batch, time, classes] and targets int [batch, time].

    weights: [batch, time], 0 for steps that do not count. average_across_…: divided by the sum of weights;
    sum_over_…: by how many are not 0; neither of both: that axis stays. softmax_loss_function: called with labels=
    and logits= of all steps. Raises InvalidValue for other ranks, or for both the average and the sum of an axis.
    """
    _ranks(logits=logits, targets=targets, weights=weights)
    if average_across_timesteps and sum_over_timesteps or average_across_batch and sum_over_batch:
        raise InvalidValue("an axis is averaged or summed, not both", hint="average_across_timesteps=False and "
                           "average_across_batch=False go with sums")
    with name_scope(name, "sequence_loss", [logits, targets, weights]):
        classes = tf.shape(logits)[2]
        flat = tf.reshape(logits, [-1, classes])
        targets = tf.reshape(targets, [-1])
        loss_of = softmax_loss_function or tf.nn.sparse_softmax_cross_entropy_with_logits
        loss = loss_of(labels=targets, logits=flat)
        loss *= tf.reshape(weights, [-1])

        def divided(axis: Any, sums: bool) -> Any:
            total = tf.reduce_sum(loss, axis=axis)
            if not sums:
                return tf.div_no_nan(total, tf.reduce_sum(weights, axis=axis))
            return tf.div_no_nan(total, tf.cast(tf.count_nonzero(weights, axis=axis), total.dtype))

        if average_across_timesteps and average_across_batch:
            return divided(None, False)
        if sum_over_timesteps and sum_over_batch:
            return divided(None, True)
        loss = tf.reshape(loss, tf.shape(logits)[0:2])
        if average_across_timesteps or average_across_batch:
            return divided([0] if average_across_batch else [1], False)
        if sum_over_timesteps or sum_over_batch:
            return divided([0] if sum_over_batch else [1], True)
        return loss
