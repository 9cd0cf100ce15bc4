"""``events``: every part says what the files hold, in text and in JSON, and repairs what is broken."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graphcli.cli.chart import chart, clock
from graphcli.cli.render import columns, plain
from graphcli.formats.events.clock import fixed
from graphcli.formats.events.reader import Entry, read
from graphcli.formats.events.writer import EventWriter

ROOT = Path(__file__).parents[2]
LOGS = ROOT / "tests" / "errors" / "cases" / "logs"


def log(folder: Path, values: dict[str, list[float]], start: float = 1735689600.0) -> Path:
    """An event file with a value a step of each tag."""
    with EventWriter(str(folder), fixed(start)) as writer:
        for tag, numbers in values.items():
            for step, value in enumerate(numbers):
                writer.scalar(tag, value, step, start + step)
    return Path(writer.path)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    log(tmp_path / "a", {"loss": [4.0, 2.0, 1.0], "rate": [0.5]})
    log(tmp_path / "b", {"loss": [3.0, float("nan"), 2.5]})
    return tmp_path


def answer(invoke: Any, *words: Any) -> Any:
    result = invoke("events", *map(str, words), "--format", "json")
    assert result.code == 0, result.err
    return json.loads(result.out)


def test_a_folder_alone_is_listed(invoke: Any, runs: Path) -> None:
    result = invoke("events", str(runs))
    assert result.out == invoke("events", "ls", str(runs)).out == (
        "a  1 file, 5 events\n"
        "  scalar  loss  3 values  steps 0 to 2  1\n"
        "  scalar  rate   1 value  step 0        0.5\n"
        "\n"
        "b  1 file, 4 events\n"
        "  scalar  loss  3 values  steps 0 to 2  2.5\n")


def test_ls_in_json(invoke: Any, runs: Path) -> None:
    found = answer(invoke, "ls", runs, "--run", "a")
    assert found["runs"] == [{
        "run": "a", "files": [str(runs / "a" / "events.out.tfevents.1735689600.graphcli")], "events": 5, "faults": [],
        "tags": [{"kind": "scalar", "tag": "loss", "values": 3, "first_step": 0, "last_step": 2, "last": 1.0},
                 {"kind": "scalar", "tag": "rate", "values": 1, "first_step": 0, "last_step": 0, "last": 0.5}]}]


def test_cat_tells_each_event(invoke: Any, runs: Path) -> None:
    assert invoke("events", "cat", str(runs), "--tag", "l*", "--run", "b").out == (
        "b  0  2025-01-01 00:00:00Z  scalar  loss  3\n"
        "b  1  2025-01-01 00:00:01Z  scalar  loss  nan\n"
        "b  2  2025-01-01 00:00:02Z  scalar  loss  2.5\n")
    found = answer(invoke, "cat", runs)["events"]
    assert [(e["run"], e["tag"], e["step"], e["value"]) for e in found] == [
        ("a", "loss", 0, 4.0), ("a", "loss", 1, 2.0), ("a", "loss", 2, 1.0), ("a", "rate", 0, 0.5),
        ("b", "loss", 0, 3.0), ("b", "loss", 1, "NaN"), ("b", "loss", 2, 2.5)]


def test_tail_shows_the_last_by_time(invoke: Any, runs: Path) -> None:
    found = answer(invoke, "tail", runs, "-n", "2")["events"]
    assert [(e["run"], e["step"]) for e in found] == [("a", 2), ("b", 2)]
    assert answer(invoke, "tail", runs, "-n", "0") == {"events": []}


def test_tail_goes_on_and_stops_when_interrupted(tmp_path: Path) -> None:
    with EventWriter(str(tmp_path), flush_secs=0) as writer:
        writer.scalar("loss", 1.0, 1)
        process = subprocess.Popen([sys.executable, "-m", "graphcli", "events", "tail", str(tmp_path), "-f", "--format",
                                    "json"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["step"] == 1
        for step in (2, 3):
            writer.scalar("loss", 1.0, step)
            assert json.loads(process.stdout.readline())["step"] == step
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert "Traceback" not in err


def test_plot_has_a_chart_for_each_tag(invoke: Any, runs: Path) -> None:
    text = invoke("events", "plot", str(runs), "--height", "4", "--width", "40").out
    assert text.count("by step") == 2 and "loss  by step" in text and "rate  by step, last 0.5" in text
    found = answer(invoke, "plot", runs, "loss", "--x", "relative")
    assert found == {"x": "relative", "plots": [{"tag": "loss", "series": [
        {"run": "a", "points": [[0.0, 4.0], [1.0, 2.0], [2.0, 1.0]]},
        {"run": "b", "points": [[0.0, 3.0], [1.0, "NaN"], [2.0, 2.5]]}]}]}


def test_ticks_are_told_apart_and_times_are_of_the_clock() -> None:
    many = chart([("a", [10_000_000, 10_000_400], [1.0, 2.0])], 60, 4)
    assert plain(many[-1]).split() == ["10000000", "10000100", "10000200", "10000300", "10000400"]
    for seconds, shown in ((200, "21:22:30"), (3e5, "11-28 21:06"), (0.2, "21:20:00.050"), (1e15, "5e+14")):
        assert shown in plain(chart([("a", [1795814400, 1795814400 + seconds], [1.0, 2.0])], 60, 4, told=clock)[-1])


def test_smoothing_is_tensorboards(invoke: Any, runs: Path) -> None:
    found = answer(invoke, "plot", runs, "loss", "--run", "a", "--smooth", "0.5")
    values = [y for _, y in found["plots"][0]["series"][0]["points"]]
    assert values == pytest.approx([4.0, 8 / 3, 12 / 7], rel=1e-6)


def test_check_tells_where_a_file_is_broken(invoke: Any) -> None:
    result = invoke("events", "check", "logs", cwd=LOGS.parent)
    name = "events.out.tfevents.1735689600.graphcli"
    assert result.code == 1
    assert result.out == (
        f"truncated  logs/cut/{name}  3 records, 155 bytes\n"
        "           at byte 122: the file ends in a record of 26 bytes, after 21 of them\n"
        f"damaged    logs/damaged/{name}  2 records, 164 bytes\n"
        "           at byte 80: the checksum of the record's data does not hold\n"
        f"damaged    logs/text/{name}  0 records, 22 bytes\n"
        "           at byte 0: the checksum of the record's length does not hold\n"
        f"whole      logs/text_only/{name}  1 record, 40 bytes\n"
        f"whole      logs/whole/{name}  4 records, 164 bytes\n")
    assert invoke("events", "check", "logs/whole", cwd=LOGS.parent).code == 0
    found = json.loads(invoke("events", "check", "logs/cut", "--format", "json", cwd=LOGS.parent).out)["files"]
    assert found[0]["fault"]["offset"] == found[0]["whole_bytes"] and found[0]["fault"]["kind"] == "truncated"


def test_repair_keeps_what_is_whole_and_leaves_the_rest_alone(invoke: Any, tmp_path: Path) -> None:
    for name in ("cut", "damaged", "whole"):
        shutil.copytree(LOGS / name, tmp_path / name)
    before = {p: p.read_bytes() for p in tmp_path.rglob("events*")}
    dry = invoke("events", "repair", str(tmp_path), "--dry-run")
    assert dry.out.count("would keep") == 2 and {p: p.read_bytes() for p in before} == before
    found = answer(invoke, "repair", tmp_path)["files"]
    assert [(Path(f["path"]).parent.name, f["records"]) for f in found] == [("cut", 3), ("damaged", 2)]
    for path, data in before.items():
        assert data.startswith(path.read_bytes())
        assert all(isinstance(e, Entry) for e in read(str(path)))
    assert invoke("events", "check", str(tmp_path)).code == 0
    assert invoke("events", "repair", str(tmp_path)).out == "3 files, nothing to repair\n"
    assert sorted(os.listdir(tmp_path / "cut")) == ["events.out.tfevents.1735689600.graphcli"]


def test_what_can_be_repaired_is_repaired_though_something_cannot(invoke: Any, tmp_path: Path) -> None:
    for name in ("cut", "text"):
        shutil.copytree(LOGS / name, tmp_path / name)
    result = invoke("events", "repair", str(tmp_path))
    assert result.code == 1 and "nothing can be kept" in result.err and "kept 3 records" in result.out


def test_reading_a_broken_log_notes_it(invoke: Any) -> None:
    result = invoke("events", "ls", "logs/cut", cwd=LOGS.parent)
    assert result.code == 0
    assert "note: logs/cut/events.out.tfevents.1735689600.graphcli: truncated at byte 122" in result.err


def test_embed_adds_to_what_is_there(invoke: Any, tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("one\ntwo\n")
    folder = tmp_path / "run"
    for name in ("first", "second"):
        result = invoke("events", "embed", str(folder), f"{name}=[[1, 2], [3, 4.5]]", "--labels", f"{name}={labels}")
        assert result.code == 0, result.err
    assert sorted(os.listdir(folder)) == [
        "events.out.tfevents.0000000000.graphcli", "first.labels.tsv", "first.tsv", "projector_config.pbtxt",
        "second.labels.tsv", "second.tsv"]
    assert (folder / "first.tsv").read_text() == "1\t2\n3\t4.5\n"
    assert (folder / "projector_config.pbtxt").read_text().count("embeddings {") == 2


def test_embed_refuses_a_name_that_is_given_twice(invoke: Any, tmp_path: Path) -> None:
    told = invoke("events", "embed", str(tmp_path), "w=[[1]]", "w=[[2]]")
    assert (told.code, told.err) == (2, "error: NAME=VALUE: w is given twice\n")
    assert list(tmp_path.iterdir()) == []


def test_a_wider_chart_is_never_wider_than_asked() -> None:
    for width in (20, 37, 80, 200):
        for series in ([("a", [0, 1], [1.0, 2.0])], [("x" * 50, range(9), range(9)), ("b", range(9), [5.0] * 9)]):
            lines = chart(series, width, 6)
            assert max(columns(plain(line)) for line in lines) <= width


@pytest.mark.parametrize("values", [[1.0], [0.0, 0.0], [1e-30, 2e-30], [1e30, -1e30], [float("inf"), 1.0],
                                    [1e308, -1e308], [5.0, 5.0 + 1e-12], [1e-320, 0.0]])
@pytest.mark.parametrize("log", [False, True])
def test_odd_values_make_a_chart(values: list[float], log: bool) -> None:
    lines = chart([("a", range(len(values)), values)], 40, 5, log)
    assert lines and all(columns(plain(line)) <= 40 for line in lines)
