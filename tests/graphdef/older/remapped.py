"""Vocabularies that changed, and matrices of checkpoints in their order."""
from __future__ import annotations

from typing import Any


def files(tf: Any) -> dict[str, bytes]:
    import tempfile
    from pathlib import Path

    out = {"old": b"a\nb\nc\nd\n", "new": b"c\nx\na\nd\ny\nb", "twice": b"a\na\n", "empty": b""}
    with tempfile.TemporaryDirectory() as folder, tf.Graph().as_default(), tf.Session() as session:
        w = tf.Variable(tf.reshape(tf.range(12.), [4, 3]), name="w")
        v = tf.Variable([1., 2.], name="v")
        parts = tf.get_variable("p", initializer=tf.reshape(tf.range(8.), [4, 2]),
                                partitioner=tf.fixed_size_partitioner(2))
        session.run(tf.global_variables_initializer())
        tf.train.Saver([w, v, parts]).save(session, folder + "/m", write_meta_graph=False)
        for name in ("m.index", "m.data-00000-of-00001"):
            out[name] = (Path(folder) / name).read_bytes()
    return out


def vocabularies(tf: Any) -> Any:
    new, old = tf.placeholder(tf.string, []), tf.placeholder(tf.string, [])
    make = tf.raw_ops.GenerateVocabRemapping
    some = [make(new_vocab_file=new, old_vocab_file=old, new_vocab_offset=o, num_new_vocab=n, old_vocab_size=s)
            for o, n, s in ((0, 6, -1), (1, 3, -1), (0, 4, 2), (2, 0, -1), (4, 5, -1))]
    both = {new: "@/new", old: "@/old"}
    return [*[(list(each), both) for each in some], (list(some[0]), {new: "@/none", old: "@/old"}),
            (list(some[1]), {new: "@/new", old: "@/empty"})]


def matrices(tf: Any) -> Any:
    path, name = tf.placeholder(tf.string, []), tf.placeholder(tf.string, [])
    rows, cols, values = tf.placeholder(tf.int64, [None]), tf.placeholder(tf.int64, [None]), tf.placeholder(tf.float32)
    whole = tf.raw_ops.LoadAndRemapMatrix(ckpt_path=path, old_tensor_name=name, row_remapping=rows, col_remapping=cols,
                                          initializing_values=values, num_rows=3, num_cols=3)
    few = tf.raw_ops.LoadAndRemapMatrix(ckpt_path=path, old_tensor_name=name, row_remapping=rows, col_remapping=cols,
                                        initializing_values=values, num_rows=3, num_cols=2, max_rows_in_memory=1)
    m = {path: "@/m", name: "w"}
    return [([whole], {**m, rows: [2, 0, 1], cols: [], values: []}),
            ([whole], {**m, rows: [2, -1, 1], cols: [], values: [7., 8., 9.]}),
            ([whole], {**m, rows: [-1, 3, 0], cols: [1, -1, 2], values: [[1.], [2.], [3.], [4.], [5.]]}),
            ([few], {**m, rows: [3, -1, 0], cols: [2, 0], values: [1., 2.]}),
            ([few], {**m, name: "p", rows: [3, 1, 0], cols: [], values: []}),
            ([whole], {**m, rows: [2, -1, 1], cols: [], values: [7.]}),
            ([whole], {**m, rows: [2, 2, 1], cols: [], values: []}),
            ([whole], {**m, rows: [2, 1], cols: [], values: []}),
            ([whole], {**m, rows: [2, 0, 1], cols: [0, 1], values: []}),
            ([whole], {**m, name: "none", rows: [2, 0, 1], cols: [], values: []}),
            ([whole], {**m, name: "v", rows: [2, 0, 1], cols: [], values: []})]
