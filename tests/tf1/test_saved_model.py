"""SavedModels: what is written is read again, by the loader and by every verb; refusals are TensorFlow's.

TensorFlow loads ours and wrote ``specs``' own: tests/formats has its file.
"""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli
import graphcli.tf1 as tf
from graphcli import Graph
from graphcli.wire.messages import message


@pytest.fixture(autouse=True)
def _graph() -> object:
    with Graph().as_default():
        yield


def _model(value: float = 2.0) -> tuple[Any, Any]:
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    w = tf.get_variable("w", [2, 1], initializer=tf.constant_initializer(value))
    return x, tf.matmul(x, w, name="y")


def _saved(folder: Path, **more: Any) -> str:
    x, y = _model()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(folder), {"x": x}, {"y": y}, **more)
    return str(folder)


@pytest.mark.parametrize("scope", [None, "inside"])
def test_what_is_saved_is_loaded(tmp_path: Path, scope: str | None) -> None:
    folder = _saved(tmp_path / "m")
    with tf.Session(graph=tf.Graph()) as session:
        proto = tf.saved_model.load(session, [tf.saved_model.SERVING], folder, import_scope=scope)
        signature = proto.signature_def[tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY]
        x, y = (tf.saved_model.get_tensor_from_tensor_info(i, import_scope=scope)
                for i in (signature.inputs["x"], signature.outputs["y"]))
        assert session.run(y, {x: [[1.0, 2.0]]}).tolist() == [[6.0]]
    assert tf.saved_model.is_valid_signature(signature)
    assert tf.saved_model.contains_saved_model(folder) and not tf.saved_model.contains_saved_model(tmp_path)


def test_the_folder_is_a_graph_for_the_command_line(tmp_path: Path) -> None:
    spec = graphcli.load(_saved(tmp_path / "m"))
    with graphcli.Session(spec) as session:
        session.initialize()
        assert session.run("y", {"x": np.ones([1, 2], np.float32)}).tolist() == [[4.0]]


def test_a_second_graph_shares_the_variables(tmp_path: Path) -> None:
    builder = tf.saved_model.builder.SavedModelBuilder(str(tmp_path / "m"))
    x, y = _model()
    signature = tf.saved_model.signature_def_utils.predict_signature_def({"x": x}, {"y": y})
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(AssertionError, match="has not been saved yet"):
            builder.add_meta_graph(["serve"])
        builder.add_meta_graph_and_variables(session, ["train"])
        with pytest.raises(AssertionError, match="already been saved"):
            builder.add_meta_graph_and_variables(session, ["train"])
    with tf.Graph().as_default():
        _model()
        builder.add_meta_graph(["serve", "gpu"], {"s": signature})
    assert builder.save(as_text=True).endswith(b"saved_model.pbtxt")
    with tf.Session(graph=tf.Graph()) as session:
        tf.saved_model.loader.load(session, ["gpu", "serve"], str(tmp_path / "m"))
        assert session.run("y:0", {"x:0": [[1.0, 1.0]]}).tolist() == [[4.0]]
        with pytest.raises(RuntimeError, match="could not be found in SavedModel"):
            tf.saved_model.load(session, ["serve"], str(tmp_path / "m"))


def test_assets_move_with_the_folder(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "words.txt").write_text(folder)
    names = [tf.constant(str(tmp_path / f / "words.txt"), name=f) for f in ("a", "b")]
    read = tf.py_func(lambda *paths: np.array([open(p).read() for p in paths], object), names, tf.string)
    kept = tf.get_variable("kept", initializer=lambda: tf.constant(["", ""]), trainable=False)
    begin = tf.group(tf.assign(kept, read), name="begin")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        builder = tf.saved_model.Builder(str(tmp_path / "m"))
        builder.add_meta_graph_and_variables(session, ["serve"], assets_collection=names, main_op=begin)
        builder.save()
    proto = message("SavedModel").FromString((tmp_path / "m" / "saved_model.pb").read_bytes())
    assets = proto.meta_graphs[0].collection_def["saved_model_assets"].any_list.value
    assert [message("AssetFileDef").FromString(a.value).filename for a in assets] == ["words.txt", "words.txt_1"]
    (tmp_path / "m" / "assets" / "words.txt_1").write_text("c")
    with tf.Session(graph=tf.Graph()) as session:
        tf.saved_model.load(session, ["serve"], str(tmp_path / "m"))
        assert session.run("kept:0").tolist() == [b"a", b"c"]


def test_refusals(tmp_path: Path) -> None:
    folder = _saved(tmp_path / "m")
    with pytest.raises(ValueError, match="isn't empty"):
        tf.saved_model.Builder(folder)
    with tf.Session(graph=tf.Graph()) as session, pytest.raises(OSError, match="does not exist"):
        tf.saved_model.load(session, ["serve"], str(tmp_path))
    x = tf.constant([1.0])
    for bad in (lambda: tf.saved_model.predict_signature_def({}, {"y": x}),
                lambda: tf.saved_model.regression_signature_def(x, x),
                lambda: tf.saved_model.classification_signature_def(tf.constant("a"), None, None)):
        with pytest.raises(ValueError):
            bad()
    with pytest.raises(TypeError, match="Operation"):
        tf.saved_model.Builder(str(tmp_path / "n")).add_meta_graph_and_variables(None, [], main_op=x)


def test_signatures_are_valid_by_their_dtypes() -> None:
    text, number, label = tf.constant(["e"]), tf.constant([1.0]), tf.constant(["a"])
    made = tf.saved_model.regression_signature_def(text, number)
    assert tf.saved_model.is_valid_signature(made)
    assert tf.saved_model.is_valid_signature(tf.saved_model.classification_signature_def(text, label, number))
    made.outputs["outputs"].dtype = 3
    assert not tf.saved_model.is_valid_signature(made)
    assert not tf.saved_model.is_valid_signature(tf.saved_model.build_signature_def())
    sparse = tf.SparseTensor([[0, 0]], [1.0], [1, 2])
    info = tf.saved_model.utils.build_tensor_info(sparse)
    assert info.coo_sparse.values_tensor_name == sparse.values.name
    assert tf.saved_model.utils.get_tensor_from_tensor_info(info).values is sparse.values
