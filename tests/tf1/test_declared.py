"""What layers say of their variables for replicas stands in the VariableDefs (TensorFlow's values, tf.layers)."""
from __future__ import annotations

import graphcli.tf1 as tf


def test_moving_averages_are_the_mean_of_replicas() -> None:
    with tf.Graph().as_default():
        tf.layers.batch_normalization(tf.placeholder(tf.float32, [3, 4]), training=True, renorm=True)
        said = {v.op.name.rpartition("/")[2]: (v.to_proto().synchronization, v.to_proto().aggregation)
                for v in tf.global_variables()}
    moving = {"moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev"}
    on_read, mean = tf.VariableSynchronization.ON_READ, tf.VariableAggregation.MEAN
    assert said == {"gamma": (0, 0), "beta": (0, 0), **dict.fromkeys(moving, (on_read.value, mean.value))}
