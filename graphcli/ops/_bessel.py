"""Bessel functions and their relatives in double precision, for whole arrays.

Integrals of periodic or fast-falling functions by the trapezoid rule, which converges geometrically
on them, Miller's backward recurrence and asymptotic series.
"""
from __future__ import annotations

import math
from typing import Any

_EULER = 0.5772156649015329


def i_scaled(xp: Any, x: Any, order: int) -> Any:
    """exp(-|x|) times the modified Bessel function of the first kind, order 0 or 1."""
    x = xp.asarray(x, xp.float64)
    size = xp.abs(x)
    near = xp.minimum(size, 30.0)
    points = 64
    total = xp.zeros_like(near)
    for i in range(points // 2 + 1):
        angle = 2 * math.pi * i / points
        weight = (1 if i in (0, points // 2) else 2) * (math.cos(angle) if order else 1.0)
        total = total + weight * xp.exp(near * (math.cos(angle) - 1))
    inner = total / points
    far = xp.maximum(size, 30.0)
    series, term = xp.ones_like(far), xp.ones_like(far)
    mu = 4.0 * order * order
    for k in range(1, 25):
        term = -term * (mu - (2 * k - 1) ** 2) / (8 * k * far)
        series = series + term
    outer = series / xp.sqrt(2 * math.pi * far)
    out = xp.where(size <= 30, inner, outer)
    out = xp.where(xp.isinf(size), 0.0, out)
    return xp.copysign(out, x) if order else out


def k_scaled(xp: Any, x: Any, order: int) -> Any:
    """exp(x) times the modified Bessel function of the second kind, order 0 or 1; infinite below 0."""
    x = xp.asarray(x, xp.float64)
    positive = x > 0
    large = xp.where(positive & (x > 1), x, 1.0)
    step, total = 0.125, xp.zeros_like(large)
    for i in range(40):
        c = math.cosh(i * step)
        total = total + (0.5 if i == 0 else 1.0) * xp.exp(-large * (c - 1)) * (c if order else 1.0)
    outer = total * step
    small = xp.where(positive & (x <= 1), x, 1.0)
    half, quarter = small / 2, small * small / 4
    log = xp.log(half)
    term = xp.ones_like(small)
    total = xp.zeros_like(small)
    harmonic = 0.0
    if order:
        for k in range(20):
            psi = 2 * (-_EULER + harmonic) + 1 / (k + 1)
            total = total + term * (log - psi / 2) * half
            harmonic += 1 / (k + 1)
            term = term * quarter / ((k + 1) * (k + 2))
        inner = 1 / small + total
    else:
        for k in range(20):
            total = total + term * (harmonic - _EULER - log)
            harmonic += 1 / (k + 1)
            term = term * quarter / ((k + 1) ** 2)
        inner = total
    far, series, term = xp.maximum(large, 30.0), xp.ones_like(large), xp.ones_like(large)
    mu = 4.0 * order * order
    for k in range(1, 25):
        term = term * (mu - (2 * k - 1) ** 2) / (8 * k * far)
        series = series + term
    outer = xp.where(large <= 30, outer, series * xp.sqrt(math.pi / (2 * far)))
    out = xp.where(x <= 1, inner * xp.exp(small), outer)
    return xp.where(positive, out, xp.where(xp.isnan(x), xp.nan, xp.inf))


def j_and_y(xp: Any, x: Any) -> tuple[Any, Any, Any, Any]:
    """J0, J1, Y0 and Y1."""
    x = xp.asarray(x, xp.float64)
    size = xp.abs(x)
    near = xp.clip(size, 1e-300, 25.0)
    start = 80
    above, here = xp.zeros_like(near), xp.full_like(near, 1e-300)
    norm = xp.zeros_like(near)
    y0, y1 = xp.zeros_like(near), xp.zeros_like(near)
    tiny = near < 1e-6
    safe = xp.where(tiny, 1.0, near)
    j1 = here
    for k in range(start, 0, -1):
        # ``here`` is J_k up to a common factor
        if k % 2 == 0:
            norm = norm + 2 * here
            y0 = y0 - (1 if (k // 2) % 2 == 0 else -1) * 4 / math.pi * here / (k // 2)
        elif k >= 3:
            m = (k - 1) // 2
            y1 = y1 - (1 if m % 2 == 0 else -1) * 2 / math.pi * here * (2 * m + 1) / (m * (m + 1))
        if k == 1:
            j1 = here
        above, here = here, 2 * k / safe * here - above
        big = xp.abs(here) > 1e200
        if big.any():
            scale = xp.where(big, 1e-200, 1.0)
            above, here, norm, y0, y1, j1 = (t * scale for t in (above, here, norm, y0, y1, j1))
    norm = norm + here
    j0 = xp.where(tiny, 1.0, here / norm)
    j1 = xp.where(tiny, near / 2, j1 / norm)
    log = xp.log(near / 2) + _EULER
    near_y0 = 2 / math.pi * log * j0 + xp.where(tiny, 0.0, y0 / norm)
    near_y1 = -2 / (math.pi * near) * j0 + 2 / math.pi * (log - 1) * j1 + xp.where(tiny, 0.0, y1 / norm)
    far = xp.maximum(size, 25.0)
    outer = []
    for order in (0, 1):
        p, q = _hankel(xp, far, order)
        angle = far - (0.5 * order + 0.25) * math.pi
        root = xp.sqrt(2 / (math.pi * far))
        cos, sin = xp.cos(angle), xp.sin(angle)
        outer.append((root * (p * cos - q * sin), root * (p * sin + q * cos)))
    inner = size <= 25
    j0 = xp.where(inner, j0, outer[0][0])
    j1 = xp.copysign(1.0, x) * xp.where(inner, j1, outer[1][0])
    negative = x < 0
    y0 = xp.where(negative | (x == 0), -xp.inf, xp.where(inner, near_y0, outer[0][1]))
    y1 = xp.where(negative | (x == 0), -xp.inf, xp.where(inner, near_y1, outer[1][1]))
    return j0, j1, y0, y1


def _hankel(xp: Any, x: Any, order: int) -> tuple[Any, Any]:
    mu = 4.0 * order * order
    p, q, term = xp.ones_like(x), xp.zeros_like(x), xp.ones_like(x)
    for k in range(1, 20):
        term = term * (mu - (2 * k - 1) ** 2) / (8 * k * x)
        if k % 2:
            q = q + (term if k % 4 == 1 else -term)
        else:
            p = p + (term if k % 4 == 0 else -term)
    return p, q


def dawson(xp: Any, x: Any) -> Any:
    """exp(-x^2) times the integral of exp(t^2) from 0 to x (Rybicki)."""
    x = xp.asarray(x, xp.float64)
    size = xp.abs(x)
    step = 0.25
    middle = 2 * xp.floor(0.5 * size / step + 0.5)
    rest = size - middle * step
    total = xp.zeros_like(size)
    for i in range(-33, 34, 2):
        place = middle + i
        total = total + xp.exp(-((rest - i * step) ** 2)) / xp.where(place == 0, 1.0, place)
    total = total / math.sqrt(math.pi)
    series = size * (1 - 2 / 3 * size ** 2 * (1 - 2 / 5 * size ** 2 * (1 - 2 / 7 * size ** 2)))
    out = xp.where(size < 0.01, series, total)
    return xp.copysign(xp.where(xp.isinf(size), 0.0, out), x)


def expint(xp: Any, x: Any) -> Any:
    """The exponential integral Ei; NaN below 0."""
    x = xp.asarray(x, xp.float64)
    positive = x > 0
    near = xp.where(positive & (x <= 40), x, 1.0)
    total, term = xp.zeros_like(near), xp.ones_like(near)
    for k in range(1, 160):
        term = term * near / k
        total = total + term / k
    inner = _EULER + xp.log(near) + total
    far = xp.where(x > 40, x, 50.0)
    series, term = xp.ones_like(far), xp.ones_like(far)
    for k in range(1, 40):
        term = term * k / far
        series = series + term
    outer = xp.exp(far) / far * series
    return xp.where(positive, xp.where(x <= 40, inner, outer), xp.where(x == 0, -xp.inf, xp.nan))


def spence(xp: Any, x: Any) -> Any:
    """The integral of log(t) / (1 - t) from 1 to x; NaN below 0 and at infinity."""
    x = xp.asarray(x, xp.float64)
    valid = x >= 0
    y = xp.where(valid, x, 1.0)
    inverse = y > 2
    y = xp.where(inverse, 1 / xp.where(inverse, y, 1.0), y)
    reflect = y < 0.5
    z = xp.where(reflect, y, 1 - y)
    z = xp.clip(z, -1.0, 0.5)
    # Li2(z) by the series of -log(1 - z), which converges fast for z in [-1, 1/2]
    u = -xp.log1p(-z)
    numbers = (1.0, -0.5, 1 / 6, 0, -1 / 30, 0, 1 / 42, 0, -1 / 30, 0, 5 / 66, 0, -691 / 2730, 0, 7 / 6, 0,
               -3617 / 510, 0, 43867 / 798, 0, -174611 / 330)
    total, term = xp.zeros_like(u), u
    for k, b in enumerate(numbers):
        total = total + b * term
        term = term * u / (k + 2)
    whole = y == 0
    log = xp.log(xp.where(whole, 1.0, y))
    out = xp.where(reflect, math.pi ** 2 / 6 - log * xp.log1p(-xp.where(reflect, y, 0.0)) - total, total)
    out = xp.where(whole, math.pi ** 2 / 6, out)
    full = xp.log(xp.where(valid & (x > 0), x, 1.0))
    out = xp.where(inverse, -0.5 * full * full - out, out)
    return xp.where(valid & xp.isfinite(x), out, xp.nan)


def fresnel(xp: Any, x: Any) -> tuple[Any, Any]:
    """The Fresnel sine and cosine integrals."""
    x = xp.asarray(x, xp.float64)
    size = xp.abs(x)
    near = xp.minimum(size, 2.5)
    s, c = xp.zeros_like(near), xp.zeros_like(near)
    term = near
    w = math.pi / 2 * near * near
    for k in range(80):
        part = term / (2 * k + 1)
        if k % 2:
            s = s + (part if k % 4 == 1 else -part)
        else:
            c = c + (part if k % 4 == 0 else -part)
        term = term * w / (k + 1)
    far = xp.clip(size, 2.5, 1e150)
    # f and g as integrals of exp(-pi t x) sqrt(t) / (t^2 + 1) type, by the substitution t = exp(u)
    f, g = xp.zeros_like(far), xp.zeros_like(far)
    step = 0.1
    scale = math.pi * far * far / 2
    for i in range(-420, 80):
        t = math.exp(i * step)
        weight = xp.exp(-scale * t) * step
        f = f + weight * t ** 0.5 / (t * t + 1)
        g = g + weight * t ** 1.5 / (t * t + 1)
    f, g = f / (math.pi * math.sqrt(2)), g / (math.pi * math.sqrt(2))
    turns = far * far / 4
    angle = 2 * math.pi * (turns - xp.floor(turns))
    far_c = 0.5 + f * xp.sin(angle) - g * xp.cos(angle)
    far_s = 0.5 - f * xp.cos(angle) - g * xp.sin(angle)
    inner = size < 2.5
    return xp.copysign(xp.where(inner, s, far_s), x), xp.copysign(xp.where(inner, c, far_c), x)
