"""Zeros that are put around images for convolutions alone are their padding: the same bits."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session

from .test_passes import same

IMAGES = np.random.default_rng(3).standard_normal((2, 11, 9, 4)).astype(np.float32)
STRANGE = np.where(IMAGES > 1.5, np.inf, np.where(IMAGES < -1.5, np.nan, IMAGES))
FILTER = np.random.default_rng(4).standard_normal((3, 2, 4, 6)).astype(np.float32)


def taken(make: Any, images: Any = IMAGES) -> int:
    """How many convolutions take their ``Pad`` in what ``make`` makes of images; the bits are compared."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, images.shape)
        y = make(x)
    with Session(graph, passes=()) as session:
        plain = session.run(y, {x: images})
    for passes in (("pad",), None):
        with Session(graph, passes=passes) as session:
            assert same(plain, session.run(y, {x: images}))
            found = [s for s in session.plan(y, {x: images}).steps if s.pad is not None]
            assert all([n.type for n in s.nodes] == ["Pad", s.node.type] for s in found)
    return len(found)


def around(x: Any, *paddings: Any) -> Any:
    return tf.pad(x, list(paddings) or [[0, 0], [1, 0], [2, 1], [0, 0]])


def conv(x: Any, padding: Any = "VALID", stride: int = 1, **more: Any) -> Any:
    return tf.nn.conv2d(x, FILTER, strides=[1, stride, stride, 1], padding=padding, **more)


def depthwise(x: Any, padding: Any = "VALID", stride: int = 1) -> Any:
    return tf.nn.depthwise_conv2d_native(x, FILTER, strides=[1, stride, stride, 1], padding=padding)


@pytest.mark.parametrize("images", [IMAGES, STRANGE], ids=["numbers", "not finite"])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("make", [conv, depthwise])
def test_the_padding_of_one_convolution_is_within_it(make: Any, stride: int, images: Any) -> None:
    assert taken(lambda x: make(around(x), stride=stride), images) == 1


def test_explicit_paddings_and_those_of_the_pad_add_up() -> None:
    assert taken(lambda x: conv(around(x), [[0, 0], [1, 2], [0, 1], [0, 0]])) == 1


def test_channels_may_come_first() -> None:
    def make(x: Any) -> Any:
        turned = tf.transpose(x, [0, 3, 1, 2])
        return conv(around(turned, [0, 0], [0, 0], [1, 1], [0, 2]), data_format="NCHW")

    assert taken(make) == 1
    assert taken(lambda x: conv(around(tf.transpose(x, [0, 3, 1, 2]), [0, 0], [0, 0], [1, 1], [0, 2]),
                                dilations=[1, 1, 2, 2], data_format="NCHW")) == 1


def test_several_convolutions_of_one_padding_take_it_each() -> None:
    assert taken(lambda x: [f(p) for p in [around(x)] for f in (conv, depthwise)]) == 2


@pytest.mark.parametrize("make", [
    lambda x: [f(p) for p in [around(x)] for f in (conv, tf.abs)],
    lambda x: conv(around(x), "SAME"),
    lambda x: conv(around(x[..., :3], [0, 0], [1, 1], [1, 1], [0, 1])),
    lambda x: conv(around(x, [1, 0], [1, 1], [1, 1], [0, 0])),
    lambda x: conv(tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], constant_values=1.0)),
    lambda x: conv(tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")),
    lambda x: conv(tf.pad(x, tf.cast(tf.abs(x[0, :4, :2, 0]), tf.int32) * [[0], [1], [1], [0]])),
], ids=["others take it", "SAME", "of channels", "of images", "of ones", "mirrored", "not known"])
def test_another_padding_stays_a_step(make: Any) -> None:
    assert taken(make) == 0


def test_a_padding_that_is_fetched_or_fed_stays_a_step() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, IMAGES.shape)
        p = around(x)
        y = conv(p)
    with Session(graph) as session:
        wide, out = session.run([p, y], {x: IMAGES})
        assert same(out, session.run(y, {p: wide}))
        assert not any(s.pad for fetches, feeds in (([p, y], [x]), (y, [p]))
                       for s in session.plan(fetches, feeds).steps)


def test_a_variable_that_is_padded_is_read_where_the_padding_stands() -> None:
    with tf.Graph().as_default() as graph:
        v = tf.Variable(IMAGES)
        y = conv(around(v))
        with tf.control_dependencies([y]):
            change = tf.assign_add(v, tf.ones_like(v))
    answers = []
    for passes in ((), ("pad",), None):
        with Session(graph, passes=passes) as session:
            session.run(v.initializer)
            answers.append([session.run([y, change]) for _ in range(2)])
    assert all(same(a, b) for answer in answers[1:] for one, other in zip(answers[0], answer)
               for a, b in zip(one, other))


def test_the_plan_names_both() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, IMAGES.shape)
        y = conv(around(x))
    assert "v2 = Pad+Conv2D(v0, v1)  # Conv2D and 1 more" in str(Session(graph).plan(y, [x]))
