"""Records small checkpoints as TensorFlow writes them: ``python tests/wire/record_checkpoints.py`` (needs TensorFlow).

``recorded/NAME.index`` and ``.data-…`` are TensorFlow's bytes; ``recorded/values.npz`` holds what was saved in them.
"""
from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent / "recorded"


def values() -> dict[str, Any]:
    """A value of every dtype, with the shapes that are odd: none, empty, scalar."""
    import ml_dtypes

    rng = np.random.default_rng(7)
    out: dict[str, Any] = {}
    for name in ("float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16",
                 "uint32", "uint64", "bool", "complex64", "complex128"):
        dtype = ml_dtypes.bfloat16 if name == "bfloat16" else name
        out[f"all/{name}"] = (rng.standard_normal((2, 3)) * 50).astype(dtype)
    out["all/uint64"][0, 0] = 2**64 - 1
    out["all/text"] = np.array([[b"", b"a\0b"], [b"x" * 300, "\u00e9".encode()]], object)
    out["scalar"] = np.float32(1.5)
    out["empty"] = np.zeros((0, 4), np.float32)
    out["no_text"] = np.zeros((0,), object)
    out["one_text"] = np.array(b"word", object)
    return out


def many() -> dict[str, Any]:
    """So many that the index needs several blocks."""
    return {f"layer_{i:04d}/{'long_name_' * 20}/weights": np.full((2,), i, np.int16) for i in range(2000)}


def record() -> None:
    import tensorflow.compat.v1 as tf

    tf.disable_v2_behavior()
    tf.disable_resource_variables()
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir()

    def save(name: str, tensors: dict[str, Any], slices: list[str] | None = None,
             names: list[str] | None = None) -> None:
        with tf.Graph().as_default(), tf.Session() as sess:
            keys = names or sorted(tensors)
            given = list(tensors.values()) if names else [tensors[k] for k in keys]
            constants = [tf.constant(v) for v in given]
            sess.run(tf.raw_ops.SaveV2(prefix=str(HERE / name), tensor_names=keys,
                                       shape_and_slices=slices or [""] * len(keys), tensors=constants))

    save("kinds", values())
    save("many", many())
    (HERE / "many.data-00000-of-00001").unlink()
    index = HERE / "many.index"
    (HERE / "many.sha256").write_text(hashlib.sha256(index.read_bytes()).hexdigest() + "\n")
    index.unlink()
    rows = np.arange(15, dtype=np.float32).reshape(5, 3)
    save("parts", {"0": rows[:3], "1": rows[3:], "2": np.int32(7), "3": rows[:, :2], "4": rows[:, 2:]},
         ["5 3 0,3:0,3", "5 3 3,2:0,3", "", "5 3 -:0,2", "5 3 -:2,1"], ["part", "part", "whole", "side", "side"])
    with tf.Graph().as_default(), tf.Session() as sess:
        parts = []
        for i in range(2):
            path = str(HERE / f"piece-{i}")
            save(path, {"a": np.full((3,), i, np.float32)} if i else {"b": np.full((2, 2), i, np.int64)})
            parts.append(path)
        sess.run(tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=parts, destination_prefix=str(HERE / "sharded"),
                                               delete_old_dirs=False))
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.get_variable("w", initializer=np.float32([1, 2]))
        sess.run(tf.global_variables_initializer())
        tf.train.Saver(write_version=tf.train.SaverDef.V1).save(sess, str(HERE / "old"), write_meta_graph=False)
    (HERE / "checkpoint").unlink(missing_ok=True)


if __name__ == "__main__":
    record()
    sys.stdout.write("\n".join(f"{p.name} {p.stat().st_size}" for p in sorted(HERE.iterdir())) + "\n")
