"""Products that BLAS's own threads may take: the same bits, and never in the way of something else."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session, products
from graphcli.engine.products import ASK, Products
from graphcli.engine.workers import Workers
from graphcli.graph import blas

SHAPES = [(64, 784, 256), (784, 64, 256), (64, 256, 128), (32, 192, 512), (128, 300, 100), (1, 4096, 512),
          (173, 599, 8), (97, 257, 61), (100, 300, 301)]


@pytest.fixture
def two() -> Iterator[Workers]:
    libraries = blas._libraries()
    before = [x.get_num_threads() for x in libraries]
    for library in libraries:
        library.set_num_threads(2)
    workers = Workers(2)
    yield workers
    workers.close()
    for library, count in zip(libraries, before):
        library.set_num_threads(count)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("turns", [(False, False), (True, False), (False, True)], ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_product_has_the_same_bits_for_any_number_of_threads_and_any_call(
        shape: tuple[int, int, int], turns: tuple[bool, bool], dtype: str, two: Workers) -> None:
    rows, inner, columns = shape
    rng = np.random.default_rng(1)
    a = rng.standard_normal((inner, rows) if turns[0] else (rows, inner)).astype(dtype)
    b = rng.standard_normal((columns, inner) if turns[1] else (inner, columns)).astype(dtype)
    with tf.Graph().as_default() as graph:
        x, y = tf.placeholder(dtype, a.shape), tf.placeholder(dtype, b.shape)
        z = tf.matmul(x, y, *turns)
    seen = set()
    for threads in (1, 2, 4):
        step = Session(graph, threads=threads).make_callable(z, [x, y])
        seen.update(step(a, b).tobytes() for _ in range(2 * ASK + 4))
    assert len(seen) == 1
    exact = (a.T if turns[0] else a).astype("float64") @ (b.T if turns[1] else b).astype("float64")
    np.testing.assert_allclose(np.frombuffer(seen.pop(), dtype).reshape(exact.shape), exact, rtol=1e-4, atol=1e-4)


def counted(workers: Workers, whole: Any) -> tuple[Any, list[int]]:
    threads: list[int] = []

    def watched(a: Any, b: Any) -> Any:
        threads.extend(x.get_num_threads() for x in blas._libraries())
        return whole(a, b)

    return Products(workers).shared(np.matmul, watched), threads


A, B = np.ones((128, 128), "float32"), np.ones((128, 128), "float32")


def test_blas_gets_a_product_from_the_fourth_call_of_its_shapes_on(two: Workers) -> None:
    product, threads = counted(two, np.matmul)
    with blas.one_thread():
        for _ in range(ASK - 1):
            product(A, B)
        assert threads == []
        for _ in range(3):
            product(A, B)
        assert set(threads) == {2}
        assert {x.get_num_threads() for x in blas._libraries()} == {1}


def test_other_bits_are_never_taken(two: Workers) -> None:
    product, threads = counted(two, lambda a, b: np.matmul(a, b) * np.float32(1 + 2**-20))
    with blas.one_thread():
        results = [product(A, B) for _ in range(10)]
    assert len(threads) == 1, "the probe alone"
    assert all((r == 128).all() for r in results)


def test_what_is_late_rests_twice_as_long_each_time(two: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += 1e-3 if not slow[0] else 1.0
        return now[0]

    slow = [False]
    monkeypatch.setattr(products, "perf_counter", clock)
    product, threads = counted(two, np.matmul)
    with blas.one_thread():
        for _ in range(ASK):
            product(A, B)
        asked = len(threads)
        slow[0] = True
        gaps = []
        for _ in range(3):
            calls = 0
            while len(threads) == asked:
                product(A, B)
                calls += 1
            asked = len(threads)
            gaps.append(calls)
    assert gaps == [1, products.REST + 1, 2 * products.REST + 1]


def test_another_step_that_runs_keeps_its_one_thread(two: Workers) -> None:
    with blas.one_thread(), blas.one_thread():
        assert blas.wide(2, np.matmul, A, B) is None
    with blas.one_thread():
        assert blas.wide(2, np.matmul, A, B) is not None
        assert blas.wide(4096, np.matmul, A, B) is None, "more than BLAS was to have"
    assert blas.wide(2, np.matmul, A, B) is None, "no step runs"


def test_within_a_share_of_work_blas_has_one_thread(two: Workers) -> None:
    found: list[Any] = []
    with blas.one_thread():
        two.each(2, lambda i: found.append(two.wide(np.matmul, A, B)))
        assert found == [None, None]
        assert two.wide(np.matmul, A, B) is not None


def test_steps_on_many_threads_at_once_have_the_bits_of_one(two: Workers) -> None:
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((64, 784)).astype("float32"), rng.standard_normal((784, 256)).astype("float32")
    with tf.Graph().as_default() as graph:
        x, y = tf.placeholder(tf.float32, a.shape), tf.placeholder(tf.float32, b.shape)
        z = tf.matmul(x, y)
    alone = Session(graph, threads=1).run(z, {x: a, y: b}).tobytes()
    wrong: list[bool] = []

    def work() -> None:
        step = Session(graph, threads=2).make_callable(z, [x, y])
        wrong.extend(step(a, b).tobytes() != alone for _ in range(40))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrong) == 120 and not any(wrong)
