"""Gamma functions, zeta and beta in double precision, for whole arrays; ``xp`` is the array module.

The gamma family follows Stirling's series after a shift of the argument, the Hurwitz zeta function
Euler-Maclaurin, the incomplete functions their series and continued fractions.
"""
from __future__ import annotations

import math
from typing import Any

from ._error import polynomial

_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)

_ZETA_MINUS_1 = (
    0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
    0.00834927738192283, 0.00407735619794434, 0.00200839282608221, 0.000994575127818085, 0.000494188604119465,
    0.000246086553308048, 0.000122713347578489, 6.12481350587048e-05, 3.05882363070205e-05, 1.52822594086519e-05,
    7.63719763789976e-06, 3.81729326499984e-06, 1.90821271655394e-06, 9.53962033872796e-07, 4.76932986787806e-07,
    2.38450502727733e-07, 1.19219925965311e-07, 5.96081890512595e-08, 2.98035035146523e-08, 1.49015548283651e-08)
"""zeta(k) - 1 for k = 2, 3, …"""
_EULER = 0.5772156649015329
_CLOSE = 2.3e-16
"""A continued fraction ends with the first factor that is this near 1; around 1 they may turn for ever. What has ended
stays as it is, so that no element depends on those that are computed beside it."""
NEAR = 1e-10
"""The same for results of single precision."""
FEWER = 4, 6
"""What ``zeta`` sums for results of single precision, to 4e-11."""


def _near_two(x: Any) -> Any:
    """log gamma(2 + x) for |x| <= 0.5."""
    total = 0.0 * x
    for k in range(len(_ZETA_MINUS_1) + 1, 1, -1):
        total *= x
        total += (_ZETA_MINUS_1[k - 2] if k % 2 == 0 else -_ZETA_MINUS_1[k - 2]) / k
    return x * (1 - _EULER) + x * x * total


def _log_gamma_positive(xp: Any, x: Any) -> Any:
    shape, x = xp.shape(x), xp.atleast_1d(x)
    shift = xp.where(x < 10, xp.ceil(10 - x), 0.0)
    product = xp.ones_like(x)
    for i in range(int(shift.max()) if shift.size else 0):
        product = xp.where(i < shift, product * (x + i), product)
    z = x + shift
    s = 1 / (z * z)
    out = (z - 0.5) * xp.log(z) - z + 0.9189385332046727 + polynomial(s, _STIRLING) / z - xp.log(product)
    for root in (2, 1):
        near = xp.abs(x - root) <= 0.5 if root == 2 else xp.abs(x - root) < 0.5
        if near.any():
            rest = x[near] - root
            out[near] = _near_two(rest) if root == 2 else _near_two(rest) - xp.log1p(rest)
    return out.reshape(shape)


def lgamma(xp: Any, x: Any) -> Any:
    """log of the absolute value of the gamma function."""
    x = xp.asarray(x, xp.float64)
    left = x < 0.5
    finite = xp.isfinite(x)
    if finite.all() and not left.any():
        return _log_gamma_positive(xp, x)
    safe = xp.where(finite, x, 1.0)
    positive = _log_gamma_positive(xp, xp.where(left, 1 - safe, safe))
    part = safe - xp.floor(safe)
    sine = xp.abs(xp.sin(math.pi * xp.minimum(part, 1 - part)))
    tiny = xp.abs(safe) < 1e-300
    small = xp.where(left & tiny, -xp.log(xp.abs(safe)), 0)
    mirrored = xp.where(left, math.log(math.pi) - xp.log(xp.where(left, sine, 1.0)) - positive, positive)
    out = xp.where(left & tiny, small, mirrored)
    out = xp.where(left & (part == 0), xp.inf, out)
    return xp.where(finite, out, xp.where(xp.isnan(x), x, xp.inf))


def digamma(xp: Any, x: Any) -> Any:
    """The derivative of log gamma; NaN at 0, -1, -2, …"""
    x = xp.asarray(x, xp.float64)
    left = x <= 0
    pole = left & (x == xp.floor(x))
    y = xp.where(pole, 1.0, xp.where(left, 1 - x, x))
    shift = xp.where(y < 10, xp.ceil(10 - y), 0.0)
    total = xp.zeros_like(y)
    for i in range(10):
        total = xp.where(i < shift, total - 1 / (y + i), total)
    z = y + shift
    s = 1 / (z * z)
    series = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)
    psi = total + xp.log(z) - 0.5 / z - s * polynomial(s, series)
    part = x - xp.floor(x)
    safe = xp.where(left & ~pole & (part != 0.5), part, 0.25)
    cot = xp.where(part == 0.5, 0.0, math.pi / xp.tan(math.pi * safe))
    return xp.where(pole, xp.nan, xp.where(left, psi - cot, psi))


_BERNOULLI = (12.0, -720.0, 30240.0, -1209600.0, 47900160.0, -1.8924375803183791606e9, 7.47242496e10,
              -2.950130727918164224e12, 1.1646782814350067249e14, -4.5979787224074726105e15,
              1.8152105401943546773e17, -7.1661652561756670113e18)


def zeta(xp: Any, x: Any, q: Any, steps: int = 9, many: int = len(_BERNOULLI)) -> Any:
    """The Hurwitz zeta function: the sum of (k + q) ** -x over k >= 0. steps: terms that are summed, before so many of
    Bernoulli's numbers stand for the rest."""
    x, q = xp.broadcast_arrays(xp.asarray(x, xp.float64), xp.asarray(q, xp.float64))
    whole, least, most = q == xp.floor(q), x == 1, x == xp.inf
    bad = (x < 1) | xp.isnan(x) | (q <= 0) & xp.where(whole, xp.where(most, 0.0, x) % 2 != 0, x != xp.floor(x)) & ~least
    pole = least | (q <= 0) & whole | most & (q < 1)
    s = xp.where(bad | pole | most, 2.0, x)
    a = xp.where(bad | pole, 1.0, q)
    total = a ** -s
    for _ in range(200):
        early = (a < steps) | (a <= q + steps)
        if not early.any():
            break
        a = xp.where(early, a + 1, a)
        total = xp.where(early, total + a ** -s, total)
    base = a ** -s
    total = total + base * a / (s - 1) - 0.5 * base
    factor, power = xp.ones_like(s), base
    k = 0.0
    for b in _BERNOULLI[:many]:
        factor = factor * (s + k)
        power = power / a
        total = total + factor * power / b
        k += 1
        factor = factor * (s + k)
        power = power / a
        k += 1
    total = xp.where(xp.isinf(q) | most & (q > 1), 0.0, xp.where(most & (q == 1), 1.0, total))
    return xp.where(bad, xp.nan, xp.where(pole, xp.inf, total))


def polygamma(xp: Any, n: Any, x: Any, *close: int) -> Any:
    """The n-th derivative of digamma. close: see ``zeta``."""
    n, x = xp.broadcast_arrays(xp.asarray(n, xp.float64), xp.asarray(x, xp.float64))
    fine = (n >= 0) & (n == xp.floor(n))
    order = xp.where(fine & (n > 0), n, 1.0)
    sign = xp.where(order % 2 == 0, -1.0, 1.0)
    some = order
    if order.size and order.min() == order.max():
        some = order.reshape(-1)[:1]
    high = sign * xp.exp(lgamma(xp, some + 1)) * zeta(xp, order + 1, x, *close)
    high = high.reshape(x.shape)
    if (n == 0).any():
        high = xp.where(n == 0, digamma(xp, x), high)
    return xp.where(fine, high, xp.nan)


def igamma_pair(xp: Any, a: Any, x: Any, close: float = _CLOSE) -> tuple[Any, Any]:
    """The regularized lower and upper incomplete gamma functions. close: see ``_gamma_fraction``."""
    a, x = xp.broadcast_arrays(xp.asarray(a, xp.float64), xp.asarray(x, xp.float64))
    valid = (a > 0) & (x >= 0)
    inside = xp.atleast_1d(valid & xp.isfinite(x) & xp.isfinite(a) & (x > 0))
    b, y = xp.where(inside, a, 1.0), xp.where(inside, x, 1.0)
    scale = xp.exp(b * xp.log(y) - y - lgamma(xp, b))
    low, high = xp.empty_like(y), xp.empty_like(y)
    left = (y <= 1) | (y <= b)
    right = ~left
    low[left] = _gamma_series(xp, b[left], y[left], close) * scale[left] / b[left]
    high[left] = 1 - low[left]
    high[right] = _gamma_fraction(xp, b[right], y[right], close) * scale[right]
    low[right] = 1 - high[right]
    low, high, inside = low.reshape(x.shape), high.reshape(x.shape), inside.reshape(x.shape)
    edge = xp.where(x == 0, 0.0, xp.where(xp.isinf(a), 0.0, 1.0))
    lower = xp.where(inside, low, xp.where(valid, edge, xp.where(x == 0, 0.0, xp.nan)))
    upper = xp.where(inside, high, xp.where(valid, 1 - edge, xp.nan))
    return lower, upper


def _gamma_series(xp: Any, a: Any, x: Any, close: float) -> Any:
    """The sum of x ** k / ((a + 1) … (a + k)), looked at after each eight terms."""
    term = xp.ones_like(a)
    total = out = xp.ones_like(a)
    at = None
    r = a
    for i in range(20000):
        r = r + 1
        term = term * x / r
        total = total + term
        if i % 8 < 7:
            continue
        going = term > total * (close / 20)
        some = int(xp.count_nonzero(going))
        if some == 0:
            break
        if some < len(r):
            out, at = _ended(xp, out, at, total, going)
            r, x, term, total = r[going], x[going], term[going], total[going]
    return _ended(xp, out, at, total, None)[0]


def _ended(xp: Any, out: Any, at: Any, found: Any, going: Any) -> tuple[Any, Any]:
    """(what was found, at its places; the places of those that go on). at: the places of ``found``, None for all."""
    if at is None:
        return found, None if going is None else xp.flatnonzero(going)
    out[at] = found
    return out, None if going is None else at[going]


def _gamma_fraction(xp: Any, a: Any, x: Any, close: float) -> Any:
    """Lentz's method for the upper incomplete gamma function, until a factor is so close to 1."""
    b = x + 1 - a
    c = xp.full_like(b, 1e300)
    d = 1 / xp.where(b == 0, 1e-300, b)
    h = out = d
    at = None
    going = xp.ones(b.shape, bool)
    for i in range(1, 20000):
        an = i * (a - i)
        b = b + 2
        d = an * d + b
        d = 1 / xp.where(xp.abs(d) < 1e-300, 1e-300, d)
        c = b + an / c
        c = xp.where(xp.abs(c) < 1e-300, 1e-300, c)
        step = d * c
        h = xp.where(going, h * step, h)
        going &= xp.abs(step - 1) > close
        some = int(xp.count_nonzero(going))
        if some == 0:
            break
        if 4 * some < 3 * len(h):
            out, at = _ended(xp, out, at, h, going)
            a, b, c, d, h, going = (v[going] for v in (a, b, c, d, h, going))
    return _ended(xp, out, at, h, None)[0]


def igamma_slope(xp: Any, a: Any, x: Any) -> Any:
    """The derivative of the lower incomplete gamma function by a."""
    a, x = xp.broadcast_arrays(xp.asarray(a, xp.float64), xp.asarray(x, xp.float64))
    inside = (a > 0) & (x > 0) & xp.isfinite(x)
    b, y = xp.where(inside, a, 1.0), xp.where(inside, x, 1.0)
    log_y = xp.log(y)
    term = xp.exp(b * log_y - y - lgamma(xp, b + 1))
    psi = digamma(xp, b + 1)
    total = term * (log_y - psi)
    r = b
    for _ in range(20000):
        r = r + 1
        term = term * y / r
        psi = psi + 1 / r
        total = total + term * (log_y - psi)
        if not ((term > 1e-18) | (r < y)).any():
            break
    return xp.where(inside, total, xp.where((a > 0) & (x == 0), 0.0, xp.nan))


def betainc(xp: Any, a: Any, b: Any, x: Any, close: float = _CLOSE) -> Any:
    """The regularized incomplete beta function. close: see ``_beta_fraction``."""
    a, b, x = xp.broadcast_arrays(*(xp.asarray(t, xp.float64) for t in (a, b, x)))
    valid = (a > 0) & (b > 0) & (x >= 0) & (x <= 1)
    inside = valid & (x > 0) & (x < 1)
    p, q, y = xp.where(inside, a, 1.0), xp.where(inside, b, 1.0), xp.where(inside, x, 0.5)
    turn = y > (p + 1) / (p + q + 2)
    u, v, z = xp.where(turn, q, p), xp.where(turn, p, q), xp.where(turn, 1 - y, y)
    front = xp.exp(lgamma(xp, u + v) - lgamma(xp, u) - lgamma(xp, v) + u * xp.log(z) + v * xp.log1p(-z)) / u
    part = front * _beta_fraction(xp, u.ravel(), v.ravel(), z.ravel(), close).reshape(z.shape)
    out = xp.where(turn, 1 - part, part)
    return xp.where(inside, out, xp.where(valid, x, xp.nan))


def _beta_fraction(xp: Any, a: Any, b: Any, x: Any, close: float) -> Any:
    """Lentz's method for the incomplete beta function of vectors, until a factor is so close to 1."""
    def away(t: Any) -> Any:
        return xp.where(xp.abs(t) < 1e-300, 1e-300, t)

    c = xp.ones_like(x)
    d = 1 / away(1 - (a + b) * x / (a + 1))
    h = out = d
    at = None
    going = xp.ones(x.shape, bool)
    for m in range(1, 10000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / away(1 + even * d)
        c = away(1 + even / c)
        half = h * d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / away(1 + odd * d)
        c = away(1 + odd / c)
        step = d * c
        h = xp.where(going, half * step, h)
        going &= xp.abs(step - 1) > close
        some = int(xp.count_nonzero(going))
        if some == 0:
            break
        if 4 * some < 3 * len(h):
            out, at = _ended(xp, out, at, h, going)
            a, b, x, c, d, h, going = (v[going] for v in (a, b, x, c, d, h, going))
    return _ended(xp, out, at, h, None)[0]
