"""Error functions in double precision, for whole arrays; ``xp`` is the array module.

erf follows fdlibm's rational approximations.
"""
from __future__ import annotations

import math
from typing import Any

_SMALL = ((1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02,
           -5.77027029648944159157e-03, -2.37630166566501626084e-05),
          (1.0, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
           1.32494738004321644526e-04, -3.96022827877536812320e-06))
_MIDDLE = ((-2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01,
            3.18346619901161753674e-01, -1.10894694282396677476e-01, 3.54783043256182359371e-02,
            -2.16637559486879084300e-03),
           (1.0, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02,
            1.26171219808761642112e-01, 1.36370839120290507362e-02, 1.19844998467991074170e-02))
_TAIL = ((-9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01,
          -6.23753324503260060396e+01, -1.62396669462573470355e+02, -1.84605092906711035994e+02,
          -8.12874355063065934246e+01, -9.81432934416914548592e+00),
         (1.0, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02,
          6.45387271733267880336e+02, 4.29008140027567833386e+02, 1.08635005541779435134e+02,
          6.57024977031928170135e+00, -6.04244152148580987438e-02))
_FAR = ((-9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01,
         -1.60636384855821916062e+02, -6.37566443368389627722e+02, -1.02509513161107724954e+03,
         -4.83519191608651397019e+02),
        (1.0, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
         3.19985821950859553908e+03, 2.55305040643316442583e+03, 4.74528541206955367215e+02,
         -2.24409524465858183362e+01))
_ERX = 8.45062911510467529297e-01


def polynomial(x: Any, coefficients: Any) -> Any:
    """Lowest power first, two coefficients at least."""
    total = coefficients[-1] * x
    for c in coefficients[-2:0:-1]:
        total += c
        total *= x
    total += coefficients[0]
    return total


def ratio(x: Any, parts: Any) -> Any:
    """The quotient of two polynomials in x."""
    total = polynomial(x, parts[0])
    total /= polynomial(x, parts[1])
    return total


def erf_pair(xp: Any, x: Any) -> tuple[Any, Any]:
    """erf and erfc."""
    x = xp.asarray(x, xp.float64)
    size = xp.abs(x)
    near = size < 0.84375
    small = xp.where(near, x, 0.0)
    erf_small = small + small * ratio(small * small, _SMALL)
    s = xp.where(size < 1.25, size, 1.0) - 1.0
    middle = ratio(s, _MIDDLE)
    big = xp.clip(size, 1.25, 28.0)
    s = 1.0 / (big * big)
    power = xp.where(big < 1 / 0.35, ratio(s, _TAIL), ratio(s, _FAR))
    head = big.astype(xp.float32).astype(xp.float64)
    tail = xp.exp(-head * head - 0.5625) * xp.exp((head - big) * (head + big) + power) / big
    tail = xp.where(size > 27.5, 0.0, tail)
    mid = ~near & (size < 1.25)
    erfc_size = xp.where(mid, 1.0 - _ERX - middle, tail)
    erf_size = xp.where(mid, _ERX + middle, 1.0 - tail)
    nan = xp.isnan(x)
    erf = xp.where(near, erf_small, xp.copysign(erf_size, x))
    erfc = xp.where(near, 1.0 - erf_small, xp.where(x < 0, 2.0 - erfc_size, erfc_size))
    return xp.where(nan, x, erf), xp.where(nan, x, erfc)


def ndtri(xp: Any, p: Any) -> Any:
    """The x below which a standard normal number is with probability p: a rational start and Newton's steps."""
    p = xp.asarray(p, xp.float64)
    inside = (p > 0) & (p < 1)
    low = xp.where(inside, xp.minimum(p, 1 - p), 0.5)
    t = xp.sqrt(-2 * xp.log(low))
    x = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))))
    for _ in range(4):
        tail = 0.5 * erf_pair(xp, -x * math.sqrt(0.5))[1]
        error = (tail - low) * math.sqrt(2 * math.pi) * xp.exp(xp.minimum(x * x / 2, 700.0))
        x = x - error / (1 + x * error / 2)
    x = xp.where(p > 0.5, -x, x)
    return xp.where(inside, x, xp.where(p == 0, -xp.inf, xp.where(p == 1, xp.inf, xp.nan)))


def erfinv(xp: Any, y: Any) -> Any:
    """The x of erf(x) = y; near 0 by Newton's steps, elsewhere by ndtri."""
    y = xp.asarray(y, xp.float64)
    size = xp.abs(y)
    small = xp.where(size < 0.5, size, 0.0)
    x = small * math.sqrt(math.pi) / 2 * (1 + small * small * math.pi / 12)
    for _ in range(4):
        error = (erf_pair(xp, x)[0] - small) * (math.sqrt(math.pi) / 2) * xp.exp(x * x)
        x = x - error / (1 + x * error)
    outer = -ndtri(xp, (1 - size) / 2) * math.sqrt(0.5)
    return xp.copysign(xp.where(size < 0.5, x, outer), y)


