"""TensorFlow imports the graphs that graphcli wrote, runs them, and its numbers are compared with ours.

    graphcli's Python:     python -m tests.graphdef.tf_import write FOLDER
    TensorFlow's Python:   python tests/graphdef/tf_import.py run FOLDER        (imports nothing of graphcli)
    graphcli's Python:     python -m tests.graphdef.tf_import compare FOLDER

``write`` puts every graph of the gallery and of the corpus into FOLDER as .pb and .meta, with what is to be fed and
fetched and our values; ``run`` puts TensorFlow's values beside them; ``compare`` says what differs.
"""
from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def write(folder: Path) -> None:
    import pickle

    import numpy as np

    from graphcli.engine import Session
    from graphcli.errors import GraphError
    from graphcli.formats.graphdef.write import to_bytes

    from ..oracle.corpus import cases
    from .corpus import everything

    answers = {c.id: c.expected.get("runs", []) for c in cases()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, built in everything().items():
        graph = built.graph
        (folder / f"{name}.pb").write_bytes(to_bytes(graph, "binary"))
        (folder / f"{name}.meta").write_bytes(to_bytes(graph, "meta"))
        runs = []
        for run in answers.get(name) or [_gallery_run(built)]:
            if "error" in run:
                continue
            feeds: dict[str, Any] = {}
            for key, value in run.get("feeds", {}).items():
                tensor = built.resolve(key)
                tensor = getattr(tensor, "_variable", tensor)
                array = np.asarray(value, None if tensor.dtype.kind == "S" else tensor.dtype.as_numpy_dtype)
                feeds[tensor.name] = array.astype(object) if tensor.dtype.kind == "S" else array
            wanted = {}
            for key in run["fetches"]:
                for tensor in _tensors(built.resolve(key)):
                    wanted[tensor.name] = tensor
            if not wanted:
                continue
            fetches = list(wanted)
            try:
                with Session(graph, soft_placement=True) as session:
                    session.initialize()
                    for _ in range(run.get("steps", 1)):
                        values = session.run([wanted[f] for f in fetches], {
                            graph.get_tensor_by_name(k): v for k, v in feeds.items()})
            except GraphError as error:
                print(f"{name}: not run here: {error}")
                continue
            seeded = [None if _by_chance(wanted[f]) else v for f, v in zip(fetches, values)]
            runs.append({"feeds": feeds, "fetches": fetches, "steps": run.get("steps", 1),
                         "ours": [None if v is None else np.asarray(v) for v in seeded]})
        with open(folder / f"{name}.runs", "wb") as file:
            pickle.dump(runs, file)


def _gallery_run(built: Any) -> dict[str, Any]:
    """What a graph of the gallery gives without feeds: its outputs, else its variables."""
    import numpy as np

    from graphcli.analysis.feeds import needs

    values = built.outputs or [v.name for v in built.graph.get_collection("variables")]
    tensors = [t for v in values for t in _tensors(built.resolve(v))]
    feeds = {}
    for need in needs(tensors):
        tensor = need.tensor
        if not need.optional:
            rng = np.random.default_rng(7)
            shape = [2 if d is None else d for d in tensor.static or ()]
            numbers = rng.integers(0, 4, shape)
            feeds[tensor.name] = (numbers.astype(str) if tensor.dtype.kind == "S"
                                  else numbers.astype(tensor.dtype.as_numpy_dtype)).tolist()
    return {"feeds": feeds, "fetches": values, "steps": 1}


def _by_chance(tensor: Any) -> bool:
    """Whether a random op without any seed is behind a value: TensorFlow's differs from one session to the next."""
    from graphcli.analysis.upstream import upstream

    start = getattr(tensor, "op", tensor)
    seen = upstream([start])
    assigned = [u for n in seen if n.type == "VariableV2" for u in n.outputs[0].uses if u.type == "Assign"]
    return any(n.attrs.get("seed", 1) == n.attrs.get("seed2", 1) == 0 for n in seen | upstream(assigned))


def _tensors(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in _tensors(v)]
    if isinstance(value, dict):
        return [t for v in value.values() for t in _tensors(v)]
    if hasattr(value, "dense_shape"):
        return [t for t in (value.values, value.indices) if t is not None]
    if hasattr(value, "_variable"):
        return [value._variable]
    return [value] if hasattr(value, "value_index") or hasattr(value, "input_names") else []


def run(folder: Path) -> None:
    import pickle

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    tf1 = tf.compat.v1
    tf1.disable_v2_behavior()
    tf1.disable_resource_variables()
    config = tf1.ConfigProto(allow_soft_placement=True, inter_op_parallelism_threads=1)
    plain = tf1.ConfigProto(allow_soft_placement=True, inter_op_parallelism_threads=1)
    plain.graph_options.rewrite_options.disable_meta_optimizer = True
    for path in sorted(folder.glob("*.runs")):
        with open(path, "rb") as file:
            runs = pickle.load(file)
        out: dict[str, Any] = {}
        for kind in ("pb", "meta"):
            graph = tf1.Graph()
            try:
                data = path.with_suffix(f".{kind}").read_bytes()
                with graph.as_default():
                    if kind == "pb":
                        proto = tf1.GraphDef()
                        proto.ParseFromString(data)
                        _at_home(proto)
                        tf1.import_graph_def(proto, name="")
                    else:
                        meta = tf1.MetaGraphDef()
                        meta.ParseFromString(data)
                        _at_home(meta.graph_def)
                        tf1.train.import_meta_graph(meta)
                try:
                    out[kind] = [_steps(tf1, graph, config, one, kind) for one in runs]
                except tf1.errors.OutOfRangeError:
                    # its constant folding loses the second output of a batch normalization
                    out[kind] = [_steps(tf1, graph, plain, one, kind) for one in runs]
            except Exception as error:
                out[kind] = f"{type(error).__name__}: {str(error)[:300]}"
        with open(path.with_suffix(".theirs"), "wb") as file:
            pickle.dump(out, file)


def _steps(tf1: Any, graph: Any, config: Any, one: dict[str, Any], kind: str) -> Any:
    with tf1.Session(graph=graph, config=config) as session:
        _initialize(tf1, graph, session, one["feeds"], kind)
        for _ in range(one["steps"]):
            found = session.run(one["fetches"], one["feeds"])
        return found


def _at_home(proto: Any) -> None:
    """Takes away the devices of other machines, on which nothing can run here."""
    for node in proto.node:
        if "/job:" in node.device or "/task:" in node.device:
            node.device = ""


def _initialize(tf1: Any, graph: Any, session: Any, feeds: Any, kind: str) -> None:
    """Runs every variable's first assignment, those that others need first."""
    if kind == "meta":
        todo = [v.initializer for k in ("variables", "local_variables") for v in graph.get_collection(k)]
    else:
        todo = [op for op in graph.get_operations()
                if op.type == "Assign" and op.name == f"{op.inputs[0].op.name}/Assign"]
    todo = list(dict.fromkeys(todo))
    placeholders = {k: v for k, v in feeds.items() if graph.get_tensor_by_name(k).op.type.startswith("Placeholder")}
    for _ in range(6):
        left = []
        for op in todo:
            try:
                session.run(op, placeholders)
            except tf1.errors.FailedPreconditionError:
                left.append(op)
        if not left:
            return
        todo = left


def compare(folder: Path) -> dict[str, Any]:
    """(what went well, what differs) in words."""
    import pickle

    import numpy as np

    from ..oracle.corpus import TOLERANCE

    good, bad, numbers = [], [], 0
    for path in sorted(folder.glob("*.theirs")):
        with open(path, "rb") as file:
            theirs = pickle.load(file)
        with open(path.with_suffix(".runs"), "rb") as file:
            runs = pickle.load(file)
        wrong = []
        for kind, answer in theirs.items():
            if isinstance(answer, str):
                wrong.append(f"{path.stem}.{kind}: {answer}")
                continue
            for one, values in zip(runs, answer):
                for name, a, b in zip(one["fetches"], one["ours"], values):
                    if a is None or b is None:
                        continue
                    b = np.asarray(b)
                    numbers += b.size
                    if a.dtype.kind in "OSU":
                        same = [x if isinstance(x, bytes) else str(x).encode() for x in a.reshape(-1).tolist()] == [
                            x if isinstance(x, bytes) else str(x).encode() for x in b.reshape(-1).tolist()]
                    elif a.dtype.kind in "iub":
                        same = np.array_equal(a, b)
                    else:
                        rtol, atol = TOLERANCE.get(a.dtype.name, (1e-5, 1e-6))
                        wide = np.complex128 if a.dtype.kind == "c" else np.float64
                        same = a.shape == b.shape and np.allclose(a.astype(wide), b.astype(wide), rtol, atol,
                                                                  equal_nan=True)
                    if not same:
                        wrong.append(f"{path.stem}.{kind}: {name}: {str(a)[:80]} here, {str(b)[:80]} there")
        (bad if wrong else good).append(path.stem)
        for line in wrong:
            print(" ".join(line.split()))
    print(json.dumps({"graphs": len(good) + len(bad), "the same": len(good), "values": numbers}))
    return {"good": good, "bad": bad, "values": numbers}


if __name__ == "__main__":
    {"write": write, "run": run, "compare": compare}[sys.argv[1]](Path(sys.argv[2]))
