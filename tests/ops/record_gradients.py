"""Writes gradients.json: op types that TensorFlow differentiates, declares not differentiable, or neither.

    python tests/ops/record_gradients.py        # in an environment with TensorFlow
"""
from __future__ import annotations

import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
HERE = Path(__file__).parent
CONTRIB = {"GRUBlockCell", "LSTMBlockCell"}
"""What tf.contrib.rnn of TensorFlow 1.15 differentiates."""


def main() -> None:
    import tensorflow.compat.v1  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    from tensorflow.python.framework import ops  # type: ignore[import-not-found,unused-ignore]

    registry = ops.gradient_registry
    known = set(registry.list())
    found: dict[str, list[str]] = {"gradient": [], "not differentiable": [], "none": []}
    for name in json.loads((HERE / "opdefs.json").read_text()):
        if name in CONTRIB:
            found["gradient"].append(name)
        elif name not in known:
            found["none"].append(name)
        else:
            found["gradient" if registry.lookup(name) is not None else "not differentiable"].append(name)
    lines = [f"{json.dumps(k)}: {json.dumps(sorted(v))}" for k, v in found.items()]
    (HERE / "gradients.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
