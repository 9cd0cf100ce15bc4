"""Every op type, with its gradients, gives the same bits with all optimizations and with none."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphcli.engine import Session
from graphcli.engine.plan import PASSES
from graphcli.errors import GraphError

from ..ops import cases, check
from ..ops.test_cases import CASES, OURS
from .test_passes import same


@pytest.mark.parametrize(("row", "kind"), CASES)
def test_the_whole_vocabulary_keeps_its_bits(row: cases.Row, kind: str) -> None:
    try:
        built = check.build(OURS, row, kind)
    except GraphError:
        return

    def values(fetches: Any, feeds: Any, passes: Any) -> Any:
        try:
            with Session(built.graph, seed=3, passes=passes) as session:
                session.initialize()
                for before in built.before:
                    session.run(before, built.feeds)
                return session.run(fetches, feeds)
        except GraphError as error:
            return str(error)

    plain = values(built.ys, built.feeds, ())
    assert same(values(built.ys, built.feeds, PASSES), plain)
    if isinstance(plain, str):
        return
    try:
        with built.graph.as_default():
            slopes = check.gradients(OURS, built, row, [np.asarray(v) for v in plain])
    except GraphError:
        return
    if slopes is None:
        return
    fetches = [g for g in [*slopes.first, *slopes.second] if g is not None]
    feeds = {**built.feeds, **slopes.feeds}
    if fetches:
        assert same(values(fetches, feeds, PASSES), values(fetches, feeds, ()))
