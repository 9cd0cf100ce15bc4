"""Graph -> GraphDef -> Graph: nothing is lost, over the gallery and the corpus."""
from __future__ import annotations

from typing import Any

import pytest

import graphcli.tf1 as tf
from graphcli.graph.dump import dump, node_line
from graphcli.graph.graph import Graph
from graphcli.graph.verify import verify
from graphcli.graphdef.read import add_nodes
from graphcli.wire.messages import message

from .corpus import everything

GraphDef = message("GraphDef")


def nodes_of(graph: Any) -> list[str]:
    return [node_line(n) for n in graph]


@pytest.mark.parametrize("name", everything())
def test_graph_def_keeps_every_node(name: str) -> None:
    graph = everything()[name].graph
    verify(graph)
    data = graph.as_graph_def(add_shapes=True).SerializeToString(deterministic=True)
    again = Graph()
    add_nodes(again, GraphDef.FromString(data))
    assert nodes_of(again) == nodes_of(graph)
    verify(again)
    assert again.as_graph_def(add_shapes=True).SerializeToString(deterministic=True) == data


def test_nothing_of_the_corpus_is_left_out() -> None:
    assert len(everything()) > 100


def small() -> Any:
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        with tf.variable_scope("s"):
            w = tf.get_variable("w", [2, 3])
        with tf.control_dependencies([w.initializer]):
            tf.matmul(x, w, name="y")
    return graph


def test_imported_nodes_stand_below_the_name() -> None:
    graph = small()
    with tf.Graph().as_default() as other:
        (y,) = tf.import_graph_def(graph.as_graph_def(), return_elements=["y:0"], name="net")
        assert y.name == "net/y:0"
        assert [n.name for n in other] == [f"net/{n.name}" for n in graph]
        assert other.get_operation_by_name("net/s/w/read").attrs["_class"] == ["loc:@net/s/w"]
        assert other.get_operation_by_name("net/y").control_inputs[0].name == "net/s/w/Assign"


def test_input_map_puts_a_tensor_in_the_place_of_the_files() -> None:
    with tf.Graph().as_default():
        mine = tf.constant([[1.0, 2.0]], name="mine")
        (y,) = tf.import_graph_def(small().as_graph_def(), {"x": mine}, ["y:0"], name="")
        assert y.op.inputs[0] is mine
        assert y.shape.as_list() == [1, 3]


def test_an_input_map_of_names_that_are_not_there_is_refused() -> None:
    with tf.Graph().as_default(), pytest.raises(ValueError, match="not in the GraphDef: nix"):
        tf.import_graph_def(small().as_graph_def(), {"nix:0": tf.constant(1.0)})


def test_new_nodes_beside_imported_ones_have_names_of_their_own() -> None:
    with tf.Graph().as_default():
        tf.import_graph_def(small().as_graph_def(), name="")
        assert tf.placeholder(tf.float32, name="x").name == "x_1:0"


def unknown_op() -> Any:
    proto = GraphDef()
    a = proto.node.add(name="a", op="MyOp")
    a.attr["depth"].i = 3
    a.attr["odd"].list.func.add(name="f").attr["T"].type = 1
    a.attr["T"].type = 1
    a.attr["bytes"].s = b"\xff\x00"
    a.attr["open"].placeholder = "T"
    a.attr["empty"].list.SetInParent()
    a.attr["q"].type = 11
    proto.node.add(name="b", op="MyOther", input=["a:2", "^a"], device="/job:w/task:3/device:TPU:1")
    proto.library.function.add().signature.name = "f"
    proto.library.gradient.add(function_name="f", gradient_func="g")
    proto.versions.producer = 27
    proto.versions.bad_consumers.append(30)
    return proto


def test_unknown_ops_attrs_and_functions_are_kept() -> None:
    proto = unknown_op()
    graph = Graph()
    made = add_nodes(graph, proto)
    assert [len(n.outputs) for n in made.values()] == [3, 0]
    assert graph.as_graph_def() == proto
    assert "odd: [f(T: float32)]" in dump(graph) and "function f, gradient g" in dump(graph)


def test_an_unknown_op_has_the_outputs_whose_shapes_the_file_declares() -> None:
    proto = GraphDef()
    for name, ranks in (("one", 1), ("three", 3)):
        node = proto.node.add(name=name, op="NewerDataset")
        node.attr["output_types"].list.type.extend([1, 3, 9])
        node.attr["_output_shapes"].list.shape.add()
        for _ in range(1, ranks):
            node.attr["_output_shapes"].list.shape.add(unknown_rank=True)
    made = add_nodes(Graph(), proto)
    assert [t.dtype.name for t in made["one"].outputs] == ["unknown"]
    assert [t.dtype.name for t in made["three"].outputs] == ["float32", "int32", "int64"]


@pytest.mark.parametrize("declared", [[4], [0]])
def test_what_batch_normalizations_gradient_reserves_has_the_shape_of_either_tensorflow(declared: list[int]) -> None:
    with tf.Graph().as_default() as graph:
        x, scale = tf.placeholder(tf.float32, [2, 3, 3, 4]), tf.ones([4])
        y, *_ = tf.nn.fused_batch_norm(x, scale, scale, scale, scale, is_training=False)
        tf.gradients(y, x)
    proto = graph.as_graph_def()
    node = next(n for n in proto.node if n.op.startswith("FusedBatchNormGrad"))
    for shape in ([2, 3, 3, 4], [4], [4], declared, declared):
        dims = node.attr["_output_shapes"].list.shape.add().dim
        for size in shape:
            dims.add(size=size)
    assert node.name in add_nodes(Graph(), proto)


def test_attrs_that_an_older_tensorflow_does_not_know_are_written_only_where_they_say_something() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [2, 2])
        tf.apply_op("MatMul", "plain", [x, x])
        tf.apply_op("MatMul", "special", [x, x], {"grad_a": True})
    nodes = {n.name: set(n.attr) for n in graph.as_graph_def().node}
    assert nodes["plain"] == {"T", "transpose_a", "transpose_b"}
    assert nodes["special"] == {"T", "transpose_a", "transpose_b", "grad_a"}


def test_nodes_may_stand_before_what_they_take() -> None:
    proto = GraphDef()
    proto.node.add(name="b", op="Identity", input=["a"]).attr["T"].type = 1
    proto.node.add(name="a", op="Placeholder").attr["dtype"].type = 1
    graph = Graph()
    add_nodes(graph, proto)
    assert [n.name for n in graph] == ["b", "a"]
    verify(graph)


def test_what_is_left_out_of_a_file_has_its_default() -> None:
    proto = GraphDef()
    proto.node.add(name="a", op="Placeholder").attr["dtype"].type = 1
    node = proto.node.add(name="m", op="MatMul", input=["a", "a"])
    node.attr["T"].type = 1
    graph = Graph()
    assert add_nodes(graph, proto)["m"].attrs["transpose_a"] is False


WRONG = {
    "a node without a name": lambda p: p.node.add(op="NoOp"),
    "two nodes are called 'x'": lambda p: p.node.add(name="x", op="NoOp"),
    "has no op type": lambda p: p.node.add(name="q"),
    "'a b' is not a valid op name": lambda p: p.node.add(name="a b", op="NoOp"),
    "the input 'nix', which is no node": lambda p: p.node.add(name="q", op="NoOp", input=["nix"]),
    "'x:y' is no input": lambda p: p.node.add(name="q", op="NoOp", input=["x:y"]),
    "stands after a control input": lambda p: p.node.add(name="q", op="NoOp", input=["^x", "x"]),
    "attr 'T' is missing": lambda p: p.node.add(name="q", op="Identity", input=["x"]),
    "wait for each other in a circle": lambda p: (p.node.add(name="c1", op="F", input=["c2"]),
                                                  p.node.add(name="c2", op="F", input=["c1"])),
    "its output 7 is used, but it has 1": lambda p: p.node.add(name="q", op="F", input=["x:7"]),
    "it has 1 inputs": lambda p: p.node.add(name="q", op="NoOp", input=["x"]),
}


@pytest.mark.parametrize("words", WRONG)
def test_a_graph_def_at_fault_is_refused_in_words(words: str) -> None:
    proto = GraphDef()
    x = proto.node.add(name="x", op="Placeholder")
    x.attr["dtype"].type = 1
    WRONG[words](proto)
    with pytest.raises(ValueError, match=words):
        add_nodes(Graph(), proto)
