"""The rows of a database's query are TensorFlow 1.15's, whatever dtypes are asked for, and nothing else is opened."""
from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import GraphError

ROWS = [(1, 1.5, "one", b"xy"), (-3, 2.0, "12abc", None), (2**40 + 7, 1e20, "", b"\0z"), (None, None, None, None)]
ANSWERS = [
    ("select i, r, s, b from t", "int64 float64 string string",
     [[1, 1.5, b"one", b"xy"], [-3, 2.0, b"12abc", b""], [1099511627783, 1e20, b"", b"\0z"], [0, 0.0, b"", b""]]),
    ("select i, i, i, r from t", "int32 string bool string",
     [[1, b"1", True, b"1.5"], [-3, b"-3", True, b"2.0"], [7, b"1099511627783", True, b"1.0e+20"],
      [0, b"", False, b""]]),
    ("select s, s, r, b from t", "int32 float64 int32 int64",
     [[0, 0.0, 1, 0], [12, 12.0, 2, 0], [0, 0.0, -1, 0], [0, 0.0, 0, 0]]),
    ("select i, i, i, i from t", "int8 uint8 uint16 int16",
     [[1, 1, 1, 1], [-3, 253, 65533, -3], [7, 7, 7, 7], [0, 0, 0, 0]]),
    ("select r * 3, i / 2.0 from t where i > 0", "string string", [[b"4.5", b"0.5"], [b"3.0e+20", b"549755813891.5"]]),
]
REFUSED = [
    ("select r from t", "float32"), ("select i from t", "int32 int32"), ("select nothing from t", "int32"),
    ("create table u (i integer)", "int32"), ("attach database 'other.db' as other", "int32"), ("", "int32")]


def base(folder: Path) -> str:
    path = folder / "some.db"
    with sqlite3.connect(path) as made:
        made.execute("create table t (i integer, r real, s text, b blob)")
        made.executemany("insert into t values (?, ?, ?, ?)", ROWS)
    made.close()
    return str(path)


def queried(path: str, query: str, kinds: str, driver: str = "sqlite") -> list[list[Any]]:
    types = [tf.as_dtype(k) for k in kinds.split()]
    known = {"output_types": types, "output_shapes": [[]] * len(types)}
    rows = tf.apply_op("SqlDataset", None, [driver, path, query], known)
    reader = tf.apply_op("IteratorV2", None, [], {"shared_name": "", "container": "", **known})
    begin, following = tf.apply_op("MakeIterator", None, [rows, reader]), tf.apply_op(
        "IteratorGetNext", None, [reader], known)
    found = []
    with tf.Session() as session:
        session.run(begin)
        try:
            while True:
                found.append([np.asarray(x).tolist() for x in session.run(following)])
        except tf.errors.OutOfRangeError:
            return found


@pytest.mark.parametrize(("query", "kinds", "wanted"), ANSWERS)
def test_rows_are_tensorflows(query: str, kinds: str, wanted: list[list[Any]], tmp_path: Path) -> None:
    assert queried(base(tmp_path), query, kinds) == wanted


@pytest.mark.parametrize(("query", "kinds"), REFUSED)
def test_other_queries_are_refused(query: str, kinds: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = base(tmp_path)
    with pytest.raises(GraphError):
        queried(path, query, kinds)
    assert [p.name for p in tmp_path.iterdir()] == ["some.db"]


def test_other_databases_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="not supported by SqlDataset"):
        queried(base(tmp_path), "select i from t", "int32", "mysql")
    with pytest.raises(GraphError, match="No such file"):
        queried(str(tmp_path / "none.db"), "select 1", "int32")


@pytest.mark.parametrize("compression", ["", "GZIP", "ZLIB"])
def test_elements_are_written_as_records(compression: str, tmp_path: Path) -> None:
    path = str(tmp_path / "some.records")
    rows = tf.data.Dataset.from_tensor_slices([b"a", b"bb", b""])
    written = tf.apply_op("DatasetToTFRecord", None, [rows._variant_tensor, path, compression])
    read = tf.data.TFRecordDataset(path, compression).make_initializable_iterator()
    following = read.get_next()
    with tf.Session() as session:
        session.run(written)
        session.run(read.initializer)
        assert [session.run(following) for _ in range(3)] == [b"a", b"bb", b""]


def test_elements_are_dealt_to_devices_in_turn() -> None:
    kinds = {"output_types": [tf.int64], "output_shapes": [[]]}
    rows = tf.data.Dataset.range(7)._variant_tensor
    handle = tf.apply_op("MultiDeviceIterator", None, [], {
        "devices": ["/device:CPU:0", "/device:CPU:1"], "shared_name": "dealt", "container": "", **kinds})
    begin = tf.apply_op("MultiDeviceIteratorInit", None, [rows, handle, tf.constant(2, tf.int64)])
    name = tf.apply_op("MultiDeviceIteratorToStringHandle", None, [handle])
    given, beginning = tf.placeholder(tf.string, []), tf.placeholder(tf.int64, [])
    named = tf.apply_op("MultiDeviceIteratorFromStringHandle", None, [given])
    following = [tf.apply_op("MultiDeviceIteratorGetNextFromShard", None, [h, i, beginning], kinds)[0]
                 for i, h in enumerate((handle, named))]
    with tf.Session() as session:
        assert session.run(begin) == 1
        feeds = {given: session.run(name), beginning: 1}
        # TensorFlow 1.15 gives these
        assert [int(session.run(following[i], feeds)) for i in (0, 0, 1, 1, 0, 0, 1)] == [0, 2, 1, 3, 4, 6, 5]
        for each in following:
            with pytest.raises(tf.errors.OutOfRangeError):
                session.run(each, feeds)
        assert session.run(begin) == 2
        with pytest.raises(tf.errors.InvalidArgumentError, match="Invalid incarnation"):
            session.run(following[0], feeds)
