"""Casts, and the parts of complex numbers."""
from __future__ import annotations

import math
from typing import Any

from ..errors import InvalidType
from ..graph.types import as_dtype
from .conversion import IndexedSlices, convert_to_tensor, is_sparse_like, is_tensor
from .framework import apply_op, name_scope
from .modules import modules

EXPORTS = """
tf: cast saturate_cast to_float to_double to_int32 to_int64 to_bfloat16 to_complex64 to_complex128
tf: complex
tf math: real imag angle conj
dtypes: cast saturate_cast complex
"""

tf = modules["tf"]


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """x in another dtype; x itself if it has it, slices stay slices (tf.cast)."""
    base = as_dtype(dtype).base_dtype
    if is_tensor(x) and x.dtype is base and not isinstance(x, IndexedSlices) and not hasattr(x, "_get_variable_list"):
        return x
    with name_scope(name, "Cast") as scope:
        if isinstance(x, IndexedSlices):
            return IndexedSlices(cast(x.values, base, name=scope), x.indices, x.dense_shape)
        if is_sparse_like(x):
            return x.with_values(cast(x.values, base, name=scope))
        x = convert_to_tensor(x, name="x")
        return x if x.dtype is base else apply_op("Cast", scope, [x], {"DstT": base})


def _to(name: str, dtype: str) -> Any:
    def convert(x: Any, name: str = name) -> Any:
        return cast(x, dtype, name=name)

    convert.__doc__ = f"x as {dtype} (an older spelling of tf.cast)."
    return convert


to_float = _to("ToFloat", "float32")
to_double = _to("ToDouble", "float64")
to_int32 = _to("ToInt32", "int32")
to_int64 = _to("ToInt64", "int64")
to_bfloat16 = _to("ToBFloat16", "bfloat16")
to_complex64 = _to("ToComplex64", "complex64")
to_complex128 = _to("ToComplex128", "complex128")


def _inside(have: Any, want: Any) -> tuple[Any, Any]:
    """The least and greatest value of ``have`` that ``want`` can hold."""
    import numpy as np

    kind = have.as_numpy_dtype
    low, high = kind(np.maximum(have.min, want.min)), kind(np.minimum(float(have.max), float(want.max)))
    try:
        wide = np.promote_types(kind, want.as_numpy_dtype)
    except TypeError:
        wide = np.dtype(float)
    if np.array(low, wide) < np.array(want.min, wide):
        low = np.nextafter(low, kind(0), dtype=kind)
    if np.array(high, wide) > np.array(want.max, wide):
        high = np.nextafter(high, kind(0), dtype=kind)
    return low, high


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Any:
    """A cast of what has been clipped to what the dtype can hold (tf.saturate_cast)."""
    want = as_dtype(dtype).base_dtype
    with name_scope(name, "saturate_cast") as scope:
        value = convert_to_tensor(value, name="value")
        have = value.dtype.base_dtype
        if have.is_complex:
            if want.is_complex:
                return cast(value, want, name=scope)
            value = real(value)
            have = have.real_dtype
        if want.is_bool:
            raise InvalidType("saturate_cast: bool has no least and greatest value")
        low, high = _inside(have, want.real_dtype)
        limits = [convert_to_tensor(low, have), convert_to_tensor(high, have)]
        value = apply_op("ClipByValue", "clamp", [value, *limits])
        return cast(value, want, name=scope)


def complex(real: Any, imag: Any, name: str | None = None) -> Any:
    """A complex number of two real ones (tf.complex)."""
    real = convert_to_tensor(real, name="real")
    imag = convert_to_tensor(imag, name="imag")
    with name_scope(name, "Complex") as scope:
        kinds = real.dtype.base_dtype.name, imag.dtype.base_dtype.name
        result = {("float64", "float64"): "complex128", ("float32", "float32"): "complex64"}.get(kinds)
        if result is None:
            raise InvalidType(f"complex: real is {kinds[0]} and imag {kinds[1]}; both must be float32 or float64")
        return apply_op("Complex", scope, [real, imag], {"Tout": result})


def real(input: Any, name: str | None = None) -> Any:
    """The real part; a real tensor itself (tf.real)."""
    with name_scope(name, "Real") as scope:
        x = convert_to_tensor(input, name="input")
        if x.dtype.is_complex:
            return apply_op("Real", scope, [x], {"Tout": x.dtype.base_dtype.real_dtype})
        if not (x.dtype.is_floating or x.dtype.is_integer):
            raise InvalidType(f"real: {x.name} is {x.dtype.base_dtype.name}, which is no number")
        return x


def imag(input: Any, name: str | None = None) -> Any:
    """The imaginary part, 0 of a real tensor (tf.imag)."""
    with name_scope(name, "Imag") as scope:
        x = convert_to_tensor(input, name="input")
        if x.dtype.is_complex:
            return apply_op("Imag", scope, [x], {"Tout": x.dtype.base_dtype.real_dtype})
        return tf.zeros_like(x)


def angle(input: Any, name: str | None = None) -> Any:
    """The argument in (-pi, pi] (tf.angle)."""
    with name_scope(name, "Angle") as scope:
        x = convert_to_tensor(input, name="input")
        if x.dtype.is_complex:
            return apply_op("Angle", scope, [x], {"Tout": x.dtype.base_dtype.real_dtype})
        below = x < 0
        return tf.where(below, math.pi * tf.ones_like(x), tf.zeros_like(x))


def conj(x: Any, name: str | None = None) -> Any:
    """The complex conjugate; a real tensor itself (tf.conj)."""
    if is_tensor(x) and (x.dtype.is_floating or x.dtype.is_integer):
        return x
    with name_scope(name, "Conj") as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            return apply_op("Conj", scope, [x])
        if not (x.dtype.is_floating or x.dtype.is_integer):
            raise InvalidType(f"conj: {x.name} is {x.dtype.base_dtype.name}, which is no number")
        return x
