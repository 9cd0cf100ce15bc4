"""Graph -> file -> Graph: .pb, .pbtxt and .meta, found out by their content, over the gallery and the corpus."""
from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphcli
import graphcli.tf1 as tf
from graphcli.errors import GraphError, InvalidValue
from graphcli.formats.graphdef.detect import binary_kind
from graphcli.formats.graphdef.text import GRAPH, META, SAVED, text_kind
from graphcli.formats.graphdef.write import to_bytes
from graphcli.formats.open import is_graph, open_bytes, open_file
from graphcli.graph.dump import dump
from graphcli.graph.verify import verify
from graphcli.graphdef.read import Limits
from graphcli.spec import load_spec
from graphcli.wire.messages import message

from ..graphdef.corpus import everything

SPECS = Path(__file__).parents[2] / "specs"


def without_collections(graph: Any) -> str:
    return "\n".join(line for line in dump(graph).splitlines() if not line.startswith("collection "))


@pytest.mark.parametrize("form", ["binary", "text", "meta"])
@pytest.mark.parametrize("name", everything())
def test_nothing_is_lost(name: str, form: str) -> None:
    graph = everything()[name].graph
    data = to_bytes(graph, form)
    again = open_bytes(data, "a").default.graph
    verify(again)
    shown = dump if form == "meta" else without_collections
    assert shown(again) == shown(graph)
    assert to_bytes(again, form) == data


@pytest.mark.parametrize("name", everything())
def test_a_meta_file_keeps_where_a_node_stands_in_control_flow(name: str) -> None:
    graph = everything()[name].graph
    again = open_bytes(to_bytes(graph, "meta"), "a").default.graph
    # as TensorFlow's, the contexts of gradients are in no collection
    known = {c for k in ("cond_context", "while_context") for c in graph.get_collection(k)}
    for node in list(known):
        known |= set(node.nested)
    ours = {n.name: n.flow.name for n in graph if n.flow in known and n.outputs}
    theirs = {n.name: n.flow.name for n in again if n.flow is not None and n.outputs}
    assert {k: v for k, v in theirs.items() if k in ours} == ours


def test_variables_of_a_bare_graph_are_recognised() -> None:
    graph = load_spec(SPECS / "digits_mlp.yaml").default.graph
    again = open_bytes(to_bytes(graph, "binary"), "a").default.graph
    for key in ("variables", "trainable_variables"):
        theirs, ours = again.get_collection(key), graph.get_collection(key)
        assert [v.name for v in theirs] == [v.name for v in ours]
        assert [v.initializer.name for v in theirs] == [v.initializer.name for v in ours]
        assert [v.value().name for v in theirs] == [v.value().name for v in ours]


def test_variables_that_no_optimizer_updates_are_not_trained_where_one_is() -> None:
    with tf.Graph().as_default() as graph:
        w = tf.get_variable("w", [2])
        step = tf.train.get_or_create_global_step()
        tf.train.AdamOptimizer().minimize(tf.reduce_sum(w * w), global_step=step)
    again = open_bytes(to_bytes(graph, "binary"), "a").default.graph
    assert [v.name for v in again.get_collection("trainable_variables")] == ["w:0"]
    assert len(again.get_collection("variables")) == len(graph.get_collection("variables"))


def test_shared_members_of_collections_stay_one_object() -> None:
    graph = load_spec(SPECS / "line.yaml").default.graph
    again = open_bytes(to_bytes(graph, "meta"), "a").default.graph
    assert again.get_collection("variables")[0] is again.get_collection("trainable_variables")[0]


def test_collections_of_numbers_words_and_ops_come_back() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, name="x")
        for key, items in {"n": [1, 2], "f": [0.5], "w": ["a", "ü"], "b": [b"\xff"], "o": [x.op], "t": [x]}.items():
            for item in items:
                tf.add_to_collection(key, item)
        tf.add_to_collection("mixed", x)
        tf.add_to_collection("mixed", 3)
    again = open_bytes(to_bytes(graph, "meta"), "a").default.graph
    found = {k: again.get_collection(k) for k in again.get_all_collection_keys()}
    assert {k: found[k] for k in "nfwb"} == {"n": [1, 2], "f": [0.5], "w": ["a", "ü"], "b": [b"\xff"]}
    assert found["o"] == [again.nodes["x"]] and found["t"] == [again.nodes["x"].outputs[0]]
    assert "mixed" not in found


def saved_model(**more: Any) -> Any:
    proto = message("SavedModel")(saved_model_schema_version=1)
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None], name="x")
        tf.multiply(x, 2.0, name="y")
    meta = proto.meta_graphs.add()
    meta.ParseFromString(to_bytes(graph, "meta"))
    meta.meta_info_def.tags.append("serve")
    signature = meta.signature_def["serving_default"]
    signature.inputs["feature"].name = "x:0"
    signature.inputs["feature"].dtype = 1
    signature.outputs["twice"].name = "y:0"
    signature.outputs["twice"].dtype = 1
    return proto


def test_a_saved_model_runs_by_its_signature(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(saved_model().SerializeToString())
    built = graphcli.load(tmp_path)
    assert built.outputs == ["serving_default.twice"]
    with graphcli.Session(built) as session:
        assert session.run("serving_default.twice", {"serving_default.feature": [1.0, 2.5]}).tolist() == [2.0, 5.0]


def test_graphs_of_a_saved_model_are_chosen_by_their_tags() -> None:
    proto = saved_model()
    second = proto.meta_graphs.add()
    second.CopyFrom(proto.meta_graphs[0])
    del second.meta_info_def.tags[:]
    second.meta_info_def.tags.extend(["serve", "gpu"])
    data = proto.SerializeToString()
    assert open_bytes(data, "m").graph_names == ["serve", "serve,gpu"]
    assert list(open_bytes(data, "m", graph="serve,gpu").graphs) == ["serve,gpu"]
    with pytest.raises(GraphError, match="no graph 'tpu' in m"):
        open_bytes(data, "m", graph="tpu")


def test_beside_the_graph_a_meta_file_keeps_saver_signatures_and_tags() -> None:
    proto = saved_model().meta_graphs[0]
    proto.saver_def.filename_tensor_name = "save/Const:0"
    opened = open_bytes(proto.SerializeToString(), "a").default
    again = message("MetaGraphDef").FromString(to_bytes(opened.graph, "meta", beside=opened.beside))
    assert again.saver_def == proto.saver_def
    assert again.signature_def == proto.signature_def
    assert list(again.meta_info_def.tags) == ["serve"]


def test_kinds_are_told_by_content() -> None:
    graph = load_spec(SPECS / "line.yaml").default.graph
    assert binary_kind(to_bytes(graph, "binary")) == GRAPH
    assert binary_kind(to_bytes(graph, "meta")) == META
    assert binary_kind(saved_model().SerializeToString()) == SAVED
    assert binary_kind(to_bytes(tf.Graph(), "binary")) == GRAPH
    assert text_kind(b"# a comment\n\n node {\n") == GRAPH
    assert text_kind(b"saved_model_schema_version: 1") == SAVED
    assert text_kind(b"inputs: {x: placeholder(float32)}") is None


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.yaml")), ids=lambda p: p.stem)
def test_a_spec_is_no_graph_file(path: Path) -> None:
    assert not is_graph(path.read_bytes()[:65536])


def test_limits_are_checked_before_memory_is_asked_for() -> None:
    proto = message("GraphDef")()
    node = proto.node.add(name="huge", op="Const")
    node.attr["dtype"].type = 1
    tensor = node.attr["value"].tensor
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=1 << 40)
    tensor.float_val.append(1.0)
    data = proto.SerializeToString()
    with pytest.raises(InvalidValue, match="4,398,046,511,104 bytes, more than 1,000"):
        open_bytes(data, "a", limits=Limits(max_bytes=1000))
    # without a limit the one value is repeated, not copied
    assert open_bytes(data, "a").default.graph.nodes["huge"].attrs["value"].shape == (1 << 40,)
    with pytest.raises(InvalidValue, match="1 nodes, more than 0"):
        open_bytes(data, "a", limits=Limits(max_nodes=0))


@cache
def seeds() -> list[bytes]:
    graphs = [everything()[n].graph for n in ("gallery-line-line", "gallery-rnn-rnn", "flow_while", "strings_bytes")
              if n in everything()]
    return [to_bytes(g, form) for g in graphs for form in ("binary", "text", "meta")] + [
        saved_model().SerializeToString()]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damaged_bytes_are_refused_in_words_or_read(data: Any) -> None:
    raw = bytearray(data.draw(st.sampled_from(seeds())))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        what = data.draw(st.sampled_from(["set", "cut", "drop", "put"]))
        if what == "set" and raw:
            raw[at] = data.draw(st.integers(0, 255))
        elif what == "cut":
            del raw[at:]
        elif what == "drop":
            del raw[at:at + data.draw(st.integers(1, 40))]
        else:
            raw[at:at] = data.draw(st.binary(max_size=12))
    try:
        opened = open_bytes(bytes(raw), "a", limits=Limits(max_bytes=1 << 20))
    except GraphError as error:
        assert "\n" not in error.message
        return
    for one in opened:
        verify(one.graph)
        dump(one.graph)


def test_a_file_that_was_cut_says_where() -> None:
    data = to_bytes(load_spec(SPECS / "line.yaml").default.graph, "binary")
    with pytest.raises(InvalidValue, match=r"a damaged GraphDef: byte \d+: a NodeDef has \d+ bytes, of which \d+"):
        open_bytes(data[:500], "a")


def test_a_folder_that_is_no_saved_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="is a folder"):
        open_file(str(tmp_path))
