"""Datasets go through files and feeds: what is saved runs again, files are read, handles are fed."""
from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import graphcli.tf1 as tf
from graphcli import Graph


@pytest.fixture(autouse=True)
def _graph() -> object:
    with Graph().as_default():
        yield


def _all(session: object, fetched: object) -> list[object]:
    out = []
    try:
        while True:
            out.append(session.run(fetched))
    except tf.errors.OutOfRangeError:
        return out


def test_a_graph_with_datasets_is_the_same_after_a_file(tmp_path: Path) -> None:
    d = tf.data.Dataset.range(9).shuffle(4, seed=2).map(lambda x: tf.cond(x > 3, lambda: x, lambda: -x)).batch(4)
    following = d.make_one_shot_iterator().get_next()
    proto = tf.get_default_graph().as_graph_def()
    with tf.Session() as session:
        ours = [v.tolist() for v in _all(session, following)]
    with tf.Graph().as_default():
        name, = tf.import_graph_def(proto, return_elements=[following.name], name="")
        with tf.Session() as session:
            assert [v.tolist() for v in _all(session, name)] == ours


def test_lines_and_records_of_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"head\none\r\ntwo")
    with gzip.open(tmp_path / "b.gz", "wb") as file:
        file.write(b"three\n")
    with tf.python_io.TFRecordWriter(str(tmp_path / "c.rec")) as writer:
        writer.write(b"first")
        writer.write(b"second")
    lines = tf.data.TextLineDataset([str(tmp_path / "a.txt")]).skip(1)
    more = tf.data.TextLineDataset(str(tmp_path / "b.gz"), compression_type="GZIP")
    records = tf.data.TFRecordDataset(tf.data.Dataset.from_tensors(str(tmp_path / "c.rec")))
    following = lines.concatenate(more).concatenate(records).make_one_shot_iterator().get_next()
    with tf.Session() as session:
        assert _all(session, following) == [b"one", b"two", b"three", b"first", b"second"]


def test_no_file_and_damaged_files_are_errors_of_their_kind(tmp_path: Path) -> None:
    (tmp_path / "bad.rec").write_bytes(b"not a record, by far")
    for made in (tf.data.TextLineDataset(str(tmp_path / "none")), tf.data.TFRecordDataset(str(tmp_path / "bad.rec"))):
        following = made.make_one_shot_iterator().get_next()
        with tf.Session() as session, pytest.raises((tf.errors.NotFoundError, tf.errors.DataLossError)):
            session.run(following)


def test_a_string_handle_picks_the_iterator() -> None:
    handle = tf.placeholder(tf.string, [])
    a = tf.data.Dataset.range(3).make_one_shot_iterator()
    b = tf.data.Dataset.range(10, 13).make_initializable_iterator()
    following = tf.data.Iterator.from_string_handle(handle, tf.int64, []).get_next()
    with tf.Session() as session:
        names = session.run([a.string_handle(), b.string_handle()])
        session.run(b.initializer)
        assert [int(session.run(following, {handle: names[i]})) for i in (0, 1, 0, 1)] == [0, 10, 1, 11]
        with pytest.raises(tf.errors.InvalidArgumentError, match="handle of no iterator"):
            session.run(following, {handle: "else"})


def test_what_is_fed_may_change_after_the_iterator_has_begun() -> None:
    import numpy as np

    x = tf.placeholder(tf.float32, [None])
    iterator = tf.data.Dataset.from_tensor_slices(x).make_initializable_iterator()
    following = iterator.get_next()
    rows = np.array([1.0, 2.0], np.float32)
    with tf.Session() as session:
        session.run(iterator.initializer, {x: rows})
        rows[:] = 7
        assert _all(session, following) == [1.0, 2.0]


def test_what_there_is_not_is_said() -> None:
    with pytest.raises(AttributeError, match="graphcli has no tf.data.Dataset.snapshot"):
        tf.data.Dataset.range(3).snapshot("here")
    element = tf.data.Dataset.from_tensors(tf.SparseTensorValue([[0, 0]], [1.0], [1, 2]))
    assert element.output_classes is tf.SparseTensor
