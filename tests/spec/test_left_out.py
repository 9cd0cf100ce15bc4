"""What TensorFlow has and a spec has not is refused with the reason, and nothing that is here is."""
from __future__ import annotations

from pathlib import Path

import pytest

from graphcli.errors import GraphError
from graphcli.spec import load_spec
from graphcli.spec.left_out import reason_for
from graphcli.spec.vocabulary import CODE
from graphcli.tf1.modules import modules

CALLS = {
    "tf.contrib.layers.fully_connected(x, 3)": "tf.contrib is no part of TensorFlow's core",
    "tf.keras.layers.Dense(3)": "make variables",
    "tf.train.batch([x], 3)": "queues are fed by threads",
    "tf.FIFOQueue(3, [float32])": "queues are fed by threads",
    "tf.data.Dataset.range(3)": "reads no files",
    "tf.read_file('a')": "reads no files",
    "linalg.LinearOperatorToeplitz(x, x)": "linear operators",
    "tf.GradientTape()": "TensorFlow 2's",
    "tf.numpy_function(x)": "holds no Python code",
    "tf.make_template('a', x)": "wraps Python code",
    "tf.custom_gradient(x)(x)": "wraps Python code",
    "tf.train.Saver()": "no part of a graph",
    "train.SyncReplicasOptimizer(train.AdamOptimizer(0.1), 2)": "several processes",
    "tf.train.experimental.FixedLossScale(1)": "loss scales",
    "tf.lookup.StaticHashTable(x, 0)": "tables",
    "tf.train.match_filenames_once('*')": "reads no files",
    "io.TFRecordWriter('made')": "reads no files",
    "tf.compat.v1.python_io.TFRecordWriter('made')": "reads no files",
    "tf.saved_model.Builder('made')": "reads no files",
    "tf.test.main()": "serves a Python program",
    "tf.compat.v1.gfile.MkDir('made')": "reads no files",
}


@pytest.mark.parametrize(("call", "words"), CALLS.items(), ids=list(CALLS))
def test_the_reason_is_told_and_nothing_is_done(tmp_path: Path, call: str, words: str,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.yaml"
    path.write_text(f'inputs: {{x: {{dtype: float32, shape: [2]}}}}\nops:\n  y: "{call}"\n')
    with pytest.raises(GraphError) as info:
        load_spec(path)
    error = info.value.errors()[0]
    assert words in error.message
    assert error.hint
    assert error.span is not None and error.span.line == 3
    assert [p.name for p in tmp_path.iterdir()] == ["a.yaml"]


@pytest.mark.parametrize("call", [
    "audio.decode_wav('abc')", "quantization.quantize([1.0], 0.0, 1.0, 'quint8')", "io.decode_raw(['ab'], uint8)",
    "compat.v1.nn.relu([1.0])", "raw_ops.Relu(features=[1.0])"])
def test_a_module_is_named_with_tf_before_it_or_without(tmp_path: Path, call: str) -> None:
    path, nodes = tmp_path / "a.yaml", []
    for prefix in ("tf.", ""):
        path.write_text(f"ops:\n  y: {prefix}{call}\n")
        nodes.append([(n.name, n.type) for n in load_spec(path).default.graph])
    assert nodes[0] == nodes[1] and nodes[0]


def test_nothing_that_is_here_is_left_out() -> None:
    here = {n for m in ("tf", "nn", "math", "linalg", "random", "initializers", "bitwise", "strings", "losses",
                        "spectral", "signal", "image", "summary", "layers", "nn.rnn_cell",
                        "metrics") for n in dir(modules[m])} - modules.keys() - {"keras", "experimental"}
    assert sorted(n for n in here - CODE if reason_for(n)) == []
    assert all(reason_for(n) for n in CODE)


def test_an_everyday_word_alone_is_an_unknown_name(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("ops:\n  y: data + 1\n")
    with pytest.raises(GraphError, match="unknown name 'data'"):
        load_spec(path)


@pytest.mark.parametrize("word", ["errors", "graph_util", "queue", "saved_model", "test", "data"])
def test_a_module_that_is_no_part_of_the_language_is_not_suggested(word: str, tmp_path: Path) -> None:
    spec = tmp_path / "s.yaml"
    spec.write_text(f"ops:\n  y: {word}.x(1)\n")
    with pytest.raises(GraphError) as told:
        load_spec(spec)
    assert told.value.errors()[0].message == f"unknown name '{word}'"
    assert f"'{word}'" not in (told.value.errors()[0].hint or "")


def test_columns_of_features_are_reached_by_the_name_of_their_module(tmp_path: Path) -> None:
    spec = tmp_path / "s.yaml"
    spec.write_text("""
inputs: {a: {dtype: float32, shape: [null, 1]}}
ops:
  - of: {a: a}
  - column: feature_column.numeric_column('a')
  - y: "feature_column.input_layer(of, [column])"
""")
    assert load_spec(spec).default.resolve("y").shape.as_list() == [None, 1]
