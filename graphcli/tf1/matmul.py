"""Products of matrices and of tensors."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, said
from ..graph.shapes import TensorShape
from .conversion import convert_to_tensor
from .framework import apply_op, elementwise, name_scope
from .modules import modules

EXPORTS = """
tf: matmul sparse_matmul tensordot
linalg: matmul matvec tensordot cross
tf: cross
nn: xw_plus_b
"""

tf = modules["tf"]
cross = elementwise("cross", "Cross")


def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
           adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False, output_type: Any = None,
           grad_a: bool = False, grad_b: bool = False, name: str | None = None) -> Any:
    """Product of matrices [n, m] and [m, k], or of stacks of them whose leading axes broadcast (tf.matmul).

    Raises InvalidValue where the inner sizes differ.
    """
    with name_scope(name, "MatMul") as scope:
        if transpose_a and adjoint_a or transpose_b and adjoint_b:
            raise InvalidValue("matmul: transpose and adjoint of one side cannot both be true")
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, dtype_hint=a.dtype.base_dtype, name="b")
        grads = {"grad_x": grad_a, "grad_y": grad_b}
        other = output_type is not None and (output_type != a.dtype or output_type != b.dtype)
        sparse = a_is_sparse or b_is_sparse
        if not sparse and any(t.static is None or len(t.static) > 2 for t in (a, b)):
            if transpose_a:
                a, adjoint_a = tf.conj(a), True
            if transpose_b:
                b, adjoint_b = tf.conj(b), True
            turned = {"adj_x": adjoint_a, "adj_y": adjoint_b} | grads
            if other:
                return apply_op("BatchMatMulV3", scope, [a, b], turned | {"Tout": output_type})
            return apply_op("BatchMatMulV2", scope, [a, b], turned)
        if adjoint_a:
            a, transpose_a = tf.conj(a), True
        if adjoint_b:
            b, transpose_b = tf.conj(b), True
        if other:
            return apply_op("BatchMatMulV3", scope, [a, b], {
                "adj_x": adjoint_a or transpose_a, "adj_y": adjoint_b or transpose_b, "Tout": output_type} | grads)
        kinds = {t.dtype.base_dtype.name for t in (a, b)}
        # the one product of two dtypes is that of matrices which may be sparse
        sparse = sparse or len(kinds) == 2 and "bfloat16" in kinds
        if sparse and all(t.dtype.base_dtype.name in ("float32", "bfloat16") for t in (a, b)):
            out = apply_op("SparseMatMul", scope, [a, b], {
                "transpose_a": transpose_a, "transpose_b": transpose_b, "a_is_sparse": a_is_sparse,
                "b_is_sparse": b_is_sparse})
            half = all(t.dtype.base_dtype.name == "bfloat16" for t in (a, b))
            return tf.cast(out, "bfloat16") if half else out
        return apply_op("MatMul", scope, [a, b], {"transpose_a": transpose_a, "transpose_b": transpose_b,
                                                  "grad_a": grad_a, "grad_b": grad_b})


def sparse_matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, a_is_sparse: bool = False,
                  b_is_sparse: bool = False, name: str | None = None) -> Any:
    """Product of matrices of which one may be mostly 0 (tf.sparse_matmul)."""
    return apply_op("SparseMatMul", name, [a, b], {"transpose_a": transpose_a, "transpose_b": transpose_b,
                                                   "a_is_sparse": a_is_sparse, "b_is_sparse": b_is_sparse})


def matvec(a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False,
           b_is_sparse: bool = False, name: str | None = None) -> Any:
    """Product of a matrix [n, m] and a vector [m] (tf.linalg.matvec)."""
    with name_scope(name, "MatVec"):
        out = matmul(a, tf.expand_dims(b, axis=-1), transpose_a=transpose_a, adjoint_a=adjoint_a,
                     a_is_sparse=a_is_sparse, b_is_sparse=b_is_sparse)
        return tf.squeeze(out, axis=-1)


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Any:
    """matmul(x, weights) + biases (tf.nn.xw_plus_b)."""
    with name_scope(name, "xw_plus_b") as scope:
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        return tf.nn.bias_add(matmul(x, weights), biases, name=scope)


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """The sum of products over pairs of axes (tf.tensordot).

    axes: how many last axes of ``a`` meet the first of ``b``, or a list of two: axes of ``a``, axes of ``b``.
    """
    with name_scope(name, "Tensordot") as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b")
        axes_a, axes_b = _pairs(a, axes)
        flat_a, free_a, static_a = _as_matrix(a, axes_a)
        flat_b, free_b, static_b = _as_matrix(b, axes_b, True)
        product = matmul(flat_a, flat_b)
        if isinstance(free_a, list) and isinstance(free_b, list):
            if product.static == tuple(free_a + free_b) and None not in product.static:
                return product
            return tf.reshape(product, free_a + free_b, name=scope)
        sizes = [convert_to_tensor(free, "int32") for free in (free_a, free_b)]
        out = tf.reshape(product, tf.concat(sizes, 0), name=scope)
        if static_a is not None and static_b is not None:
            out.set_shape(TensorShape(static_a + static_b))
        return out


def _pairs(a: Any, axes: Any) -> tuple[Any, Any]:
    if isinstance(axes, int):
        if axes < 0:
            raise InvalidValue(f"tensordot: axes is at least 0, not {axes}")
        if a.static is None:
            rank = tf.rank(a)
            return tf.range(rank - axes, rank, dtype="int32"), tf.range(axes, dtype="int32")
        rank = len(a.static)
        if axes > rank:
            raise InvalidValue(f"tensordot: {a.name} has {rank} axes, fewer than {axes}")
        return list(range(rank - axes, rank)), list(range(axes))
    if not isinstance(axes, (list, tuple)):
        axes = convert_to_tensor(axes, "int32", "axes")
        return axes[0], axes[1]
    if len(axes) != 2:
        raise InvalidValue(f"tensordot: axes is a number or a list of two, not {said(axes)}")
    first, second = axes
    if isinstance(first, int) and isinstance(second, int):
        first, second = [first], [second]
    if len(first) != len(second):
        raise InvalidValue(f"tensordot: {len(first)} axes of a meet {len(second)} axes of b")
    return first, second


def _as_matrix(x: Any, axes: Any, flipped: bool = False) -> tuple[Any, Any, Any]:
    """x as a matrix of (free, summed) axes, the other way round if flipped; its free sizes, their static part."""
    static = x.static
    if static is not None and None not in static and isinstance(axes, (list, tuple)):
        axes = [i if i >= 0 else i + len(static) for i in axes]
        free = [i for i in range(len(static)) if i not in axes]
        outer = inner = 1
        for i in free:
            outer *= static[i]
        for i in axes:
            inner *= static[i]
        order, shape = (axes + free, [inner, outer]) if flipped else (free + axes, [outer, inner])
        if order != list(range(len(static))):
            x = tf.transpose(x, order)
        if x.static != tuple(shape):
            x = tf.reshape(x, shape)
        sizes = [static[i] for i in free]
        return x, sizes, sizes
    known = None
    if static is not None and isinstance(axes, (list, tuple)):
        axes = [i if i >= 0 else i + len(static) for i in axes]
        free = [i for i in range(len(static)) if i not in axes]
        known = [static[i] for i in free]
        axes = convert_to_tensor(axes, "int32", "axes")
        free = convert_to_tensor(free, "int32", "free")  # type: ignore[assignment]
        shape = tf.shape(x)
    else:
        shape = tf.shape(x)
        rank = tf.rank(x)
        axes = convert_to_tensor(axes, "int32", "axes")
        axes = tf.where(axes >= 0, axes, axes + rank)
        free, _ = apply_op("ListDiff", None, [tf.range(rank), axes], {"out_idx": "int32"})
    free_sizes, sizes = tf.gather(shape, free), tf.gather(shape, axes)
    outer, inner = tf.reduce_prod(free_sizes), tf.reduce_prod(sizes)
    if flipped:
        order, shape = tf.concat([axes, free], 0), tf.stack([inner, outer])
    else:
        order, shape = tf.concat([free, axes], 0), tf.stack([outer, inner])
    return tf.reshape(tf.transpose(x, order), shape), free_sizes, known
