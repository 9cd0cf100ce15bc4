"""Writes NAME.json: the first steps of the gallery's nets as TensorFlow takes them.

    python tests/gallery/steps/record.py [NAME ...]      # needs TensorFlow

The spec itself is built by ``tests/oracle/tf_oracle.py``, initialized by TensorFlow from its seed, and run on the first
rows of its data. Recorded are the losses, and of each variable, slots included, what it is at the start and by how
much the first step changed it.
"""
from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "oracle")]

import nets  # noqa: E402
import tf_oracle as oracle  # noqa: E402

tf = oracle.tf


def record(net: nets.Net) -> dict[str, object]:
    path = nets.ROOT / "specs" / f"{net.spec}.yaml"
    top = oracle.load_yaml(path)
    graphs = top.get("graphs")
    part, shared = (top, []) if graphs is None else (graphs.get(net.graph), [top])
    rows = net.rows()
    placed = tf.ConfigProto(allow_soft_placement=True)
    with tf.Graph().as_default() as graph, tf.Session(graph=graph, config=placed) as session:
        _, env = oracle.build(part, shared, graph, path, {}, [])
        resolved = {n: oracle.resolve(graph, env, n) for n in ("loss", "train", *rows, *net.feeds)}
        session.run(tf.global_variables_initializer())
        variables = {v.op.name: v for v in tf.global_variables()}
        start = session.run(variables)
        losses = []
        for step in range(nets.STEPS):
            total = len(next(iter(rows.values()))) if rows else 0
            batches = max(1, -(-total // net.batch))
            at = step % batches * net.batch
            feeds = {resolved[n]: a[at:at + net.batch] for n, a in rows.items()}
            feeds |= {resolved[n]: v for n, v in net.feeds.items()}
            losses.append(float(session.run([resolved["loss"], resolved["train"]], feeds)[0]))
            if step == 0:
                after = session.run(variables)
    return {"tensorflow": oracle.tf2.__version__, "losses": losses, "variables": {
        n: {"shape": list(start[n].shape), "start": nets.digest(start[n]),
            "change": nets.digest(after[n].astype("float64") - start[n])} for n in sorted(variables)}}


if __name__ == "__main__":
    for net in nets.NETS:
        if not sys.argv[1:] or net.name in sys.argv[1:]:
            (HERE / f"{net.name}.json").write_text(json.dumps(record(net), indent=1) + "\n", encoding="utf-8")
            print(net.name)
