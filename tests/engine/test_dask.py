"""The backend dask: workers in other processes compute what a node's GraphDef says, and give TensorFlow's numbers."""
from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.backends import dask as backend
from graphcli.engine.backends.remote import movable
from graphcli.engine.listeners import Profile
from graphcli.errors import InvalidValue, RunError
from graphcli.graph.opdef import get_op
from graphcli.spec import load_spec

from .rows import ROWS, off


class Done:
    """A future of ``Sent``."""

    def __init__(self, value: Any, error: Exception | None = None) -> None:
        self.value, self.error = value, error

    def result(self) -> Any:
        if self.error is not None:
            raise pickle.loads(pickle.dumps(self.error))
        return self.value


class Sent:
    """A client whose one worker is this process: all that is sent goes through a pickle."""

    def __init__(self, address: str, **options: Any) -> None:
        self.calls = 0

    def submit(self, function: Any, *args: Any, pure: bool) -> Done:
        self.calls += 1
        try:
            values = [a.result() if isinstance(a, Done) else a for a in args]
            function, values = pickle.loads(pickle.dumps((function, values)))
            return Done(pickle.loads(pickle.dumps(function(*values))))
        except Exception as error:
            return Done(None, error)

    def scatter(self, value: Any, hash: bool) -> Done:
        return Done(pickle.loads(pickle.dumps(value)))

    def wait_for_workers(self, count: int, timeout: float) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("distributed.Client", Sent)


DEVICES = {"/cpu:0": {"backend": "dask", "address": "tcp://nowhere:1"}}


@pytest.mark.parametrize("op", ROWS)
def test_what_is_sent_of_each_op_gives_tensorflows_values(op: str, sent: None) -> None:
    assert off(op, DEVICES) == []


def test_a_kernel_is_sent_once_for_each_call(sent: None) -> None:
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [2])
        y = tf.tanh(tf.exp(x))
    with Session(graph, devices=DEVICES) as session:
        session.run(y, {x: [1, 2]})
        session.run(y, {x: [1, 2]})
        assert session.plans.backend("/device:CPU:0").client.calls == 4


def test_no_function_and_no_state_is_sent() -> None:
    graph = tf.Graph()
    with graph.as_default():
        v = tf.get_variable("v", [2])
        made = [tf.assign(v, [1.0, 2.0]).op, tf.random.uniform([2], 0, 9, tf.int32).op,
                tf.TensorArray(tf.float32, 2).handle.op]
        plain = tf.matmul([[1.0]], [[2.0]]).op
    assert [movable(n) for n in made] == [False] * 3 and movable(plain)
    assert "func" in str([a.kind for a in get_op("PartitionedCall").attrs.values()])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:
        yield cluster.scheduler_address


SPEC = """
devices: {{'/job:worker/task:0/cpu:0': {{backend: dask, address: '{address}'}}}}
inputs:
  x: {{dtype: float32, shape: [null, 3]}}
variables:
  w: {{initializer: [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]}}
ops:
  - device: /job:worker/task:0/cpu:0
    ops:
      y: tanh(x @ w / 10)
      half: split(y, 2, axis=1)
      g: gather(y, cast(reduce_sum(x), int32))
  - loss: reduce_sum(square(half[0]) - half[1])
  - step: train.GradientDescentOptimizer(0.1).minimize(loss)
outputs: [loss]
"""


@pytest.fixture
def spec(address: str, tmp_path: Path) -> Any:
    path = tmp_path / "remote.yaml"
    path.write_text(SPEC.format(address=address))
    return next(iter(load_spec(str(path)).graphs.values()))


def test_workers_of_other_processes_give_the_numbers_of_this_one(spec: Any) -> None:
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
    both = []
    for devices in (spec.devices, {"/job:worker/task:0/cpu:0": "numpy"}):
        with Session(spec.graph, devices=devices) as session:
            session.initialize()
            fetches = [spec.resolve(n) for n in ("loss", "y", "w")]
            for _ in range(3):
                values = session.run([*fetches, spec.resolve("step")], {spec.resolve("x"): x})
            both.append(values[:3])
    assert [type(v) for v in both[0]] == [type(v) for v in both[1]]
    for a, b in zip(*both):
        np.testing.assert_array_equal(a, b)
        assert np.ndim(a) == 0 or a.flags.writeable


def test_values_stay_with_the_workers_until_this_process_wants_them(spec: Any) -> None:
    class See:
        kinds: dict[str, type] = {}

        def wrap(self, step: Any, kernel: Any) -> Any:
            def seen(*args: Any) -> Any:
                result = kernel(*args)
                self.kinds[step.node.name] = type(result)
                return result

            return seen

    with Session(spec.graph, devices=spec.devices, listeners=[See(), Profile()]) as session:
        session.initialize()
        session.run(spec.resolve("y"), {spec.resolve("x"): np.ones((1, 3), np.float32)})
    assert See.kinds["matmul"] is backend.Remote


def test_a_failure_on_a_worker_is_told_at_its_line(spec: Any) -> None:
    with Session(spec.graph, devices=spec.devices) as session, pytest.raises(RunError) as told:
        session.initialize()
        session.run(spec.resolve("g"), {spec.resolve("x"): np.full((1, 3), 2, np.float32)})
    error = told.value
    assert error.message == "g (GatherV2): indices = 6 is not in [0, 1)"
    assert error.span is not None and error.span.line == 12
    assert error.notes == [("y:0 is float32 [1, 2]; Cast:0 is int32 []; g/axis:0 is int32 []", None)]


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "WAIT", 1)
    graph = tf.Graph()
    with graph.as_default():
        y = tf.add(1.0, 2.0)
    with pytest.raises(RunError, match=r"dask's scheduler at tcp://127.0.0.1:9, of device /device:CPU:0, does not"):
        Session(graph, devices={"/cpu:0": {"backend": "dask", "address": "tcp://127.0.0.1:9"}}).run(y)


def test_a_scheduler_without_workers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(backend, "WAIT", 1)
    graph = tf.Graph()
    with graph.as_default():
        y = tf.add(1.0, 2.0)
    with LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as cluster:
        with pytest.raises(RunError, match="of device /device:CPU:0, has no workers"):
            Session(graph, devices={"/cpu:0": {"backend": "dask", "address": cluster.scheduler_address}}).run(y)


@pytest.mark.parametrize("address", ["host", "tcp://host", 8786, "tcp://host:port", ""])
def test_what_is_no_address_is_refused_before_anything_is_asked(address: Any) -> None:
    with pytest.raises(InvalidValue, match="is no address of a scheduler"):
        Session(tf.Graph(), devices={"/cpu:0": {"backend": "dask", "address": address}})


def test_without_an_address_threads_of_this_process_do_the_work() -> None:
    graph = tf.Graph()
    with graph.as_default():
        y = tf.reduce_sum(tf.tanh(tf.range(5.0)))
    with Session(graph, devices={"/cpu:0": "dask"}) as session:
        assert session.run(y) == pytest.approx(np.tanh(np.arange(5, dtype="f")).sum())
