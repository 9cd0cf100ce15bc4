"""Resource variables: saved, restored and trained on; TensorFlow reads what we write of them and we what it writes."""
from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli import Session
from graphcli.errors import GraphError
from graphcli.wire.bundle import Bundle


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as made:
        yield made


def net() -> Any:
    """A small net of resource variables; its training op is ``train``, its loss ``loss``."""
    x = tf.placeholder(tf.float32, [None, 2], "x")
    with tf.variable_scope("net", use_resource=True):
        w = tf.get_variable("w", initializer=np.float32([[1], [2]]))
        b = tf.get_variable("b", initializer=np.float32([0]))
    with tf.variable_scope("", use_resource=True):
        step = tf.train.get_or_create_global_step()
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - 1), name="loss")
    tf.train.AdamOptimizer(0.1).minimize(loss, step, name="train")
    return w, b, step


NAMES = ["beta1_power", "beta2_power", "global_step", "net/b", "net/b/Adam", "net/b/Adam_1", "net/w", "net/w/Adam",
         "net/w/Adam_1"]
ROWS = np.float32([[1, 2], [3, -4], [0.5, 0.25]])


def trained(steps: int) -> Session:
    sess = Session()
    sess.initialize()
    for _ in range(steps):
        sess.run("train", {"x": ROWS})
    return sess


def test_they_are_saved_and_restored_under_their_names(graph: tf.Graph, tmp_path: Path) -> None:
    w, _, step = net()
    sess = trained(2)
    prefix = sess.save(str(tmp_path / "m"), step)
    assert prefix.endswith("m-2") and list(Bundle(prefix)) == NAMES
    kept = sess.value(w)
    sess.run("train", {"x": ROWS})
    assert (sess.value(w) != kept).all()
    report = sess.restore(prefix)
    assert report.complete and report.matched == {n: n for n in NAMES}
    assert (sess.value(w) == kept).all() and sess.value(step) == 2
    # what was restored is trained on in place, and the checkpoint stays as it is
    sess.run("train", {"x": ROWS})
    assert (Bundle(prefix).read("net/w") == kept).all()


def test_another_shape_or_dtype_is_told_in_those_of_the_value(tmp_path: Path) -> None:
    net()
    prefix = trained(0).save(str(tmp_path / "m"))
    with tf.Graph().as_default():
        with tf.variable_scope("net", use_resource=True):
            tf.get_variable("w", [3, 1])
            b = tf.get_variable("b", [1], tf.float64)
        with Session() as sess:
            with pytest.raises(GraphError) as caught:
                sess.restore(prefix)
            assert caught.value.render().splitlines()[1:3] == [
                "  note: net/w is float32 [3, 1], in the checkpoint float32 [2, 1]",
                "  note: net/b is float64 [1], in the checkpoint float32 [1]"]
            with pytest.raises(GraphError, match=r"has shape \[1\], not \[2\]|was fed a value of shape \[2\]"):
                sess.load(b, [1, 2])
            sess.load(b, [4])
            assert sess.value(b).dtype == np.float64


def test_a_saver_takes_them_by_any_of_their_names(tmp_path: Path) -> None:
    w, b, _ = net()
    saver = tf.train.Saver({"x": w, "y": b})
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        prefix = saver.save(sess, str(tmp_path / "m"), write_meta_graph=False)
        assert tf.train.list_variables(prefix) == [("x", [2, 1]), ("y", [1])]
        sess.run([w.assign([[7], [7]]), b.assign_sub([3])])
        saver.restore(sess, prefix)
        assert sess.run(w).tolist() == [[1], [2]] and sess.run(b).tolist() == [0]
        # the handle and the read stand for the variable
        for stands in (w.handle, w.handle.graph.get_tensor_by_name("net/w/Read/ReadVariableOp:0")):
            assert tf.train.Saver([stands]).saver_def is not None
        with pytest.raises(GraphError, match="under two names"):
            tf.train.Saver({"a": w, "b": w.handle})


def test_a_save_holds_what_stood_before_the_writes_of_that_step(tmp_path: Path) -> None:
    w = tf.get_variable("w", initializer=np.float32([1]), use_resource=True)
    more = w.assign_add([1])
    saver = tf.train.Saver()
    with tf.Session() as sess:
        sess.run(w.initializer)
        sess.run([saver.saver_def.save_tensor_name, more], {saver.saver_def.filename_tensor_name: str(tmp_path / "m")})
        assert sess.run(w) == 2 and tf.train.load_variable(str(tmp_path / "m"), "w") == [1]


def test_the_command_line_trains_saves_and_goes_on(invoke: Any, graph: tf.Graph, tmp_path: Path) -> None:
    net()
    path, rows = str(tmp_path / "net.pb"), str(tmp_path / "rows.npz")
    (tmp_path / "net.pb").write_bytes(graph.as_graph_def().SerializeToString())  # type: ignore[attr-defined]
    np.savez(rows, x=ROWS)

    def train(folder: str, *more: str) -> Any:
        done = invoke("train", path, "--data", rows, "--target", "train", "--loss", "loss", "--batch-size", "2",
                      "--shuffle", "--save", str(tmp_path / folder), "--format", "json", *more)
        assert done.code == 0, done.err
        return json.loads(done.out)

    train("one", "--steps", "7")
    train("two", "--steps", "3")
    train("two", "--steps", "7", "--resume")
    with Bundle(str(tmp_path / "one" / "model-7")) as one, Bundle(str(tmp_path / "two" / "model-7")) as two:
        assert [n for n in one if not n.startswith("_")] == NAMES and list(one) == list(two)
        assert all((one.read(n) == two.read(n)).all() for n in one)
        wanted = one.read("net/w").tolist()
    done = invoke("run", path, "--restore", str(tmp_path / "one"), "--fetch", "net/w", "--format", "json")
    assert json.loads(done.out)["fetches"]["net/w"] == wanted
    told = json.loads(invoke("scopes", path, "--format", "json").out)
    assert {v["name"]: v["dtype"] for v in told["variables"]}["net/w"] == "float32"


THEIRS = """
import sys
import numpy as np
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
prefix = sys.argv[1]
saver = tf.train.import_meta_graph(prefix + ".meta")
assert all(v.op.type == "VarHandleOp" for v in tf.global_variables())
with tf.Session() as sess:
    saver.restore(sess, prefix)
    saver.save(sess, prefix + "_same", write_meta_graph=False)
    for _ in range(3):
        sess.run("train", {"x:0": np.float32([[1, 2], [3, -4], [0.5, 0.25]])})
    saver.save(sess, prefix + "_theirs")
print("read")
"""


def test_tensorflow_opens_trains_and_saves_them_and_we_go_on(tensorflow_python: str, tmp_path: Path) -> None:
    _, _, step = net()
    prefix = str(tmp_path / "m")
    with trained(2) as sess:
        tf.train.Saver().save(sess, prefix)
        done = subprocess.run([tensorflow_python, "-c", THEIRS, prefix], capture_output=True, text=True, check=False,
                              env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
        assert done.returncode == 0 and done.stdout == "read\n", done.stderr[-3000:]
        for end in (".index", ".data-00000-of-00001"):
            assert Path(f"{prefix}_same{end}").read_bytes() == Path(prefix + end).read_bytes()
        for _ in range(3):
            sess.run("train", {"x": ROWS})
        with Bundle(f"{prefix}_theirs") as theirs:
            assert list(theirs) == NAMES
            for name in NAMES:
                np.testing.assert_allclose(sess.value(name), theirs.read(name), rtol=2e-5, err_msg=name)
    with tf.Graph().as_default(), tf.Session() as sess:
        saver = tf.train.import_meta_graph(f"{prefix}_theirs.meta")
        saver.restore(sess, f"{prefix}_theirs")
        assert sess.run(step.name) == 5
        saver.save(sess, f"{prefix}_again", write_meta_graph=False)
    for end in (".index", ".data-00000-of-00001"):
        assert Path(f"{prefix}_again{end}").read_bytes() == Path(f"{prefix}_theirs{end}").read_bytes()


def test_the_toggle_is_the_scopes_and_the_specs_own(graph: tf.Graph) -> None:
    tf.enable_resource_variables()
    try:
        assert tf.resource_variables_enabled()
        assert tf.get_variable("a", [2]).op.type == "VarHandleOp"
        with tf.variable_scope("s", use_resource=False):
            assert tf.get_variable("a", [2]).op.type == "VariableV2"
            assert tf.Variable(1.0, use_resource=True).op.type == "VarHandleOp"
        import graphcli

        built = graphcli.load(str(Path(__file__).parents[2] / "specs" / "line.yaml"))
        assert {v.op.type for v in built.graph.get_collection("variables")} == {"VariableV2"}
    finally:
        tf.disable_resource_variables()
    assert tf.get_variable("b", [2]).op.type == "VariableV2"


def test_a_variable_that_is_fed_is_fetched_as_it_is_fed_and_read_anew_as_it_is() -> None:
    with tf.Graph().as_default():
        r = tf.get_variable("fed", [2], initializer=tf.zeros_initializer(), use_resource=True)
        double, one = r * 2.0, tf.constant(1.0)
        with tf.Session() as session:
            session.run(r.initializer)
            assert session.run(r, {r: [1, 2]}).tolist() == [1, 2]
            fetched, read, _ = session.run([r, double, one], {r: [1, 2]})
            assert (fetched.tolist(), read.tolist()) == ([1, 2], [0, 0])
            assert session.run(r).tolist() == [0, 0]
