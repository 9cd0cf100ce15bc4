"""Session.save and Session.restore: whole, partial, renamed, and what they report."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli import Session
from graphcli.engine.streams import captured, put_back
from graphcli.errors import DataLoss, GraphError, InvalidValue, NotFound
from graphcli.wire.bundle import Bundle


def model(width: int = 3, scope: str = "", dtype: Any = "float32") -> tf.Graph:
    graph = tf.Graph()
    with graph.as_default(), tf.variable_scope(scope or tf.get_variable_scope()):
        tf.get_variable("layer/weights", [2, width], dtype, tf.ones_initializer())
        tf.get_variable("layer/biases", [width], dtype, tf.zeros_initializer())
        tf.get_variable("count", [], tf.int32, tf.zeros_initializer(), trainable=False,
                        collections=["local_variables"])
    return graph


def saved(tmp_path: Path, **more: Any) -> str:
    with Session(model(**more)) as sess:
        sess.initialize()
        sess.load("layer/biases" if not more.get("scope") else f"{more['scope']}/layer/biases", [7, 8, 9])
        return sess.save(str(tmp_path / "new" / "model"), 5)


def test_saves_the_global_variables_and_says_where(tmp_path: Path) -> None:
    prefix = saved(tmp_path)
    assert prefix == str(tmp_path / "new" / "model-5")
    assert sorted(os.listdir(tmp_path / "new")) == ["checkpoint", "model-5.data-00000-of-00001", "model-5.index"]
    assert list(Bundle(prefix)) == ["layer/biases", "layer/weights"]


@pytest.mark.parametrize("form", ["model-5", "", "model-5.index", "model-5.data-00000-of-00001", "checkpoint"])
def test_a_checkpoint_is_named_by_prefix_folder_or_file(tmp_path: Path, form: str) -> None:
    saved(tmp_path)
    with Session(model()) as sess:
        report = sess.restore(str(tmp_path / "new" / form))
        assert report.complete and report.extra == []
        assert report.matched == {n: n for n in ("layer/weights", "layer/biases")}
        assert sess.value("layer/biases").tolist() == [7, 8, 9]
        assert not sess.is_initialized("count")
        sess.initialize(missing_only=True)
        assert sess.value("count") == 0 and sess.value("layer/biases").tolist() == [7, 8, 9]


def test_what_does_not_fit_is_reported_and_refused_unless_partial(tmp_path: Path) -> None:
    prefix = saved(tmp_path)
    graph = model(width=4)
    with graph.as_default():
        tf.get_variable("layer/bias", [3])
        tf.get_variable("quite_new", [3])
    with Session(graph) as sess:
        sess.initialize()
        with pytest.raises(NotFound, match="2 variables are not in .* and 2 have another shape") as caught:
            sess.restore(prefix)
        assert caught.value.render().splitlines()[1:] == [
            "  note: layer/bias is missing",
            "  note: quite_new is missing",
            "  note: layer/weights is float32 [2, 4], in the checkpoint float32 [2, 3]",
            "  note: layer/biases is float32 [4], in the checkpoint float32 [3]"]
        report = sess.restore(prefix, partial=True)
        assert report.matched == {} and [m.variable for m in report.misshaped] == ["layer/weights", "layer/biases"]
        report = sess.restore(prefix, {"layer/biases": "layer/bias"}, partial=True)
        assert report.matched == {"layer/bias": "layer/biases"} and sess.value("layer/bias").tolist() == [7, 8, 9]
        assert report.missing == {"layer/biases": None, "quite_new": None}


def test_nearest_names_are_suggested(tmp_path: Path) -> None:
    prefix = saved(tmp_path, scope="net")
    with Session(model()) as sess:
        with pytest.raises(NotFound) as caught:
            sess.restore(prefix)
        assert "layer/biases is missing; did you mean 'net/layer/biases'?" in caught.value.render()
        assert sess.restore(prefix, lambda name: name.removeprefix("net/")).complete
        with pytest.raises(NotFound, match="has no tensor"):
            sess.restore(prefix, {"nat/layer/biases": "layer/biases"})
        with pytest.raises(InvalidValue, match="would get both"):
            sess.restore(prefix, lambda name: "layer/biases")


def test_another_dtype_is_a_mismatch(tmp_path: Path) -> None:
    prefix = saved(tmp_path)
    with Session(model(dtype="float64")) as sess, \
            pytest.raises(InvalidValue, match="2 variables have another shape or dtype"):
        sess.restore(prefix)


def test_a_damaged_checkpoint_changes_nothing(tmp_path: Path) -> None:
    prefix = saved(tmp_path)
    path = Path(f"{prefix}.data-00000-of-00001")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with Session(model()) as sess:
        sess.initialize()
        with pytest.raises(DataLoss, match="the checksum of layer/weights does not hold"):
            sess.restore(prefix)
        assert sess.value("layer/biases").tolist() == [0, 0, 0]


def test_a_restored_variable_is_trained_on(tmp_path: Path) -> None:
    prefix = saved(tmp_path)
    graph = model()
    with graph.as_default():
        b = graph.get_collection("variables")[1]
        add = tf.assign_add(b, tf.ones([3]))
    with Session(graph) as sess:
        sess.initialize()
        sess.run(add)
        sess.restore(prefix)
        assert sess.run(add).tolist() == [8, 9, 10]


def test_keep_and_extra(tmp_path: Path) -> None:
    with Session(model()) as sess:
        with pytest.raises(GraphError, match="is not initialized"):
            sess.save(str(tmp_path / "m"))
        assert os.listdir(tmp_path) == []
        sess.initialize()
        for step in range(4):
            sess.save(str(tmp_path / "m"), np.int32(step), keep=2, extra={"_graphcli/x": np.int32(step)})
        assert sorted(n for n in os.listdir(tmp_path) if n.endswith("index")) == ["m-2.index", "m-3.index"]
        state = tf.train.get_checkpoint_state(str(tmp_path))
        assert [os.path.basename(p) for p in state.all_model_checkpoint_paths] == ["m-2", "m-3"]
        assert (tmp_path / "checkpoint").read_text().startswith('model_checkpoint_path: "m-3"\n')
        assert sess.restore(str(tmp_path)).extra == []
        assert Bundle(str(tmp_path / "m-3")).read("_graphcli/x") == 3


def test_random_streams_go_on_where_they_were(tmp_path: Path) -> None:
    with tf.Graph().as_default() as graph:
        free, seeded = tf.random_normal([3]), tf.random_uniform([2], seed=3)
        learned = tf.nn.learned_unigram_candidate_sampler(tf.constant([[1]], tf.int64), 1, 3, True, 5)
        fetches = [free, seeded, learned[0]]
        first = Session(graph)
        first.run(fetches)
        kept = captured(first.state)
        expected = [first.run(fetches) for _ in range(3)]
        second = Session(graph)
        second.run(fetches)
        for target in (Session(graph), second, first):
            put_back(target.state, kept, graph.nodes)
            for want in expected:
                for a, b in zip(target.run(fetches), want):
                    np.testing.assert_array_equal(a, b)


KILLED = """
import os, shutil, signal, sys
import numpy as np
import graphcli.tf1 as tf
from graphcli import Session

folder = sys.argv[1]
w = tf.get_variable("w", initializer=np.float32([0, 0]))
sess = Session()
sess.initialize()

def child(moment):
    left = [moment]
    def counted(call):
        def run(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)
        return run
    for name in ("replace", "fsync", "link", "unlink"):
        setattr(os, name, counted(getattr(os, name)))
    sess.load(w, [2, 2])
    sess.save(folder + "/m", 2, keep=1)
    os._exit(0)

for moment in range(60):
    shutil.rmtree(folder)
    sess.load(w, [1, 1])
    sess.save(folder + "/m", 1)
    if not (pid := os.fork()):
        child(moment)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    latest = tf.train.latest_checkpoint(folder)
    sess.restore(latest)
    print(status, latest[-1], *sess.value(w).tolist())
    if not status:
        break
"""


def test_killed_at_any_moment_the_folder_names_a_whole_checkpoint(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "0 2 2.0 2.0" and len(lines) > 8
    assert set(lines[:-1]) == {"-9 1 1.0 1.0", "-9 2 2.0 2.0"}
    assert sorted(p for p in os.listdir(tmp_path)) == ["checkpoint", "m-2.data-00000-of-00001", "m-2.index"]
