"""What is turned where it lies, or by blocks, is what a copy as a whole would be."""
from __future__ import annotations

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops._turning import turned


@pytest.mark.parametrize("rows", [1, 2, 255, 257, 1000, 70_001])
@pytest.mark.parametrize("columns", [1, 3, 16, 300])
def test_a_matrix_is_turned_where_it_lies(rows: int, columns: int) -> None:
    if rows * columns > 2_000_000:
        columns = 17
    x = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    y = x.copy()
    found = turned(y)
    assert np.shares_memory(found, y)
    assert np.array_equal(found, x.T)


@pytest.mark.parametrize("shape", [(3, 8, 6, 4), (2, 12, 300, 250), (40, 8, 60, 32), (1, 4, 700, 1000)])
def test_space_and_depth_with_channels_first_are_those_of_channels_last(shape: tuple[int, ...]) -> None:
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    for op in (tf.space_to_depth, tf.depth_to_space):
        with tf.Graph().as_default() as graph:
            found = [op(x, 2, data_format="NCHW"), op(last, 2)]
        with Session(graph, threads=2) as session:
            first, second = session.run(found)
        assert np.array_equal(first, np.moveaxis(second, -1, 1))


@pytest.mark.parametrize("op", ["Conv2D", "Conv2DBackpropInput"])
def test_one_large_image_with_its_channels_first_is_convolved_as_with_its_channels_last(op: str) -> None:
    x = np.random.default_rng(0).random((1, 7, 301, 307), np.float32)
    w = np.random.default_rng(1).random((3, 3, 7, 7), np.float32)
    with tf.Graph().as_default() as graph:
        found = []
        for order, image in (("NCHW", x), ("NHWC", np.moveaxis(x, 1, -1).copy())):
            args = [image, w] if op == "Conv2D" else [image.shape, w, image]
            attrs = {"strides": [1, 1, 1, 1], "padding": "SAME", "data_format": order}
            found.append(tf.apply_op(op, None, args, attrs))
    with Session(graph, threads=2) as session:
        first, last = session.run(found)
    assert np.allclose(first, np.moveaxis(last, -1, 1), 1e-5)
