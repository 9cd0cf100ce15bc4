"""Graphs that TensorFlow 1.15 made, with op types that later releases no longer make, give 1.15's numbers."""
from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import GraphError
from graphcli.graph.verify import verify
from graphcli.graphdef.read import add_nodes
from graphcli.wire.messages import message

from .older.record import place

RECORDED = Path(__file__).parent / "older" / "recorded"
THEMES = {p.stem: json.loads(p.read_text()) for p in sorted(RECORDED.glob("*.json"))}
PROGRAMS = [pytest.param(theme, name, id=f"{theme}-{name}")
            for theme, told in THEMES.items() for name in told["programs"]]


def graph_of(told: Any) -> Any:
    """The GraphDef of a recorded program."""
    proto = message("GraphDef")()
    proto.ParseFromString(zlib.decompress(base64.b64decode(told["graph"])))
    return proto


def op_types() -> set[str]:
    """The op types of all recorded graphs, with those of their functions."""
    graphs = [graph_of(told) for theme in THEMES.values() for told in theme["programs"].values()]
    nodes = [n for g in graphs for n in (*g.node, *(n for f in g.library.function for n in f.node_def))]
    return {n.op for n in nodes}


def array(told: Any) -> Any:
    kind, shape, elements = told
    if kind == "string":
        return np.array([e.encode("latin1") for e in elements], object).reshape(shape)
    if kind.startswith("complex"):
        return np.array(elements, np.float64).view(np.complex128).astype(kind).reshape(shape)
    return np.array(elements, kind).reshape(shape)


@pytest.mark.parametrize(("theme", "name"), PROGRAMS)
def test_a_graph_of_tensorflow_1_gives_its_numbers(theme: str, name: str, tmp_path: Path) -> None:
    told = THEMES[theme]["programs"][name]
    for file, data in THEMES[theme]["files"].items():
        (tmp_path / file).write_bytes(base64.b64decode(data))
    graph = tf.Graph()
    proto = graph_of(told)
    with graph.as_default():
        add_nodes(graph, proto)
    verify(graph)
    with tf.Session(graph=graph) as session:
        for number, step in enumerate(told["steps"]):
            fetches = [graph.as_graph_element(f) for f in step["run"]]
            feeds = {k: place(array(v), str(tmp_path)) for k, v in step["feeds"].items()}
            try:
                values = session.run(fetches, feeds)
            except GraphError as error:
                names = [kind.__name__ for kind in type(error).__mro__]
                assert step.get("error", "").removesuffix("Error") in names, error
                continue
            assert "error" not in step, f"step {number}: TensorFlow says {step['error']}"
            for fetch, ours, wanted in zip(step["run"], values, step["values"]):
                if wanted is None:
                    continue
                theirs, ours = array(wanted), np.asarray(ours)
                assert (fetch, number, ours.shape) == (fetch, number, theirs.shape)
                if wanted[0] == "string":
                    assert (number, ours.reshape(-1).tolist()) == (number, theirs.reshape(-1).tolist())
                else:
                    assert ours.dtype == theirs.dtype, fetch
                    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6, err_msg=f"{fetch}, step {number}")
