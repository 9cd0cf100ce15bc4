"""What a name on the command line leads to: pipes, links, names that look like options, what cannot be written."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SPEC = "inputs: {x: {dtype: float32, shape: [null]}}\nvariables: {w: {shape: [], initializer: ones}}\nops: {y: x + w}\n"
POSIX = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have names")


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    program = f"{sys.executable} -m graphcli "
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return subprocess.run(["bash", "-c", command.replace("graphcli ", program)], cwd=cwd, capture_output=True,
                          text=True, timeout=60, check=False, env={**os.environ, "PYTHONPATH": paths})


@POSIX
@pytest.mark.parametrize(("command", "out"), [
    ("graphcli run <(cat y.yaml) --fetch y --feed x=[1]", "y  float32 [1]  [2.]\n"),
    ("graphcli run <(cat y.pb) --fetch y --feed x=[1]", "y  float32 [1]  [2.]\n"),
    ("graphcli run y.yaml --fetch y --feed x=@<(echo [1,2])", "y  float32 [2]  [2. 3.]\n"),
    ("graphcli run y.yaml --fetch y --feeds <(echo 'x: [1, 2]')", "y  float32 [2]  [2. 3.]\n"),
    ("graphcli viz y.yaml -o /dev/stdout --format dot | head -n 1", 'digraph "graph" {\n'),
    ("graphcli run <(cat y.yaml) --fetch y --eager --feed x=[1] | tail -n 1", "y  float32 [1]  [2.]\n"),
])
def test_a_pipe_is_read_and_written_once(command: str, out: str, tmp_path: Path) -> None:
    (tmp_path / "y.yaml").write_text(SPEC)
    done = shell(f"graphcli export y.yaml -o y.pb 2>/dev/null && {command}", tmp_path)
    assert done.stdout == out, done.stderr


def test_a_link_to_nothing_is_told_as_one(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "y.yaml").symlink_to("gone.yaml")
    assert invoke("check", "y.yaml", cwd=tmp_path).err == "error: y.yaml is a link to gone.yaml, which is not there\n"


def test_a_file_named_like_an_option_is_told(tmp_path: Path) -> None:
    (tmp_path / "-y.yaml").write_text(SPEC)
    done = shell("graphcli check -y.yaml; graphcli check ./-y.yaml && graphcli check -- -y.yaml", tmp_path)
    assert done.stderr.startswith("error: unknown option '-y'; a file is named so: ./-y.yaml\n")
    assert done.stdout.count("y: ok") == 2


def test_a_file_of_no_name_is_told(invoke: Any) -> None:
    assert invoke("check", "").err == "error: there is no file ''\n"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read")
def test_what_cannot_be_read_is_told(invoke: Any) -> None:
    result = invoke("check", "/proc/self/mem")
    assert (result.code, result.err) == (2, "error: cannot read /proc/self/mem: input/output error\n")


@pytest.mark.parametrize("words", [["--out", "y.npy"], ["--save", "model"], ["--logdir", "runs"],
                                   ["--profile", "p.json"]])
def test_where_nothing_can_be_written_the_command_line_is_at_fault(invoke: Any, words: list[str],
                                                                     tmp_path: Path) -> None:
    (tmp_path / "y.yaml").write_text(SPEC)
    (tmp_path / "file").write_text("")
    flag, name = words
    result = invoke("run", "y.yaml", "--fetch", "y", "--feed", "x=[1]", flag, f"file/{name}", cwd=tmp_path)
    assert result.code == 2 and result.err.startswith("error: cannot ") and "\n" not in result.err[:-1], result.err


def test_without_words_the_help_is_shown(invoke: Any) -> None:
    result = invoke()
    assert result.code == 2 and result.err == "" and result.out == invoke("--help").out


@POSIX
@pytest.mark.parametrize("command", [
    "graphcli run y.yaml --fetch w --save $'b\\xff/model'", "graphcli run y.yaml --fetch w --save $'b\\xff'",
    "mkdir $'b\\xff'; graphcli ckpt ls $'b\\xff'"])
def test_a_checkpoint_has_no_path_that_its_state_file_could_not_hold(command: str, tmp_path: Path) -> None:
    (tmp_path / "y.yaml").write_text(SPEC)
    done = shell(command, tmp_path)
    assert done.returncode in (1, 2) and done.stderr.startswith("error: the path 'b\\udcff"), done.stderr
    assert not any(name.startswith(b"b\xff.") for name in os.listdir(os.fsencode(tmp_path)))


@POSIX
def test_a_name_that_is_not_utf_8_is_none_for_the_projector(tmp_path: Path) -> None:
    done = shell("graphcli events embed logs $'b\\xff=[[1,2]]'", tmp_path)
    assert (done.returncode, done.stderr) == (1, "error: 'b\\udcff' is no name for the projector\n")


@POSIX
@pytest.mark.parametrize(("target", "name", "command", "code", "said"), [
    ("/proc/self/mem", "ckpt", "ckpt ls ckpt", 2, "error: ckpt cannot be read: input/output error\n"),
    ("lib.yaml", "lib.yaml", "check y.yaml", 1, "error: y.yaml:1:11: lib.yaml is no file that can be read\n"),
    ("/proc/self/mem", "logs/projector_config.pbtxt", "events embed logs w=[[1]]", 1,
     "error: cannot read logs/projector_config.pbtxt: input/output error\n"),
    ("/dev/null", "out.npz", "run y.yaml --fetch y -o out.npz", 0, "wrote out.npz\n")])
def test_links_to_what_is_no_plain_file(invoke: Any, tmp_path: Path, target: str, name: str, command: str, code: int,
                                       said: str) -> None:
    if target.startswith("/proc") and not Path(target).exists():
        pytest.skip(f"there is no {target}")
    include = "include: [lib.yaml]\n" if name == "lib.yaml" else ""
    (tmp_path / "y.yaml").write_text(f"{include}ops: {{y: 'constant([1.0])'}}\n")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).symlink_to(target)
    done = invoke(*command.split(), cwd=tmp_path)
    assert (done.code, done.err.partition("\n")[0] + "\n") == (code, said)
