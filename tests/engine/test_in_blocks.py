"""Elementwise ops of complex numbers and bfloat16 have the same bits in blocks of any size, however they lie."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.graph import in_blocks

OPS = {"complex64": ("Mul", "Div", "SquaredDifference", "Sigmoid", "Exp", "Equal", "Conj", "Real"),
       "complex128": ("Mul", "Rsqrt"),
       "bfloat16": ("Elu", "Softplus", "DivNoNan", "Maximum", "LeakyRelu", "Greater", "Pow")}
SHAPES = {"alike": ((300, 211), (300, 211)), "rows": ((300, 211), (211,)), "columns": ((300, 1), (1, 211)),
          "a number": ((300, 211), ()), "one row": ((1, 60_000), (1, 60_000)), "ranks": ((211,), (20, 30, 211))}


def drawn(kind: str, shape: tuple[int, ...], seed: int) -> Any:
    random = np.random.default_rng(seed)
    numbers = random.random(shape) + 1j * random.random(shape) if kind[0] == "c" else random.random(shape) - 0.5
    return np.asarray(numbers).astype(tf.as_dtype(kind).as_numpy_dtype)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("kind", "op"), [(k, op) for k, ops in OPS.items() for op in ops])
def test_blocks_of_any_size_give_the_same_bits(monkeypatch: Any, kind: str, op: str, name: str) -> None:
    from graphcli.graph.opdef import get_op

    given = [drawn(kind, shape, i) for i, (shape, _) in enumerate(zip(SHAPES[name], get_op(op).inputs))]
    turned = [np.copy(g, order="F") for g in given]
    with tf.Graph().as_default() as graph:
        holders = [tf.placeholder(kind, g.shape) for g in given]
        made = tf.apply_op(op, None, holders)
    found = []
    for block in (12_000, 1001, 64):
        monkeypatch.setattr(in_blocks, "BLOCK", block)
        for arrays in (given, turned):
            with Session(graph, threads=2) as session:
                found.append(session.run(made, dict(zip(holders, arrays))))
    assert all(f.shape == found[0].shape and f.tobytes() == found[0].tobytes() for f in found)
