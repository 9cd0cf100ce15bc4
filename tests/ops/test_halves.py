"""Half precision made single by its bits, and sums of halves kept in single precision."""
from __future__ import annotations

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.graph.halves import SMALL, single

ALL = np.arange(1 << 16).astype(np.uint16).view(np.float16)


@pytest.mark.parametrize("some", [ALL, ALL[np.isfinite(ALL)], ALL[np.isfinite(ALL)][::3], ALL[:SMALL - 1]])
def test_each_half_is_the_same_number_in_single_precision(some: np.ndarray) -> None:
    wide = single(some)
    expected = some.astype(np.float32)
    assert wide.dtype == np.float32
    np.testing.assert_array_equal(wide, expected)
    np.testing.assert_array_equal(np.signbit(wide[some == 0]), np.signbit(expected[some == 0]))


@pytest.mark.parametrize("shape", [(5000, 3), (700, 100), (4, 9, 3, 200, 90), (2, 3, 100, 200)])
@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
def test_the_gradient_of_a_bias_of_halves_is_summed_in_single_precision(shape: tuple[int, ...], layout: str) -> None:
    if layout == "NCHW" and len(shape) == 2:
        shape = (shape[0], shape[1], 1)
    axis = 1 if layout == "NCHW" else len(shape) - 1
    grad = (np.random.default_rng(0).random(shape) / 8).astype(np.float16)
    expected = grad.astype(np.float64).sum(tuple(i for i in range(len(shape)) if i != axis))
    with tf.Graph().as_default(), tf.Session() as session:
        made = session.run(tf.apply_op("BiasAddGrad", None, [tf.constant(grad)], {"data_format": layout}))
    assert made.dtype == np.float16
    # TensorFlow's sums of 5,000 ones are 5,000; halves alone would end at 2,048
    np.testing.assert_allclose(made.astype(np.float64), expected, rtol=2**-10)
