"""A function of a model, as tf.estimator takes it, runs in a monitored session."""
from __future__ import annotations

from typing import Any

import pytest

import graphcli.tf1 as tf
from graphcli.errors import InvalidType, InvalidValue

KEYS = tf.estimator.ModeKeys


def model(features: dict[str, Any], labels: Any, mode: str) -> Any:
    guess = tf.layers.dense(features["x"], 1, use_bias=False, kernel_initializer=tf.zeros_initializer())
    if mode == KEYS.PREDICT:
        return tf.estimator.EstimatorSpec(mode, predictions={"guess": guess})
    loss = tf.losses.mean_squared_error(labels, guess)
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss, global_step=tf.train.get_or_create_global_step())
    return tf.estimator.EstimatorSpec(mode=mode, loss=loss, train_op=train,
                                      training_hooks=[tf.train.StopAtStepHook(last_step=20)])


def test_a_model_trains_by_its_function() -> None:
    with tf.Graph().as_default():
        spec = model({"x": tf.constant([[1.0], [-1.0]])}, tf.constant([[3.0], [-3.0]]), KEYS.TRAIN)
        with tf.train.MonitoredTrainingSession(hooks=spec.training_hooks, scaffold=spec.scaffold) as session:
            while not session.should_stop():
                loss, _ = session.run([spec.loss, spec.train_op])
        assert loss < 1e-6
        assert spec.predictions == {} and spec.eval_metric_ops == {} and spec.prediction_hooks == ()


def test_what_a_mode_lacks_is_told() -> None:
    with tf.Graph().as_default():
        loss, many = tf.constant(1.0), tf.constant([1.0, 2.0])
        assert tf.estimator.EstimatorSpec(KEYS.EVAL, loss=tf.constant([1.0])).loss.shape.ndims == 0
        for given, lacking in (({"mode": KEYS.TRAIN, "loss": loss}, "train_op"),
                               ({"mode": KEYS.TRAIN, "train_op": loss.op}, "loss"),
                               ({"mode": KEYS.EVAL}, "loss"), ({"mode": KEYS.PREDICT, "loss": loss}, "predictions")):
            with pytest.raises(InvalidValue, match=f"Missing {lacking}"):
                tf.estimator.EstimatorSpec(**given)
        with pytest.raises(InvalidValue, match="must be scalar"):
            tf.estimator.EstimatorSpec(KEYS.EVAL, loss=many)
        with pytest.raises(InvalidType, match="loss is a tensor"):
            tf.estimator.EstimatorSpec(KEYS.EVAL, loss=1.0)
