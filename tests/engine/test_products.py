"""Products that BLAS's own threads may take: the same bits, and never in the way of something else."""
from __future__ import annotations

import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session, pace
from graphcli.engine.pace import Pace
from graphcli.engine.products import ASK, Products
from graphcli.engine.samples import digest, like
from graphcli.engine.workers import Workers
from graphcli.graph import blas
from graphcli.ops import _products

SHAPES = [(64, 784, 256), (784, 64, 256), (64, 256, 128), (32, 192, 512), (128, 300, 100), (1, 1024, 600),
          (173, 599, 8), (97, 257, 61), (100, 300, 301), (8, 512, 1024), (13, 1000, 512), (33, 1024, 256)]


@pytest.fixture
def two(blas_has_two_threads: None) -> Iterator[Workers]:
    workers = Workers(2)
    yield workers
    workers.close()


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


def counted(workers: Workers, whole: Any) -> tuple[Any, list[int], Products]:
    threads: list[int] = []

    def watched(a: Any, b: Any) -> Any:
        threads.extend(x.get_num_threads() for x in blas._libraries())
        return whole(a, b)

    products = Products(workers)
    return products.shared(np.matmul, watched), threads, products


A, B = np.ones((128, 128), "float32"), np.ones((128, 128), "float32")


def test_blas_gets_a_product_when_it_is_on_and_the_bits_are_known(two: Workers) -> None:
    product, threads, products = counted(two, np.matmul)
    products.on = True
    with blas.one_thread():
        for _ in range(ASK - 1):
            product(A, B)
        assert threads == [] and not products.any
        for _ in range(3):
            product(A, B)
        assert threads == [2, 2, 2] and products.any, "the probe and two products"
        products.on = False
        product(A, B)
        assert len(threads) == 3
        assert {x.get_num_threads() for x in blas._libraries()} == {1}


def test_other_bits_are_never_taken(two: Workers) -> None:
    product, threads, products = counted(two, lambda a, b: np.matmul(a, b) * np.float32(1 + 2**-20))
    products.on = True
    with blas.one_thread():
        results = [product(A, B) for _ in range(10)]
    assert len(threads) == 1 and not products.any, "the probe alone"
    assert all((r == 128).all() for r in results)


def test_large_operands_are_not_copied_for_the_question(two: Workers) -> None:
    product, threads, products = counted(two, np.matmul)
    a, b = np.ones((1, 2100), "float32"), np.ones((2100, 2100), "float32")
    with blas.one_thread():
        for _ in range(ASK + 1):
            product(a, b)
    assert threads == [] and not products.any


@pytest.mark.skipif(sys.platform != "linux", reason="pages that stand for others are Linux's")
@pytest.mark.parametrize("shape", [(1024, 3072, 64), (3000, 256, 300), (64, 10_000, 100), (1500, 1400, 64)], ids=str)
@pytest.mark.parametrize("turned", [False, True])
def test_the_question_takes_a_tenth_of_the_operands_and_the_result(shape: tuple[int, int, int], turned: bool) -> None:
    rows, inner, columns = shape
    a = np.ones((inner, rows) if turned else (rows, inner), "float32")
    b = np.ones((inner, columns), "float32")
    with tf.Graph().as_default() as graph:
        x, y = tf.placeholder("float32", a.shape), tf.placeholder("float32", b.shape)
        z = tf.matmul(x, y, transpose_a=turned)
    most = 0
    with Session(graph, threads=2) as session:
        for _ in range(ASK + 1):
            tracemalloc.start()
            result = session.run(z, {x: a, y: b})
            most = max(most, tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert most - result.nbytes <= 0.1 * (a.nbytes + b.nbytes + result.nbytes)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(3, 2), (300, 1234), (1000, 2000)], ids=str)
def test_a_sample_lies_as_the_matrix_and_has_numbers_of_all_kinds(shape: tuple[int, int], dtype: str) -> None:
    for x in (np.empty(shape, dtype), np.empty(shape, dtype).T):
        found, other = like(x, 0), like(x, 1)
        assert found.shape == x.shape and found.dtype == x.dtype and found.strides == x.strides
        assert len(np.unique(found)) == min(x.size, 4099) and np.isfinite(found).all()
        assert digest(found) == digest(like(x, 0)) == digest(np.asfortranarray(found)) != digest(other)


class Steps:
    """Steps on a clock of their own: each takes ``off`` seconds, or ``on`` where BLAS's threads have the products."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, workers: Workers, off: float, on: float) -> None:
        self.now = 1.0
        self.off, self.on = off, on
        self.products = Products(workers)
        self.products.any = True
        self.pace = Pace(self.products)
        monkeypatch.setattr(pace, "perf_counter", lambda: self.now)

    def take(self, seconds: float) -> list[bool]:
        """Which way each of the steps of some seconds went."""
        end, ways = self.now + seconds, []
        while self.now < end:
            self.pace.begin()
            ways.append(self.products.on)
            self.now += self.on if self.products.on else self.off
            self.pace.end()
        return ways


@pytest.mark.parametrize(("off", "on", "chosen"), [(1e-3, 7e-4, True), (1e-3, 9.9e-4, False), (1e-3, 2e-3, False)])
def test_the_quicker_way_is_kept(off: float, on: float, chosen: bool, two: Workers, monkeypatch: pytest.MonkeyPatch
                                 ) -> None:
    steps = Steps(monkeypatch, two, off, on)
    first = steps.take(0.4)
    assert {True, False} == set(first) and first[0] is False
    assert set(steps.take(3.0)) == {chosen}


@pytest.mark.parametrize(("late", "often"), [(2e-3, pace.OFTEN), (0.02, pace.OFTEN // 2)])
def test_who_is_late_often_is_given_up_and_asked_again_later(late: float, often: int, two: Workers,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(monkeypatch, two, 1e-3, 5e-4)
    steps.take(0.4)
    assert set(steps.take(0.5)) == {True}
    steps.on = late
    ways = steps.take(0.5)
    assert ways.count(True) == often
    steps.on = 5e-4
    assert True not in steps.take(2 * pace.AGAIN - 0.6)
    steps.take(1.0)
    assert set(steps.take(1.0)) == {True}


def test_where_two_looks_at_one_way_differ_both_ways_are_timed_again(two: Workers, monkeypatch: pytest.MonkeyPatch
                                                                      ) -> None:
    steps = Steps(monkeypatch, two, 1e-3, 8e-4)
    while steps.pace.turn < 3:
        steps.take(1e-6)
    steps.on = 2.5e-3  # something else takes the time of one phase
    while steps.pace.turn == 3:
        steps.take(1e-6)
    assert steps.pace.turn == 0
    steps.on = 8e-4
    steps.take(0.4)
    assert set(steps.take(3.0)) == {True}


def test_who_is_late_often_while_both_ways_are_timed_is_not_asked_further(two: Workers, monkeypatch: pytest.MonkeyPatch
                                                                           ) -> None:
    steps = Steps(monkeypatch, two, 1e-3, 0.02)
    ways = steps.take(0.4)
    assert ways.count(True) == pace.OFTEN // 2
    assert True not in steps.take(pace.AGAIN - 0.5)


@pytest.mark.parametrize("change", [1.4, 0.7])
def test_it_is_asked_again_when_steps_take_another_time_and_otherwise_seldom(
        change: float, two: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(monkeypatch, two, 1e-3, 3e-3)
    steps.take(0.4)
    assert True not in steps.take(20.0)
    steps.off *= change
    assert True in steps.take(0.4)
    assert True not in steps.take(200.0)
    assert True in steps.take(100.0)


def test_late_now_and_then_is_no_reason(two: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(monkeypatch, two, 1e-3, 5e-4)
    steps.take(0.4)
    for _ in range(20):
        steps.on = 0.02
        assert steps.take(1e-6) == [True]
        steps.on = 5e-4
        assert set(steps.take(0.02)) == {True}


def test_another_step_that_runs_keeps_its_one_thread(two: Workers) -> None:
    with blas.one_thread(), blas.one_thread():
        assert not blas.widen(2)
    with blas.one_thread():
        assert blas.widen(2)
        blas.narrow()
        assert not blas.widen(4096), "more than BLAS was to have"
    assert not blas.widen(2), "no step runs"


def test_an_interrupt_between_a_products_threads_and_the_product_leaves_nothing_behind(two: Workers) -> None:
    with pytest.raises(KeyboardInterrupt), blas.one_thread():
        assert two.widen()
        raise KeyboardInterrupt
    found: list[bool] = []

    def other() -> None:
        with blas.one_thread():
            found.append(two.widen())
            blas.narrow()

    thread = threading.Thread(target=other, daemon=True)
    thread.start()
    thread.join(20)
    assert found == [True]


def test_within_a_share_of_work_blas_has_one_thread(two: Workers) -> None:
    found: list[Any] = []
    with blas.one_thread():
        two.each(2, lambda i: found.append(two.widen()))
        assert found == [False, False]
        assert two.widen()
        blas.narrow()


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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(1024, 784, 256), (300, 301, 400), (1, 784, 70_000), (70_000, 257, 1)], ids=str)
def test_the_rest_of_a_long_sum_is_added_with_the_bits_of_a_product_and_a_sum(sizes: Any, dtype: str) -> None:
    rows, inner, columns = sizes
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((rows, inner)).astype(dtype), rng.standard_normal((inner, columns)).astype(dtype)
    even, rest = _products.even_of(np, np.matmul, np.dtype(dtype)), inner % _products.EVEN
    with blas.one_thread():
        for laid in (b, np.asfortranarray(b)):
            wanted = a[:, :-rest] @ laid[:-rest]
            wanted += a[:, -rest:] @ laid[-rest:]
            within = np.zeros((rows, columns + 2), dtype)
            assert even(a, laid).tobytes() == wanted.tobytes()
            if columns > 1:
                assert even(a, laid, out=within[:, 1:-1]).tobytes() == wanted.tobytes()
                assert not within[:, [0, -1]].any()


def test_numpys_own_blas_is_found_beside_that_of_another_package(tmp_path: Path) -> None:
    """scipy loads an OpenBLAS of its own; the bits of a step are to stay those of numpy's."""
    code = f"""
import ctypes, os, shutil
import numpy
from graphcli.graph import blas
if not os.path.exists("/proc/self/maps"):
    raise SystemExit(3)
with open("/proc/self/maps") as maps:
    own = {{line.split()[-1] for line in maps if "openblas" in line}}
if len(own) != 1 or os.path.basename(os.path.dirname(min(own))) != "numpy.libs":
    raise SystemExit(3)
other = os.path.join({str(tmp_path)!r}, "libopenblas_other.so")
shutil.copy(min(own), other)
ctypes.CDLL(other)
assert blas.bundled() is not None and blas.bundled()._name == min(own), blas._libraries()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip("numpy's BLAS is none of its wheels'")
    assert done.returncode == 0, done.stderr
