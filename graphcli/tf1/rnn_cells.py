"""Cells of recurrent networks: one step of a sequence and its state (tf.nn.rnn_cell)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.constant import constant_shape, static_value
from ..graph.shapes import TensorShape, as_shape
from ..graph.types import as_dtype
from . import nesting as nest
from .conversion import constant, convert_to_tensor, is_tensor
from .framework import name_scope
from .initializers import Constant, Zeros
from .layers import Layer
from .layers_input import InputSpec
from .layers_words import activation as activation_of
from .modules import modules
from .variable_scope import get_variable_scope, variable_scope

EXPORTS = """
nn.rnn_cell: RNNCell BasicRNNCell GRUCell MultiRNNCell
python.ops.rnn_cell_impl: _zero_state_tensors=zero_states
"""

tf = modules["tf"]


def joined(first: Any, rest: Any) -> Any:
    """The shape [first, rest…] as a tensor; ``first`` a size or a tensor, ``rest`` a size, a shape or a tensor."""
    parts = [_part(part)[0] for part in (first, rest)]
    if any(part is None for part in parts):
        raise InvalidValue(f"the sizes of a state must be known, not {first} and {rest}")
    return tf.concat(parts, 0)


def static_joined(first: Any, rest: Any) -> Any:
    """The same as a static shape; what ``joined`` makes of the two stays in the graph, as in TensorFlow's."""
    sizes: list[Any] = []
    for found in [_part(part)[1] for part in (first, rest)]:
        if found is None:
            return None
        sizes += found
    return tuple(sizes)


def with_sizes(first: tuple[Any, ...], size: Any) -> Any:
    """A static shape of ``first`` and what is known of a size; makes no node."""
    if is_tensor(size):
        inner = constant_shape(size)
    else:
        inner = (int(size),) if hasattr(size, "__index__") else as_shape(size)
    return None if inner is None else (*first, *inner)


def zeros_of(size: Any, batch: Any, dtype: Any) -> Any:
    """Zeros [batch, size…]; both may be tensors."""
    made = tf.zeros(joined(batch, size), dtype=dtype)
    made.set_shape(static_joined(batch, size))
    return made


def zero_states(state_size: Any, batch_size: Any, dtype: Any) -> Any:
    """Zeros for each size of a nesting (rnn_cell_impl._zero_state_tensors)."""
    return nest.map_structure(lambda size: zeros_of(size, batch_size, dtype), state_size)


def _part(part: Any) -> tuple[Any, Any]:
    """A part of a shape as a tensor (None where it is not known) and as static sizes."""
    if not is_tensor(part):
        sizes = (int(part),) if hasattr(part, "__index__") else as_shape(part)
        return None if sizes is None or None in sizes else constant(list(sizes), "int32"), sizes
    value = static_value(part)
    if part.static == ():
        return tf.expand_dims(part, 0), (None if value is None else int(value),)
    return part, constant_shape(part)


def supported(*values: Any) -> None:
    for value in nest.flatten(list(values)):
        kind = None if value is None else as_dtype(getattr(value, "dtype", value)).base_dtype
        if kind is not None and not kind.is_floating and not kind.is_complex:
            raise InvalidValue(f"a recurrent cell is of real numbers, not {kind.name}")


class RNNCell(Layer):
    """A function of an input and a state that gives an output and the next state (tf.nn.rnn_cell.RNNCell).

    A class below has ``state_size``, ``output_size`` and ``call(inputs, state)``.
    """

    _entered: Any = None

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, **kwargs: Any) -> Any:
        if scope is not None:
            with variable_scope(scope, custom_getter=self._noted) as opened:
                return super().__call__(inputs, state, scope=opened, **kwargs)
        first = self._entered is None
        with variable_scope(get_variable_scope() if first else self._entered,
                            custom_getter=self._noted if first else None) as opened:
            self._entered = self._entered or opened
            return super().__call__(inputs, state, **kwargs)

    def _noted(self, getter: Any, *args: Any, **kwargs: Any) -> Any:
        variable = getter(*args, **kwargs)
        where = self._trainable_weights if variable in tf.trainable_variables() else self._non_trainable_weights
        if not any(variable is v for v in where):
            where.append(variable)
        return variable

    @property
    def state_size(self) -> Any:
        raise NotImplementedError

    @property
    def output_size(self) -> Any:
        raise NotImplementedError

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """A state of zeros for the inputs, or for a batch size and a dtype. Raises InvalidValue without either."""
        if inputs is not None:
            inputs = convert_to_tensor(inputs, name="inputs")
            batch_size = inputs.static[0] or tf.shape(inputs)[0]
            dtype = inputs.dtype
        if batch_size is None or dtype is None:
            raise InvalidValue("an initial state needs the batch_size and the dtype")
        return self.zero_state(batch_size, dtype)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """A state of zeros; batch_size: a number or a scalar tensor."""
        with name_scope(type(self).__name__ + "ZeroState"):
            return zero_states(self.state_size, batch_size, dtype)


class UnitsRNNCell(RNNCell):
    """A cell of ``_num_units`` units: the size of its output, and of its state where a class below says no other."""

    _num_units: int

    @property
    def state_size(self) -> Any:
        return self._num_units

    @property
    def output_size(self) -> Any:
        return self._num_units


class LayerRNNCell(UnitsRNNCell):
    """A cell whose variables stand in a scope of its own name."""

    def __init__(self, num_units: float, activation: Any = None, reuse: Any = None, name: str | None = None,
                 dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        supported(self.dtype)
        if not hasattr(num_units, "__index__") and not (isinstance(num_units, float) and num_units.is_integer()):
            raise InvalidType(f"num_units is a whole number, not {said(num_units)}")
        self.input_spec = InputSpec(ndim=2)
        self._num_units = int(num_units)
        self._activation = activation_of(activation) or tf.tanh

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, *args: Any, **kwargs: Any) -> Any:
        return Layer.__call__(self, inputs, state, *args, scope=scope, **kwargs)

    def _depth(self, input_shape: Any) -> int:
        depth = TensorShape(input_shape).as_list()[-1]
        if depth is None:
            raise InvalidValue(f"the last size of the inputs of {self.name} must be known, not {input_shape}")
        supported(self.dtype)
        return int(depth)


class BasicRNNCell(LayerRNNCell):
    """``tanh([inputs, state] @ kernel + bias)``, which is the next state too (tf.nn.rnn_cell.BasicRNNCell)."""

    def build(self, input_shape: Any) -> None:
        depth, units = self._depth(input_shape), self._num_units
        self._kernel = self.add_weight("kernel", [depth + units, units])
        self._bias = self.add_weight("bias", [units], initializer=Zeros())
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        supported(inputs, state)
        output = self._activation(tf.nn.bias_add(tf.matmul(tf.concat([inputs, state], 1), self._kernel), self._bias))
        return output, output


class GRUCell(LayerRNNCell):
    """The gated recurrent unit (tf.nn.rnn_cell.GRUCell)."""

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None, kernel_initializer: Any = None,
                 bias_initializer: Any = None, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._kernel_initializer, self._bias_initializer = kernel_initializer, bias_initializer

    def build(self, input_shape: Any) -> None:
        depth, units, kernel, bias = (self._depth(input_shape), self._num_units, self._kernel_initializer,
                                      self._bias_initializer)
        self._gate_kernel = self.add_weight("gates/kernel", [depth + units, 2 * units], initializer=kernel)
        self._gate_bias = self.add_weight("gates/bias", [2 * units],
                                          initializer=Constant(1.0) if bias is None else bias)
        self._candidate_kernel = self.add_weight("candidate/kernel", [depth + units, units], initializer=kernel)
        self._candidate_bias = self.add_weight("candidate/bias", [units],
                                               initializer=Zeros() if bias is None else bias)
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        supported(inputs, state)
        gates = tf.matmul(tf.concat([inputs, state], 1), self._gate_kernel)
        r, u = tf.split(value=tf.sigmoid(tf.nn.bias_add(gates, self._gate_bias)), num_or_size_splits=2, axis=1)
        r_state = r * state
        candidate = tf.matmul(tf.concat([inputs, r_state], 1), self._candidate_kernel)
        c = self._activation(tf.nn.bias_add(candidate, self._candidate_bias))
        new = u * state + (1 - u) * c
        return new, new


class MultiRNNCell(RNNCell):
    """Cells above each other, the output of each the input of the next (tf.nn.rnn_cell.MultiRNNCell).

    Its state is a tuple of theirs. Raises InvalidValue without a cell, InvalidType for what is no list.
    """

    def __init__(self, cells: Any, state_is_tuple: bool = True) -> None:
        super().__init__()
        if not cells:
            raise InvalidValue("a MultiRNNCell has at least one cell")
        if not nest.is_nested(cells):
            raise InvalidType(f"cells is a list, not {said(cells)}")
        if not state_is_tuple and any(nest.is_nested(c.state_size) for c in cells):
            raise InvalidValue("some cells have a tuple for their state, and state_is_tuple is False")
        self._cells = list(cells)
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        if self._state_is_tuple:
            return tuple(cell.state_size for cell in self._cells)
        return sum(cell.state_size for cell in self._cells)

    @property
    def output_size(self) -> Any:
        return self._cells[-1].output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(type(self).__name__ + "ZeroState"):
            if self._state_is_tuple:
                return tuple(cell.zero_state(batch_size, dtype) for cell in self._cells)
            return super().zero_state(batch_size, dtype)

    @property
    def trainable_weights(self) -> list[Any]:
        return [v for cell in self._cells for v in cell.trainable_weights] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        return [v for cell in self._cells for v in cell.non_trainable_weights]

    def call(self, inputs: Any, state: Any) -> Any:
        at, states = 0, []
        for i, cell in enumerate(self._cells):
            with variable_scope(f"cell_{i}"):
                if not self._state_is_tuple:
                    current = tf.slice(state, [0, at], [-1, cell.state_size])
                    at += cell.state_size
                elif nest.is_nested(state):
                    current = state[i]
                else:
                    raise InvalidValue(f"the state is a tuple of {len(self._cells)}, not {said(state)}")
                inputs, new = cell(inputs, current)
                states.append(new)
        return inputs, tuple(states) if self._state_is_tuple else tf.concat(states, 1)


def like_a_cell(what: str, cell: Any) -> None:
    """Raises InvalidType for what is no cell."""
    if not (callable(cell) and hasattr(cell, "output_size") and hasattr(cell, "state_size")
            and (hasattr(cell, "zero_state") or hasattr(cell, "get_initial_state"))):
        raise InvalidType(f"{what} is a cell, such as tf.nn.rnn_cell.BasicLSTMCell(units), not {said(cell)}")
