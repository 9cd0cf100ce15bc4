"""Draws: seeded, two steps of the stream."""
from __future__ import annotations

import numpy as np

from ..cases import a, program, row, v

SEEDS = "seed=3, seed2=7"


def draws(op: str, inputs: str, attrs: str = "", same: bool = True) -> None:
    program(op, f"""
first = raw("{op}", {inputs}, {SEEDS}{', ' + attrs if attrs else ''})
y = list(first) if isinstance(first, tuple) else first""", grad=False, same=same)


for kind in ("float16", "bfloat16", "float32", "float64"):
    for op in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal"):
        draws(op, "tf.constant([3, 5])", f"dtype=tf.{kind}")
        draws(op, "tf.constant([0, 2], tf.int64)", f"dtype=tf.{kind}")
    # of bfloat16 TensorFlow has no kernel, and where the parameters are scalars it crashes
    for means, deviations, lows, highs in () if kind == "bfloat16" else (
            ([0.0, 1.0], [1.0, 2.0], [-1.0, 0.5], [1.0, 9.0]), ([0.0, 5.0], [1.0, 1.0], [4.0, -np.inf], [np.inf, 2.0]),
            ([1.0, 1.0], [0.5, 0.5], [0.9, 3.0], [1.1, 3.2]), (0.0, 1.0, 1.0, 3.0)):
        given = ", ".join(f"tf.constant({x}, tf.{kind})".replace("inf", "np.inf")
                          for x in (means, deviations, lows, highs))
        draws("ParameterizedTruncatedNormal", f"tf.constant([2, 4]), {given}")
for kind in ("int32", "int64"):
    draws("RandomUniformInt", f"tf.constant([3, 5]), tf.constant(-4, tf.{kind}), tf.constant(90, tf.{kind})")
    draws("RandomShuffle", f"tf.range(tf.constant(11, tf.{kind}))")
draws("RandomShuffle", "tf.constant(np.arange(12.0).reshape(4, 3))")
for kind in ("float32", "float64"):
    draws("RandomGamma", f"tf.constant([3]), tf.constant([0.5, 1.0, 3.0], tf.{kind})")
    draws("RandomPoissonV2", f"tf.constant([3]), tf.constant([0.5, 4.0, 30.0], tf.{kind})", "dtype=tf.int64")
    draws("Multinomial", f"tf.constant([[0.1, 0.5, -1.0], [2.0, 1.0, 0.0]], tf.{kind}), tf.constant(6)")
program("RandomGammaGrad", """
x = X([0.5, 1.0, 3.0])
y = tf.gradients(raw("RandomGamma", tf.constant([4]), x, seed=3, seed2=7), x)[0]""", grad=False)
TRUE = "tf.constant([[1, 3], [0, 7]], tf.int64)"
for op in ("LogUniformCandidateSampler", "UniformCandidateSampler", "LearnedUnigramCandidateSampler",
           "ThreadUnsafeUnigramCandidateSampler"):
    for unique in (True, False):
        draws(op, TRUE, f"num_true=2, num_sampled=5, unique={unique}, range_max=9")
draws("FixedUnigramCandidateSampler", TRUE,
      "num_true=2, num_sampled=5, unique=True, range_max=8, unigrams=[1., 2., 3., 4., 5., 6., 7., 8.], distortion=0.75")
draws("FixedUnigramCandidateSampler", TRUE,
      "num_true=2, num_sampled=5, unique=False, range_max=8, unigrams=[1., 2., 3., 4., 5., 6., 7., 8.]")
draws("AllCandidateSampler", TRUE, "num_true=2, num_sampled=9, unique=True")
SEED = a([3, -7], "int64")
KEY = a([12345], "uint64"), a([7, 8], "uint64"), a(1)
row("StatelessRandomGetKeyCounter", SEED)
row("StatelessRandomGetAlg", same=False)
for kind in ("float16", "bfloat16", "float32", "float64"):
    for op in ("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal"):
        row(op, a([3, 5]), SEED, dtype=kind)
        row(f"{op}V2", a([3, 5]), *KEY, dtype=kind)
for kind in ("int32", "int64"):
    row("StatelessRandomUniformInt", a([3, 5]), SEED, a(-4, kind), a(90, kind))
    row("StatelessRandomUniformIntV2", a([3, 5]), *KEY, a(-4, kind), a(90, kind))
    row("StatelessRandomUniformFullIntV2", a([3, 5]), *KEY, dtype=kind)
row("StatelessMultinomial", v([[0.1, 0.5, -1.0], [2.0, 1.0, 0.0]]), a(6), SEED, kinds="float32 float64", grad=False)
