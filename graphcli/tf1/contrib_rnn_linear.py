"""``[args…] @ kernel + bias``, the linear map of cells (tensorflow.contrib.rnn.python.ops.core_rnn_cell)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.shapes import TensorShape
from ..graph.types import int32
from . import nesting as nest
from .conversion import constant
from .get_variable import get_variable
from .initializers import Constant
from .modules import modules
from .variable_scope import get_variable_scope, variable_scope

EXPORTS = """
contrib.rnn.python.ops.core_rnn_cell: _Linear=Linear _linear=linear
"""

tf = modules["tf"]


def known_width(shape: Any) -> int:
    """The last size of [batch, size]. Raises InvalidValue where it is not known."""
    width: int | None = TensorShape(shape).with_rank(2).as_list()[1]
    if width is None:
        raise InvalidValue(f"the last size of the inputs must be known, not {shape}")
    return width


def _width(args: Any) -> tuple[list[Any], int]:
    """The matrices as a list, and how many columns they have together. Raises InvalidValue for none."""
    args = list(args) if nest.is_nested(args) else [args]
    if not args or args[0] is None:
        raise InvalidValue("a linear map needs an argument")
    for a in args:
        if a.static is None or len(a.static) != 2 or a.static[1] is None:
            raise InvalidValue(f"a linear map takes [batch, size] whose size is known, not {a.name} of {a.shape}")
    return args, sum(a.static[1] for a in args)


def _bias(scope: Any, size: int, dtype: Any, initializer: Any) -> Any:
    with variable_scope(scope) as inner:
        inner.set_partitioner(None)
        return get_variable("bias", [size], dtype=dtype,
                            initializer=Constant(0.0, dtype=dtype) if initializer is None else initializer)


class Linear:
    """The map with its variables, which are made at once in the scope that is open.

    args: a matrix [batch, size] or a list, as it will be called with. Raises InvalidValue for sizes that are not known.
    """

    def __init__(self, args: Any, output_size: int, build_bias: bool, bias_initializer: Any = None,
                 kernel_initializer: Any = None) -> None:
        matrices, width = _width(args)
        self._build_bias, self._is_sequence = build_bias, nest.is_nested(args)
        dtype = matrices[0].dtype
        with variable_scope(get_variable_scope()) as outer:
            self._weights = get_variable("kernel", [width, output_size], dtype=dtype, initializer=kernel_initializer)
            if build_bias:
                self._biases = _bias(outer, output_size, dtype, bias_initializer)

    def __call__(self, args: Any) -> Any:
        args = args if self._is_sequence else [args]
        if len(args) > 1:
            args = [tf.concat(args, constant(1, int32))]
        made = tf.matmul(args[0], self._weights)
        return tf.nn.bias_add(made, self._biases) if self._build_bias else made


def linear(args: Any, output_size: int, bias: bool, bias_initializer: Any = None,
           kernel_initializer: Any = None) -> Any:
    """The map of a matrix [batch, size] or a list, with variables ``kernel`` and ``bias``. Raises as Linear does."""
    matrices, width = _width(args)
    dtype = matrices[0].dtype
    with variable_scope(get_variable_scope()) as outer:
        weights = get_variable("kernel", [width, output_size], dtype=dtype, initializer=kernel_initializer)
        made = tf.matmul(matrices[0] if len(matrices) == 1 else tf.concat(matrices, 1), weights)
        return tf.nn.bias_add(made, _bias(outer, output_size, dtype, bias_initializer)) if bias else made
