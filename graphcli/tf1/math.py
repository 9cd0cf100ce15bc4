"""Arithmetic, elementwise mathematics, comparison, logic, casting, matrix products."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.types import as_dtype, float32, string
from .framework import apply_op, convert_to_tensor, elementwise, is_tensor, name_scope

EXPORTS = """
tf math: add subtract multiply divide truediv floordiv floormod mod=floormod pow maximum minimum
tf math: squared_difference add_n accumulate_n negative abs sign square sqrt rsqrt exp expm1 log log1p sin cos tan
tf math: asin acos atan atan2 sinh cosh tanh asinh acosh atanh sigmoid reciprocal round rint floor ceil
tf math: is_nan is_inf is_finite less less_equal greater greater_equal equal not_equal logical_and logical_or
tf math: logical_not logical_xor realdiv truncatediv truncatemod div div_no_nan multiply_no_nan
tf: matmul cast to_float to_double to_int32 to_int64 to_bfloat16 saturate_cast
tf: clip_by_value
tf math: conj
dtypes: cast saturate_cast
linalg: matmul
nn: tanh sigmoid
math: divide_no_nan=div_no_nan log_sigmoid
tf: log_sigmoid
bitwise: bitwise_and bitwise_or bitwise_xor invert left_shift right_shift
"""

less = elementwise("less", "Less")
less_equal = elementwise("less_equal", "LessEqual")
greater = elementwise("greater", "Greater")
greater_equal = elementwise("greater_equal", "GreaterEqual")
logical_and = elementwise("logical_and", "LogicalAnd")
logical_or = elementwise("logical_or", "LogicalOr")
logical_not = elementwise("logical_not", "LogicalNot")
maximum = elementwise("maximum", "Maximum")
minimum = elementwise("minimum", "Minimum")
squared_difference = elementwise("squared_difference", "SquaredDifference")
square = elementwise("square", "Square")
sqrt = elementwise("sqrt", "Sqrt")
rsqrt = elementwise("rsqrt", "Rsqrt")
exp = elementwise("exp", "Exp")
expm1 = elementwise("expm1", "Expm1")
log = elementwise("log", "Log")
log1p = elementwise("log1p", "Log1p")
sin = elementwise("sin", "Sin")
cos = elementwise("cos", "Cos")
tan = elementwise("tan", "Tan")
asin = elementwise("asin", "Asin")
acos = elementwise("acos", "Acos")
atan = elementwise("atan", "Atan")
atan2 = elementwise("atan2", "Atan2")
sinh = elementwise("sinh", "Sinh")
cosh = elementwise("cosh", "Cosh")
tanh = elementwise("tanh", "Tanh")
asinh = elementwise("asinh", "Asinh")
acosh = elementwise("acosh", "Acosh")
atanh = elementwise("atanh", "Atanh")
reciprocal = elementwise("reciprocal", "Reciprocal")
rint = elementwise("rint", "Rint")
floor = elementwise("floor", "Floor")
is_nan = elementwise("is_nan", "IsNan")
is_inf = elementwise("is_inf", "IsInf")
is_finite = elementwise("is_finite", "IsFinite")
realdiv = elementwise("realdiv", "RealDiv")
truncatediv = elementwise("truncatediv", "TruncateDiv")
truncatemod = elementwise("truncatemod", "TruncateMod")
floormod = elementwise("floormod", "FloorMod")
bitwise_and = elementwise("bitwise_and", "BitwiseAnd")
bitwise_or = elementwise("bitwise_or", "BitwiseOr")
bitwise_xor = elementwise("bitwise_xor", "BitwiseXor")
left_shift = elementwise("left_shift", "LeftShift")
right_shift = elementwise("right_shift", "RightShift")
invert = elementwise("invert", "Invert")


def _pair(x: Any, y: Any) -> tuple[Any, Any]:
    x = convert_to_tensor(x, name="x")
    return x, convert_to_tensor(y, dtype_hint=x.dtype.base_dtype, name="y")


def add(x: Any, y: Any, name: str | None = None) -> Any:
    """x + y with broadcasting (tf.add)."""
    with name_scope(name, "Add") as scope:
        x, y = _pair(x, y)
        return apply_op("Add" if x.dtype.base_dtype is string else "AddV2", scope, [x, y])


def subtract(x: Any, y: Any, name: str | None = None) -> Any:
    """x - y with broadcasting (tf.subtract)."""
    return apply_op("Sub", name, [x, y])


def multiply(x: Any, y: Any, name: str | None = None) -> Any:
    """x * y with broadcasting (tf.multiply)."""
    return apply_op("Mul", name, [x, y])


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """x * y, 0 where y is 0 (tf.math.multiply_no_nan)."""
    with name_scope(name, "multiply_no_nan") as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype=x.dtype.base_dtype)
        return apply_op("MulNoNan", scope, [x, y])


_WIDENED = {"int8": "float32", "uint8": "float32", "int16": "float32", "uint16": "float32", "int32": "float64",
            "uint32": "float64", "int64": "float64", "uint64": "float64"}


def truediv(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y as reals: whole numbers are cast to float32 or, from 32 bits on, float64 (tf.truediv)."""
    with name_scope(name, "truediv") as scope:
        x, y = _pair(x, y)
        a, b = x.dtype.base_dtype, y.dtype.base_dtype
        if a is not b:
            raise InvalidType(f"truediv: x is {a.name}, y is {b.name}; both must have one dtype",
                              hint="tf.cast converts a tensor")
        wide = _WIDENED.get(a.name)
        if wide:
            x, y = cast(x, wide), cast(y, wide)
        elif a.is_bool or a is string:
            raise InvalidType(f"truediv: x is {a.name}, which cannot be divided")
        return apply_op("RealDiv", scope, [x, y])


def divide(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y with Python's meaning (tf.divide)."""
    if name is not None:
        with name_scope(name):
            return _divide_named(x, y)
    if not is_tensor(x):
        dtype = y.dtype.base_dtype if is_tensor(y) else None
        x = convert_to_tensor(x, dtype=dtype)
    return x / y


def _divide_named(x: Any, y: Any) -> Any:
    if not is_tensor(x):
        x = convert_to_tensor(x, dtype=y.dtype.base_dtype if is_tensor(y) else None)
    return x / y


def div(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y; of whole numbers floored (tf.div of TF1)."""
    with name_scope(name, "div") as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype=x.dtype.base_dtype)
        kind = x.dtype.base_dtype
        op = "RealDiv" if kind.is_floating or kind.is_complex else "FloorDiv"
        return apply_op(op, scope, [x, y])


def div_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y, 0 where y is 0 (tf.div_no_nan)."""
    with name_scope(name, "div_no_nan") as scope:
        x, y = _pair(x, y)
        return apply_op("DivNoNan", scope, [x, y])


def floordiv(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y rounded down (tf.floordiv)."""
    with name_scope(name, "floordiv") as scope:
        return apply_op("FloorDiv", scope, [x, y])


def pow(x: Any, y: Any, name: str | None = None) -> Any:
    """x to the power y (tf.pow)."""
    with name_scope(name, "Pow") as scope:
        return apply_op("Pow", scope, [x, y])


def equal(x: Any, y: Any, name: str | None = None) -> Any:
    """x == y, elementwise (tf.equal)."""
    return apply_op("Equal", name, [x, y])


def not_equal(x: Any, y: Any, name: str | None = None) -> Any:
    """x != y, elementwise (tf.not_equal)."""
    return apply_op("NotEqual", name, [x, y])


def logical_xor(x: Any, y: Any, name: str = "LogicalXor") -> Any:
    """One of two (tf.logical_xor)."""
    return logical_and(logical_or(x, y), logical_not(logical_and(x, y)), name=name)


def negative(x: Any, name: str | None = None) -> Any:
    """-x (tf.negative)."""
    return apply_op("Neg", name, [x])


def sign(x: Any, name: str | None = None) -> Any:
    """-1, 0 or 1 (tf.sign)."""
    return apply_op("Sign", name, [x])


def abs(x: Any, name: str | None = None) -> Any:
    """Absolute value (tf.abs)."""
    with name_scope(name, "Abs") as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.base_dtype.is_complex:
            return apply_op("ComplexAbs", scope, [x], {"Tout": x.dtype.real_dtype})
        return apply_op("Abs", scope, [x])


def round(x: Any, name: str | None = None) -> Any:
    """Nearest whole number, half to even (tf.round)."""
    x = convert_to_tensor(x, name="x")
    return x if x.dtype.base_dtype.is_integer else apply_op("Round", name, [x])


def ceil(x: Any, name: str | None = None) -> Any:
    """Least whole number not below x (tf.ceil)."""
    return apply_op("Ceil", name, [x])


def sigmoid(x: Any, name: str | None = None) -> Any:
    """1 / (1 + exp(-x)) (tf.sigmoid)."""
    with name_scope(name, "Sigmoid") as scope:
        x = convert_to_tensor(x, name="x")
        return apply_op("Sigmoid", scope, [x])


def log_sigmoid(x: Any, name: str | None = None) -> Any:
    """log(sigmoid(x)) without overflow (tf.log_sigmoid)."""
    with name_scope(name, "LogSigmoid") as scope:
        x = convert_to_tensor(x, name="x")
        return negative(apply_op("Softplus", None, [-x]), name=scope)


def add_n(inputs: Any, name: str | None = None) -> Any:
    """Sum of tensors of one shape and dtype (tf.add_n); of one tensor, that tensor."""
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise InvalidValue("add_n takes a list of at least one tensor")
    tensors = [convert_to_tensor(x) for x in inputs]
    if len(tensors) == 1:
        if name:
            return apply_op("Identity", name, [tensors[0]])
        return tensors[0]
    return apply_op("AddN", name, [tensors])


def accumulate_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Any:
    """Sum of tensors of one shape (tf.accumulate_n)."""
    if len(inputs) == 1 and name is None:
        return inputs[0]
    return add_n(inputs, name=name)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """x in another dtype; x itself if it has it (tf.cast)."""
    base = as_dtype(dtype).base_dtype
    if is_tensor(x) and not hasattr(x, "indices") and x.dtype is base:
        return x
    with name_scope(name, "Cast") as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.base_dtype is base:
            return x
        return apply_op("Cast", scope, [x], {"DstT": base})


def to_float(x: Any, name: str = "ToFloat") -> Any:
    """x as float32 (tf.to_float)."""
    return cast(x, float32, name=name)


def to_double(x: Any, name: str = "ToDouble") -> Any:
    """x as float64 (tf.to_double)."""
    return cast(x, "float64", name=name)


def to_int32(x: Any, name: str = "ToInt32") -> Any:
    """x as int32 (tf.to_int32)."""
    return cast(x, "int32", name=name)


def to_int64(x: Any, name: str = "ToInt64") -> Any:
    """x as int64 (tf.to_int64)."""
    return cast(x, "int64", name=name)


def to_bfloat16(x: Any, name: str = "ToBFloat16") -> Any:
    """x as bfloat16 (tf.to_bfloat16)."""
    return cast(x, "bfloat16", name=name)


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Any:
    """x in another dtype, clipped to what it can hold (tf.saturate_cast)."""
    kind = as_dtype(dtype)
    with name_scope(name, "saturate_cast") as scope:
        value = convert_to_tensor(value, name="value")
        have = value.dtype.base_dtype
        low, high = max(have.min, kind.min), min(have.max, kind.max)
        if have.min < kind.min or have.max > kind.max:
            value = clip_by_value(value, convert_to_tensor(low, dtype=have, name="min"),
                                  convert_to_tensor(high, dtype=have, name="max"), name="clamp")
        return cast(value, kind, name=scope)


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """t between two limits (tf.clip_by_value)."""
    with name_scope(name, "clip_by_value") as scope:
        values = convert_to_tensor(t, name="t")
        low = minimum(values, clip_value_max)
        low.shape.assert_is_compatible_with(values.shape)
        return maximum(low, clip_value_min, name=scope)


def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
           adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False,
           output_type: Any = None, grad_a: bool = False, grad_b: bool = False, name: str | None = None) -> Any:
    """Product of matrices, or of stacks of them whose leading axes broadcast (tf.matmul)."""
    with name_scope(name, "MatMul") as scope:
        if transpose_a and adjoint_a or transpose_b and adjoint_b:
            raise InvalidValue("matmul: only one of transpose and adjoint can be true for one argument")
        hint = b.dtype.base_dtype if is_tensor(b) and not is_tensor(a) else None
        a = convert_to_tensor(a, dtype_hint=hint, name="a")
        b = convert_to_tensor(b, dtype_hint=a.dtype.base_dtype, name="b")
        rank_a = None if a.static is None else len(a.static)
        rank_b = None if b.static is None else len(b.static)
        if (rank_a is None or rank_a > 2) and (rank_b is None or rank_b > 2) or (
                rank_a is not None and rank_b is not None and max(rank_a, rank_b) > 2 and min(rank_a, rank_b) > 1):
            turn_a, turn_b = adjoint_a, adjoint_b
            if transpose_a:
                a, turn_a = conj(a), True
            if transpose_b:
                b, turn_b = conj(b), True
            return apply_op("BatchMatMulV2", scope, [a, b], {"adj_x": turn_a, "adj_y": turn_b})
        if adjoint_a:
            a, transpose_a = conj(a), True
        if adjoint_b:
            b, transpose_b = conj(b), True
        return apply_op("MatMul", scope, [a, b], {"transpose_a": transpose_a, "transpose_b": transpose_b})


def conj(x: Any, name: str | None = None) -> Any:
    """The complex conjugate; a real tensor itself (tf.conj)."""
    if isinstance(x, (int, float)):
        return x
    with name_scope(name, "Conj") as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.base_dtype.is_complex:
            return apply_op("Conj", scope, [x])
        return x


