"""What functions of models take and return (tf.estimator.ModeKeys, EstimatorSpec); the steps are the program's own."""
from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import InvalidType, InvalidValue, said
from .array import reshape
from .conversion import is_tensor

EXPORTS = """
estimator: ModeKeys EstimatorSpec
"""


class ModeKeys:
    """What a model is made for (tf.estimator.ModeKeys)."""

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = "infer"


class _Fields(NamedTuple):
    mode: str
    predictions: Any
    loss: Any
    train_op: Any
    eval_metric_ops: dict[str, Any]
    export_outputs: Any
    training_chief_hooks: tuple[Any, ...]
    training_hooks: tuple[Any, ...]
    scaffold: Any
    evaluation_hooks: tuple[Any, ...]
    prediction_hooks: tuple[Any, ...]


class EstimatorSpec(_Fields):
    """What a function of a model made (tf.estimator.EstimatorSpec); ``tf.train.MonitoredTrainingSession`` runs it.

    Raises InvalidValue for what the mode lacks, and for a loss that is no scalar; InvalidType for a loss that is no
    tensor.
    """

    def __new__(cls, mode: str, predictions: Any = None, loss: Any = None, train_op: Any = None,
                eval_metric_ops: Any = None, export_outputs: Any = None, training_chief_hooks: Any = None,
                training_hooks: Any = None, scaffold: Any = None, evaluation_hooks: Any = None,
                prediction_hooks: Any = None) -> EstimatorSpec:
        trains = mode == ModeKeys.TRAIN
        for name, value, needed in (("train_op", train_op, trains), ("loss", loss, trains or mode == ModeKeys.EVAL),
                                    ("predictions", predictions, mode == ModeKeys.PREDICT)):
            if value is None and needed:
                raise InvalidValue(f"Missing {name}.", hint=f"a model made for {mode!r} has one")
        if loss is not None:
            if not is_tensor(loss):
                raise InvalidType(f"loss is a tensor, not {said(loss)}")
            if loss.shape.num_elements() not in (None, 1):
                raise InvalidValue(f"Loss must be scalar, given: {loss}")
            if loss.shape.ndims not in (None, 0):
                loss = reshape(loss, [])
        hooks = (tuple(h or ()) for h in (training_chief_hooks, training_hooks, evaluation_hooks, prediction_hooks))
        chief, training, evaluation, prediction = hooks
        return super().__new__(cls, mode, {} if predictions is None else predictions, loss, train_op,
                               eval_metric_ops or {}, export_outputs, chief, training, scaffold, evaluation, prediction)
