"""What TensorFlow refuses of inputs that do not fit is refused when it is built."""
from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import graphcli.tf1 as tf

from . import cases, misfits
from .test_cases import OURS

LENIENT = {
    "TensorScatterAdd", "TensorScatterSub", "TensorScatterUpdate", "TensorScatterMax", "TensorScatterMin",
    "ScatterNdNonAliasingAdd"}
"""Of an empty tensor TensorFlow refuses updates that say nothing; here the run refuses those that say something."""


@cache
def told() -> dict[str, set[str]]:
    lines = (Path(__file__).parent / "misfits.txt").read_text().splitlines()
    return {key: set(rest.strip().split(", ")) - {""} for key, _, rest in (line.partition(":") for line in lines)}


@pytest.mark.parametrize("row", misfits.rows(), ids=lambda row: row.key)
def test_inputs_that_do_not_fit_are_refused(row: cases.Row) -> None:
    wanted = told()[row.key]
    found = {m.key for m in misfits.misfits(row) if m.key in wanted and misfits.refused(tf, OURS.raw, m)}
    left = {k for k in wanted - found if not (row.op in LENIENT and k in ("0 no rows", "0 nothing"))}
    assert not left
