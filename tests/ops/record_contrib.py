"""Writes what TensorFlow 1.15 says of op types of its tf.contrib: in answers.txt, gradients.json and misfits*.txt.

record_opdefs.py writes opdefs.json.

    python tests/ops/record_contrib.py OP ...       # in an environment with TensorFlow 1.15, which is of Python 3.7
"""
from __future__ import annotations

import builtins
import functools
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))
if not hasattr(functools, "cache"):
    functools.cache = functools.lru_cache(None)
    builtins.zip = lambda *xs, strict=False, zip=zip: zip(*xs)  # type: ignore[assignment,misc]


def main(names: list[str]) -> None:
    import tensorflow as tf
    from tensorflow.contrib import factorization, image, periodic_resample, resampler  # noqa: F401
    from tensorflow.contrib.image.python.ops import distort_image_ops  # noqa: F401
    from tensorflow.contrib.layers.python.ops import sparse_feature_cross_op  # noqa: F401
    from tensorflow.python.framework import op_def_registry, ops

    registered: Any = op_def_registry.get_registered_ops()
    gradients = json.loads((HERE / "gradients.json").read_text())
    for name in names:
        try:
            kind = "gradient" if ops._gradient_registry.lookup(name) is not None else "not differentiable"
        except LookupError:
            kind = "none"
        for key in gradients:
            gradients[key] = sorted({*gradients[key]} - {name} | ({name} if key == kind else set()))
    lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in gradients.items()]
    (HERE / "gradients.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")

    from tests.ops import cases, check, misfits, record_answers, record_misfits

    def raw(op: str, *inputs: Any, **attrs: Any) -> Any:
        from tensorflow.python.framework import op_def_library

        found = registered[op]
        inferred = {n for a in found.input_arg for n in (a.type_attr, a.number_attr, a.type_list_attr)}
        named = dict(zip([a.name for a in found.input_arg], inputs))
        library = op_def_library.OpDefLibrary()
        library.add_op(found)
        given = {**record_answers.defaults_of(found), **{k: v for k, v in attrs.items() if k not in inferred}}
        return library.apply_op(op, **named, **given)

    side = check.Side(tf.compat.v1, raw)
    # processes are begun for it, which is before there is a session
    record_misfits.write_run(side, names)
    path = HERE / "answers.txt"
    blocks = {b.partition("\n")[0]: b for b in path.read_text().rstrip("\n").split("\n\n")}
    for row, kind in cases.cases():
        if row.op.split()[0] in names:
            head = f"{row.key} {kind}"
            blocks[head] = "\n".join([head, *record_answers.judged(side, row, kind)])
            print(blocks[head][:600])
    order = [f"{row.key} {kind}" for row, kind in cases.cases()]
    path.write_text("\n\n".join(blocks[h] for h in order if h in blocks) + "\n")

    lines = dict(line.split(":", 1) for line in (HERE / "misfits.txt").read_text().splitlines())
    for row in misfits.rows():
        if row.op in names:
            told = [m.key for m in misfits.misfits(row) if m.of_shape and misfits.refusal(side.tf, side.raw, m)]
            lines[row.key] = (" " + ", ".join(told)).rstrip()
    (HERE / "misfits.txt").write_text("".join(f"{row.key}:{lines.get(row.key, '')}\n" for row in misfits.rows()))


if __name__ == "__main__":
    main(sys.argv[1:])
