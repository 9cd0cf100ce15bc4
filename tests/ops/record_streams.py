"""Writes streams.npz: numbers that TensorFlow draws, for many seeds and sizes.

    python tests/ops/record_streams.py        # in an environment with TensorFlow

A case is an op, its seeds, a size and a dtype; its array is what two steps of one session draw, one after the
other. Of a long array the ends are kept and some forty between them. The array of case N of ``cases`` is ``N``.
"""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
HERE = Path(__file__).parent
SEEDS = [(0, 0), (1, 2), (87654321, 5), (0, 2**31 - 1), (-3, 7), (2**40 + 3, -(2**50) - 9)]
SIZES = [1, 2, 3, 5, 7, 255, 256, 257, 1025, 70_001]
FLOATS = ["float32", "float64", "float16", "bfloat16"]


def cases() -> list[tuple[str, tuple[int, int], int, str]]:
    """(op, seeds, size, dtype)"""
    out = [(op, seed, size, kind) for op in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal")
           for seed in SEEDS for size in SIZES for kind in FLOATS if size < 2000 or seed == (1, 2)]
    out += [("RandomUniformInt", seed, size, kind) for seed in SEEDS for size in SIZES for kind in ("int32", "int64")]
    out += [("RandomShuffle", seed, size, "int32") for seed in SEEDS for size in SIZES]
    out += [("Multinomial", seed, size, kind) for seed in SEEDS for size in (1, 5, 257) for kind in FLOATS[:2]]
    out += [(op, seed, size, kind) for op in ("RandomGamma", "RandomPoissonV2") for seed in SEEDS
            for size in (1, 5, 257) for kind in FLOATS[:2]]
    return out


def draw(tf: Any, raw: Any, case: tuple[str, tuple[int, int], int, str]) -> Any:
    """The tensor of a case."""
    op, (seed, seed2), size, kind = case
    seeds = {"seed": seed, "seed2": seed2}
    if op == "RandomUniformInt":
        return raw(op, tf.constant([size]), tf.constant(-7, kind), tf.constant(
            1000 if kind == "int32" else 10**12, kind), **seeds)
    if op == "RandomShuffle":
        return raw(op, tf.range(size), **seeds)
    if op == "Multinomial":
        return raw(op, tf.constant([[0.1, 0.5, -1.0, 2.0], [2.0, 1.0, 0.0, 0.3]], kind), tf.constant(size), **seeds)
    if op == "RandomGamma":
        return raw(op, tf.constant([size]), tf.constant([0.3, 1.0, 4.5], kind), **seeds)
    if op == "RandomPoissonV2":
        return raw(op, tf.constant([size]), tf.constant([0.3, 4.0, 45.0], kind), dtype=tf.float64, **seeds)
    return raw(op, tf.constant([size]), dtype=getattr(tf, kind), **seeds)


def thinned(values: Any) -> Any:
    flat = np.asarray(values).reshape(-1)
    flat = flat.astype(np.float32) if flat.dtype.name == "bfloat16" else flat
    return flat if flat.size <= 16 else np.concatenate([flat[:9], flat[::max(7, flat.size // 40)], flat[-9:]])


def drawn(tf: Any, raw: Any, case: tuple[str, tuple[int, int], int, str]) -> Any:
    """What two steps of a session draw."""
    with tf.Graph().as_default() as graph:
        tensor = draw(tf, raw, case)
        with tf.Session(graph=graph) as session:
            return np.concatenate([thinned(session.run(tensor)) for _ in range(2)])


def main() -> None:
    import tensorflow.compat.v1 as tf  # type: ignore[import-not-found,unused-ignore]
    from tensorflow.python.framework import op_def_library  # type: ignore[import-not-found,unused-ignore]

    names = {"RandomUniform": ["shape"], "RandomStandardNormal": ["shape"], "TruncatedNormal": ["shape"],
             "RandomUniformInt": ["shape", "minval", "maxval"], "RandomShuffle": ["value"],
             "Multinomial": ["logits", "num_samples"], "RandomGamma": ["shape", "alpha"],
             "RandomPoissonV2": ["shape", "rate"]}
    tf.disable_v2_behavior()

    def raw(op: str, *inputs: Any, **attrs: Any) -> Any:
        return op_def_library.apply_op(op, **dict(zip(names[op], inputs, strict=True)), **attrs)

    # seeds (0, 0) are drawn by chance
    kept = {str(n): drawn(tf, raw, case) for n, case in enumerate(cases()) if case[1] != (0, 0)}
    np.savez_compressed(HERE / "streams.npz", **kept)


if __name__ == "__main__":
    main()
