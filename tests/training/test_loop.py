"""The loop: what listeners hear, going on to the bit, evaluation that changes nothing, where a NaN came from."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli import Session
from graphcli.errors import DataLoss, InvalidType, InvalidValue, RunError
from graphcli.training.batches import Batches
from graphcli.training.blame import Snapshots
from graphcli.training.data import Data
from graphcli.training.evaluate import Evaluation
from graphcli.training.listeners import Interval, Listener, Saves
from graphcli.training.loop import Training
from graphcli.training.state import NAME, read_state
from graphcli.wire.bundle import Bundle

RNG = np.random.default_rng(3)
X = RNG.standard_normal((50, 3)).astype(np.float32)
Y = (X @ np.float32([1, -2, 3]) > 0).astype(np.float32)


class Net:
    """A net with all that makes going on hard: dropout, Adam, a global step, a local counter, unseeded noise."""

    def __init__(self, rate: float = 0.01, seed: int | None = 4) -> None:
        self.graph = tf.Graph()
        with self.graph.as_default():
            tf.set_random_seed(seed)
            self.x = tf.placeholder("float32", [None, 3], name="x")
            self.y = tf.placeholder("float32", [None], name="y")
            w = tf.get_variable("w", [3, 8])
            v = tf.get_variable("v", [8, 1])
            self.count = tf.get_variable("count", [], initializer=tf.zeros_initializer(), trainable=False,
                                         collections=["local_variables"])
            hidden = tf.nn.dropout(tf.nn.relu(self.x @ w), 0.8)
            noise = tf.random_normal([1], 0, 0.01)
            logits = tf.reshape(hidden @ v, [-1]) + noise
            self.loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=self.y, logits=logits),
                                       name="loss")
            self.right = tf.cast(tf.equal(logits > 0, self.y > 0.5), "float32")
            step = tf.train.get_or_create_global_step()
            adam = tf.train.AdamOptimizer(rate).minimize(self.loss, global_step=step)
            self.train = tf.group(adam, tf.assign_add(self.count, 1))

    def session(self) -> Session:
        return Session(self.graph)

    def run(self, session: Session, steps: int, **more: Any) -> Training:
        data = Data({self.x: X, self.y: Y})
        batches = Batches(data.rows, 8, shuffle=True, seed=9)
        return Training(session, self.train, self.loss, data, batches, steps, **more)


class Hears(Listener):
    def __init__(self) -> None:
        self.told: list[Any] = []

    def started(self, run: Training) -> None:
        self.told.append(("started", run.step))

    def stepped(self, step: int, loss: float, fetched: Any) -> None:
        self.told.append(("step", step, loss))

    def interval(self, interval: Interval) -> None:
        self.told.append(interval)

    def evaluated(self, step: int, values: Any) -> None:
        self.told.append(("evaluated", step))

    def finished(self, run: Training) -> None:
        self.told.append(("finished", run.step, run.stopped))


def test_listeners_hear_each_step_interval_and_evaluation() -> None:
    net, hears = Net(), Hears()
    with net.session() as sess:
        sess.initialize()
        evaluation = Evaluation(sess, {"right": net.right}, Data({net.x: X, net.y: Y}), 20)
        net.run(sess, 9, listeners=[hears, object()], every=4, evaluation=evaluation).run()
    losses = [t[2] for t in hears.told if isinstance(t, tuple) and t[0] == "step"]
    intervals = [t for t in hears.told if isinstance(t, Interval)]
    assert [(i.step, i.steps, i.epoch) for i in intervals] == [(4, 9, 0), (8, 9, 1), (9, 9, 1)]
    assert [i.loss for i in intervals] == [sum(losses[:4]) / 4, sum(losses[4:8]) / 4, losses[8]]
    assert hears.told[0] == ("started", 0) and hears.told[-1] == ("finished", 9, False)
    assert [t[1] for t in hears.told if isinstance(t, tuple) and t[0] == "evaluated"] == [7, 9]


def test_what_a_listener_wants_is_fetched_along() -> None:
    net = Net()

    class Wants(Listener):
        got: list[Any] = []

        def wants(self, step: int) -> Any:
            return [net.count] if step % 2 == 0 else []

        def stepped(self, step: int, loss: float, fetched: Any) -> None:
            self.got.append([float(f) for f in fetched])

    with net.session() as sess:
        sess.initialize()
        net.run(sess, 5, listeners=[Wants(), Hears()]).run()
    assert Wants.got == [[], [2.0], [], [4.0], []]


def trained(net: Net, folder: Path, steps: int, restore: str | None = None, every: int = 6,
            stop: Callable[[], bool] = lambda: False, evaluate: bool = False) -> str:
    """The last checkpoint of a run."""
    with net.session() as sess:
        run = net.run(sess, steps)
        if evaluate:
            run.evaluation = Evaluation(sess, {"right": net.right}, Data({net.x: X, net.y: Y}), 20)
        if restore is not None:
            sess.restore(restore)
            state = read_state(restore)
            assert state is not None
            run.resume(state)
        sess.initialize(missing_only=True)
        last = []

        def save(step: int) -> None:
            last.append(sess.save(str(folder / "m"), step, sess.variables(), {NAME: run.state().as_tensor()}))

        run.listeners.append(Saves(save, every))
        run.run(stop)
        return last[-1]


def contents(prefix: str) -> dict[str, bytes]:
    with Bundle(prefix) as bundle:
        return {n: bundle.read(n).tobytes() if bundle.entry(n).dtype != 7 else bundle.read(n)[()] for n in bundle}


@pytest.mark.parametrize("seed", [4, None])
@pytest.mark.parametrize("evaluate", [False, True])
def test_going_on_is_the_run_that_was_not_broken_off(tmp_path: Path, seed: int | None, evaluate: bool) -> None:
    whole = contents(trained(Net(seed=seed), tmp_path / "a", 20))
    if seed is None:
        # without seeds every session draws by chance; what is drawn later is decided by the checkpoint
        whole = contents(trained(Net(seed=seed), tmp_path / "c", 20, str(tmp_path / "a" / "m-6")))
    for at in (6, 12, 18):
        source = tmp_path / ("c" if seed is None and at > 6 else "a") / f"m-{at}"
        again = contents(trained(Net(seed=seed), tmp_path / f"b{at}", 20, str(source), evaluate=evaluate))
        assert again == whole
    assert whole["count"] == np.float32(20).tobytes() and b'"step": 20' in whole[NAME]


def test_a_run_that_is_stopped_saves_and_goes_on(tmp_path: Path) -> None:
    left = [10]

    def stop() -> bool:
        left[0] -= 1
        return not left[0]

    net = Net()
    prefix = trained(net, tmp_path / "a", 20, every=50, stop=stop)
    assert prefix.endswith("m-10")
    assert contents(trained(net, tmp_path / "b", 20, prefix)) == contents(trained(net, tmp_path / "c", 20))


def test_other_batches_are_refused(tmp_path: Path) -> None:
    net = Net()
    prefix = trained(net, tmp_path, 3)
    state = read_state(prefix)
    assert state is not None and state.step == 3
    with net.session() as sess:
        data = Data({net.x: X, net.y: Y})
        for batches, message in ((Batches(50, 4, True), "batches of 8 rows"), (Batches(50, 8), "shuffled"),
                                 (Batches(49, 8, True), "50 rows"), (Batches(50, 8, True, 0, True), "left out|leave")):
            run = Training(sess, net.train, net.loss, data, batches, 4)
            with pytest.raises(InvalidValue, match=message):
                run.resume(state)


def test_checkpoints_of_others_have_no_state_and_damaged_ones_are_refused(tmp_path: Path) -> None:
    net = Net()
    with net.session() as sess:
        sess.initialize()
        assert read_state(sess.save(str(tmp_path / "m"))) is None
        start = b'{"version": 1, "rows": 50, "batch_size": 8, "shuffle": true, "seed": 0, '
        worse = (start + b'"step": -1}', start + b'"step": "1"}', start + b'"step": 1, "since": ["a", 1]}',
                 start + b'"step": 1, "since": 3}')
        for bad in (b"{", b'{"version": 1}', b"[]", b'{"version": 1, "step": 1, "more": 2}', *worse):
            sess.save(str(tmp_path / "m"), extra={NAME: np.array(bad, object)})
            with pytest.raises(DataLoss, match="training state cannot be read"):
                read_state(str(tmp_path / "m"))
        sess.save(str(tmp_path / "m"), extra={NAME: np.array(b'{"version": 9}', object)})
        with pytest.raises(InvalidValue, match="newer graphcli"):
            read_state(str(tmp_path / "m"))


def test_a_nan_is_traced_to_the_step_and_op_that_made_it() -> None:
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder("float32", [None], name="x")
        w = tf.get_variable("w", initializer=np.float32(8.0))
        root = tf.sqrt(w, name="root")
        loss = tf.reduce_mean(root + 0 * x, name="loss")
        train = tf.assign_sub(w, 1.0)
    with Session(graph) as sess:
        sess.initialize()
        run = Training(sess, train, loss, Data({x: np.zeros(6)}), Batches(6, 2), 20, every=3)
        with pytest.raises(RunError, match="the loss is NaN at step 10") as caught:
            run.run()
    assert caught.value.render().splitlines()[1] == "  note: the first NaN was made in this step by root (Sqrt)"


def test_large_tables_are_not_copied_for_every_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that took a second is good for 50 more."""
    net = Net()
    clock = [0.0]

    def copying(state: Any) -> dict[str, Any]:
        clock[0] += 1.0
        return {}

    monkeypatch.setattr("graphcli.training.blame.time.monotonic", lambda: clock[0])
    monkeypatch.setattr("graphcli.training.blame.captured", copying)
    with net.session() as sess:
        sess.initialize()
        copies = Snapshots(sess)
        for step, (now, held) in enumerate([(0.0, 0), (2.0, 0), (50.0, 0), (51.5, 3)]):
            clock[0] = now
            copies.take(step)
            assert copies.step == held


def test_a_nan_of_an_update_is_traced_to_the_step_before() -> None:
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder("float32", [None], name="x")
        w = tf.get_variable("w", initializer=np.float32(3.0))
        step = tf.get_variable("step", initializer=np.float32(0.0))
        loss = tf.reduce_mean(w * x, name="loss")
        bad = tf.log(5 - step, name="bad")
        with tf.control_dependencies([loss]):
            train = tf.group(tf.assign(w, w + 0 * bad, name="update"), tf.assign_add(step, 1))
    with Session(graph) as sess:
        sess.initialize()
        run = Training(sess, train, loss, Data({x: np.ones(6)}), Batches(6, 2), 20, every=4)
        with pytest.raises(RunError, match="the loss is NaN at step 7") as caught:
            run.run()
    # log(0) is -inf, and 0 * -inf is the NaN
    assert "the first NaN was made in step 6 by mul" in caught.value.render()


def test_an_infinite_loss_and_one_that_is_no_number_are_refused() -> None:
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder("float32", [None], name="x")
        endless, several = tf.reduce_sum(1 / x), x * 2
        turning, text, one = tf.cast(x[0], tf.complex64), tf.as_string(x[0]), x[:1]
    with Session(graph) as sess:
        data = Data({x: np.zeros(4)})
        with pytest.raises(RunError, match="the loss is infinite at step 1"):
            Training(sess, several, endless, data, Batches(4, 2), 3).run()
        with pytest.raises(InvalidType, match=r"is one number; this one is float32 \[2\]"):
            Training(sess, several, several, data, Batches(4, 2), 3).run()
        for odd, told in ((turning, r"complex64 \[\]"), (text, r"bytes \[\]"), (one, r"float32 \[1\]")):
            with pytest.raises(InvalidType, match=f"is one number; this one is {told}"):
                Training(sess, several, odd, data, Batches(4, 2), 3).run()


def test_evaluation_is_the_mean_over_all_rows_whatever_the_batch() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder("float32", [None], name="x")
        tensors = {"mean": tf.reduce_mean(x), "each": tf.square(x), "flag": x > 2}
    with Session(graph) as sess:
        data = Data({x: np.arange(7)})
        for size in (1, 2, 3, 7, 50):
            got = Evaluation(sess, tensors, data, size).run()
            np.testing.assert_allclose([got["mean"], got["each"], got["flag"]], [3, 13, 4 / 7], rtol=1e-6)


def test_a_placeholder_of_fixed_size_wants_whole_batches() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder("float32", [4], name="x")
        loss = tf.reduce_sum(x)
    with Session(graph) as sess:
        data = Data({x: np.arange(10)})
        with pytest.raises(InvalidValue, match="batches of 4 rows only"):
            Training(sess, loss, loss, data, Batches(10, 4), 3)
        run = Training(sess, loss, loss, data, Batches(10, 4, drop_last=True), 3)
        run.run()
        assert run.step == 3 and run.last_loss == 0 + 1 + 2 + 3
