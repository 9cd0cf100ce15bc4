"""The backend cupy: every kernel on a GPU, or on what stands in for one, gives TensorFlow's numbers."""
from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.backends import cupy as backend
from graphcli.errors import RunError
from graphcli.spec import load_spec

from ..oracle import corpus
from ..oracle import test_oracle as oracle
from . import gpu as device
from .rows import ROWS, off

SPECS = Path(__file__).parents[2] / "specs"
GPU = {f"/cpu:{i}": "cupy" for i in range(4)}
"""Everything runs there, whatever device it asks for."""
LOOSE = {"float16": 4, "float32": 4, "complex64": 4}
"""Sums of another order, of half precision too."""


@pytest.fixture
def cupy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if not device.real():
        for name, module in device.modules().items():
            monkeypatch.setitem(sys.modules, name, module)
    yield __import__("cupy")


@pytest.fixture
def nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small arrays of numbers go to the GPU too, for which most rows of the table would else stay in this process."""
    monkeypatch.setattr(backend, "_slight", lambda array: False)


@pytest.mark.parametrize("op", ROWS)
def test_the_values_of_each_op_are_tensorflows(op: str, cupy: Any) -> None:
    assert off(op, GPU, LOOSE) == []


@pytest.mark.parametrize("op", ROWS)
def test_the_kernels_of_a_gpu_give_tensorflows_values(op: str, cupy: Any, nothing_stays: None) -> None:
    assert off(op, GPU, LOOSE) == []


DECIDES = ("Segment", "ReverseSequence", "Print")
"""Ops that must know some number of an input of a GPU's own: how many segments there are, how long a sequence is."""
PLACES = "Scatter"
"""What cupy changes at no places, of some dtypes, is changed in this process."""


@pytest.mark.skipif(device.real(), reason="a GPU does not tell who reads")
def test_a_kernel_reads_no_number_of_a_gpu_but_what_its_op_says(cupy: Any, nothing_stays: None,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    reads, found = sys.modules["cupy._device"].reads, set()
    plain = backend.Cupy._there

    def there(self: Any, kernel: Any, opdef: Any) -> Any:
        def tagged(*args: Any) -> Any:
            mine = [(arg.name, v) for arg, values in zip(opdef.inputs, args)
                    for v in (values if arg.is_list else [values]) if isinstance(v, cupy.ndarray)]
            for name, value in mine:
                value.tag = f"{opdef.name} {name}"
            reads.clear()
            try:
                return kernel(*args)
            finally:
                found.update(tag for tag in reads if tag)
                for _, value in mine:
                    value.tag = None

        return plain(self, tagged, opdef)

    monkeypatch.setattr(backend.Cupy, "_there", there)
    for op in ROWS:
        off(op, GPU)
    assert sorted(f for f in found if not any(word in f for word in (*DECIDES, PLACES))) == []
    assert found, "the stand-in tells nothing"


@pytest.mark.parametrize(("index", "number"), [
    pytest.param(oracle.GOOD.index(c), i, id=f"{c.id}-{i}") for c, i in oracle.RUNS
    if "error" not in c.expected["runs"][i]])
def test_whole_specs_give_tensorflows_values(index: int, number: int, cupy: Any,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "TOLERANCE", {**corpus.TOLERANCE, "float32": (5e-5, 5e-5)})
    part, run = oracle.built(index), oracle.GOOD[index].expected["runs"][number]
    names = list(run["fetches"])
    feeds = {part.resolve(n): v for n, v in run.get("feeds", {}).items()}
    with Session(part, soft_placement=True, devices=GPU) as session:
        session.initialize()
        for _ in range(run.get("steps", 1)):
            got = session.run({n: part.resolve(n) for n in names}, feeds)
    assert [d for n in names for d in corpus.differences(got[n], run["fetches"][n], n)] == []


# -- a session with a GPU


def toy(kind: Any = tf.float32) -> Any:
    graph = tf.Graph()
    with graph.as_default():
        with tf.device("/gpu:0"):
            x = tf.placeholder(kind, [None, 3], name="x")
            w = tf.get_variable("w", initializer=np.arange(6, dtype=kind.as_numpy_dtype).reshape(3, 2))
            y = tf.matmul(x, w, name="y")
        with tf.device("/cpu:0"):
            z = tf.reduce_sum(y, name="z")
        step = tf.assign_add(w, tf.ones_like(w), name="step")
    return graph, x, w, y, z, step


X = np.ones((4, 3), np.float32)
ONE = {"/gpu:0": "cupy"}


def test_variables_lie_on_the_gpu_and_results_are_numpys(cupy: Any) -> None:
    graph, x, w, y, z, step = toy()
    with Session(graph, devices=ONE) as session:
        session.initialize()
        first = session.run([y, z, w], {x: X})
        assert [type(v) for v in first] == [np.ndarray, np.float32, np.ndarray]
        kept = [np.copy(v) for v in first]
        session.run(step)
        second = session.run([y, z, w], {x: X})
        assert isinstance(session.state.slot(w.op).value, cupy.ndarray)
    assert [np.array_equal(a, b) for a, b in zip(first, kept)] == [True] * 3
    assert second[0].tolist() == (first[0] + 3).tolist() and second[2].tolist() == (first[2] + 1).tolist()


def test_what_is_fetched_is_the_callers_own(cupy: Any) -> None:
    graph, x, w, *_ = toy()
    with Session(graph, devices=ONE) as session:
        session.initialize()
        found = session.run(w)
        found[...] = 9
        assert session.run(w).max() == 5


def test_a_read_before_a_write_keeps_its_value(cupy: Any) -> None:
    graph = tf.Graph()
    with graph.as_default(), tf.device("/gpu:0"):
        v = tf.get_variable("v", initializer=np.zeros(3, np.float32))
        old = tf.identity(v, name="old")
        with tf.control_dependencies([old]):
            new = tf.assign_add(v, tf.ones_like(v), name="new")
    with Session(graph, devices=ONE) as session:
        session.initialize()
        for i in range(3):
            before, after = session.run([old, new])
            assert (before.tolist(), after.tolist()) == ([i] * 3, [i + 1] * 3)


def test_variables_are_saved_and_restored(cupy: Any, tmp_path: Path) -> None:
    graph, x, w, y, _, step = toy()
    with Session(graph, devices=ONE) as session:
        session.initialize()
        session.run(step)
        prefix = session.save(str(tmp_path / "model"))
        session.run(step)
        session.restore(prefix)
        assert session.value(w).tolist() == [[1, 2], [3, 4], [5, 6]]
        session.load(w, np.zeros((3, 2), np.float32))
        assert session.run(y, {x: X}).max() == 0
    with Session(graph, devices={"/gpu:0": "numpy"}) as session:
        session.restore(prefix)
        assert session.value(w).max() == 6


@pytest.mark.parametrize("name", ["bfloat16", "string"])
def test_dtypes_that_a_gpu_has_not_are_computed_in_this_process(name: str, cupy: Any) -> None:
    graph = tf.Graph()
    with graph.as_default(), tf.device("/gpu:0"):
        x = tf.cast(tf.constant([1.0, 2.0]), tf.bfloat16) if name == "bfloat16" else tf.constant(["a", "b"])
        y = x + x
    with Session(graph, devices=ONE) as session:
        assert session.placement().placed[y.op].reason == f"asked for; cupy has no {name}, so numpy computes it"
        assert session.run(y).tolist() == ([2.0, 4.0] if name == "bfloat16" else [b"aa", b"bb"])


def test_an_op_without_a_kernel_for_it_says_where_it_is_computed(cupy: Any) -> None:
    graph = tf.Graph()
    with graph.as_default(), tf.device("/gpu:0"):
        drawn = tf.random_normal([3], seed=1, name="drawn")
        y = tf.add(drawn, 1.0, name="y")
    with Session(graph, devices=ONE) as session:
        placed = {n.name: p.reason for n, p in session.placement().placed.items()}
        there = session.run(y)
    assert placed["drawn/RandomStandardNormal"] == (
        "asked for; cupy has no kernel of RandomStandardNormal, so numpy computes it")
    assert placed["y"] == "asked for; runs on cupy"
    with Session(graph, devices={"/gpu:0": "numpy"}) as session:
        np.testing.assert_allclose(there, session.run(y), rtol=1e-6)


def test_a_failure_is_told_with_shapes_and_dtypes(cupy: Any) -> None:
    graph = tf.Graph()
    with graph.as_default(), tf.device("/gpu:0"):
        x = tf.placeholder(tf.float32, name="x")
        i = tf.placeholder(tf.int32, name="i")
        y = tf.gather(x, i, name="y")
    with Session(graph, devices=ONE) as session, pytest.raises(RunError) as told:
        session.run(y, {x: np.zeros((3, 2)), i: [0, 3]})
    assert str(told.value).startswith("y (GatherV2): indices[1] = 3 is not in [0, 3)")
    assert told.value.notes == [("x:0 is float32 [3, 2]; i:0 is int32 [2]; y/axis:0 is int32 []", None)]


@pytest.mark.parametrize("name", ["digits_mlp", "digits_conv"])
def test_digits_are_read_on_a_gpu(name: str, cupy: Any) -> None:
    part = load_spec(str(SPECS / f"{name}.yaml")).graphs[name]
    images = np.load(SPECS / "data" / "digits.npz")
    with Session(part, devices=GPU) as session:
        for variable, value in np.load(SPECS / "data" / f"{name}.npz").items():
            session.load(variable, value)
        accuracy = session.run(part.resolve("accuracy"), {
            part.resolve("images"): images["test_images"], part.resolve("labels"): images["test_labels"]})
    assert accuracy >= 0.97
