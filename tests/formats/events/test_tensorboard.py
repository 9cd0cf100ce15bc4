"""TensorBoard's own reader finds what was logged: graph, tags, steps, values, pictures, costs, embeddings."""
from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli import Session
from graphcli.formats.events.run_log import RunLog, summaries_of

accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
KINDS = ("scalars", "histograms", "images", "audio", "tensors", "compressedHistograms")
STEPS = range(1, 41)


def accumulated(folder: Path | str) -> Any:
    """A folder as TensorBoard reads it, with nothing sampled away."""
    found = accumulator.EventAccumulator(str(folder), size_guidance=dict.fromkeys(KINDS, 0))
    found.Reload()
    return found


def network() -> Any:
    """A graph with every kind of summary, and its feed."""
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder("float32", [None, 4], name="x")
        with tf.variable_scope("layer"):
            w = tf.get_variable("w", [4, 3], initializer=tf.constant_initializer(0.5))
            with tf.device("/cpu:0"):
                y = tf.matmul(x, w, name="y")
        total = tf.reduce_sum(y, name="total")
        tf.summary.scalar("sum", total)
        tf.summary.histogram("values", y)
        tf.summary.image("picture", tf.reshape(w, [1, 4, 3, 1]))
        tf.summary.text("words", tf.constant(["one", "**two**"]))
        tf.summary.audio("sound", tf.zeros([1, 10]), 8000)
    return graph, x, y


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """(what TensorBoard sees, the graph, the values that were logged)."""
    folder = tmp_path_factory.mktemp("logs") / "run"
    graph, x, y = network()
    with graph.as_default():
        merged, initialize = tf.summary.merge_all(), tf.global_variables_initializer()
    session = Session(graph)
    session.run(initialize)
    values = {}
    with tf.summary.FileWriter(str(folder), graph) as writer:
        for step in STEPS:
            metadata = tf.RunMetadata()
            options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE) if step == 10 else None
            summary, values[step] = session.run([merged, y], {x: np.full((2, 4), step / 8)}, options, metadata)
            if step == 10:
                writer.add_run_metadata(metadata, "step 10", step)
            writer.add_summary(summary, step)
    return accumulated(folder), graph, values


def test_every_tag_is_found(log: Any) -> None:
    tags = log[0].Tags()
    assert {k: tags[k] for k in ("scalars", "histograms", "images", "audio", "tensors", "run_metadata")} == {
        "scalars": ["sum"], "histograms": ["values"], "images": ["picture/image/0"], "audio": ["sound/audio/0"],
        "tensors": ["words"], "run_metadata": ["step 10"]}
    assert tags["graph"] and tags["meta_graph"]


def test_the_graph_is_the_same(log: Any) -> None:
    found, graph, _ = log
    nodes = {n.name: n for n in found.Graph().node}
    assert list(nodes) == [n.name for n in graph]
    for node in graph:
        theirs = nodes[node.name]
        assert (theirs.op, list(theirs.input), theirs.device) == (node.type, node.input_names(), node.device)
        shapes = theirs.attr["_output_shapes"].list.shape
        assert len(shapes) == len(node.outputs)
        for shape, tensor in zip(shapes, node.outputs):
            ours = None if shape.unknown_rank else tuple(None if d.size < 0 else d.size for d in shape.dim)
            assert ours == tensor.static


def test_scalars_have_their_steps_and_values(log: Any) -> None:
    found, _, values = log
    assert [(s.step, np.float32(s.value)) for s in found.Scalars("sum")] == [
        (step, np.float32(values[step].sum())) for step in STEPS]


def test_histograms_count_the_values(log: Any) -> None:
    found, _, values = log
    for event in found.Histograms("values"):
        histogram, here = event.histogram_value, values[event.step].astype(np.float64)
        assert (histogram.num, histogram.min, histogram.max) == (here.size, here.min(), here.max())
        assert histogram.sum == pytest.approx(here.sum())
        assert sum(histogram.bucket) == here.size


def test_pictures_sound_and_text_are_there(log: Any) -> None:
    found = log[0]
    image = found.Images("picture/image/0")[0]
    assert (image.width, image.height) == (3, 4)
    pixels = np.asarray(pytest.importorskip("PIL.Image").open(io.BytesIO(image.encoded_image_string)))
    assert pixels.shape == (4, 3) and (pixels == 255).all()
    sound = found.Audio("sound/audio/0")[0]
    assert (sound.sample_rate, sound.length_frames, sound.content_type) == (8000, 10, "audio/wav")
    assert list(found.Tensors("words")[0].tensor_proto.string_val) == [b"one", b"**two**"]
    assert found.SummaryMetadata("words").plugin_data.plugin_name == "text"


def test_costs_name_the_nodes_that_ran_with_device_time_and_memory(log: Any) -> None:
    found, graph, values = log
    (device,) = found.RunMetadata("step 10").step_stats.dev_stats
    assert device.device == "/job:localhost/replica:0/task:0/device:CPU:0"
    nodes = {n.node_name: n for n in device.node_stats}
    assert {"layer/y", "total", "sum", "values"} <= set(nodes) <= {n.name for n in graph}
    ran = [nodes[n] for n in ("layer/y", "total", "sum", "values")]
    assert all(n.all_end_rel_micros > 0 and n.all_start_micros > 0 for n in ran)
    product = nodes["layer/y"]
    assert [d.size for d in product.output[0].tensor_description.shape.dim] == [2, 3]
    assert sum(m.total_bytes for m in product.memory) == values[10].nbytes


def test_numbers_and_summaries_of_a_step_do_not_say_a_tag_twice(tmp_path: Path) -> None:
    graph, x, _ = network()
    with graph.as_default():
        merged = tf.summary.merge(summaries_of(graph)[:2])
    with Session(graph) as session, RunLog(str(tmp_path), graph) as made:
        session.initialize()
        for step in (1, 2):
            summaries = session.run([merged, *summaries_of(graph)], {x: np.ones((1, 4))})
            made.write(step, summaries, {"sum": -1.0, "loss": step})
    found = accumulated(tmp_path)
    assert [s.value for s in found.Scalars("sum")] == [6.0, 6.0]
    assert [s.value for s in found.Scalars("loss")] == [1.0, 2.0]
    assert len(found.Histograms("values")) == 2


def test_a_killed_log_is_read_to_its_last_record(tmp_path: Path) -> None:
    made = RunLog(str(tmp_path), network()[0])
    made.write(1, (), {"loss": 1.0})
    made.flush()
    path = Path(made.path)
    path.write_bytes(path.read_bytes()[:-5])
    found = accumulated(tmp_path)
    assert found.Tags()["graph"] and found.Tags()["scalars"] == []
    made.close()


def test_run_with_a_logdir(invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    folder = str(tmp_path / "a")
    result = invoke("run", "specs/summaries.yaml", "--steps", "5", "--logdir", folder, "--format", "json")
    assert result.code == 0 and result.err.startswith("wrote ")
    found = accumulated(folder)
    tags = found.Tags()
    assert sorted(tags["scalars"]) == ["xor/accuracy", "xor/loss"] and tags["histograms"] == ["layer1/activations"]
    assert tags["run_metadata"] == ["step 1", "step 5"]
    last = found.Scalars("xor/loss")[-1]
    assert (last.step, np.float32(last.value)) == (5, np.float32(json.loads(result.out)["fetches"]["training.loss"]))
    listed = json.loads(invoke("events", "ls", folder, "--format", "json").out)["runs"][0]
    assert {(t["kind"], t["tag"]) for t in listed["tags"] if t["kind"] == "scalar"} == {
        ("scalar", "xor/accuracy"), ("scalar", "xor/loss")}


def test_summaries_that_cannot_be_had_are_left_out_and_told(invoke: Any, tmp_path: Path) -> None:
    spec = tmp_path / "g.yaml"
    spec.write_text("inputs: {x: {dtype: float32, shape: []}, y: {dtype: float32, shape: []}}\n"
                    "ops: {a: x * 2.0, sa: \"summary.scalar('sa', a)\", sb: \"summary.scalar('sb', y)\"}\n")
    result = invoke("run", str(spec), "--fetch", "a", "--feed", "x=3", "--logdir", str(tmp_path / "r"))
    assert "note: the summary sb is not logged: it needs y, which is not fed" in result.err
    assert accumulated(tmp_path / "r").Tags()["scalars"] == ["sa"]


def test_fetched_numbers_are_logged_under_the_names_they_are_fetched_by(invoke: Any, tmp_path: Path) -> None:
    spec = tmp_path / "g.yaml"
    spec.write_text("variables: {v: {shape: [], initializer: zeros}}\nops: {up: v.assign_add(1.5)}\n")
    invoke("run", str(spec), "--fetch", "up,v", "--steps", "3", "--logdir", str(tmp_path / "r"))
    found = accumulated(tmp_path / "r")
    assert [(s.step, s.value) for s in found.Scalars("v")] == [(1, 1.5), (2, 3.0), (3, 4.5)]


def test_the_projector_finds_vectors_and_labels(tmp_path: Path) -> None:
    plugin = pytest.importorskip("tensorboard.plugins.projector.projector_plugin")
    from graphcli.formats.events.projector import Embedding

    vectors = np.random.default_rng(1).normal(size=(7, 3)).astype(np.float32)
    with RunLog(str(tmp_path / "run")) as made:
        made.embeddings([Embedding("words/emb", vectors, [f"w{i}" for i in range(7)])])
        made.embeddings([Embedding("other", vectors * 2)])
    configs, paths = plugin.ProjectorPlugin._read_latest_config_files(None, [("run", str(tmp_path / "run"))])
    first, second = configs["run"].embeddings
    assert (first.tensor_name, second.tensor_name, list(first.tensor_shape)) == ("words/emb", "other", [7, 3])
    for info, wanted in ((first, vectors), (second, vectors * 2)):
        found = plugin._read_tensor_tsv_file(plugin._rel_to_abs_asset_path(info.tensor_path, paths["run"]))
        np.testing.assert_array_equal(found, wanted)
    labels = Path(plugin._rel_to_abs_asset_path(first.metadata_path, paths["run"])).read_text()
    assert labels.splitlines() == [f"w{i}" for i in range(7)]
    assert not second.metadata_path


def test_with_a_fixed_clock_the_same_run_gives_the_same_bytes(invoke: Any, tmp_path: Path,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1735689600")
    for name in ("a", "b", "a"):
        invoke("run", "specs/summaries.yaml", "--steps", "4", "--logdir", str(tmp_path / name))
    (first,), (second,) = ((list((tmp_path / n).iterdir())) for n in "ab")
    assert first.name == second.name == "events.out.tfevents.1735689600.graphcli"
    assert first.read_bytes() == second.read_bytes()


def test_an_export_is_the_same_file_whenever_it_is_made(invoke: Any, tmp_path: Path,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    for name in ("a", "b", "a"):
        assert invoke("export", "specs/rnn.yaml", "--logdir", str(tmp_path / name)).code == 0
    (first,), (second,) = ((list((tmp_path / n).iterdir())) for n in "ab")
    assert first.read_bytes() == second.read_bytes()
    found = accumulated(tmp_path / "a")
    assert found.Tags()["graph"] and found.Tags()["meta_graph"] and len(found.Graph().node) > 10
    listed = json.loads(invoke("nodes", str(first), "--format", "json").out)
    assert [n["name"] for n in listed] == [n.name for n in found.Graph().node]
