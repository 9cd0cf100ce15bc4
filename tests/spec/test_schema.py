"""The JSON Schema for editors takes what the parser takes: each field, with values of each kind."""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from graphcli.cli.literals import _plain
from graphcli.errors import GraphError
from graphcli.source import Source
from graphcli.spec import json_schema, load_spec, schema
from graphcli.spec.load import load

jsonschema = pytest.importorskip("jsonschema")

PARAMS = ("params: {s: a, l: [a, b], n: 2, t: true, z: null, m: {a: 1}, dtype: float32, auto: auto, backend: numpy, "
          "attrs: {T: float32}}")
VALUES = ["null", "true", "1", "1.0", "2.5", "-1", ".inf", "a", "'a'", "''", "[]", "{}", "[1]", "[a, 1]", "[null]",
          "[[1, 2]]", "{a: 1}", "float32", "auto", "/cpu:0", "numpy", "zeros", "'lambda x: x'", "'x${s}'", "'${s}'",
          "'${l}'", "'${n}'", "'${t}'", "'${z}'", "'${m}'", "'${dtype}'", "'${auto}'", "['${s}']", "'${attrs}'"]
TOPS = [f"{key}: @\nops: {{q: constant(1.0)}}" for key in schema.TOP_KEYS if key not in ("params", "graphs")] + [
    f"{place}\nops: {{q: constant(1.0)}}" for place in (
        "devices: {/cpu:0: @}", "devices: {/cpu:0: {backend: @}}", "devices: {/cpu:0: {backend: numpy, threads: @}}",
        "functions: {f: @}")] + [
    f"functions: {{f: {body}}}\nops: {{r: {call}}}" for body, call in (
        ("{inputs: @, returns: 1}", "f()"), ("{inputs: [@], returns: 1}", "f(1)"), ("{inputs: [{k: @}]}", "f()"),
        ("{returns: @}", "f()"), ("{ops: @}", "f()"), ("{ops: {x: @}}", "f()"))] + [
    "graphs: @", "graphs: {g: @}", "graphs: {g: {ops: {y: @}}}"]
SECTIONS = [f"{s}: {body}" for s in schema.SECTIONS for body in ("@", "{x: @}", "[@]", "[x: @]")]
NEEDS = {"inputs": "dtype: float32", "variables": "shape: [2]", "get_variable": "shape: [2]",
         "Variable": "initial_value: 1.0", "add_to_collection": "value: q", "op": "inputs: [[1.0, 2.0]]"}
OWN = {"for": "{i: [1]}", "control_dependencies": "[q]", "colocate_with": "q", "op": "Tanh", "assert": "true",
       "device": "/cpu:0", "reopen": "sc"}


def beside(needed: str, field: str) -> str:
    """What a statement needs beside a field."""
    text = NEEDS.get(needed, "")
    return f"{text}, " if text and not text.startswith(f"{field}:") else ""


def places() -> Iterator[str]:
    """Specs with @ where a value is to stand."""
    yield from (f"{PARAMS}\n{text}" for text in TOPS + SECTIONS)
    yield "params: @\nops: {q: constant(1.0)}"
    for section, fields in ("inputs", schema.INPUT_FIELDS), ("variables", schema.VARIABLE_FIELDS):
        yield from (f"{PARAMS}\n{section}: {{x: {{{beside(section, f.name)}{f.name}: @}}}}" for f in fields)
    yield from (f"{PARAMS}\nscopes: {{x: {{{f.name}: @, ops: {{y: constant(1.0)}}}}}}" for f in schema.SCOPE_FIELDS)
    start = "ops: [q: constant(1.0), scope: sc, "
    for word, statement in schema.STATEMENTS.items():
        yield f"{PARAMS}\n{start}{{{beside(word, word)}{word}: @}}]"
        yield from (f"{PARAMS}\n{start}{{{beside(word, f.name)}{word}: {OWN.get(word, 'nm')}, {f.name}: @}}]"
                    for f in statement.fields)
    yield f"{PARAMS}\nops: [{{for: {{i: @}}, ops: {{'a${{i}}': constant(1.0)}}}}]"


@pytest.mark.parametrize("value", VALUES)
def test_what_the_parser_takes_the_schema_takes(value: str) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    taken, stricter = 0, []
    for place in places():
        text = place.replace("@", value)
        try:
            document = _plain(load(Source("t.yaml", text)))
            load_spec(Source("t.yaml", text))
        except GraphError:
            continue
        taken += 1
        stricter += [text] if not validator.is_valid(document) else []
    assert taken > 5 and not stricter
