"""One long line's transform is numpy's of double precision, of any sides and any number of threads."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import _long_lines


@pytest.fixture(autouse=True)
def shorter(monkeypatch: Any) -> Iterator[None]:
    smaller = {"LEAST": 1 << 10, "LEAST_REAL": 1 << 10, "NARROW": 12, "SOME": 100, "TILE": 16, "PIECE": 50}
    for name, value in smaller.items():
        monkeypatch.setattr(_long_lines, name, value)
    _long_lines.sides.cache_clear()
    yield
    _long_lines.sides.cache_clear()


SIZES = [12 * 12, 20 * 20 * 7, 30 * 30, 16 * 16 * 2, 45 * 45, 13 * 13 * 11, 97, 2 * 97]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_a_line_is_transformed_as_it_is_by_numpy(size: int, kind: str) -> None:
    rng = np.random.default_rng(size)
    reals = rng.standard_normal((3, 4 * size)).astype(kind)
    line = reals.view("c8" if kind == "f4" else "c16")
    half = np.fft.rfft(reals.astype("f8")).astype(line.dtype)
    with tf.Graph().as_default() as graph:
        x, y, z = (tf.placeholder(a.dtype, a.shape) for a in (line, reals, half))
        there, length = {"Tcomplex": tf.as_dtype(line.dtype)}, np.array([4 * size], np.int32)
        made = [tf.apply_op("FFT", None, [x], there), tf.apply_op("IFFT", None, [x], there),
                tf.apply_op("RFFT", None, [y, length], there),
                tf.apply_op("IRFFT", None, [z, length], {**there, "Treal": tf.as_dtype(reals.dtype)})]
    found = []
    for threads in (1, 2):
        with Session(graph, threads=threads) as session:
            found.append(session.run(made, {x: line, y: reals, z: half}))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(*found, strict=True))
    double = line.astype("c16")
    for a, b in zip(found[0], (np.fft.fft(double), np.fft.ifft(double), np.fft.rfft(reals.astype("f8")), reals)):
        assert a.dtype == (line if a.dtype.kind == "c" else reals).dtype
        assert a.shape == b.shape
        assert np.abs(a - b).max() <= 20 * np.finfo(kind).eps * np.sqrt((np.abs(b) ** 2).mean())
