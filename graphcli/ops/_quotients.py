"""Special functions for results of single precision: a quotient of polynomials, and a logarithm or power at most.

The quotients are those of least relative error that weighted least squares at Chebyshev's points found against 30
digits: 2e-8 at most. ``erf`` is computed in single precision, to 6 units in the last place, the others in double
precision. ``xp`` is the array module.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ._error import polynomial, ratio

Table = tuple[tuple[float, ...], tuple[float, ...]]
"""The coefficients above and below, lowest power first; the first below is 1."""

_ERF: Table = (
    (1.1283791697121943, 0.19261517044221002, 0.05564135007494063, 0.004205979286976964, 0.00040765154514553356,
     6.658561353138518e-06),
    (1.0, 0.5040341756681979, 0.11732165632642827, 0.016242305295525828, 0.00141233261972793, 7.161096898256626e-05,
     2.529791366986972e-07))
_ERFC: Table = (
    (1.0000000057333123, 1.238433462803144, 0.7316272335864547, 0.22922937490494008, 0.03279856110851332),
    (1.0, 2.3668132078827764, 2.402280612159908, 1.3254115087189482, 0.4063248814020792, 0.058133237431968326))
_INNER: Table = (
    (0.886226925984674, 0.27774293476494166, 0.049114454261339424, 0.005822408706752281, 0.0004181256329533779,
     1.1451286978824267e-05),
    (1.0, 0.05159997916269601, 0.02887867221675813, 0.000972345972553866, 0.0001207575080037638))
_OUTER: Table = (
    (-0.4977049997039642, 1.6729526125501322, -1.640035994873167, 0.3873295474580849, 0.08728980095609157,
     -0.03891186008032777),
    (1.0, -1.3478713391317678, 0.34582405017923196, 0.0857617347465016, -0.038875805378249625, -5.36922843229598e-07))
_LGAMMA: Table = (
    (2.2268349317739062, 25.27605743389273, 49.497366328983134, 22.810805150809834, 2.3041683686218155,
     0.017049054370985053, -0.0001351254465038495),
    (1.0, 21.979378280326852, 75.04142070620094, 63.36437374464999, 14.783545507939063, 0.7706001773914779))
_DIGAMMA: Table = (
    (68274.76823872725, 192182.28737193928, 124090.77529284527, 22592.6795388978, 933.5218950787827, 1.781764973348387),
    (1.0, 99781.69125983183, 155079.97846542002, 63668.368822740005, 7631.8704163106695, 198.49237055143112))
_I0E: Table = (
    (1.0000000155274884, -3.7493636753686843, 8.368951861107776, -6.599952785074195, -1.1198325676883834,
     6.814381733341025, 17.006034846911643, -46.59974160167793, 52.66541800429805),
    (1.0, -1.7493546429419093, 4.869351227428658, -8.159303318420656, 26.31415716833066, -60.256895781371355,
     140.01219555323337, -193.69038613090513, 161.30914913439779))
_I1E: Table = (
    (0.49999999817109303, -0.8670636215546905, -1.974020781818214, 11.665145337856638, -21.626178213552137,
     21.182484549251217, -6.389134506529546, -7.0836565055948775, 9.533679482725343),
    (1.0, -3.7341294268085274, 9.520436030780811, -17.4574185458658, 30.479310487859912, -46.38433000196004,
     64.20734514502769, -62.366107483751506, 37.120785114257146))
_K_NEAR = (
    (-0.5772156648923241, 0.10569608354300972, 0.014418506181161746, 0.0005451885205951733, 1.0215053787049174e-05,
     1.1531992214136764e-07, 9.516287948272171e-10),
    (0.9999999997989032, 0.038607837093373426, -0.0420490384012384, -0.0028370873109631787, -7.494708634039467e-05,
     -1.0834341352013026e-06, -1.1106324226352667e-08))
_I_NEAR = (
    (1.0000000000033158, 0.24999999990890398, 0.015625000396534625, 0.0004340271435385134, 6.782159969867024e-06,
     6.763570784073117e-08, 5.046976122146049e-10),
    (0.49999999994351285, 0.06250000108980389, 0.0026041633297522668, 5.4257157392937136e-05,
     6.763485094476228e-07, 6.060896953886067e-09))
_K_FAR: tuple[Table, Table] = (
    ((1.2533141362581555, 3.7903749648290916, 2.3602528200539243, 0.1835010583713273),
     (1.0, 3.149281412979097, 2.206569202887508, 0.27380769566796576)),
    ((1.253314139171076, 3.8867149009182946, 2.9757513070809183, 0.5283443800175962),
     (1.0, 2.726150245040754, 1.469166474788538, 0.08793865197890031)))
_DAWSON: Table = (
    (1.0000000000026268, -1.7229244596100508, -26.606121681074764, 160.5939207912853, -441.4439741861365,
     732.9041446362795, -793.4314414144494, 567.685034734621, -260.25039982051703, 69.52503353248702,
     -8.2485255587236),
    (1.0, -7.056257791142902, 22.76058635581217, -44.04643359684045, 56.52383130022667, -50.18866794544745,
     31.199544007524075, -13.408673644106953, 3.8323239042745763, -0.6783707249263673, 0.06686470880196604))
_ROOT = 1.4616321449683623
"""Where digamma is 0."""


def _put(xp: Any, found: Any, where: Any, formula: Callable[..., Any], *arrays: Any) -> None:
    """Writes what the formula gives there: few elements need it, or none."""
    places = xp.flatnonzero(where)
    if places.size:
        found[places] = formula(*[a[places] for a in arrays])


def erf(xp: Any, x: Any) -> Any:
    """The error function."""
    x = xp.minimum(xp.maximum(x, -3.95), 3.95)
    found = ratio(x * x, _ERF) * x
    return xp.minimum(xp.maximum(found, -1.0), 1.0)


def erfc(xp: Any, x: Any) -> Any:
    """1 - erf(x)."""
    size = xp.minimum(xp.abs(x), 10.1)
    found = xp.exp(-size * size) * ratio(size, _ERFC)
    return xp.where(x < 0, 2.0 - found, found)


def _normal(xp: Any, rest: Any) -> Any:
    """erfinv(y) / y, of rest = 1 - y ** 2."""
    w = xp.log(rest)
    xp.negative(w, out=w)
    found = ratio(xp.minimum(w, 6.0), _INNER)
    _put(xp, found, w > 6, lambda w: ratio(xp.sqrt(xp.minimum(w, 104.0)), _OUTER), w)
    return found


def erfinv(xp: Any, y: Any) -> Any:
    """The x of erf(x) = y."""
    shape, y = xp.shape(y), xp.reshape(y, -1)
    found = _normal(xp, (1 - y) * (1 + y))
    found *= y
    _put(xp, found, xp.abs(y) == 1, lambda y: xp.copysign(xp.inf, y), y)
    return found.reshape(shape)


def ndtri(xp: Any, p: Any) -> Any:
    """The x below which a standard normal number is with probability p."""
    shape, p = xp.shape(p), xp.reshape(p, -1)
    found = math.sqrt(2) * (2 * p - 1)
    found *= _normal(xp, 4 * p * (1 - p))
    _put(xp, found, (p == 0) | (p == 1), lambda p: xp.copysign(xp.inf, p - 0.5), p)
    return found.reshape(shape)


def i_scaled(xp: Any, x: Any, order: int) -> Any:
    """exp(-abs(x)) times the modified Bessel function of the first kind, of order 0 or 1."""
    size = xp.abs(x)
    u = 1 - 4 / (size + 4)
    if order:
        return xp.where(xp.isinf(size), 0.0, x) / (1 + size) / xp.sqrt(1 + size) * ratio(u, _I1E)
    return ratio(u, _I0E) / xp.sqrt(1 + size)


def k_scaled(xp: Any, x: Any, order: int, scaled: bool = True) -> Any:
    """exp(x) times the modified Bessel function of the second kind, or this itself, of order 0 or 1; infinite at 0 and
    below."""
    below = x <= 0
    near, u = xp.minimum(xp.where(below, 1.0, x), 2.0), 1 / xp.maximum(x, 2.0)
    square = near * near
    # K0 = A(x ** 2) - log(x / 2) * I0, K1 = A(x ** 2) / x + log(x / 2) * I1
    part, log = polynomial(square, _I_NEAR[order]), xp.log(near / 2)
    inner = polynomial(square, _K_NEAR[order]) + (log * square if order else -log) * part
    if order:
        inner = inner / near
    outer = ratio(u, _K_FAR[order]) * xp.sqrt(u)
    if scaled:
        inner = inner * xp.exp(near)
    else:
        outer = outer * xp.exp(-xp.maximum(x, 2.0))
    return xp.where(below, xp.inf, xp.where(x > 2, outer, inner))


def dawson(xp: Any, x: Any) -> Any:
    """exp(-x ** 2) times the integral of exp(t ** 2) from 0 to x."""
    square = x * x
    found = x * ratio(1 - 4 / (square + 4), _DAWSON) / (1 + 2 * square)
    return xp.where(xp.isinf(x), xp.copysign(0.0, x), found)


def lgamma(xp: Any, x: Any) -> Any:
    """log of the absolute value of the gamma function."""
    shape, x = xp.shape(x), xp.reshape(x, -1)
    size = xp.abs(x)
    up = size < 0.5
    near = xp.minimum(size, 8.0)
    near += up
    found = ratio(near, _LGAMMA)
    found *= near - 1
    found *= near - 2
    # 0 at 1 and 2, not -0
    found += 0.0
    # gamma(1 + x) = x * gamma(x)
    _put(xp, found, up, lambda found, size: found - xp.log(size), found, size)

    def stirling(size: Any) -> Any:
        s = 1 / size
        t = s * s
        series = (size - 0.5) * xp.log(size) - size + 0.9189385332046727 + s * (1 / 12 - t * (1 / 360 - t / 1260))
        return xp.where(xp.isinf(size), xp.inf, series)

    def mirrored(size: Any, found: Any) -> Any:
        """gamma(-x) gamma(x) = -pi / (x sin(pi x))"""
        part = size - xp.floor(size)
        sine = xp.sin(math.pi * xp.minimum(part, 1 - part))
        found = math.log(math.pi) - xp.log(size) - xp.log(sine) - found
        return xp.where((part == 0) | xp.isinf(size), xp.inf, found)

    _put(xp, found, size > 8, stirling, size)
    _put(xp, found, x < 0, mirrored, size, found)
    return found.reshape(shape)


def digamma(xp: Any, x: Any) -> Any:
    """The derivative of log gamma; NaN at 0, -1, -2, …"""
    shape, x = xp.shape(x), xp.reshape(x, -1)
    size = xp.abs(x)
    up, left = size < 0.5, x <= 0
    near = xp.minimum(size, 8.0)
    near += up
    found = ratio(near, _DIGAMMA)
    found *= near - _ROOT

    def stirling(size: Any) -> Any:
        s = 1 / size
        t = s * s
        return xp.log(size) - s / 2 - t * (1 / 12 - t * (1 / 120 - t / 252))

    def mirrored(size: Any, found: Any) -> Any:
        """digamma(-x) = digamma(1 + x) + pi / tan(pi x), digamma(1 + x) = digamma(x) + 1 / x"""
        part = size - xp.floor(size)
        whole = part == 0
        slope = xp.where(part == 0.5, 0.0, math.pi / xp.tan(math.pi * xp.where(whole, 0.25, part)))
        found = xp.where(size < 0.5, found, found + 1 / xp.where(size == 0, 1.0, size)) + slope
        return xp.where(whole | xp.isinf(size), xp.nan, found)

    _put(xp, found, size > 8, stirling, size)
    _put(xp, found, up & ~left, lambda found, size: found - 1 / size, found, size)
    _put(xp, found, left, mirrored, size, found)
    return found.reshape(shape)
