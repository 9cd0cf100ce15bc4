"""The loader: places, YAML 1.2 scalars, and everything that it refuses."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcli.errors import GraphError
from graphcli.source import Source
from graphcli.spec.load import decode_source, load
from graphcli.spec.tree import Map, Scalar, Seq, core_scalar


def read(text: str) -> Map:
    return load(Source("t.yaml", text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-7", -7),
        ("+3", 3),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e-3", 1e-3),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5E+2", -150.0),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2001-01-01", "2001-01-01"),
        ("0b1", "0b1"),
        ("tRue", "tRue"),
        ("1e", "1e"),
        ("-", "-"),
        ("+.5", 0.5),
        ("<<", "<<"),
        ("=", "="),
        ("-x @ w", "-x @ w"),
    ],
)
def test_core_scalars(text: str, value: object) -> None:
    got = core_scalar(text)
    assert got == value and type(got) is type(value)


def test_nan() -> None:
    assert math.isnan(core_scalar(".nan"))


def test_quoted_is_text() -> None:
    assert [v.value for _, v in read("a: '1'\nb: \"true\"\nc: !!str 1\nd: !!int '3'\ne: !!float 1")] == [
        "1",
        "true",
        "1",
        3,
        1.0,
    ]


@pytest.mark.parametrize("lead", ["", "# é ünïcode 😀\n", "\ufeff", "x: '😀😀'\r\n"])
def test_places_are_characters(lead: str) -> None:
    text = lead + "näme: {é: relu(ö), 'q': \"w 😀\"}\nops:\n  - a: 1\n  - b\n"
    tree = read(text)
    key, value = next((k, v) for k, v in tree if k.text == "näme")
    assert text[key.start : key.end] == "näme"
    assert isinstance(value, Map)
    assert [text[k.start : k.end] for k, _ in value] == ["é", "'q'"]
    assert [text[v.start : v.end] for _, v in value] == ["relu(ö)", '"w 😀"']
    assert all(isinstance(v, Scalar) and v.inner() is not None for _, v in value)
    ops = tree.get("ops")
    assert isinstance(ops, Seq) and text[ops.start : ops.end].endswith("- b")


def test_folded_text_has_no_exact_place() -> None:
    tree = read("a: x +\n  y\nb: 'it''s'\nc: |\n  x\n")
    assert [v.inner() for _, v in tree if isinstance(v, Scalar)] == [None, None, None]


def test_alias_is_the_value() -> None:
    tree = read("a: &x {dtype: int32}\nb: *x\n")
    assert tree.get("a") is tree.get("b")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("- 1", 1, "a spec is a mapping"),
        ("a: 1\na: 2", 2, "given twice: lines 1 and 2"),
        ("a: 1\n\tb: 2", 2, "tab"),
        ("ops:\n\ta: 1", 2, "tab"),
        ("a: 1\n---\nb: 2", 2, "one YAML document"),
        ("a: &x [*x]", 1, "inside its own anchor"),
        ("a: *nope", 1, "no anchor"),
        ("a: !!python/object:os.system x", 1, "refused"),
        ("a: !thing x", 1, "refused"),
        ("a: !!set {x}", 1, "refused"),
        ("a: !!int x", 1, "no int"),
        ("? [a]\n: 1", 1, "a key is one word"),
        ("a: 'x", 1, "not YAML"),
        ("a: [1\nb: 2", 2, "expected ',' or ']'"),
        ("a: b: c", 1, "not YAML"),
        ("a: \x01", 1, "U+0001"),
        ("- " * 150 + "x", 1, "deep"),
        ("[" * 5000, 1, ""),
        ("a: @x", 1, "not YAML"),
    ],
)
def test_refused(text: str, line: int, words: str) -> None:
    with pytest.raises(GraphError) as e:
        read(text)
    assert words in e.value.message
    assert e.value.span is not None and e.value.span.line == line
    assert e.value.render().startswith("error: t.yaml:")


def test_alias_bomb() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(GraphError, match="2000000 values"):
        read("\n".join(lines))


def test_not_utf8() -> None:
    with pytest.raises(GraphError, match="byte 0xff") as e:
        decode_source("ä: 1\nb: ".encode() + b"\xff\n", "t.yaml")
    assert str(e.value.span) == "t.yaml:2:4"


def test_several_duplicates_at_once() -> None:
    with pytest.raises(GraphError) as e:
        read("a: 1\na: 2\nb: {c: 1, c: 2}")
    assert len(e.value.errors()) == 2


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    try:
        read(text)
    except GraphError as e:
        assert e.render()


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "b",
                ": ",
                "- ",
                "\n",
                "  ",
                "{",
                "}",
                "[",
                "]",
                ",",
                "'",
                '"',
                "&x ",
                "*x",
                "!!int ",
                "1",
                "|",
                ">",
                "#",
                "? ",
                "---",
                "%",
                "é",
                "\t",
                "${a}",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_any_yaml_like_text(text: str) -> None:
    try:
        read(text)
    except GraphError as e:
        assert e.render()


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    try:
        load(decode_source(data, "t.yaml"))
    except GraphError as e:
        assert e.render()
