"""Device strings are read as TensorFlow 2.21's ``tf.compat.v1.device`` reads them."""
from __future__ import annotations

import pytest

import graphcli.tf1 as tf

READ = {
    "/gpu:0": "/device:GPU:0", "gpu:1": "/device:GPU:1", "cpu": "/device:CPU:*", "/gpu:*": "/device:GPU:*",
    "//gpu:0": "/device:GPU:0", "/gpu:0/": "/device:GPU:0", "/gpu:-1": "/device:GPU:-1",
    "/tpu:0": "/device:TPU:0", "tpu": "/device:TPU:*", "/job:a/tpu:1": "/job:a/device:TPU:1",
    "/custom:0": "/device:CUSTOM:0", "/device:TPU:0": "/device:TPU:0", "/device:tpu:0": "/device:tpu:0",
    "/device:XPU:0": "/device:XPU:0", "/replica:1": "/replica:1", "/job:": "/job:",
}
REFUSED = ["/xpu:0", "/XLA_GPU:1", "/TPU_SYSTEM:0", "/device:FOO", "/device:gpu", "/gpu:", "/gpu:x", "/task:x",
           "/gpu:²"]


@pytest.mark.parametrize("text", READ)
def test_a_device_stands_in_its_canonical_form(text: str) -> None:
    with tf.Graph().as_default(), tf.device(text):
        assert tf.constant(1).op.device == READ[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_device_is_refused(text: str) -> None:
    with tf.Graph().as_default(), pytest.raises(ValueError), tf.device(text):
        tf.constant(1)
