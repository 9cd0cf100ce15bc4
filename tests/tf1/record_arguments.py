"""Writes arguments.txt: what TensorFlow calls the arguments of each name of TF1 that graphcli has, and of each op.

    python tests/tf1/record_arguments.py        # in an environment with TensorFlow
"""
from __future__ import annotations

import inspect
import os
import runpy
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def arguments(tf: Any, path: str) -> tuple[list[str], bool] | None:
    """The names of the arguments of ``tf.PATH``, and whether it takes any others; None for what is not called."""
    value = tf
    try:
        for part in path.split("."):
            value = getattr(value, part)
        function = inspect.unwrap(value.__init__ if inspect.isclass(value) else value)
        found = inspect.signature(function).parameters.values()
    except (AttributeError, TypeError, ValueError):
        return None
    names = [p.name for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.name != "self"]
    return names, any(p.kind == p.VAR_KEYWORD for p in found)


def main() -> None:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow.compat.v1 as tf  # type: ignore[import-not-found,unused-ignore]

    tf.disable_v2_behavior()
    package = HERE.parents[1] / "graphcli"
    here = runpy.run_path(str(package / "tf1" / "_names.py"))["NAMES"]
    here["raw_ops"] = runpy.run_path(str(package / "ops" / "_index.py"))["INDEX"]
    lines = []
    for module, names in here.items():
        for name in names:
            path = name if module == "tf" else f"{module}.{name}"
            found = arguments(tf, path)
            if found is not None and found[0]:
                lines.append(f"{path}: {' '.join(found[0])}")
    (HERE / "arguments.txt").write_text("\n".join(sorted(lines)) + "\n")


if __name__ == "__main__":
    main()
