"""Whether BLAS's threads multiply is measured: with a clock of the test's own."""
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from graphcli.engine import pace
from graphcli.engine.pace import FEW, OFTEN, Pace


class Steps:
    """Steps that take so many seconds alone and with BLAS's threads. wide: how many had these."""

    def __init__(self, alone: float, wide: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.took = alone, wide
        self.now = 1.0
        self.wide = 0
        monkeypatch.setattr(pace, "perf_counter", lambda: self.now)
        self.products: Any = SimpleNamespace(on=False, any=True, workers=SimpleNamespace(alone=False))
        self.pace = Pace(self.products)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.pace.begin()
            self.wide += self.products.on
            self.now += self.took[self.products.on]
            self.pace.end()


@pytest.mark.parametrize(("alone", "wide", "way"), [(0.002, 0.001, True), (0.001, 0.002, False), (0.001, 0.001, False)])
def test_the_quicker_way_is_kept(alone: float, wide: float, way: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(alone, wide, monkeypatch)
    steps.run(0.9)
    assert steps.pace.turn == 4
    assert steps.pace.way == way


@pytest.mark.parametrize(("wide", "many"), [(0.005, OFTEN), (0.1, OFTEN // 2)])
def test_steps_that_wait_for_a_core_are_few(wide: float, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(0.001, wide, monkeypatch)
    steps.run(0.9)
    assert steps.wide == many
    assert not steps.pace.way
    # the question is asked again when steps take another time
    steps.took = 0.003, 0.001
    steps.run(3)
    assert steps.pace.way


def test_a_way_of_long_steps_that_is_slower_is_left_after_few(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(0.04, 0.06, monkeypatch)
    steps.run(0.9)
    assert steps.pace.turn == 4
    assert not steps.pace.way
    # one more is not counted, for BLAS's threads wake in it
    assert steps.wide == FEW + 1
