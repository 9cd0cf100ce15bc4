"""Kullback-Leibler divergences between distributions (tf.distributions.kl_divergence)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue, NotSupported, said
from .distributions_discrete import Bernoulli, Categorical
from .distributions_gamma import Gamma
from .distributions_normal import Normal
from .distributions_real import Beta
from .distributions_vectors import Dirichlet
from .framework import control_dependencies, name_scope
from .modules import modules

EXPORTS = """
distributions contrib.distributions: kl_divergence RegisterKL
"""

_tf = modules["tf"]
_KNOWN: dict[tuple[type, type], Callable[..., Any]] = {}


class RegisterKL:
    """Says how the divergence of two classes is computed, as a decorator (tf.distributions.RegisterKL)."""

    def __init__(self, dist_cls_a: type, dist_cls_b: type) -> None:
        self._key = (dist_cls_a, dist_cls_b)

    def __call__(self, kl_fn: Any) -> Any:
        names = " and ".join(c.__name__ for c in self._key)
        if not callable(kl_fn):
            raise InvalidType(f"the divergence of {names} is a function, not {said(kl_fn)}")
        if self._key in _KNOWN:
            raise InvalidValue(f"the divergence of {names} is registered already")
        _KNOWN[self._key] = kl_fn
        return kl_fn


def kl_divergence(distribution_a: Any, distribution_b: Any, allow_nan_stats: bool = True,
                  name: str | None = None) -> Any:
    """The divergence KL(a || b) of each pair of a batch (tf.distributions.kl_divergence).

    allow_nan_stats: without it, NaN fails the run. Raises NotSupported for classes without a registered rule.
    """
    ways = [(i + j, rule) for i, a in enumerate(type(distribution_a).__mro__)
            for j, b in enumerate(type(distribution_b).__mro__) if (rule := _KNOWN.get((a, b))) is not None]
    if not ways:
        raise NotSupported(f"no divergence of {type(distribution_a).__name__} and {type(distribution_b).__name__} is "
                           "registered")
    with name_scope("KullbackLeibler"):
        found = min(ways, key=lambda way: way[0])[1](distribution_a, distribution_b, name=name)
        if allow_nan_stats:
            return found
        found = _tf.identity(found, name="kl")
        told = (f"KL calculation between {distribution_a.name} and {distribution_b.name} returned NaN values "
                "(and was called with allow_nan_stats=False). Values:")
        with control_dependencies([_tf.Assert(_tf.logical_not(_tf.reduce_any(_tf.is_nan(found))), [told, found])]):
            return _tf.identity(found, name="checked_kl")


@RegisterKL(Normal, Normal)
def _normals(a: Any, b: Any, name: str | None = None) -> Any:
    with name_scope(name, "kl_normal_normal", [a.loc, b.loc]):
        one, two, half = (_tf.constant(v, dtype=a.dtype) for v in (1, 2, 0.5))
        of_a, of_b = _tf.square(a.scale), _tf.square(b.scale)
        ratio = of_a / of_b
        return _tf.squared_difference(a.loc, b.loc) / (two * of_b) + half * (ratio - one - _tf.log(ratio))


@RegisterKL(Bernoulli, Bernoulli)
def _bernoullis(a: Any, b: Any, name: str | None = None) -> Any:
    softplus = _tf.nn.softplus
    with name_scope(name, "kl_bernoulli_bernoulli", [a.logits, b.logits]):
        of_0 = softplus(-b.logits) - softplus(-a.logits)
        of_1 = softplus(b.logits) - softplus(a.logits)
        return _tf.sigmoid(a.logits) * of_0 + _tf.sigmoid(-a.logits) * of_1


@RegisterKL(Categorical, Categorical)
def _categoricals(a: Any, b: Any, name: str | None = None) -> Any:
    with name_scope(name, "kl_categorical_categorical", [a.logits, b.logits]):
        delta = _tf.nn.log_softmax(a.logits) - _tf.nn.log_softmax(b.logits)
        return _tf.reduce_sum(_tf.nn.softmax(a.logits) * delta, axis=-1)


@RegisterKL(Beta, Beta)
def _betas(a: Any, b: Any, name: str | None = None) -> Any:
    def delta(part: Callable[[Any], Any]) -> Any:
        return part(b) - part(a)

    with name_scope(name, "kl_beta_beta", [a.concentration1, b.concentration1]):
        return (delta(lambda d: d._log_normalization())
                - _tf.digamma(a.concentration1) * delta(lambda d: d.concentration1)
                - _tf.digamma(a.concentration0) * delta(lambda d: d.concentration0)
                + _tf.digamma(a.total_concentration) * delta(lambda d: d.total_concentration))


@RegisterKL(Gamma, Gamma)
def _gammas(a: Any, b: Any, name: str | None = None) -> Any:
    with name_scope(name, "kl_gamma_gamma", [a.concentration, a.rate, b.concentration, b.rate]):
        return ((a.concentration - b.concentration) * _tf.digamma(a.concentration) + _tf.lgamma(b.concentration)
                - _tf.lgamma(a.concentration) + b.concentration * _tf.log(a.rate) - b.concentration * _tf.log(b.rate)
                + a.concentration * (b.rate / a.rate - 1.0))


@RegisterKL(Dirichlet, Dirichlet)
def _dirichlets(a: Any, b: Any, name: str | None = None) -> Any:
    with name_scope(name, "kl_dirichlet_dirichlet", [a.concentration, b.concentration]):
        total = _tf.digamma(_tf.reduce_sum(a.concentration, axis=-1, keepdims=True))
        excess = _tf.digamma(a.concentration) - total
        delta = a.concentration - b.concentration
        return _tf.reduce_sum(delta * excess, axis=-1) - _tf.lbeta(a.concentration) + _tf.lbeta(b.concentration)
