"""At the edges of what ops take, values, shapes, refusals and gradients are TensorFlow's."""
from __future__ import annotations

import pytest

from . import edges
from .test_cases import OURS, close


def test_tensorflow_was_asked_about_every_edge() -> None:
    assert list(edges.recorded()) == [e.key for e in edges.edges()]


@pytest.mark.parametrize("edge", edges.edges(), ids=lambda edge: edge.key)
def test_edges_are_tensorflows(edge: edges.Edge) -> None:
    for ours, theirs in zip(edges.answer(OURS, edge), edges.recorded()[edge.key], strict=True):
        begin = "= " if theirs[0] == "=" else theirs[:4] if theirs[0] == "d" else ""
        if begin and not theirs.endswith("none"):
            assert ours.startswith(begin)
            assert close(ours.removeprefix(begin), theirs.removeprefix(begin))
            assert [x.startswith("-") for x in ours.split()[2:]] == [x.startswith("-") for x in theirs.split()[2:]]
        else:
            assert ours == theirs
