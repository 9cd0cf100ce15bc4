"""What is logged is on disk in time, whole, and survives the death of its writer at any moment."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from graphcli.errors import GraphError, InvalidValue
from graphcli.formats.events.clock import fixed, for_exports, for_logs
from graphcli.formats.events.reader import Entry, read
from graphcli.formats.events.writer import FULL, EventWriter, file_name
from graphcli.wire.messages import message
from graphcli.wire.records import Fault

ROOT = Path(__file__).parents[3]


def events(path: str | Path) -> list[Any]:
    """The events of a file that must be whole."""
    found = list(read(str(path)))
    assert not any(isinstance(e, Fault) for e in found)
    return [e.event for e in found if isinstance(e, Entry)]


def test_a_file_begins_with_its_version(tmp_path: Path) -> None:
    with EventWriter(str(tmp_path / "new" / "run")) as writer:
        assert [e.file_version for e in events(writer.path)] == ["brain.Event:2"]


def test_the_name_is_tensorflows() -> None:
    assert file_name(1735689600.9, "host") == "events.out.tfevents.1735689600.host"
    assert file_name(7, "a/b", ".v2") == "events.out.tfevents.0000000007.a_b.v2"


def test_scalars_come_back(tmp_path: Path) -> None:
    values = [("loss", 0.5, 0), ("a/b", -1.5, 1), ("loss", 1e300, 127), ("é", -1e300, 128), ("loss", 2.0, 1 << 40),
              ("", 3.0, 5), ("loss", float("nan"), -1)]
    with EventWriter(str(tmp_path), fixed(12.5)) as writer:
        for tag, value, step in values:
            writer.scalar(tag, value, step)
    found = events(writer.path)[1:]
    assert [(e.summary.value[0].tag, e.step) for e in found] == [(t, s) for t, _, s in values]
    assert [e.summary.value[0].simple_value for e in found[:6]] == [0.5, -1.5, float("inf"), float("-inf"), 2.0, 3.0]
    assert {e.wall_time for e in found} == {12.5}


@pytest.mark.parametrize("step", [0, 1, 127, 128, 300, 1 << 31, -1])
@pytest.mark.parametrize("tag", ["", "loss", "a" * 200, "é/x"])
def test_the_fast_way_writes_what_a_message_would(tag: str, step: int, tmp_path: Path) -> None:
    with EventWriter(str(tmp_path), fixed(3.25)) as writer:
        writer.scalar(tag, 0.1, step)
    by_hand = message("Event")(wall_time=3.25, step=step)
    by_hand.summary.value.add(tag=tag, simple_value=0.1)
    assert events(writer.path)[1].SerializeToString() == by_hand.SerializeToString()
    assert by_hand.SerializeToString() in Path(writer.path).read_bytes()


def test_much_is_written_without_a_flush(tmp_path: Path) -> None:
    writer = EventWriter(str(tmp_path), flush_secs=1000)
    for i in range(5000):
        writer.scalar("loss", i, i)
    assert os.path.getsize(writer.path) > FULL
    writer.close()


def test_a_buffer_is_flushed_in_time_though_nothing_more_comes(tmp_path: Path) -> None:
    writer = EventWriter(str(tmp_path), flush_secs=0.05)
    writer.scalar("loss", 1.0, 1)
    for _ in range(200):
        if len(events(writer.path)) == 2:
            break
        time.sleep(0.02)
    assert len(events(writer.path)) == 2
    writer.close()


def test_no_seconds_means_at_once(tmp_path: Path) -> None:
    writer = EventWriter(str(tmp_path), flush_secs=0)
    for i in range(3):
        writer.scalar("loss", i, i)
        assert len(events(writer.path)) == i + 2
    writer.close()


def test_a_writer_that_nobody_holds_is_flushed(tmp_path: Path) -> None:
    writer = EventWriter(str(tmp_path))
    path = writer.path
    writer.scalar("loss", 1.0)
    del writer
    assert len(events(path)) == 2


def test_a_program_that_ends_without_close_loses_nothing(tmp_path: Path) -> None:
    code = ("from graphcli.formats.events.writer import EventWriter\n"
            f"w = EventWriter({str(tmp_path)!r})\nw.scalar('loss', 1.0)\n")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
    (path,) = tmp_path.iterdir()
    assert len(events(path)) == 2


KILLED = """
import sys
from graphcli.formats.events.writer import EventWriter
writer = EventWriter(sys.argv[1], flush_secs=0.001)
i = 0
while True:
    i += 1
    writer.scalar("loss", i, i)
    if i % 97 == 0:
        writer.flush()
        print(i, flush=True)
"""


@pytest.mark.parametrize("after", [1, 2, 7])
def test_killed_at_any_moment_the_file_can_be_read(after: int, tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE,
                               text=True)
    assert process.stdout is not None
    for _ in range(after):
        flushed = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    process.stdout.close()
    (path,) = tmp_path.iterdir()
    found = list(read(str(path)))
    steps = [e.event.step for e in found if isinstance(e, Entry)][1:]
    assert steps == list(range(1, len(steps) + 1)) and len(steps) >= flushed
    assert all(f.kind == "truncated" for f in found if isinstance(f, Fault))


def test_on_a_real_clock_no_file_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    writers = [EventWriter(str(tmp_path)) for _ in range(3)]
    for writer in writers:
        writer.close()
    assert len({w.path for w in writers}) == 3 == len(list(tmp_path.iterdir()))


def test_on_a_fixed_clock_the_same_run_is_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1735689600")
    for _ in range(2):
        with EventWriter(str(tmp_path)) as writer:
            writer.scalar("loss", 1.0, 1)
        (path,) = tmp_path.iterdir()
        assert path.name == "events.out.tfevents.1735689600.graphcli"
        assert len(events(path)) == 2 and {e.wall_time for e in events(path)} == {1735689600.0}


def test_the_clock_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert for_logs().real and abs(for_logs().now() - time.time()) < 60
    assert for_exports().now() == 0.0
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "12")
    assert not for_logs().real and for_logs().now() == 12.0 == for_exports().now()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(GraphError, match="yesterday"):
        for_logs()


def test_metadata_stays_with_the_first_value_of_a_tag(tmp_path: Path) -> None:
    summary = message("Summary")()
    summary.value.add(tag="t").metadata.plugin_data.plugin_name = "text"
    with EventWriter(str(tmp_path)) as writer:
        for step in range(3):
            writer.summary(summary.SerializeToString(), step)
    assert [e.summary.value[0].HasField("metadata") for e in events(writer.path)[1:]] == [True, False, False]


def test_what_is_no_summary_is_refused(tmp_path: Path) -> None:
    with EventWriter(str(tmp_path)) as writer, pytest.raises(InvalidValue, match="no serialized Summary"):
        writer.summary(b"\xff\xff")


def test_a_closed_file_takes_no_more(tmp_path: Path) -> None:
    writer = EventWriter(str(tmp_path))
    writer.close()
    writer.close()
    with pytest.raises(InvalidValue, match="closed"):
        writer.scalar("loss", 1.0)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GraphError, match="cannot write a log into .*file"):
        EventWriter(str(tmp_path / "file" / "run"))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    writer = EventWriter(str(tmp_path))
    os.dup2(os.open("/dev/full", os.O_WRONLY), writer._buffer.descriptor)
    writer.scalar("loss", 1.0)
    with pytest.raises(GraphError, match="no space left"):
        writer.flush()
    writer.close()


def run_endlessly(folder: Path) -> subprocess.Popen[str]:
    """``graphcli run`` of endless steps, which has begun to log."""
    command = [sys.executable, "-m", "graphcli", "run", "specs/summaries.yaml", "--steps", "1000000000", "--logdir",
               str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "PYTHONPATH": str(ROOT)})
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any(p.stat().st_size > FULL for p in folder.glob("events*")):
            return process
        time.sleep(0.02)
    process.kill()
    raise AssertionError("nothing was logged")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_leaves_its_log(how: signal.Signals, tmp_path: Path) -> None:
    process = run_endlessly(tmp_path / "r")
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0 and "Traceback" not in err
    (path,) = (tmp_path / "r").iterdir()
    found = list(read(str(path)))
    what = [e.event.WhichOneof("what") for e in found if isinstance(e, Entry)]
    assert what[:3] == ["file_version", "graph_def", "meta_graph_def"] and what.count("summary") > 10
    if how is signal.SIGINT:
        assert not any(isinstance(e, Fault) for e in found) and f"wrote {path}" in err
