"""``devices``: all nodes, those of a pattern, and very many of them on a terminal."""
from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

SPEC = """
devices: {/gpu:0: numpy}
variables: {w: {shape: [2], initializer: ones}, v: {shape: [2], initializer: ones}}
ops:
  - name_scope: net
    ops:
      - for: {i: range(40)}
        ops: {"h${i}": w * v}
      - device: /gpu:0
        ops:
          - for: {i: range(40)}
            ops: {"g${i}": w + v}
      - colocate_with: w
        ops: {a: w + 1, b: w + 2}
      - colocate_with: v
        ops: {c: v + 1}
  - out: h0 + g0 + g1
"""
ROWS = """\
node             asked for      given          why
w and 3 more     -              /device:CPU:0  the default device
w/ (2 nodes)     -              /device:CPU:0  colocated with w
v/ (2 nodes)     -              /device:CPU:0  colocated with v
net/ (40 nodes)  -              /device:CPU:0  the default device
net/ (40 nodes)  /device:GPU:0  /device:GPU:0  asked for; runs on numpy
net/ (3 nodes)   -              /device:CPU:0  colocated with w and another

4 transfers
  w/read:0          float32 [2]  /device:CPU:0 -> /device:GPU:0  for net/ (40 nodes)
  v/read:0          float32 [2]  /device:CPU:0 -> /device:GPU:0  for net/ (40 nodes)
  net/ (2 tensors)  16 B         /device:GPU:0 -> /device:CPU:0  for add and 1 more
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "s.yaml"
    path.write_text(SPEC)
    return path


def test_a_terminal_gets_a_row_for_those_of_a_scope_that_were_placed_alike(spec: Path, capsys: Any,
                                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    from graphcli.cli.main import main

    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    shown = Terminal()
    with mock.patch.object(sys, "stdout", shown), mock.patch.object(sys, "argv", ["graphcli", "devices", str(spec)]):
        assert main() == 0
    assert shown.getvalue() == ROWS
    assert capsys.readouterr().err == "91 nodes in 6 rows; --all lists each\n"


def test_a_pipe_gets_each_node(invoke: Any, spec: Path) -> None:
    lines = invoke("devices", str(spec)).out.partition("\n\n")[0].splitlines()
    assert len(lines) == 92 and lines[7].split() == ["net/h0", "-", "/device:CPU:0", "the", "default", "device"]


@pytest.mark.parametrize("pattern", ["net/g3", "g3"])
def test_where_one_node_runs_and_what_goes_there(invoke: Any, spec: Path, pattern: str) -> None:
    assert invoke("devices", str(spec), pattern).out == """\
node    asked for      given          why
net/g3  /device:GPU:0  /device:GPU:0  asked for; runs on numpy

2 transfers
  w/read:0  float32 [2]  /device:CPU:0 -> /device:GPU:0  for net/g3
  v/read:0  float32 [2]  /device:CPU:0 -> /device:GPU:0  for net/g3
"""
    told = json.loads(invoke("devices", str(spec), "net/g1?", "--format", "json").out)
    assert [n["name"] for n in told["nodes"]] == [f"net/g{i}" for i in range(10, 20)]


def test_a_pattern_that_nothing_fits_is_told(invoke: Any, spec: Path) -> None:
    result = invoke("devices", str(spec), "nett/*")
    assert (result.code, result.out, result.err) == (0, "", "none of the 96 nodes of s fits\n")


def test_what_stands_beside_a_node_without_a_device_is_told_with_it(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("variables: {w: {shape: [2], initializer: ones}}\n"
                    "ops:\n  - {device: /gpu:0, ops: [{a: w + 1}]}\n  - {colocate_with: a, ops: [{b: w + 2}]}\n"
                    "  - {device: null, ops: [{colocate_with: b, ops: [{c: w + 3}]}]}\n")
    told = json.loads(invoke("check", str(path), "--format", "json").out)["graphs"]["s"]["findings"]
    assert [f["message"].partition(";")[0] for f in told] == [
        "a/y, a, b/y and 3 more cannot run: there is no device /device:GPU:0"]


def test_why_a_backend_is_not_there_is_told_once(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("devices: {/gpu:0: {backend: cupy, fallback: /cpu:0}}\ninputs: {x: {dtype: float32, shape: []}}\n"
                    "ops: [{device: /gpu:0, ops: [{a: -x}, {b: exp(x)}]}]\n")
    told = " ".join(invoke("devices", str(path)).out.split())
    assert "fallback of /device:GPU:0: cupy is not" in told and told.count("cupy is") == 1
    assert told.endswith("fallback of /device:GPU:0")
