"""Writes gradients.json: op types that TensorFlow differentiates, declares not differentiable, or neither.

    python tests/ops/record_gradients.py        # in an environment with TensorFlow
"""
from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.ops import cases  # noqa: E402

CONTRIB = {"GRUBlockCell", "LSTMBlockCell"}
"""What tf.contrib.rnn of TensorFlow 1.15 differentiates."""


KEPT = cases.CONTRIB - {"GatherTree"}
"""Of these record_contrib.py has asked TensorFlow 1.15."""


def main() -> None:
    before = json.loads((HERE / "gradients.json").read_text())
    import tensorflow.compat.v1  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    from tensorflow.python.framework import ops  # type: ignore[import-not-found,unused-ignore]

    registry = ops.gradient_registry
    known = set(registry.list())
    found: dict[str, list[str]] = {"gradient": [], "not differentiable": [], "none": []}
    for name in json.loads((HERE / "opdefs.json").read_text()):
        if name in KEPT:
            found[next((k for k, names in before.items() if name in names), "none")].append(name)
        elif name in CONTRIB:
            found["gradient"].append(name)
        elif name not in known:
            found["none"].append(name)
        else:
            found["gradient" if registry.lookup(name) is not None else "not differentiable"].append(name)
    lines = [f"{json.dumps(k)}: {json.dumps(sorted(v))}" for k, v in found.items()]
    (HERE / "gradients.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
