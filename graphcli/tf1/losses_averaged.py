"""Losses of examples as one number, and what regularizes, for one replica (tf.nn.compute_average_loss)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.types import float32
from .conversion import convert_to_tensor
from .framework import control_dependencies
from .losses_weights import broadcast_weights
from .modules import modules

EXPORTS = """
nn: compute_average_loss scale_regularization_loss
"""

tf = modules["tf"]


def compute_average_loss(per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None) -> Any:
    """The sum of the losses over how many there are (tf.nn.compute_average_loss).

    sample_weight: of each, broadcast. global_batch_size: what the sum is divided by. Raises InvalidValue for a scalar.
    """
    losses = convert_to_tensor(per_example_loss)
    kind, rank = losses.dtype, losses.shape.ndims
    if rank == 0:
        raise InvalidValue("there is a loss for each example, not one number")
    checks = [] if rank is not None else [tf.assert_greater_equal(
        tf.rank(losses), 1, message="Invalid value passed for `per_example_loss`. Expected a tensor with at least rank "
                                    "1.")]
    with control_dependencies(checks):
        if sample_weight is not None:
            weights = tf.cast(sample_weight, float32)
            losses = tf.multiply(tf.cast(losses, float32), broadcast_weights(weights, losses))
        losses = tf.cast(losses, kind)
        if global_batch_size is None:
            global_batch_size = tf.cast(tf.shape(losses)[0] * 1, kind)
        return tf.reduce_sum(losses) / global_batch_size


def scale_regularization_loss(regularization_loss: Any) -> Any:
    """The sum of what regularizes, over the one replica that there is (tf.nn.scale_regularization_loss)."""
    return tf.reduce_sum(regularization_loss) / 1
