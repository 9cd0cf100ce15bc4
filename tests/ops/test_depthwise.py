"""Depthwise convolutions of few and of many channels, which are summed in different ways, against plain sums."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session


def summed(x: Any, w: Any, stride: int, dilation: int) -> Any:
    """Without padding, one tap of the window after the other, in double precision."""
    down, along, channels, many = w.shape
    out = [(size - (taps - 1) * dilation - 1) // stride + 1 for size, taps in zip(x.shape[1:3], w.shape)]
    total = np.zeros((len(x), *out, channels, many))
    for i in range(down):
        for j in range(along):
            seen = x[:, i * dilation:i * dilation + (out[0] - 1) * stride + 1:stride,
                     j * dilation:j * dilation + (out[1] - 1) * stride + 1:stride]
            total += seen[..., None].astype(np.float64) * w[i, j]
    return total.reshape(*total.shape[:3], -1)


@pytest.mark.parametrize("channels", [1, 8, 48, 49, 80])
@pytest.mark.parametrize(("window", "stride", "dilation"), [
    ((3, 3), 2, 1), ((1, 1), 3, 1), ((2, 1), 3, 1), ((5, 4), 3, 1), ((1, 7), 2, 1), ((3, 3), 1, 2), ((3, 2), 1, 1)])
def test_strides_of_any_length_see_what_each_tap_sees(channels: int, window: Any, stride: int, dilation: int) -> None:
    random = np.random.default_rng(1)
    x = random.standard_normal((2, 41, 37, channels)).astype(np.float32)
    for many in (1, 2):
        w = random.standard_normal((*window, channels, many)).astype(np.float32)
        with tf.Graph().as_default():
            y = tf.nn.depthwise_conv2d(x, w, [1, stride, stride, 1], "VALID", dilations=[dilation, dilation])
            found = [Session(threads=threads, passes=()).run(y) for threads in (1, 2)]
        np.testing.assert_allclose(found[0], summed(x, w, stride, dilation), rtol=1e-5, atol=1e-5)
        assert found[0].tobytes() == found[1].tobytes()
