"""Small TF1 programs and what TensorFlow made of them, as text that a person can read.

    python tests/tf1/snippets.py tests/tf1/recorded/*.txt     # where TensorFlow is: records its answers anew

``contrib*.txt`` ask for the package tf_slim, which is what tf.contrib.layers and tf.contrib.slim have become;
``*_1_15*.txt`` are TensorFlow 1.15's own answers.

A block of a file is a program (lines of ``>>>``, its result in ``y``) and TensorFlow's answer: a line per
node, ``name = Op(inputs) : shape dtype``, then a line per value, ``= dtype[shape] elements``; ``!`` is a refusal
while the graph is built, ``!!`` one when it runs. ``#values`` at the head of a file: nodes are not recorded;
``#places``: with them where they stand, ``@ device`` and ``& what it is colocated with``, and nothing is run.
In a program ``F(value, shape)`` is a placeholder that is fed with the value, ``before`` a list of what is run
first, in the same session, and ``turns`` how often ``y`` is run.
"""
from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

KINDS = {"float64": "float32", "int64": "int32"}


def blocks(path: Path) -> Iterator[tuple[str, list[str]]]:
    """(program, answer) for each block of a file."""
    for block in path.read_text().split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        source = [line[4:] for line in lines if line.startswith(">>> ")]
        if source:
            yield "\n".join(source), [line for line in lines if not line.startswith(">>> ")]


def node_line(node: Any, places: bool = False) -> str:
    """One node as text."""
    ins = [re.sub(":0$", "", t.name) for t in node.inputs] + [f"^{c.name}" for c in
                                                            sorted(node.control_inputs, key=lambda c: c.name)]
    outs = []
    for t in node.outputs:
        try:
            shape = "[" + ",".join("?" if d is None else str(d) for d in t.shape.as_list()) + "]"
        except ValueError:
            shape = "?"
        outs.append(f"{shape} {t.dtype.name}")
    line = f"{node.name} = {node.type}({', '.join(ins)}) : {', '.join(outs)}".rstrip(" :")
    if places:
        line += f" @ {node.device}" if node.device else ""
        beside = [g.decode()[5:] for g in node.colocation_groups() if g.decode() != f"loc:@{node.name}"]
        line += f" & {', '.join(beside)}" if beside else ""
    return line


def element(x: Any) -> str:
    if isinstance(x, bytes):
        return repr(x)[1:]
    if isinstance(x, (bool, np.bool_, int)):
        return str(int(x))
    return f"{x:.7g}"


def value_lines(value: Any) -> list[str]:
    """The leaves of a fetched value as text."""
    if value is None:
        return ["= None"]
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if hasattr(value, "dense_shape"):
        value = [value.values, value.indices, value.dense_shape]
    if hasattr(value, "nested_row_splits"):
        value = [value.flat_values, *value.nested_row_splits]
    if isinstance(value, (list, tuple)):
        return [line for v in value for line in value_lines(v)]
    array = np.asarray(value)
    kind = "string" if array.dtype.kind in "OSU" else array.dtype.name
    flat = array.astype(np.float64) if array.dtype.name == "bfloat16" else array
    shape = ",".join(map(str, array.shape))
    return [f"= {kind}[{shape}] {' '.join(element(x) for x in flat.reshape(-1).tolist())}".rstrip()]


def answer(tf: Any, source: str, session: Any, nodes: bool = True, places: bool = False) -> list[str]:
    """What ``tf`` makes of a program; ``session(graph)`` gives one to run it in."""
    graph = tf.Graph()
    feeds: dict[Any, Any] = {}

    def fed(value: Any, shape: Any = "same", dtype: str | None = None, name: str | None = None) -> Any:
        array = np.asarray(value)
        kind = "string" if array.dtype.kind in "US" else dtype or KINDS.get(array.dtype.name, array.dtype.name)
        tensor = tf.placeholder(kind, array.shape if isinstance(shape, str) else shape, name=name)
        feeds[tensor] = array.astype(object if kind == "string" else tf.as_dtype(kind).as_numpy_dtype)
        return tensor

    space: dict[str, Any] = {"tf": tf, "np": np, "F": fed}
    with graph.as_default():
        try:
            exec(source, space)
        except Exception as error:
            return [f"! {type(error).__name__}"]
        lines = [node_line(n, places) for n in graph.get_operations()] if nodes else []
        if places:
            return lines
        try:
            running = session(graph)
            for step in space.get("before", ()):
                running.run(step, feeds)
        except Exception:
            return [*lines, "!!"]
        for _ in range(space.get("turns", 1)):
            try:
                lines += value_lines(running.run(space["y"], feeds))
            except Exception:
                lines.append("!!")
        return lines


def close(a: str, b: str) -> bool:
    """Whether two lines say the same: numbers of values within 2e-5 (for 16 bits 5e-3, for bfloat16 2e-2)."""
    if a == b or a.startswith("!") and b.startswith("! "):
        return True
    if not a.startswith("=") or not b.startswith("="):
        return False
    left, right = a.split(" "), b.split(" ")
    if left[:2] != right[:2] or len(left) != len(right) or "float" not in left[1] and "complex" not in left[1]:
        return False
    bound = 2e-2 if "bfloat16" in left[1] else 5e-3 if "16" in left[1] else 2e-5
    pairs = [(complex(x), complex(y)) for x, y in zip(left[2:], right[2:])]
    return all(x == y or abs(x - y) <= 1e-6 + bound * abs(y) or math.isnan(abs(x)) and math.isnan(abs(y))
               for x, y in pairs)


def record(path: Path, tf: Any) -> None:
    """Writes a file anew with TensorFlow's answers, each made in a process of its own."""
    head = path.read_text().partition("\n")[0]
    out = [head] if head in ("#values", "#places") else []
    for source, _ in blocks(path):
        ours, theirs = os.pipe()
        if not os.fork():
            with os.fdopen(theirs, "w") as pipe:
                pipe.write("\n".join(answer(tf, source, lambda graph: tf.Session(graph=graph),
                                            head != "#values", head == "#places")))
            os._exit(0)
        os.close(theirs)
        with os.fdopen(ours) as pipe:
            lines = pipe.read()
        os.wait()
        out.append("\n".join([">>> " + line for line in source.splitlines()] + [lines or "! crash"]))
    path.write_text(("\n\n".join(out) + "\n").replace(f"{head}\n\n", f"{head}\n", 1))


def give_contrib(tf: Any) -> None:
    """Gives ``tf`` a ``tf.contrib``: TensorFlow 1.15's own where it is run, else of it what tf_slim has."""
    from importlib import import_module

    import tensorflow  # type: ignore[import-not-found,unused-ignore]

    if tensorflow.__version__.startswith("1."):
        tf.contrib = tensorflow.contrib
        # it is not there by itself
        import_module("tensorflow.contrib.text")
        return
    from types import SimpleNamespace

    from tensorflow.python.framework import ops  # type: ignore[import-not-found,unused-ignore]
    from tensorflow.python.ops import control_flow_ops, variable_scope  # type: ignore[import-not-found,unused-ignore]

    import_module("tf_keras.src.legacy_tf_layers.normalization")
    # tf_slim looks for these where they were
    ops.Tensor, ops.IndexedSlices, variable_scope.variable = tf.Tensor, tf.IndexedSlices, tf.Variable
    control_flow_ops.cond, control_flow_ops.case = tf.cond, tf.case
    for name in [name for name in sys.modules if name.startswith("tf_keras.src.legacy_tf_layers")]:
        sys.modules[name.replace(".src", "")] = sys.modules[name]
    import tf_slim  # type: ignore[import-not-found,unused-ignore]

    for net in ("vgg", "alexnet", "overfeat", "resnet_utils", "resnet_v1", "resnet_v2", "inception"):
        import_module(f"tf_slim.nets.{net}")
    tf.contrib = SimpleNamespace(layers=tf_slim, slim=tf_slim, framework=tf_slim, training=tf_slim.training,
                                 losses=tf_slim.losses, metrics=tf_slim.metrics)


def main() -> None:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
    # tf.layers and tf.nn.rnn_cell are in the package tf_keras
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow.compat.v1 as tf  # type: ignore[import-not-found,unused-ignore]

    tf.logging.set_verbosity(tf.logging.ERROR)
    tf.disable_v2_behavior()
    tf.disable_resource_variables()
    give_contrib(tf)
    for name in sys.argv[1:]:
        record(Path(name), tf)


if __name__ == "__main__":
    main()
