"""Checkpoints of the V1 format."""
from __future__ import annotations

from typing import Any


def files(tf: Any) -> dict[str, bytes]:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder, tf.Graph().as_default():
        path = Path(folder) / "old"
        names = ["cut", "kept", "cut", "text"]
        made = tf.raw_ops.SaveSlices(filename=str(path), tensor_names=names,
                                     shapes_and_slices=["4 3 0,2:-", "", "4 3 2,2:-", ""],
                                     data=[tf.ones([2, 3]), tf.constant([1, -300, 1 << 30]), 2. * tf.ones([2, 3]),
                                           tf.constant(["a", "", "bc"])])
        with tf.Session() as session:
            session.run(made)
        return {"old": path.read_bytes(), "text": b"no table"}


def read(tf: Any) -> Any:
    r = tf.raw_ops
    path, name, part = tf.placeholder(tf.string, []), tf.placeholder(tf.string, []), tf.placeholder(tf.string, [])
    whole = r.Restore(file_pattern=path, tensor_name=name, dt=tf.float32)
    numbers = r.Restore(file_pattern=path, tensor_name=name, dt=tf.int32, preferred_shard=0)
    texts = r.Restore(file_pattern=path, tensor_name=name, dt=tf.string)
    some = r.RestoreSlice(file_pattern=path, tensor_name=name, shape_and_slice=part, dt=tf.float32)
    newer = r.RestoreV2(prefix=path, tensor_names=["kept", "cut"], shape_and_slices=["", "4 3 1,2:1,1"],
                        dtypes=[tf.int32, tf.float32])
    old = {path: "@/old"}
    steps: list[Any] = [([whole], {**old, name: "cut"}), ([numbers], {**old, name: "kept"}),
                        ([texts], {**old, name: "text"}), (list(newer), old), ([whole], {path: "@/ol?", name: "cut"})]
    steps += [([some], {**old, name: "cut", part: p})
              for p in ("", "4 3 1,2:-", "4 3 -:2,1", "4 3 3,1:0,3", "3 3 -:-", "4 3", "x", "12 0,2")]
    return steps + [([whole], {**old, name: "none"}), ([whole], {**old, name: "kept"}),
                    ([whole], {path: "@/none", name: "cut"}), ([whole], {path: "@/text", name: "cut"})]


def written(tf: Any) -> Any:
    r = tf.raw_ops
    path, parts, x = tf.placeholder(tf.string, []), tf.placeholder(tf.string, [2]), tf.placeholder(tf.float32)
    whole = r.Save(filename=path, tensor_names=["b/x", "a"], data=[x, tf.constant([[True], [False]])])
    cut = r.SaveSlices(filename=path, tensor_names=["x", "x"], shapes_and_slices=parts, data=[x, x])
    back = [r.Restore(file_pattern=path, tensor_name=n, dt=t) for n, t in (("b/x", tf.float32), ("a", tf.bool))]
    joined = r.Restore(file_pattern=path, tensor_name="x", dt=tf.float32)
    spec = r.ShardedFilespec(basename=path, num_shards=[12, 3][1])
    two = tf.stack([r.ShardedFilename(basename=path, shard=i, num_shards=2) for i in range(2)])
    saved = [r.SaveSlices(filename=two[i], tensor_names=["x", f"y{i}"], shapes_and_slices=[f"2 2 {i},1:-", ""],
                          data=[x, tf.constant(i)]) for i in range(2)]
    m, n = {path: "@/m", x: [[1., 2.]]}, {path: "@/n", x: [[1., 2.]]}
    return [([whole], m), (back, m), (back, {path: "@/none/m"}), ([whole], {path: "@/none/m", x: 1.}),
            ([cut], {**n, parts: ["2 2 0,1:-", "2 2 1,1:-"]}), ([joined], n),
            ([cut], {**n, parts: ["3 2 0,1:-", "3 2 2,1:-"]}), ([joined], n),
            ([cut], {**n, parts: ["2 3 0,1:-", "2 2 1,1:-"]}), ([spec], {path: "p"}),
            (saved[:1], {path: "@/q", x: [[1., 2.]]}), (saved[1:], {path: "@/q", x: [[3., 4.]]}),
            ([joined], {path: "@/q-?????-of-00002"}), ([joined], {path: "@/q-00001-of-00002"})]
