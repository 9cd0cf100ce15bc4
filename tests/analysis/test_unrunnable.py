"""What is built and fails in every run is told without one, in the words of the run."""
from __future__ import annotations

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.analysis.unrunnable import unrunnable
from graphcli.errors import RunError

X, W = np.ones((2, 6, 6, 3), np.float32), np.ones((3, 3, 3, 2), np.float32)
BUILT = {
    "unequal strides": lambda: tf.nn.depthwise_conv2d(X, W, [1, 1, 2, 1], "SAME"),
    "strides of a depthwise convolution over batches": lambda: tf.nn.depthwise_conv2d(X, W, [2, 1, 1, 1], "SAME"),
    "strides over batches": lambda: tf.nn.conv2d(X, W, [2, 1, 1, 1], "SAME"),
    "strides over channels": lambda: tf.nn.conv2d(X, W, [1, 1, 1, 2], "SAME"),
    "a dtype without a kernel": lambda: tf.extract_image_patches(X > 0, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1],
                                                                "SAME"),
}


@pytest.mark.parametrize("name", BUILT)
def test_what_no_kernel_takes_is_told_as_the_run_tells_it(name: str) -> None:
    with tf.Graph().as_default() as graph, tf.Session() as session:
        made = BUILT[name]()
        with pytest.raises(RunError) as caught:
            session.run(made)
    found = list(unrunnable(graph))
    assert [f.name for f in found] == [made.op.name]
    assert found[0].message.partition(": ")[2] in caught.value.message


def test_what_runs_is_not_told() -> None:
    with tf.Graph().as_default() as graph:
        tf.nn.depthwise_conv2d(X, W, [1, 2, 2, 1], "SAME")
        tf.nn.depthwise_conv2d(X.transpose(0, 3, 1, 2), W, [1, 1, 2, 2], "SAME", data_format="NCHW")
        tf.gradients(tf.nn.conv2d(tf.constant(X), W, [1, 2, 3, 1], "VALID"), tf.constant(X))
    assert not list(unrunnable(graph))
