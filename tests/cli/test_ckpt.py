"""``ckpt``: what it shows is what is there, what it writes TensorFlow's readers and others' can read."""
from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.wire.bundle import Bundle, BundleWriter

RECORDED = Path(__file__).parents[1] / "wire" / "recorded"
KINDS = str(RECORDED / "kinds")


def write(prefix: Path, **tensors: Any) -> str:
    with BundleWriter(str(prefix)) as writer:
        for name in sorted(tensors):
            writer.add(name.replace("__", "/"), tensors[name])
    return str(prefix)


@pytest.fixture
def trained(tmp_path: Path) -> str:
    """A checkpoint of a graph with two optimizers, a moving average and a step."""
    with tf.Graph().as_default() as graph:
        w = tf.get_variable("net/w", initializer=np.float32([[1, 2], [3, 4]]))
        b = tf.get_variable("net/b", initializer=np.float32([5, 6]))
        loss = tf.reduce_sum(w * w) + tf.reduce_sum(b)
        step = tf.train.get_or_create_global_step()
        tf.train.AdamOptimizer(name="Mine").minimize(loss, global_step=step)
        tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
        tf.train.ExponentialMovingAverage(0.9).apply([w])
        from graphcli import Session

        with Session(graph) as sess:
            sess.initialize()
            return sess.save(str(tmp_path / "model"), 3, extra={"_graphcli/training": np.array(b"{}", object)})


def test_ls(invoke: Any, trained: str) -> None:
    told = json.loads(invoke("ckpt", "ls", trained, "--format", "json").out)
    assert told["prefix"] == trained and told["shards"] == 1
    by_name = {t["name"]: (t["dtype"], t["shape"], t["bytes"]) for t in told["tensors"]}
    assert by_name["net/w"] == ("float32", [2, 2], 16)
    by_size = json.loads(invoke("ckpt", "ls", trained, "net/w", "--sort", "size", "--format", "json").out)["tensors"]
    assert {t["name"] for t in by_size} == {"net/w", "net/w/Mine", "net/w/Mine_1", "net/w/Momentum",
                                            "net/w/ExponentialMovingAverage"}
    assert [t["bytes"] for t in by_size] == sorted((t["bytes"] for t in by_size), reverse=True)
    text = invoke("ckpt", "ls", str(RECORDED / "parts")).out
    assert text.splitlines() == [f"{RECORDED}/parts: 3 tensors, 31 elements, 124 B", "",
                                 "part   float32  [5, 3]  60 B, 2 parts", "side   float32  [5, 3]  60 B, 2 parts",
                                 "whole  int32    []      4 B"]


def test_show(invoke: Any) -> None:
    assert invoke("ckpt", "show", KINDS, "scalar").out == "scalar  float32 []  1.5\n"
    told = json.loads(invoke("ckpt", "show", KINDS, "all/uint64", "no_text", "--format", "json").out)
    assert told["tensors"]["all/uint64"][0][0] == 2**64 - 1 and told["tensors"]["no_text"] == []


def test_stats_are_numpys(invoke: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = {"big": (rng.standard_normal(1_000_000) + 1000).astype(np.float32),
              "odd": np.float64([np.nan, np.inf, -1, 0, 0, 3]), "none": np.float32([np.nan]),
              "whole": rng.integers(-9, 9, (7, 11))}
    told = json.loads(invoke("ckpt", "stats", write(tmp_path / "m", **values), "--format", "json").out)["tensors"]
    by_name = {t["name"]: t for t in told}
    for name in ("big", "whole"):
        wide = values[name].astype(np.float64)
        got = by_name[name]
        np.testing.assert_allclose([got[k] for k in ("mean", "std", "least", "most")],
                                   [wide.mean(), wide.std(), wide.min(), wide.max()], rtol=1e-9)
        assert got["zeros"] == int((wide == 0).sum())
    odd = by_name["odd"]
    assert (odd["mean"], odd["least"], odd["most"], odd["zeros"], odd["nans"], odd["infinities"]) == (
        0.5, -1, 3, 2, 1, 1)
    assert by_name["none"]["mean"] is None and by_name["none"]["nans"] == 1
    assert "1 NaN, 1 infinite" in invoke("ckpt", "stats", str(tmp_path / "m")).out


def test_diff(invoke: Any, tmp_path: Path) -> None:
    a = write(tmp_path / "a", same=np.float32([1, np.nan]), gone=np.int8(1), shape=np.float32([1]),
              value=np.float32([1, 2, 4]), text=np.array([b"a", b"b"], object), sign=np.float32([0.0]))
    b = write(tmp_path / "b", same=np.float32([1, np.nan]), new=np.int8(1), shape=np.float64([1]),
              value=np.float32([1, 2, 5]), text=np.array([b"a", b"c"], object), sign=np.float32([-0.0]))
    told = json.loads(invoke("ckpt", "diff", a, b, "--format", "json").out)
    assert (told["removed"], told["added"], told["same"]) == (["gone"], ["new"], 1)
    changed = {c.pop("name"): c for c in told["changed"]}
    assert changed["value"] == {"before": "float32 [3]", "after": "float32 [3]", "elements": 1, "largest": 1.0,
                                "relative": 0.2}
    assert changed["shape"]["after"] == "float64 [1]" and changed["shape"]["elements"] is None
    assert changed["text"]["elements"] == 1 and changed["text"]["largest"] is None
    assert changed["sign"]["largest"] == 0
    assert invoke("ckpt", "diff", a, a).out == f"6 tensors the same, 0 changed, 0 only in {a}, 0 only in {a}\n"
    empty = write(tmp_path / "empty", same=np.float32([1, np.nan]), none=np.zeros((0, 4), np.float32))
    assert invoke("ckpt", "diff", empty, empty).out.startswith("2 tensors the same, 0 changed")
    assert "value  float32 [3]  1 element, by up to 1 (20 %)" in invoke("ckpt", "diff", a, b, "value").out


def test_strip_leaves_what_the_model_needs(invoke: Any, trained: str, tmp_path: Path) -> None:
    out = str(tmp_path / "small")
    result = invoke("ckpt", "strip", trained, "-o", out)
    assert result.out.split() == ["_graphcli/training", "beta1_power", "beta2_power", "net/b/Mine", "net/b/Mine_1",
                                  "net/b/Momentum", "net/w/Mine", "net/w/Mine_1", "net/w/Momentum"]
    assert list(Bundle(out)) == ["global_step", "net/b", "net/w", "net/w/ExponentialMovingAverage"]
    assert Bundle(out).read("net/w").tolist() == [[1, 2], [3, 4]]
    assert invoke("ckpt", "strip", trained, "-o", out, "--also", "global_step", "--also", "*/Exp*").code == 0
    assert list(Bundle(out)) == ["net/b", "net/w"]
    told = json.loads(invoke("ckpt", "strip", trained, "-o", out, "--format", "json").out)
    assert told["tensors"] == 4 and len(told["without"]) == 9 and told["bytes"] == 87
    assert "nothing of" in invoke("ckpt", "strip", trained, "-o", out, "--also", "*").err


def test_strip_takes_away_from_the_checkpoint_itself_only_when_told_to(invoke: Any, trained: str,
                                                                       tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    before = list(Bundle(trained))
    for same in (trained, str(tmp_path / "link" / Path(trained).name)):
        result = invoke("ckpt", "strip", trained, "-o", same)
        assert result.code == 2 and "is the checkpoint itself" in result.err and list(Bundle(trained)) == before
    assert invoke("ckpt", "strip", trained, "-o", trained, "--force").code == 0
    assert list(Bundle(trained)) == ["global_step", "net/b", "net/w", "net/w/ExponentialMovingAverage"]
    assert invoke("ckpt", "strip", trained, "-o", trained).code == 0


def test_rename(invoke: Any, trained: str, tmp_path: Path) -> None:
    out = str(tmp_path / "other")
    result = invoke("ckpt", "rename", trained, "-o", out, "--map", "net/=model/", "--map", "global_step=step",
                    "--regex", r"^beta(\d)_power$=b\1")
    assert "global_step -> step" in result.out and "net/w/Mine -> model/w/Mine" in result.out
    assert {"model/w", "step", "b1", "b2", "model/b/Momentum"} < set(Bundle(out))
    with Bundle(trained) as a, Bundle(out) as b:
        assert a.read("net/w").tobytes() == b.read("model/w").tobytes() and len(a) == len(b)
    told = json.loads(invoke("ckpt", "rename", out, "-o", out, "--map", "b1=c1", "--format", "json").out)
    assert told == {"prefix": out, "wrote": out, "tensors": len(Bundle(out)), "renamed": {"b1": "c1"}}
    parts = str(RECORDED / "parts")
    cut = next(n for n in Bundle(parts) if Bundle(parts).entry(n).slices)
    assert invoke("ckpt", "rename", parts, "-o", out + "_parts", "--map", f"{cut}=anew").code == 0
    with Bundle(parts) as a, Bundle(out + "_parts") as b:
        assert b.entry("anew").slices == a.entry(cut).slices and (a.read(cut) == b.read("anew")).all()
    # over itself
    assert invoke("ckpt", "rename", out, "-o", out, "--map", "step=n").code == 0
    assert "n" in Bundle(out)


def test_exports(invoke: Any, tmp_path: Path) -> None:
    npz, safe = str(tmp_path / "k.npz"), str(tmp_path / "k.safetensors")
    assert invoke("ckpt", "export", KINDS, "-o", npz).code == 0
    with np.load(npz, allow_pickle=False) as data, Bundle(KINDS) as bundle:
        assert sorted(data.files) == sorted(bundle)
        assert data["all/text"].tolist() == bundle.read("all/text").tolist()
        assert data["all/complex64"].tobytes() == bundle.read("all/complex64").tobytes()
        assert data["all/bfloat16"].dtype == np.float32
    first = Path(npz).read_bytes()
    assert invoke("ckpt", "export", KINDS, "-o", npz).code == 0 and Path(npz).read_bytes() == first
    assert invoke("ckpt", "export", KINDS, "--to", "safetensors", "-o", safe, "--skip", "*text",
                  "--skip", "all/complex128").code == 0
    told = json.loads(invoke("ckpt", "export", KINDS, "all/float32", "-o", str(tmp_path / "one.npz"), "--format",
                             "json").out)
    assert told == {"prefix": KINDS, "wrote": str(tmp_path / "one.npz"), "kind": "npz", "tensors": ["all/float32"]}
    header, data = read_safetensors(Path(safe))
    with Bundle(KINDS) as bundle:
        for name, entry in header.items():
            start, end = entry["data_offsets"]
            assert data[start:end] == bundle.read(name).tobytes() and entry["shape"] == list(bundle.entry(name).shape)
    assert header["all/bfloat16"]["dtype"] == "BF16" and header["empty"]["data_offsets"][0] <= len(data)


def read_safetensors(path: Path) -> tuple[dict[str, Any], bytes]:
    """By the letter of the format: no gaps, no overlaps, the data to the end."""
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + length])
    assert raw[8:9] == b"{" and length % 8 == 0 and header.pop("__metadata__") == {"format": "graphcli"}
    data = raw[8 + length:]
    at = 0
    for begin, end in sorted(tuple(e["data_offsets"]) for e in header.values()):
        assert begin == at
        at = end
    assert at == len(data)
    return header, data


def test_the_projects_own_reader_reads_our_safetensors(invoke: Any, tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.numpy")
    path = str(tmp_path / "k.safetensors")
    names = ["all/float32", "all/int64", "all/bool", "scalar", "empty"]
    assert invoke("ckpt", "export", KINDS, *names, "-o", path).code == 0
    found = library.load_file(path)
    with Bundle(KINDS) as bundle:
        assert sorted(found) == sorted(names)
        for name, value in found.items():
            assert value.dtype == bundle.read(name).dtype and value.tolist() == bundle.read(name).tolist()


def test_run_restores(invoke: Any, tmp_path: Path) -> None:
    spec = tmp_path / "m.yaml"
    spec.write_text("variables:\n  w: {shape: [2], initializer: ones}\n  b: {shape: [], initializer: zeros}\n"
                    "ops: {y: w + b}\n")
    both = write(tmp_path / "both", w=np.float32([3, 4]), b=np.float32(1))
    one = write(tmp_path / "one", old__w=np.float32([3, 4]), more=np.float32(1))

    def value(*flags: str) -> Any:
        result = invoke("run", str(spec), "--fetch", "y", "--format", "json", *flags)
        return json.loads(result.out)["fetches"]["y"] if result.code == 0 else result.err

    assert value("--restore", both) == [4, 5]
    assert "2 variables are not in" in value("--restore", one)
    assert value("--restore", one, "--partial", "--rename", "old/w=w") == [3, 4]
    assert value("--restore", one, "--rename", "old/w=w", "--rename", "more=b") == [4, 5]
    note = invoke("run", str(spec), "--fetch", "y", "--restore", one, "--partial").err
    assert note == (f"restored 0 variables from {one}\n  w is missing; did you mean 'old/w'?\n  b is missing\n"
                    "  not used: more, old/w\n")


def test_run_saves_what_stands_after_its_steps(invoke: Any, tmp_path: Path) -> None:
    spec = tmp_path / "m.yaml"
    spec.write_text("variables:\n  w: {shape: [4], initializer: zeros, partitioner: fixed_size_partitioner(2)}\n"
                    "  b: {shape: [], initializer: zeros, use_resource: true}\n"
                    "ops:\n  more: group(w.assign_add(constant([1., 2., 3., 4.])), b.assign_add(1.))\n"
                    "  y: identity(w)\n")
    first, second = str(tmp_path / "new" / "one"), str(tmp_path / "two")
    done = invoke("run", str(spec), "--fetch", "more", "--steps", "3", "--save", first)
    assert (done.code, done.err) == (0, f"saved {first}\n")
    with Bundle(first) as bundle:
        assert list(bundle) == ["b", "w"] and bundle.read("w").tolist() == [3, 6, 9, 12] and bundle.read("b") == 3
    done = invoke("run", str(spec), "--fetch", "more", "--restore", first, "--save", second, "--logdir",
                  str(tmp_path / "log"))
    assert done.code == 0 and Bundle(second).read("w").tolist() == [4, 8, 12, 16]
    for flags, message in ((["--eager"], "--save does not go with --eager"),
                           (["--check-gradients", "y"], "does not go with --eager, --logdir, --out and --save")):
        refused = invoke("run", str(spec), "--save", second, *flags)
        assert refused.code == 2 and message in refused.err
    refused = invoke("run", str(spec), "--fetch", "y", "--save", str(spec / "x"))
    assert refused.code and "cannot write" in refused.err


@pytest.mark.parametrize(("flags", "code", "message"), [
    (["--rename", "old/=new/"], 1,
     "error: the graph has no variable 'new/w', which is to take the tensor old/w; did you mean 'net/w'?\n"),
    (["--rename", "old/w=w"], 1,
     "error: the graph has no variable 'w', which is to take the tensor old/w; did you mean 'net/w'?\n"),
    (["--rename", "old/=net"], 1, "error: old/=net: a scope becomes a scope, with a / at the end of both; old/=net/\n"),
    (["--rename", "oild/=net/"], 1, "error: there is no tensor below 'oild/' to rename; did you mean 'old/'?\n"),
    (["--rename", "old/=net/"], 0, ""),
    (["--rename", "*ld/w=*/w"], 1,
     "error: the graph has no variable 'o/w', which is to take the tensor old/w; did you mean 'net/w'?\n"),
    (["--rename", "old/*=net"], 1,
     "error: old/*=net: one * on each side, for what is the same in both names; w/*=v/*, */Adam=*/m\n"),
    (["--rename", "*/v=*"], 1, "error: there is no tensor like '*/v' to rename\n"),
    (["--rename", "old/*=net/*"], 0, ""),
])
def test_a_rename_that_reaches_no_variable_is_told(invoke: Any, tmp_path: Path, flags: list[str], code: int,
                                                   message: str) -> None:
    spec = tmp_path / "m.yaml"
    spec.write_text("scopes: {net: {variables: {w: {shape: [2], initializer: ones}}}}\nops: {y: net.w + 0}\n")
    old = write(tmp_path / "m", old__w=np.float32([3, 4]))
    result = invoke("run", str(spec), "--fetch", "y", "--restore", old, *flags)
    assert (result.code, result.err) == (code, message)


def test_averages_take_the_places_of_what_they_are_of(invoke: Any, tmp_path: Path) -> None:
    spec = tmp_path / "m.yaml"
    spec.write_text("variables: {w: {shape: [], initializer: zeros}, b: {shape: [], initializer: zeros}}\n"
                    "ops:\n  y: stack([w, b])\n")
    old = write(tmp_path / "m", w=np.float32(1), b=np.float32(2), w__average=np.float32(3), b__average=np.float32(4))
    run = ["run", str(spec), "--fetch", "y", "--format", "json", "--restore", old]
    assert json.loads(invoke(*run).out)["fetches"]["y"] == [1, 2]
    assert json.loads(invoke(*run, "--rename", "*/average=*").out)["fetches"]["y"] == [3, 4]
    assert json.loads(invoke(*run, "--rename", "w/average=w").out)["fetches"]["y"] == [3, 2]
    two = invoke(*run, "--rename", "*/average=*", "--rename", "b=w")
    assert two.err == "error: the variable w would get both b and w/average\n"


def test_a_folder_without_a_newest_checkpoint_is_told(invoke: Any, tmp_path: Path) -> None:
    spec = tmp_path / "m.yaml"
    spec.write_text("variables: {w: {shape: [2], initializer: ones}}\nops: {y: w + 0}\n")
    folder = tmp_path / "f"
    folder.mkdir()

    def told(*words: str) -> str:
        result = invoke(*words)
        assert result.code == 2
        return str(result.err).replace(str(tmp_path), "T")

    verbs = (("run", str(spec), "--fetch", "y", "--restore", str(folder)), ("ckpt", "ls", str(folder)))
    for verb in verbs:
        assert told(*verb) == "error: T/f is a folder without a state file 'checkpoint'; there is no checkpoint in it\n"
    write(folder / "m-3", w=np.float32([3, 4]))
    for verb in verbs:
        assert told(*verb).endswith("'checkpoint'; name one of its checkpoints: T/f/m-3\n")
    (folder / "checkpoint").write_text('model_checkpoint_path: "m-4"\n')
    for verb in verbs:
        assert told(*verb) == ("error: the newest checkpoint of T/f, T/f/m-4, is not there; name one of its "
                               "checkpoints: T/f/m-3\n")
    (folder / "checkpoint").write_text('model_checkpoint_path: "/gone/m-3"\n')
    for verb in verbs:
        assert invoke(*verb).code == 0, "it was moved"


def test_names_complete(invoke: Any) -> None:
    from click.shell_completion import ShellComplete

    from graphcli.cli.main import cli

    found = ShellComplete(cli, {}, "graphcli", "X").get_completions(["ckpt", "show", KINDS], "all/u")
    assert [c.value for c in found] == ["all/uint16", "all/uint32", "all/uint64", "all/uint8"]
    assert "rename" in [c.value for c in ShellComplete(cli, {}, "graphcli", "X").get_completions(["ckpt"], "re")]


SAVING = """
inputs: {path: {dtype: string, shape: [], default: "'stolen'"}}
variables: {w: {shape: [2], initializer: ones}}
ops:
  - save: {op: SaveV2, inputs: [path, "['w']", "['']", [w]]}
  - load: {op: RestoreV2, inputs: [path, "['w']", "['']"], attrs: {dtypes: [float32]}}
  - merge: {op: MergeV2Checkpoints, inputs: ["[path]", path]}
"""


@pytest.mark.parametrize("fetch", ["save", "load", "merge"])
@pytest.mark.parametrize("how", [[], ["--eager"]])
def test_a_graph_touches_no_file_that_the_command_line_does_not_name(invoke: Any, tmp_path: Path, fetch: str,
                                                                    how: list[str]) -> None:
    (tmp_path / "s.yaml").write_text(SAVING)
    result = invoke("run", "s.yaml", "--fetch", fetch, *how, cwd=tmp_path)
    assert result.code == 1 and "the graph asks for the file 'stolen'" in result.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["s.yaml"]


def test_a_file_that_is_fed_is_written_and_read(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SAVING)
    assert invoke("run", "s.yaml", "--fetch", "save", "--feed", "path=mine", cwd=tmp_path).code == 0
    assert list(Bundle(str(tmp_path / "mine"))) == ["w"]
    read = invoke("run", "s.yaml", "--fetch", "load", "--feed", "path=mine", "--format", "json", cwd=tmp_path)
    assert json.loads(read.out)["fetches"]["load"] == [[1, 1]]


@pytest.mark.parametrize("call", ["train.remove_checkpoint('x')", "train.latest_checkpoint('x')", "train.Saver()",
                                  "train.update_checkpoint_state('x', 'y')", "train.load_variable('x', 'y')",
                                  "train.list_variables('x')", "train.NewCheckpointReader('x')"])
def test_a_spec_does_not_call_what_touches_files(invoke: Any, tmp_path: Path, call: str) -> None:
    (tmp_path / "s.yaml").write_text(f"ops:\n  y: {call}\n")
    told = invoke("check", "s.yaml", cwd=tmp_path).err
    assert "unknown function" in told or "is no part of a graph" in told


@pytest.mark.parametrize("seed", range(3))
def test_damaged_files_are_told_and_leave_nothing(invoke: Any, tmp_path: Path, seed: int) -> None:
    import random

    rng = random.Random(seed)
    ends = (".index", ".data-00000-of-00001")
    good = {end: (RECORDED / f"kinds{end}").read_bytes() for end in ends}
    verbs = [["ls"], ["show"], ["stats"], ["diff", KINDS], ["strip", "-o", "out"], ["export", "-o", "out.npz"],
             ["rename", "-o", "out", "--map", "all/=some/"]]
    for _ in range(12):
        for end in ends:
            data = bytearray(good[end])
            for _ in range(rng.choice([0, 1, 3])):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            (tmp_path / f"m{end}").write_bytes(data[:rng.choice([len(data), len(data), rng.randrange(len(data))])])
        for name, *more in verbs:
            result = invoke("ckpt", name, "m", *more, cwd=tmp_path)
            assert result.code in (0, 1) and "bug in graphcli" not in result.err
            made = sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith("m."))
            assert bool(made) == (result.code == 0 and "-o" in more)
            for left in made:
                (tmp_path / left).unlink()
