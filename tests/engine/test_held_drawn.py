"""What a step of one thread holds is what the plan says to a tenth: of views, of windows without padding, of graphs
that are drawn."""
from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session

from .held import measured, shrinking_counts_twice

OBJECTS = 150_000
"""Bytes of Python's objects, and of blocks that kernels take for any number of elements."""


def numbers(*shape: int) -> Any:
    return np.random.default_rng(1).random(shape, np.float32)


def weights(*shape: int) -> Any:
    return tf.Variable(numbers(*shape) * 0.2 - 0.1)


def half(x: Any, axis: int) -> Any:
    return tf.split(tf.square(x), 2, axis)[0]


def holds_what_it_says(x: Any, fetch: Any) -> None:
    with Session(x.graph, threads=1, seed=7) as session:
        session.initialize()
        given = {x: numbers(*x.shape.as_list())}
        said, held = session.plan(fetch, given).peak, measured(session, fetch, given)
    assert not said.unknown
    assert abs(said.bytes - held) < 0.1 * held + OBJECTS


IMAGES, ROWS = (4, 112, 112, 64), (2000, 1000)
ONES = [[1, 1, 1, 1], [1, 2, 2, 1], [1, 3, 3, 1]]
STEPS: dict[str, tuple[tuple[int, ...], Callable[[Any], Any]]] = {
    "the greatest of rows of which parts are cut out": (IMAGES, lambda x: tf.nn.top_k(half(x, 2), 40)[0]),
    "rows by number of what has gaps": (IMAGES, lambda x: tf.gather(half(x, 3), [1, 3, 0])),
    "rows of another axis of what has gaps": (IMAGES, lambda x: tf.gather(half(x, 3), list(range(50)), axis=1)),
    "what is transposed, put together and added up": (ROWS, lambda x: tf.reduce_sum(
        tf.concat([tf.transpose(tf.square(x))] * 2, 0), 1)),
    "sums over the last axis of what has gaps": (IMAGES, lambda x: tf.reduce_sum(half(x, 2), 3)),
    "what is transposed, repeated": (ROWS, lambda x: tf.tile(tf.transpose(tf.square(x)), [2, 1])),
    "a part and what it is a part of": (ROWS, lambda x: [tf.square(x)[:-1]] + [tf.square(x)] * 2),
    "two halves of one": (ROWS, lambda x: tf.split(tf.square(x), 2)),
    "every other number of a vector, twice": ((4_000_000,), lambda x: tf.tanh(tf.square(x)[::2]) * 2.0),
    "every other column multiplied": (ROWS, lambda x: tf.matmul(tf.square(x)[:, ::2], weights(500, 300))),
    "batch normalization of what has gaps": (IMAGES, lambda x: tf.nn.fused_batch_norm(
        half(x, 2), weights(64), weights(64))[0]),
    "sums of a few wide rows by their segments": (IMAGES, lambda x: tf.unsorted_segment_sum(x, [1, 0, 1, 2], 3)),
    "sums of rows by their segments": (ROWS, lambda x: tf.unsorted_segment_sum(x, np.arange(2000) % 900, 900)),
    "numbers added where they belong": ((1_000_000,), lambda x: tf.scatter_nd(
        np.arange(1_000_000).astype(np.int32)[:, None], x, [2_000_000])),
    "where the greatest are of what is transposed": ((64, 50, 100), lambda x: tf.argmax(tf.transpose(tf.square(x)), 1)),
    "where the greatest of a vector is": ((2_000_000,), lambda x: tf.argmax(x, 0)),
    "how many numbers of what has gaps are between": (ROWS, lambda x: tf.histogram_fixed_width(
        half(x, 1), [0.0, 1.0], 100)),
    "a histogram of what is transposed": (ROWS, lambda x: tf.summary.histogram("x", tf.transpose(tf.square(x)))),
    "running sums of two lines, each of what is before it": ((2, 500, 1000), lambda x: tf.cumsum(
        tf.transpose(tf.square(x), [1, 0, 2]), 1, exclusive=True)),
    "crops of what has gaps": (IMAGES, lambda x: tf.image.crop_and_resize(
        half(x, 2), numbers(20, 4), np.arange(20) % 4, [30, 30])),
    "what has gaps, repeated along its last axis": (ROWS, lambda x: tf.tile(half(x, 1), [1, 2])),
    "what is transposed, with its mirror image around": (ROWS, lambda x: tf.pad(
        tf.transpose(tf.square(x)), [[1, 1], [2, 2]], "REFLECT") * 2.0),
    "batches as blocks of one image that is cropped": (IMAGES, lambda x: tf.batch_to_space_nd(
        x, [2, 2], [[0, 1], [1, 0]])),
    "lines without their first channel, convolved": ((64, 50, 100), lambda x: tf.layers.conv1d(
        tf.square(x)[..., 1:], 16, 3)),
    "one tap of what is turned": ((16, 28, 28, 64), lambda x: tf.nn.conv2d(
        tf.transpose(tf.square(x), [1, 0, 2, 3]), weights(1, 1, 64, 32), ONES[0], "SAME")),
    "one image with its channels first": ((1, 16, 256, 256), lambda x: tf.nn.conv2d(
        x, weights(3, 3, 16, 16), ONES[0], "SAME", data_format="NCHW")),
    "one tap of some channels": ((16, 28, 28, 64), lambda x: tf.nn.conv2d(
        half(x, 3), weights(1, 1, 32, 16), ONES[0], "SAME")),
    "systems whose right sides are cut out and turned": ((64, 50, 100), lambda x: tf.matrix_triangular_solve(
        tf.matmul(x, x, transpose_b=True), tf.transpose(tf.transpose(tf.square(x)[..., 1:], [0, 2, 1]), [0, 2, 1]))),
    "cross entropies of rows without their first": ((32, 128, 256), lambda x: [
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=y) for y in [tf.square(x)[..., 1:]]]),
    "sums of rows of which half is cut out": (ROWS, lambda x: tf.reduce_sum(half(x, 1), 1)),
    "the greatest of channels of which half is cut out": (IMAGES, lambda x: tf.reduce_max(half(x, 3), 3)),
    "rounded to what a quantized net holds": (ROWS, lambda x: tf.fake_quant_with_min_max_args(x, 0.0, 1.0)),
    "the gradients of what a quantized net holds": (ROWS, lambda x: tf.gradients(
        tf.fake_quant_with_min_max_vars_per_channel(x, np.zeros(1000, np.float32), weights(1000) + 0.5), [x])),
    "checked": (ROWS, lambda x: tf.check_numerics(tf.square(x), "") * 2.0),
    "a Bessel function": ((500_000,), tf.math.bessel_i0e),
    "a logarithm of a gamma function": ((500_000,), tf.lgamma),
    "a vector in order": ((1_000_000,), tf.sort),
    "a tall matrix with itself": ((20_000, 40), lambda x: tf.matmul(x, x, transpose_a=True)),
    "transforms of short rows": ((4, 56, 56, 16), tf.spectral.rfft),
    "rows added to a variable": (ROWS, lambda x: tf.scatter_add(weights(4000, 1000), np.arange(2000) * 2, x).op),
    "a part of what is cut out of halves, and all of them": (ROWS, lambda x: [
        tf.cast(x, tf.float16), tf.cast(x, tf.float16)[:, 1:][:, :-1]]),
    "two parts of halves": (ROWS, lambda x: [tf.cast(x, tf.float16)[:, 1:], tf.cast(x, tf.float16)[:, :-1][:, 1:]]),
    "half of the columns of halves": (ROWS, lambda x: tf.split(tf.cast(x, tf.float16), 2, 1)[0] * 1),
    "rows of halves": (ROWS, lambda x: tf.split(tf.cast(x, tf.float16), 2)[1] * 1),
    "where the greatest of three are": ((3, 400_000), lambda x: tf.argmax(x, 0)),
    "one tap": ((16, 32, 32, 16), lambda x: tf.nn.conv2d(x, weights(1, 1, 16, 8), ONES[0], "SAME"))}
SHRINKS = "a vector in order"
STEPS |= {f"{taps} taps of each channel by steps of {ones[1]}, {padding}": (
    IMAGES, lambda x, taps=taps, ones=ones, padding=padding: tf.nn.depthwise_conv2d(
        x, weights(taps, taps, 64, 1), ones, padding))
    for taps, ones, padding in [
        (3, ONES[0], "VALID"), (3, ONES[1], "VALID"), (5, ONES[2], "SAME"), (1, ONES[0], "SAME")]}
STEPS |= {f"the gradient for the input of {op.__name__} with {taps} taps by steps of {ones[1]}, {padding}": (
    IMAGES, lambda x, op=op, taps=taps, ones=ones, padding=padding: tf.gradients(
        op(x, weights(taps, taps, 64, 1 if op is tf.nn.depthwise_conv2d else 8), ones, padding), x)[0])
    for op in (tf.nn.conv2d, tf.nn.depthwise_conv2d) for taps, ones, padding in [
        (3, ONES[1], "SAME"), (3, ONES[2], "SAME"), (1, ONES[0], "VALID"), (7, ONES[0], "VALID")]}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_holds_what_its_plan_says(name: str) -> None:
    if name == SHRINKS and shrinking_counts_twice():
        pytest.skip("this numpy tells of an array that shrinks where it lies as if it were held twice")
    shape, build = STEPS[name]
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, shape)
        holds_what_it_says(x, build(x))


SHAPES = [(4, 56, 56, 16), (2, 112, 112, 32), (1024, 784), (32, 128, 256), (1_000_000,)]
ONE = [tf.tanh, tf.nn.relu, tf.square, tf.sigmoid, lambda x: x * 2.0 + 1.0, lambda x: tf.clip_by_value(x, 0.2, 0.8),
       lambda x: tf.cast(tf.cast(x, tf.float16), tf.float32), tf.erf, lambda x: tf.nn.dropout(x, 0.7, seed=3)]
IMAGE = [lambda x: tf.nn.conv2d(x, weights(3, 3, x.shape[-1].value, 16), ONES[0], "SAME"),
         lambda x: tf.nn.conv2d(x, weights(5, 5, x.shape[-1].value, 8), ONES[1], "VALID"),
         lambda x: tf.nn.depthwise_conv2d(x, weights(3, 3, x.shape[-1].value, 1), ONES[0], "VALID"),
         lambda x: tf.nn.max_pool(x, ONES[1], ONES[1], "SAME"), lambda x: tf.nn.avg_pool(x, ONES[2], ONES[0], "SAME")]
ANY = [lambda x, a: tf.reduce_mean(x, a, keepdims=True) * x, lambda x, a: tf.concat([x, x], a),
       lambda x, a: tf.cumsum(x, a) * 0.1, lambda x, a: tf.reverse(x, [a]), lambda x, a: half(x, a),
       lambda x, a: tf.transpose(x, np.roll(range(len(x.shape)), a)), lambda x, a: x + weights(x.shape[-1].value),
       lambda x, a: tf.nn.softmax(x), lambda x, a: tf.gather(x, list(range(0, x.shape[0].value, 2))),
       lambda x, a: tf.nn.top_k(x, max(1, x.shape[-1].value // 2))[0],
       lambda x, a: tf.reshape(x, [x.shape[0].value, -1])]


@pytest.mark.parametrize("seed", range(60))
def test_a_drawn_graph_holds_what_its_plan_says(seed: int) -> None:
    draw = Random(seed)
    with tf.Graph().as_default():
        x = y = tf.placeholder(tf.float32, draw.choice(SHAPES))
        for _ in range(draw.randrange(2, 10)):
            kind, axis = draw.randrange(3), draw.randrange(len(y.shape))
            if kind == 0:
                made = draw.choice(ONE)(y)
            elif kind == 1 and len(y.shape) == 4 and min(y.shape.as_list()[1:3]) > 6:
                made = draw.choice(IMAGE)(y)
            else:
                made = draw.choice(ANY)(y, axis) if y.shape[axis].value % 2 == 0 else tf.tanh(y)
            y = made if 50_000 < made.shape.num_elements() < 6_000_000 else y
        loss = tf.reduce_mean(tf.square(y))
        holds_what_it_says(x, [y, tf.gradients(loss, x)[0], loss][draw.randrange(3)])
