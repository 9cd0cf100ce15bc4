"""Graphs with lists of tensors, as control flow of functions and Keras make them, give TensorFlow's numbers.

    python tests/graphdef/test_lists.py     # records graphs: TensorFlow 1.15 the loops, TensorFlow 2 the others
"""
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent / "recorded"


def _write(name: str, proto: Any, feeds: dict[str, Any], values: dict[str, Any]) -> None:
    for node in [*proto.node, *(n for f in proto.library.function for n in f.node_def)]:
        node.ClearField("experimental_debug_info")
        for key in [k for k in node.attr if k.startswith("_")]:
            del node.attr[key]
    for function in proto.library.function:
        function.ClearField("arg_attr")
    (HERE / f"{name}.pb").write_bytes(proto.SerializeToString(deterministic=True))
    (HERE / f"{name}.json").write_text(json.dumps({"feeds": feeds, "values": values}))


def _loops(tf: Any) -> None:
    """A map, a scan and a loop with conditions in it, and the gradient through all of them."""
    tf.enable_control_flow_v2()
    x, p = tf.placeholder(tf.float32, [None, 2], name="x"), tf.placeholder(tf.bool, [], name="p")
    y = tf.scan(lambda a, r: a * 0.5 + r, tf.map_fn(lambda r: tf.tanh(r) * tf.reduce_sum(r), x))
    z = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.cond(i > 1, lambda: a * a, lambda: tf.sin(a) + y[0])),
                      (0, y))[1]
    z = tf.cond(p, lambda: z * x, lambda: tf.exp(-z))
    wanted = {"z": tf.identity(z, name="z"), "slope": tf.identity(tf.gradients(z, x)[0], name="slope")}
    feeds = {"x": [[0.5, -1.0], [2.0, 0.3], [-0.4, 1.5]], "p": True}
    proto = tf.get_default_graph().as_graph_def()
    with tf.Session() as session:
        found = session.run(wanted, {f"{k}:0": v for k, v in feeds.items()})
    _write("loops_1_15", proto, feeds, {k: v.tolist() for k, v in found.items()})


def _keras(tf: Any, name: str, lowered: bool) -> None:
    """A frozen LSTM over words with a mask."""
    from tensorflow.python.framework.convert_to_constants import (  # type: ignore[import-not-found,unused-ignore]
        convert_variables_to_constants_v2,
    )

    layers = tf.keras.layers
    tf.keras.utils.set_random_seed(1)
    words = tf.keras.Input((None,), dtype="int32")
    model = tf.keras.Model(words, layers.LSTM(2)(layers.Embedding(9, 2, mask_zero=True)(words)))
    step = tf.function(lambda t: model(t)).get_concrete_function(tf.TensorSpec([None, None], tf.int32, name="x"))
    frozen = convert_variables_to_constants_v2(step, lower_control_flow=lowered)
    feeds = [[1, 2, 3, 0, 0], [4, 5, 6, 7, 8], [1, 0, 0, 0, 0]]
    _write(name, frozen.graph.as_graph_def(), {"x": feeds},
           {frozen.outputs[0].name: model(tf.constant(feeds)).numpy().tolist()})


if __name__ == "__main__":
    import tensorflow

    if tensorflow.__version__.startswith("1."):
        _loops(tensorflow.compat.v1)
    else:
        for at, name in enumerate(("keras", "lowered")):
            _keras(tensorflow, name, bool(at))
    sys.exit()

import pytest  # noqa: E402

import graphcli  # noqa: E402


@pytest.mark.parametrize("name", ["loops_1_15", "keras", "lowered"])
def test_loops_with_lists_give_tensorflows_numbers(name: str) -> None:
    answer = json.loads((HERE / f"{name}.json").read_text())
    with graphcli.Session(graphcli.load(str(HERE / f"{name}.pb"))) as session:
        found = session.run(list(answer["values"]), answer["feeds"])
    for value, wanted in zip(found, answer["values"].values()):
        np.testing.assert_allclose(value, np.float32(wanted), rtol=2e-5, atol=1e-6)
