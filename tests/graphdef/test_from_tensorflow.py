"""Graphs that TensorFlow wrote are read, and give TensorFlow's numbers."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli
from graphcli.formats.graphdef.write import to_bytes
from graphcli.formats.open import open_bytes, open_file
from graphcli.graph.verify import verify

HERE = Path(__file__).parent / "recorded"
ANSWERS = json.loads((HERE / "answers.json").read_text())
FILES = ["references.meta", "references.pb", "resources.meta", "resources.pb", "functions.pb", "saved"]


def check(built: Any, name: str) -> None:
    with graphcli.Session(built) as session:
        session.initialize()
        for step in ANSWERS[name]:
            found = session.run([built.resolve(f) if ":" in f or "." in f else built.graph.get_operation_by_name(f)
                                 for f in step["fetches"]], {built.resolve(k): v for k, v in step["feeds"].items()})
            for fetch, ours, theirs in zip(step["fetches"], found, step["values"]):
                if theirs is not None:
                    np.testing.assert_allclose(ours, theirs, rtol=1e-5, err_msg=fetch)


@pytest.mark.parametrize("name", FILES)
def test_numbers_are_tensorflows(name: str) -> None:
    built = open_file(str(HERE / name)).default
    verify(built.graph)
    check(built, name.partition(".")[0])


@pytest.mark.parametrize("name", FILES)
def test_what_tensorflow_wrote_goes_through_our_files(name: str) -> None:
    built = open_file(str(HERE / name)).default
    for form in ("binary", "text", "meta"):
        again = open_bytes(to_bytes(built.graph, form, beside=built.beside), name).default
        verify(again.graph)
        again.checkpoint = built.checkpoint
        if form == "meta" or "." not in "".join(ANSWERS[name.partition(".")[0]][0]["fetches"]):
            check(again, name.partition(".")[0])


@pytest.mark.parametrize("name", ["resources.meta", "resources.pb"])
def test_resource_variables_are_shown_as_variables(name: str, invoke: Any) -> None:
    told = json.loads(invoke("scopes", str(HERE / name), "--format", "json").out)["variables"]
    assert {(v["name"], v["dtype"], tuple(v["shape"]), v["trainable"]) for v in told} >= {
        ("table", "float32", (3, 2), True), ("bias", "float32", (2,), True), ("count", "int64", (), False)}
    assert "parameters" in invoke("info", str(HERE / name)).out


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("verb", ["info", "scopes", "nodes", "collections", "devices", "check"])
def test_every_verb_reads_it(name: str, verb: str, invoke: Any) -> None:
    told = invoke(verb, str(HERE / name))
    assert told.code == 0 and (told.out or verb == "collections")
