"""Graph -> spec -> the same graph: names, ops, inputs, attrs, devices, shapes, collections, constants to the bit."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.cli.as_spec import as_spec
from graphcli.errors import GraphError, NotSupported
from graphcli.formats.opened import OpenedGraph
from graphcli.formats.spec.text import flow
from graphcli.graph.dump import lines
from graphcli.graph.graph import Graph
from graphcli.graph.verify import verify
from graphcli.graphdef.read import add_nodes
from graphcli.source import Source
from graphcli.spec import load_spec
from graphcli.spec.load import load

from ..graphdef.corpus import everything
from ..graphdef.test_round_trip import unknown_op

SPECS = Path(__file__).parents[2] / "specs"


def shown(graph: Any) -> list[str]:
    return [line for line in lines(graph)
            if not line.startswith(("collection cond_context", "collection while_context"))]


def built(text: str) -> Any:
    return load_spec(Source("a.yaml", text)).default


@pytest.mark.parametrize("name", everything())
def test_a_spec_builds_the_same_graph(name: str) -> None:
    one = everything()[name]
    text = as_spec(one)
    again = built(text).graph
    verify(again)
    assert shown(again) == shown(one.graph)
    assert as_spec(one) == text


def test_it_is_readable_where_it_can_be() -> None:
    text = as_spec(load_spec(SPECS / "line.yaml").default)
    for line in ("- x: placeholder(float32, shape=[None, 1])", "- {get_variable: w, shape: [1, 1], initializer: zeros}",
                 "- matmul: x @ w", "- out: matmul + b", "- Square: square(error)"):
        assert f"  {line}\n" in text


CONSTANTS = {
    "large": np.arange(5000, dtype=np.float32).reshape(50, 100),
    "nan": np.array([np.nan, -np.inf, -0.0, 1e-45], np.float32),
    "quiet": np.array([0x7FC12345], np.uint32).view(np.float32),
    "half": np.array([0.1, 65504.0], np.float16),
    "double": np.array(0.1),
    "long": np.array([2**63 - 1, -(2**63)]),
    "complex": np.array([1 + 2j, complex(0, -0.5)], np.complex64),
    "bool": np.array([[True, False]]),
    "none": np.zeros((0, 3), np.int32),
    "words": np.array([b"a", "ü: [x]".encode(), b"\xff\x00", b""], object),
    "one word": np.array(b"'quoted' \"twice\" ${x} #", object),
    "bytes": np.array([[1, 255]], np.uint8),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_survive_to_the_bit(name: str) -> None:
    value = CONSTANTS[name]
    with tf.Graph().as_default() as graph:
        tf.constant(value, name="c")
    again = built(as_spec(OpenedGraph("g", graph))).graph.nodes["c"].attrs["value"]
    assert again.dtype == value.dtype and again.shape == value.shape
    assert again.tolist() == value.tolist() if value.dtype == object else again.tobytes() == value.tobytes()


def test_a_constant_of_megabytes_survives() -> None:
    value = np.random.default_rng(0).standard_normal((512, 512)).astype(np.float32)
    with tf.Graph().as_default() as graph:
        tf.constant(value, name="c")
    assert (built(as_spec(OpenedGraph("g", graph))).graph.nodes["c"].attrs["value"] == value).all()


def test_members_of_collections_come_back() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, name="x")
        for item in (x, x.op, 3, 0.5, "it's ${x}: \n"):
            tf.add_to_collection("mixed", item)
        tf.get_variable("w", [2], trainable=False, collections=["local_variables"])
        tf.get_variable("v", [2], initializer=tf.zeros_initializer(), trainable=False)
    again = built(as_spec(OpenedGraph("g", graph))).graph
    assert shown(again) == shown(graph)
    assert again.get_collection("mixed")[2:] == [3, 0.5, "it's ${x}: \n"]


def test_names_that_are_odd_in_yaml() -> None:
    with tf.Graph().as_default() as graph:
        for name in ("op", "for", "true", "null", "1", "a/b", "a", "relu", "x.y", "lambda", "constant", "yes", "0x1"):
            x = tf.placeholder(tf.float32, [2], name=name)
            tf.nn.relu(x, name=f"{name}_relu")
    assert shown(built(as_spec(OpenedGraph("g", graph))).graph) == shown(graph)


def test_names_that_differ_in_case_alone() -> None:
    first, second = Graph(), Graph()
    with tf.Graph().as_default() as graph:
        tf.placeholder(tf.float32, name="x")
    proto = graph.as_graph_def()
    proto.node.add().CopyFrom(proto.node[0])
    proto.node[1].name = "X"
    add_nodes(first, proto)
    second = built(as_spec(OpenedGraph("g", first))).graph
    assert list(second.nodes) == ["x", "X"]


def test_the_order_of_what_a_node_waits_for_says_nothing() -> None:
    """TensorFlow 1.15 writes it by name."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [3], name="x")
        y = tf.while_loop(lambda i, a: i < 4, lambda i, a: (i + 1, tf.tanh(a * x) * a), [0, x])[1]
        tf.gradients(y, x)
    proto = graph.as_graph_def()
    for node in proto.node:
        waits = sorted((i for i in node.input if i.startswith("^")), reverse=True)
        node.input[:] = [i for i in node.input if not i.startswith("^")] + waits
    turned = Graph()
    add_nodes(turned, proto)
    assert [n.input_names() for n in turned] != [n.input_names() for n in graph]
    assert shown(built(as_spec(OpenedGraph("g", turned))).graph) == shown(turned)


def test_what_a_spec_cannot_say_is_refused() -> None:
    graph = Graph()
    add_nodes(graph, unknown_op())
    with pytest.raises(NotSupported, match="the graph has functions"):
        as_spec(OpenedGraph("g", graph))
    graph.functions.clear()
    with pytest.raises(NotSupported, match="a: this engine has no op 'MyOp'; a spec cannot say it"):
        as_spec(OpenedGraph("g", graph))


WRONG = {
    "{op: Const, attrs: {dtype: float32, value: {shape: [2], base64: AAAA}}}": "holds 3 bytes; the shape",
    "{op: Const, attrs: {dtype: float32, value: {shape: [2]}}}": "has fill or base64",
    "{op: Const, attrs: {dtype: float32, value: {shape: [2], base64: '!'}}}": "no base64",
    "{op: Const, attrs: {value: 3}}": "needs its dtype",
    "{op: Const, attrs: {dtype: int32, value: [1, [2]]}}": "no constant of dtype int32",
    "{op: Const, attrs: {dtype: float32, value: {shape: [null], fill: 0}}}": "must be known",
    "{op: Identity, inputs: [\"later('z')\"]}": "nothing stands for z",
    "{op: Identity, inputs: [\"later('z', x)\"]}": "no node 'z'",
    "{op: Identity, inputs: [\"later('y', x)\"]}": "circle",
    "{op: Identity, inputs: [x], attrs: {_a: {b: 1}}}": "the attr _a is a text",
    "{op: Identity, inputs: [x], shapes: [[1], [2]]}": "shapes is a list",
    "{op: Identity, inputs: [x], shapes: [[1, 2]]}": "not compatible",
    "variable('x')": "x is no variable",
    "variable('nix')": "no node 'nix'",
}


@pytest.mark.parametrize("form", WRONG)
def test_a_form_at_fault_is_refused_with_its_place(form: str) -> None:
    with pytest.raises(GraphError, match=WRONG[form]) as info:
        built(f"inputs: {{x: {{dtype: float32, shape: [2]}}}}\nops:\n  y: {form}\n")
    assert info.value.errors()[0].span is not None


@settings(max_examples=200, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers(-2**70, 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])), lambda inner: st.lists(inner, max_size=4)))
def test_flow_style_is_read_back(value: Any) -> None:
    def plain(item: Any) -> Any:
        return [plain(i) for i in item.items] if item.kind == "list" else item.value

    assert plain(load(Source("a", f"a: {flow(value)}\n")).get("a")) == value
