"""The gradient of a mirrored border, block by block: the bits of whole axes folded one after the other."""
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from graphcli.graph.kernel import in_turn
from graphcli.ops import _mirrored


def folded(x: Any, pairs: Any, skip: int) -> Any:
    for axis, (before, after) in enumerate(pairs):
        size = x.shape[axis] - before - after
        whole = np.moveaxis(x, axis, 0)
        inner = np.array(whole[before:before + size])
        if before:
            inner[skip:before + skip] += whole[:before][::-1]
        if after:
            inner[size - after - skip:size - skip] += whole[before + size:][::-1]
        x = np.moveaxis(inner, 0, axis)
    return x


@pytest.mark.parametrize("part", [1, 5, 1 << 17])
@pytest.mark.parametrize("skip", [0, 1])
def test_blocks_have_the_bits_of_whole_axes(part: int, skip: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mirrored, "PART", part)
    rng = np.random.default_rng(part + skip)
    for i in range(200):
        out = [int(s) for s in rng.integers(0 if i % 9 == 0 else 1, 6, rng.integers(0, 5))]
        pairs = [(int(b), int(a)) for b, a in (rng.integers(0, max(0, s - skip) + 1, 2) for s in out)]
        x = rng.standard_normal([s + b + a for s, (b, a) in zip(out, pairs)]).astype(np.float32)
        found = _mirrored.folded(SimpleNamespace(xp=np, each=in_turn), x, pairs, skip)
        wanted = folded(x, pairs, skip)
        assert found.shape == wanted.shape and (found.view(np.uint32) == wanted.view(np.uint32)).all()
