"""What of tf.contrib TF1 programs use most: its initializers, and its older places of what is elsewhere."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.types import as_dtype, float32
from .modules import modules
from .regularizers import l1_l2_regularizer, l1_regularizer, l2_regularizer, sum_regularizer
from .rnn import transposed
from .rnn_cells import BasicRNNCell, GRUCell, MultiRNNCell, RNNCell
from .rnn_lstm import BasicLSTMCell, LSTMCell, LSTMStateTuple
from .rnn_unrolled import static_bidirectional_rnn, static_rnn, static_state_saving_rnn
from .rnn_wrappers import DeviceWrapper, DropoutWrapper, ResidualWrapper

EXPORTS = """
contrib.layers contrib.slim contrib.slim.initializers: xavier_initializer variance_scaling_initializer
contrib.layers contrib.slim contrib.slim.initializers: xavier_initializer_conv2d=xavier_initializer
contrib.layers contrib.slim contrib.slim.regularizers: l1_regularizer l2_regularizer l1_l2_regularizer sum_regularizer
contrib.rnn: RNNCell BasicRNNCell GRUCell BasicLSTMCell LSTMCell LSTMStateTuple MultiRNNCell DropoutWrapper
contrib.rnn: ResidualWrapper DeviceWrapper static_rnn static_bidirectional_rnn static_state_saving_rnn
contrib.rnn: transpose_batch_time=transposed
python.ops.rnn contrib.seq2seq.python.ops.decoder: _transpose_batch_time=transposed
"""

__all__ = ["BasicLSTMCell", "BasicRNNCell", "DeviceWrapper", "DropoutWrapper", "GRUCell", "LSTMCell",
           "LSTMStateTuple", "MultiRNNCell", "RNNCell", "ResidualWrapper", "l1_l2_regularizer",
           "l1_regularizer", "l2_regularizer", "static_bidirectional_rnn", "static_rnn", "static_state_saving_rnn",
           "sum_regularizer", "transposed", "variance_scaling_initializer", "xavier_initializer"]

tf = modules["tf"]


def variance_scaling_initializer(factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False,
                                 seed: int | None = None, dtype: Any = float32) -> Callable[..., Any]:
    """An initializer whose variance is ``factor / n`` (tf.contrib.layers.variance_scaling_initializer).

    mode: n is FAN_IN, FAN_OUT or their mean FAN_AVG. uniform: within ``sqrt(3 factor / n)``, else normal numbers cut
    at two deviations of ``sqrt(1.3 factor / n)``. Raises InvalidValue for another mode, InvalidType for no floats.
    """
    kind = as_dtype(dtype)
    if not kind.is_floating:
        raise InvalidType(f"this initializer makes floats, not {kind.name}")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise InvalidValue(f"mode is 'FAN_IN', 'FAN_OUT' or 'FAN_AVG', not {said(mode)}")

    def made(shape: Any, dtype: Any = kind, partition_info: Any = None) -> Any:
        sizes = [int(s) for s in shape]
        around = math.prod(sizes[:-2])
        fan_in = float(around * (sizes[-2] if len(sizes) > 1 else sizes[-1] if sizes else 1))
        fan_out = float(around * (sizes[-1] if sizes else 1))
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return tf.random_uniform(sizes, -limit, limit, dtype, seed=seed)
        return tf.truncated_normal(sizes, 0.0, math.sqrt(1.3 * factor / n), dtype, seed=seed)

    return made


def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = float32) -> Callable[..., Any]:
    """The initializer of Glorot and Bengio (tf.contrib.layers.xavier_initializer)."""
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)
