"""Tables on a terminal that is too narrow for them, and in a pipe, where each row is one line."""
from __future__ import annotations

import io
import sys
from pathlib import Path
from unittest import mock

import pytest

from graphcli.cli import render
from graphcli.cli.main import main

ROWS = [["a", "Const", "float32 []", ":1"], ["scope/that/is/far/too/long/w", "MatMul", "float32 [2, 2]", ":12"]]
WIDE = """\
a                             Const   float32 []      :1
scope/that/is/far/too/long/w  MatMul  float32 [2, 2]  :12
"""
NARROW = """\
a  Const   float32 []      :1
scope/that/is/far/too/long/w
   MatMul  float32 [2, 2]  :12
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "columns", "shown"), [
    (Terminal, "80", WIDE), (Terminal, "50", NARROW), (io.StringIO, "50", WIDE)],
    ids=["wide enough", "narrow", "pipe"])
def test_a_long_name_stands_above_its_row(stream: type[io.StringIO], columns: str, shown: str,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    with mock.patch.object(sys, "stdout", stream()):
        lines = render.table(ROWS)
    assert "".join(render.plain(line) + "\n" for line in lines) == shown


BELOW = """\
run  histogram  steps 1 to 20
    32 values, -0.9 to 0.8
run  scalar     steps 1 to 20  0.5
"""
BESIDE = """\
run  histogram  steps 1 to 20  32 values, -0.9 to 0.8
run  scalar     steps 1 to 20  0.5
"""


@pytest.mark.parametrize(("stream", "columns", "shown"), [
    (Terminal, "80", BESIDE), (Terminal, "45", BELOW), (io.StringIO, "45", BESIDE)],
    ids=["wide enough", "narrow", "pipe"])
def test_a_last_cell_without_room_stands_below_its_row(stream: type[io.StringIO], columns: str, shown: str,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    rows = [["run", "histogram", "steps 1 to 20", "32 values, -0.9 to 0.8"], ["run", "scalar", "steps 1 to 20", "0.5"]]
    with mock.patch.object(sys, "stdout", stream()):
        lines = render.table(rows)
    assert "".join(render.plain(line) + "\n" for line in lines) == shown


@pytest.mark.parametrize(("stream", "count"), [(Terminal, 2), (io.StringIO, 1)])
def test_a_long_line_is_broken_on_a_terminal_only(stream: type[io.StringIO], count: int,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    with mock.patch.object(sys, "stdout", stream()):
        lines = render.fitted([("memory: ", "")], [("at most 196 bytes of values at once, beside constants", "")])
    assert len(lines) == count and all(len(render.plain(line)) <= 40 for line in lines) == (count > 1)


def test_a_line_breaks_before_a_word_of_several_styles() -> None:
    lines = render.hang([("what: ", "")], [("one", "cyan"), (" -> ", "dim"), ("two", "cyan"), (", three", "")], 20)
    assert [render.plain(line) for line in lines] == ["what: one -> two, three"]
    lines = render.hang([("what: ", "")], [("first/name", "cyan"), (" -> ", "dim"), ("second/name/of/all", "cyan"),
                                           (",", ""), (" and more", "")], 34)
    assert [render.plain(line) for line in lines] == ["what: first/name ->", "      second/name/of/all, and more"]
    assert ("second/name/of/all", "cyan") in lines[1]


FOLDED = """\
while/step/with/many/parts/in/its/name/
split
   Split  float32 [3, 8], float32 [3,
          8] and 2 more
    /device:CPU:0
w  Const  int32 []
"""
UNFOLDED = """\
while/step/with/many/parts/in/its/name/split  Split  float32 [3, 8], float32 [3, 8] and 2 more  /device:CPU:0
w                                             Const  int32 []
"""


@pytest.mark.parametrize(("stream", "shown"), [(Terminal, FOLDED), (io.StringIO, UNFOLDED)], ids=["narrow", "pipe"])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(stream: type[io.StringIO], shown: str,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    rows = [["while/step/with/many/parts/in/its/name/split", "Split", "float32 [3, 8], float32 [3, 8] and 2 more",
             "/device:CPU:0"], ["w", "Const", "int32 []", ""]]
    with mock.patch.object(sys, "stdout", stream()):
        lines = render.table(rows)
    assert "".join(render.plain(line).rstrip() + "\n" for line in lines) == shown


@pytest.mark.parametrize(("stream", "shown"), [
    (Terminal, ["a/name:", "    read by", "    decoder/while/step/kernel/MatMul/", "    Enter"]),
    (io.StringIO, ["a/name: read by", "        decoder/while/step/kernel/MatMul/Enter"])], ids=["narrow", "pipe"])
def test_a_word_that_is_too_long_is_broken_at_a_slash_on_a_terminal(stream: type[io.StringIO], shown: list[str],
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    with mock.patch.object(sys, "stdout", stream()):
        lines = render.hang([("a/name: ", "")], [("read by ", ""), ("decoder/while/step/kernel/MatMul/Enter", "cyan")])
    assert [render.plain(line).rstrip() for line in lines] == shown


def test_a_pipe_gets_a_last_cell_without_room_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock.patch.object(sys, "stdout", io.StringIO()):
        lines = render.table([["n" * 90, "-", "colocated with the variable that it writes to, and nothing else"]])
    assert len(lines) == 1


@pytest.mark.parametrize("words", ["scopes specs/image_filters.yaml", "scopes specs/train_digits.yaml",
                                   "nodes specs/digits_conv.yaml", "devices specs/towers.yaml",
                                   "plan specs/image_filters.yaml", "ops *pool*", "info specs/digits_conv.yaml"])
def test_a_terminal_of_forty_columns_is_never_too_narrow(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(Path(__file__).parents[2])
    with mock.patch.object(sys, "stdout", Terminal()) as shown:
        assert main(words.split()) == 0
    lines = shown.getvalue().split("\n")
    assert len(lines) > 10 and [line for line in lines if render.columns(line) > 40] == []
