"""Variables in parts: one tensor of a checkpoint, whoever writes it and however it is cut, here and in TensorFlow."""
from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli
import graphcli.tf1 as tf
from graphcli import Session
from graphcli.errors import GraphError
from graphcli.wire.bundle import Bundle

WHOLE = np.arange(15, dtype=np.float32).reshape(5, 3)


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as made:
        yield made


def table(parts: int, axis: int = 0, resource: bool = False, name: str = "w", fill: Any = WHOLE) -> Any:
    """A variable of shape [5, 3] in parts; 0 parts: in one piece."""
    if not parts:
        return tf.get_variable(name, initializer=fill, use_resource=resource)
    return tf.get_variable(name, [5, 3], initializer=fill, use_resource=resource,
                           partitioner=tf.fixed_size_partitioner(parts, axis))


FORMS = [(0, 0, False), (0, 0, True), (2, 0, False), (3, 1, True), (5, 0, False), (1, 0, False)]


@pytest.mark.parametrize("by_saver", [True, False])
@pytest.mark.parametrize("saved", FORMS)
def test_what_is_saved_in_one_form_is_restored_in_another(tmp_path: Path, saved: Any, by_saver: bool) -> None:
    table(*saved)
    with Session() as sess:
        sess.initialize()
        prefix = str(tmp_path / "m")
        if by_saver:
            tf.train.Saver().save(sess, prefix, write_meta_graph=False)
        else:
            sess.save(prefix)
    with Bundle(prefix) as bundle:
        assert list(bundle) == ["w"] and (bundle.read("w") == WHOLE).all()
    for form in FORMS:
        with tf.Graph().as_default():
            w = table(*form, fill=np.zeros((5, 3), np.float32))
            with Session() as sess:
                report = sess.restore(prefix)
                assert report.complete and report.matched == {"w": "w"} and not report.extra
                assert (sess.run(tf.identity(w)) == WHOLE).all() and (sess.run(w) == WHOLE).all()
            with Session() as sess:
                tf.train.Saver().restore(sess, prefix)
                assert (sess.run(tf.identity(w)) == WHOLE).all()


def test_a_saver_and_a_session_write_the_same_bytes(tmp_path: Path) -> None:
    w = table(3)
    tf.get_variable("b", initializer=np.int32([1, 2]))
    tf.train.MomentumOptimizer(0.1, 0.5).minimize(tf.reduce_sum(tf.identity(w)))
    with Session() as sess:
        sess.initialize()
        tf.train.Saver().save(sess, str(tmp_path / "saver"), write_meta_graph=False)
        sess.save(str(tmp_path / "session"))
    for end in (".index", ".data-00000-of-00001"):
        assert (tmp_path / f"saver{end}").read_bytes() == (tmp_path / f"session{end}").read_bytes()
    assert tf.train.list_variables(str(tmp_path / "saver")) == [("b", [2]), ("w", [5, 3]), ("w/Momentum", [5, 3])]


def test_one_that_does_not_fit_is_told_as_a_whole(tmp_path: Path) -> None:
    table(2)
    with Session() as sess:
        sess.initialize()
        prefix = sess.save(str(tmp_path / "m"))
    with tf.Graph().as_default(), Session() as sess:
        tf.get_variable("w", [6, 3], partitioner=tf.fixed_size_partitioner(2))
        tf.get_variable("v", [4], partitioner=tf.fixed_size_partitioner(2))
        with pytest.raises(GraphError) as caught:
            sess.restore(prefix)
        assert caught.value.render().splitlines()[1:3] == [
            "  note: v is missing", "  note: w is float32 [6, 3], in the checkpoint float32 [5, 3]"]
    with tf.Graph().as_default(), Session() as sess:
        v = table(5, name="v", fill=np.zeros((5, 3), np.float32))
        for rename in ({"w": v}, {"w": "v"}, {"w": list(v)[2]}, lambda name: "v"):
            sess.initialize()
            assert sess.restore(prefix, rename).matched == {"v": "w"}
            assert (sess.run(v) == WHOLE).all()


def test_initializers_come_out_of_a_checkpoint_part_by_part(tmp_path: Path) -> None:
    table(0, name="old")
    with Session() as sess:
        sess.initialize()
        prefix = sess.save(str(tmp_path / "m"))
    with tf.Graph().as_default():
        with tf.variable_scope("net"):
            w = table(2, name="old", fill=np.zeros((5, 3), np.float32))
            r = table(3, 1, True, name="r", fill=np.zeros((5, 3), np.float32))
        tf.train.init_from_checkpoint(prefix, {"old": "net/r"})
        tf.train.init_from_checkpoint(prefix, {"old": w})
        with Session() as sess:
            sess.run(tf.global_variables_initializer())
            assert (sess.run(w) == WHOLE).all() and (sess.run(r) == WHOLE).all()


SPEC = """
inputs: {x: {dtype: float32, shape: [null, 3]}}
scopes:
  net:
    partitioner: fixed_size_partitioner(2)
    variables: {w: {shape: [3, 4], initializer: zeros}, b: {shape: [4], initializer: zeros, use_resource: true}}
    ops: {out: x @ w + b}
ops:
  loss: reduce_mean(square(net.out - 1.0))
  train: train.MomentumOptimizer(0.1, 0.9).minimize(loss)
"""


def test_the_command_line_trains_shows_and_restores_them(invoke: Any, tmp_path: Path) -> None:
    spec, rows = tmp_path / "net.yaml", tmp_path / "rows.npz"
    spec.write_text(SPEC)
    np.savez(rows, x=np.random.default_rng(1).normal(size=(12, 3)).astype(np.float32))

    def run(verb: str, *more: str) -> Any:
        done = invoke(verb, str(spec), *more, "--format", "json")
        assert done.code == 0, done.err
        return json.loads(done.out)

    for folder, steps in (("one", ("6",)), ("two", ("2", "6"))):
        for count in steps:
            run("train", "--data", str(rows), "--target", "train", "--loss", "loss", "--steps", count, "--save",
                str(tmp_path / folder), *(["--resume"] if count != steps[0] else []))
    with Bundle(str(tmp_path / "one" / "model-6")) as one, Bundle(str(tmp_path / "two" / "model-6")) as two:
        assert [n for n in one if n[0] != "_"] == ["net/b", "net/b/Momentum", "net/w", "net/w/Momentum"]
        assert all((one.read(n) == two.read(n)).all() for n in one)
        shown = run("run", "--restore", str(tmp_path / "one"), "--fetch", "net.w", "--fetch", "net.b")["fetches"]
        np.testing.assert_array_equal(np.float32(shown["net.w"]), one.read("net/w"))
        np.testing.assert_array_equal(np.float32(shown["net.b"]), one.read("net/b"))
    told = invoke("check", str(spec))
    assert told.code == 0 and "8 variables" in told.out


@pytest.mark.parametrize(("text", "message"), [
    ("partitioner: 2", "a partitioner is a function, not 2"),
    ("partitioner: 'fixed_size_partitioner(2, axis=3)'", "there is no axis 3 to cut in the shape"),
])
def test_a_spec_is_told_what_is_wrong_with_a_partitioner(text: str, message: str, tmp_path: Path) -> None:
    spec = tmp_path / "p.yaml"
    spec.write_text(f"variables:\n  w:\n    shape: [4]\n    {text}\n")
    with pytest.raises(GraphError, match=message) as caught:
        graphcli.load(str(spec))
    assert "p.yaml:2:3" in caught.value.render()


THEIRS = """
import sys
import numpy as np
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
tf.disable_resource_variables()
prefix = sys.argv[1]
saver = tf.train.import_meta_graph(prefix + ".meta")
with tf.Session() as sess:
    saver.restore(sess, prefix)
    saver.save(sess, prefix + "_same", write_meta_graph=False)
    sess.run("train")
    saver.save(sess, prefix + "_theirs")
with tf.Graph().as_default(), tf.Session() as sess:
    whole = tf.get_variable("w", [5, 3])
    other = tf.get_variable("r", [5, 3], partitioner=tf.fixed_size_partitioner(5))
    slots = tf.get_variable("w/Adam", [5, 3], partitioner=tf.fixed_size_partitioner(3, axis=1))
    saver = tf.train.Saver()
    saver.restore(sess, prefix)
    assert (sess.run(whole) == np.arange(15).reshape(5, 3) - 1).all(), sess.run(whole)
    assert (sess.run(tf.identity(other)) == np.arange(15).reshape(5, 3)).all()
    saver.save(sess, prefix + "_cut", write_meta_graph=False)
print("read")
"""


def test_tensorflow_reads_them_and_we_read_its(tensorflow_python: str, tmp_path: Path) -> None:
    w, r = table(2), table(3, 1, True, name="r")
    loss = tf.reduce_sum(tf.identity(w)) + tf.reduce_sum(tf.nn.embedding_lookup(list(w), [0, 1]) * 0.0)
    tf.train.AdamOptimizer(1.0, epsilon=0.0).minimize(loss, name="train")
    prefix = str(tmp_path / "m")
    with Session() as sess:
        sess.initialize()
        sess.run("train")
        sess.load(list(w)[0], WHOLE[:3] - 1)
        sess.load(list(w)[1], WHOLE[3:] - 1)
        tf.train.Saver().save(sess, prefix)
        done = subprocess.run([tensorflow_python, "-c", THEIRS, prefix], capture_output=True, text=True, check=False,
                              env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
        assert done.returncode == 0 and done.stdout == "read\n", done.stderr[-3000:]
        for end in (".index", ".data-00000-of-00001"):
            assert Path(f"{prefix}_same{end}").read_bytes() == Path(prefix + end).read_bytes()
        sess.run("train")
        with Bundle(f"{prefix}_theirs") as theirs:
            np.testing.assert_allclose(sess.run(w), theirs.read("w"), rtol=1e-5)
        assert (sess.run(r) == WHOLE).all()
    with tf.Graph().as_default(), Session() as sess:
        saver = tf.train.import_meta_graph(f"{prefix}_theirs.meta")
        saver.restore(sess, f"{prefix}_theirs")
        saver.save(sess, f"{prefix}_again", write_meta_graph=False)
        sess.save(f"{prefix}_session")
    for made in ("_again", "_session"):
        for end in (".index", ".data-00000-of-00001"):
            assert Path(f"{prefix}{made}{end}").read_bytes() == Path(f"{prefix}_theirs{end}").read_bytes()
    with tf.Graph().as_default(), Session() as sess:
        zeros = np.zeros((5, 3), np.float32)
        pieces = [table(4 - i, name=n, fill=zeros) for i, n in enumerate(("w", "r", "w/Adam"))]
        sess.restore(f"{prefix}_cut")
        assert (sess.run(pieces[0]) == WHOLE - 1).all() and (sess.run(pieces[1]) == WHOLE).all()
