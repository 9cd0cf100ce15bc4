"""An op may write over an input that the step made and nobody else needs, and over no other; no bit depends on it."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import _one_matrix

SIZE = 130


@pytest.fixture(autouse=True)
def smaller(monkeypatch: Any) -> None:
    monkeypatch.setattr(_one_matrix, "LARGE", SIZE * SIZE // 4)


def matrix(kind: str = "float32", negative: bool = False) -> Any:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((SIZE, SIZE)) / SIZE ** 0.5 + 2 * np.eye(SIZE)
    x = x * (-1 if negative else 1)
    return (x + 0.3j * x.T if kind.startswith("complex") else x).astype(kind)


OPS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "determinant": (tf.matrix_determinant, "float64"),
    "logarithm of a determinant": (lambda x: tf.linalg.slogdet(x)[1], "complex64"),
    "solution": (lambda x: tf.matrix_solve(x, np.ones((SIZE, 3), "float32")), "float32"),
    "solution of the adjoint": (lambda x: tf.matrix_solve(x, np.ones((SIZE, 3), "complex64"), adjoint=True),
                                "complex64"),
    "eigenvalues": (tf.self_adjoint_eigvals, "float64"),
    "eigenvectors": (lambda x: tf.self_adjoint_eig(x)[1], "complex64"),
    "eigenvectors of any matrix": (lambda x: tf.apply_op("Eig", None, [x], {"Tout": tf.complex64})[1], "float32"),
    "eigenvalues of any matrix": (
        lambda x: tf.apply_op("Eig", None, [x], {"Tout": tf.complex64, "compute_v": False})[0], "complex64"),
    "singular values": (lambda x: tf.svd(x, compute_uv=False), "complex128"),
    "singular values of a long matrix": (lambda x: tf.svd(tf.matmul(x[:100], x), compute_uv=False), "float32"),
    "singular vectors": (lambda x: tf.svd(x)[1], "complex64"),
    "right vectors of a long matrix": (lambda x: tf.svd(tf.matmul(x[:50], x))[2], "float32"),
    "root": (tf.matrix_square_root, "float32"),
    "logarithm": (tf.linalg.logm, "complex64"),
    "exponential": (lambda x: tf.apply_op("MatrixExponential", None, [x], {}), "float32"),
    "exponential of a greater one": (lambda x: tf.apply_op("MatrixExponential", None, [5.0 * x], {}), "float64"),
}


def spent(session: Session, fetch: Any, feeds: Any) -> list[str]:
    plan = session.plan(fetch, feeds)
    return [s.node.type for s in plan.steps if plan.layout.spent.get(s.number)]


@pytest.mark.parametrize("name", OPS)
def test_what_a_step_makes_is_written_over_and_no_bit_changes(name: str) -> None:
    call, kind = OPS[name]
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(kind, (SIZE, SIZE))
        y = call(tf.matmul(x, np.eye(SIZE, dtype=kind)))
    value = matrix(kind)
    with Session(graph) as session:
        assert spent(session, y, {x: value})
        found = [session.run(y, {x: value}) for _ in range(3)]
    with Session(graph, passes=[]) as session:
        assert not spent(session, y, {x: value})
        wanted = session.run(y, {x: value})
    assert np.isfinite(wanted).all()
    assert [f.tobytes() for f in found] == [wanted.tobytes()] * 3
    assert np.array_equal(value, matrix(kind))


@pytest.mark.parametrize("name", ["determinant", "logarithm of a determinant", "eigenvalues", "eigenvectors",
                                  "singular values", "singular vectors", "root", "exponential"])
def test_of_a_stack_each_matrix_is_written_over(name: str) -> None:
    call, kind = OPS[name]
    value = np.stack([matrix(kind), 2 * matrix(kind), matrix(kind).swapaxes(0, 1)])
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(kind, (None, SIZE, SIZE))
        y = call(tf.matmul(x, tf.stack([tf.eye(SIZE, dtype=kind)] * 3)))
    found = []
    for passes, threads in ((None, 1), (None, 2), ([], 1)):
        with Session(graph, passes=passes, threads=threads) as session:
            assert bool(spent(session, y, {x: value})) == (passes is None)
            found += [session.run(y, {x: value}).tobytes() for _ in range(2)]
    assert found == [found[0]] * 6


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_has_no_root_has_none_either_way(value: float) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (SIZE, SIZE))
        y = tf.matrix_square_root(tf.matmul(x, np.eye(SIZE, dtype="float32")))
    for passes in (None, []):
        with Session(graph, passes=passes) as session:
            assert np.isnan(session.run(y, {x: matrix(negative=True)})).all()
            broken = matrix()
            broken[3, 5] = value
            assert np.isnan(session.run(y, {x: broken})).all()


def test_what_others_need_is_not_written_to() -> None:
    value = matrix()
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (SIZE, SIZE))
        held, constant = tf.Variable(value), tf.constant(value)
        made = tf.matmul(x, x)
        twice = tf.matmul(x, held)
        view = tf.reshape(tf.matmul(x, constant), (SIZE, SIZE))
        batch = tf.matmul(tf.stack([x, x]), tf.stack([x, x]))
        fetches = {"feed": [tf.self_adjoint_eigvals(x)], "variable": [tf.self_adjoint_eigvals(held)],
                   "constant": [tf.self_adjoint_eigvals(constant)], "fetched": [tf.self_adjoint_eigvals(made), made],
                   "both inputs": [tf.matrix_solve(twice, twice)],
                   "used again": [tf.self_adjoint_eigvals(twice), tf.reduce_sum(tf.matrix_inverse(twice))],
                   "a view": [tf.self_adjoint_eigvals(view), tf.reduce_sum(view)]}
        stack = tf.self_adjoint_eigvals(batch)
    feeds = {x: value}
    with Session(graph) as session, Session(graph, passes=[]) as plain:
        for each in (session, plain):
            each.initialize()
        for name, fetch in fetches.items():
            assert not spent(session, fetch, feeds), name
            wanted = [a.tobytes() for a in plain.run(fetch, feeds)]
            for _ in range(2):
                assert [a.tobytes() for a in session.run(fetch, feeds)] == wanted, name
        assert np.array_equal(session.run(stack, feeds), plain.run(stack, feeds))
        assert np.array_equal(session.run(held), value)
    assert np.array_equal(value, matrix())


def test_the_plan_tells_what_is_written_over() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (SIZE, SIZE))
        y = tf.matrix_determinant(tf.matmul(x, x))
    with Session(graph) as session:
        assert "; writes over v1; frees v1" in str(session.plan(y, {x: matrix()}))
