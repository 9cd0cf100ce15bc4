"""Bessel functions."""
from __future__ import annotations

from typing import Any

from ..graph.inference import same_shape
from ..graph.opdef import op
from . import _bessel as exact
from ._gradients import waiting
from ._quotients import i_scaled, k_scaled
from .math_gamma import blocks, double


def _or_at_zero(tf: Any, x: Any, limit: float, elsewhere: Any) -> Any:
    """What ``elsewhere()`` gives, and its limit where x is 0."""
    zero, there = tf.equal(x, 0.0), tf.cast(limit, x.dtype)
    return tf.where_v2(zero, there, elsewhere())


def _slope_i1e(tf: Any, x: Any, y: Any) -> Any:
    return _or_at_zero(tf, x, 0.5, lambda: tf.math.bessel_i0e(x) - y * (tf.sign(x) + tf.reciprocal(x)))


def _slope_i1(tf: Any, x: Any, y: Any) -> Any:
    return _or_at_zero(tf, x, 1.0, lambda: tf.math.bessel_i0(x) - tf.div(y, x))


def _slope_j1(tf: Any, x: Any, y: Any) -> Any:
    return _or_at_zero(tf, x, 0.5, lambda: tf.math.special.bessel_j0(x) - tf.div(y, x))


@op
class BesselI0e:
    """exp(-|x|) times the modified Bessel function I0 (tf.math.bessel_i0e)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(12, 10)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.i_scaled(xp, x, 0), lambda xp, x: i_scaled(xp, x, 0))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        return [grad * (tf.math.bessel_i1e(x) - tf.sign(x) * y)]


@op
class BesselI0:
    """The modified Bessel function I0 (tf.math.bessel_i0)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(11, 10)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.i_scaled(xp, x, 0) * xp.exp(xp.abs(x)))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        return [grad * (tf.math.bessel_i1(x))]


@op
class BesselI1e:
    """exp(-|x|) times the modified Bessel function I1 (tf.math.bessel_i1e)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(12, 10)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.i_scaled(xp, x, 1), lambda xp, x: i_scaled(xp, x, 1))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        return [grad * (_slope_i1e(tf, x, y))]


@op
class BesselI1:
    """The modified Bessel function I1 (tf.math.bessel_i1)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(11, 10)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.i_scaled(xp, x, 1) * xp.exp(xp.abs(x)))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        return [grad * (_slope_i1(tf, x, y))]


@op
class BesselK0:
    """The modified Bessel function K0 (tf.math.special.bessel_k0)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(20, 13)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.k_scaled(xp, x, 0) * xp.exp(-x), lambda xp, x: k_scaled(xp, x, 0, False))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        return [grad * (-tf.math.special.bessel_k1(x))]


@op
class BesselK0e:
    """exp(x) times the modified Bessel function K0 (tf.math.special.bessel_k0e)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(20, 13)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.k_scaled(xp, x, 0), lambda xp, x: k_scaled(xp, x, 0))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        return [grad * (y - tf.math.special.bessel_k1e(x))]


@op
class BesselK1:
    """The modified Bessel function K1 (tf.math.special.bessel_k1)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(20, 14)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.k_scaled(xp, x, 1) * xp.exp(-x), lambda xp, x: k_scaled(xp, x, 1, False))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        return [grad * (-tf.math.special.bessel_k0(x) - tf.div(y, x))]


@op
class BesselK1e:
    """exp(x) times the modified Bessel function K1 (tf.math.special.bessel_k1e)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(20, 14)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.k_scaled(xp, x, 1), lambda xp, x: k_scaled(xp, x, 1))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        return [grad * (y * (1 - tf.reciprocal(x)) - tf.math.special.bessel_k0e(x))]


@op
class BesselJ0:
    """The Bessel function J0 (tf.math.special.bessel_j0)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(29, 28)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.j_and_y(xp, x)[0])

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        return [grad * (-tf.math.special.bessel_j1(x))]


@op
class BesselJ1:
    """The Bessel function J1 (tf.math.special.bessel_j1)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(29, 28)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.j_and_y(xp, x)[1])

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        return [grad * (_slope_j1(tf, x, y))]


@op
class BesselY0:
    """The Bessel function Y0 (tf.math.special.bessel_y0)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(29, 28)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.j_and_y(xp, x)[2])

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        return [grad * (-tf.math.special.bessel_y1(x))]


@op
class BesselY1:
    """The Bessel function Y1 (tf.math.special.bessel_y1)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(29, 28)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.j_and_y(xp, x)[3])

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        return [grad * (tf.math.special.bessel_y0(x) - tf.div(y, x))]
