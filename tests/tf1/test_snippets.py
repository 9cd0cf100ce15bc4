"""Small TF1 programs make TensorFlow's own nodes, shapes, values and refusals."""
from __future__ import annotations

from pathlib import Path

import pytest

import graphcli.tf1 as tf
from graphcli import Session

from .snippets import answer, blocks, close

FILES = sorted((Path(__file__).parent / "recorded").glob("*.txt"))
CASES = [pytest.param(path.read_text().partition("\n")[0], *block, id=f"{path.stem}-{i}")
         for path in FILES for i, block in enumerate(blocks(path))]


@pytest.mark.parametrize(("head", "source", "expected"), CASES)
def test_snippet_is_tensorflows(head: str, source: str, expected: list[str]) -> None:
    ours = answer(tf, source, Session, head != "#values", head == "#places")
    for a, b in zip(ours, expected):
        assert a == b or close(a, b), f"{source}\n  ours        {a}\n  TensorFlow  {b}"
    assert len(ours) == len(expected), source
