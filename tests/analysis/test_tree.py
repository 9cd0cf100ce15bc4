"""The tree of groups: scopes, series of what repeats, parts of long lists."""
from __future__ import annotations

from itertools import pairwise
from typing import Any

import graphcli.tf1 as tf
from graphcli.analysis.flow_order import cuts, from_to
from graphcli.analysis.tree import CROWD, DEEPEST, MOST, Group, tree
from graphcli.graph.graph import Graph, Node


def outline(group: Group, depth: int = 2) -> Any:
    """Labels and names, inner groups as (label, kind, members)."""
    return [m.name if isinstance(m, Node) else (m.label, m.kind, outline(m, depth - 1) if depth else len(m.members))
            for m in group.members]


def layers(count: int, name: str = "layer") -> Graph:
    graph = Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [4], name="x")
        for _ in range(count):
            with tf.name_scope(name):
                x = tf.nn.relu(tf.tanh(x))
    return graph


def test_scopes_are_groups_in_graph_order() -> None:
    assert outline(tree(layers(2))) == ["x", ("layer", "scope", ["layer/Tanh", "layer/Relu"]),
                                        ("layer_1", "scope", ["layer_1/Tanh", "layer_1/Relu"])]


def test_scopes_that_repeat_are_a_series() -> None:
    x, series = tree(layers(6)).members
    assert isinstance(series, Group) and (series.kind, series.label) == ("series", "layer [0 … 5]")
    assert [m.label for m in series.members if isinstance(m, Group)] == ["layer", *[f"layer_{i}" for i in range(1, 6)]]
    assert series.ops == {"Tanh": 6, "Relu": 6}


def test_what_is_made_otherwise_is_not_of_the_series() -> None:
    graph = layers(5)
    with graph.as_default(), tf.name_scope("layer"):
        tf.exp(tf.exp(graph.get_tensor_by_name("x:0")))
    labels = [m.label for m in tree(graph).members if isinstance(m, Group)]
    assert labels == ["layer [0 … 4]", "layer_5"]


def test_scopes_of_one_op_are_no_series() -> None:
    graph = Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [9], name="x")
        for i in range(6):
            x[i]
    assert [m.label for m in tree(graph).members if isinstance(m, Group)] == [
        "strided_slice", *[f"strided_slice_{i}" for i in range(1, 6)]]


def test_a_node_that_bears_a_scopes_name_is_in_it() -> None:
    graph = Graph()
    with graph.as_default():
        tf.Variable(1.0, name="v")
    assert outline(tree(graph)) == [("v", "scope", ["v/initial_value", "v", "v/Assign", "v/read"])]


def test_a_crowd_of_ops_is_folded_and_split_into_parts() -> None:
    graph = Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [4], name="x")
        for _ in range(MOST * 60):
            x = tf.tanh(x)
    root = tree(graph)
    todo, nodes = [root], 0
    for group in todo:
        assert len(group.members) <= MOST
        todo += [m for m in group.members if isinstance(m, Group)]
        nodes += sum(isinstance(m, Node) for m in group.members)
    assert nodes == len(graph) and {g.kind for g in todo} == {"scope", "series", "part"}


def test_few_ops_are_not_folded() -> None:
    graph = Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [4], name="x")
        for _ in range(CROWD - 2):
            x = tf.tanh(x)
    assert all(isinstance(m, Node) for m in tree(graph).members)


def test_scopes_that_hold_one_scope_are_one() -> None:
    graph = Graph()
    with graph.as_default():
        for name in ("a/b/c/x", "a/b/c/d/y", "a/b/c/d/z"):
            tf.placeholder(tf.float32, [], name=name)
    assert outline(tree(graph)) == [("a/b/c", "scope", ["a/b/c/x", ("d", "scope", ["a/b/c/d/y", "a/b/c/d/z"])])]


def test_scopes_are_nested_so_deep_and_no_deeper() -> None:
    graph = Graph()
    with graph.as_default():
        for i in range(DEEPEST + 10):
            tf.placeholder(tf.float32, [], name="/".join(["a"] * i + ["x"]))
    group, depth = tree(graph), 0
    while isinstance(group.members[-1], Group):
        group, depth = group.members[-1], depth + 1
    assert depth == DEEPEST and len(group.members) == 10


def frozen(blocks: int, kinds: tuple[str, ...] = ("conv", "bn", "act")) -> Graph:
    """A net as freezing leaves it: all constants first, by the kinds of what reads them, in one scope."""
    graph = Graph()
    with graph.as_default():
        w = {(k, i): tf.constant([1.0, 2.0], name=f"net/block{i}_{k}/w") for k in kinds for i in range(blocks)}
        x = tf.placeholder(tf.float32, [2], name="x")
        for i in range(blocks):
            for k in kinds:
                x = tf.multiply(x, w[k, i], name=f"net/block{i}_{k}/mul")
    return graph


def test_parts_follow_the_data_and_are_cut_where_names_change() -> None:
    net, _ = tree(frozen(40)).members
    assert isinstance(net, Group)
    parts = [m for m in net.members if isinstance(m, Group)]
    assert {p.kind for p in parts} == {"part"} and 9 <= len(parts) <= 13
    assert parts[0].label == "block0_conv … block3_act"
    assert all(p.words and p.words[0].endswith("conv") and p.words[1].endswith("act") for p in parts)
    order = [m.label for p in parts for m in p.members if isinstance(m, Group)]
    assert order == [f"block{i}_{k}" for i in range(40) for k in ("conv", "bn", "act")]


def test_what_is_alike_and_far_apart_in_a_crowd_is_no_series() -> None:
    root = tree(frozen(15, ("conv", "bn", "act")))
    assert all(m.kind == "scope" for g in root.members if isinstance(g, Group) for m in g.members
               if isinstance(m, Group))


def test_a_part_of_what_has_words_in_common_names_them_once() -> None:
    assert from_to("conv2_block1_1_conv", "conv2_block1_out") == "conv2_block1_1_conv … out"
    assert from_to("conv1", "conv2") == "conv1 … conv2" and from_to("a_b", "a_b") == "a_b … a_b"


def test_a_long_list_is_cut_into_as_many_pieces_as_are_asked_for() -> None:
    for many in range(1, 80):
        for pieces in range(1, many + 1):
            ends = cuts([f"a_{i // 3}_{i % 3}" for i in range(many)], pieces)
            assert len(ends) == pieces + 1 and ends[0] == 0 and ends[-1] == many
            assert all(a < b for a, b in pairwise(ends))
