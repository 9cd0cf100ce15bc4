"""Special functions: Dawson's, the exponential integral, the dilogarithm, Fresnel's."""
from __future__ import annotations

import math
from typing import Any

from ..graph.inference import same_shape
from ..graph.opdef import op
from . import _bessel as exact
from ._gradients import waiting
from ._quotients import dawson
from .math_gamma import blocks, double


@op
class Dawsn:
    """Dawson's integral (tf.math.special.dawsn)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(10, 9)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.dawson(xp, x), dawson)

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        return [grad * (1 - 2 * x * y)]


@op
class Expint:
    """The exponential integral Ei (tf.math.special.expint)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(11, 10)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.expint(xp, x))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        return [grad * tf.exp(x) / x]


@op
class Spence:
    """Spence's function, the dilogarithm of 1 - x (tf.math.special.spence)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(12, 11)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.spence(xp, x))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        slope = tf.log(x) / (1 - x)
        return [grad * tf.where(tf.equal(x, 1.0), -tf.ones_like(x), slope)]


@op
class FresnelSin:
    """The Fresnel sine integral (tf.math.special.fresnel_sin)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(20, 19)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.fresnel(xp, x)[0])

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        return [grad * (tf.sin(math.pi / 2 * tf.square(x)))]


@op
class FresnelCos:
    """The Fresnel cosine integral (tf.math.special.fresnel_cos)."""

    signature = "x: T -> y: T"
    attrs = "T: {floating}"
    no_kernel = "T: float16, bfloat16"
    elementwise = True
    infer = same_shape
    scratch = blocks(20, 19)

    def kernel(n: Any) -> Any:
        return double(n, lambda xp, x: exact.fresnel(xp, x)[1])

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        return [grad * (tf.cos(math.pi / 2 * tf.square(x)))]
