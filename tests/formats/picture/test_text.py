"""Text for a terminal: a tree by scope, the dataflow of a fetch, any name on one line."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcli.cli.render import columns, plain
from graphcli.formats.picture import Arrow, Box, Frame, Options, Picture, picture
from graphcli.formats.picture.group import Unit
from graphcli.formats.picture.words import title
from graphcli.formats.terminal import cut, flow_lines, tree_lines
from graphcli.source import Source
from graphcli.spec import load_spec

SPECS = Path(__file__).parents[3] / "specs"


def flow(name: str, fetch: str, width: int = 80, **more: Any) -> list[str]:
    built = load_spec(SPECS / f"{name}.yaml").default
    found = built.resolve(fetch)
    drawn = picture(built, "g", Options(fetch=[getattr(found, "op", found)], **more))
    return [plain(line).rstrip() for line in flow_lines(drawn, width)]


def test_a_dataflow_is_indented_below_what_is_fetched() -> None:
    assert flow("line", "out") == [
        "out  [?, 1]  AddV2",
        "├── matmul  [?, 1]",
        "│   ├── x  float32 [?, 1]",
        "│   └── w  float32 [1, 1]",
        "└── b  float32 [1]",
    ]


def test_what_was_told_is_marked() -> None:
    lines = flow("line", "train")
    again = [line for line in lines if line.endswith("↑")]
    assert [line.split("── ")[1] for line in again] == ["error  [?, 1]  ↑"]
    assert sum("error" in line for line in lines) == 2
    assert [line.split("── ")[-1] for line in lines if "── ^" in line] == ["^AssignSub  [1, 1]", "^AssignSub_1  [1]"]


def test_a_deep_branch_goes_on_below() -> None:
    lines = flow("rnn", "parity", 60, series=0)
    down = [line for line in lines if line.endswith("↓")]
    assert down and max(map(len, lines)) <= 60
    for line in down:
        word = line.split("── ")[1].split()[0]
        assert any(other.startswith(word) for other in lines), "what goes on begins a tree of its own"


def test_a_long_chain_needs_no_recursion(tmp_path: Path) -> None:
    path = tmp_path / "chain.yaml"
    path.write_text("inputs: {h0: {dtype: float32, shape: [2]}}\nops:\n" + "".join(
        f"  h{i}: {('relu', 'tanh', 'exp')[i % 3]}(h{i - 1})\n" for i in range(1, 3000)))
    built = load_spec(path).default
    drawn = picture(built, "g", Options(limit=None, depth=9, series=0, fetch=[built.resolve("h2999").op]))
    lines = flow_lines(drawn, 80)
    assert sum(bool(line) for line in lines) >= 3000


ANY = st.text(st.characters(codec="utf-8"), max_size=60)


@settings(max_examples=150, deadline=None)
@given(ANY, st.integers(40, 120))
def test_any_name_is_on_one_line_that_fits(name: str, width: int) -> None:
    drawn = Picture(name, [Box("n0", title(name), "math", "math", 1, (title(name).replace("\n", " "),), op="Mul",
                                         name=name),
                           Box("n1", "b", "variable", "variable", None, shape="float32 [2]", name=name)],
                    [Arrow("n0", "n1", title(name))], [Frame(1, title(name), None, name)])
    for lines in (tree_lines(drawn, width, columns), flow_lines(drawn, width, columns)):
        for line in lines:
            assert "\n" not in plain(line) and columns(plain(line)) <= width
    assert len(tree_lines(drawn, width, columns)) == 3


@settings(max_examples=200, deadline=None)
@given(ANY, st.integers(0, 80))
def test_cutting_keeps_the_beginning(text: str, room: int) -> None:
    out = cut(text, room, columns)
    assert columns(out) <= max(room, 0)
    assert out == text or text.startswith(out.removesuffix("…").rstrip())


@pytest.mark.parametrize("name", sorted(p.stem for p in SPECS.glob("*.yaml") if "refused" not in p.stem))
def test_a_tree_has_every_box(name: str) -> None:
    built = load_spec(SPECS / f"{name}.yaml").default
    drawn = picture(built, "g", Options())
    lines = tree_lines(drawn, 80)
    assert len(lines) == len(drawn.boxes) + len(drawn.frames)


def _box(name: str, op: str, shape: str = "[2]", kind: str = "math", note: str = "") -> Box:
    return Box(name, name, kind, kind, None, (note,) if note else (), name=name, op=op, shape=shape)


def _tree(boxes: list[Box]) -> list[str]:
    return [plain(line).rstrip() for line in tree_lines(Picture("p", boxes), 80)]


def test_one_long_name_or_type_leaves_the_columns_of_the_others_as_they_are() -> None:
    wide = _box("a_name_that_is_long", "SparseSoftmaxCrossEntropy")
    lines = _tree([wide, *(_box(f"op{i}", "Add", note="axis = 1") for i in range(10))])
    assert lines[:2] == ["├── a_name_that_is_long  SparseSoftmaxCrossEntropy  [2]", "├── op0  Add  [2]  axis = 1"]


def test_a_type_that_is_the_name_is_said_once_and_float32_not_at_all() -> None:
    assert _tree([_box("Relu", "Relu"), _box("w", "VariableV2", "float32 [2]", "variable"),
                  _box("n", "VariableV2", "int32 [2]", "variable")]) == [
        "├── Relu            [2]",
        "├── w     variable  [2]",
        "└── n     variable  int32 [2]"]


def test_scopes_in_a_row_are_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of n scopes that would be n * n comparisons, each of whole lists of nodes."""
    compared: list[Any] = []
    monkeypatch.setattr(Unit, "__eq__", lambda a, b: compared.append((a, b)) or a is b)
    built = load_spec(Source("rows.yaml", "ops:\n  - h: constant([1.0])\n  - for: {i: range(30)}\n    ops:\n"
                             "      - scope: layer${i}\n        ops: [{y: relu(h)}, {z: relu(y)}]\n")).default
    assert len(picture(built, "g", Options()).boxes) < 10
    assert not compared
