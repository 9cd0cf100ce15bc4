"""Graphs that TensorFlow 1.15 wrote, tf.contrib's too: they start, give and learn its numbers, and are said in specs.

`record_1_15.py` made them.
"""
from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli
from graphcli.analysis.lint import lint
from graphcli.cli.as_spec import as_spec
from graphcli.formats.open import open_bytes
from graphcli.graph.verify import verify

HERE = Path(__file__).parent / "recorded" / "by_1_15"
ANSWERS = json.loads((HERE / "answers.json").read_text())


@cache
def built(name: str) -> Any:
    return open_bytes(gzip.decompress((HERE / f"{name}.meta.gz").read_bytes()), f"{name}.meta").default


def same(found: Any, wanted: Any, fetch: str, tolerance: float) -> None:
    found = np.asarray(found)
    if found.dtype.kind == "O":
        assert [v.decode() for v in found.ravel()] == np.asarray(wanted).ravel().tolist(), fetch
    elif found.dtype.kind == "f":
        np.testing.assert_allclose(found, np.array(wanted, found.dtype), tolerance, tolerance, err_msg=fetch)
    else:
        assert found.tolist() == wanted, fetch


@pytest.mark.parametrize("name", ANSWERS)
def test_it_starts_and_learns_as_there(name: str) -> None:
    asked, graph = ANSWERS[name], built(name).graph
    verify(graph)
    feeds = {graph.get_tensor_by_name(k): v for k, v in asked["feeds"].items()}
    fetches = [graph.get_tensor_by_name(f) for f in asked["fetches"]]
    with graphcli.Session(graph, threads=1) as session:
        session.run([graph.get_operation_by_name(op) for op in asked["first"]])
        for i, values in enumerate(asked["values"]):
            for _ in range(2 if i else 0):
                session.run(graph.get_operation_by_name(asked["train"]), feeds)
            for fetch, found, wanted in zip(asked["fetches"], session.run(fetches, feeds), values, strict=True):
                same(found, wanted, f"{fetch} {'after' if i else 'before'} training", 1e-4 if i else 1e-5)


@pytest.mark.parametrize("name", ANSWERS)
def test_its_variables_are_told_from_those_of_training(name: str) -> None:
    assert not [f for f in lint(built(name)) if f.rule in ("renamed", "unread")]


@pytest.mark.parametrize("name", [n for n in ANSWERS if not built(n).graph.functions])
def test_a_spec_says_it(name: str) -> None:
    assert as_spec(built(name))
