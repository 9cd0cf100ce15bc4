"""Of inputs that do not fit is refused what TensorFlow refuses, when it is built and when shapes come with a step."""
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
TAKEN = {
    "Conv2DBackpropFilter": {"0 longer"},
    "Reverse": {"0 no rows"},
    "SparseSliceGrad": {"3 zeros"},
    "ParseSequenceExampleV2": {"0 no rows", "0 nothing"},
}
"""What TensorFlow's kernels refuse for how they are made: channels in groups, nothing to turn, a place given twice, no
examples."""


@cache
def told(file: str) -> dict[str, set[str]]:
    lines = (Path(__file__).parent / file).read_text().splitlines()
    return {key: set(rest.partition("|")[0].strip().split(", ")) - {""}
            for key, _, rest in (line.partition(":") for line in lines)}


@pytest.mark.parametrize("row", misfits.rows(), ids=lambda row: row.key)
def test_inputs_that_do_not_fit_are_refused(row: cases.Row) -> None:
    wanted = told("misfits.txt")[row.key]
    found = {m.key for m in misfits.misfits(row) if m.key in wanted and misfits.refused(tf, OURS.raw, m)}
    left = {k for k in wanted - found if not (row.op in LENIENT and k in ("0 no rows", "0 nothing"))}
    assert not left


@pytest.mark.parametrize("row", misfits.rows(), ids=lambda row: row.key)
def test_inputs_whose_shapes_come_with_a_step_are_refused(row: cases.Row) -> None:
    wanted = told("misfits_run.txt")[row.key] - TAKEN.get(row.op, set())
    found = {m.key for m in misfits.misfits(row) if m.key in wanted and misfits.refused(tf, OURS.raw, m, run=True)}
    assert not wanted - found
