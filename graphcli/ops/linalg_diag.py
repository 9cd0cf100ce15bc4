"""Diagonals and bands of matrices, and the product of vectors in space."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ..graph.shapes import show

LINES = 1 << 16
"""Elements of a matrix for which it is told at a time whether they are in a band."""
PLAIN = "T: {floating, int32, int64, complex64, complex128}"


@op
class MatrixBandPart:
    """Matrices with what is outside a band set to 0 (tf.matrix_band_part)."""

    signature = "input: T, num_lower: Tindex, num_upper: Tindex -> band: T"
    takes = "num_lower: [] run; num_upper: [] run"
    host_memory = "num_lower, num_upper"
    attrs = "T: type; Tindex: {int32, int64} = int64"
    no_kernel = "T: string"

    def infer(n: Any, x: Any, num_lower: Any, num_upper: Any) -> Any:
        return x

    def kernel(n: Any) -> Any:
        xp = n.xp

        def band(x: Any, num_lower: Any, num_upper: Any) -> Any:
            if x.ndim < 2:
                raise RunError(f"input must be at least 2-dim, received shape: {list(x.shape)}")
            rows, columns = x.shape[-2:]
            low, high = int(num_lower), int(num_upper)
            if low > rows:
                raise RunError(f"num_lower must be negative or less or equal to number of rows ({rows}) got: {low}")
            if high > columns:
                raise RunError(f"num_upper must be negative or less or equal to number of columns ({columns}) "
                               f"got: {high}")
            out = xp.zeros(x.shape, x.dtype)
            many = max(1, LINES // max(1, columns) if xp.__name__ == "numpy" else rows)
            for i in range(0, rows, many):
                ahead = xp.arange(columns) - xp.arange(i, min(rows, i + many))[:, None]
                inside = ((ahead >= -low) | (low < 0)) & ((ahead <= high) | (high < 0))
                xp.copyto(out[..., i:i + many, :], x[..., i:i + many, :], where=inside)
            return out

        return band

    def scratch(n: Any) -> Any:
        rows, columns = n.shapes[0][-2:] if len(n.shapes[0]) > 1 else (0, 0)
        return 12 * min(rows, max(1, LINES // max(1, columns))) * columns

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.matrix_band_part(grad, op.inputs[1], op.inputs[2]), None, None]


@op
class Diag:
    """A tensor of twice the rank with the input on its diagonal (tf.diag)."""

    signature = "diagonal: T -> output: T"
    attrs = PLAIN
    no_kernel = "T: bfloat16"

    def infer(n: Any, x: Any) -> Any:
        if x is not None and not x:
            n.fail("diagonal must have at least rank 1, not 0")
        return None if x is None else x + x

    def kernel(n: Any) -> Any:
        xp = n.xp

        def diagonal(x: Any) -> Any:
            out = xp.zeros((x.size, x.size), x.dtype)
            xp.fill_diagonal(out, x.reshape(-1))
            return out.reshape(x.shape + x.shape)

        return diagonal

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.diag_part(grad)]


@op
class DiagPart:
    """The diagonal of a tensor of even rank (tf.diag_part)."""

    signature = "input: T -> diagonal: T"
    attrs = PLAIN
    no_kernel = "T: bfloat16"

    def infer(n: Any, x: Any) -> Any:
        if x is None:
            return None
        if not x or len(x) % 2:
            n.fail(f"input must have an even rank above 0, not {len(x)}")
        half = len(x) // 2
        return n.merge(x[:half], x[half:], "two halves of the shape")

    def kernel(n: Any) -> Any:
        xp = n.xp

        def part(x: Any) -> Any:
            half = x.shape[:x.ndim // 2]
            size = 1
            for d in half:
                size *= d
            return xp.diagonal(x.reshape(size, size)).reshape(half).copy()

        return part

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.diag(grad)]


@op
class Cross:
    """The vector product of the last axis, of size 3 (tf.cross)."""

    signature = "a: T, b: T -> product: T"
    attrs = "T: {realnumbertype}"
    parts = {"a": 1, "b": 1}

    def infer(n: Any, a: Any, b: Any) -> Any:
        shape = n.merge(a, b)
        n.at_least_rank(shape, 1, "a")
        if shape is not None and shape[-1] not in (None, 3):
            n.fail(f"the last axis has 3 elements, not {shape[-1]}")
        return shape

    def kernel(n: Any) -> Any:
        xp = n.xp

        def cross(a: Any, b: Any) -> Any:
            if a.shape != b.shape or a.shape[-1:] != (3,):
                raise RunError(f"both inputs have one shape that ends in 3, not {show(a.shape)} and {show(b.shape)}")
            (a0, a1, a2), (b0, b1, b2) = (xp.moveaxis(x, -1, 0) for x in (a, b))
            return xp.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=-1)

        return cross

    def scratch(n: Any) -> Any:
        return 2 * n.out_bytes()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        a, b = op.inputs
        return [tf.cross(b, grad), tf.cross(grad, a)]
