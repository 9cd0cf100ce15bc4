"""tf.train.Saver and the calls about checkpoints: TensorFlow's behaviour, its files, and both ways between the two."""
from __future__ import annotations

import os
import subprocess
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import GraphError

RECORDED = Path(__file__).parents[1] / "wire" / "recorded"


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as made:
        yield made


def session() -> Any:
    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    return sess


def files(folder: Path) -> list[str]:
    return sorted(p for p in os.listdir(folder) if not p.endswith(".meta"))


def test_saves_and_restores(tmp_path: Path) -> None:
    w = tf.get_variable("w", initializer=np.float32([[1, 2], [3, 4]]))
    words = tf.Variable([b"a", b"bc"], name="words")
    step = tf.train.get_or_create_global_step()
    saver = tf.train.Saver()
    with session() as sess:
        sess.run(step.assign_add(7))
        prefix = saver.save(sess, str(tmp_path / "model"), global_step=step)
        assert prefix == str(tmp_path / "model-7")
        sess.run([w.assign(w * 0), words.assign([b"x", b"y"])])
        saver.restore(sess, prefix)
        assert sess.run(w).tolist() == [[1, 2], [3, 4]] and sess.run(words).tolist() == [b"a", b"bc"]
    assert files(tmp_path) == ["checkpoint", "model-7.data-00000-of-00001", "model-7.index"]
    with tf.Session() as fresh:
        saver.restore(fresh, tf.train.latest_checkpoint(str(tmp_path)))
        assert fresh.run(step) == 7


def test_a_variable_is_saved_as_it_is_before_the_writes_of_that_step(tmp_path: Path) -> None:
    w = tf.get_variable("w", initializer=np.float32(1))
    saver = tf.train.Saver()
    with session() as sess:
        for i in range(3):
            saver.save(sess, str(tmp_path / "m"), global_step=i)
            sess.run(w.assign_add(1))
    assert [tf.train.load_variable(str(tmp_path / f"m-{i}"), "w") for i in range(3)] == [1, 2, 3]


def test_names_in_the_checkpoint_may_be_others(tmp_path: Path) -> None:
    w = tf.get_variable("w", initializer=np.float32([1, 2]))
    v = tf.get_variable("v", initializer=np.float32([3, 4]))
    saver = tf.train.Saver({"x": w, "y": v})
    with session() as sess:
        saver.save(sess, str(tmp_path / "m"))
        assert tf.train.list_variables(str(tmp_path / "m")) == [("x", [2]), ("y", [2])]
        tf.train.Saver({"y": w}).restore(sess, str(tmp_path / "m"))
        assert sess.run(w).tolist() == [3, 4]
        with pytest.raises(GraphError, match="has no tensor 'v', nor 1 more") as caught:
            tf.train.Saver().restore(sess, str(tmp_path / "m"))
        assert "v: nothing like it is there" in caught.value.render()


def test_another_shape_or_dtype_is_refused_and_reshape_takes_it(tmp_path: Path) -> None:
    w = tf.get_variable("w", initializer=np.arange(6, dtype=np.float32))
    with session() as sess:
        tf.train.Saver().save(sess, str(tmp_path / "m"))
    with tf.Graph().as_default():
        w = tf.get_variable("w", [2, 3])
        with tf.Session() as sess:
            with pytest.raises(GraphError, match=r"shape"):
                tf.train.Saver().restore(sess, str(tmp_path / "m"))
            tf.train.Saver(reshape=True).restore(sess, str(tmp_path / "m"))
            assert sess.run(w).tolist() == [[0, 1, 2], [3, 4, 5]]
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.get_variable("w", [6], tf.float64)
        with pytest.raises(GraphError, match="w is float32 in .*, float64 is wanted"):
            tf.train.Saver().restore(sess, str(tmp_path / "m"))


def test_old_checkpoints_go_and_every_so_often_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tf.get_variable("w", initializer=np.float32(1))
    now = [1000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    saver = tf.train.Saver(max_to_keep=2, keep_checkpoint_every_n_hours=1)
    with session() as sess:
        for i in range(8):
            now[0] += 1200
            saver.save(sess, str(tmp_path / "m"), global_step=i, write_meta_graph=False)
    kept = [f"m-{i}" for i in range(8) if os.path.exists(tmp_path / f"m-{i}.index")]
    # after the first hour one of each hour stays, as in TensorFlow
    assert kept == ["m-3", "m-6", "m-7"]
    assert saver.last_checkpoints == [str(tmp_path / "m-6"), str(tmp_path / "m-7")]
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert list(state.all_model_checkpoint_paths) == saver.last_checkpoints
    monkeypatch.undo()
    again = tf.train.Saver(max_to_keep=2)
    again.recover_last_checkpoints([*state.all_model_checkpoint_paths, "gone"])
    with session() as sess:
        again.save(sess, str(tmp_path / "m"), global_step=9, write_meta_graph=False)
    assert not os.path.exists(tmp_path / "m-6.index") and os.path.exists(tmp_path / "m-7.index")


@pytest.mark.parametrize("resource", [False, True])
def test_neither_a_save_nor_a_restore_into_a_fresh_session_makes_a_second_copy(tmp_path: Path, resource: bool) -> None:
    size = 2_000_000
    for name in ("a", "b"):
        tf.get_variable(name, [size], initializer=tf.ones_initializer(), use_resource=resource)
    saver = tf.train.Saver()
    whole = 2 * size * 4

    def most(run: Any) -> int:
        tracemalloc.start()
        run()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    with session() as sess:
        assert most(lambda: saver.save(sess, str(tmp_path / "m"), write_meta_graph=False)) < 0.2 * whole
    with tf.Session() as fresh:
        assert most(lambda: saver.restore(fresh, str(tmp_path / "m"))) < 1.1 * whole
        assert fresh.run("a:0" if not resource else "a/Read/ReadVariableOp:0").sum() == size


@pytest.mark.parametrize("resource", [False, True])
def test_what_a_variable_takes_over_is_nobody_elses(tmp_path: Path, resource: bool) -> None:
    ones = tf.get_variable("ones", [3], initializer=tf.ones_initializer(), use_resource=resource)
    with session() as sess:
        tf.train.Saver().save(sess, str(tmp_path / "m"), write_meta_graph=False)
    fed = tf.placeholder("float32", [3])
    held = np.full(3, 7, np.float32)
    restored, = tf.apply_op("RestoreV2", None, [str(tmp_path / "m"), ["ones"], [""]], {"dtypes": ["float32"]})
    sources = {"restored": restored, "filled": tf.fill([3], fed[0]), "fed": fed, "constant": tf.constant([7.0] * 3),
               "read": tf.identity(ones), "viewed": tf.reshape(tf.fill([3, 1], fed[0]), [3])}
    for name, value in sources.items():
        first, second, third = (tf.get_variable(f"{name}_{i}", [3], use_resource=resource) for i in range(3))
        with tf.Session() as sess:
            sess.run(ones.initializer)
            # two variables and a fetch of one value in one step, then a third alone
            got = sess.run([first.assign(value).op, second.assign(value).op, value], {fed: held})[2]
            sess.run(third.assign(value).op, {fed: held})
            before = got.copy()
            sess.run([v.assign_add([1, 1, 1]) for v in (first, third)])
            assert (sess.run(first) == before + 1).all() and (sess.run(third) == before + 1).all(), name
            assert (sess.run(second) == before).all() and (got == before).all(), name
            assert (sess.run(value, {fed: held}) == before).all() and (held == 7).all(), name


def test_pad_state_and_names(tmp_path: Path) -> None:
    tf.get_variable("w", initializer=np.float32(1))
    saver = tf.train.Saver(pad_step_number=True, save_relative_paths=True, max_to_keep=0)
    with session() as sess:
        written = saver.save(sess, str(tmp_path / "m"), np.int64(12), latest_filename="newest")
        assert written == str(tmp_path / "m-00000012")
        assert (tmp_path / "newest").read_text() == (
            'model_checkpoint_path: "m-00000012"\nall_model_checkpoint_paths: "m-00000012"\n')
        assert tf.train.latest_checkpoint(str(tmp_path), "newest") == str(tmp_path / "m-00000012")
        assert saver.save(sess, str(tmp_path / "n"), write_state=False) == str(tmp_path / "n")
        assert tf.train.latest_checkpoint(str(tmp_path)) is None
        for bad in ({"save_path": str(tmp_path / "checkpoint")}, {"save_path": "m", "latest_filename": "a/b"}):
            with pytest.raises(ValueError, match="latest_filename"):
                saver.save(sess, **bad)
        with pytest.raises(GraphError, match="no folder"):
            saver.save(sess, str(tmp_path / "no" / "where" / "m"))
        with pytest.raises(ValueError, match="not a valid checkpoint"):
            saver.restore(sess, str(tmp_path / "nothing"))
        with pytest.raises(ValueError, match="None"):
            saver.restore(sess, None)


def test_saver_defs(graph: tf.Graph, tmp_path: Path) -> None:
    w = tf.get_variable("w", initializer=np.float32(1))
    with tf.name_scope("in"):
        saver = tf.train.Saver(max_to_keep=3)
    made = saver.to_proto()
    assert (made.filename_tensor_name, made.save_tensor_name, made.restore_op_name) == (
        "in/save/Const:0", "in/save/control_dependency:0", "in/save/restore_all")
    assert (made.max_to_keep, made.version, made.sharded) == (3, 2, False)
    inner = saver.to_proto("in")
    assert inner.save_tensor_name == "save/control_dependency:0" and saver.to_proto("out") is None
    again = tf.train.Saver.from_proto(inner, "in")
    before = len(graph.get_operations())
    with session() as sess:
        again.save(sess, str(tmp_path / "m"), write_meta_graph=False)
        sess.run(w.assign(5))
        saver.restore(sess, str(tmp_path / "m"))
        assert sess.run(w) == 1
    assert before + 3 >= len(graph.get_operations())


def test_deferred_and_empty_savers(tmp_path: Path) -> None:
    empty = tf.train.Saver(allow_empty=True)
    later = tf.train.Saver(defer_build=True)
    w = tf.get_variable("w", initializer=np.float32(1))
    with session() as sess:
        assert empty.save(sess, str(tmp_path / "m"), write_meta_graph=False) is None
        with pytest.raises(RuntimeError, match=r"needs build\(\)"):
            later.save(sess, str(tmp_path / "m"))
        later.build()
        later.save(sess, str(tmp_path / "m"), write_meta_graph=False)
        sess.run(w.assign(2))
        later.restore(sess, str(tmp_path / "m"))
        assert sess.run(w) == 1


def test_a_data_file_for_each_device(tmp_path: Path) -> None:
    with tf.device("/cpu:0"):
        tf.get_variable("a", initializer=np.float32([1, 2]))
    with tf.device("/gpu:0"):
        b = tf.get_variable("b", initializer=np.int32([3]))
    saver = tf.train.Saver(sharded=True)
    from graphcli import Session

    sess = Session(devices={"/cpu:0": "numpy", "/gpu:0": "numpy"})
    sess.run(tf.global_variables_initializer())
    saver.save(sess, str(tmp_path / "m"), write_meta_graph=False)
    assert files(tmp_path) == ["checkpoint", "m.data-00000-of-00002", "m.data-00001-of-00002", "m.index"]
    sess.run(b.assign([9]))
    saver.restore(sess, str(tmp_path / "m"))
    assert sess.run(b).tolist() == [3]


def test_readers(tmp_path: Path) -> None:
    reader = tf.train.load_checkpoint(str(RECORDED / "kinds"))
    assert reader.get_variable_to_shape_map()["all/float32"] == [2, 3]
    assert reader.get_variable_to_dtype_map()["all/bfloat16"] is tf.bfloat16
    assert reader.has_tensor("scalar") and not reader.has_tensor("none")
    assert reader.get_tensor("one_text") == b"word"
    assert b"all/float32 (DT_FLOAT) [2,3]\n" in reader.debug_string()
    assert tf.train.load_variable(str(RECORDED / "kinds"), "scalar:0") == 1.5
    assert tf.train.checkpoint_exists(str(RECORDED / "kinds")) and not tf.train.checkpoint_exists("none")
    with pytest.raises(ValueError, match="names no newest checkpoint"):
        tf.train.load_checkpoint(str(tmp_path))
    tf.train.update_checkpoint_state(str(tmp_path), str(tmp_path / "a"), [str(tmp_path / "b")])
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert [os.path.basename(p) for p in state.all_model_checkpoint_paths] == ["b", "a"]
    with pytest.raises(ValueError, match="is not there"):
        tf.train.load_checkpoint(str(tmp_path))
    (tmp_path / "checkpoint").write_bytes(b"\xff not a state")
    assert tf.train.get_checkpoint_state(str(tmp_path)) is None


def test_relative_folders_make_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir("logs")
    tf.get_variable("w", initializer=np.float32(1))
    with session() as sess:
        assert tf.train.Saver().save(sess, "logs/m", 1, write_meta_graph=False) == "logs/m-1"
    assert Path("logs/checkpoint").read_text() == 'model_checkpoint_path: "m-1"\nall_model_checkpoint_paths: "m-1"\n'
    assert tf.train.latest_checkpoint("logs") == "logs/m-1"


THEIRS = """
import sys
import numpy as np
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
tf.disable_resource_variables()
folder = sys.argv[1]
reader = tf.train.load_checkpoint(folder)
assert reader.get_variable_to_shape_map() == {"w": [2, 3], "words": [2], "h": [4], "step": []}, reader.debug_string()
assert reader.get_tensor("words").tolist() == [b"a", b"bc"]
w = tf.get_variable("w", [2, 3])
h = tf.get_variable("h", [4], tf.bfloat16)
step = tf.get_variable("step", [], tf.int64)
saver = tf.train.Saver()
with tf.Session() as sess:
    saver.restore(sess, tf.train.latest_checkpoint(folder))
    assert sess.run(w).tolist() == [[0, 1, 2], [3, 4, 5]] and sess.run(step) == 41
    sess.run([w.assign_add(tf.ones([2, 3])), step.assign_add(1)])
    saver.save(sess, folder + "/theirs", global_step=step)
print("read")
"""


def test_tensorflow_reads_ours_and_we_read_what_it_saves_then(tensorflow_python: str, tmp_path: Path) -> None:
    w = tf.get_variable("w", initializer=np.arange(6, dtype=np.float32).reshape(2, 3))
    tf.Variable([b"a", b"bc"], name="words")
    h = tf.get_variable("h", initializer=tf.constant([1, 2, 3, 4], tf.bfloat16))
    step = tf.get_variable("step", initializer=np.int64(41))
    with session() as sess:
        tf.train.Saver().save(sess, str(tmp_path / "ours"), global_step=step)
        done = subprocess.run([tensorflow_python, "-c", THEIRS, str(tmp_path)], capture_output=True, text=True,
                              check=False, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
        assert done.returncode == 0 and done.stdout == "read\n", done.stderr[-3000:]
        found = tf.train.latest_checkpoint(str(tmp_path))
        assert found == str(tmp_path / "theirs-42")
        tf.train.Saver([w, h, step]).restore(sess, found)
        assert sess.run(w).tolist() == [[1, 2, 3], [4, 5, 6]] and sess.run(step) == 42


META = """
import sys
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
prefix, other = sys.argv[1:]
saver = tf.train.import_meta_graph(prefix + ".meta")
with tf.Session() as sess:
    saver.restore(sess, prefix)
    assert sess.run("y:0", {"x:0": [[1, 2]]}).tolist() == [[3, 3]]
    names = [v.name for v in tf.global_variables()]
    assert names == ["w:0", "global_step:0", "beta1_power:0", "beta2_power:0", "w/Adam:0", "w/Adam_1:0"], names
    # a checkpoint with graphcli's training state in it
    assert "_graphcli/training" in dict(tf.train.list_variables(other))
    saver.restore(sess, other)
    sess.run("train", {"x:0": [[1, 2]]})
    saver.save(sess, prefix + "_again", 7)
print("read")
"""


def test_tensorflow_opens_our_meta_graph_and_we_open_its(tensorflow_python: str, tmp_path: Path) -> None:
    x = tf.placeholder("float32", [None, 2], name="x")
    y = tf.matmul(x, tf.get_variable("w", [2, 2], initializer=tf.ones_initializer()), name="y")
    tf.train.AdamOptimizer().minimize(tf.reduce_sum(y * y), tf.train.get_or_create_global_step(), name="train")
    prefix, other = str(tmp_path / "m"), str(tmp_path / "other")
    with session() as sess:
        tf.train.Saver().save(sess, prefix)
        sess.save(other, extra={"_graphcli/training": np.array(b"{}", object)})
        done = subprocess.run([tensorflow_python, "-c", META, prefix, other], capture_output=True, text=True,
                              check=False, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
    assert done.returncode == 0 and done.stdout == "read\n", done.stderr[-3000:]
    with tf.Graph().as_default(), tf.Session() as sess:
        saver = tf.train.import_meta_graph(f"{prefix}_again-7.meta")
        saver.restore(sess, f"{prefix}_again-7")
        assert sess.run("global_step:0") == 1
        assert sess.run("y:0", {"x:0": [[1, 2]]})[0, 0] < 3


def test_initializers_come_out_of_a_checkpoint(tmp_path: Path, graph: tf.Graph) -> None:
    with tf.variable_scope("old"):
        tf.get_variable("w", initializer=np.float32([1, 2]))
        tf.get_variable("b", initializer=np.float32(3))
    with session() as sess:
        prefix = tf.train.Saver().save(sess, str(tmp_path / "m"), write_meta_graph=False)
    with tf.Graph().as_default() as other:
        with tf.variable_scope("new"):
            w, b = tf.get_variable("w", [2]), tf.get_variable("b", [])
        tf.train.init_from_checkpoint(prefix, {"old/": "new/"})
        # TensorFlow's own nodes, in its order
        assert [n.name for n in other.get_operations()][-10:] == [
            f"checkpoint_initializer{i}{end}" if end != "Assign" else f"Assign{i}" for i in ("", "_1")
            for end in ("/prefix", "/tensor_names", "/shape_and_slices", "", "Assign")]
        with session() as sess:
            assert sess.run(w).tolist() == [1, 2] and sess.run(b) == 3
        for bad, message in (({"old/q": w}, "has no tensor 'old/q'"), ({"old/w": "new/v"}, "no variable 'new/v'"),
                             ({"old/b": w}, "has shape"), ({"old": "new/"}, "goes with a scope"),
                             ({"/": "/"}, "has no tensor 'new/b'"), ({"old/w": 3}, "a variable or a name")):
            with pytest.raises((ValueError, TypeError), match=message):
                tf.train.init_from_checkpoint(str(tmp_path), bad)


def test_threads_save_one_after_another_so_that_the_newest_step_is_the_last(tmp_path: Path, graph: tf.Graph) -> None:
    step = tf.Variable(12, name="step")
    saver, began, go = tf.train.Saver(), threading.Event(), threading.Event()
    with session() as sess:
        sess.run(step.initializer)

        class Slow:
            """A session whose first save takes until the program has moved on."""

            graph = sess.graph

            def run(self, fetches: Any, feeds: Any = None) -> Any:
                if feeds is not None:
                    began.set()
                    go.wait(5)
                return sess.run(fetches, feeds)

        thread = threading.Thread(target=saver.save, args=(Slow(), str(tmp_path / "m"), step))
        thread.start()
        began.wait(5)
        step.load(15, sess)
        threading.Timer(0.2, go.set).start()
        saver.save(sess, str(tmp_path / "m"), step)
        thread.join()
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "m-15")
