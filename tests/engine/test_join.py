"""What is padded to be added up is put side by side: the bits of the sum."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session

from .test_passes import same

STRANGE = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1.5, -2.25, 1e-45], np.float32)


def joined(make: Any, arrays: list[Any]) -> int:
    """How many paddings are put side by side in what ``make`` makes of placeholders; the bits are compared."""
    with tf.Graph().as_default() as graph:
        holders = [tf.placeholder(a.dtype, a.shape) for a in arrays]
        y = make(*holders)
    feeds = dict(zip(holders, arrays))
    plain = Session(graph, passes=()).run(y, feeds)
    for passes in (("join",), None):
        with Session(graph, passes=passes) as session:
            assert all(same(plain, session.run(y, feeds)) for _ in range(2))
            found = sum(len(s.products) for s in session.plan(y, feeds).steps)
    return found


def rows(*shape: int, dtype: Any = np.float32) -> Any:
    return np.resize(STRANGE, shape) if dtype == np.float32 else np.arange(np.prod(shape), dtype=dtype).reshape(shape)


def padded(x: Any, *paddings: Any) -> Any:
    return tf.pad(x, list(paddings))


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
@pytest.mark.parametrize("make, shapes, many", [
    (lambda a, b: [padded(a, [0, 3], [0, 0]), padded(b, [2, 0], [0, 0])], [(2, 4), (3, 4)], 2),
    (lambda a, b: [padded(b, [2, 0], [0, 0]), padded(a, [0, 3], [0, 0])], [(2, 4), (3, 4)], 2),
    (lambda a, b: [padded(a, [0, 0], [1, 5]), padded(b, [0, 0], [4, 1])], [(2, 3), (2, 4)], 2),
    (lambda a, b, c: [padded(a, [0, 9]), padded(c, [7, 0]), padded(b, [3, 5])], [(3,), (4,), (5,)], 3),
    (lambda a, b: [padded(a, [0, 2]), padded(b, [2, 0])], [(3,), (3,)], 0),
    (lambda a, b: [padded(a, [0, 3], [0, 0]), padded(b, [0, 0], [3, 0])], [(2, 4), (5, 1)], 0),
    (lambda a, b: [padded(a, [0, 3], [1, 0]), padded(b, [2, 0], [0, 0])], [(2, 3), (3, 4)], 0),
    (lambda a, b: [padded(a, [0, 0]), padded(b, [2, 0])], [(5,), (3,)], 0),
    (lambda a, b: [padded(a, [0, 3]), b], [(2,), (5,)], 0)], ids=[str(i) for i in range(9)])
def test_a_sum_of_what_lies_side_by_side(make: Any, shapes: Any, many: int, dtype: Any) -> None:
    assert joined(lambda *x: tf.add_n(make(*x)), [rows(*s, dtype=dtype) for s in shapes]) == many
    assert joined(lambda *x: tf.abs(tf.add_n(make(*x))) + 1, [rows(*s, dtype=dtype) for s in shapes]) == many


def test_a_padding_that_others_take_too_stays() -> None:
    def make(a: Any, b: Any) -> Any:
        one, other = padded(a, [0, 3]), padded(b, [2, 0])
        return [tf.add_n([one, other]), tf.exp(other)]

    assert joined(make, [rows(2), rows(3)]) == 0
    assert joined(lambda a, b: (lambda one: [tf.add_n([one, padded(b, [2, 0])]), one])(padded(a, [0, 3])),
                  [rows(2), rows(3)]) == 0


def test_the_gradient_of_slices_is_joined() -> None:
    def make(x: Any) -> Any:
        y = x * 2.0
        loss = tf.reduce_sum(tf.tanh(tf.slice(y, [0, 0], [3, 4]))) + tf.reduce_sum(tf.exp(tf.slice(y, [3, 0], [5, 4])))
        return tf.gradients(loss, x)

    assert joined(make, [np.linspace(-1, 1, 32, dtype=np.float32).reshape(8, 4)]) == 2


def test_a_padding_by_numbers_that_are_fed_stays() -> None:
    with tf.Graph().as_default() as graph:
        a, b, by = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.float32, [3]), tf.placeholder(tf.int32, [1, 2])
        y = tf.add_n([tf.pad(a, by), tf.pad(b, [[2, 0]])])
    with Session(graph) as session:
        assert session.run(y, {a: [1, 2], b: [3, 4, 5], by: [[0, 3]]}).tolist() == [1, 2, 3, 4, 5]
