"""Writes recorded/: graphs that TensorFlow wrote, with what it answers for them.

    python tests/graphdef/record_tf.py        # in an environment with TensorFlow (recorded with 2.21.0)

Each is NAME.pb, NAME.meta or the folder NAME of a SavedModel; answers.json has by NAME the steps: what is run, with
what is fed, and TensorFlow's values.
"""
from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

HERE = Path(__file__).parent / "recorded"
ANSWERS: dict[str, list[dict[str, Any]]] = {}


def steps(tf1: Any, name: str, graph: Any, init: Any, calls: list[tuple[list[str], dict[str, Any]]]) -> None:
    import numpy as np

    out = []
    with tf1.Session(graph=graph) as session:
        if init is not None:
            session.run(init)
        for fetches, feeds in calls:
            found = session.run(fetches, feeds)
            out.append({"fetches": fetches, "feeds": {k: np.asarray(v).tolist() for k, v in feeds.items()},
                        "values": [None if v is None else np.asarray(v).tolist() for v in found]})
    ANSWERS[name] = out


def references(tf1: Any) -> None:
    graph = tf1.Graph()
    with graph.as_default():
        tf1.set_random_seed(5)
        x = tf1.placeholder(tf1.float32, [None, 3], name="x")
        with tf1.variable_scope("layer"):
            w = tf1.get_variable("w", [3, 2])
            b = tf1.get_variable("b", [2], initializer=tf1.zeros_initializer(), trainable=False)
        h = tf1.nn.relu(tf1.matmul(x, w) + b, name="h")
        p = tf1.reduce_sum(h) > 1.0
        y = tf1.cond(p, lambda: h * 2.0, lambda: h - 1.0, name="c")
        n, z = tf1.while_loop(lambda i, v: i < 4, lambda i, v: (i + 1, v * 1.5), [0, y], name="loop")
        loss = tf1.reduce_mean(tf1.square(z), name="loss")
        step = tf1.train.get_or_create_global_step()
        train = tf1.train.AdamOptimizer(0.1).minimize(loss, global_step=step, name="train")
        init = tf1.global_variables_initializer()
        tf1.add_to_collection("sizes", 3)
        tf1.add_to_collection("ends", z)
        tf1.train.export_meta_graph(str(HERE / "references.meta"), saver_def=tf1.train.Saver().as_saver_def())
        (HERE / "references.pb").write_bytes(graph.as_graph_def().SerializeToString(deterministic=True))
    feed = {"x:0": [[1.0, 2.0, -1.0], [0.5, 0.25, 3.0]]}
    calls = [(["loss:0", z.name, n.name], feed), ([train.name], feed), (["loss:0", "layer/w:0"], feed),
             ([train.name], feed), (["layer/w:0", step.name], {})]
    steps(tf1, "references", graph, init, calls)


def resources(tf1: Any) -> None:
    graph = tf1.Graph()
    with graph.as_default():
        tf1.set_random_seed(7)
        ids = tf1.placeholder(tf1.int32, [None], name="ids")
        table = tf1.get_variable("table", initializer=[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], use_resource=True)
        bias = tf1.get_variable("bias", [2], initializer=tf1.ones_initializer(), use_resource=True)
        count = tf1.get_variable("count", [], dtype=tf1.int64, initializer=tf1.zeros_initializer(), use_resource=True,
                                 trainable=False)
        rows = tf1.nn.embedding_lookup(table, ids, name="rows")
        loss = tf1.reduce_sum(tf1.square(rows + bias), name="loss")
        train = tf1.train.MomentumOptimizer(0.1, 0.9).minimize(loss, name="train")
        bump = count.assign_add(2, name="bump")
        less = bias.assign_sub([0.5, 0.25], name="less")
        fresh = bias.assign([9.0, 8.0], name="fresh")
        init = tf1.global_variables_initializer()
        ready = tf1.is_variable_initialized(bias)
        tf1.train.export_meta_graph(str(HERE / "resources.meta"))
        (HERE / "resources.pb").write_bytes(graph.as_graph_def().SerializeToString(deterministic=True))
    feed = {"ids:0": [2, 0, 2]}
    calls = [(["loss:0", "rows:0" if "rows" in graph._nodes_by_name else rows.name, ready.name], feed),
             ([train.name], feed), (["loss:0", "bias/Read/ReadVariableOp:0"], feed), ([train.name], feed),
             (["table/Read/ReadVariableOp:0"], {}), ([bump.name], {}), (["count/Read/ReadVariableOp:0"], {}),
             ([less.name], {}), ([fresh.name], {}), (["bias/Read/ReadVariableOp:0"], {})]
    steps(tf1, "resources", graph, init, calls)


def functions() -> None:
    """A graph with If and While of functions, frozen; and the SavedModel that it comes from."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    class Model(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="w")

        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x"),
                                      tf.TensorSpec([], tf.int32, name="n")])
        def __call__(self, x: Any, n: Any) -> Any:
            y = tf.matmul(x, self.w)
            y = tf.cond(tf.reduce_sum(y) > 10.0, lambda: y / 2.0, lambda: self.twice(y))
            _, z = tf.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, self.twice(v) - 1.0), [0, y])
            return {"z": z}

        @tf.function
        def twice(self, v: Any) -> Any:
            return v * 2.0

    model = Model()
    shutil.rmtree(HERE / "saved", ignore_errors=True)
    tf.saved_model.save(model, str(HERE / "saved"), signatures=model.__call__)
    for name in ("assets", "fingerprint.pb"):
        path = HERE / "saved" / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    frozen = convert_variables_to_constants_v2(model.__call__.get_concrete_function(), lower_control_flow=False)
    proto = frozen.graph.as_graph_def()
    (HERE / "functions.pb").write_bytes(proto.SerializeToString(deterministic=True))
    values = []
    for x, n in (([[1.0, 1.0]], 2), ([[-1.0, 0.5], [0.0, 0.25]], 3)):
        found = model(tf.constant(x), tf.constant(n))["z"].numpy()
        values.append({"fetches": [frozen.outputs[0].name], "feeds": {frozen.inputs[0].name: x,
                                                                       frozen.inputs[1].name: n},
                       "values": [found.tolist()]})
    ANSWERS["functions"] = values
    ANSWERS["saved"] = [{**v, "fetches": ["serving_default.z"], "feeds": dict(zip(
        ("serving_default.x", "serving_default.n"), v["feeds"].values()))} for v in values]


def main() -> None:
    import sys

    HERE.mkdir(exist_ok=True)
    if "functions" in sys.argv:
        functions()
        (HERE / "functions.json").write_text(json.dumps(ANSWERS))
        return
    import subprocess

    # version 2 of TensorFlow cannot be had after version 1 in one process
    subprocess.run([sys.executable, __file__, "functions"], check=True)
    import tensorflow as tf

    tf1 = tf.compat.v1
    tf1.disable_v2_behavior()
    tf1.disable_resource_variables()
    references(tf1)
    resources(tf1)
    ANSWERS.update(json.loads((HERE / "functions.json").read_text()))
    (HERE / "functions.json").unlink()
    text = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(ANSWERS.items()))
    (HERE / "answers.json").write_text("{\n" + text + "\n}\n")


if __name__ == "__main__":
    main()
