"""Rows in PyTensor: pytensor.function as it compiles by default. Run by measure.py with an interpreter that has it."""
from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import peer  # noqa: E402
import pytensor  # noqa: E402
from measure import Step, Work  # noqa: E402

pytensor.config.floatX = "float32"


def prepare(work: Work) -> Step | None:
    if work.pytensor is None:
        return None
    data = work.data()
    inputs, outputs, updates, values = work.pytensor(data)
    call = pytensor.function(inputs, outputs, updates=updates)
    return lambda: call(*values)


peer.serve(pytensor.__version__, prepare)
