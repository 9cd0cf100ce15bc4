"""``plan``, and the options of the engine on ``run``."""
from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

SPEC = """
inputs: {x: {dtype: float32, shape: [null, 3]}}
variables: {w: {shape: [3, 2], initializer: ones}}
ops:
  h: relu(matmul(x, w) * 2.0) + 0.0
  size: shape(h)
  sum: reduce_sum(h * 1.0)
outputs: [sum]
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "s.yaml"
    path.write_text(SPEC)
    return path


def test_a_plan_of_shapes_that_are_fed(invoke: Any, spec: Path) -> None:
    result = invoke("plan", str(spec), "--feed", "x=[[1,2,3]]")
    assert result.code == 0, result.err
    assert result.out.splitlines() == [
        "sum: 2 steps, 4 nodes pruned",
        "feed v0 = x:0 float32 [1, 3]",
        "v1 = MatMul(v0, w)  # MatMul; frees v0; 12 flops",
        "v2 = Fused(v1)  # mul and 3 more (Mul, Relu, AddV2, Sum); frees v1; 8 flops",
        "return v2",
        "prune: w (2 nodes), x, size",
        "simplify: mul_1 (Mul) is h",
        "memory: at most 12 bytes of values at once, in mul, beside feeds 12 bytes, variables 24 bytes",
        "work: 20 floating point operations",
    ]


def test_a_plan_tells_which_convolutions_take_fewer_multiplications(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "conv.yaml"
    path.write_text("""
inputs: {x: {dtype: float32, shape: [1, 56, 56, 64]}}
variables: {w: {shape: [3, 3, 64, 64], initializer: ones}}
ops: {y: "conv2d(x, w, 1, 'SAME')"}
outputs: [y]
""")
    assert "v1 = Conv2D(v0, w)  # y by winograd" in invoke("plan", str(path), "--random", "x").out
    told, plain = (json.loads(invoke("plan", str(path), "--random", "x", "--format", "json", *more).out)
                   for more in ([], ["--without", "winograd"]))
    assert told["steps"][0]["winograd"] and not plain["steps"][0]["winograd"]


def test_what_ran_tells_the_threads_of_products_and_convolutions_too(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "conv.yaml"
    path.write_text("""
inputs: {x: {dtype: float32, shape: [8, 56, 56, 64]}}
variables: {w: {shape: [3, 3, 64, 64], initializer: ones}}
ops: {y: "conv2d(x, w, 1, 'SAME')"}
outputs: [y]
""")
    for threads in (1, 2):
        told = json.loads(invoke("plan", str(path), "--random", "x", "--run", "--threads", str(threads),
                                 "--format", "json").out)
        assert [s["threads"] for s in told["steps"]] == [threads]


def test_without_values_the_shapes_are_open(invoke: Any, spec: Path) -> None:
    result = invoke("plan", str(spec))
    assert result.code == 0 and "memory: some sizes are known only when it runs" in result.out


def test_a_plan_in_json(invoke: Any, spec: Path) -> None:
    told = json.loads(invoke("plan", str(spec), "--random", "x=[4,3]", "--run", "--format", "json").out)
    assert [s["nodes"] for s in told["steps"]] == [["MatMul"], ["mul", "Relu", "h", "sum"]]
    assert told["steps"][0]["outputs"] == [{"name": "MatMul:0", "dtype": "float32", "shape": [4, 2], "buffer": 1}]
    assert told["memory"]["feeds"] == 48 and told["memory"]["variables"] == 24
    assert told["steps"][0]["flops"] == 48 and told["flops"] == 80
    assert all(s["seconds"] > 0 for s in told["steps"]) and told["measured"]["seconds"] > 0


@pytest.mark.parametrize("without", [["--without", "fuse"], ["--without", "fold,merge"], ["--without", "all"]])
def test_passes_are_left_out_by_name(invoke: Any, spec: Path, without: list[str]) -> None:
    feed = ["--feed", "x=[[1,2,3],[4,5,6]]", "--format", "json"]
    assert json.loads(invoke("run", str(spec), *feed, *without).out) == {"fetches": {"sum": 84.0}}
    steps = json.loads(invoke("plan", str(spec), *feed, *without).out)["steps"]
    assert len(steps) == {"fuse": 5, "fold,merge": 2, "all": 6}[without[1]]


def test_a_pass_that_is_none(invoke: Any, spec: Path) -> None:
    result = invoke("run", str(spec), "--feed", "x=[[1,2,3]]", "--without", "fuze")
    assert result.code == 2
    assert result.err.splitlines()[0] == (
        "error: --without fuze: there is no such pass; there are fold, simplify, merge, entropy, skip, narrow, "
        "accumulate, stack, join, contract, pad, winograd, turn, fuse, structure, reuse, schedule, branch, all; did "
        "you mean 'fuse'?")


def test_a_profile_is_a_table_and_a_trace(invoke: Any, spec: Path, tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    result = invoke("run", str(spec), "--feed", "x=[[1,2,3]]", "--steps", "3", "--profile", str(path))
    assert result.code == 0 and result.out.startswith("sum")
    rows = [line.split() for line in result.err.splitlines()]
    assert rows[0] == ["node", "op", "calls", "ms", "share"]
    assert ["MatMul", "MatMul", "3"] in [r[:3] for r in rows] and ["Relu", "Relu", "3"] in [r[:3] for r in rows]
    assert rows[-1] == ["wrote", str(path)]
    events = json.loads(path.read_text())["traceEvents"]
    assert [e["name"] for e in events].count("mul and 3 more") == 3
    assert all(e["ph"] == "M" or e["ph"] == "X" and e["dur"] >= 0 for e in events)


LOOPS = """
inputs: {x: {dtype: float32, shape: [null]}}
variables: {w: {shape: [], initializer: ones}}
functions:
  more: {inputs: [i, a], returns: i < 4}
  turn: {inputs: [i, a], returns: ["i + 1", tanh(a * w)]}
ops:
  many: while_loop(more, turn, [0, x])
  y: reduce_sum(many[1]) * 2.0
outputs: [y]
"""


def nested(events: list[Any]) -> bool:
    """Whether of two events of a thread each lies within the other or beside it."""
    ends: dict[int, list[float]] = {}
    for event in events:
        stack = ends.setdefault(event["tid"], [])
        while stack and stack[-1] <= event["ts"]:
            stack.pop()
        end = round(event["ts"] + event["dur"], 3)
        if stack and end > stack[-1]:
            return False
        stack.append(end)
    return True


def test_a_loop_has_its_time_in_the_plan_and_in_the_profile(invoke: Any, tmp_path: Path) -> None:
    spec, path = tmp_path / "loop.yaml", tmp_path / "trace.json"
    spec.write_text(LOOPS)
    told = json.loads(invoke("plan", str(spec), "--random", "x=[5]", "--run", "--format", "json").out)
    assert all(s["seconds"] > 0 for s in told["steps"]) and any(len(s["nodes"]) > 10 for s in told["steps"])
    text = invoke("plan", str(spec), "--random", "x=[5]").out
    assert "more (1 loop)" in text and "floating point operations, with one turn of each loop" in text
    result = invoke("run", str(spec), "--random", "x=[5]", "--steps", "3", "--profile", str(path))
    assert any(line.split()[1:3] == ["Flow", "3"] for line in result.err.splitlines())
    assert "4 runs of the engine took" in result.err
    named = json.loads(path.read_text())["traceEvents"]
    assert [e["args"]["name"] for e in named if e["ph"] == "M"] == ["graphcli", "/device:CPU:0"]
    events = [e for e in named if e["ph"] == "X"]
    assert [e["name"] for e in events if e["cat"] == "run"] == ["run 1", "run 2", "run 3", "run 4"] and nested(events)
    turns = [e for e in events if e["cat"] == "Fused" and "many/Tanh" in e["args"]["nodes"]]
    assert len(turns) == 12
    assert any(line.split()[:3] == ["many/Tanh", "Tanh", "12"] for line in result.err.splitlines())
    loop = next(e for e in events if e["cat"] == "Flow")
    assert any(loop["ts"] <= e["ts"] <= loop["ts"] + loop["dur"] for e in turns)


def test_a_trace_takes_the_place_of_nothing_else(invoke: Any, spec: Path, tmp_path: Path) -> None:
    before = spec.read_text()
    for path, more in ((spec, []), (tmp_path / "o.json", ["-o", str(tmp_path / "." / "o.json")])):
        result = invoke("run", str(spec), "--feed", "x=[[1,2,3]]", "--profile", str(path), *more)
        assert result.code == 2 and "is the same file; what is written needs one of its own" in result.err
    assert spec.read_text() == before and not (tmp_path / "o.json").exists()


def test_what_needs_more_memory_is_refused(invoke: Any, spec: Path) -> None:
    result = invoke("run", str(spec), "--random", "x=[100000,3]", "--memory", "1M", "--threads", "1")
    assert result.code == 1 and "error" in result.err
    assert "this step needs 2.4 MiB at its peak, and --memory gives it 1.0 MiB" in result.err
    assert "alive there: MatMul:0 float32 [100000, 2], 781.2 KiB" in result.err


def test_the_figures_of_what_is_refused_add_up(invoke: Any, spec: Path) -> None:
    given = [str(spec), "--random", "x=[100000,3]", "--threads", "1"]
    memory = json.loads(invoke("plan", *given, "--format", "json").out)["memory"]
    assert sum(v["bytes"] for v in memory["alive"]) + memory["within"] + memory["kept"] == memory["bytes"]
    result = invoke("run", *given, "--memory", "1M")
    assert "kept from step to step for loops over blocks: " in result.err
    told = re.findall(r": ([\d.]+) ([KM]iB)$|(?<!values), ([\d.]+) ([KM]iB)$", result.err, re.M)
    sizes = [float(a or c) * {"KiB": 1, "MiB": 1024}[b or d] for a, b, c, d in told]
    assert sum(sizes) == pytest.approx(memory["bytes"] / 1024, rel=0.02)


@pytest.mark.parametrize("without", [[], ["--without", "all"]])
def test_what_the_plan_says_is_the_least_that_is_enough(invoke: Any, spec: Path, tmp_path: Path, without: list[str]
                                                        ) -> None:
    given = [str(spec), "--random", "x=[100000,3]", "--threads", "1", *without]
    memory = json.loads(invoke("plan", *given, "--format", "json").out)["memory"]
    least = sum(memory[k] for k in ("bytes", "feeds", "constants", "variables"))
    folder = tmp_path / "made"
    folder.mkdir()
    files = ["-o", str(folder / "o.npz"), "--save", str(folder / "model"), "--profile", str(folder / "p.json")]
    refused = invoke("run", *given, *files, "--logdir", str(folder / "log"), "--memory", str(least - 1))
    assert refused.code == 1 and not list(folder.iterdir())
    assert f"this step needs {least:,} bytes at its peak, and --memory gives it {least - 1:,}" in refused.err
    assert invoke("run", *given, *files, "--memory", str(least)).code == 0
    assert {p.name for p in folder.iterdir()} == {"o.npz", "p.json", "checkpoint", "model.index",
                                                  "model.data-00000-of-00001"}


@pytest.mark.parametrize(("text", "code"), [("1.5M", 0), (".5G", 2), ("1.5", 2), ("1..5M", 2), ("2GiB", 0)])
def test_sizes_in_parts_of_a_unit(invoke: Any, spec: Path, text: str, code: int) -> None:
    assert invoke("run", str(spec), "--feed", "x=[[1,2,3]]", "--memory", text).code == code


def test_the_plan_of_a_large_graph_tells_threads_and_memory(invoke: Any, tmp_path: Path) -> None:
    spec = tmp_path / "big.yaml"
    spec.write_text("inputs: {x: {dtype: float32, shape: [null, 512]}}\nops:\n  y: tanh(matmul(x, ones([512, 512])))\n")
    known = invoke("plan", str(spec), "--fetch", "y", "--random", "x=[4096, 512]", "--threads", "2").out
    assert "; 2 threads" in known and " in the memory of v" in known
    unknown = invoke("plan", str(spec), "--fetch", "y").out
    assert "fuse: loops are made for the shapes that are fed, and some are not known here" in unknown
    assert "fuse:" not in invoke("plan", str(spec), "--fetch", "y", "--without", "fuse").out


MISFIT = """
inputs: {x: {dtype: float32}, y: {dtype: float32}}
ops:
  sum: x + y
  chosen: 'cond(y[0] > 0, lambda: x + y, lambda: x)'
"""


@pytest.mark.parametrize("flags", [(), ("--without", "all"), ("--run",), ("--format", "json")])
def test_shapes_that_do_not_meet_are_refused_as_run_refuses_them(invoke: Any, tmp_path: Path, flags: Any) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(MISFIT)
    given = ("--fetch", "sum", "--random", "x=[2]", "--feed", "y=[1, 2, 3]")
    ran, planned = (invoke(*words, *given, cwd=tmp_path) for words in (("run", "s.yaml"), ("plan", "s.yaml", *flags)))
    assert planned.code == 1 and planned.out == "" and planned.err == ran.err == """\
error: s.yaml:4:8: sum (AddV2): the shapes [2] and [3] do not broadcast: 2 meets 3
    4 |   sum: x + y
      |        ^^^^^
  note: x:0 is float32 [2]; y:0 is float32 [3]
"""


def test_a_branch_whose_shapes_do_not_meet_may_not_be_reached(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(MISFIT)
    result = invoke("plan", str(path), "--fetch", "chosen", "--random", "x=[2]", "--random", "y=[3]")
    assert result.code == 0
    assert "fails: chosen/add (AddV2), where it is reached: the shapes [2] and [3] do not broadcast: 2 meets 3" in (
        result.out.splitlines())


def test_a_scalar_that_is_fed_has_its_shape(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(MISFIT)
    assert invoke("plan", str(path), "--fetch", "sum", "--feed", "x=1", "--feed", "y=2").out.splitlines()[1:3] == [
        "feed v0 = x:0 float32 []", "feed v1 = y:0 float32 []"]
