"""``train --logdir``: what steps cost, the rows of variables, and where a resumed run begins."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli
from graphcli.formats.events.series import load

SPEC = """
seed: 3
inputs: {ids: {dtype: int32, shape: [null]}, y: {dtype: float32, shape: [null]}}
variables: {table: {shape: [4, 2], initializer: random_normal}, w: {shape: [2, 1], initializer: ones}}
ops:
  found: reshape(embedding_lookup(table, ids) @ w, [-1])
  loss: reduce_mean(square(found - y))
  s: summary.histogram('rows', table)
  train: train.GradientDescentOptimizer(0.1).minimize(loss)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "g.yaml").write_text(SPEC)
    (tmp_path / "labels.txt").write_text("a\nb\nc\nd\n")
    np.savez(tmp_path / "d.npz", ids=np.arange(8, dtype=np.int32) % 4, y=np.arange(8, dtype=np.float32))
    return tmp_path


def train(invoke: Any, folder: Path, *more: str) -> Any:
    return invoke("train", "g.yaml", "--data", "d.npz", "--batch-size", "4", *more, cwd=folder)


def test_the_first_and_the_last_step_have_costs(invoke: Any, folder: Path) -> None:
    assert train(invoke, folder, "--steps", "5", "--logdir", "r").code == 0
    (log,) = load(str(folder / "r"))
    assert list(log.tags("run metadata")) == ["step 1", "step 5"]
    for (metadata,) in log.tags("run metadata").values():
        (device,) = metadata.value.step_stats.dev_stats
        names = {n.node_name for n in device.node_stats}
        assert {"found", "loss", "rows"} <= names and any(n.startswith("train/") for n in names)
    assert [p.step for p in log.tags("histogram")["rows"]][-1] == 5


def test_being_watched_changes_no_number(invoke: Any, folder: Path) -> None:
    plain = train(invoke, folder, "--steps", "5", "--format", "json")
    logged = train(invoke, folder, "--steps", "5", "--format", "json", "--logdir", "r")
    assert json.loads(plain.out) == json.loads(logged.out)


def test_a_resumed_run_says_where_it_begins(invoke: Any, folder: Path) -> None:
    train(invoke, folder, "--steps", "3", "--save", "c", "--logdir", "r")
    result = train(invoke, folder, "--steps", "6", "--save", "c", "--resume", "--logdir", "r")
    assert result.code == 0, result.err
    (log,) = load(str(folder / "r"))
    assert len(log.paths) == 2
    assert [(p.tag, p.step) for points in log.tags("session").values() for p in points] == [("START", 4)]
    assert list(log.tags("run metadata")) == ["step 1", "step 3", "step 4", "step 6"]


def test_rows_of_a_variable_are_written_with_their_labels(invoke: Any, folder: Path) -> None:
    result = train(invoke, folder, "--steps", "4", "--logdir", "r", "--embed", "table=labels.txt", "--embed", "w",
                   "--save", "c")
    assert result.code == 0, result.err
    with graphcli.Session(graphcli.load(str(folder / "g.yaml"))) as session:
        session.restore(str(folder / "c" / "model-4"))
        table = session.value("table")
    rows = [line.split("\t") for line in (folder / "r" / "table.tsv").read_text().splitlines()]
    np.testing.assert_array_equal(np.array(rows, np.float32), table)
    assert (folder / "r" / "table.labels.tsv").read_text() == "a\nb\nc\nd\n"
    plugin = pytest.importorskip("tensorboard.plugins.projector.projector_plugin")
    configs, _ = plugin.ProjectorPlugin._read_latest_config_files(None, [("r", str(folder / "r"))])
    found = [(e.tensor_name, list(e.tensor_shape)) for e in configs["r"].embeddings]
    assert found == [("table", [4, 2]), ("w", [2, 1])]


@pytest.mark.parametrize(("more", "words"), [
    (["--embed", "table"], "--embed goes with --logdir"),
    (["--logdir", "r", "--embed", "loss"], "loss is no variable"),
    (["--logdir", "r", "--embed", "tabel"], "unknown value 'tabel'; near: table"),
    (["--logdir", "r", "--embed", "w=labels.txt"], "w has 2 rows, which need 2 labels, not 4 lines"),
    (["--logdir", "r", "--embed", "w=label.txt"], "there is no file label.txt; did you mean 'labels.txt'?"),
])
def test_refused_before_a_step_is_taken(more: list[str], words: str, invoke: Any, folder: Path) -> None:
    result = train(invoke, folder, "--steps", "4", *more)
    assert result.code == 2 and words in result.err and result.out == ""
    assert not (folder / "r").exists()
