"""The order of steps: edges first, then readers before writers, then graph order."""
from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graphcli.passes.order import hazards, order, topological


def test_graph_order_where_nothing_else_is_said() -> None:
    assert order("abc", {"a": [], "b": [], "c": []}, {}, {}) == list("abc")
    assert topological("abc", {"a": ["c"], "b": [], "c": []}) == ["b", "c", "a"]


def test_a_reader_runs_before_a_writer_unless_an_edge_says_otherwise() -> None:
    reads, writes = {"r": ["v"], "s": ["v"]}, {"w": ["v"]}
    assert order("wrs", {"w": [], "r": [], "s": ["w"]}, reads, writes) == ["r", "w", "s"]
    assert order("rws", {"r": [], "w": [], "s": []}, reads, writes, writers_first=True) == ["w", "r", "s"]


def test_two_writers_keep_graph_order_unless_a_reader_stands_between() -> None:
    assert order("ab", {"a": [], "b": []}, {}, {"a": ["v"], "b": ["v"]}) == ["a", "b"]
    # r comes after b and before a, so the writers change places
    before = {"a": [], "b": [], "r": ["b"]}
    assert order("abr", before, {"r": ["v"]}, {"a": ["v"], "b": ["v"]}) == ["b", "r", "a"]


def test_hazards_keep_the_sequence() -> None:
    found = hazards("rwsx", {"r": ["v"], "s": ["v"]}, {"w": ["v"], "x": ["v"]})
    assert found == {"w": ["r"], "s": ["w"], "x": ["s", "w"]}


@given(st.data())
def test_every_item_runs_once_and_after_what_it_waits_for(data: Any) -> None:
    count = data.draw(st.integers(1, 12))
    items = list(range(count))
    before = {i: sorted(data.draw(st.sets(st.sampled_from(items[:i]), max_size=3))) if i else [] for i in items}
    variables = st.lists(st.sampled_from("uvw"), max_size=2, unique=True)
    reads = {i: data.draw(variables) for i in items}
    writes = {i: [v for v in data.draw(variables) if v not in reads[i]] for i in items}
    sequence = order(items, before, reads, {i: w for i, w in writes.items() if w})
    assert sorted(sequence) == items
    at = {item: i for i, item in enumerate(sequence)}
    assert all(at[b] < at[i] for i in items for b in before[i])
