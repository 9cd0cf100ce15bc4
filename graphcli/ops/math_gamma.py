"""Error and gamma functions."""
from __future__ import annotations

import math
from typing import Any

from ..graph.inference import broadcast_shape, same_shape
from ..graph.opdef import op, undefined_gradient
from . import _error, _gamma, _quotients
from ._gradients import backs, waiting

BLOCK, QUOTIENTS = 1 << 13, 1 << 14
"""Elements at a time: the formulas make dozens of arrays on their way, quotients of polynomials fewer. On one thread,
for two hinder each other where calls are short."""


def double(n: Any, function: Any, single: Any = None, kind: Any = None, size: int = QUOTIENTS) -> Any:
    """A kernel that computes in double precision and rounds once.

    single: the function for results of less than double precision; kind: what it is computed in, by calls that loops
    over blocks can take, if not in double precision; size: elements at a time there.
    """
    xp, dtype = n.xp, n.dtype()
    if single is not None and xp.dtype(dtype).itemsize < 8:
        function = single
    else:
        kind, size = None, BLOCK

    def whole(*arrays: Any) -> Any:
        wide = [xp.asarray(a).astype(kind or xp.float64, copy=False) for a in arrays]
        return xp.asarray(function(xp, *wide)).astype(dtype, copy=False)

    if kind is not None and getattr(xp, "traces", False):
        return whole

    def kernel(*arrays: Any) -> Any:
        shape = xp.broadcast_shapes(*[xp.shape(a) for a in arrays]) if len(arrays) > 1 else xp.shape(arrays[0])
        if xp.__name__ != "numpy" or math.prod(shape) <= size:
            return whole(*arrays)
        spread = [a.reshape(-1) if a.flags.c_contiguous else a.flat
                  for a in (xp.broadcast_to(a, shape) for a in arrays)]
        out = xp.empty(shape, dtype)
        flat = out.reshape(-1)

        for i in range(0, flat.size, size):
            flat[i:i + size] = whole(*[a[i:i + size] for a in spread])
        return out

    return kernel


def blocks(single: int, double: int) -> Any:
    """The scratch of such a kernel: so many arrays of BLOCK doubles, for results of less than double precision, and of
    double."""
    return lambda n: 8 * min(BLOCK, n.made()) * (double if n.out_width() == 8 else single)


@op
class Erf:
    """The error function (tf.erf)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: _error.erf_pair(xp, x)[0], _quotients.erf, n.xp.float32)

    def scratch(n: Any) -> int:
        return 6 * 4 * QUOTIENTS if n.made() > QUOTIENTS else 0

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        scale = tf.constant(2 / math.sqrt(math.pi), grad.dtype.base_dtype)
        with tf.control_dependencies([grad]):
            return [grad * scale * tf.exp(-tf.square(op.inputs[0]))]


@op
class Erfc:
    """1 - erf(x) without loss (tf.erfc)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    elementwise = True
    infer = same_shape
    scratch = blocks(10, 16)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: _error.erf_pair(xp, x)[1], _quotients.erfc)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        scaled = grad * tf.constant(-2 / math.sqrt(math.pi), grad.dtype.base_dtype)
        with tf.control_dependencies([grad]):
            return [scaled * tf.exp(-tf.square(op.inputs[0]))]


@op
class Erfinv:
    """The inverse of erf (tf.math.erfinv)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(12, 27)

    def kernel(n: Any) -> Any:
        return double(n, _error.erfinv, _quotients.erfinv)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        scaled = grad * tf.constant(math.sqrt(math.pi) / 2, grad.dtype.base_dtype)
        with tf.control_dependencies([grad]):
            return [scaled * tf.exp(tf.square(op.outputs[0]))]


@op
class Ndtri:
    """The x below which a standard normal number is with this probability (tf.math.ndtri)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(14, 22)

    def kernel(n: Any) -> Any:
        return double(n, _error.ndtri, _quotients.ndtri)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        scaled = grad * tf.constant(math.sqrt(2 * math.pi), grad.dtype.base_dtype)
        with tf.control_dependencies([grad]):
            return [scaled * tf.exp(tf.square(op.outputs[0]) / 2.0)]


@op
class Lgamma:
    """log of the absolute value of the gamma function (tf.lgamma)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(12, 11)

    def kernel(n: Any) -> Any:
        return double(n, _gamma.lgamma, _quotients.lgamma)

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad * tf.digamma(op.inputs[0])]


@op
class Digamma:
    """The derivative of lgamma (tf.digamma)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(12, 11)

    def kernel(n: Any) -> Any:
        return double(n, _gamma.digamma, _quotients.digamma)

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        return [grad * (tf.polygamma(tf.constant(1, x.dtype.base_dtype), x))]


@op
class Polygamma:
    """The a-th derivative of digamma (tf.polygamma)."""

    signature = "a: T, x: T -> z: T"
    attrs = "T: {float32, float64}"
    elementwise = True
    infer = broadcast_shape
    scratch = blocks(15, 13)

    def kernel(n: Any) -> Any:
        return double(n, _gamma.polygamma, lambda xp, a, x: _gamma.polygamma(xp, a, x, *_gamma.FEWER), size=BLOCK)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        a, x = op.inputs
        _, back = backs(tf, tf.shape(a), tf.shape(x))
        with tf.control_dependencies([grad]):
            return [None, back(tf.polygamma(a + 1, x) * grad)]


@op
class Zeta:
    """The Hurwitz zeta function (tf.zeta)."""

    signature = "x: T, q: T -> z: T"
    attrs = "T: {float32, float64}"
    elementwise = True
    infer = broadcast_shape
    scratch = blocks(11, 9)

    def kernel(n: Any) -> Any:
        return double(n, _gamma.zeta, lambda xp, x, q: _gamma.zeta(xp, x, q, *_gamma.FEWER), size=BLOCK)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, q = op.inputs
        _, back = backs(tf, tf.shape(x), tf.shape(q))
        with tf.control_dependencies([grad]):
            return [None, back(-x * tf.zeta(x + 1, q) * grad)]


def _lower(tf: Any, op: Any, grad: Any) -> list[Any]:
    """The gradients of the lower incomplete gamma function."""
    a, x = op.inputs
    back_a, back_x = backs(tf, tf.shape(a), tf.shape(x))
    with tf.control_dependencies([grad]):
        slope = tf.apply_op("IgammaGradA", None, [a, x])
        density = tf.exp(-x + (a - 1) * tf.log(x) - tf.lgamma(a))
        of_a = back_a(slope * grad)
        return [of_a, back_x(density * grad)]


@op
class Igamma:
    """The regularized lower incomplete gamma function (tf.igamma)."""

    signature = "a: T, x: T -> z: T"
    attrs = "T: {floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = broadcast_shape
    scratch = blocks(16, 14)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, a, x: _gamma.igamma_pair(xp, a, x)[0],
                      lambda xp, a, x: _gamma.igamma_pair(xp, a, x, _gamma.NEAR)[0], size=BLOCK)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return _lower(tf, op, grad)


@op
class Igammac:
    """The regularized upper incomplete gamma function (tf.igammac)."""

    signature = "a: T, x: T -> z: T"
    attrs = "T: {floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = broadcast_shape
    scratch = blocks(16, 14)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, a, x: _gamma.igamma_pair(xp, a, x)[1],
                      lambda xp, a, x: _gamma.igamma_pair(xp, a, x, _gamma.NEAR)[1], size=BLOCK)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [-g for g in _lower(tf, op, grad)]


@op
class IgammaGradA:
    """The derivative of Igamma by its first argument."""

    signature = "a: T, x: T -> z: T"
    attrs = "T: {float32, float64}"
    elementwise = True
    infer = broadcast_shape
    gradient = undefined_gradient
    scratch = blocks(18, 16)

    def kernel(n: Any) -> Any:
        return double(n, _gamma.igamma_slope)


@op
class Betainc:
    """The regularized incomplete beta function (tf.betainc)."""

    signature = "a: T, b: T, x: T -> z: T"
    attrs = "T: {float32, float64}"

    def infer(n: Any, a: Any, b: Any, x: Any) -> Any:
        shape: Any = None
        for other in (a, b, x):
            if other:
                shape = n.merge(shape, other)
        scalars = [a, b, x].count(())
        return () if scalars == 3 else next(s for s in (a, b, x) if s != ()) if scalars == 2 else shape

    scratch = blocks(23, 20)

    def kernel(n: Any) -> Any:
        return double(n, _gamma.betainc, lambda xp, a, b, x: _gamma.betainc(xp, a, b, x, _gamma.NEAR),
                      size=BLOCK)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        a, b, x = op.inputs
        _, back = backs(tf, tf.shape(a), tf.shape(x))
        log_beta = tf.lgamma(a) + tf.lgamma(b) - tf.lgamma(a + b)
        slope = tf.exp(tf.math.xlog1py(b - 1, -x) + tf.math.xlogy(a - 1, x) - log_beta)
        return [None, None, back(slope * grad)]
