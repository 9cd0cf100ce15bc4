"""Special functions of single precision are those of double precision, to a few units in the last place."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import _bessel, _error, _gamma, _quotients

RNG = np.random.default_rng(7)
EVERYWHERE = 10 ** RNG.uniform(-37, 38, 20_000) * RNG.choice([-1, 1], 20_000)
NEAR = RNG.normal(0, 6, 20_000)
SHARES = np.concatenate([RNG.uniform(0, 1, 20_000), 10 ** RNG.uniform(-37, 0, 20_000)])
EDGES = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 2, 0.5, -0.5, 3.95, 8, -8, 10.1, 1e38, 1.0000001])
CASES: dict[str, tuple[Any, Any, Any, float]] = {
    "erf": (lambda x: _quotients.erf(np, x.astype("f")), lambda x: _error.erf_pair(np, x)[0], NEAR, 6),
    "erfc": (lambda x: _quotients.erfc(np, x), lambda x: _error.erf_pair(np, x)[1], NEAR, 1),
    "erfinv": (lambda x: _quotients.erfinv(np, x), lambda x: _error.erfinv(np, x), 1 - 2 * SHARES, 1),
    "ndtri": (lambda x: _quotients.ndtri(np, x), lambda x: _error.ndtri(np, x), SHARES, 1),
    "i0e": (lambda x: _quotients.i_scaled(np, x, 0), lambda x: _bessel.i_scaled(np, x, 0), 9 * NEAR, 1),
    "i1e": (lambda x: _quotients.i_scaled(np, x, 1), lambda x: _bessel.i_scaled(np, x, 1), 9 * NEAR, 1),
    "k0e": (lambda x: _quotients.k_scaled(np, x, 0), lambda x: _bessel.k_scaled(np, x, 0), abs(9 * NEAR), 1),
    "k1e": (lambda x: _quotients.k_scaled(np, x, 1), lambda x: _bessel.k_scaled(np, x, 1), abs(9 * NEAR), 1),
    "k0": (lambda x: _quotients.k_scaled(np, x, 0, False), lambda x: _bessel.k_scaled(np, x, 0) * np.exp(-x),
           abs(NEAR), 1),
    "k1": (lambda x: _quotients.k_scaled(np, x, 1, False), lambda x: _bessel.k_scaled(np, x, 1) * np.exp(-x),
           abs(NEAR), 1),
    "dawsn": (lambda x: _quotients.dawson(np, x), lambda x: _bessel.dawson(np, x), NEAR, 1),
    "lgamma": (lambda x: _quotients.lgamma(np, x), lambda x: _gamma.lgamma(np, x), abs(NEAR), 1),
    "digamma": (lambda x: _quotients.digamma(np, x), lambda x: _gamma.digamma(np, x), abs(NEAR), 1),
}


SIGNED = ("lgamma", "digamma")
"""What adds up terms of both signs left of 0."""


def apart(found: Any, wanted: Any) -> Any:
    """How many units in the last place single precision numbers differ by; to less than 1e-15 those of double precision
    are not told."""
    same = (found == wanted) | np.isnan(found) & np.isnan(wanted) | (np.abs(found.astype(float) - wanted) < 1e-15)
    units = np.abs(found.astype(float) - wanted) / np.spacing(np.abs(wanted)).astype(float)
    return np.where(same, 0, np.where(np.isnan(units), np.inf, units))


@pytest.mark.parametrize("name", CASES)
def test_a_quotient_is_near_the_function(name: str) -> None:
    single, double, some, units = CASES[name]
    with np.errstate(all="ignore"):
        x = np.concatenate([some, abs(EVERYWHERE) if name in SIGNED else EVERYWHERE]).astype("f").astype(float)
        assert apart(single(x).astype("f"), double(x).astype("f")).max() <= units


@pytest.mark.parametrize("name", SIGNED)
def test_left_of_zero_it_is_as_near_as_the_terms_that_are_added(name: str) -> None:
    single, double, _, _ = CASES[name]
    x = np.random.default_rng(8).uniform(-30, 0, 50_000).astype("f").astype(float)
    assert np.abs(single(x) - double(x)).max() <= 1e-7 * (1 + np.abs(double(x))).max()
    assert np.quantile(apart(single(x).astype("f"), double(x).astype("f")), 0.99) <= 1


@pytest.mark.parametrize("name", CASES)
def test_edges_are_those_of_the_function(name: str) -> None:
    single, double, _, units = CASES[name]
    with np.errstate(all="ignore"):
        assert apart(single(EDGES).astype("f"), double(EDGES).astype("f")).max() <= units


@pytest.mark.parametrize("name", CASES)
def test_a_scalar_is_taken_as_a_vector_of_one(name: str) -> None:
    with tf.Graph().as_default() as graph:
        x, one = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [1])
        places = [(of, called) for of in (tf, tf.math, tf.math.special) for called in (name, f"bessel_{name}")]
        call = next(found for found in (getattr(of, called, None) for of, called in places) if found)
        y, of_one = call(x), call(one)
    with Session(graph) as session:
        for value in EDGES:
            np.testing.assert_array_equal(*session.run([y, of_one[0]], {x: value, one: [value]}))
        assert name != "lgamma" or not np.signbit(session.run(of_one, {one: [1.0]}) + session.run(y, {x: 2.0})).any()


@pytest.mark.parametrize("name", ["erf", "erfc", "lgamma", "digamma", "erfinv", "ndtri"])
def test_a_number_is_the_same_alone_and_among_many_on_any_number_of_threads(name: str) -> None:
    x = np.concatenate([NEAR, EVERYWHERE]).astype("f")
    with tf.Graph().as_default() as graph:
        holder = tf.placeholder(tf.float32, [None])
        y = getattr(tf, name, None) or getattr(tf.math, name)
        y = y(holder)
    whole = []
    for threads, passes in (1, ["fuse"]), (2, ["fuse"]), (2, []):
        with Session(graph, threads=threads, passes=passes) as session:
            whole.append(session.run(y, {holder: x}))
            alone = session.run(y, {holder: x[31:32]})
            np.testing.assert_array_equal(alone, whole[-1][31:32])
    np.testing.assert_array_equal(whole[0], whole[1])
    np.testing.assert_array_equal(whole[0], whole[2])
