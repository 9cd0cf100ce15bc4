"""Writes calls.txt anew: what TensorFlow says to each of its calls while the graph is built.

    python tests/oracle/record_calls.py        # in an environment with TensorFlow

A line is an expression of the language and, after `` | ``, ``refused``, or the dtype and static shape of the tensor
that it gives, or ``taken`` where it gives something else. The inputs are those of calls.yaml.
"""
from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def said(oracle: Any, expression: str) -> str:
    text = (HERE / "calls.yaml").read_text() + "- r: '" + expression.replace("'", "''") + "'\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.yaml"
        path.write_text(text)
        answer = oracle.oracle(str(path), {})
    if "error" in answer:
        if answer["error"]["type"] == "SpecError":
            raise SystemExit(f"{expression}: {answer['error']['message']}")
        return "refused"
    name = answer["handles"].get("r")
    if not isinstance(name, str) or name not in answer["shapes"]:
        return "taken"
    shape = answer["shapes"][name]
    sizes = "?" if shape is None else "[" + ", ".join("?" if s is None else str(s) for s in shape) + "]"
    return f"{answer['dtypes'][name]} {sizes}"


def main() -> None:
    sys.path.insert(0, str(HERE))
    import tf_oracle as oracle  # type: ignore[import-not-found,unused-ignore]

    oracle.MODULES["raw_ops"] = oracle.tf.raw_ops
    lines = (HERE / "calls.txt").read_text().splitlines()
    told = [line.partition(" | ")[0].rstrip() for line in lines if line]
    (HERE / "calls.txt").write_text("".join(f"{e} | {said(oracle, e)}\n" for e in told))


if __name__ == "__main__":
    main()
