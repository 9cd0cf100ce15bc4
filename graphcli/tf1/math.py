"""Arithmetic, elementwise mathematics, comparison, logic and bits."""
from __future__ import annotations

import builtins
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.types import DType, how_to_convert, string
from .calls import over_values
from .conversion import convert_to_tensor
from .framework import apply_op, elementwise, name_scope
from .modules import modules

EXPORTS = """
tf math: add subtract multiply scalar_mul floormod mod=floormod pow maximum minimum
tf math: squared_difference add_n accumulate_n negative abs sign square sqrt rsqrt exp expm1 log log1p sin cos tan
tf math: asin acos atan atan2 sinh cosh tanh asinh acosh atanh sigmoid reciprocal rint round floor ceil
tf math: is_nan is_inf is_finite less less_equal greater greater_equal equal not_equal logical_and logical_or
tf math: logical_not logical_xor log_sigmoid
tf: realdiv truncatediv truncatemod floor_div clip_by_value
math: xlogy xlog1py nextafter polyval
nn: tanh sigmoid
bitwise: bitwise_and bitwise_or bitwise_xor invert left_shift right_shift
debugging: is_nan is_inf is_finite
"""

tf = modules["tf"]

maximum = elementwise("maximum", "Maximum")
minimum = elementwise("minimum", "Minimum")
squared_difference = elementwise("squared_difference", "SquaredDifference")
negative = over_values(elementwise("negative", "Neg"))
square = over_values(elementwise("square", "Square"))
sqrt = over_values(elementwise("sqrt", "Sqrt"))
rsqrt = elementwise("rsqrt", "Rsqrt")
exp = elementwise("exp", "Exp")
expm1 = elementwise("expm1", "Expm1")
log = elementwise("log", "Log")
log1p = elementwise("log1p", "Log1p")
sin = over_values(elementwise("sin", "Sin"))
cos = elementwise("cos", "Cos")
tan = over_values(elementwise("tan", "Tan"))
asin = over_values(elementwise("asin", "Asin"))
acos = elementwise("acos", "Acos")
atan = over_values(elementwise("atan", "Atan"))
atan2 = elementwise("atan2", "Atan2")
sinh = elementwise("sinh", "Sinh")
cosh = elementwise("cosh", "Cosh")
tanh = over_values(elementwise("tanh", "Tanh"))
asinh = over_values(elementwise("asinh", "Asinh"))
acosh = elementwise("acosh", "Acosh")
atanh = over_values(elementwise("atanh", "Atanh"))
reciprocal = elementwise("reciprocal", "Reciprocal")
rint = elementwise("rint", "Rint")
floor = elementwise("floor", "Floor")
ceil = elementwise("ceil", "Ceil")
is_nan = elementwise("is_nan", "IsNan")
is_inf = elementwise("is_inf", "IsInf")
is_finite = elementwise("is_finite", "IsFinite")
less = elementwise("less", "Less")
less_equal = elementwise("less_equal", "LessEqual")
greater = elementwise("greater", "Greater")
greater_equal = elementwise("greater_equal", "GreaterEqual")
equal = elementwise("equal", "Equal")
not_equal = elementwise("not_equal", "NotEqual")
logical_and = elementwise("logical_and", "LogicalAnd")
logical_or = elementwise("logical_or", "LogicalOr")
logical_not = elementwise("logical_not", "LogicalNot")
realdiv = elementwise("realdiv", "RealDiv")
truncatediv = elementwise("truncatediv", "TruncateDiv")
truncatemod = elementwise("truncatemod", "TruncateMod")
floormod = elementwise("floormod", "FloorMod")
floor_div = elementwise("floor_div", "FloorDiv")
xlogy = elementwise("xlogy", "Xlogy")
nextafter = elementwise("nextafter", "NextAfter")
bitwise_and = elementwise("bitwise_and", "BitwiseAnd")
bitwise_or = elementwise("bitwise_or", "BitwiseOr")
bitwise_xor = elementwise("bitwise_xor", "BitwiseXor")
invert = elementwise("invert", "Invert")
left_shift = elementwise("left_shift", "LeftShift")
right_shift = elementwise("right_shift", "RightShift")


def hinted(x: Any, y: Any) -> tuple[Any, Any]:
    """Two sides as ``x`` and ``y``; the second takes the dtype of the first where its values allow it."""
    x = convert_to_tensor(x, name="x")
    return x, convert_to_tensor(y, dtype_hint=x.dtype.base_dtype, name="y")


def same_dtype(call: str, x: Any, y: Any) -> DType:
    """The one dtype of two tensors. Raises InvalidType if they have two."""
    a, b = x.dtype.base_dtype, y.dtype.base_dtype
    if a is not b:
        raise InvalidType(f"{call}: x is {a.name}, but y is {b.name}; both must have one dtype",
                          hint=how_to_convert(b, a))
    return a  # type: ignore[no-any-return]


def add(x: Any, y: Any, name: str | None = None) -> Any:
    """x + y; strings are joined (tf.add)."""
    with name_scope(name, "Add", [x, y]) as scope:
        x, y = hinted(x, y)
        return apply_op("Add" if x.dtype.base_dtype is string else "AddV2", scope, [x, y])


def subtract(x: Any, y: Any, name: str | None = None) -> Any:
    """x - y (tf.subtract)."""
    return apply_op("Sub", name, [x, y])


def multiply(x: Any, y: Any, name: str | None = None) -> Any:
    """x * y (tf.multiply)."""
    return apply_op("Mul", name, [x, y])


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """x times a scalar; slices stay slices (tf.scalar_mul)."""
    from .conversion import IndexedSlices

    if not hasattr(x, "dtype"):
        raise InvalidType(f"scalar_mul takes a tensor for x, not {said(x)}", hint="tf.multiply takes numbers and lists")
    scalar = convert_to_tensor(scalar, x.dtype.base_dtype, "scalar")
    if scalar.static != ():
        raise InvalidValue(f"scalar_mul: the scalar has shape {scalar.shape}")
    if isinstance(x, IndexedSlices):
        return IndexedSlices(apply_op("Mul", name, [scalar, x.values]), x.indices, x.dense_shape)
    return apply_op("Mul", name, [scalar, x])


def pow(x: Any, y: Any, name: str | None = None) -> Any:
    """x to the power y (tf.pow)."""
    with name_scope(name, "Pow") as scope:
        return apply_op("Pow", scope, [x, y])


def xlog1py(x: Any, y: Any, name: str | None = None) -> Any:
    """x * log1p(y), 0 where x is 0 (tf.math.xlog1py)."""
    with name_scope(name, "xlog1py"):
        return apply_op("Xlog1py", None, [x, y])


def polyval(coeffs: Any, x: Any, name: str | None = None) -> Any:
    """The polynomial with these coefficients, highest power first (tf.math.polyval)."""
    if not isinstance(coeffs, list):
        raise InvalidValue(f"polyval: coeffs is a list, not {type(coeffs).__name__}")
    with name_scope(name, "polyval") as scope:
        x = convert_to_tensor(x, name="x")
        if not coeffs:
            return tf.zeros_like(x, name=scope)
        tensors = [convert_to_tensor(c, name=f"coeff_{i}") for i, c in enumerate(coeffs)]
        total = tensors[0]
        for coefficient in tensors[1:]:
            total = coefficient + total * x
        return total


@over_values
def abs(x: Any, name: str | None = None) -> Any:
    """Absolute value; of complex numbers the modulus (tf.abs)."""
    with name_scope(name, "Abs") as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            return apply_op("ComplexAbs", scope, [x], {"Tout": x.dtype.base_dtype.real_dtype})
        return apply_op("Abs", scope, [x])


@over_values
def sign(x: Any, name: str | None = None) -> Any:
    """-1, 0 or 1; of complex numbers x / abs(x) (tf.sign)."""
    x = convert_to_tensor(x)
    if x.dtype.is_complex:
        size = apply_op("ComplexAbs", None, [x], {"Tout": x.dtype.base_dtype.real_dtype})
        return apply_op("DivNoNan", name, [x, tf.cast(size, x.dtype)])
    return apply_op("Sign", name, [x])


def round(x: Any, name: str | None = None) -> Any:
    """Nearest whole number, half to even; whole numbers themselves (tf.round)."""
    x = convert_to_tensor(x, name="x")
    return x if x.dtype.is_integer else apply_op("Round", name, [x])


def sigmoid(x: Any, name: str | None = None) -> Any:
    """1 / (1 + exp(-x)) (tf.sigmoid)."""
    with name_scope(name, "Sigmoid") as scope:
        return apply_op("Sigmoid", scope, [convert_to_tensor(x, name="x")])


def log_sigmoid(x: Any, name: str | None = None) -> Any:
    """log(sigmoid(x)) without overflow (tf.log_sigmoid)."""
    with name_scope(name, "LogSigmoid") as scope:
        x = convert_to_tensor(x, name="x")
        return apply_op("Neg", scope, [apply_op("Softplus", None, [-x])])


def logical_xor(x: Any, y: Any, name: str | None = "LogicalXor") -> Any:
    """One or the other but not both (tf.logical_xor)."""
    # by the names of tf, for each of them takes ragged tensors
    either = tf.logical_or(x, y)
    return tf.logical_and(either, tf.logical_not(tf.logical_and(x, y)), name)


def add_n(inputs: Any, name: str | None = None) -> Any:
    """Sum of tensors of one shape and dtype; one alone is itself (tf.add_n)."""
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise InvalidValue("add_n takes a list of at least one tensor")
    if len(inputs) == 1:
        tensor = convert_to_tensor(inputs[0])
        return apply_op("Identity", name, [tensor]) if name else tensor
    tensors = [x if hasattr(x, "dense_shape") else convert_to_tensor(x) for x in inputs]
    return apply_op("AddN", name, [tensors])


def accumulate_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Any:
    """Sum of tensors of one shape (tf.accumulate_n)."""
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise InvalidValue("accumulate_n takes a list of at least one tensor")
    from ..graph.shapes import as_shape, compatible
    from ..graph.types import as_dtype

    tensors = [convert_to_tensor(x) for x in inputs]
    if builtins.any(not compatible(t.static, as_shape(shape)) for t in tensors):
        raise InvalidValue(f"accumulate_n: the inputs do not have the shape {shape}")
    if tensor_dtype is not None and as_dtype(tensor_dtype) is not tensors[0].dtype.base_dtype:
        raise InvalidType(f"accumulate_n: tensor_dtype is not {tensors[0].dtype.base_dtype.name}")
    return add_n(tensors, name)


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """t between two limits, which broadcast to its shape; slices stay slices (tf.clip_by_value)."""
    from .conversion import IndexedSlices

    with name_scope(name, "clip_by_value") as scope:
        values = convert_to_tensor(t.values if isinstance(t, IndexedSlices) else t, name="t")
        low = minimum(values, clip_value_max)
        values.shape.assert_is_compatible_with(low.shape)
        out = maximum(low, clip_value_min, name=scope)
        values.shape.assert_is_compatible_with(out.shape)
    return IndexedSlices(out, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else out
