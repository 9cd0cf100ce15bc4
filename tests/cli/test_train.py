"""``train``: what it tells, what it reads, Ctrl-C, going on, the bar of a terminal."""
from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphcli.wire.bundle import Bundle

SPEC = """
seed: 3
inputs:
  x: {dtype: float32, shape: [null, 2]}
  y: {dtype: float32, shape: [null, 1]}
  keep: {dtype: float32, shape: [], default: 1}
variables:
  w: {shape: [2, 1], initializer: zeros}
  b: {shape: [1], initializer: zeros}
ops:
  - out: nn.dropout(x, keep) @ w + b
  - loss: reduce_mean(square(out - y))
  - per_row: square(out - y)
  - step: train.get_or_create_global_step()
  - train: train.MomentumOptimizer(0.05, 0.9).minimize(loss, global_step=step)
  - two: split(x, 2, axis=1)
"""
X = np.random.default_rng(0).standard_normal((40, 2)).astype(np.float32)
Y = (X @ [[2], [-1]] + 0.5).astype(np.float32)


@pytest.fixture
def spec(tmp_path: Path) -> str:
    np.savez(tmp_path / "d.npz", x=X, y=Y, a=X[:, 0], b=X[:, 1], short=X[:3])
    np.savez(tmp_path / "t.npz", tx=X[:5], ty=Y[:5])
    path = tmp_path / "line.yaml"
    path.write_text(SPEC)
    return str(path)


@pytest.fixture
def train(invoke: Any, spec: str, tmp_path: Path) -> Any:
    def call(*flags: str, data: str = "d.npz") -> Any:
        return invoke("train", spec, "--data", str(tmp_path / data), *flags)

    return call


def test_one_plain_line_per_interval_where_it_is_asked_for(train: Any) -> None:
    result = train("--epochs", "4", "--batch-size", "10", "--log-every", "4")
    assert result.code == 0 and result.err == ""
    lines = result.out.splitlines()
    assert [line.split("  ")[:2] for line in lines] == [
        ["step 4/16", "epoch 1/4"], ["step 8/16", "epoch 2/4"], ["step 12/16", "epoch 3/4"],
        ["step 16/16", "epoch 4/4"]]
    losses = [float(line.split("loss ")[1]) for line in lines]
    assert losses[-1] < losses[0] / 2
    assert train("--epochs", "4", "--batch-size", "10", "--log-every", "4").out == result.out
    assert train("--epochs", "1", "--quiet").out == ""
    assert len(train("--steps", "7", "--log-every", "3").out.splitlines()) == 3


def test_a_pipe_gets_what_the_run_comes_to_and_no_progress(train: Any) -> None:
    lines = train("--epochs", "4", "--batch-size", "10", "--log-every", "4").out.splitlines()
    result = train("--epochs", "4", "--batch-size", "10")
    assert result.out.splitlines() == lines[-1:] and result.err == ""


def test_an_evaluated_loss_is_not_taken_for_that_of_the_interval(train: Any, tmp_path: Path) -> None:
    lines = train("--epochs", "2", "--batch-size", "10", "--eval", "loss", "--eval-data", str(tmp_path / "t.npz"),
                  "--eval-map", "x=tx,y=ty").out.splitlines()
    assert all([word.split()[0] for word in line.split("  ")] == ["step", "epoch", "loss", "eval/loss"]
               for line in lines)


def test_where_all_rows_make_one_batch_a_stretch_is_a_hundred_steps(train: Any, tmp_path: Path) -> None:
    flags = ["--epochs", "250", "--batch-size", "40", "--eval-every", "100", "--save", str(tmp_path / "s"),
             "--eval", "per_row", "--eval-data",
             str(tmp_path / "t.npz"), "--eval-map", "x=tx,y=ty"]
    lines = [line.split("  ") for line in train(*flags).out.splitlines()]
    assert [words[:2] for words in lines] == [
        ["step 100/250", "epoch 100/250"], ["step 200/250", "epoch 200/250"], ["step 250/250", "epoch 250/250"]]
    assert all(words[-1].startswith("per_row ") for words in lines)
    assert sorted(n for n in os.listdir(tmp_path / "s") if n.endswith(".index")) == [
        "model-100.index", "model-200.index", "model-250.index"]


def test_the_numbers_are_those_of_steps_taken_by_hand(train: Any, spec: str) -> None:
    import graphcli

    told = json.loads(train("--steps", "5", "--batch-size", "16", "--log-every", "1", "--format", "json").out)
    with graphcli.Session(graphcli.load(spec)) as sess:
        sess.initialize()
        losses = [sess.run(["loss", "train"], {"x": X[s], "y": Y[s]})[0]
                  for s in (slice(0, 16), slice(16, 32), slice(32, 40), slice(0, 16), slice(16, 32))]
    assert [i["loss"] for i in told["intervals"]] == [float(v) for v in losses]
    assert (told["steps"], told["epochs"], told["stopped"], told["saved"]) == (5, 2, False, None)


def test_evaluation(train: Any, tmp_path: Path) -> None:
    more = ["--eval", "per_row", "--eval", "loss", "--eval-data", str(tmp_path / "t.npz"), "--eval-map", "x=tx,y=ty",
            "--feed", "keep=0.9", "--eval-feed", "keep=1"]
    told = json.loads(train("--epochs", "2", *more, "--format", "json").out)
    assert told["eval"]["per_row"] == pytest.approx(told["eval"]["loss"], rel=1e-6)
    assert [("eval" in i) for i in told["intervals"]] == [True, True]
    assert "per_row" in train("--epochs", "1", *more).out.splitlines()[-1]
    assert [("eval" in i) for i in json.loads(
        train("--steps", "4", "--log-every", "1", "--eval-every", "3", *more, "--format", "json").out)["intervals"]
            ] == [False, False, True, True]


@pytest.mark.parametrize("kind", ["headed.csv", "numbered.csv", "columns.csv", "lists.json", "records.json", "side"])
def test_data_of_other_files_is_the_same_data(train: Any, tmp_path: Path, kind: str) -> None:
    maps = ["--feed-map", "x=a+b,y=y"]
    if kind in ("headed.csv", "numbered.csv"):
        rows = "\n".join(f"{float(p)!r},{float(q)!r},{float(r)!r}" for (p, q), (r,) in zip(X, Y))
        (tmp_path / kind).write_text("a,b,y\n" + rows)
        maps = maps if kind == "headed.csv" else ["--feed-map", "x=0+b,y=2"]
    elif kind == "columns.csv":
        rows = "\n".join(f"{float(p)!r},{float(q)!r},{float(r)!r}" for (p, q), (r,) in zip(X, Y))
        (tmp_path / kind).write_text(rows)
        maps = ["--feed-map", "x=0+1", "--feed-map", "y=2"]
    elif kind == "lists.json":
        (tmp_path / kind).write_text(json.dumps({"x": X.tolist(), "y": Y.tolist()}))
        maps = []
    elif kind == "records.json":
        (tmp_path / kind).write_text(json.dumps([{"x": x, "y": y} for x, y in zip(X.tolist(), Y.tolist())]))
        maps = []
    else:
        kind = "d.npz"
    expected = train("--epochs", "2").out
    result = train("--epochs", "2", *maps, data=kind)
    assert result.out == expected, result.err


def test_saves_keeps_and_goes_on(train: Any, tmp_path: Path) -> None:
    common = ["--batch-size", "8", "--shuffle", "--feed", "keep=0.7"]
    whole, parts = str(tmp_path / "whole"), str(tmp_path / "parts")
    assert train("--epochs", "5", *common, "--save", whole, "--keep", "2").code == 0
    names = sorted(n for n in os.listdir(whole) if n.endswith(".index"))
    assert names == ["model-20.index", "model-25.index"]
    first = train("--steps", "7", *common, "--save", parts, "--save-every", "5", "--resume")
    assert first.err == f"saved {parts}/model-7\n"
    assert sorted(n for n in os.listdir(parts) if n.endswith(".index")) == ["model-5.index", "model-7.index"]
    second = train("--epochs", "5", *common, "--save", parts, "--resume", "--logdir", str(tmp_path / "log"))
    assert second.err.startswith(f"going on after step 7 of {parts}/model-7\n")
    for end in (".index", ".data-00000-of-00001"):
        ours, theirs = ((tmp_path / run / f"model-25{end}").read_bytes() for run in ("parts", "whole"))
        assert ours == theirs
    with Bundle(f"{parts}/model-25") as bundle:
        assert {"w", "b", "w/Momentum", "global_step", "_graphcli/training"} < set(bundle)
    again = train("--epochs", "5", *common, "--save", parts, "--resume")
    assert again.code == 0 and again.out == "" and again.err.splitlines()[1].startswith("nothing is left to do: 25 ")
    other = train("--epochs", "5", "--batch-size", "4", "--restore", parts)
    assert other.code == 1 and "batches of 8 rows, this one has batches of 4 rows; --restart takes" in other.err
    fresh = train("--epochs", "1", "--batch-size", "4", "--restore", parts, "--restart", "--format", "json")
    assert json.loads(fresh.out)["steps"] == 10


def test_logs_losses_summaries_and_the_graph(train: Any, spec: str, tmp_path: Path, invoke: Any) -> None:
    Path(spec).write_text(SPEC + "  - s: summary.scalar('bias', b[0])\n")
    folder = str(tmp_path / "log")
    result = train("--steps", "6", "--log-every", "2", "--logdir", folder, "--eval", "per_row", "--eval-data",
                   str(tmp_path / "t.npz"), "--eval-map", "x=tx,y=ty", "--eval-every", "3")
    assert result.code == 0 and result.err.startswith(f"wrote {folder}/events.out.tfevents.")
    found: dict[str, list[int]] = {}
    from graphcli.formats.events.reader import Entry, read, runs

    graphs = 0
    for entry in read(runs(folder)[0].paths[0]):
        assert isinstance(entry, Entry)
        graphs += bool(entry.event.graph_def)
        for value in entry.event.summary.value:
            found.setdefault(value.tag, []).append(entry.event.step)
    assert graphs == 1
    assert found == {"bias": [1, 2, 4, 6], "loss": [2, 4, 6], "eval/per_row": [3, 6]}


def process(spec: str, tmp_path: Path, *flags: str, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "graphcli", "train", spec, "--data", str(tmp_path / "d.npz"), *flags],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "dumb"}, **more)


def test_ctrl_c_saves_and_says_where_and_the_run_goes_on_to_the_bit(spec: str, tmp_path: Path, train: Any) -> None:
    folder = tmp_path / "runs"
    common = ["--shuffle", "--feed", "keep=0.7"]
    endless = ["--steps", "100000000", "--log-every", "2", "--save-every", "100000000"]
    running = process(spec, tmp_path, *endless, *common, "--save", str(folder))
    assert running.stdout is not None
    assert running.stdout.readline().startswith("step 2/")
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    lines = err.splitlines()
    assert lines[-2] == "stopping after this step; once more stops at once"
    step = int(lines[-1].split("stopped at step ")[1].split(":")[0])
    prefix = f"{folder}/model-{step}"
    assert lines[-1] == f"stopped at step {step}: saved {prefix}; --restore {prefix} goes on"
    steps = str(step + 5)
    assert train("--steps", steps, *common, "--restore", prefix, "--save", str(tmp_path / "a")).code == 0
    assert train("--steps", steps, *common, "--save", str(tmp_path / "b"), "--save-every", steps, "--quiet").code == 0
    name = f"model-{steps}.data-00000-of-00001"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_folder_that_was_moved_or_has_no_state_file_is_gone_on_with(train: Any, tmp_path: Path) -> None:
    folder, moved = tmp_path / "runs", tmp_path / "elsewhere"
    assert train("--steps", "12", "--save-every", "4", "--save", str(folder), "--quiet").code == 0
    folder.rename(moved)
    again = ["--save", str(moved), "--resume", "--quiet"]
    assert train("--steps", "13", *again).err.startswith(f"going on after step 12 of {moved}/model-12\n")
    (moved / "checkpoint").unlink()
    assert train("--steps", "14", *again).err.startswith(f"going on after step 13 of {moved}/model-13\n")
    (moved / "model-14.index").unlink()
    result = train("--steps", "15", *again)
    assert result.code == 2
    assert result.err.startswith(f"error: --resume: the newest checkpoint of {moved}, {moved}/model-14, is not there")


def test_sigterm_saves_as_ctrl_c_does(spec: str, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    running = process(spec, tmp_path, "--steps", "100000000", "--log-every", "2", "--save-every", "100000000",
                      "--save", str(folder))
    assert running.stdout is not None
    running.stdout.readline()
    running.terminate()
    _, err = running.communicate(timeout=60)
    assert running.returncode == 143 and ": saved " in err.splitlines()[-1]
    assert (folder / "checkpoint").exists()


def test_the_lines_of_a_run_that_goes_on_are_those_of_the_whole_run(train: Any, tmp_path: Path) -> None:
    common = ["--shuffle", "--log-every", "4", "--save", str(tmp_path / "runs")]
    whole = train("--steps", "14", "--shuffle", "--log-every", "4").out
    parts = [train("--steps", steps, *common, "--resume").out for steps in ("6", "12", "14")]
    ends = [line for part in parts for line in part.splitlines()]
    assert [line.partition("/")[0] for line in ends] == ["step 4", "step 6", "step 8", "step 12", "step 14"]
    assert {line.rpartition("  ")[2] for line in whole.splitlines()} < {line.rpartition("  ")[2] for line in ends}


def test_ctrl_c_without_save_says_that_nothing_is_saved(spec: str, tmp_path: Path) -> None:
    running = process(spec, tmp_path, "--steps", "100000000", "--log-every", "2")
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130 and err.endswith(": nothing is saved without --save DIR\n")


@pytest.mark.parametrize("saved", [True, False])
def test_a_run_whose_lines_nobody_reads_any_more_goes_on_to_what_it_saves(
        spec: str, tmp_path: Path, saved: bool) -> None:
    folder = tmp_path / "ck"
    save = ["--save", str(folder)] if saved else []
    running = process(spec, tmp_path, "--steps", "300", "--log-every", "1", "--batch-size", "40", *save)
    running.stdout.close()
    assert (running.wait(60), running.stderr.read()) == (0, f"saved {folder}/model-300\n" if saved else "")
    assert (folder / "model-300.index").exists() == saved


def test_a_killed_run_goes_on_from_its_last_checkpoint(spec: str, tmp_path: Path, train: Any) -> None:
    folder = tmp_path / "runs"
    running = process(spec, tmp_path, "--steps", "100000000", "--save", str(folder), "--save-every", "2",
                      "--log-every", "2")
    assert running.stdout is not None
    for _ in range(5):
        running.stdout.readline()
    running.kill()
    running.communicate()
    for left in (".checkpoint.abcdefgh.part", ".model-7.index.abcdefgh.part", ".model-8.data-00000-of-0.12345678.part",
                 "model-9.data-00000-of-00001"):
        (folder / left).write_bytes(b"half")
    mine = [".other-7.index.abcdefgh.part", "model.data-00000-of-00001", "notes.part"]
    for kept in mine:
        (folder / kept).write_bytes(b"mine")
    result = train("--steps", "1", "--save", str(folder), "--resume", "--quiet")
    assert result.code == 0 and result.err.startswith("going on after step ")
    whole = {n.rpartition(".index")[0] for n in os.listdir(folder) if n.endswith(".index")}
    assert {n for n in os.listdir(folder) if n.partition(".")[0] not in whole} == {"checkpoint", *mine}


def test_a_terminal_gets_a_bar(spec: str, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    try:
        done = subprocess.Popen(
            [sys.executable, "-m", "graphcli", "train", spec, "--data", str(tmp_path / "d.npz"), "--steps", "400"],
            stdin=slave, stdout=slave, stderr=slave,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm", "COLUMNS": "100",
                 "NO_COLOR": "1"})
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        assert done.wait(60) == 0
    finally:
        os.close(master)
    text = shown.decode("utf-8", "replace")
    assert "step 400/400  epoch 200/200  loss" in text and "rows/s" in text and "400 steps in" in text


def test_a_nan_names_the_step_the_op_and_its_line(invoke: Any, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.zeros(4))
    path = tmp_path / "nan.yaml"
    path.write_text("inputs: {x: {dtype: float32, shape: [null]}}\nvariables:\n  w: {initializer: 2.0}\nops:\n"
                    "  root: sqrt(w)\n  loss: reduce_sum(x + root)\n  train: assign_sub(w, 1)\n")
    result = invoke("train", str(path), "--data", str(tmp_path / "d.npz"), "--steps", "9", "--quiet")
    assert result.code == 1
    assert result.err == (
        "error: the loss is NaN at step 4; a smaller learning rate, or clipped gradients?\n"
        f"  note: {path}:5:9: the first NaN was made in this step by root (Sqrt)\n"
        "    5 |   root: sqrt(w)\n      |         ^^^^^^^\n")


def test_a_run_whose_terminal_is_closed_is_saved(spec: str, tmp_path: Path) -> None:
    here, there = os.openpty()
    endless = ["--steps", "100000000", "--save-every", "100000000", "--feed", "keep=0.7",
               "--save", str(tmp_path / "runs")]
    running = subprocess.Popen(
        [sys.executable, "-m", "graphcli", "train", spec, "--data", str(tmp_path / "d.npz"), *endless],
        stdin=there, stdout=there, stderr=there, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm"})
    os.close(there)
    shown = b""
    while b"loss" not in shown:
        shown += os.read(here, 4096)
    os.close(here)
    assert running.wait(timeout=60) == 128 + signal.SIGHUP
    assert (tmp_path / "runs" / "checkpoint").exists()


def test_a_signal_that_the_caller_ignores_is_ignored(spec: str, tmp_path: Path) -> None:
    running = process(spec, tmp_path, "--steps", "100000000", "--log-every", "2", "--feed", "keep=0.7",
                      "--save", str(tmp_path / "runs"),
                      preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert running.stdout is not None and running.stdout.readline().startswith("step 2/")
    running.send_signal(signal.SIGHUP)
    assert running.stdout.readline().startswith("step 4/")
    running.send_signal(signal.SIGTERM)
    assert running.communicate(timeout=60) and running.returncode == 128 + signal.SIGTERM
