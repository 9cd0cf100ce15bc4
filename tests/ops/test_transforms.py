"""Reals that are written over what they are transformed from have the bits of those that are not."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import spectral, spectral_real


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(("rank", "shape", "size"), [
    (2, (301, 160), 318), (2, (300, 160), 319), (2, (3, 120, 151), 300), (3, (41, 30, 51), 100),
    (3, (2, 20, 30, 60), 99)])
def test_reals_in_the_place_of_what_they_come_from(rank: int, shape: tuple[int, ...], size: int, threads: int,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0)
    given = (draw.standard_normal(shape) + 1j * draw.standard_normal(shape)).astype(np.complex64)

    def made() -> Any:
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.complex64, shape)
            y = {2: tf.spectral.irfft2d, 3: tf.spectral.irfft3d}[rank](x, [*shape[-rank:-1], size])
            with Session(graph, threads=threads) as session:
                return session.run(y, {x: given})

    whole = made()
    calls = []
    over = spectral_real._over
    monkeypatch.setattr(spectral_real, "_over", lambda *args: calls.append(args[2]) or over(*args))
    monkeypatch.setattr(spectral, "LARGE", 0)
    assert made().tobytes() == whole.tobytes()
    assert calls or whole.size % 2
