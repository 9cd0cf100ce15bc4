"""A constant of one number and any rank is that number in loops over blocks too."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.errors import GraphError
from graphcli.graph.opdef import get_op, op_types

from ..ops.test_cases import OURS
from .test_passes import same

SLOW = ("Igamma", "Igammac", "IgammaGradA", "Betainc", "Zeta", "Polygamma", "RandomGammaGrad", "NextAfter")
OPS = [name for name in op_types() if get_op(name).elementwise and len(get_op(name).inputs) > 1 and name not in SLOW]
SHAPE = (90, 64, 3)


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
@pytest.mark.parametrize("name", OPS)
def test_loops_over_blocks_take_constants_of_one_number(name: str, rank: int) -> None:
    random = np.random.default_rng(1)
    count = len(get_op(name).inputs)
    for kind in (tf.float32, tf.int32, tf.bool):
        for which in range(count):
            with tf.Graph().as_default() as graph:
                feeds: dict[Any, Any] = {}
                inputs = []
                for i in range(count):
                    dtype = bool if name == "SelectV2" and i == 0 else kind.as_numpy_dtype
                    if i == which:
                        inputs.append(tf.constant(np.full((1,) * rank, 2).astype(dtype)))
                        continue
                    values = (np.abs(random.standard_normal(SHAPE)) * 3).astype(dtype)
                    inputs.append(tf.placeholder(values.dtype, SHAPE))
                    feeds[inputs[-1]] = values
                try:
                    made = OURS.raw(name, *inputs)
                    plain = Session(graph, passes=()).run(made, feeds)
                except (GraphError, TypeError):
                    continue  # not of this dtype
                assert same(Session(graph, block=1000).run(made, feeds), plain), (kind, which)
