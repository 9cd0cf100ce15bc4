"""No input of any kind to any verb ends in a traceback: bytes, broken specs, odd structures, odd arguments.

``guarded`` turns what nobody foresaw into an error that calls itself a bug; here none may occur.
"""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphcli.cli.main import VERBS

SPECS = Path(__file__).parents[2] / "specs"
TEXTS = [p.read_text(encoding="utf-8") for p in sorted(SPECS.glob("*.yaml")) if "digits" not in p.stem]
READERS = [v for v in VERBS if v not in ("ops", "init", "schema", "completion", "events", "ckpt", "train")]
MORE = {"feeds": ["--fetch", "y"], "node": ["y"], "run": ["--steps", "2"]}
QUIET = settings(max_examples=60, deadline=None,
                 suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture,
                                        HealthCheck.data_too_large])


def fine(result: Any) -> None:
    assert result.code in (0, 1, 2)
    assert "bug in graphcli" not in result.err and "Traceback" not in result.err, result.err
    assert result.code == 0 or result.err.startswith(("error: ", "note: ")) or result.out


def read(invoke: Any, verb: str, data: bytes, *more: str) -> None:
    fine(invoke(verb, "-", *MORE.get(verb, []), *more, stdin=data))


@pytest.mark.parametrize("verb", READERS)
@QUIET
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_bytes(invoke: Any, verb: str, data: bytes) -> None:
    read(invoke, verb, data)


@st.composite
def broken(draw: Any) -> bytes:
    """A spec of the gallery with a few characters or lines taken out, put in or doubled."""
    text = draw(st.sampled_from(TEXTS))
    text = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for _ in range(draw(st.integers(1, 3))):
        lines = text.split("\n")
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        how = draw(st.sampled_from(["drop", "double", "cut", "insert", "indent", "swap", "word"]))
        if how == "drop":
            del lines[at]
        elif how == "double":
            lines.insert(at, line)
        elif how == "cut":
            i = draw(st.integers(0, len(line)))
            lines[at] = line[:i] + line[i + draw(st.integers(1, 5)):]
        elif how == "insert":
            i = draw(st.integers(0, len(line)))
            lines[at] = line[:i] + draw(st.text("[]{}()'\":,-+*@${}&!#%0123456789 \txyz", max_size=4)) + line[i:]
        elif how == "indent":
            lines[at] = " " * draw(st.integers(0, 6)) + line.lstrip()
        elif how == "swap" and at:
            lines[at], lines[at - 1] = lines[at - 1], line
        elif how == "word":
            words = line.split(" ")
            words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(
                ["null", "-1", "true", "[]", "{}", "'x'", "float32", "nan", "1e999", "x", "~", "range(3)", "0"]))
            lines[at] = " ".join(words)
        text = "\n".join(lines)
    return text.encode()


@settings(parent=QUIET, max_examples=300)
@given(verb=st.sampled_from(READERS), data=broken())
def test_broken_specs(invoke: Any, verb: str, data: bytes) -> None:
    read(invoke, verb, data)


WORDS = st.sampled_from([
    "graph", "seed", "params", "include", "devices", "functions", "graphs", "outputs", "inputs", "variables", "ops",
    "scopes", "collections", "dtype", "shape", "default", "device", "as", "initializer", "reuse", "get_variable",
    "Variable", "initial_value", "op", "name", "attrs", "control_inputs", "scope", "default_name", "reopen",
    "name_scope", "control_dependencies", "colocate_with", "add_to_collection", "value", "for", "assert", "message",
    "returns", "x", "y", "w"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 2**40), st.floats(), WORDS, st.sampled_from([
        "float32", "int32", "relu(x)", "x + 1", "x @ w", "matmul(x, x)", "zeros([2, 2])", "x[0]", "reduce_sum(x)",
        "${x}", "lambda: x", "zeros", "random_normal", "auto", "/gpu:0", "reuse_variables", "MatMul", "Const",
        "constant('a')", "gradients(y, x)", "range(3)", "x.shape", "[1, 2]", "tensor('x')", "cond(x, y, w)"]),
    st.text(max_size=5))
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
                     max_leaves=25)


@settings(parent=QUIET, max_examples=300)
@given(verb=st.sampled_from(READERS), tree=st.dictionaries(WORDS, TREES, max_size=5))
def test_odd_structures(invoke: Any, verb: str, tree: Any) -> None:
    read(invoke, verb, json.dumps(tree).encode())


GOOD = b"""
params: {n: 2}
inputs: {x: {dtype: float32, shape: [null, n]}, s: {dtype: string}, i: {dtype: int32}, c: {dtype: complex64}}
variables: {w: {shape: [n], initializer: ones}}
ops: {y: x + w, t: "assign_add(w, [1.0, 1.0])", k: 3, p: {a: x, b: [i]}, g: 'gather(w, i)'}
outputs: [y]
"""
VALUES = st.one_of(
    st.text(max_size=12), st.sampled_from(["1", "[1,2]", "[[1,2]]", "[[NaN,1]]", "@-", "@x.npy", "@.npz:a", "@", "-",
                                           "[[1e999,1]]", "{base64: x}", "[[[[", "null", "[[1,2],[3]]", "9" * 400]),
    TREES.map(json.dumps))
NAMES = st.sampled_from(["x", "s", "i", "c", "w", "y", "t", "k", "p", "g", "x:0", "y:7", "w/read", "p.a", "p.b", "",
                         "nope", ":0", "y:", "w/"]) | st.text(max_size=4)
FLAGS = st.one_of(
    st.tuples(st.just("--fetch"), NAMES), st.builds(lambda n, v: ("--feed", f"{n}={v}"), NAMES, VALUES),
    st.builds(lambda n, v: ("--random", f"{n}={v}"), NAMES, VALUES), st.tuples(st.just("--random"), NAMES),
    st.builds(lambda v: ("--set", f"n={v}"), VALUES), st.tuples(st.just("--graph"), NAMES),
    st.tuples(st.just("--steps"), st.sampled_from(["1", "2", "-1", "x"])), st.just(("--eager",)),
    st.tuples(st.just("--seed"), st.sampled_from(["1", "-1", "x", "9" * 30])), st.just(("--format", "json")))


@settings(parent=QUIET, max_examples=400)
@given(flags=st.lists(FLAGS, max_size=5))
def test_arguments_of_run(invoke: Any, flags: list[tuple[str, ...]]) -> None:
    words = [w.replace("\0", "") for flag in flags for w in flag]
    fine(invoke("run", "-", *words, stdin=GOOD))


@settings(parent=QUIET, max_examples=300)
@given(verb=st.sampled_from(READERS), name=NAMES, flag=st.sampled_from([
    [], ["--why"], ["--same", "w"], ["--op"], ["--scope"], ["--device"], ["--collection"], ["--upstream-of"],
    ["--downstream-of"], ["--fetch"], ["--depth"], ["--feed"], ["--graph"], ["--lint"], ["--all"], ["--cost"]]))
def test_arguments_of_other_verbs(invoke: Any, verb: str, name: str, flag: list[str]) -> None:
    fine(invoke(verb, "-", *flag, *([name] if name else []), stdin=GOOD))


@QUIET
@given(words=st.lists(st.sampled_from([*VERBS, "-", "--help", "--format", "json"]) | st.text(max_size=5), max_size=4))
def test_any_words(invoke: Any, words: list[str], tmp_path_factory: Any) -> None:
    fine(invoke(*[w.replace("\0", "") for w in words], cwd=tmp_path_factory.getbasetemp()))


@QUIET
@given(data=st.binary(max_size=100), ending=st.sampled_from(["npy", "npz", "csv", "json", "yaml"]),
       flag=st.sampled_from(["--feed", "--feeds"]),
       magic=st.sampled_from([b"", b"\x93NUMPY\x01\x00v\x00{", b"PK\x03\x04"]))
def test_feed_files(invoke: Any, data: bytes, ending: str, flag: str, magic: bytes, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.getbasetemp() / f"feed.{ending}"
    path.write_bytes(magic + data)
    fine(invoke("run", "-", flag, f"x=@{path}" if flag == "--feed" else str(path), stdin=GOOD))


@QUIET
@given(text=st.text(max_size=60) | st.sampled_from(TEXTS), word=NAMES)
def test_completion(text: str, word: str, tmp_path_factory: Any) -> None:
    import click

    from graphcli.cli import complete
    from graphcli.cli.run import command

    path = tmp_path_factory.getbasetemp() / "complete.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    context = click.Context(command)
    context.params = {"path": str(path), "graph_name": None}
    for function in (complete.handles, complete.feeds, complete.inputs, complete.graphs, complete.params,
                     complete.scopes):
        function(context, command.params[0], word)
