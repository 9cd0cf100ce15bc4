"""``run``: feeds from every source, fetches of every kind, results as text, JSON and files."""
from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SPEC = """
graph: small
seed: 7
params: {n: 2}
inputs:
  x: {dtype: float32, shape: [null, n]}
  ids: {dtype: int32, shape: [null], default: [0]}
variables:
  w: {shape: [n], initializer: ones}
scopes:
  inner:
    ops: {h: x * 2}
ops:
  y: x + w
  total: reduce_sum(y)
  bad: log(x - 1)
  words: constant(['a', 'b'])
  train: assign_add(w, ones_like(w))
  pair: {a: y, b: [total, total]}
outputs: [y, total]
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SPEC)
    return path


def fetched(invoke: Any, *args: str, **more: Any) -> Any:
    result = invoke(*args, "--format", "json", **more)
    assert result.code == 0, result.err
    return json.loads(result.out)["fetches"]


def test_outputs_without_fetch(invoke: Any, spec: Path) -> None:
    assert fetched(invoke, "run", str(spec), "--feed", "x=[[1,2]]") == {"y": [[2.0, 3.0]], "total": 5.0}


SPARSE = """
inputs:
  sp: {dtype: float32, shape: [null, 4], sparse: true}
ops:
  twice: sp * 2.0
  dense: tf.sparse.to_dense(twice)
"""
FED = "{indices: [[0, 1], [2, 3]], values: [1, 2.5], dense_shape: [3, 4]}"
DENSE = [[0.0, 2.0, 0.0, 0.0], [0.0] * 4, [0.0, 0.0, 0.0, 5.0]]


def test_a_sparse_tensor_is_fed_and_fetched_as_one(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "sparse.yaml"
    path.write_text(SPARSE)
    (tmp_path / "all.yaml").write_text(f"sp: {FED}\n")
    (tmp_path / "sp.yaml").write_text(FED)
    parts = ["sp/indices=[[0, 1], [2, 3]]", "sp/values=[1, 2.5]", "sp/shape=[3, 4]"]
    for feed in (["--feed", f"sp={FED}"], ["--feeds", str(tmp_path / "all.yaml")],
                 ["--feed", f"sp=@{tmp_path}/sp.yaml"], [word for part in parts for word in ("--feed", part)]):
        found = fetched(invoke, "run", str(path), "--fetch", "dense", "--fetch", "twice", *feed)
        assert found == {"dense": DENSE, "twice": {"values": [2.0, 5.0], "indices": [[0, 1], [2, 3]],
                                                   "dense_shape": [3, 4]}}
    shown = invoke("run", str(path), "--fetch", "twice", "--feed", f"sp={FED}").out
    assert shown.splitlines()[0] == "twice  sparse tensor"
    out = tmp_path / "out.npz"
    assert invoke("run", str(path), "--fetch", "twice", "--feed", f"sp={FED}", "-o", str(out)).code == 0
    assert np.load(out)["twice.values"].tolist() == [2.0, 5.0]


@pytest.mark.parametrize(("feed", "words"), [
    (["--feed", "sp=3"], "the indices and the values"), (["--feed", "sp={values: [1]}"], "the indices and the values"),
    (["--feed", "sp={indices: [[0, 1]], values: [a], dense_shape: [3, 4]}"], "--feed sp: values"),
    (["--random", "sp"], "is a sparse tensor"),
    (["--feed", "sp={indices: [[0, 9]], values: [1], dense_shape: [3, 4]}"], "out"),
])
def test_what_makes_no_sparse_tensor_is_told(invoke: Any, tmp_path: Path, feed: list[str], words: str) -> None:
    path = tmp_path / "sparse.yaml"
    path.write_text(SPARSE)
    result = invoke("run", str(path), "--fetch", "dense", *feed)
    assert result.code and words in result.err


def test_every_source_of_a_feed(invoke: Any, spec: Path, tmp_path: Path) -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", x=x, other=x + 1)
    (tmp_path / "x.csv").write_text("first,second\n1,2\n3,4\n")
    (tmp_path / "x.json").write_text("[[1, 2], [3, 4]]")
    (tmp_path / "all.json").write_text('{"x": [[1, 2], [3, 4]], "ids": [1]}')
    (tmp_path / "all.yaml").write_text("x: [[1, 2], [3, 4]]\n")
    np.savez(tmp_path / "all.npz", x=x)
    ways: list[tuple[list[str], bytes]] = [
        (["--feed", f"x=@{tmp_path}/x.npy"], b""), (["--feed", f"x=@{tmp_path}/x.npz:x"], b""),
        (["--feed", f"x=@{tmp_path}/x.csv"], b""), (["--feed", f"x=@{tmp_path}/x.json"], b""),
        (["--feed", "x=@-"], b"[[1, 2], [3, 4]]"), (["--feed", "x=[[1.0, 2], [3, 4]]"], b""),
        (["--feeds", f"{tmp_path}/all.json"], b""), (["--feeds", f"{tmp_path}/all.yaml"], b""),
        (["--feeds", f"{tmp_path}/all.npz"], b""), (["--feeds", "-"], b'{"x": [[1, 2], [3, 4]]}')]
    for args, stdin in ways:
        assert fetched(invoke, "run", str(spec), "--fetch", "total", *args, stdin=stdin) == {"total": 14.0}, args


def test_columns_of_a_table_by_name(invoke: Any, spec: Path, tmp_path: Path) -> None:
    """As --feed-map takes them: side by side, and one alone for a placeholder of columns."""
    (tmp_path / "t.csv").write_text("first,word,second\n1,a,2\n3,b,4\n")
    (tmp_path / "t.json").write_text('[{"first": 1, "second": 2}, {"first": 3, "second": 4}]')
    np.savez(tmp_path / "t.npz", first=[1, 3], second=[2, 4])
    for name in ("t.csv", "t.json", "t.npz"):
        assert fetched(invoke, "run", str(spec), "--fetch", "total", "--feed",
                       f"x=@{tmp_path}/{name}:first+second") == {"total": 14.0}, name
    (tmp_path / "c.yaml").write_text("inputs: {x: {dtype: float32, shape: [null, 1]}}\nops: {y: x + 1}\n")
    assert fetched(invoke, "run", str(tmp_path / "c.yaml"), "--fetch", "y", "--feed",
                   f"x=@{tmp_path}/t.csv:second") == {"y": [[3.0], [5.0]]}


def test_feed_beats_feeds_file(invoke: Any, spec: Path, tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text('{"x": [[9, 9]]}')
    assert fetched(invoke, "run", str(spec), "--feeds", f"{tmp_path}/all.json", "--feed", "x=[[1,2]]",
                   "--fetch", "total") == {"total": 5.0}


def test_what_is_fed_starts_the_variables_that_need_it(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "start.yaml"
    path.write_text("inputs: {start: {dtype: float32, shape: [2]}}\n"
                    "ops: [{Variable: w, initial_value: start * 2.0}, {y: w + 1.0}, {loss: reduce_sum(y)},\n"
                    "      {train: train.GradientDescentOptimizer(1.0).minimize(loss)}]\n")
    feed = ["--feed", "start=[1,2]"]
    for eager in ([], ["--eager"]):
        assert fetched(invoke, "run", str(path), "--fetch", "y", *feed, *eager) == {"y": [3.0, 5.0]}
    assert invoke("run", str(path), "--check-gradients", "loss", *feed).code == 0
    assert invoke("plan", str(path), "--run", "--fetch", "y", *feed).code == 0
    assert invoke("viz", str(path), "--run", "--fetch", "y", *feed).code == 0
    assert invoke("train", str(path), "--target", "train", "--loss", "loss", "--steps", "2", *feed).code == 0


def test_spec_from_standard_input(invoke: Any) -> None:
    assert fetched(invoke, "run", "-", "--feed", "x=[[1,2]]", stdin=SPEC.encode())["total"] == 5.0


def test_names_of_every_kind(invoke: Any, spec: Path) -> None:
    values = fetched(invoke, "run", str(spec), "--feed", "x=[[1,2]]", "--fetch", "inner.h", "--fetch",
                     "inner/h:0", "--fetch", "pair,train,words,w")
    assert values["inner.h"] == values["inner/h:0"] == [[2.0, 4.0]]
    assert values["pair"] == {"a": [[2.0, 3.0]], "b": [5.0, 5.0]}
    assert values["words"] == ["a", "b"]
    assert values["w"] == [2.0, 2.0]


def test_what_has_no_gradient_is_null_beside_what_has_one(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "far.yaml"
    path.write_text("variables: {near: {initializer: [1.0]}, far: {initializer: [1.0]}}\n"
                    "ops: {y: near * 2.0, step: no_op(), g: 'gradients(y, [near, far])', none: 'gradients(y, far)',\n"
                    "      some: {g: g, step: step}}\n")
    assert fetched(invoke, "run", str(path), "--fetch", "g") == {"g": [[2.0], None]}
    for eager in ([], ["--eager"]):
        shown = invoke("run", str(path), "--fetch", "some", *eager).out.splitlines()
        assert shown[-3:] == ["some.g[0]  float32 [1]  [2.]", "some.g[1]  null", "some.step  done"]
    assert fetched(invoke, "run", str(path), "--fetch", "g", "--logdir", str(tmp_path / "log")) == {"g": [[2.0], None]}
    assert invoke("plan", str(path), "--fetch", "g").code == 0
    result = invoke("run", str(path), "--fetch", "none")
    assert (result.code, result.err.splitlines()[0][:35]) == (2, "error: --fetch none: none is [None]")


def test_an_op_is_null(invoke: Any, spec: Path) -> None:
    spec.write_text(SPEC.replace("assign_add(w, ones_like(w))", "group(assign_add(w, ones_like(w)))"))
    assert fetched(invoke, "run", str(spec), "--fetch", "train") == {"train": None}


def test_nan_and_infinity_are_strings(invoke: Any, spec: Path) -> None:
    values = fetched(invoke, "run", str(spec), "--feed", "x=[[1,0]]", "--fetch", "bad")
    assert values == {"bad": [["-Infinity", "NaN"]]}


def test_what_json_writes_can_be_fed(invoke: Any, spec: Path) -> None:
    values = fetched(invoke, "run", str(spec), "--feed", 'x=[["NaN", "-Infinity"]]', "--fetch", "y")
    assert values == {"y": [["NaN", "-Infinity"]]}


def test_steps_show_the_last(invoke: Any, spec: Path) -> None:
    values = fetched(invoke, "run", str(spec), "--steps", "3", "--fetch", "train,w", "--feed", "x=[[1,2]]")
    assert values["w"] == [4.0, 4.0]


def test_set_and_random(invoke: Any, spec: Path) -> None:
    one = fetched(invoke, "run", str(spec), "--set", "n=3", "--random", "x=[4,3]", "--fetch", "y")
    two = fetched(invoke, "run", str(spec), "--set", "n=3", "--random", "x=[4,3]", "--fetch", "y")
    other = fetched(invoke, "run", str(spec), "--set", "n=3", "--random", "x=[4,3]", "--fetch", "y", "--seed", "9")
    assert np.shape(one["y"]) == (4, 3)
    assert one == two != other


def test_files(invoke: Any, spec: Path, tmp_path: Path) -> None:
    args = ("run", str(spec), "--feed", "x=[[1,2],[3,4]]")
    want = np.array([[2, 3], [4, 5]], np.float32)

    def write(name: str, *fetch: str) -> Path:
        result = invoke(*args, *fetch, "--out", str(tmp_path / name))
        assert result.code == 0, result.err
        assert result.out == "" and "wrote" in result.err
        return tmp_path / name

    loaded = np.load(write("y.npy", "--fetch", "y"))
    assert loaded.dtype == np.float32 and np.array_equal(loaded, want)
    with np.load(write("y.npz", "--fetch", "pair,words")) as data:
        assert set(data.files) == {"pair.a", "pair.b.0", "pair.b.1", "words"}
        assert np.array_equal(data["pair.a"], want) and data["words"].tolist() == [b"a", b"b"]
    assert write("y.csv", "--fetch", "y").read_text() == "2.0,3.0\n4.0,5.0\n"
    assert write("w.csv", "--fetch", "w,words").read_text() == "w,words\n1.0,a\n1.0,b\n"
    assert json.loads(write("y.json", "--fetch", "y").read_text()) == {"fetches": {"y": want.tolist()}}
    first = (tmp_path / "y.npz").read_bytes()
    assert write("y.npz", "--fetch", "pair,words").read_bytes() == first


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    from graphcli.cli.files import write_whole

    path = tmp_path / "out.json"
    path.write_text("old")

    def fails(file: Any) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(str(path), fails)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


def test_eager_says_what_it_does_and_agrees(invoke: Any, spec: Path) -> None:
    feed = ("--feed", "x=[[1,2]]")
    result = invoke("run", str(spec), "--eager", *feed)
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert any(line.startswith(":14") and "y" in line for line in lines)
    fetch = ("--fetch", "y,total,train,w")
    assert fetched(invoke, "run", str(spec), "--eager", *feed, *fetch, "--steps", "3") == fetched(
        invoke, "run", str(spec), *feed, *fetch, "--steps", "3")


def test_eager_stops_where_it_fails(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "stops.yaml"
    path.write_text("inputs: {x: {dtype: int32, shape: [null]}}\nops:\n  a: x + 1\n  b: 10 // x\n  c: a * 2\n")
    result = invoke("run", str(path), "--eager", "--feed", "x=[1,0]")
    assert result.code == 1
    assert "a  int32 [2]" in result.out and "c  " not in result.out
    assert "stops.yaml:4:" in result.err


def test_text_elides_for_a_person_only(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("ops: {y: range(1000)}\noutputs: [y]\n")
    assert "..." in invoke("run", str(path)).out
    assert fetched(invoke, "run", str(path)) == {"y": list(range(1000))}


def test_bytes_that_are_no_text(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "bytes.yaml"
    path.write_text("inputs: {s: {dtype: string, shape: []}}\nops: {y: identity(s)}\noutputs: [y]\n")
    assert fetched(invoke, "run", str(path), "--feed", 's={"base64": "/w=="}') == {"y": {"base64": "/w=="}}
    assert invoke("run", str(path), "--feed", 's={"base64": "/w=="}').out == "y  string []  b'\\xff'\n"


def test_a_string_that_ends_in_nul_is_shown_whole_and_written_as_json_only(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "nul.yaml"
    path.write_text(r"ops: {y: constant(b'\xff\x00')}")
    assert invoke("run", str(path), "--fetch", "y").out == "y  string []  b'\\xff\\x00'\n"
    for ending in ("npy", "npz", "csv"):
        ended = invoke("run", str(path), "--fetch", "y", "--out", str(tmp_path / f"y.{ending}"))
        assert (ended.code, ended.err) == (2, "error: bytes that end in NUL go into .json only\n")
    assert fetched(invoke, "run", str(path), "--fetch", "y") == {"y": {"base64": "/wA="}}


def test_complex(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "complex.yaml"
    path.write_text("inputs: {c: {dtype: complex64, shape: [null]}}\nops: {y: c + c}\noutputs: [y]\n")
    assert fetched(invoke, "run", str(path), "--feed", 'c=[{"real": 1, "imag": 2}]') == {
        "y": [{"real": 2.0, "imag": 4.0}]}


def test_a_product_of_some_size_has_the_same_bits_eager(invoke: Any) -> None:
    spec = b"seed: 1\nops: {y: 'random_uniform([64, 400]) @ random_uniform([400, 64])'}\n"
    plain, eager = (invoke("run", "-", "--fetch", "y", "--format", "json", *more, stdin=spec)
                    for more in ((), ("--eager",)))
    assert plain.code == eager.code == 0
    rows = [json.loads(r.out[r.out.index("{"):])["fetches"]["y"] for r in (plain, eager)]
    assert rows[0] == rows[1]


def test_ctrl_c_ends_the_steps_and_what_was_asked_to_be_saved_is_saved(spec: Path, tmp_path: Path, invoke: Any) -> None:
    code = ("import os, signal, sys\n"
            "from graphcli.cli.main import main\n"
            "from graphcli.engine import Session\n"
            "run, taken = Session.run, []\n"
            "def counted(*args, **more):\n"
            "    taken.append(1)\n"
            "    if len(taken) == 5: os.kill(os.getpid(), signal.SIGINT)\n"
            "    return run(*args, **more)\n"
            "Session.run = counted\n"
            "sys.exit(main(sys.argv[1:]))")
    saved, out = tmp_path / "stopped", tmp_path / "w.npy"
    done = subprocess.run([sys.executable, "-c", code, "run", str(spec), "--fetch", "train", "--steps", "1000000",
                           "--save", str(saved), "--out", str(out)], capture_output=True, text=True, timeout=60,
                          cwd=Path(__file__).parents[2], check=False)
    lines = done.stderr.splitlines()
    assert (done.returncode, lines[:2]) == (130, ["", "stopping after this step; once more stops at once"])
    step = int(lines[2].removeprefix("stopped after step ").removesuffix(" of 1,000,000"))
    assert lines[3:] == [f"saved {saved}", f"wrote {out}"]
    assert np.load(out).tolist() == [1.0 + step] * 2
    shown = invoke("run", str(spec), "--restore", str(saved), "--fetch", "w").out
    assert shown == f"w  float32 [2]  [{step + 1}. {step + 1}.]\n"


def test_a_line_of_the_file_keeps_its_columns_on_a_terminal_of_ascii(invoke: Any, tmp_path: Path) -> None:
    from graphcli.cli.errors import _written

    (tmp_path / "wide.yaml").write_text("ops: {größe: constant(1), 日本: größe + 1}\n", encoding="utf-8")
    text = invoke("check", "wide.yaml", cwd=tmp_path).err
    assert _written(text, "utf-8") == text
    message, line, carets = _written(text, "ascii").splitlines()[:3]
    assert r"'gr\xf6\xdfe' is not a valid op name" in message
    assert line == "    1 | ops: {gr??e: constant(1), ????: gr??e + 1}"
    assert carets[line.index("gr??e"):].strip() == "^" * 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_command_that_a_signal_ends_while_it_writes_leaves_nothing_half_written(number: int, spec: Path,
                                                                                  tmp_path: Path) -> None:
    code = ("import os, signal, sys\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from graphcli.cli.main import main\n"
            f"os.fsync = lambda handle: os.kill(os.getpid(), {number})\n"
            "status = main(sys.argv[1:])\n"
            "print('after')\n"
            "sys.exit(status)")
    out = tmp_path / "out"
    out.mkdir()
    done = subprocess.run([sys.executable, "-c", code, "run", str(spec), "--fetch", "w",
                           "--out", str(out / "w.npy")], capture_output=True, text=True, timeout=60,
                          cwd=Path(__file__).parents[2], check=False)
    ctrl_c = number == signal.SIGINT
    assert (done.returncode, done.stdout) == ((130, "after\n") if ctrl_c else (-number, "")), done.stderr
    assert done.stderr.split() == ["stopped"] and not list(out.iterdir())


def test_a_file_of_values_whose_head_breaks_off_is_told_as_such(invoke: Any, tmp_path: Path) -> None:
    spec, npy, npz = tmp_path / "s.yaml", tmp_path / "x.npy", tmp_path / "x.npz"
    spec.write_text("inputs: {x: {dtype: float32}}\noutputs: [x]\n")
    np.save(npy, np.ones(3, np.float32))
    npy.write_bytes(npy.read_bytes().replace(b"(3,)", b"(3, "))
    np.savez(npz, x=np.ones(3, np.float32))
    data = bytearray(npz.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 6] = 255  # a version of zip that is not written yet
    npz.write_bytes(data)
    for given, said in ((f"@{npy}", f"{npy} is no .npy file"), (f"@{npz}:x", f"{npz} is no .npz file")):
        told = invoke("run", str(spec), "--feed", f"x={given}")
        assert (told.code, told.err) == (2, f"error: --feed x: {said} that can be read\n")
