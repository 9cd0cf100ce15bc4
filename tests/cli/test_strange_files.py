"""Files that are cut off, or are of another kind than a verb takes: each is told for what it is."""
from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphcli.cli.choice import all_of
from graphcli.errors import UsageError
from graphcli.formats.graphdef.write import to_bytes
from graphcli.wire.messages import message

from ..graphdef.corpus import everything


@cache
def files() -> dict[str, bytes]:
    graph = to_bytes(everything()["optimizer_adam"].graph, "binary")
    meta = message("MetaGraphDef")()
    meta.meta_info_def.tensorflow_version = "1.15.5"
    meta.graph_def.ParseFromString(graph)
    model = message("SavedModel")()
    model.saved_model_schema_version = 1
    model.meta_graphs.add().CopyFrom(meta)
    return {"GraphDef": graph, "MetaGraphDef": meta.SerializeToString(), "SavedModel": model.SerializeToString()}


@pytest.mark.parametrize("kind", ["GraphDef", "MetaGraphDef", "SavedModel"])
@pytest.mark.parametrize("piped", [False, True], ids=["file", "pipe"])
def test_a_graph_that_is_cut_off_is_told_as_damaged(invoke: Any, tmp_path: Path, kind: str, piped: bool) -> None:
    whole = files()[kind]
    path = tmp_path / "g.pb"
    for part in (0.3, 0.5, 0.9):
        path.write_bytes(whole[:int(len(whole) * part)])
        result = invoke("info", "-" if piped else "g.pb", cwd=tmp_path, stdin=path.read_bytes() if piped else b"")
        name = "<stdin>" if piped else "g.pb"
        assert result.code == 1 and result.out == ""
        assert result.err.startswith(f"error: {name} is a damaged {kind}: byte ") and "are there" in result.err


HDF = "an HDF5 file, as Keras writes it; TensorFlow writes a graph of it: tf.train.export_meta_graph"
KINDS = {
    "m.h5": (b"\x89HDF\r\n\x1a\n" + bytes(range(100)), f"no graph, but {HDF}"),
    "a.npz": (b"PK\x03\x04" + bytes(range(50)), "no graph, but a zip archive, as .npz and .keras are"),
    "g.pb.gz": (b"\x1f\x8b\x08" + bytes(range(50)), "no graph, but packed by gzip; gunzip it first"),
    "a.npy": (b"\x93NUMPY\x01\x00v\x00" + bytes(60), "no graph, but an array of numpy's; --feed NAME=@FILE feeds it"),
    "lfs.pb": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
               "no graph, but a pointer of Git LFS to the file; git lfs pull fetches it"),
    "m.tflite": (b"\x1c\0\0\0TFL3" + bytes(60),
                 "no graph, but a model of TensorFlow Lite; the graph is what it was made of"),
    "m.onnx": (b"\x08\x07\x12\x07pytorch\x1a\x031.0:\x08\n\x06\n\x01x\x12\x01y",
               "no graph of TensorFlow's, but an ONNX model"),
    "r.index": (b"\x00\x01\x02\xff" * 20 + b"\x57\xfb\x80\x8b\x24\x75\x47\xdb",
                "no graph, but of a checkpoint; graphcli ckpt ls r; the graph is in r.meta where there is one"),
    "r.data-00000-of-00001": (
        b"\x00\x01\x02\xff" * 20,
        "no graph, but of a checkpoint; graphcli ckpt ls r; the graph is in r.meta where there is one"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_another_kind_is_told_by_it(invoke: Any, tmp_path: Path, name: str) -> None:
    data, words = KINDS[name]
    (tmp_path / name).write_bytes(data)
    result = invoke("info", name, cwd=tmp_path)
    assert (result.code, result.out, result.err) == (1, "", f"error: {name}: {words}\n")


def test_the_state_file_of_checkpoints_is_no_spec(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "model-3"\n')
    assert invoke("run", "checkpoint", cwd=tmp_path).err == (
        "error: checkpoint names checkpoints, and is no graph; graphcli ckpt ls .\n")


def test_a_large_graph_comes_through_a_pipe(invoke: Any, tmp_path: Path) -> None:
    meta = message("MetaGraphDef").FromString(files()["MetaGraphDef"])
    for i in range(3000):
        meta.graph_def.node.add(name=f"padding_{i}", op="NoOp")
    data = meta.SerializeToString()
    assert len(data) > 65536
    assert invoke("nodes", "-", "padding_7", stdin=data).out == "padding_7  NoOp\n"


@pytest.mark.parametrize("words", [["info", "/dev/zero"], ["check", "/dev/urandom"], ["ckpt", "ls", "/dev/zero"],
                                   ["run", "y.yaml", "--fetch", "s", "--feed", "s=@/dev/zero"]])
def test_a_device_that_never_ends_is_not_read(invoke: Any, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "y.yaml").write_text("inputs: {s: {dtype: string, shape: []}}\n")
    result = invoke(*words, cwd=tmp_path)
    assert result.code and result.out == "" and result.err.startswith("error: ") and result.err.count("\n") == 1


def test_a_pipe_that_never_ends_is_left() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return bytes(size)

    with pytest.raises(UsageError, match="the pipe goes on after 3,000,000 bytes"):
        all_of(Endless(), "the pipe", 3_000_000)  # type: ignore[arg-type]
    assert all_of(io.BytesIO(b"abc"), "the pipe", 3) == b"abc"


def packed(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


ROWS = np.ones((3, 2), np.float32)
NPZ = packed(x=ROWS)
VALUES = {
    "a.npz": (NPZ[:-30], "is no .npz file that can be read: the list of its arrays, with which it ends, is not there; "
              "it was cut off"),
    "b.npz": (NPZ.replace(ROWS.tobytes(), bytes(24)), "b.npz:x cannot be read: its bytes do not fit its checksum"),
    "c.npy": (b"\x93NUMPY\x01\0\x76\0" + b"{'descr': '<f4', 'fortran_order': False, 'shape': (3000000, 1000000)}"
              .ljust(117) + b"\n" + bytes(8), "is no .npy file that can be read: float32 [3000000, 1000000] has "
              "12,000,000,000,000 bytes, of which 8 are there"),
    "d.json": (b'{"x": [[1, 2]],\n "x": [[3, 4]]}', "the key 'x' is given twice: lines 1 and 2"),
    "e.npy:x": (b"", "is none of .npy, .npz, .csv, .json and .yaml; the whole file is @e.npy"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_cannot_be_read_is_told_with_what_it_lacks(invoke: Any, tmp_path: Path, name: str) -> None:
    data, words = VALUES[name]
    (tmp_path / name.partition(":")[0]).write_bytes(data)
    (tmp_path / "y.yaml").write_text("inputs: {x: {dtype: float32, shape: [null, 2]}}\n")
    result = invoke("run", "y.yaml", "--fetch", "x", "--feed", f"x=@{name}", cwd=tmp_path)
    assert result.code == 2 and result.out == "" and words in result.err.partition("\n")[0]
