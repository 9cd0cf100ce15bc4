"""Logs are read back whole, whoever wrote them; where they are broken the place is told, and what is whole is kept."""
from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcli.errors import GraphError, NotFound
from graphcli.formats.events import repair, series
from graphcli.formats.events.clock import fixed
from graphcli.formats.events.follow import Follower
from graphcli.formats.events.reader import Entry, read, runs
from graphcli.formats.events.writer import EventWriter
from graphcli.wire.checksum import crc32c, masked
from graphcli.wire.messages import message
from graphcli.wire.records import Fault, frame


def written(folder: Path, count: int = 5) -> Path:
    with EventWriter(str(folder), fixed(100.0)) as writer:
        for i in range(count):
            writer.scalar("loss", i / 2, i)
    return Path(writer.path)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("sample")).read_bytes()


def offsets(data: bytes) -> list[int]:
    """Where each record begins, and where the last ends."""
    out = [0]
    while out[-1] < len(data):
        (length,) = struct.unpack_from("<Q", data, out[-1])
        out.append(out[-1] + 16 + length)
    return out


def test_a_file_cut_anywhere_is_kept_to_its_last_whole_record(sample: bytes, tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1.h"
    ends = offsets(sample)
    for size in range(len(sample) + 1):
        path.write_bytes(sample[:size])
        health = repair.examine(str(path))
        whole = max(e for e in ends if e <= size)
        assert (health.whole, health.records) == (whole, ends.index(whole))
        assert (health.fault is None) == (size in ends)
        if health.fault is not None:
            assert (health.fault.kind, health.fault.offset) == ("truncated", whole)
        if whole:
            repair.repair(health)
            assert path.read_bytes() == sample[:whole]


@settings(deadline=None)
@given(data=st.data())
def test_a_changed_byte_is_told_by_the_record_it_is_in(data: Any, sample: bytes, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("damaged") / "events.out.tfevents.1.h"
    at = data.draw(st.integers(0, len(sample) - 1))
    flipped = bytes([sample[at] ^ data.draw(st.integers(1, 255))])
    path.write_bytes(sample[:at] + flipped + sample[at + 1:])
    health = repair.examine(str(path))
    start = max(e for e in offsets(sample) if e <= at)
    assert health.fault is not None and (health.fault.kind, health.fault.offset) == ("damaged", start)
    assert health.whole == start
    if start:
        repair.repair(health)
        assert path.read_bytes() == sample[:start]
        assert repair.examine(str(path)).sound


@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_told(data: bytes, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("any") / "events.out.tfevents.1.h"
    path.write_bytes(data)
    for log in series.load(str(path)):
        assert log.events == 0 or log.paths


def test_a_record_that_is_no_event_is_damage(tmp_path: Path, sample: bytes) -> None:
    path = tmp_path / "events.out.tfevents.1.h"
    path.write_bytes(sample + frame(b"\xff\xff\xff"))
    *whole, fault = read(str(path))
    assert len(whole) == 6 and isinstance(fault, Fault)
    assert (fault.offset, fault.kind) == (len(sample), "damaged")


def test_nothing_is_kept_of_what_is_no_event_file(tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1.h"
    for data in (b"", b"text", frame(message("Event")(step=3).SerializeToString())):
        path.write_bytes(data)
        health = repair.examine(str(path))
        assert not health.sound
        with pytest.raises(GraphError, match="nothing can be kept"):
            repair.repair(health)


def test_runs_are_folders(tmp_path: Path) -> None:
    for name in ("b", "a/x", "."):
        written(tmp_path / name)
    (tmp_path / "a" / "notes.txt").write_text("")
    assert [r.name for r in runs(str(tmp_path))] == [".", "a/x", "b"]
    assert [r.name for r in runs(str(tmp_path / "b"))] == ["."]


def test_a_logdir_without_events_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no event file"):
        runs(str(tmp_path))
    (tmp_path / "runs").mkdir()
    with pytest.raises(NotFound, match="there is no folder") as caught:
        runs(str(tmp_path / "run"))
    assert caught.value.hint == "did you mean 'runs'?"


def test_files_of_a_run_are_one_series(tmp_path: Path) -> None:
    for second in (200, 100):
        with EventWriter(str(tmp_path), fixed(float(second))) as writer:
            writer.scalar("loss", second, second)
    (log,) = series.load(str(tmp_path))
    assert [(p.step, p.value) for p in log.tags("scalar")["loss"]] == [(100, 100.0), (200, 200.0)]


def tensor(value: Any) -> Any:
    from graphcli.graphdef.tensors import tensor_proto

    return tensor_proto(np.asarray(value))


def test_tf2_summaries_are_of_the_same_kinds(tmp_path: Path) -> None:
    values = {
        "scalars": np.float32(1.5),
        "histograms": np.array([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]]),
        "images": np.array([b"4", b"3", b"png"], object),
        "audio": np.array([[b"wav", b"label"]], object),
        "text": np.array([b"hello", b"there"], object),
        "other": np.zeros((2, 3)),
    }
    with EventWriter(str(tmp_path)) as writer:
        for step in range(2):
            summary = message("Summary")()
            for plugin, value in values.items():
                item = summary.value.add(tag=f"t/{plugin}")
                item.tensor.CopyFrom(tensor(value))
                item.metadata.plugin_data.plugin_name = plugin
            writer.summary(summary.SerializeToString(), step)
    (log,) = series.load(str(tmp_path))
    assert {kind: len(points) for (kind, _), points in log.points.items()} == dict.fromkeys(
        ("scalar", "histogram", "image", "audio", "text", "tensor"), 2)
    last = {kind: points[-1].value for (kind, _), points in log.points.items()}
    assert last["scalar"] == 1.5
    assert last["histogram"][:2] == ([1.0, 2.0], [2.0, 3.0])
    assert last["image"] == [{"width": 4, "height": 3, "encoded": b"png"}]
    assert last["text"] == ["hello", "there"]


def test_tensorboards_own_writer_is_read(tmp_path: Path) -> None:
    writer_module = pytest.importorskip("tensorboard.summary.writer.event_file_writer")
    protos = pytest.importorskip("tensorboard.compat.proto.event_pb2")
    summaries = pytest.importorskip("tensorboard.plugins.scalar.summary_v2")
    writer = writer_module.EventFileWriter(str(tmp_path))
    for step in range(3):
        event = protos.Event(step=step, wall_time=step)
        event.summary.value.add(tag="old", simple_value=step)
        event.summary.MergeFrom(summaries.scalar_pb("new", step * 2.0))
        writer.add_event(event)
    writer.close()
    (log,) = series.load(str(tmp_path))
    assert [p.value for p in log.tags("scalar")["old"]] == [0.0, 1.0, 2.0]
    assert [p.value for p in log.tags("scalar")["new"]] == [0.0, 2.0, 4.0]


def test_a_log_that_grows_is_followed(tmp_path: Path) -> None:
    writer = EventWriter(str(tmp_path), flush_secs=0)
    writer.scalar("loss", 0.0, 0)
    follower = Follower(str(tmp_path))
    assert [(run, p.step) for run, p in follower.new()] == [(".", 0)]
    assert list(follower.new()) == []
    writer.scalar("loss", 1.0, 1)
    assert [(run, p.step) for run, p in follower.new()] == [(".", 1)]
    with open(writer.path, "ab") as file:
        record = frame(b"\x10\x07")
        file.write(record[:9])
    assert list(follower.new()) == []
    with open(writer.path, "ab") as file:
        file.write(record[9:])
    assert list(follower.new()) == []
    writer.scalar("loss", 2.0, 2)
    assert [(run, p.step) for run, p in follower.new()] == [(".", 2)]
    assert [e.event.step for e in read(writer.path) if isinstance(e, Entry)] == [0, 0, 1, 7, 2]
    writer.close()


def test_a_length_that_lies_asks_for_no_memory(tmp_path: Path, sample: bytes) -> None:
    length = struct.pack("<Q", (1 << 31) - 1)
    path = tmp_path / "events.out.tfevents.1.h"
    path.write_bytes(sample + length + struct.pack("<I", masked(crc32c(length))) + b"abc")
    *whole, fault = read(str(path))
    words = "the file ends in a record of 2147483647 bytes, after 3 of them"
    assert len(whole) == 6 and fault == Fault(len(sample), "truncated", words)


def test_a_tensor_that_stands_for_more_than_there_is_memory_is_not_read(tmp_path: Path) -> None:
    summary = message("Summary")()
    value = summary.value.add(tag="t")
    value.metadata.plugin_data.plugin_name = "histograms"
    value.tensor.dtype = 1
    value.tensor.float_val.append(1.0)
    for size in (1 << 40, 3):
        value.tensor.tensor_shape.dim.add(size=size)
    with EventWriter(str(tmp_path)) as writer:
        writer.summary(summary.SerializeToString(), 1)
    (log,) = series.load(str(tmp_path))
    assert log.tags("tensor")["t"][0].value is None
