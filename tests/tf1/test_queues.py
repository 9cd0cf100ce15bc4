"""Threads fill queues while steps empty them: input pipelines of TensorFlow 1, and how their waiting ends."""
from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli import Graph


@pytest.fixture(autouse=True)
def _graph() -> object:
    with Graph().as_default():
        yield


def _records(folder: Path, files: int, each: int) -> list[str]:
    names = [str(folder / f"{i}.tfrecord") for i in range(files)]
    for i, name in enumerate(names):
        with tf.python_io.TFRecordWriter(name) as writer:
            for j in range(each):
                feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[i * each + j]))
                writer.write(tf.train.Example(features=tf.train.Features(
                    feature={"n": feature})).SerializeToString())
    return names


def _numbers(names: list[str], epochs: int) -> object:
    queue = tf.train.string_input_producer(names, num_epochs=epochs, shuffle=False)
    _, text = tf.TFRecordReader().read(queue)
    return tf.parse_single_example(text, {"n": tf.FixedLenFeature([], tf.int64)})["n"]


def test_a_pipeline_of_files_gives_every_record_once_an_epoch(tmp_path: Path) -> None:
    number = _numbers(_records(tmp_path, 3, 5), epochs=2)
    rows = tf.train.batch([number, number * 2], batch_size=4, capacity=6, allow_smaller_final_batch=True)
    found = []
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        try:
            while not coord.should_stop():
                found.append(session.run(rows))
        except tf.errors.OutOfRangeError:
            pass
        finally:
            coord.request_stop()
            coord.join(threads)
    assert [len(a) for a, _ in found] == [4] * 7 + [2]
    assert np.concatenate([a for a, _ in found]).tolist() == list(range(15)) * 2
    assert all((b == 2 * a).all() for a, b in found)
    assert not any(t.is_alive() for t in threads)


def test_shuffled_batches_of_several_threads_have_all_rows(tmp_path: Path) -> None:
    number = _numbers(_records(tmp_path, 2, 20), epochs=1)
    rows = tf.train.shuffle_batch([number], 8, capacity=30, min_after_dequeue=10, num_threads=3, seed=1)
    found: list[int] = []
    with tf.train.MonitoredSession() as session:
        while not session.should_stop():
            found += session.run(rows).tolist()
    assert sorted(found) == list(range(40))


def test_a_step_waits_for_what_another_thread_puts_in() -> None:
    queue = tf.FIFOQueue(1, tf.int32, [])
    x = tf.placeholder(tf.int32, [])
    put, take = queue.enqueue(x), queue.dequeue()
    with tf.Session() as session:
        found: list[int] = []
        taking = threading.Thread(target=lambda: found.extend(int(session.run(take)) for _ in range(20)))
        taking.start()
        for i in range(20):
            session.run(put, {x: i})
        taking.join(20)
        assert found == list(range(20))


def test_threads_are_stopped_though_nobody_takes_what_they_make() -> None:
    queue = tf.train.range_input_producer(3, shuffle=False, capacity=2)
    with tf.Session() as session:
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        assert session.run(queue.dequeue()) == 0
        coord.request_stop()
        coord.join(threads, stop_grace_period_secs=20)
        with pytest.raises(tf.errors.OutOfRangeError, match="closed"):
            for _ in range(9):
                session.run(queue.dequeue())


def test_a_session_that_is_closed_lets_nobody_wait() -> None:
    queue = tf.FIFOQueue(1, tf.int32, [])
    put, failed = queue.enqueue(3), []

    def fill() -> None:
        try:
            while True:
                session.run(put)
        except tf.errors.OpError as error:
            failed.append(error)

    session = tf.Session()
    filling = threading.Thread(target=fill)
    filling.start()
    while not session.run(queue.size()):
        pass
    session.close()
    filling.join(20)
    assert len(failed) == 1


def test_what_fails_in_a_thread_stops_all_and_is_told(tmp_path: Path) -> None:
    names = [*_records(tmp_path, 1, 2), str(tmp_path / "missing")]
    rows = tf.train.batch([_numbers(names, epochs=1)], 1)
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        with pytest.raises(tf.errors.OutOfRangeError):
            for _ in range(5):
                session.run(rows)
        with pytest.raises(tf.errors.NotFoundError, match="missing"):
            coord.join(threads, stop_grace_period_secs=20)
