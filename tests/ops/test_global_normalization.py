"""Batch normalization of old graphs, which TensorFlow only runs in graphs of versions below 9: its numbers there."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf

ANSWERS = {
    True: [[-1.84802, 0.8517046, 2.236437, 1.721015], [-2.319249, 0.8591457, 2.689664, 2.193703],
           [0.2862965, -1.357761, -1.58301, -0.472472], [-2.13524, -4.539382, -10.93157, -4.414597],
           [-0.1613762, 0.8965778, 1.130222, 0.3247457], [3.446745, 6.270049, 11.25635, 5.61585]],
    False: [[-0.5636753, 0.4610403, 2.209373, 1.194199], [-0.9129817, 0.5424402, 2.663014, 1.629363],
            [0.1127017, -0.8572519, -1.567325, -0.3509264], [-0.8405457, -2.866037, -10.82326, -3.278921],
            [-0.1613762, 0.8965778, 1.130222, 0.3247457], [0, 0, 0, 0]]}
"""By whether gamma scales: of the result, of dx, dm, dv, db and dg the first four."""


def draw(*shape: int) -> Any:
    return np.cos(np.arange(np.prod(shape), dtype=np.float32) + len(shape)).reshape(shape).astype(np.float32)


@pytest.mark.parametrize("scaled", [True, False])
def test_numbers_are_those_of_old_graphs(scaled: bool) -> None:
    with tf.Graph().as_default():
        t, m, v, beta, gamma = (tf.constant(x) for x in (draw(2, 3, 1, 4), draw(4), draw(4) + 1.5, draw(4) * 0.5,
                                                         draw(4) + 2.0))
        y = tf.raw_ops.BatchNormWithGlobalNormalization(t=t, m=m, v=v, beta=beta, gamma=gamma, variance_epsilon=0.01,
                                                        scale_after_normalization=scaled)
        slopes = tf.gradients(y, [t, m, v, beta, gamma], grad_ys=tf.constant(draw(2, 3, 1, 4) * 2))
        with tf.Session() as session:
            found = session.run([y, *slopes])
    for value, wanted in zip(found, ANSWERS[scaled]):
        np.testing.assert_allclose(np.ravel(value)[:4], wanted, rtol=2e-5, atol=1e-6)
