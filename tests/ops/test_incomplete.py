"""Functions that iterate: what single precision saves is beyond its digits, no element depends on its neighbours."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graphcli.ops import _gamma

RNG = np.random.default_rng(0)
SIZES = [np.concatenate([RNG.uniform(*ends, 300) for ends in ((1e-3, 1.5), (0.1, 20), (10, 300), (1e3, 1e5))])
         for _ in range(2)]
SIZES[1][::3] = SIZES[0][::3] * RNG.uniform(0.9, 1.1, 400)
PARTS = RNG.uniform(0, 1, 1200)
POWERS = 1 + RNG.uniform(0, 1, 1200) * RNG.choice([1e-3, 1.0, 10.0, 100.0], 1200)
ORDERS = np.floor(RNG.uniform(0, 7, 1200))
CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "lower": (lambda a, x, *how: _gamma.igamma_pair(np, a, x, *how)[0], SIZES, (_gamma.NEAR,)),
    "upper": (lambda a, x, *how: _gamma.igamma_pair(np, a, x, *how)[1], SIZES, (_gamma.NEAR,)),
    "beta": (lambda *args: _gamma.betainc(np, *args), (*SIZES, PARTS), (_gamma.NEAR,)),
    "zeta": (lambda *args: _gamma.zeta(np, *args), (POWERS, SIZES[0]), _gamma.FEWER),
    "polygamma": (lambda *args: _gamma.polygamma(np, *args), (ORDERS, SIZES[0]), _gamma.FEWER)}


@pytest.mark.parametrize("name", CASES)
@np.errstate(over="ignore")
def test_what_single_precision_saves_is_beyond_its_digits(name: str) -> None:
    function, args, how = CASES[name]
    exact, found = function(*args), function(*args, *how)
    shown = np.abs(exact) > 1e-45
    assert np.allclose(found[shown], exact[shown], rtol=5e-10, atol=0)


@pytest.mark.parametrize("saves", [True, False])
@pytest.mark.parametrize("name", CASES)
@np.errstate(over="ignore")
def test_elements_are_the_same_alone_and_beside_others(name: str, saves: bool) -> None:
    function, args, how = CASES[name]
    how = how if saves else ()
    together = function(*args, *how)
    for i in range(0, 1200, 7):
        assert np.array_equal(together[i], function(*(a[i] for a in args), *how)), [a[i] for a in args]


@pytest.mark.parametrize("how", [(), _gamma.FEWER])
@pytest.mark.parametrize(("x", "answers"), [
    (0.5, "nan nan nan nan nan nan nan"), (1, "inf inf inf inf inf inf inf"), (2, "inf inf inf pole most most 0"),
    (3, "nan nan nan pole most most 0"), (1.5, "nan nan nan nan most most 0"), (np.inf, "inf inf inf inf inf 1 0"),
    (np.nan, "nan nan nan nan nan nan nan")])
@np.errstate(invalid="ignore")
def test_zeta_where_a_term_is_infinite(x: float, answers: str, how: Any) -> None:
    """As TensorFlow 2.21 answers. pole: what lies beyond one, most: some number more than 0."""
    found = _gamma.zeta(np, x, np.array([0.0, -1.0, -np.inf, -2.5, 0.5, 1.0, np.inf]), *how)
    for value, wanted in zip(found, answers.split()):
        if wanted in ("pole", "most"):
            assert np.isfinite(value) and (wanted == "pole" or value > 0)
        else:
            assert np.array_equal(value, float(wanted), equal_nan=True)
