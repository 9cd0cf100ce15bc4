"""Tables of words as older programs make them (tf.contrib.lookup): nodes and numbers are those of TensorFlow's files
of operations, from which later releases took the module out."""
from __future__ import annotations

from pathlib import Path

import pytest

import graphcli.tf1 as tf
from graphcli import Graph

lookup = tf.contrib.lookup


@pytest.fixture(autouse=True)
def _graph() -> object:
    with Graph().as_default():
        yield


def _run(fetches: object) -> object:
    with tf.Session() as session:
        session.run(tf.tables_initializer())
        return session.run(fetches)


def test_words_of_a_file_and_beyond(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("a\nb\nc\n")
    table = lookup.index_table_from_file(str(tmp_path / "v.txt"), num_oov_buckets=2)
    ids = table.lookup(tf.constant(["c", "zz", "k"]))
    assert [n.name for n in tf.get_default_graph() if "ookup" in n.name] == [
        "hash_table_Lookup/hash_bucket", "hash_table_Lookup/hash_table_Lookup/LookupTableFindV2",
        "hash_table_Lookup/hash_table_Size/LookupTableSizeV2", "hash_table_Lookup/Add", "hash_table_Lookup/NotEqual",
        "hash_table_Lookup/SelectV2"]
    assert [v.tolist() for v in _run([ids, table.size()])] == [[2, 3, 4], 5]


def test_words_and_numbers_of_lists(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("a\nb\nc\n")
    there = lookup.index_table_from_tensor(["x", "y"], default_value=-7).lookup(tf.constant(["y", "n"]))
    back = lookup.index_to_string_table_from_tensor(["p", "q"], default_value="?").lookup(tf.constant([1, 5], tf.int64))
    of_file = lookup.index_to_string_table_from_file(str(tmp_path / "v.txt")).lookup(tf.constant([2, 9], tf.int64))
    numbers = lookup.index_table_from_tensor(tf.constant([5, 6]), num_oov_buckets=1, dtype=tf.int32)
    assert [v.tolist() for v in _run([there, back, of_file, numbers.lookup(tf.constant([6, 8]))])] == [
        [1, -7], [b"q", b"?"], [b"c", b"UNK"], [1, 2]]


def test_an_asset_goes_with_a_saved_model(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("a\nb\n")
    words = tf.placeholder(tf.string, [None], name="words")
    table = lookup.index_table_from_file(str(tmp_path / "v.txt"))
    ids = tf.identity(table.lookup(words), name="ids")
    with tf.Session() as session:
        tf.saved_model.simple_save(session, str(tmp_path / "m"), {"words": words}, {"ids": ids},
                                   legacy_init_op=tf.tables_initializer())
    (tmp_path / "v.txt").unlink()
    with tf.Session(graph=tf.Graph()) as session:
        tf.saved_model.load(session, ["serve"], str(tmp_path / "m"))
        assert session.run("ids:0", {"words:0": ["b", "z"]}).tolist() == [1, -1]


def test_a_table_that_is_read_before_it_is_filled_says_so() -> None:
    table = lookup.HashTable(lookup.KeyValueTensorInitializer(["a"], [1]), -1)
    with tf.Session() as session, pytest.raises(tf.errors.FailedPreconditionError, match="not initialized"):
        session.run(table.size())


def test_device_specs() -> None:
    a = tf.DeviceSpec(job="w", task=1)
    b = a.make_merged_spec(tf.DeviceSpec.from_string("/gpu:2"))
    a.merge_from(b)
    assert a == b and hash(a) == hash(b) and a.to_string() == "/job:w/task:1/device:GPU:2"
    assert b.replace(job=None, device_type="cpu").to_string() == "/task:1/device:CPU:2"
    assert tf.get_default_graph().is_feedable(tf.constant(1)) and tf.get_default_graph().is_fetchable(tf.no_op())


def test_what_tables_hold_is_saved_and_restored_with_the_variables(tmp_path: Path) -> None:
    w = tf.get_variable("w", initializer=[1., 2.])
    words = lookup.MutableHashTable(tf.string, tf.int64, -1)
    rows = lookup.MutableDenseHashTable(tf.int64, tf.float32, [0., 0.], 0, -1, initial_num_buckets=4)
    keys = tf.constant(["a", "b", "z"]), tf.constant([3, 7, 5], tf.int64)
    found = [words.lookup(keys[0]), rows.lookup(keys[1]), words.size(), rows.size()]
    fill = [words.insert(keys[0][:2], tf.constant([4, 5], tf.int64)), rows.insert(keys[1][:2], [[1., 2.], [3., 4.]])]
    empty = [words.remove(keys[0]), rows.remove(keys[1])]
    saver = tf.train.Saver()
    with tf.Session() as session:
        session.run([w.initializer, *fill])
        before = session.run(found)
        path = saver.save(session, str(tmp_path / "m"))
        session.run(empty)
        assert [int(n) for n in session.run(found[2:])] == [0, 0]
        saver.restore(session, path)
        assert [v.tolist() for v in session.run(found)] == [v.tolist() for v in before] == [
            [4, 5, -1], [[1., 2.], [3., 4.], [0., 0.]], 2, 2]
    assert sorted(name for name, _ in tf.train.list_variables(path)) == [
        "MutableDenseHashTable-keys", "MutableDenseHashTable-values", "MutableHashTable-keys",
        "MutableHashTable-values", "w"]
