"""Colours of any rank: one alone, lines, images, none."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session


@pytest.mark.parametrize("name", ["rgb_to_hsv", "hsv_to_rgb"])
@pytest.mark.parametrize("shape", [(3,), (0, 3), (4, 3), (2, 3, 4, 3)], ids=str)
def test_a_colour_is_the_same_alone_and_in_an_image(name: str, shape: Any) -> None:
    colours = np.random.default_rng(0).random(shape).astype(np.float32)
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32)
        y = getattr(tf.image, name)(x)
    with Session(graph) as session:
        found = session.run(y, {x: colours})
        assert found.shape == shape
        for colour, one in zip(colours.reshape(-1, 3), found.reshape(-1, 3)):
            np.testing.assert_array_equal(session.run(y, {x: colour}), one)
