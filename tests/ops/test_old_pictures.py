"""Ops of graphs older than TensorFlow 1.0: what 1.15 makes of them in a graph that says it is as old."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf

WANTED = [10.0, 10.0, 10.0, 10.0, 10.0, 15.93333, 35.73333, 49.53333, 74.93333, 94.33333, 125.3333, 150.3333, 149.6,
          187.6667, 200.0, 200.0, 10.0, 10.0, 43.2, 98.06667, 149.6, 200.0, 200.0, 10.0]


def made(op: str, inputs: list[Any], turns: int = 1, **attrs: Any) -> list[Any]:
    with tf.Session(graph=tf.Graph()) as session, session.graph.as_default():
        node = tf.apply_op(op, None, inputs, attrs)
        return [session.run(node) for _ in range(turns)]


@pytest.mark.parametrize(("seed", "size", "places"), [
    (3, [3, 4], [(3, 3), (0, 2), (1, 0)]),
    (4, [7, 4], [(0, 2), (0, 3), (0, 0)]),
    (5, [2, 9], [(4, 0), (0, 0), (2, 0)]),
    (6, [7, 9], [(0, 0), (0, 0), (0, 0)]),
    (7, [1, 1], [(1, 2), (4, 0), (5, 0)]),
    (8, [5, 8], [(2, 1), (1, 1), (2, 0)]),
])
def test_pieces_are_cut_at_the_places_that_tensorflow_draws(seed: int, size: list[int],
                                                            places: list[tuple[int, int]]) -> None:
    image = np.arange(7 * 9 * 2).reshape(7, 9, 2)
    pieces = made("RandomCrop", [image, np.array(size, np.int64)], 3, seed=seed, seed2=5)
    for piece, (top, left) in zip(pieces, places, strict=True):
        np.testing.assert_array_equal(piece, image[top:top + size[0], left:left + size[1]])


def test_contrast_is_of_any_numbers_and_kept_between_two_ends() -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 2, 3, 2) ** 2
    (found,) = made("AdjustContrast", [images, np.float32(1.4), np.float32(10), np.float32(200)])
    np.testing.assert_allclose(found.reshape(-1), WANTED, rtol=1e-6)
