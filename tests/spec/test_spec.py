"""Whole specs whose statements make Python values only: params, functions, blocks, graphs, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcli.errors import GraphError, UsageError
from graphcli.source import Source
from graphcli.spec import json_schema, load_spec, schema
from graphcli.spec.editors import KINDS


def handles(text: str, **params: Any) -> dict[str, Any]:
    return load_spec(Source("t.yaml", text), params=params).default.flat_handles()


def errors(text: str, **params: Any) -> list[tuple[str, str]]:
    """(place, message) of each error."""
    with pytest.raises(GraphError) as e:
        load_spec(Source("t.yaml", text), params=params)
    assert e.value.render()
    return [(str(x.span).removeprefix("t.yaml:") if x.span else "", x.message) for x in e.value.errors()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("params: {n: 2}\nops: {a: n + 1}", {"a": 3}),
        ("params: {n: 2, m: '${n + 1}'}\nops: {a: m * 2}", {"a": 6}),
        ("params: {n: 2}\nops: {'h${n}': 1, 'a': 'h${n} + 1'}", {"h2": 1, "a": 2}),
        (
            "ops:\n  - for: {i: range(3)}\n    ops: {'a${i}': i * i}\n  - b: a2",
            {"a0": 0, "a1": 1, "a2": 4, "b": 4},
        ),
        ("ops:\n  - for: {k: [x, y]}\n    ops: {'a_${k}': 1}", {"a_x": 1, "a_y": 1}),
        (
            "ops:\n  - for: {i: range(2)}\n    ops:\n    - for: {j: range(i + 1)}\n      ops: {'a${i}${j}': 1}",
            {"a00": 1, "a10": 1, "a11": 1},
        ),
        (
            "ops: {pair: {a: 1, b: 2 + 1}, c: pair.b, l: [1, 1 + 1], d: 'l[1]'}",
            {"pair": {"a": 1, "b": 3}, "c": 3, "l": [1, 2], "d": 2},
        ),
        ("ops: {a: null, b: true, c: 1e-3, d: \"'text'\"}", {"a": None, "b": True, "c": 1e-3, "d": "text"}),
        (
            "functions:\n  f: {inputs: [x, y: 2], ops: {z: x + y}, returns: z}\nops: {a: f(1), b: 'f(1, y=5)'}",
            {"a": 3, "b": 6},
        ),
        (
            "functions:\n  f: {inputs: [x], returns: {a: x, b: x + base}}\nops: {base: 10, r: f(1), s: r.b}",
            {"base": 10, "r": {"a": 1, "b": 11}, "s": 11},
        ),
        ("params: {n: 1}\nops:\n  - {assert: n > 0, message: no}\n  - a: n", {"a": 1}),
        ("ops: {f: 'lambda v: v + 1', a: f(1)}", {"a": 2}),
        ("ops:\n  - {device: null, ops: {a: 1}}\n  - b: a", {"a": 1, "b": 1}),
    ],
)
def test_values(text: str, expected: dict[str, Any]) -> None:
    got = handles(text)
    assert {k: got[k] for k in expected} == expected


def test_override() -> None:
    assert handles("params: {n: 2, m: '${n + 1}'}\nops: {a: m}", n=5)["a"] == 6
    assert errors("params: {hidden: 2}\nops: {a: 1}", hiden=1) == [("", "unknown param 'hiden'")]


def test_params_may_stand_in_any_order() -> None:
    assert handles("params: {m: '${n + 1}', n: '${k.a}', k: {a: 2}}\nops: {a: m}")["a"] == 3
    assert handles("params: {m: '${n + 1}', n: '${k.a}', k: {a: 2}}\nops: {a: m}", n=5)["a"] == 6
    part = load_spec(Source("t.yaml", "params: {m: '${n}', n: 2}\nops: {a: m}")).default
    assert list(part.params.items()) == [("m", 2), ("n", 2)]
    assert errors("params: {m: '${n}', n: '${m}'}\nops: {a: m, b: '${n}'}") == [
        ("1:13", "the param 'm' is made of itself: m -> n -> m")]
    assert handles("params: {m: '${n}', n: '${m}'}\nops: {a: m, b: '${n}'}", n=4)["b"] == 4


def test_a_param_of_an_include_is_made_of_what_the_spec_says_instead(tmp_path: Path) -> None:
    (tmp_path / "lib.inc").write_text("params: {n: 1, m: '${n + 1}'}")
    main = tmp_path / "main.yaml"
    main.write_text("include: [lib.inc]\nparams: {k: '${m}', n: 5}\nops: {a: k}")
    assert load_spec(main).default.flat_handles()["a"] == 6
    assert load_spec(main, params={"n": 7}).default.flat_handles()["a"] == 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("graphcli: 2\nops: {a: 1}", [("1:11", "this is version 1 of the language, not 2")]),
        ("oops: {a: 1}\nops: {b: a}", [("1:1", "unknown key 'oops'")]),
        ("ops:\n  a: 1\n  a: 2", [("3:3", "the key 'a' is given twice: lines 2 and 3")]),
        (
            "ops:\n  - a: 1\n  - b: 2\n  - a: 3",
            [("4:5", "the handle 'a' is bound twice in this block: lines 2 and 4")],
        ),
        (
            "ops:\n  a: nope\n  b: a + 1\n  c: nope2\n  d: [a, b]",
            [("2:6", "unknown name 'nope'"), ("4:6", "unknown name 'nope2'")],
        ),
        (
            "ops:\n  - for: {i: nope}\n    ops: {a: 1}\n  - b: a",
            [("2:14", "unknown name 'nope': only params and range, len, min, max are known here")],
        ),
        ("ops:\n  - for: {i: range(2)}\n    ops: {'a${i}': x}", [("3:20", "unknown name 'x'")]),
        ("ops:\n  - {assert: 1 > 2}", [("2:5", "assertion failed: 1 > 2")]),
        ("ops:\n  - {assert: 1 > 2, message: too small}", [("2:5", "too small")]),
        (
            "functions:\n  f: {inputs: [x], ops: {y: f(x)}, returns: y}\nops: {a: f(1)}",
            [("2:29", "the function 'f' calls itself: recursion is refused")],
        ),
        (
            "functions:\n  f: {returns: g()}\n  g: {returns: f()}\nops: {a: f()}",
            [("3:16", "the function 'f' calls itself (f -> g -> f): recursion is refused")],
        ),
        ("functions:\n  f: {inputs: [x]}\nops: {a: f()}", [("3:10", "f() misses the input 'x'")]),
        (
            "functions:\n  f: {inputs: [x]}\nops: {a: 'f(1, 2)'}",
            [("3:11", "f() takes 1 input, not 2")],
        ),
        ("functions:\n  f: {input: [x]}\nops: {a: 1}", [("2:7", "unknown key 'input'")]),
        (
            "functions:\n  f: {inputs: [x], returns: y}\nops: {y: 1, a: f(1), b: z}",
            [("3:25", "unknown name 'z'")],
        ),
        ("inputs:\n  x: {dtype: flot32}", [("2:14", "unknown dtype 'flot32'")]),
        ("inputs:\n  x: {shape: [1]}", [("2:3", "the input 'x' has no dtype")]),
        ("inputs:\n  x: 3", [("2:6", "the input 'x' is a mapping of fields, not '3'")]),
        (
            "inputs:\n  x: {dtyp: int32, shap: [1]}",
            [("2:7", "unknown key 'dtyp'"), ("2:20", "unknown key 'shap'")],
        ),
        ("variables:\n  - {scope: s}", [("2:6", "scope does not stand in variables")]),
        (
            "ops:\n  - {scop: s, ops: {a: 1}}\n  - b: s",
            [("2:6", "an item is one 'name: definition' or a statement, and 'scop' is no statement")],
        ),
        ("ops: 3", [("1:6", "ops is a mapping or a list, not '3'")]),
        ("ops: [3]", [("1:7", "an item of ops is 'name: definition' or a statement")]),
        ("seed: x\nops: {a: 1}", [("1:7", "seed is a whole number, not 'x'")]),
        (
            "params: {n: '${m}'}\nops: {a: n}",
            [("1:13", "unknown name 'm': only params and range, len, min, max are known here")],
        ),
        ("devices: {'/cpu:0': nump}\nops: {a: 1}", [("1:21", "unknown backend 'nump'")]),
        ("outputs: [b]\nops: {a: 1}", [("1:11", "unknown value 'b'")]),
        ("include: [nowhere.yaml]\nops: {a: 1}", [("1:11", "no such file: nowhere.yaml")]),
        ("include: [/etc/passwd]\nops: {a: 1}", [("1:11", "'/etc/passwd' is no path relative to this file")]),
        ("ops:\n  a: py_func(1)", [("2:6", "py_func is refused: a spec holds no Python code")]),
        ("collections: {c: 1}", [("1:18", "a collection is a list of expressions")]),
        ("ops:\n  - {add_to_collection: c}", [("2:5", "add_to_collection needs value")]),
        ("ops:\n  - {Variable: v}", [("2:5", "Variable needs initial_value")]),
        ("ops:\n  - {control_dependencies: 1}", [("2:28", "control_dependencies takes a list")]),
        ("ops:\n  - {for: {i: 3}}", [("2:15", "for runs over a list, not 3")]),
        ("ops:\n  - {for: i}", [("2:11", "for is one name and what it runs over")]),
        ("ops:\n  - {device: '/gpu:zero:1', ops: {a: 1}}\n  - b: a", None),
        ("params: {a: xx}\nops: {b: '${a}'}", [("2:10", "unknown name 'xx'")]),
        ("graphs: {}", [("1:9", "graphs is a mapping: name: graph")]),
        ("graphs: {g: {ops: {a: 1}}}\nops: {b: 1}", [("2:1", "unknown key 'ops'")]),
        (
            "graphs:\n  one: {ops: {a: 1}}\n  two: {ops: {b: one.a}}",
            [("3:18", "one is another graph: its tensors are not elements of this graph")],
        ),
        ("ops: {a: 'tensor(1)'}", [("1:11", "a graph name is a string, not 1")]),
    ],
)
def test_refused(text: str, expected: list[tuple[str, str]] | None) -> None:
    got = errors(text)
    if expected is not None:
        assert got == expected
    else:
        assert len(got) == 1


def test_error_in_a_function_names_its_calls() -> None:
    with pytest.raises(GraphError) as e:
        load_spec(Source("t.yaml", "functions:\n  f: {returns: qqqqqqq}\n  g: {ops: {y: f()}}\nops: {a: g(), b: g()}"))
    (error,) = e.value.errors()
    assert error.render().splitlines()[0] == "error: t.yaml:2:16: unknown name 'qqqqqqq'"


def test_graphs() -> None:
    text = "params: {n: 1}\nseed: 5\ngraphs:\n  one: {ops: {a: n}}\n  two: {params: {n: 2}, seed: 6, ops: {a: n}}\n"
    spec = load_spec(Source("t.yaml", text))
    assert {g.name: (g.flat_handles()["a"], g.seed) for g in spec} == {"one": (1, 5), "two": (2, 6)}
    only = load_spec(Source("t.yaml", text), graph="two", seed=9)
    assert list(only.graphs) == ["two"] and only.default.seed == 9 and only.graph_names == ["one", "two"]
    with pytest.raises(UsageError, match="no graph 'tow'"):
        load_spec(Source("t.yaml", text), graph="tow")


def test_names(tmp_path: Path) -> None:
    path = tmp_path / "nice.yaml"
    path.write_text("ops: {a: 1}", encoding="utf-8")
    assert load_spec(path).default.name == "nice"
    path.write_text("graph: other\nops: {a: 1}", encoding="utf-8")
    assert load_spec(str(path)).default.name == "other"
    with pytest.raises(GraphError, match="cannot read"):
        load_spec(tmp_path / "none.yaml")


def test_includes(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.inc").write_text("include: [b.inc]\nparams: {n: 1}\nfunctions: {f: {returns: g() + n}}")
    (tmp_path / "lib" / "b.inc").write_text("params: {n: 7, m: 3}\nfunctions: {g: {returns: m}}")
    main = tmp_path / "main.yaml"
    main.write_text("include: [lib/a.inc]\nops: {a: f()}")
    assert load_spec(main).default.flat_handles()["a"] == 4
    assert load_spec(main, params={"m": 10}).default.flat_handles()["a"] == 11
    (tmp_path / "lib" / "b.inc").write_text("include: [a.inc]")
    with pytest.raises(GraphError, match="a.inc includes itself: a.inc -> b.inc -> a.inc"):
        load_spec(main)
    (tmp_path / "lib" / "b.inc").write_text("a: [")
    with pytest.raises(GraphError) as e:
        load_spec(main)
    assert str(e.value.errors()[0].span).endswith("b.inc:1:4")


def test_devices() -> None:
    text = "devices: {'/cpu:0': numpy, '/gpu:1': {backend: cupy, fallback: '/cpu:0'}}\nops: {a: 1}"
    devices = load_spec(Source("t.yaml", text)).default.devices
    assert {k: (v.backend, v.options) for k, v in devices.items()} == {
        "/device:CPU:0": ("numpy", {}),
        "/device:GPU:1": ("cupy", {"fallback": "/cpu:0"}),
    }


def test_eager_hook() -> None:
    seen: list[tuple[str | None, Any, str]] = []
    load_spec(
        Source("t.yaml", "ops:\n  a: 1\n  b: a + 1"),
        on_statement=lambda name, value, span: seen.append((name, value, str(span))),
    )
    assert seen == [("a", 1, "t.yaml:2:3"), ("b", 2, "t.yaml:3:3")]


def test_schema_knows_every_word() -> None:
    text = str(json_schema())
    for word in (*schema.TOP_KEYS, *schema.SECTIONS, *schema.STATEMENTS):
        assert repr(word) in text
    for statement in schema.STATEMENTS.values():
        assert statement.doc and all(f.doc and f.kind in KINDS for f in statement.fields)


CASES = sorted((Path(__file__).parents[1] / "oracle" / "cases").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=[p.stem for p in CASES])
def test_schema_accepts_the_corpus(path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from graphcli.cli.literals import _plain
    from graphcli.spec.load import load, read_source

    wrong = ("error_yaml_syntax", "error_duplicate_key", "error_unknown_key", "error_language_version")
    if path.stem in wrong[:2]:
        pytest.skip("it is no YAML")
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    assert validator.is_valid(_plain(load(read_source(path)))) == (path.stem not in wrong)


WORDS = [
    *schema.TOP_KEYS,
    *schema.SECTIONS,
    *schema.STATEMENTS,
    "as",
    "reuse",
    "returns",
    "x",
    "a",
    "dtype",
    "value",
]
VALUES = st.recursive(
    st.sampled_from(
        [
            "x",
            "a",
            "1",
            "relu(x)",
            "x + 1",
            "${a}",
            "range(3)",
            "reuse_variables",
            "null",
            "true",
            "float32",
            "'a",
            "lambda: x",
            "f(1)",
        ]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda v: f"[{', '.join(v)}]"),
        st.dictionaries(st.sampled_from(WORDS), inner, max_size=3).map(
            lambda d: "{" + ", ".join(f"{k}: {v}" for k, v in d.items()) + "}"
        ),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([w for w in WORDS if w != "include"]), VALUES, max_size=4))
def test_any_document(document: dict[str, str]) -> None:
    try:
        load_spec(Source("t.yaml", "\n".join(f"{k}: {v}" for k, v in document.items())))
    except GraphError as e:
        assert e.render()


@pytest.mark.parametrize("call", ["train.write_graph(x, '.', 'stolen.pb')", "train.export_meta_graph('stolen.meta')",
                                  "train.import_meta_graph('secret.meta')", "write_graph(x, '.', 'stolen.pb')"])
def test_a_spec_reads_and_writes_no_file_by_a_call(call: str) -> None:
    with pytest.raises(GraphError, match="unknown function|has no"):
        load_spec(Source("a.yaml", f"inputs: {{x: placeholder(float32)}}\nops:\n  y: {call}\n"))
