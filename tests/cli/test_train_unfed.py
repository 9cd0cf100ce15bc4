"""``train`` without ``--data``: a graph that makes or holds what it learns from."""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

SPEC = """
seed: 3
inputs:
  x: {shape: [null, 1], default: "random_uniform([16, 1], -1.0, 1.0)"}
variables:
  w: {shape: [1, 1], initializer: zeros}
ops:
  error: x @ w - 3 * x
  loss: reduce_mean(square(error))
  train: train.GradientDescentOptimizer(0.3).minimize(loss)
"""


@pytest.fixture
def train(invoke: Any, tmp_path: Path) -> Any:
    (tmp_path / "s.yaml").write_text(SPEC)
    return lambda *flags: invoke("train", str(tmp_path / "s.yaml"), *flags)


def test_each_step_draws_anew_and_the_lines_tell_no_epoch(train: Any) -> None:
    result = train("--steps", "250", "--log-every", "100")
    lines = [line.split("  ") for line in result.out.splitlines()]
    assert result.err == "" and [words[0] for words in lines] == ["step 100/250", "step 200/250", "step 250/250"]
    assert all(len(words) == 2 for words in lines)
    told = json.loads(train("--steps", "3", "--log-every", "1", "--format", "json").out)
    assert told["epochs"] is None and [i["epoch"] for i in told["intervals"]] == [None] * 3
    assert len({i["loss"] for i in told["intervals"]}) == 3


def test_a_run_that_goes_on_is_the_run_that_was_not_stopped(train: Any, tmp_path: Path) -> None:
    whole, parts = str(tmp_path / "whole"), str(tmp_path / "parts")
    assert train("--steps", "130", "--save", whole, "--quiet").code == 0
    assert sorted(n for n in os.listdir(whole) if n.endswith(".index")) == ["model-100.index", "model-130.index"]
    assert train("--steps", "30", "--save", parts, "--quiet").code == 0
    assert train("--steps", "130", "--save", parts, "--quiet", "--resume").code == 0
    for end in (".index", ".data-00000-of-00001"):
        ours, theirs = ((tmp_path / run / f"model-130{end}").read_bytes() for run in ("parts", "whole"))
        assert ours == theirs


def test_evaluation_on_what_is_fed_or_drawn(train: Any) -> None:
    told = json.loads(train("--steps", "200", "--eval", "error", "--eval-feed", "x=[[1], [3]]", "--format", "json").out)
    assert told["eval"]["error"] == pytest.approx(0, abs=1e-5)
    assert [("eval" in i) for i in told["intervals"]] == [True, True]
    drawn = json.loads(train("--steps", "2", "--eval", "loss", "--format", "json").out)
    plain = json.loads(train("--steps", "2", "--format", "json").out)
    assert drawn["eval"]["loss"] > 0 and drawn["loss"] == plain["loss"]


def test_the_bar_tells_steps_where_there_are_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    from types import SimpleNamespace

    from graphcli.cli.train_report import Bar

    run = SimpleNamespace(steps=3, step=0, batches=SimpleNamespace(size=0))
    bar = Bar(None)
    bar.started(run)  # type: ignore[arg-type]
    bar.stepped(1, 0.5, ())
    run.step = 3
    bar.finished(run)  # type: ignore[arg-type]
    assert capsys.readouterr().err.rstrip().endswith("steps/s")


@pytest.mark.parametrize(("room", "shown"), [
    (60, ("epoch 2/3", "step 7/12  loss 0.25  90 rows/s")), (40, ("epoch 2/3", "step 7/12  loss 0.25  90 rows/s")),
    (39, ("epoch 2/3", "loss 0.25  90 rows/s")), (28, ("", "loss 0.25  90 rows/s")), (19, ("", "loss 0.25")),
    (5, ("", "loss 0.25"))])
def test_a_narrow_bar_keeps_the_loss(room: int, shown: tuple[str, str]) -> None:
    from graphcli.cli.train_report import fitted

    assert fitted("epoch 2/3", "step 7/12", "loss 0.25", "90 rows/s", room) == shown


@pytest.mark.parametrize("flags", [(), ("--quiet",), ("--format", "json")])
def test_a_step_that_changes_no_variable_is_told(train: Any, flags: tuple[str, ...]) -> None:
    result = train("--steps", "2", "--target", "error,loss", *flags)
    assert result.code == 0 and result.err == (
        "warning: --target error,loss: a step changes no variable, so that nothing is learned; --target train trains\n")
    assert bool(result.out) == ("--quiet" not in flags)
    assert train("--steps", "2", *flags).err == ""


@pytest.mark.parametrize("resource", [False, True])
def test_variables_that_branches_and_loops_change_are_seen(invoke: Any, tmp_path: Path, resource: bool) -> None:
    (tmp_path / "s.yaml").write_text(f"""
variables: {{w: {{shape: [], initializer: ones, use_resource: {resource}}}}}
functions:
  change: {{returns: "assign_sub(w, 0.1)"}}
  early: {{inputs: [i], returns: i < 3}}
  turn:
    inputs: [i]
    ops:
      - changed: change()
      - control_dependencies: [changed]
        ops: {{next: i + 1}}
    returns: next
ops:
  loss: identity(w)
  branch: cond(loss > 0, change, change)
  loop: while_loop(early, turn, [0])
""")
    for target in ("branch", "loop"):
        result = invoke("train", str(tmp_path / "s.yaml"), "--steps", "2", "--target", target)
        assert result.code == 0 and result.err == ""
