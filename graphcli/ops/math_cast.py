"""Casts, sums of lists, clipping and matrix products."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import op, same_shape


@op
class Cast:
    """Another dtype (tf.cast): real to whole cuts toward 0, anything to bool is ``!= 0``."""

    signature = "x: SrcT -> y: DstT"
    attrs = "SrcT: type; DstT: type; Truncate: bool = False"
    elementwise = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def cast(x: Any) -> Any:
            x = xp.asarray(x)
            if x.dtype.kind == "c" and xp.dtype(dtype).kind != "c":
                x = x.real
            return x.astype(dtype)

        return cast

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        kinds = ("f", "c")
        if op.attrs["SrcT"].kind in kinds and op.attrs["DstT"].kind in kinds:
            return [tf.cast(grad, op.attrs["SrcT"])]
        return [None]


@op
class AddN:
    """Sum of tensors of one shape (tf.add_n)."""

    signature = "inputs: N*T -> sum: T"
    attrs = "N: int >= 1; T: {numbertype, variant}"

    def infer(n: Any, inputs: Any) -> Any:
        shape = inputs[0]
        for other in inputs[1:]:
            shape = n.merge(shape, other, "shapes of the inputs")
        return shape

    def kernel(n: Any) -> Any:
        xp = n.xp

        def add(inputs: Any) -> Any:
            total = inputs[0]
            for i, x in enumerate(inputs[1:]):
                total = xp.add(total, x) if i == 0 else xp.add(total, x, out=total) if total.ndim else total + x
            return total

        return add

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad] * len(op.inputs)


def _matrix_shape(n: Any, a: Any, b: Any, transpose_a: bool, transpose_b: bool) -> Any:
    rows, inner_a = (a[1], a[0]) if transpose_a else (a[0], a[1])
    inner_b, columns = (b[1], b[0]) if transpose_b else (b[0], b[1])
    if inner_a is not None and inner_b is not None and inner_a != inner_b:
        hint = None
        if inner_a == columns:
            hint = f"transpose_b={not transpose_b} would make {inner_a} meet {columns}"
        elif rows == inner_b:
            hint = f"transpose_a={not transpose_a} would make {rows} meet {inner_b}"
        n.fail(f"inner dimensions differ: {inner_a} meets {inner_b}", hint)
    return rows, columns


@op
class MatMul:
    """Product of two matrices (tf.matmul of rank 2)."""

    signature = "a: T, b: T -> product: T"
    attrs = ("transpose_a: bool = False; transpose_b: bool = False; "
             "T: {bfloat16, float16, float32, float64, int32, int64, uint8, uint16, uint32, uint64, "
             "complex64, complex128}; grad_a: bool = False; grad_b: bool = False")

    def infer(n: Any, a: Any, b: Any) -> Any:
        a, b = n.with_rank(a, 2, "a"), n.with_rank(b, 2, "b")
        return _matrix_shape(n, a, b, n.attrs["transpose_a"], n.attrs["transpose_b"])

    def kernel(n: Any) -> Any:
        xp = n.xp
        turn_a, turn_b = n.attrs["transpose_a"], n.attrs["transpose_b"]
        if not turn_a and not turn_b and n.out().size >= 4:
            return xp.matmul
        return lambda a, b: xp.matmul(a.T if turn_a else a, b.T if turn_b else b)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        a, b = tf.conj(op.inputs[0]), tf.conj(op.inputs[1])
        turn_a, turn_b = op.attrs["transpose_a"], op.attrs["transpose_b"]
        if not turn_a and not turn_b:
            return [tf.matmul(grad, b, transpose_b=True), tf.matmul(a, grad, transpose_a=True)]
        if not turn_a:
            return [tf.matmul(grad, b), tf.matmul(grad, a, transpose_a=True)]
        if not turn_b:
            return [tf.matmul(b, grad, transpose_b=True), tf.matmul(a, grad)]
        return [tf.matmul(b, grad, transpose_a=True, transpose_b=True),
                tf.matmul(grad, a, transpose_a=True, transpose_b=True)]


@op
class BatchMatMulV2:
    """Products of stacks of matrices, whose leading axes broadcast (tf.matmul of rank 3 and more)."""

    signature = "x: T, y: T -> output: T"
    attrs = ("T: {bfloat16, float16, float32, float64, int16, int32, int64, uint8, uint16, uint32, uint64, "
             "complex64, complex128}; adj_x: bool = False; adj_y: bool = False; grad_x: bool = False; "
             "grad_y: bool = False")

    def infer(n: Any, x: Any, y: Any) -> Any:
        n.at_least_rank(x, 2, "x")
        n.at_least_rank(y, 2, "y")
        if x is None or y is None:
            return None
        tail = _matrix_shape(n, x[-2:], y[-2:], n.attrs["adj_x"], n.attrs["adj_y"])
        lead = n.broadcast(x[:-2], y[:-2])
        return lead + tail

    def kernel(n: Any) -> Any:
        xp = n.xp
        turn_x, turn_y = n.attrs["adj_x"], n.attrs["adj_y"]

        def turn(x: Any) -> Any:
            x = xp.swapaxes(x, -1, -2)
            return xp.conj(x) if x.dtype.kind == "c" else x

        return lambda x, y: xp.matmul(turn(x) if turn_x else x, turn(y) if turn_y else y)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs
        turn_x, turn_y = op.attrs["adj_x"], op.attrs["adj_y"]
        if not turn_x and not turn_y:
            gx, gy = tf.matmul(grad, y, adjoint_b=True), tf.matmul(x, grad, adjoint_a=True)
        elif not turn_x:
            gx, gy = tf.matmul(grad, y), tf.matmul(grad, x, adjoint_a=True)
        elif not turn_y:
            gx, gy = tf.matmul(y, grad, adjoint_b=True), tf.matmul(x, grad)
        else:
            gx = tf.matmul(y, grad, adjoint_a=True, adjoint_b=True)
            gy = tf.matmul(grad, x, adjoint_a=True, adjoint_b=True)
        return [_to_shape(tf, gx, x), _to_shape(tf, gy, y)]


def _to_shape(tf: Any, grad: Any, x: Any) -> Any:
    """Sums a gradient over the leading axes that were broadcast."""
    if x.static is not None and grad.static == x.static and None not in x.static:
        return grad
    shape = tf.shape(x)
    axes, _ = tf.apply_op("BroadcastGradientArgs", None, [shape[:-2], tf.shape(grad)[:-2]])
    return tf.reshape(tf.reduce_sum(grad, axes), shape)


