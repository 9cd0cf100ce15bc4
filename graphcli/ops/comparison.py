"""Comparisons, logic and bits, elementwise with broadcasting."""
from __future__ import annotations

from typing import Any

from ..graph.inference import broadcast_shape
from ..graph.opdef import no_gradient, op


@op
class Less:
    """x < y (tf.less)."""

    signature = "x: T, y: T -> z: bool"
    attrs = "T: {realnumbertype}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.less


@op
class LessEqual:
    """x <= y (tf.less_equal)."""

    signature = "x: T, y: T -> z: bool"
    attrs = "T: {realnumbertype}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.less_equal


@op
class Greater:
    """x > y (tf.greater)."""

    signature = "x: T, y: T -> z: bool"
    attrs = "T: {realnumbertype}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.greater


@op
class GreaterEqual:
    """x >= y (tf.greater_equal)."""

    signature = "x: T, y: T -> z: bool"
    attrs = "T: {realnumbertype}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.greater_equal


def _compared(n: Any, x: Any, y: Any) -> Any:
    """The shape of a comparison, which is one answer for shapes that do not broadcast where that is no error."""
    if n.attrs["incompatible_shape_error"]:
        return n.broadcast(x, y)
    if x is None or y is None:
        return None
    long, short = sorted((x, y), key=len, reverse=True)
    for a, b in zip(long, (1,) * (len(long) - len(short)) + short):
        if None in (a, b) and ((a or 0) > 1 or (b or 0) > 1 or 0 in (a, b)):
            return None
        if a != b and not {1, None} & {a, b}:
            return ()
    return n.broadcast(x, y)


def _equality(n: Any, compare: Any, otherwise: bool) -> Any:
    """A comparison that gives ``otherwise`` for shapes that do not broadcast, where that is no error."""
    if n.attrs["incompatible_shape_error"]:
        return compare

    def compared(x: Any, y: Any) -> Any:
        pairs = zip(n.xp.shape(x)[::-1], n.xp.shape(y)[::-1])
        return compare(x, y) if all(a == b or 1 in (a, b) for a, b in pairs) else n.xp.asarray(otherwise)

    return compared


@op
class Equal:
    """x == y (tf.equal); NaN equals nothing."""

    signature = "x: T, y: T -> z: bool"
    attrs = "T: type; incompatible_shape_error: bool = True"
    elementwise = True
    infer = _compared
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _equality(n, n.xp.equal, False)


@op
class NotEqual:
    """x != y (tf.not_equal)."""

    signature = "x: T, y: T -> z: bool"
    attrs = "T: type; incompatible_shape_error: bool = True"
    elementwise = True
    infer = _compared
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _equality(n, n.xp.not_equal, True)


@op
class LogicalAnd:
    """And (tf.logical_and, &)."""

    signature = "x: bool, y: bool -> z: bool"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.logical_and


@op
class LogicalOr:
    """Or (tf.logical_or, |)."""

    signature = "x: bool, y: bool -> z: bool"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.logical_or


@op
class BitwiseAnd:
    """And of bits (tf.bitwise.bitwise_and)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {int8, int16, int32, int64, uint8, uint16, uint32, uint64}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.bitwise_and


@op
class BitwiseOr:
    """Or of bits (tf.bitwise.bitwise_or)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {int8, int16, int32, int64, uint8, uint16, uint32, uint64}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.bitwise_or


@op
class BitwiseXor:
    """Exclusive or of bits (tf.bitwise.bitwise_xor)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {int8, int16, int32, int64, uint8, uint16, uint32, uint64}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.bitwise_xor


def _shifting(n: Any, function: Any) -> Any:
    """A shift by at least 0 and at most one less than there are bits."""
    xp, most = n.xp, n.dtype()(8 * n.out().size - 1)
    return lambda x, y: function(x, xp.minimum(xp.maximum(y, 0), most))


@op
class LeftShift:
    """Bits shifted left (tf.bitwise.left_shift)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {int8, int16, int32, int64, uint8, uint16, uint32, uint64}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _shifting(n, n.xp.left_shift)


@op
class RightShift:
    """Bits shifted right (tf.bitwise.right_shift)."""

    signature = "x: T, y: T -> z: T"
    attrs = "T: {int8, int16, int32, int64, uint8, uint16, uint32, uint64}"
    elementwise = True
    infer = broadcast_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _shifting(n, n.xp.right_shift)
