"""What is made of long rows some at a time has the bits of what is made of them as a whole, with passes and without."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.plan import PASSES
from graphcli.ops import _drawn_classes, _long_rows, _reducing

ROWS, LENGTH = 2, 50_003
KINDS = ["float16", "bfloat16", "float32", "float64"]
MADE = {
    "softmax": lambda x, labels: tf.nn.softmax(x),
    "softmax of a vector": lambda x, labels: tf.nn.softmax(x[1]),
    "log_softmax": lambda x, labels: tf.nn.log_softmax(x),
    "log_softmax of a vector": lambda x, labels: tf.nn.log_softmax(x[1]),
    "cross entropy": lambda x, labels: tf.apply_op("SoftmaxCrossEntropyWithLogits", None, [x, labels], {}),
    "sparse cross entropy": lambda x, labels: tf.apply_op(
        "SparseSoftmaxCrossEntropyWithLogits", None, [x, tf.constant([0, LENGTH - 1])], {})}


def bits(build: Any, kind: str, passes: Any, scale: float = 3.0) -> list[bytes]:
    draw = np.random.default_rng(0)
    with tf.Graph().as_default():
        x, labels = (tf.placeholder(tf.as_dtype(kind), (ROWS, LENGTH)) for _ in range(2))
        made = build(x, labels)
        feeds = {p: draw.standard_normal((ROWS, LENGTH)).astype(x.dtype.as_numpy_dtype) * s
                 for p, s in ((x, scale), (labels, 0.1))}
        feeds = {p: v.astype(x.dtype.as_numpy_dtype) for p, v in feeds.items()}
        with Session(threads=2, passes=passes, seed=1) as session:
            found = session.run(made if isinstance(made, (list, tuple)) else [made], feeds)
            return [np.asarray(a).tobytes() for a in found]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", MADE)
def test_softmax_of_a_long_row(name: str, kind: str, monkeypatch: Any) -> None:
    whole = bits(MADE[name], kind, ())
    for name_, size in (("LONGEST", 1 << 10), ("LOGARITHMS", 1 << 10), ("PART", 1 << 12), ("HALVES", 1 << 11)):
        monkeypatch.setattr(_long_rows, name_, size)
    assert bits(MADE[name], kind, ()) == bits(MADE[name], kind, PASSES) == whole


@pytest.mark.parametrize("kind", KINDS[:2])
@pytest.mark.parametrize("numbers", [[-3, -1, -2], [-1, 0.5, 2], [1, -np.inf], [1, np.inf], [np.inf, np.nan],
                                     [-np.nan, 1], [-0.0, -1], [-np.inf] * 2])
def test_the_greatest_of_halves(numbers: list[float], kind: str) -> None:
    x = np.array(numbers, tf.as_dtype(kind).as_numpy_dtype)
    wanted = np.maximum.reduce(x.astype(np.float32))
    assert _long_rows.Row(x, False).less == wanted or np.isnan([_long_rows.Row(x, False).less, wanted]).all()


@pytest.mark.parametrize("kind", KINDS[:2])
@pytest.mark.parametrize("name", ["reduce_sum", "reduce_mean", "reduce_prod"])
def test_columns_of_halves(name: str, kind: str, monkeypatch: Any) -> None:
    def made(x: Any, _: Any) -> Any:
        return getattr(tf, name)(x, [0], keepdims=True), getattr(tf, name)(tf.reshape(x[:, 3:], [2, 50, -1]), [0, 1])

    whole = bits(made, kind, (), 1.0)
    monkeypatch.setattr(_reducing, "BLOCK", 1 << 8)
    assert bits(made, kind, (), 1.0) == bits(made, kind, PASSES, 1.0) == whole


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("samples", [7, 90, 20_000])
def test_classes_drawn_from_a_long_row(samples: int, kind: str, monkeypatch: Any) -> None:
    def made(x: Any, _: Any) -> Any:
        return tf.multinomial(tf.where(x < -4.0, x / 0.0, x), samples, seed=2)

    whole = bits(made, kind, PASSES)
    for name, size in (("LARGE", 1 << 10), ("BLOCK", 1 << 6), ("PIECE", 1 << 9)):
        monkeypatch.setattr(_drawn_classes, name, size)
    assert bits(made, kind, PASSES) == whole
