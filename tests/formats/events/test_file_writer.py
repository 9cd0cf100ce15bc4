"""tf.summary.FileWriter does what TF1 does: closing, opening again, one tag for the costs of one run."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import graphcli.tf1 as tf
from graphcli.errors import InvalidType, InvalidValue


def kinds(folder: Path) -> list[list[str]]:
    """What the events of each file of a folder are."""
    return [[e.WhichOneof("what") for e in tf.train.summary_iterator(str(p))] for p in sorted(folder.iterdir())]


def graph() -> Any:
    made = tf.Graph()
    with made.as_default():
        tf.constant(1.0, name="c")
    return made


def test_a_graph_comes_first_with_its_meta_graph(tmp_path: Path) -> None:
    tf.summary.FileWriter(tmp_path, graph()).close()
    assert kinds(tmp_path) == [["file_version", "graph_def", "meta_graph_def"]]


def test_a_graph_def_is_taken_as_it_is(tmp_path: Path) -> None:
    made = graph().as_graph_def()
    with tf.summary.FileWriter(tmp_path) as writer:
        writer.add_graph(made, 3)
        writer.add_graph(None, graph_def=made)
        with pytest.raises(InvalidValue):
            writer.add_graph(made, graph_def=made)
        with pytest.raises(InvalidType):
            writer.add_graph("a graph")
    (path,) = tmp_path.iterdir()
    events = list(tf.train.summary_iterator(str(path)))
    assert [(e.step, tf.GraphDef.FromString(e.graph_def)) for e in events[1:]] == [(3, made), (0, made)]


def test_messages_and_bytes_are_summaries(tmp_path: Path) -> None:
    summary = tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=0.5)])
    with tf.summary.FileWriter(tmp_path) as writer:
        writer.add_summary(summary, 1)
        writer.add_summary(summary.SerializeToString(), 2)
        writer.add_scalar("loss", 0.5, 3)
        with pytest.raises(InvalidType):
            writer.add_summary(0.5)
    (path,) = tmp_path.iterdir()
    events = list(tf.train.summary_iterator(str(path)))[1:]
    assert [(e.step, e.summary) for e in events] == [(i, summary) for i in (1, 2, 3)]


def test_events_and_session_logs_are_written_as_they_are(tmp_path: Path) -> None:
    with tf.summary.FileWriter(tmp_path) as writer:
        writer.add_event(tf.Event(step=4, wall_time=2.0))
        writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), 5)
    (path,) = tmp_path.iterdir()
    first, second = list(tf.train.summary_iterator(str(path)))[1:]
    assert (first.step, first.wall_time) == (4, 2.0)
    assert (second.step, second.session_log.status) == (5, 1)


def test_a_tag_is_for_the_costs_of_one_run(tmp_path: Path) -> None:
    with tf.summary.FileWriter(tmp_path) as writer:
        writer.add_run_metadata(tf.RunMetadata(), "step 1", 1)
        with pytest.raises(InvalidValue, match="already used"):
            writer.add_run_metadata(tf.RunMetadata(), "step 1", 2)
        writer.add_run_metadata(tf.RunMetadata(), "step 2", 2)
    assert kinds(tmp_path) == [["file_version", "tagged_run_metadata", "tagged_run_metadata"]]


def test_what_is_added_after_close_is_dropped_until_it_is_opened_again(tmp_path: Path) -> None:
    writer = tf.summary.FileWriter(tmp_path, filename_suffix=".x")
    writer.reopen()
    writer.close()
    with pytest.warns(UserWarning, match="closed FileWriter"):
        writer.add_scalar("loss", 1.0)
    writer.reopen()
    writer.add_scalar("loss", 2.0)
    writer.close()
    assert kinds(tmp_path) == [["file_version"], ["file_version", "summary"]]
    assert all(".x" in p.name for p in tmp_path.iterdir())


def test_a_flush_is_on_disk(tmp_path: Path) -> None:
    writer = tf.summary.FileWriter(tmp_path, flush_secs=1000)
    writer.add_scalar("loss", 1.0)
    writer.flush()
    assert kinds(tmp_path) == [["file_version", "summary"]]
    writer.close()


def test_the_cache_has_one_writer_for_a_folder(tmp_path: Path) -> None:
    with graph().as_default():
        writer = tf.summary.FileWriterCache.get(str(tmp_path))
        assert tf.summary.FileWriterCache.get(tmp_path) is writer
    tf.summary.FileWriterCache.clear()
    assert kinds(tmp_path) == [["file_version", "graph_def", "meta_graph_def"]]
    with pytest.warns(UserWarning):
        writer.add_scalar("loss", 1.0)


def test_tensorflows_messages_are_taken(tmp_path: Path) -> None:
    theirs = pytest.importorskip("tensorboard.compat.proto.summary_pb2")
    with tf.summary.FileWriter(tmp_path) as writer:
        writer.add_summary(theirs.Summary(value=[theirs.Summary.Value(tag="a", simple_value=1.0)]), 1)
    (path,) = tmp_path.iterdir()
    assert list(tf.train.summary_iterator(str(path)))[1].summary.value[0].tag == "a"
