"""Cells around cells that have weights of their own: projections, tables of words, gates, attention to past steps."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from ..graph.shapes import compatible
from . import logging
from . import nesting as nest
from .contrib_rnn_linear import Linear
from .embedding import embedding_lookup
from .framework import device, name_scope
from .get_variable import get_variable
from .initializers import Constant, RandomUniform
from .modules import modules
from .rnn_cells import RNNCell, like_a_cell
from .variable_scope import get_variable_scope, variable_scope

EXPORTS = """
contrib.rnn: EmbeddingWrapper InputProjectionWrapper OutputProjectionWrapper HighwayWrapper AttentionCellWrapper
"""

tf = modules["tf"]


class _Around(RNNCell):
    """A cell with the state of the one inside."""

    _cell: Any

    @property
    def state_size(self) -> Any:
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(type(self).__name__ + "ZeroState", values=[batch_size]):
            return self._cell.zero_state(batch_size, dtype)


class EmbeddingWrapper(_Around):
    """A cell that reads numbers of words, [batch] or [batch, 1] (tf.contrib.rnn.EmbeddingWrapper).

    Raises InvalidType if ``cell`` is none, InvalidValue for sizes below 1.
    """

    def __init__(self, cell: Any, embedding_classes: int, embedding_size: int, initializer: Any = None,
                 reuse: Any = None) -> None:
        super().__init__(_reuse=reuse)
        like_a_cell("cell", cell)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise InvalidValue(f"a table of words has at least one, not [{embedding_classes}, {embedding_size}]")
        self._cell, self._initializer = cell, initializer
        self._sizes = [embedding_classes, embedding_size]

    def call(self, inputs: Any, state: Any) -> Any:
        with device("/cpu:0"):
            limit = math.sqrt(3)
            initializer = self._initializer or get_variable_scope().initializer or RandomUniform(-limit, limit)
            dtype = state[0].dtype if isinstance(state, tuple) else state.dtype
            table = get_variable("embedding", self._sizes, initializer=initializer, dtype=dtype)
            return self._cell(embedding_lookup(table, tf.reshape(inputs, [-1])), state)


class InputProjectionWrapper(_Around):
    """A cell whose inputs are projected to ``num_proj`` sizes (tf.contrib.rnn.InputProjectionWrapper)."""

    def __init__(self, cell: Any, num_proj: int, activation: Callable[[Any], Any] | None = None,
                 input_size: Any = None, reuse: Any = None) -> None:
        super().__init__(_reuse=reuse)
        if input_size is not None:
            logging.warn(f"{self}: The input_size parameter is deprecated.")
        like_a_cell("cell", cell)
        self._cell, self._num_proj, self._activation = cell, num_proj, activation
        self._linear: Any = None

    def call(self, inputs: Any, state: Any) -> Any:
        self._linear = self._linear or Linear(inputs, self._num_proj, True)
        projected = self._linear(inputs)
        return self._cell(self._activation(projected) if self._activation else projected, state)


class OutputProjectionWrapper(_Around):
    """A cell whose outputs are projected to ``output_size`` (tf.contrib.rnn.OutputProjectionWrapper).

    Raises InvalidValue for a size below 1.
    """

    def __init__(self, cell: Any, output_size: int, activation: Callable[[Any], Any] | None = None,
                 reuse: Any = None) -> None:
        super().__init__(_reuse=reuse)
        like_a_cell("cell", cell)
        if output_size < 1:
            raise InvalidValue(f"output_size is at least 1, not {output_size}")
        self._cell, self._output_size, self._activation = cell, output_size, activation
        self._linear: Any = None

    @property
    def output_size(self) -> Any:
        return self._output_size

    def call(self, inputs: Any, state: Any) -> Any:
        output, state = self._cell(inputs, state)
        self._linear = self._linear or Linear(output, self._output_size, True)
        projected = self._linear(output)
        return (self._activation(projected) if self._activation else projected), state


class HighwayWrapper(_Around):
    """A cell whose outputs are mixed with its inputs by a gate (tf.contrib.rnn.HighwayWrapper).

    couple_carry_transform_gates: outputs get what inputs leave. Raises InvalidValue for outputs of another shape.
    """

    def __init__(self, cell: Any, couple_carry_transform_gates: bool = True, carry_bias_init: float = 1.0) -> None:
        self._cell, self._coupled, self._carry_bias_init = cell, couple_carry_transform_gates, carry_bias_init

    def _gate(self, name: str, x: Any, size: int | None, bias: float) -> Any:
        weights = get_variable(f"{name}_w", [size, size])
        return tf.sigmoid(tf.nn.xw_plus_b(x, weights, get_variable(f"{name}_b", [size], initializer=Constant(bias))))

    def _highway(self, x: Any, out: Any) -> Any:
        size = x.shape.with_rank(2).as_list()[1]
        carry = self._gate("carry", x, size, self._carry_bias_init)
        transform = 1 - carry if self._coupled else self._gate("transform", x, size, -self._carry_bias_init)
        return x * carry + out * transform

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, **kwargs: Any) -> Any:
        outputs, state = self._cell(inputs, state, scope=scope)
        nest.assert_same(inputs, outputs, "inputs and outputs")
        for x, out in zip(nest.flatten(inputs), nest.flatten(outputs)):
            if not compatible(x.static, out.static):
                raise InvalidValue(f"the inputs {x.shape} and the outputs {out.shape} cannot be mixed")
        return nest.map_structure(self._highway, inputs, outputs), state


class AttentionCellWrapper(RNNCell):
    """A cell that looks at its last ``attn_length`` outputs (tf.contrib.rnn.AttentionCellWrapper).

    attn_size: of the outputs, those of the cell by default. attn_vec_size: of the net that tells how much each counts.
    Raises InvalidType if ``cell`` is none, InvalidValue for a length below 1, or a tuple of states that is none.
    """

    def __init__(self, cell: Any, attn_length: int, attn_size: int | None = None, attn_vec_size: int | None = None,
                 input_size: int | None = None, state_is_tuple: bool = True, reuse: Any = None) -> None:
        super().__init__(_reuse=reuse)
        like_a_cell("cell", cell)
        if nest.is_nested(cell.state_size) and not state_is_tuple:
            raise InvalidValue(f"the cell has a tuple for its state, {cell.state_size}, and state_is_tuple is False")
        if attn_length <= 0:
            raise InvalidValue(f"attn_length is at least 1, not {attn_length}")
        if not state_is_tuple:
            logging.warn(f"{self}: Using a concatenated state is slower and will soon be deprecated.  "
                         "Use state_is_tuple=True.")
        self._cell, self._input_size, self._state_is_tuple = cell, input_size, state_is_tuple
        self._attn_length, self._attn_size = attn_length, cell.output_size if attn_size is None else attn_size
        self._attn_vec_size = self._attn_size if attn_vec_size is None else attn_vec_size
        self._linear1: Any = None
        self._linear2: Any = None
        self._linear3: Any = None

    @property
    def state_size(self) -> Any:
        size = (self._cell.state_size, self._attn_size, self._attn_size * self._attn_length)
        return size if self._state_is_tuple else sum(size)

    @property
    def output_size(self) -> Any:
        return self._attn_size

    def call(self, inputs: Any, state: Any) -> Any:
        length, size = self._attn_length, self._attn_size
        if self._state_is_tuple:
            state, seen, past = state
        else:
            first = self._cell.state_size
            whole = state
            state = tf.slice(whole, [0, 0], [-1, first])
            seen = tf.slice(whole, [0, first], [-1, size])
            past = tf.slice(whole, [0, first + size], [-1, size * length])
        past = tf.reshape(past, [-1, length, size])
        input_size = self._input_size
        if input_size is None:
            input_size = inputs.shape.as_list()[1]
        self._linear1 = self._linear1 or Linear([inputs, seen], input_size, True)
        output, state = self._cell(self._linear1([inputs, seen]), state)
        query = tf.concat(nest.flatten(state), 1) if self._state_is_tuple else state
        seen, past = self._attention(query, past)
        with variable_scope("attn_output_projection"):
            self._linear2 = self._linear2 or Linear([output, seen], size, True)
            output = self._linear2([output, seen])
        past = tf.reshape(tf.concat([past, tf.expand_dims(output, 1)], 1), [-1, length * size])
        new = (state, seen, past)
        return output, new if self._state_is_tuple else tf.concat(list(new), 1)

    def _attention(self, query: Any, past: Any) -> tuple[Any, Any]:
        """(what is seen, the past without its first step) of [batch, length, size]."""
        length, size, units = self._attn_length, self._attn_size, self._attn_vec_size
        with variable_scope("attention"):
            k = get_variable("attn_w", [1, 1, size, units])
            v = get_variable("attn_v", [units])
            hidden = tf.reshape(past, [-1, length, 1, size])
            features = tf.nn.conv2d(hidden, k, [1, 1, 1, 1], "SAME")
            self._linear3 = self._linear3 or Linear(query, units, True)
            y = tf.reshape(self._linear3(query), [-1, 1, 1, units])
            a = tf.nn.softmax(tf.reduce_sum(v * tf.tanh(features + y), [2, 3]))
            d = tf.reduce_sum(tf.reshape(a, [-1, length, 1, 1]) * hidden, [1, 2])
            return tf.reshape(d, [-1, size]), tf.slice(past, [0, 1, 0], [-1, -1, -1])
