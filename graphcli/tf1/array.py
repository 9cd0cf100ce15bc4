"""Values that come in or pass through, and what a tensor is: shape, size, rank, other shapes."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.constant import static_value
from ..graph.shapes import TensorShape, broadcast
from ..graph.types import as_dtype, int32
from .conversion import IndexedSlices, constant, convert_to_tensor, is_sparse_like
from .framework import Tensor, apply_op, name_scope
from .old_names import renamed

EXPORTS = """
tf: placeholder placeholder_with_default identity identity_n stop_gradient guarantee_const ensure_shape
tf: shape shape_n size rank reshape expand_dims squeeze transpose matrix_transpose broadcast_to
python.ops.array_ops: shape_internal
contrib.util: constant_value
tf: broadcast_static_shape broadcast_dynamic_shape bitcast check_numerics constant_value
linalg: transpose=matrix_transpose
debugging: check_numerics
manip: reshape
linalg: matrix_transpose
"""


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A value that must be fed (tf.placeholder). ``shape`` None: any rank; None in it: any size."""
    tensor: Tensor = apply_op("Placeholder", name, [], {"dtype": as_dtype(dtype).base_dtype, "shape": shape})
    return tensor


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """A value that may be fed; unfed it is ``input`` (tf.placeholder_with_default)."""
    tensor: Tensor = apply_op("PlaceholderWithDefault", name, [input], {"shape": shape})
    return tensor


def identity(input: Any, name: str | None = None) -> Any:
    """The same value under another name (tf.identity); IndexedSlices and sparse tensors by their parts."""
    if is_sparse_like(input):
        return input.remade([identity(part) for part in input.components])
    if isinstance(input, IndexedSlices):
        return IndexedSlices(identity(input.values), identity(input.indices),
                             None if input.dense_shape is None else identity(input.dense_shape))
    return apply_op("Identity", name, [input])


def identity_n(input: Any, name: str | None = None) -> Any:
    """The same values (tf.identity_n)."""
    return apply_op("IdentityN", name, [input])


def stop_gradient(input: Any, name: str | None = None) -> Any:
    """The same value, through which no gradient flows (tf.stop_gradient)."""
    if is_sparse_like(input):
        return input.remade([stop_gradient(part) for part in input.components])
    return apply_op("StopGradient", name, [input])


def guarantee_const(input: Any, name: str | None = None) -> Any:
    """The same value, promised not to change (tf.guarantee_const)."""
    return apply_op("GuaranteeConst", name, [input])


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    """The same value, checked to have ``shape`` when it runs (tf.ensure_shape)."""
    return apply_op("EnsureShape", name, [x], {"shape": TensorShape(shape).tuple})


def check_numerics(tensor: Any, message: str, name: str | None = None) -> Any:
    """The same value; a run error if it holds NaN or infinity (tf.check_numerics)."""
    return apply_op("CheckNumerics", name, [tensor], {"message": message})


def bitcast(input: Any, type: Any, name: str | None = None) -> Any:
    """The same bytes as another dtype (tf.bitcast)."""
    return apply_op("Bitcast", name, [input], {"type": type})


def shape(input: Any, name: str | None = None, out_type: Any = None) -> Any:
    """The sizes, an int32 vector (tf.shape): a Const where they are known now."""
    return shape_internal(input, name, True, int32 if out_type is None else out_type)


def shape_internal(input: Any, name: str | None = None, optimize: bool = True, out_type: Any = None) -> Any:
    """tf.shape, without the Const where ``optimize`` is false."""
    dtype = int32 if out_type is None else as_dtype(out_type)
    with name_scope(name, "Shape", [input]) as scope:
        if is_sparse_like(input):
            return apply_op("Cast", None, [input.dense_shape], {"DstT": dtype})
        tensor = convert_to_tensor(input)
        static = tensor.static
        if optimize and static is not None and None not in static:
            if out_type is None:
                return convert_to_tensor(TensorShape(static))
            return constant(np.array(static, dtype.as_numpy_dtype), name=scope)
        return apply_op("Shape", scope, [tensor], {"out_type": dtype})


def shape_n(input: Any, out_type: Any = int32, name: str | None = None) -> Any:
    """The sizes of several tensors (tf.shape_n)."""
    return apply_op("ShapeN", name, [input], {"out_type": out_type})


def size(input: Any, name: str | None = None, out_type: Any = None) -> Any:
    """The number of elements (tf.size): a Const where it is known now."""
    dtype = int32 if out_type is None else as_dtype(out_type)
    with name_scope(name, "Size", [input]) as scope:
        if is_sparse_like(input):
            sizes = apply_op("Cast", None, [input.dense_shape], {"DstT": dtype})
            return apply_op("Prod", scope, [sizes, 0])
        tensor = convert_to_tensor(input)
        static = tensor.static
        if static is not None and (None not in static or 0 in static):
            total = 0 if 0 in static else int(np.prod(static, dtype=np.int64))  # type: ignore[arg-type]
            return constant(total, dtype, name=scope)
        return apply_op("Size", scope, [tensor], {"out_type": dtype})


def rank(input: Any, name: str | None = None) -> Any:
    """The number of axes (tf.rank): a Const where it is known now."""
    with name_scope(name, "Rank", [input]) as scope:
        if is_sparse_like(input):
            return apply_op("Size", scope, [input.dense_shape], {"out_type": int32})
        tensor = convert_to_tensor(input)
        if tensor.static is not None:
            return constant(len(tensor.static), int32, name=scope)
        return apply_op("Rank", scope, [tensor])


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """The same elements in another shape; -1 stands for what is left (tf.reshape)."""
    return apply_op("Reshape", name, [tensor, shape])


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """A new axis of size 1 (tf.expand_dims)."""
    axis = renamed("axis", axis, "dim", dim)
    if axis is None:
        raise InvalidValue("expand_dims needs axis")
    return apply_op("ExpandDims", name, [input, axis])


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Any:
    """Without its axes of size 1, or without those given (tf.squeeze)."""
    axis = renamed("axis", axis, "squeeze_dims", squeeze_dims)
    if axis is not None and np.ndim(axis) == 0:
        axis = [axis]
    return apply_op("Squeeze", name, [input], {"squeeze_dims": axis})


def transpose(a: Any, perm: Any = None, name: str = "transpose", conjugate: bool = False) -> Any:
    """Axes in the order ``perm``, without it back to front (tf.transpose)."""
    with name_scope(name, "transpose", [a]) as scope:
        if not isinstance(a, IndexedSlices) or perm is None:
            a = convert_to_tensor(a, name="a")
        kind = "ConjugateTranspose" if conjugate and a.dtype.is_complex else "Transpose"
        if perm is None:
            if a.static is None:
                perm = apply_op("Range", None, [apply_op("Rank", None, [a]) - 1, -1, -1])
            else:
                perm = np.arange(len(a.static) - 1, -1, -1, dtype=np.int32)
        return apply_op(kind, scope, [a, perm])


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Any:
    """The last two axes exchanged (tf.matrix_transpose). Raises InvalidValue below rank 2."""
    from . import concat

    with name_scope(name, values=[a]):
        a = convert_to_tensor(a, name="a")
        perm: Any
        if a.static is not None:
            n = len(a.static)
            if n < 2:
                raise InvalidValue(f"matrix_transpose needs at least rank 2, {a.name} has rank {n}")
            perm = [*range(n - 2), n - 1, n - 2]
        else:
            r = rank(a)
            perm = concat((apply_op("Range", None, [0, r - 2, 1]), [r - 1, r - 2]), 0)
        return transpose(a, perm=perm, conjugate=conjugate)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Any:
    """Repeated to a shape, as broadcasting does (tf.broadcast_to)."""
    return apply_op("BroadcastTo", name, [input, shape])


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The static shape of a broadcast of two (tf.broadcast_static_shape). Raises InvalidValue, and InvalidType for
    what is no TensorShape."""
    for shape in (shape_x, shape_y):
        if not isinstance(shape, TensorShape):
            raise InvalidType(f"broadcast_static_shape takes TensorShapes, not {said(shape)}",
                              hint="TensorShape([2, 3]) makes one")
    return TensorShape(broadcast(shape_x.tuple, shape_y.tuple))


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Any:
    """The shape of a broadcast of two, known at run time (tf.broadcast_dynamic_shape)."""
    return apply_op("BroadcastArgs", None, [shape_x, shape_y])


def constant_value(tensor: Any) -> Any:
    """The value as an array where it is known now, else None (tensor_util.constant_value)."""
    return static_value(tensor) if isinstance(tensor, Tensor) else tensor
