"""Segments of rows: what is refused is what TensorFlow refuses, in its words."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import RunError
from graphcli.ops._ranked import ranked
from graphcli.ops._short_runs import LEAST, WIDE, reduced

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


@pytest.mark.parametrize(("low", "high", "many"), [
    (0, 10, 100_000), (5, 200_000, 100_000), (-7, 100_000, 300_000), (0, 1 << 30, 100_000), (1 << 40, 1 << 41, 70_000),
    (3, 4, 70_000), (0, 100, 50)])
@pytest.mark.parametrize("kind", ["int32", "int64"])
def test_numbers_are_told_apart_in_rising_order(low: int, high: int, many: int, kind: str) -> None:
    numbers = np.random.default_rng(0).integers(low, high, many).astype(kind)
    found, find = ranked(np, numbers)
    expected, places = np.unique(numbers, return_inverse=True)
    assert found.dtype == numbers.dtype
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(find(numbers), places)


@pytest.mark.parametrize("ids", ["in order", "alike", "mixed"])
@pytest.mark.parametrize("kind", ["float32", "float64", "float16"])
@pytest.mark.parametrize(("op", "power"), [("Sum", 0.0), ("Mean", 1.0), ("SqrtN", 0.5)])
def test_gradients_of_many_rows_are_the_sums_where_they_came_from(op: str, power: float, kind: str, ids: str) -> None:
    random = np.random.default_rng(0)
    grad = random.integers(-8, 8, (3000, 2)).astype(kind)
    which, segments = random.integers(0, 50_000, 150_000, np.int32), random.integers(0, 3000, 150_000, np.int32)
    segments = {"in order": np.sort(segments), "alike": np.full_like(segments, 7), "mixed": segments}[ids]
    rows = grad.astype("f8") * np.maximum(np.bincount(segments, minlength=3000), 1)[:, None] ** -power
    expected = np.zeros((50_000, 2))
    np.add.at(expected, which, rows[segments])
    with tf.Graph().as_default(), tf.Session() as session:
        given = [tf.constant(g) for g in (grad, which, segments, 50_000)]
        dense, (some, places) = session.run([tf.apply_op(f"SparseSegment{op}Grad{v}", None, given) for v in ("", "V2")])
    near = {"rtol": 4e-3 if kind == "float16" else 1e-5, "atol": 0.02 if kind == "float16" else 1e-4}
    np.testing.assert_array_equal(places, np.unique(which))
    np.testing.assert_allclose(some, expected[places], **near)
    np.testing.assert_allclose(dense, expected, **near)


@pytest.mark.parametrize("longest", [1, 2, 3, 5, 8, 9])
@pytest.mark.parametrize("kind", ["float32", "float64", "int32", "complex64"])
@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.maximum, np.minimum])
def test_short_runs_are_reduced_as_numpy_reduces_them(ufunc: np.ufunc, kind: str, longest: int) -> None:
    random = np.random.default_rng(0)
    counts = random.integers(1, longest + 1, 300)
    first = np.cumsum(counts) - counts
    rows = (random.standard_normal((int(counts.sum()), WIDE)) * 10).astype(kind)
    assert rows.size >= LEAST
    made, expected = reduced(ufunc, rows, first, len(rows)), ufunc.reduceat(rows, first, axis=0)
    assert made.dtype == expected.dtype
    assert made.tobytes() == expected.tobytes()


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float32", "float64"])
def test_many_elements_of_few_segments_are_added_up_without_loss(kind: str) -> None:
    random = np.random.default_rng(0)
    numbers, ids = random.random(300_000), random.integers(-1, 40, 300_000, np.int32)
    with tf.Graph().as_default(), tf.Session() as session:
        given = tf.cast(tf.constant(numbers), kind)
        sums = tf.unsorted_segment_sum(given, ids, 41)
        wide, made = session.run([tf.cast(given, "float64"), tf.cast(sums, "float64")])
    expected = np.bincount(ids[ids >= 0], wide[ids >= 0], 41)
    near = {"float16": 2**-11, "bfloat16": 2**-8, "float32": 2**-24, "float64": 1e-13}[kind]
    np.testing.assert_allclose(made, expected, rtol=near)
