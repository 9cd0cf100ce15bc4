"""Dilations and their gradients, some lines at a time: the same as of whole images."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import nn_dilation


def found(x: Any, w: Any, attrs: Any) -> list[Any]:
    with tf.Graph().as_default() as graph:
        y = tf.apply_op("Dilation2D", None, [tf.constant(x), tf.constant(w)], attrs)
        given = [tf.constant(x), tf.constant(w), y * y]
        back = [tf.apply_op(f"Dilation2DBackprop{of}", None, given, attrs) for of in ("Input", "Filter")]
    with Session(graph, threads=2) as session:
        return [np.asarray(v) for v in session.run([y, *back])]


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 3), (4, 1)])
@pytest.mark.parametrize("rates", [(1, 1), (2, 1)])
@pytest.mark.parametrize("shape", [(1, 13, 5, 2), (3, 11, 7, 1), (2, 1, 4, 3), (0, 9, 9, 1)])
def test_bands_have_the_numbers_of_whole_images(shape: Any, rates: Any, strides: Any, padding: str,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    window = (1, 2) if shape[1] == 1 else (3, 2)
    attrs = {"strides": [1, *strides, 1], "rates": [1, *rates, 1], "padding": padding}
    for kind in (np.float32, np.int32):
        x = (rng.standard_normal(shape) * 9).astype(kind)
        w = (rng.standard_normal((*window, shape[3])) * 4).astype(kind)
        monkeypatch.setattr(nn_dilation, "SOME", 1 << 16)
        wanted = found(x, w, attrs)
        for some, sums in ((1, 3), (40, 16)):
            monkeypatch.setattr(nn_dilation, "SOME", some)
            monkeypatch.setattr(nn_dilation, "SUMS", sums)
            y, to_input, to_filter = found(x, w, attrs)
            assert y.tobytes() == wanted[0].tobytes() and to_input.tobytes() == wanted[1].tobytes()
            np.testing.assert_allclose(to_filter, wanted[2], rtol=1e-5 if kind is np.float32 else 0, atol=1e-3)
