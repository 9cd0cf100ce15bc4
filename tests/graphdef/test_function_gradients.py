"""Graphs that TensorFlow wrote with If, While and calls of functions have its gradients.

    python tests/graphdef/test_function_gradients.py     # where TensorFlow is: records the graph and its answers
"""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "recorded"


def record() -> None:
    import tensorflow as tf2  # type: ignore[import-not-found,unused-ignore]
    from tensorflow.python.ops import control_flow_v2_toggles  # type: ignore[import-not-found,unused-ignore]

    tf = tf2.compat.v1
    tf.disable_v2_behavior()
    control_flow_v2_toggles.enable_control_flow_v2()
    x, w = (tf.placeholder(tf.float32, [3], name=name) for name in "xw")
    p, n = tf.placeholder(tf.bool, [], name="p"), tf.placeholder(tf.int32, [], name="n")
    y = tf.cond(p, lambda: x * w, lambda: tf.cond(x[0] > 1.0, lambda: tf.exp(-x), lambda: tf.sin(x) + w))
    called = tf2.function(lambda a, b: tf2.nn.softplus(a) * b)
    z = tf.while_loop(lambda i, z: i < n, lambda i, z: (i + 1, tf.cond(
        tf.reduce_sum(z) > 0.0, lambda: tf.tanh(z * w) + x, lambda: z * z - w)), [0, called(y, w)])[1]
    u = tf.while_loop(lambda i, u: i < 2, lambda i, u: (i + 1, tf.while_loop(
        lambda j, v: j < 2, lambda j, v: (j + 1, tf.sin(v) * x), [0, u])[1]), [0, z])[1]
    z = tf.identity(u + y, name="z")
    proto = tf.get_default_graph().as_graph_def()
    (HERE / "calls.pb").write_bytes(proto.SerializeToString(deterministic=True))
    slopes, session, out = tf.gradients(z, [x, w]), tf.Session(), []
    for flag, values in ((True, [0.5, -1.0, 2.0]), (False, [0.5, -1.0, 2.0]), (False, [1.5, 0.3, -0.2])):
        feeds = {"p": flag, "x": values, "w": [0.3, 0.7, -0.2], "n": 3}
        found = session.run([z, *slopes], {f"{k}:0": v for k, v in feeds.items()})
        out.append({**feeds, "z": found[0].tolist(), "gradients": [v.tolist() for v in found[1:]]})
    (HERE / "calls.json").write_text(json.dumps(out))


if __name__ == "__main__":
    record()
else:
    import numpy as np
    import pytest

    import graphcli
    import graphcli.tf1 as tf
    from graphcli.errors import GraphError
    from graphcli.formats.open import open_file
    from graphcli.graph.verify import verify

    @pytest.fixture(scope="module")
    def opened() -> Any:
        built = open_file(str(HERE / "calls.pb")).default
        graph = built.graph
        with graph.as_default():
            z, x, w = (graph.get_tensor_by_name(f"{name}:0") for name in "zxw")
            return graph, [z, *tf.gradients(z, [x, w])]

    @pytest.mark.parametrize("step", json.loads((HERE / "calls.json").read_text()))
    def test_gradients_are_tensorflows(opened: Any, step: dict[str, Any]) -> None:
        graph, fetches = opened
        verify(graph)
        with graphcli.Session(graph) as session:
            found = session.run(fetches, {f"{k}:0": step[k] for k in ("p", "x", "w", "n")})
        for ours, theirs in zip(found, [step["z"], *step["gradients"]], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)

    def test_a_body_that_draws_is_refused(tmp_path: Path) -> None:
        text = (Path(__file__).parent / "recorded" / "draws.pbtxt").read_text()
        path = tmp_path / "draws.pbtxt"
        path.write_text(text)
        graph = open_file(str(path)).default.graph
        with graph.as_default(), pytest.raises(GraphError, match="a second time.*RandomUniform"):
            tf.gradients(graph.get_tensor_by_name("y:0"), graph.get_tensor_by_name("x:0"))

    def test_a_saved_models_signature_has_the_gradients_of_its_variables_and_inputs() -> None:
        built = open_file(str(HERE / "saved")).default
        with built.graph.as_default():
            x, z, n = (built.resolve(f"serving_default.{name}") for name in "xzn")
            slope = tf.gradients(z, x)[0]
        with graphcli.Session(built) as session:
            session.initialize()
            for point in ([1.5, 1.2], [0.3, 0.4], [-1.0, 0.2]):
                around = [[np.add(point, sign * step) for sign in (1, -1)] for step in 1e-2 * np.eye(2)]
                ends = [[session.run(z, {x: [p], n: 2}).sum() for p in pair] for pair in around]
                np.testing.assert_allclose(session.run(slope, {x: [point], n: 2})[0],
                                           [(up - down) / 2e-2 for up, down in ends], rtol=1e-3)
