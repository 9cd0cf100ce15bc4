"""Writes answers.txt: what TensorFlow makes of every row of the table.

    python tests/ops/record_answers.py [OP ...]        # in an environment with TensorFlow; only what is said of these

A block per row and dtype: ``shapes`` in each form of cases.FORMS (outputs side by side), the outputs
(``= dtype[shape] elements``), for rows with gradients ``d N`` each the gradient of input N, and ``order``, how
often TensorFlow differentiates it (2 at most), after ``off`` where its own gradient is not the derivative.
``!``: TensorFlow refuses it or has no kernel.
"""
from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.ops import cases, check  # noqa: E402


def judged(side: check.Side, row: cases.Row, kind: str) -> list[str]:
    """The answer, and what is to be thought of its gradients."""
    lines = check.answer(side, row, kind)
    if lines[-1:] in (["order 1"], ["order 2"]):
        try:
            check.central(side, row, kind)
        except AssertionError:
            lines.insert(-1, "off")
        except Exception:
            # a second derivative that TensorFlow builds and cannot run
            lines[-1] = "order 1"
    return lines


def defaults(op: str) -> dict[str, Any]:
    """The attrs that do not follow from the inputs, at their defaults: apply_op wants all of them."""
    from tensorflow.python.framework import op_def_registry  # type: ignore[import-not-found,unused-ignore]

    return defaults_of(op_def_registry.get(op))


def defaults_of(found: Any) -> dict[str, Any]:
    """The same, of the definition of an op."""
    inferred = {n for a in found.input_arg for n in (a.type_attr, a.number_attr, a.type_list_attr)}
    out = {}
    for attr in found.attr:
        if attr.name not in inferred and attr.HasField("default_value"):
            kind = attr.default_value.WhichOneof("value")
            value = getattr(attr.default_value, kind)
            if kind == "list":
                value = list(value.i) or list(value.f) or list(value.b) or list(value.s) or list(value.type)
            out[attr.name] = value
    return out


def theirs() -> check.Side:
    """TensorFlow."""
    import tensorflow.compat.v1 as tf  # type: ignore[import-not-found,unused-ignore]
    from tensorflow.python.framework import op_def_library  # type: ignore[import-not-found,unused-ignore]

    tf.logging.set_verbosity(tf.logging.ERROR)
    tf.disable_v2_behavior()
    tf.disable_resource_variables()

    def raw(op: str, *inputs: Any, **attrs: Any) -> Any:
        names = [a[0] for a in cases.opdefs()[op]["inputs"]]
        return op_def_library.apply_op(op, **dict(zip(names, inputs, strict=True)), **{**defaults(op), **attrs})

    return check.Side(tf, raw)


def main() -> None:
    side = theirs()
    blocks = []
    only = sys.argv[1:]
    kept = {b.partition("\n")[0]: b for b in (HERE / "answers.txt").read_text().rstrip("\n").split("\n\n")}
    for row, kind in cases.cases():
        head = f"{row.key} {kind}"
        if only and row.op.split()[0] not in only:
            if head in kept:
                blocks.append(kept[head])
            continue
        blocks.append(kept[head] if row.op.split()[0] in cases.CONTRIB else "\n".join([head, *judged(side, row, kind)]))
        if only:
            print(blocks[-1])
    (HERE / "answers.txt").write_text("\n\n".join(blocks) + "\n")


if __name__ == "__main__":
    main()
