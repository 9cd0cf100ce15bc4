"""Random graphs of the whole table of ops, what one makes fed to the next: each optimization keeps the bits."""
from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.plan import PASSES
from graphcli.errors import GraphError

from ..ops import cases
from ..ops.test_cases import OURS
from .test_fuzz import all_forked
from .test_passes import same

ROWS = [row for row, kind in cases.cases() if kind == "float32" and not row.program]

nodes = st.tuples(st.integers(0, len(ROWS) - 1), st.integers(0, 60), st.integers(0, 2))


def input_of(draw: Any, values: list[Any], which: int, feeds: dict[Any, Any]) -> Any:
    """An earlier value in the shape and range of a draw, or a placeholder; lists and constants as they are."""
    if isinstance(draw, list):
        return [input_of(d, values, which + n, feeds) for n, d in enumerate(draw)]
    if not isinstance(draw, cases.Draw):
        return draw
    kind = draw.kind or "float32"
    array = draw.array([which]).astype(tf.as_dtype(kind).as_numpy_dtype)
    own = kind != "float32" or draw.how in ("given", "square", "definite") or not values or which % 3 == 0
    if own or not array.size:
        tensor = tf.placeholder(kind, array.shape)
        feeds[tensor] = array
        return tensor
    flat = tf.reshape(values[which % len(values)], [-1])
    low, high = float(array.min()), float(array.max())
    spread = low + (high - low) * tf.sigmoid(flat)
    return tf.reshape(tf.gather(spread, np.arange(array.size) % flat.shape[0].value), array.shape)


def build(steps: Any) -> tuple[Any, list[Any], dict[Any, Any]]:
    """(graph, what is fetched, what is fed)"""
    graph = tf.Graph()
    values: list[Any] = []
    fetches: list[Any] = []
    feeds: dict[Any, Any] = {}
    with graph.as_default():
        for row, which, device in steps:
            chosen = ROWS[row]
            with tf.device(f"/cpu:{device}"):
                try:
                    made = OURS.raw(chosen.op, *[input_of(d, values, which + n, feeds)
                                                 for n, d in enumerate(chosen.inputs)], **chosen.attrs)
                except GraphError:
                    continue
            outputs = [t for t in (made if isinstance(made, (list, tuple)) else [made]) if hasattr(t, "dtype")]
            fetches += outputs
            values += [t for t in outputs if t.dtype == tf.float32 and t.shape.is_fully_defined()
                       and t.shape.num_elements()]
    return graph, fetches, feeds


def outcome(graph: Any, fetches: Any, feeds: Any, **options: Any) -> Any:
    try:
        with Session(graph, seed=5, **options) as session:
            session.initialize()
            return [session.run(fetches, feeds) for _ in range(2)]
    except GraphError:
        return "an error"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(nodes, min_size=2, max_size=8), st.sampled_from([None, *PASSES]), st.sampled_from([1, 1000, 65536]),
       st.sampled_from([1, 2, 4]), st.booleans(), st.booleans())
def test_graphs_of_the_whole_table_keep_their_bits(steps: Any, only: Any, block: int, threads: int, spread: bool,
                                                   forked: bool) -> None:
    graph, fetches, feeds = build([(r, w, d if spread else 0) for r, w, d in steps])
    if not fetches:
        return
    plain = outcome(graph, fetches, feeds, passes=())
    with all_forked(forked):
        passes = PASSES if only is None else (only,)
        assert same(outcome(graph, fetches, feeds, passes=passes, block=block, threads=threads), plain)
