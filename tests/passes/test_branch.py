"""Forks: which steps may run side by side, and in which order the others then run."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcli.passes import branch
from graphcli.passes.branch import branches

MS = 1e-3


def found(earlier: Any, seconds: Any, able: Any = None, shared: Any = None, threads: int = 2) -> Any:
    able = [True] * len(seconds) if able is None else able
    return branches(earlier, seconds, shared or seconds, seconds, able, threads)


def towers(count: int, height: int) -> list[set[int]]:
    """An input, towers on it, and what joins them."""
    earlier: list[set[int]] = [set()]
    tops = []
    for _ in range(count):
        for level in range(height):
            earlier.append({len(earlier) - 1} if level else {0})
        tops.append(len(earlier) - 1)
    return [*earlier, set(tops)]


def test_towers_are_branches() -> None:
    order, forks = found(towers(4, 3), [MS] * 14)
    assert order == list(range(14))
    assert forks == [[[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]]


def test_interleaved_towers_are_put_in_a_row() -> None:
    order, forks = found([set(), set(), {0}, {1}, {2}, {3}, {4, 5}], [MS] * 7)
    assert forks == [[[0, 2, 4], [1, 3, 5]]]
    assert order == [0, 2, 4, 1, 3, 5, 6]


def test_each_part_between_two_joins_is_a_fork() -> None:
    earlier = towers(2, 2) + [{5}, {5}, {6}, {7}, {8, 9}]
    _, forks = found(earlier, [MS] * len(earlier))
    assert forks == [[[1, 2], [3, 4]], [[6, 8], [7, 9]]]


@pytest.mark.parametrize(("earlier", "options"), [
    ([set(), {0}, {1}, {2}], {}),
    (towers(2, 2), {"threads": 1}),
    (towers(2, 2), {"shared": [MS / 2] * 6}),
], ids=["a chain", "one thread", "all threads already"])
def test_what_would_not_pay_is_left_alone(earlier: Any, options: Any) -> None:
    assert found(earlier, [MS] * len(earlier), **options) == (list(range(len(earlier))), [])


def test_what_has_effects_is_in_no_branch() -> None:
    order, forks = found(towers(2, 2), [MS] * 6, able=[True, True, False, True, True, True])
    assert forks == [[[3, 4], [1]]] and order == [0, 3, 4, 1, 2, 5]


def test_short_calls_are_left_alone() -> None:
    earlier = towers(2, 100)
    assert branches(earlier, [5e-6] * 202, [5e-6] * 202, [0.0] * 202, [True] * 202, 2)[1] == []


@st.composite
def graphs(draw: Any) -> Any:
    count = draw(st.integers(2, 40))
    earlier = [set(draw(st.lists(st.integers(0, max(0, i - 1)), max_size=3))) if i else set() for i in range(count)]
    seconds = draw(st.lists(st.sampled_from([1e-6, 1e-4, MS]), min_size=count, max_size=count))
    able = draw(st.lists(st.sampled_from([True, True, True, False]), min_size=count, max_size=count))
    return earlier, seconds, able, draw(st.sampled_from([2, 3, 4]))


@given(graphs())
def test_no_branch_needs_another(graph: Any) -> None:
    earlier, seconds, able, threads = graph
    kept = branch.GAIN, branch.START, branch.LONG
    branch.GAIN, branch.START, branch.LONG = 1e-9, 0.0, 0.0
    try:
        order, forks = found([set(e) for e in earlier], seconds, able, threads=threads)
    finally:
        branch.GAIN, branch.START, branch.LONG = kept
    place = {step: at for at, step in enumerate(order)}
    assert sorted(order) == list(range(len(earlier)))
    assert all(place[o] < place[i] for i, others in enumerate(earlier) for o in others)
    above: list[set[int]] = []
    for others in earlier:
        above.append(set(others).union(*(above[o] for o in others)))
    for fork in forks:
        steps = [i for b in fork for i in b]
        assert order[place[steps[0]]:place[steps[0]] + len(steps)] == steps and all(able[i] for i in steps)
        for one in fork:
            for other in fork:
                assert one is other or not any(above[i] & set(other) for i in one)
