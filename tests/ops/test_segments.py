"""Segments of rows: what is refused is what TensorFlow refuses, in its words."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import RunError

WRONG = {
    "Segment id -1 out of range [0, 3).": ([0, 1], [0, -1]), "Segment id 3 out of range [0, 3).": ([0, 1], [0, 3]),
    "Index 9 out of range [0, 4).": ([0, 9], [0, 1]), "Index -1 out of range [0, 4).": ([0, -1], [0, 1])}


@pytest.mark.parametrize("op", ["SparseSegmentSumGrad", "SparseSegmentMeanGrad", "SparseSegmentSqrtNGrad"])
@pytest.mark.parametrize("message", WRONG)
def test_a_gradient_of_segments_refuses_ids_out_of_range(op: str, message: str) -> None:
    indices, ids = WRONG[message]
    with tf.Graph().as_default(), tf.Session() as session:
        given: list[Any] = [np.ones((3, 2), np.float32), np.array(indices, np.int32), np.array(ids, np.int32), 4]
        with pytest.raises(RunError) as error:
            session.run(tf.apply_op(op, None, [tf.constant(g) for g in given]))
    assert message in str(error.value)
