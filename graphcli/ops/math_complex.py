"""Complex numbers and their parts."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidArgument
from ..graph.inference import broadcast_shape, same_shape
from ..graph.opdef import op

COMPLEX = "T: {complex64, complex128} = complex64"
PART = COMPLEX + "; Tout: {float32, float64} = float32"


def as_precise(n: Any) -> Any:
    """The dtype of the output. Raises InvalidArgument where it is not as precise as the input."""
    given, made = n.node.inputs[0].dtype.base_dtype, n.out()
    if given.size * (1 if given.is_complex else 2) == made.size * (1 if made.is_complex else 2):
        return n.dtype()
    raise InvalidArgument(f"TensorFlow has no kernel of {n.node.type} from {given.name} to {made.name}",
                          hint="tf.cast converts a tensor")


@op
class Complex:
    """real + imag * i (tf.complex)."""

    signature = "real: T, imag: T -> out: Tout"
    attrs = "T: {float32, float64} = float32; Tout: {complex64, complex128} = complex64"
    elementwise = True
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, as_precise(n)

        def join(real: Any, imag: Any) -> Any:
            out = xp.empty(xp.broadcast_shapes(xp.shape(real), xp.shape(imag)), dtype)
            out.real[...], out.imag[...] = real, imag
            return out

        return join

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        from ._gradients import unbroadcast

        x, y = op.inputs
        return list(unbroadcast(tf, x, y, tf.real(grad), tf.imag(grad)))


@op
class Real:
    """The real part (tf.real)."""

    signature = "input: T -> output: Tout"
    attrs = PART
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        dtype = as_precise(n)
        return lambda x: x.real.astype(dtype)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.complex(grad, tf.constant(0, grad.dtype))]


@op
class Imag:
    """The imaginary part (tf.imag)."""

    signature = "input: T -> output: Tout"
    attrs = PART
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        dtype = as_precise(n)
        return lambda x: x.imag.astype(dtype)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.complex(tf.constant(0, grad.dtype), grad)]


@op
class Conj:
    """The complex conjugate (tf.conj)."""

    signature = "input: T -> output: T"
    attrs = "T: {complex64, complex128, variant} = complex64"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        return n.xp.conj

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.conj(grad)]


@op
class Angle:
    """The argument, in (-pi, pi] (tf.angle)."""

    signature = "input: T -> output: Tout"
    attrs = PART
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, as_precise(n)
        return lambda x: xp.arctan2(x.imag, x.real).astype(dtype, copy=False)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        with tf.control_dependencies([grad]):
            real, imag = tf.real(op.inputs[0]), tf.imag(op.inputs[0])
            turned = tf.reciprocal(tf.complex(imag, real))
            return [-tf.complex(grad, tf.constant(0, grad.dtype.base_dtype)) * turned]


@op
class ComplexAbs:
    """The modulus (tf.abs of complex numbers)."""

    signature = "x: T -> y: Tout"
    attrs = PART
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, as_precise(n)
        return lambda x: xp.abs(x).astype(dtype, copy=False)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        def whole(x: Any) -> Any:
            return tf.complex(x, tf.zeros_like(x))

        above = whole(grad) * op.inputs[0]
        return [tf.div_no_nan(above, whole(op.outputs[0]))]
