"""First centers of clusters, products and normal equations at some places of a matrix (tf.contrib.factorization)."""
from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ._candidate_words import Words
from ._philox import Philox, uniform_of

CPU_ONLY = True
BLAS = True
_SOME = 1 << 16
"""Places of a matrix that are computed at a time."""


def _words(seed: Any) -> Words:
    return Words(Philox(int(seed), 0), 0)


def _fraction(words: Words) -> Any:
    return uniform_of(words.take(1), np.float32)[0]


def _drawn(words: Words, sums: Any, chosen: list[int]) -> int:
    """A point that is not chosen yet, the likelier the farther it is: ``sums`` are those of the distances."""
    if not chosen:
        return int(words.uniform64(len(sums), 1)[0])
    if not sums[-1] > 0:
        raise InvalidArgument("there are fewer points that differ than are to be sampled")
    while (at := int(np.searchsorted(sums, _fraction(words) * sums[-1]))) in chosen:
        pass
    return min(at, len(sums) - 1)


@op
class KmeansPlusPlusInitialization:
    """Points far from each other, by chance: k-means++. Less than 0 retries: as many as pay."""

    signature = "points: float32, num_to_sample: int64, seed: int64, num_retries_per_sample: int64 -> samples: float32"
    takes = "points: [?, ?] run; num_to_sample: [] run; seed: [] run; num_retries_per_sample: [] run"
    gradient = undefined_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return None

    def kernel(n: Any) -> Any:
        def sample(points: Any, many: Any, seed: Any, retries: Any) -> Any:
            count, many = len(points), int(many)
            if not count or many <= 0 or many > count:
                raise InvalidArgument(f"of {count} points {many} cannot be sampled: it takes at least one, and no more "
                                      "than there are")
            tries = 1 + (int(retries) if retries >= 0 else 2 + int(log(many)))
            words, half = _words(seed), np.float32(0.5) * (points * points).sum(1)
            nearest, chosen = np.full(count, np.inf, np.float32), list[int]()
            while len(chosen) < many:
                sums = np.cumsum(nearest, dtype=np.float32)
                best: Any = None
                for _ in range(tries):
                    at = _drawn(words, sums, chosen)
                    near = np.minimum(nearest, half - points @ points[at] + half[at])
                    if best is None or near.sum() < best[0]:
                        best = near.sum(), at, near
                nearest = best[2]
                chosen.append(best[1])
            return points[chosen]

        return sample


@op
class KMC2ChainInitialization:
    """The last of a chain of candidates, of which each is taken by chance for its distance."""

    signature = "distances: float32, seed: int64 -> index: int64"
    takes = "distances: [?] run; seed: [] run"
    gradient = undefined_gradient

    def infer(n: Any, distances: Any, seed: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        def follow(distances: Any, seed: Any) -> Any:
            if not len(distances):
                raise InvalidArgument("Expected distances_tensor.size() > 0.")
            at, chances = 0, uniform_of(_words(seed).take(len(distances) - 1), np.float32)
            for i, chance in enumerate(chances, 1):
                if distances[i] > chance * distances[at]:
                    at = i
            return np.asarray(at, np.int64)

        return follow


@op
class MaskedMatmul:
    """The product of two matrices at some places only."""

    signature = ("a: float32, b: float32, mask_indices: int64, transpose_a: bool, transpose_b: bool -> "
                 "prod_values: float32")
    takes = "a: [?, ?] run; b: [?, ?] run; mask_indices: [?, 2] run; transpose_a: [] run; transpose_b: [] run"
    gradient = undefined_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return None

    def kernel(n: Any) -> Any:
        def multiply(a: Any, b: Any, places: Any, turned_a: Any, turned_b: Any) -> Any:
            rows, columns = a.T if turned_a else a, b if turned_b else b.T
            if rows.shape[1] != columns.shape[1]:
                raise InvalidArgument(f"inner dimensions differ: {rows.shape[1]} and {columns.shape[1]}")
            inside = (places >= 0) & (places < (len(rows), len(columns)))
            if not inside.all():
                raise InvalidArgument(f"mask_indices has {places[~inside.all(1)][0].tolist()}, and the product has the "
                                      f"shape {[len(rows), len(columns)]}")
            out = np.empty(len(places), np.float32)
            for at in range(0, len(places), _SOME):
                some = places[at:at + _SOME]
                np.einsum("ij,ij->i", rows[some[:, 0]], columns[some[:, 1]], out=out[at:at + _SOME])
            return out

        return multiply


@op
class WALSComputePartialLhsAndRhs:
    """Of each row of a sparse matrix the normal equations of its factors, without what all rows share."""

    signature = ("factors: float32, factor_weights: float32, unobserved_weights: float32, input_weights: float32, "
                 "input_indices: int64, input_values: float32, entry_weights: float32, input_block_size: int64, "
                 "input_is_transpose: bool -> partial_lhs: float32, partial_rhs: float32")
    takes = ("factors: [?, ?] run; factor_weights: [?] run; unobserved_weights: [] run; input_weights: [?] run; "
             "input_indices: [?, 2] run; input_values: [?] run; entry_weights: [?] run; input_block_size: [] run; "
             "input_is_transpose: [] run")
    gradient = undefined_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return [None, None]

    def kernel(n: Any) -> Any:
        def solve(factors: Any, shares: Any, unobserved: Any, weights: Any, places: Any, values: Any, each: Any,
                  size: Any, turned: Any) -> Any:
            many, known = max(0, int(size)), len(values)
            if known != len(places):
                raise InvalidArgument(f"{len(places)} places have {known} values")
            by_row = len(weights) > 0 and len(shares) == len(factors)
            if by_row == (len(each) > 0) or len(each) > 0 and len(weights) + len(shares) > 0:
                raise InvalidArgument("weights are given either by entry_weights, or by input_weights and "
                                      "factor_weights, one for each factor")
            if len(each) not in (0, known):
                raise InvalidArgument(f"{known} values have {len(each)} entry_weights")
            rows, columns = places.T[::-1] if turned else places.T
            rooms = [min(many, len(weights)) if by_row else many, len(factors)]
            if known and (places.min() < 0 or rows.max() >= rooms[0] or columns.max() >= rooms[1]):
                raise InvalidArgument(f"a place lies outside of {rooms[0]} rows and {rooms[1]} factors")
            order = np.argsort(rows, kind="stable")
            rows, columns = rows[order], columns[order]
            w = weights[rows] * shares[columns] if by_row else each[order]
            return _equations(factors, columns, w, values[order] * (unobserved + w),
                              np.searchsorted(rows, np.arange(many + 1)))

        return solve


def _equations(factors: Any, columns: Any, w: Any, wanted: Any, starts: Any) -> tuple[Any, Any]:
    """(the sums of products of factors, those of factors times what is wanted), of the places of each row."""
    many, size = len(starts) - 1, factors.shape[1]
    left, right = np.zeros((many, size, size), np.float32), np.zeros((many, size), np.float32)
    for row in np.flatnonzero(np.diff(starts)):
        some = slice(starts[row], starts[row + 1])
        part = factors[columns[some]]
        left[row] = (part * w[some, None]).T @ part
        right[row] = wanted[some] @ part
    return left, right
