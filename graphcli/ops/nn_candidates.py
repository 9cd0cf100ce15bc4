"""Samplers of candidate classes, for losses that look at some classes only."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import NotSupported, RunError
from ..graph.opdef import op, undefined_gradient
from . import _candidates as c
from ._candidate_words import Steps
from ._philox import new_stream, stream

CPU_ONLY = True
COMMON = "num_true: int >= 1; num_sampled: int >= 1; unique: bool; "
RANGE = COMMON + "range_max: int >= 1; "
SEEDS = "seed: int = 0; seed2: int = 0"
SIGNATURE = ("true_classes: int64 -> sampled_candidates: int64, true_expected_count: float32, "
             "sampled_expected_count: float32")


def sampled(n: Any, true_classes: Any) -> Any:
    shape = n.with_rank(true_classes, 2, "true_classes")
    if shape[1] is not None and shape[1] != n.attrs["num_true"]:
        n.fail(f"true_classes has {shape[1]} columns, num_true is {n.attrs['num_true']}")
    return [(n.attrs["num_sampled"],), (shape[0], n.attrs["num_true"]), (n.attrs["num_sampled"],)]


def check(n: Any, true_classes: Any) -> Any:
    true_classes = np.asarray(true_classes)
    if true_classes.ndim != 2 or true_classes.shape[1] != n.attrs["num_true"]:
        raise RunError(f"true_classes must have num_true ({n.attrs['num_true']}) columns, not the shape "
                       f"{list(true_classes.shape)}")
    return true_classes


def draw(n: Any, distribution: Any, steps: Steps, true_classes: Any) -> Any:
    """One step: the sample and the expected counts."""
    count, unique = n.attrs["num_sampled"], n.attrs["unique"]
    if unique and count > distribution.size:
        raise RunError(f"Sampler's range is too small: {count} different classes of {distribution.size}")
    picked, tries = c.sample(distribution, steps.next(), count, unique)
    if true_classes.size + count <= c.BLOCK:
        found = c.expected(distribution.probability(np.concatenate([true_classes.reshape(-1), picked])), count, tries)
        return picked, found[:true_classes.size].reshape(true_classes.shape), found[true_classes.size:]
    return picked, c.counts(distribution, true_classes, count, tries), c.counts(distribution, picked, count, tries)


def taken(n: Any) -> Any:
    """What drawing takes before there are expected counts, or what these take."""
    drawn = c.picking(n.attrs["range_max"], n.attrs["num_sampled"], n.attrs["unique"])
    return max(drawn - n.out_bytes(1) - n.out_bytes(2), c.EACH * min(c.BLOCK, n.made(1) + n.made(2)))


def taken_learning(n: Any) -> Any:
    size = n.attrs["range_max"]
    return taken(n) + 8 * (size if size <= c.FEW else size // c.GROUP)


def fixed(make: Any) -> Any:
    """The kernel of a distribution that does not change."""
    def kernel(n: Any) -> Any:
        distribution = make(n)
        ahead = c.first_draw(n.attrs["num_sampled"]) if n.attrs["unique"] else 0
        steps = Steps(stream(n), 512 * n.attrs["num_sampled"], ahead, getattr(distribution, "made_of", None))
        return lambda true_classes: draw(n, distribution, steps, check(n, true_classes))

    return kernel


def learning(n: Any) -> Any:
    """The kernel of a distribution that counts the true classes of each step."""
    distribution, philox = n.state.private(n.node, lambda: (c.Learned(n.attrs["range_max"]), new_stream(n)))

    steps = Steps(philox, 512 * n.attrs["num_sampled"])

    def kernel(true_classes: Any) -> Any:
        true_classes = check(n, true_classes)
        distribution.settle()
        out = draw(n, distribution, steps, true_classes)
        if true_classes.size and not 0 <= true_classes.min() <= true_classes.max() < distribution.size:
            wrong = true_classes[(true_classes < 0) | (true_classes >= distribution.size)]
            raise RunError(f"the true class {int(wrong[0])} is not in [0, {distribution.size})")
        distribution.update(true_classes)
        return out

    return kernel


def weights(n: Any) -> Any:
    """The distribution of a FixedUnigramCandidateSampler; of the classes of one shard."""
    attrs = n.attrs
    if attrs["vocab_file"]:
        raise NotSupported("a sampler does not read files", hint="give the counts as unigrams")
    shards, shard = attrs["num_shards"], attrs["shard"]
    found = [0.0] * sum(i % shards == shard for i in range(attrs["num_reserved_ids"]))
    first = len(found)
    powers = np.power(np.asarray(attrs["unigrams"], np.float32), np.float32(attrs["distortion"]))
    found += [w for i, w in enumerate(powers.tolist()) if (first + i) % shards == shard]
    if len(found) != attrs["range_max"]:
        raise RunError(f"range_max is {attrs['range_max']}, but there are {len(found)} unigrams and reserved ids")
    positive = sum(w > 0 for w in found)
    if attrs["unique"] and attrs["num_sampled"] > positive:
        raise RunError(f"{attrs['num_sampled']} different classes are to be sampled, "
                       f"but only {positive} have a weight")
    return c.Weighted(found)


@op
class UniformCandidateSampler:
    """Classes that are all alike (tf.nn.uniform_candidate_sampler)."""

    signature = SIGNATURE
    attrs = RANGE + SEEDS
    stateful = True
    infer = sampled
    kernel = fixed(lambda n: c.Uniform(n.attrs["range_max"]))
    scratch = taken
    gradient = undefined_gradient


@op
class LogUniformCandidateSampler:
    """Classes by Zipf's law (tf.nn.log_uniform_candidate_sampler)."""

    signature = SIGNATURE
    attrs = RANGE + SEEDS
    stateful = True
    infer = sampled
    kernel = fixed(lambda n: c.LogUniform(n.attrs["range_max"]))
    scratch = taken
    gradient = undefined_gradient


@op
class FixedUnigramCandidateSampler:
    """Classes by given counts (tf.nn.fixed_unigram_candidate_sampler)."""

    signature = SIGNATURE
    attrs = RANGE + ("vocab_file: string = ''; distortion: float = 1.0; num_reserved_ids: int = 0; "
                     "num_shards: int >= 1 = 1; shard: int >= 0 = 0; unigrams: list(float) = []; ") + SEEDS
    stateful = True
    infer = sampled
    kernel = fixed(weights)
    scratch = taken
    gradient = undefined_gradient


@op
class LearnedUnigramCandidateSampler:
    """Classes by how often they were true so far (tf.nn.learned_unigram_candidate_sampler)."""

    signature = SIGNATURE
    attrs = RANGE + SEEDS
    stateful = True
    infer = sampled
    kernel = learning
    scratch = taken_learning
    gradient = undefined_gradient


@op
class ThreadUnsafeUnigramCandidateSampler:
    """The same as LearnedUnigramCandidateSampler."""

    signature = SIGNATURE
    attrs = RANGE + SEEDS
    stateful = True
    infer = sampled
    kernel = learning
    scratch = taken_learning
    gradient = undefined_gradient


@op
class AllCandidateSampler:
    """All the classes, each expected once (tf.nn.all_candidate_sampler)."""

    signature = SIGNATURE
    attrs = COMMON + SEEDS
    stateful = True
    infer = sampled

    def kernel(n: Any) -> Any:
        count = n.attrs["num_sampled"]

        def kernel(true_classes: Any) -> Any:
            true_classes = check(n, true_classes)
            return (np.arange(count, dtype=np.int64), np.ones(true_classes.shape, np.float32),
                    np.ones(count, np.float32))

        return kernel

    gradient = undefined_gradient


@op
class ComputeAccidentalHits:
    """Where true classes are among the sampled ones, with the weight of an impossible one."""

    signature = "true_classes: int64, sampled_candidates: int64 -> indices: int32, ids: int64, weights: float32"
    attrs = "num_true: int; " + SEEDS

    def infer(n: Any, true_classes: Any, candidates: Any) -> Any:
        n.merge(true_classes, (None, n.attrs["num_true"]), "shapes of true_classes and of num_true columns")
        n.with_rank(candidates, 1, "sampled_candidates")
        return [(None,), (None,), (None,)]

    def kernel(n: Any) -> Any:
        def kernel(true_classes: Any, candidates: Any) -> Any:
            true_classes = check(n, true_classes)
            # of candidates that are the same the last
            order = np.argsort(candidates, kind="stable")
            ordered, flat = np.asarray(candidates)[order], true_classes.reshape(-1)
            rows, ids = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
            for start in range(0, flat.size if len(order) else 0, c.BLOCK):
                some = flat[start:start + c.BLOCK]
                place = np.searchsorted(ordered, some, side="right") - 1
                hits = np.flatnonzero((place >= 0) & (ordered[place] == some))
                rows.append(((start + hits) // true_classes.shape[1]).astype(np.int32))
                ids.append(order[place[hits]])
            found = np.concatenate(rows)
            return found, np.concatenate(ids), np.full(len(found), -np.finfo(np.float32).max, np.float32)

        return kernel

    gradient = undefined_gradient
