"""Calls that YAML has cut at a comma are told once, and read as they were meant."""
from __future__ import annotations

import pytest

from graphcli.errors import GraphError
from graphcli.source import Source
from graphcli.spec.load import load, load_value
from graphcli.spec.tree import Item, Map, Scalar, Seq


def plain(item: Item | None) -> object:
    if isinstance(item, Map):
        return {k.text: plain(v) for k, v in item}
    if isinstance(item, Seq):
        return [plain(i) for i in item.items]
    assert isinstance(item, Scalar)
    return item.value


@pytest.mark.parametrize(("text", "tree", "cut"), [
    ("a: {b: f(1, 2), c: 3}", {"b": "f(1, 2)", "c": 3}, ["f(1, 2)"]),
    ("a: {b: f(1, g(2, x=3), 4)}", {"b": "f(1, g(2, x=3), 4)"}, ["f(1, g(2, x=3), 4)"]),
    ("a: {b: f(1, 2), c: f(3, 2)}", {"b": "f(1, 2)", "c": "f(3, 2)"}, ["f(1, 2)", "f(3, 2)"]),
    ("a: [f(1, 2), g(3), h(4,\n  5)]", ["f(1, 2)", "g(3)", "h(4,\n  5)"], ["f(1, 2)", "h(4,\n  5)"]),
    ("a: {b: 'f(1, 2)', c: f(x), d: [1, 2]}", {"b": "f(1, 2)", "c": "f(x)", "d": [1, 2]}, []),
    ("a: {b: f(1, c: 2}", {"b": "f(1", "c": 2}, []),
    ("a: [f(1, {b: 2})]", None, []),
    ("a:\n  b: f(1, 2)\n  c)", None, []),
    ("a:\n- f(1\n- 2)", ["f(1", "2)"], []),
])
def test_a_cut_call_is_joined_and_told(text: str, tree: object, cut: list[str]) -> None:
    errors: list[GraphError] = []
    try:
        root = load(Source("x.yaml", text), errors)
    except GraphError:
        assert tree is None
        return
    assert plain(root.get("a")) == tree
    told = [e.span.source.text[e.span.start : e.span.end] for e in errors if e.span is not None]
    assert sorted(told) == sorted(cut)


def test_a_value_that_is_data_is_not_joined() -> None:
    assert plain(load_value(Source("x.yaml", "[f(1, 2)]"))) == ["f(1", "2)"]
