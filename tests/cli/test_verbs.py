"""The other verbs: their stable JSON, their text, and what the command line promises of all of them."""
from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graphcli.cli.main import VERBS

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
LINE = str(SPECS / "line.yaml")
KINDS = str(ROOT / "tests" / "wire" / "recorded" / "kinds")


def load(invoke: Any, *args: str) -> Any:
    result = invoke(*args, "--format", "json")
    assert result.code == 0, result.err
    return json.loads(result.out)


def test_nodes(invoke: Any) -> None:
    nodes = load(invoke, "nodes", LINE)
    assert all(list(n) == ["name", "op", "inputs", "device", "attrs", "outputs", "line"] for n in nodes)
    out = next(n for n in nodes if n["name"] == "out")
    assert out["op"] == "AddV2" and out["inputs"] == ["matmul", "b/read"]
    assert out["outputs"] == [{"dtype": "float32", "shape": [None, 1]}]
    assert "out: x @ w + b" in Path(LINE).read_text().splitlines()[out["line"] - 1]


@pytest.mark.parametrize(("args", "names"), [
    (["--op", "MatMul"], ["matmul", "matmul_1"]),
    (["w*", "--op", "VariableV2"], ["w"]),
    (["--upstream-of", "out", "--op", "Placeholder"], ["x"]),
    (["--downstream-of", "x"], ["x", "matmul", "out"]),
    (["--collection", "trainable_variables"], ["w", "b"]),
    (["--scope", "w/Initializer"], ["w/Initializer/zeros"]),
])
def test_filters(invoke: Any, args: list[str], names: list[str]) -> None:
    assert [n["name"] for n in load(invoke, "nodes", LINE, *args)] == names


@pytest.mark.parametrize(("args", "said"), [
    (["nodes", LINE, "qq*"], "none of the 37 nodes of line fits\n"),
    (["nodes", LINE, "--op", "Conv2D"], "none of the 37 nodes of line fits\n"),
    (["nodes", LINE, "--device", "/gpu:0"], "none of the 37 nodes of line fits\n"),
    (["nodes", LINE, "--collection", "losses"], "none of the 37 nodes of line fits\n"),
    (["devices", LINE, "qq*"], "none of the 37 nodes of line fits\n"),
    (["collections", LINE, "--scope", "qq"], "line: nothing was collected whose name 'qq' matches\n"),
    (["ops", "qq*"], "no call or op type fits 'qq*'\n"),
    (["ckpt", "show", KINDS, "al/*"], f"no tensor of {KINDS} fits 'al/*'\n"),
    (["ckpt", "stats", KINDS, "al/*"], f"no tensor of {KINDS} fits 'al/*'\n"),
], ids=str)
def test_a_person_is_told_that_there_is_nothing(invoke: Any, args: list[str], said: str) -> None:
    result = invoke(*args)
    assert (result.code, result.out, result.err) == (0, "", said)
    result = invoke(*args, "--format", "json")
    found = json.loads(result.out)
    found = found if isinstance(found, list) else [v for k, v in found.items() if k != "prefix"]
    assert result.err == said and not any(found)


@pytest.mark.parametrize(("args", "said"), [
    (["nodes", LINE, "w_slop"], "error: PATTERN w_slop: unknown value 'w_slop'; near: w_slope, w_slope/x\n"),
    (["devices", LINE, "otu"], "error: PATTERN otu: unknown value 'otu'; near: out\n"),
    (["nodes", LINE, "w_slop", "--format", "json"],
     "error: PATTERN w_slop: unknown value 'w_slop'; near: w_slope, w_slope/x\n"),
    (["nodes", str(SPECS / "sharing.yaml"), "variable_scope_y"],
     "error: PATTERN variable_scope_y: this is a scope, not a node; 'variable_scope_y/*' fits what is under it\n"),
    (["nodes", LINE, "--op", "Con2D"],
     "error: --op Con2D: there is no such op type, and no node has it; did you mean 'Conv2D'?\n"),
    (["nodes", LINE, "--collection", "loses"],
     "error: --collection loses: there is no such collection; did you mean 'losses'?\n"),
    (["collections", LINE, "qq"],
     "error: there is no collection 'qq'; there are variables, trainable_variables\n"),
    (["ops", "rellu"], "error: unknown call or op type 'rellu'; did you mean 'relu'?\n"),
], ids=str)
def test_a_name_that_is_not_there_is_the_command_lines_fault(invoke: Any, args: list[str], said: str) -> None:
    result = invoke(*args)
    assert (result.code, result.out, result.err) == (2, "", said)


def test_an_empty_collection_that_is_asked_for_is_listed_as_empty(invoke: Any) -> None:
    result = invoke("collections", LINE, "losses")
    assert (result.code, result.out, result.err) == (0, "losses  0\n", "line: nothing was collected in losses\n")


def test_node_says_where_it_runs_and_what_goes_on_below_is_indented(invoke: Any) -> None:
    result = invoke("node", str(SPECS / "devices.yaml"), "total")
    assert result.out.splitlines()[6:9] == [
        "  device   /device:GPU:0",
        "  runs on  /device:CPU:0: fallback of /device:GPU:0: cupy is not installed (it",
        "             needs a CUDA GPU and `pip install graphcli[cupy]`)"]
    found = load(invoke, "node", str(SPECS / "devices.yaml"), "share")
    assert (found["assigned"], found["reason"]) == ("/device:CPU:0", "colocated with left")


def test_node(invoke: Any) -> None:
    node = load(invoke, "node", LINE, "w")
    assert node["op"] == "VariableV2" and "w/read" in node["consumers"][0]
    assert node["collections"] == ["variables", "trainable_variables"] and node["handles"] == ["w"]
    text = invoke("node", LINE, "out").out
    assert "out: x @ w + b" in text and "^" in text


def test_collections(invoke: Any) -> None:
    found = load(invoke, "collections", str(SPECS / "regularizer.yaml"))
    assert len(found["regularization_losses"]) == 2 and found["variables"] == ["net/hidden/w:0", "net/output/w:0"]
    only = load(invoke, "collections", str(SPECS / "regularizer.yaml"), "variables", "--scope", "net/hid")
    assert only == {"variables": ["net/hidden/w:0"]}


def test_devices(invoke: Any) -> None:
    found = load(invoke, "devices", str(SPECS / "devices.yaml"))
    nodes = {n["name"]: n for n in found["nodes"]}
    assert nodes["left"]["requested"] == "/device:CPU:0" and nodes["right"]["assigned"] == "/device:CPU:1"
    assert nodes["total"]["requested"] == "/device:GPU:0" and nodes["total"]["reason"]
    assert any(t["tensor"] == "right:0" for t in found["transfers"])


def test_devices_tells_an_op_without_a_device_beside_its_json(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("ops:\n  - device: /gpu:3\n    ops: [{a: constant(1.0)}]\n")
    done = invoke("devices", "s.yaml", "--format", "json", cwd=tmp_path)
    assert json.loads(done.out)["nodes"][0]["assigned"] is None
    assert done.code == 1 and done.err.startswith("error: s.yaml:3:15: a (Const) asks for /device:GPU:3")


def test_feeds_tells_what_the_initial_values_of_variables_need(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "start.yaml"
    path.write_text("inputs: {start: {dtype: float32, shape: [2]}, x: {dtype: float32, shape: [2]}}\n"
                    "ops: [{Variable: w, initial_value: start * 2.0}, {y: x + w}]\n")
    told = invoke("feeds", str(path), "--fetch", "y").out.splitlines()
    assert told[:3] == ["y: needs 2 feeds", "  x      float32 [2]              x -> y",
                        "  start  float32 [2]  to start w  start -> mul -> w/Assign"]
    found = load(invoke, "feeds", str(path), "--fetch", "y")
    assert [(f["name"], f["initial"], f["required"]) for f in found["feeds"]] == [
        ("x", False, True), ("start", True, True)]
    assert invoke(*shlex.split(found["command"])[1:]).code == 0


def test_a_line_to_paste_names_a_file_that_begins_with_a_dash(
        invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-dash.yaml").write_text("inputs: {x: {dtype: float32, shape: []}}\nops: {y: x + 1}\n")
    shown = invoke("feeds", "--fetch", "y", "--", "-dash.yaml").out
    assert shown.endswith("graphcli run ./-dash.yaml --fetch y --feed x=0.0\n")


def test_feeds(invoke: Any) -> None:
    found = load(invoke, "feeds", LINE, "--fetch", "out")
    assert [(f["name"], f["dtype"], f["shape"], f["required"]) for f in found["feeds"]] == [
        ("x", "float32", [None, 1], True)]
    assert found["feeds"][0]["path"] == ["x", "matmul", "out"]
    assert found["command"] == f"graphcli run {LINE} --fetch out --feed x='[[0.0]]'"
    optional = load(invoke, "feeds", LINE, "--fetch", "loss")
    assert [f["required"] for f in optional["feeds"]] == [False, False]


def test_the_line_to_paste_works(invoke: Any) -> None:
    import shlex

    line = invoke("feeds", LINE, "--fetch", "out").out.splitlines()[-1]
    assert invoke(*shlex.split(line)[1:]).code == 0


def test_info(invoke: Any) -> None:
    found = load(invoke, "info", str(SPECS / "digits_mlp.yaml"), "--cost")
    assert found["parameters"] == 64 * 96 + 96 + 96 * 10 + 10 == found["trainable_parameters"]
    assert found["memory"]["variables"] == found["parameters"] * 4
    assert [i["name"] for i in found["inputs"]] == ["images", "labels"]
    assert found["outputs"] == [{"name": "accuracy", "reason": "named in outputs:"}]
    assert found["cost"]["by_op"]["MatMul"] == 2 * (64 * 96 + 96 * 10)
    text = invoke("info", str(SPECS / "digits_mlp.yaml"), "--cost").out
    assert "7,210 parameters" in text


def test_check_tells_devices_that_are_not_there_once_each(invoke: Any) -> None:
    spec = b"""
devices: {"/gpu:1": {backend: numpy, fallback: "/cpu:0"}}
ops:
  - {device: "/gpu:0", ops: [{a: constant(1.0)}, {b: a + 1.0}]}
  - {device: "/gpu:1", ops: [{c: constant(1.0)}]}
  - {device: "/job:ps/task:0", ops: [{d: constant(1.0)}]}
"""
    told = json.loads(invoke("check", "-", "--format", "json", stdin=spec).out)["graphs"]["graph"]["findings"]
    assert [(f["rule"], f["name"], f["line"]) for f in told] == [("no-device", "a", 4), ("no-device", "d", 6)]
    assert told[0]["message"] == ("a, b/y, b cannot run: there is no device /device:GPU:0; give it an entry in "
                                  "devices:, or place softly (--soft-placement)")


def test_check(invoke: Any) -> None:
    assert load(invoke, "check", LINE)["ok"] is True
    refused = invoke("check", str(SPECS / "image_filters_refused.yaml"), "--format", "json")
    assert refused.code == 1 and json.loads(refused.out)["errors"][0]["line"] > 0
    assert invoke("check", str(SPECS / "two_graphs.yaml")).out.count("ok") == 2


def test_plan(invoke: Any) -> None:
    plan = load(invoke, "plan", LINE, "--fetch", "out")
    assert [s["node"] for s in plan["steps"]] == ["matmul", "out"] and plan["feeds"] == ["x:0"]
    assert "MatMul" in invoke("plan", LINE, "--fetch", "out").out


def test_the_signature_of_no_call_tells_where_its_defaults_lie(invoke: Any) -> None:
    told = [c["signature"] for c in load(invoke, "ops")["calls"]]
    assert len(told) > 800 and not [t for t in told if " at 0x" in t]


def test_ops_takes_a_pattern_of_a_module_too(invoke: Any) -> None:
    told = load(invoke, "ops", "tf.nn.[am]*_pool")["calls"]
    assert [c["name"] for c in told] == ["nn.avg_pool", "nn.max_pool"] and {c["module"] for c in told} == {"nn"}
    assert "1 call;" in invoke("ops", "losses.huber*").out and "huber_loss" in invoke("ops", "losses.huber*").out
    assert (invoke("ops", "nn.zz*").code, invoke("ops", "nn.zz").code) == (0, 2)
    lines = invoke("ops", "*Def").out.splitlines()
    assert lines[0] == f"{lines[1].count(',') + 1} protocol messages" and "GraphDef" in lines[1]
    assert "Fields: node, versions, version, library." in invoke("ops", "GraphDef").out
    assert not {"GraphDef", "ConfigProto"} & {c["name"] for c in load(invoke, "ops")["calls"]}


def test_ops(invoke: Any) -> None:
    every = load(invoke, "ops")
    assert {"relu", "matmul", "get_variable"} <= {c["name"] for c in every["calls"]}
    matmul = next(o for o in every["ops"] if o["name"] == "MatMul")
    assert matmul["doc"] and matmul["gradient"] is True and "float32" in matmul["dtypes"]["T"]
    one = invoke("ops", "tf.nn.relu")
    assert one.code == 0 and "relu(features" in one.out.splitlines()[0]


def test_every_call_has_a_line(invoke: Any) -> None:
    missing = [c["name"] for c in load(invoke, "ops")["calls"] if not c["doc"] and "(" in c["signature"]]
    assert missing == []


@pytest.mark.parametrize("template", ["line", "mlp", "sharing", "blank"])
def test_init_writes_what_runs(invoke: Any, template: str, tmp_path: Path) -> None:
    path = tmp_path / f"{template}.yaml"
    assert invoke("init", template, "-o", str(path)).code == 0
    assert path.read_text() == invoke("init", template).out
    assert invoke("init", template, "-o", str(path)).code == 2
    random = ["--random", "x=[4,64]"] if template == "mlp" else []
    assert invoke("check", str(path)).code == 0
    result = invoke("run", str(path), *random)
    assert result.code == 0, result.err


@pytest.mark.parametrize("template", ["line", "mlp", "sharing", "blank"])
def test_what_a_starter_says_to_run_runs(invoke: Any, template: str, tmp_path: Path) -> None:
    said = invoke("init", template, "-o", "my net.yaml", cwd=tmp_path).err
    text = (tmp_path / "my net.yaml").read_text()
    (tmp_path / f"{template}.yaml").write_text(text)
    lines = [line[1:].partition("  #")[0] for line in text.splitlines() if line.startswith("#   graphcli ")]
    assert lines and said.startswith("wrote my net.yaml; now: graphcli ")
    for line in [said.partition("now: ")[2], *lines]:
        words = shlex.split(line.partition(" > ")[0])[1:]
        result = invoke(*words, cwd=tmp_path)
        assert result.code == 0, (line, result.err)
        assert words[0] != "run" or "nan" not in result.out, (line, result.out)


def test_schema_accepts_the_gallery(invoke: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    import yaml

    schema = json.loads(invoke("schema").out)
    for path in SPECS.glob("*.yaml"):
        jsonschema.validate(yaml.safe_load(path.read_text()), schema)


def test_every_verb_has_an_example(invoke: Any) -> None:
    from graphcli.cli.main import VERBS

    for name in VERBS:
        result = invoke(name, "--help")
        assert result.code == 0 and "Example: graphcli " + name in " ".join(result.out.split()), name


def test_version(invoke: Any) -> None:
    import graphcli

    assert invoke("--version").out == f"graphcli {graphcli.__version__}\n"


# -- as a process

def shell(command: str, **env: str) -> subprocess.CompletedProcess[str]:
    program = f"{sys.executable} -m graphcli"
    return subprocess.run(["bash", "-c", f"set -o pipefail; {command.replace('graphcli ', program + ' ')}"], cwd=ROOT,
                          env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False)


def test_closed_pipe_is_silent() -> None:
    done = shell("graphcli ops | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}")
    assert done.stderr == "" and done.stdout.strip() == "0"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", [f"nodes {LINE}", f"run {LINE} --fetch loss --format json", "schema", "--help",
                                     f"viz {LINE} -o -", f"export {LINE} --format pb -o -"])
def test_full_output_is_told(command: str) -> None:
    done = shell(f"graphcli {command} >/dev/full")
    assert (done.stderr, done.returncode) == (
        "error: cannot write to standard output: no space left on device\n", 2)
    assert shell(f"graphcli {command} >/dev/full 2>&1").returncode == 2


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_error(closed: str, tmp_path: Path) -> None:
    done = shell(f"graphcli run {LINE} --fetch loss -o {tmp_path}/loss.json {closed}")
    assert done.returncode == 0 and "error" not in done.stderr
    assert json.loads((tmp_path / "loss.json").read_text())["fetches"]["loss"] == 5086.25
    done = shell(f"graphcli run - --fetch loss {closed}")
    assert done.returncode == 1 and "bug" not in done.stderr + done.stdout


def test_interrupt_is_silent() -> None:
    code = ("import os, signal, sys, threading; from graphcli.cli.main import main\n"
            "threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
            f"sys.exit(main(['run', {LINE!r}, '--steps', '100000000', '--fetch', 'train']))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60,
                          check=False)
    assert (done.returncode, done.stderr) == (130, "\nstopped\n")


def test_an_interrupt_while_it_is_loaded_is_silent() -> None:
    code = ("import sys\n"
            "class Stopped:\n"
            "    def find_spec(self, name, *rest):\n"
            "        if name == 'click': raise KeyboardInterrupt\n"
            "sys.meta_path.insert(0, Stopped())\n"
            "from graphcli.__main__ import main\n"
            "sys.exit(main())")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60,
                          check=False)
    assert (done.returncode, done.stderr) == (130, "\nstopped\n")


def test_traceback_on_request() -> None:
    done = shell("graphcli run specs/line.yaml --fetch nope", GRAPHCLI_TRACEBACK="1")
    assert "Traceback" in done.stderr and done.returncode == 2
    assert "Traceback" not in shell("graphcli run specs/line.yaml --fetch nope").stderr


def test_ascii_terminals_get_text() -> None:
    done = shell("graphcli scopes specs/sharing.yaml", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0 and done.stdout.isascii() and "`-- var2_1  float32 [1]" in done.stdout


@pytest.mark.parametrize("command", [
    "scopes specs/sharing.yaml", "viz specs/rnn.yaml", "viz specs/line.yaml --fetch out", "run - --fetch y"])
def test_terminals_that_are_not_utf_8_get_colour_and_text(command: str, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    (tmp_path / "y.yaml").write_text("ops: {y: \"constant('\u00e9')\"}", encoding="utf-8")
    master, slave = pty.openpty()
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "TERM": "xterm", "COLUMNS": "80"}
    with open(tmp_path / "y.yaml", "rb") as spec:
        done = subprocess.Popen([sys.executable, "-m", "graphcli", *command.split()], cwd=ROOT, stdin=spec,
                                stdout=slave, stderr=slave, env={k: v for k, v in env.items() if k != "NO_COLOR"})
    os.close(slave)
    shown = b""
    with contextlib.suppress(OSError):
        while part := os.read(master, 65536):
            shown += part
    os.close(master)
    assert done.wait(60) == 0 and shown.isascii() and b"\x1b[" in shown, shown


def test_no_colour_when_piped() -> None:
    assert "\x1b" not in shell("graphcli scopes specs/sharing.yaml", FORCE_COLOR="1").stdout


# -- completion

def complete(words: str) -> list[str]:
    done = shell("graphcli x", _GRAPHCLI_COMPLETE="bash_complete", COMP_WORDS=words,
                 COMP_CWORD=str(len(words.split(" ")) - 1))
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_completion() -> None:
    assert "scopes" in complete("graphcli sc")
    assert complete("graphcli run specs/line.yaml --fetch o") == ["out"]
    assert complete("graphcli node specs/line.yaml matm") == ["matmul", "matmul_1"]
    assert complete("graphcli run tests/graphdef/recorded/resources.pb --fetch los") == ["loss"]
    assert complete("graphcli run tests/graphdef/recorded/resources.pb --feed i") == ["ids="]
    assert complete("graphcli run specs/image_filters.yaml --fetch image_filters.") == [
        "image_filters.result1", "image_filters.result2"]
    assert complete("graphcli run specs/line.yaml --feed x") == ["x="]
    assert complete("graphcli run specs/two_graphs.yaml --graph to_c") == ["to_celsius"]
    assert complete("graphcli run specs/rnn.yaml --set s") == ["steps="]
    assert "relu6" in complete("graphcli ops relu")
    assert complete("graphcli collections specs/regularizer.yaml reg") == ["regularization_losses"]
    assert complete("graphcli nodes specs/line.yaml --collection trainable_v") == ["trainable_variables"]
    assert complete("graphcli nodes specs/line.yaml --op Mat") == ["MatMul"]
    logs = "tests/errors/cases/logs"
    assert complete(f"graphcli events ls {logs} --run w") == ["whole"]
    assert complete(f"graphcli events cat {logs} --tag l") == complete(f"graphcli events plot {logs} l") == ["loss"]
    assert "events" in complete("graphcli ev") and complete("graphcli events rep") == ["repair"]


def test_completion_goes_on_in_a_list_and_below_a_scope() -> None:
    assert complete("graphcli run specs/line.yaml --fetch out,lo") == ["out,loss"]
    assert not any(complete("graphcli run specs/line.yaml --fetch loss,lo"))
    assert complete("graphcli node specs/line.yaml w/r") == ["w/read"]
    assert complete("graphcli run specs/line.yaml --fetch out,b/r") == ["out,b/read"]


def test_completion_knows_the_names_that_a_loop_makes(tmp_path: Path) -> None:
    path = tmp_path / "loop.yaml"
    path.write_text("params: {n: 2}\ninputs: [{for: {i: range(n)}, inputs: {'x${i}': {dtype: int32, shape: []}}}]\n"
                    "ops: [{for: {i: range(n)}, ops: {'y${i}': identity(3)}}, {z: constant(1)}]\n")
    assert complete(f"graphcli run {path} --fetch y") == ["y0", "y1"]
    assert complete(f"graphcli run {path} --set n=3 --fetch y") == ["y0", "y1", "y2"]
    assert complete(f"graphcli run {path} --feed x") == ["x0=", "x1="]
    path.write_text(path.read_text().replace("constant(1)", "unheard_of(1)"))
    assert complete(f"graphcli run {path} --fetch z") == ["z"]


def test_completion_knows_the_handles_that_building_finds() -> None:
    """What is completed without building is what building binds, names with ${} apart."""
    from graphcli.cli.complete import _block
    from graphcli.spec import load_spec
    from graphcli.spec.load import load, read_source

    for path in sorted(SPECS.glob("*.yaml")):
        tree = load(read_source(path), [])
        if "refused" in path.stem or tree.get("graphs") is not None:
            continue
        built = load_spec(path).default
        quick = {n for n in _block(tree, "", ("inputs", "variables", "ops")) if "${" not in n}
        bound = {h for h in built.flat_handles()}
        assert quick <= bound, path
        if "for:" not in path.read_text():
            assert quick == bound, path


@pytest.mark.parametrize("verb", [["train"], ["events", "embed"], ["ckpt", "rename"]], ids=" ".join)
def test_a_long_example_is_broken_only_where_a_shell_goes_on(invoke: Any, verb: list[str]) -> None:
    example = invoke(*verb, "--help").out.partition("Example: ")[2]
    lines = example.rstrip().splitlines()
    assert len(lines) > 1 and all(line.endswith(" \\") for line in lines[:-1])
    assert shlex.split(example)[:len(verb) + 1] == ["graphcli", *verb]


@pytest.mark.parametrize("verb", sorted(VERBS.keys() - {"events", "ckpt", "ops", "init", "schema", "completion"}))
def test_every_verb_that_reads_a_spec_takes_graph_params_and_seed(invoke: Any, verb: str) -> None:
    told = invoke(verb, "--help").out
    assert all(f"\n  {flag} " in told for flag in ("--graph", "--set", "--seed"))


def test_a_seed_is_that_of_both_graphs_of_a_diff(invoke: Any, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 2)):
        (tmp_path / f"{name}.yaml").write_text(f"seed: {seed}\nops: {{r: 'random_normal([2])'}}\n")
    files = [str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")]
    assert invoke("diff", *files).code == 1 and invoke("diff", *files, "--seed", "3").code == 0


def test_diff_sets_a_param_of_the_spec_that_has_it(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "lib.inc").write_text("params: {m: 1}")
    (tmp_path / "a.yaml").write_text("params: {n: 2}\nops: {x: 'zeros([n])'}")
    (tmp_path / "b.yaml").write_text("include: [lib.inc]\nops: {x: 'zeros([m])'}")
    (tmp_path / "c.yaml").write_text("ops: {x: 'zeros([4])'}")
    assert invoke("diff", "a.yaml", "c.yaml", "--set", "n=4", cwd=tmp_path).code == 0
    assert invoke("diff", "c.yaml", "a.yaml", "--set", "n=4", cwd=tmp_path).code == 0
    assert invoke("diff", "a.yaml", "b.yaml", "--set", "n=4", "--set", "m=4", cwd=tmp_path).code == 0
    assert "--set m=4: unknown param 'm'" in invoke("diff", "a.yaml", "c.yaml", "--set", "m=4", cwd=tmp_path).err
