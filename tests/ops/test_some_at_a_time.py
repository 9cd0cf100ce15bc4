"""Ops that treat some rows, images or lines at a time give what they give for all at once."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import _lstm, image_boxes, neighbors, nn_fused_pad


def f(*shape: int) -> Any:
    return np.random.default_rng(7).random(shape, np.float32) - np.float32(0.3)


WEIGHTS = [f(11, 24), f(6), f(6), f(6), f(24)]
GRU = [f(300, 5), f(300, 6), f(11, 12), f(11, 6), f(12), f(6)]
PADS = np.array([[0, 0], [2, 1], [1, 3], [0, 0]], np.int32)
CONV: dict[str, Any] = {"strides": [1, 2, 2, 1], "padding": "SAME", "mode": "REFLECT"}
SIGNED: dict[str, Any] = {**CONV, "strides": [1, 1, 1, 1], "padding": "VALID", "mode": "SYMMETRIC"}
OPS: dict[str, tuple[Any, str, str, list[Any], dict[str, Any]]] = {
    "LSTM": (_lstm, "SOME", "LSTMBlockCell", [f(300, 5), f(300, 6), f(300, 6), *WEIGHTS], {"use_peephole": True}),
    "LSTM's gradient": (_lstm, "SOME", "LSTMBlockCellGrad",
                        [f(300, 5), f(300, 6), f(300, 6), *WEIGHTS, *[f(300, 6)] * 8], {"use_peephole": True}),
    "GRU": (_lstm, "SOME", "GRUBlockCell", GRU, {}),
    "GRU's gradient": (_lstm, "SOME", "GRUBlockCellGrad", [*GRU, *[f(300, 6)] * 4], {}),
    "padded": (nn_fused_pad, "BAND", "FusedPadConv2D", [f(3, 20, 17, 4), PADS, f(5, 3, 4, 6)], CONV),
    "padded as it is": (nn_fused_pad, "BAND", "FusedPadConv2D", [f(3, 20, 17, 4), PADS, f(5, 3, 4, 6)], SIGNED),
    "enlarged": (nn_fused_pad, "BAND", "FusedResizeAndPadConv2D",
                 [f(2, 9, 8, 4), np.array([20, 17], np.int32), PADS, f(4, 3, 4, 6)], CONV),
    "neighbors": (neighbors, "_SOME", "NearestNeighbors", [f(50, 8), f(70, 8), np.array(4, np.int64)], {}),
    "boxes": (image_boxes, "PART", "NonMaxSuppressionV5",
              [f(400, 4), f(400), np.array(60, np.int32), *np.array([0.9, -0.2, 0.4], np.float32)], {}),
}


@pytest.mark.parametrize("name", OPS)
def test_some_at_a_time_give_what_all_give(monkeypatch: Any, name: str) -> None:
    family, constant, kind, args, attrs = OPS[name]
    with tf.Graph().as_default() as graph:
        made = tf.apply_op(kind, None, [tf.constant(a) for a in args], attrs)
    made = list(made) if isinstance(made, (list, tuple)) else [made]
    found = []
    for size, threads in ((1 << 20, 1), (64, 2), (16, 1)):
        monkeypatch.setattr(family, constant, size)
        with Session(graph, threads=threads) as session:
            found.append(session.run(made))
    for some in found[1:]:
        for a, b in zip(some, found[0], strict=True):
            assert a.dtype == b.dtype
            assert np.abs(a - b).max(initial=0) <= 1e-5 * max(1, np.abs(b).max(initial=0))
