"""Pairs of tokens that stand near each other (tf.contrib.text.skip_gram_sample)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op
from . import _philox as philox
from ._candidate_words import Words

CPU_ONLY = True


@op
class SkipGramGenerateCandidates:
    """Of each token those around it, up to a distance by chance: from ``start`` on ``limit`` tokens, or all."""

    signature = ("input_tensor: T, min_skips: int32, max_skips: int32, start: int32, limit: int32, "
                 "emit_self_as_target: bool -> tokens: T, labels: T")
    takes = ("input_tensor: [?]; min_skips: []; max_skips: []; start: []; limit: []; emit_self_as_target: []")
    attrs = "T: type; seed: int = 0; seed2: int = 0"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return [(None,), (None,)]

    def kernel(n: Any) -> Any:
        stream = philox.stream(n)

        def pairs(x: Any, least: Any, most: Any, start: Any, limit: Any, itself: Any) -> Any:
            least, most, start, limit = int(least), int(most), int(start), int(limit)
            if min(least, most) < 0:
                raise InvalidArgument("Both min_skips and max_skips must be >= 0.")
            if least > most:
                raise InvalidArgument("min_skips must be <= max_skips.")
            if start < 0:
                raise InvalidArgument(f"start must not be negative, but is {start}")
            end = min(start + limit, len(x)) if limit >= 0 else len(x)
            many = max(0, end - start)
            words = Words(stream, stream.reserve(many // 4 + 1))
            skips = least + words.uniform(most - least + 1, many)
            tokens, labels = [], []
            for i, skip in enumerate(skips.tolist(), start):
                near = np.arange(max(start, i - skip), min(end, i + skip + 1))
                near = near if itself else near[near != i]
                tokens.append(np.full(len(near), i))
                labels.append(near)
            first, other = (np.concatenate(some) if some else np.zeros(0, np.int64) for some in (tokens, labels))
            return x[first], x[other]

        return pairs
