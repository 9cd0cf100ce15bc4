"""DType: the dtypes of TensorFlow, those that numpy has and those that are only named."""
from __future__ import annotations

from functools import cached_property
from typing import Any

from ..errors import InvalidType, did_you_mean, said


class DType:
    """A TensorFlow dtype; one object per dtype, compare with ``is`` or ``==``.

    enum: the number in GraphDef (types.proto). A reference dtype (of a variable's own output) has
    ``is_ref`` and the number + 100.
    """

    __slots__ = ("name", "enum", "kind", "size", "is_ref", "base_dtype", "ref", "__dict__")

    def __init__(self, name: str, enum: int, kind: str, size: int, base: DType | None = None) -> None:
        self.name = name
        self.enum = enum
        self.kind = kind
        self.size = size
        self.is_ref = base is not None
        self.base_dtype: DType = base or self
        self.ref: DType = self if base else DType(name + "_ref", enum + 100, kind, size, self)

    @cached_property
    def as_numpy_dtype(self) -> Any:
        """The numpy type that holds it (bfloat16 is ml_dtypes')."""
        import numpy as np

        if self.base_dtype.name == "bfloat16":
            import ml_dtypes

            return ml_dtypes.bfloat16
        if self.kind in "SqO" and not self.is_quantized:
            return np.object_
        return np.dtype(_NUMPY.get(self.base_dtype.name, self.base_dtype.name)).type

    @property
    def as_datatype_enum(self) -> int:
        return self.enum

    @property
    def is_floating(self) -> bool:
        return self.kind == "f"

    @property
    def is_integer(self) -> bool:
        return self.kind in "iu"

    @property
    def is_unsigned(self) -> bool:
        return self.kind == "u"

    @property
    def is_complex(self) -> bool:
        return self.kind == "c"

    @property
    def is_bool(self) -> bool:
        return self.kind == "b"

    @property
    def real_dtype(self) -> DType:
        return {"complex64": float32, "complex128": float64}.get(self.base_dtype.name, self)

    @cached_property
    def min(self) -> Any:
        return _limits(self)[0]

    @cached_property
    def max(self) -> Any:
        return _limits(self)[1]

    @property
    def limits(self) -> tuple[Any, Any]:
        """The least and the greatest intensity of an image of this dtype (DType.limits): from 0, and for real numbers
        to 1."""
        return (0, self.max if self.is_integer else 1)

    @property
    def is_quantized(self) -> bool:
        return self.base_dtype.name in QUANTIZED

    @property
    def is_numpy_compatible(self) -> bool:
        return True

    def is_compatible_with(self, other: object) -> bool:
        return self.base_dtype is as_dtype(other).base_dtype

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other is None or isinstance(other, DType):
            return False
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    def __hash__(self) -> int:
        return self.enum

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)


_NUMPY = {"bool": "bool_", "qint8": "int8", "quint8": "uint8", "qint16": "int16", "quint16": "uint16",
          "qint32": "int32"}

float32 = DType("float32", 1, "f", 4)
float64 = DType("float64", 2, "f", 8)
int32 = DType("int32", 3, "i", 4)
uint8 = DType("uint8", 4, "u", 1)
int16 = DType("int16", 5, "i", 2)
int8 = DType("int8", 6, "i", 1)
string = DType("string", 7, "S", 8)
complex64 = DType("complex64", 8, "c", 8)
int64 = DType("int64", 9, "i", 8)
bool_ = DType("bool", 10, "b", 1)
bfloat16 = DType("bfloat16", 14, "f", 2)
uint16 = DType("uint16", 17, "u", 2)
complex128 = DType("complex128", 18, "c", 16)
float16 = DType("float16", 19, "f", 2)
resource = DType("resource", 20, "O", 8)
variant = DType("variant", 21, "O", 8)
uint32 = DType("uint32", 22, "u", 4)
uint64 = DType("uint64", 23, "u", 8)

DTYPES = {d.name: d for d in (
    float16, bfloat16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64,
    bool_, string, complex64, complex128, resource, variant)}
_ALIASES = {"half": float16, "float": float32, "double": float64, "str": string, "bytes": string,
            "object": string, "str_": string, "bytes_": string}
unknown = DType("unknown", 0, "O", 8)
"""The dtype of what an op yields that is not known here."""
qint8 = DType("qint8", 11, "q", 1)
quint8 = DType("quint8", 12, "q", 1)
qint32 = DType("qint32", 13, "q", 4)
qint16 = DType("qint16", 15, "q", 2)
quint16 = DType("quint16", 16, "q", 2)
QUANTIZED = {d.name: d for d in (qint8, quint8, qint32, qint16, quint16)}
"""Dtypes of quantized nets, which are whole numbers in memory; only what is made for them computes with them."""
FOREIGN = {d.name: d for d in (
    unknown, DType("float8_e5m2", 24, "q", 1), DType("float8_e4m3fn", 25, "q", 1), DType("float8_e4m3fnuz", 26, "q", 1),
    DType("float8_e4m3b11fnuz", 27, "q", 1), DType("float8_e5m2fnuz", 28, "q", 1), DType("int4", 29, "q", 1),
    DType("uint4", 30, "q", 1), DType("int2", 31, "q", 1), DType("uint2", 32, "q", 1),
    DType("float4_e2m1fn", 33, "q", 1))}
"""Dtypes that only files bring: they are kept and shown, and nothing computes with them."""
_ALL = DTYPES | QUANTIZED | FOREIGN
_BY_ENUM = {e.enum: e for d in _ALL.values() for e in (d, d.ref)}
_BY_NAME = _ALL | _ALIASES | {d.ref.name: d.ref for d in _ALL.values()}
_BY_PYTHON = {float: float32, int: int64, bool: bool_, str: string, bytes: string, complex: complex128}


def how_to_convert(have: DType, wanted: DType) -> str:
    """A hint: what makes a tensor of one dtype of a tensor of another."""
    if wanted.base_dtype.name == "string":
        return "tf.as_string writes numbers as text"
    if have.base_dtype.name == "string":
        return "tf.string_to_number reads text as numbers"
    return "tf.cast converts a tensor"


def as_dtype(type_value: object) -> DType:
    """The DType of a name, an enum number, a numpy dtype or a Python type (tf.as_dtype).

    Raises InvalidType for anything else, with the nearest name.
    """
    if isinstance(type_value, DType):
        return type_value
    if isinstance(type_value, str):
        found = _BY_NAME.get(type_value)
    elif isinstance(type_value, int) and not isinstance(type_value, bool):
        found = _BY_ENUM.get(type_value)
    elif isinstance(type_value, type) and type_value in _BY_PYTHON:
        found = _BY_PYTHON[type_value]
    else:
        name = getattr(type_value, "name", None) or getattr(type_value, "__name__", None)
        kind = getattr(type_value, "kind", None)
        found = string if kind in ("U", "S", "O") else _BY_NAME.get(str(name).rstrip("_"))
    if found is None:
        shown = getattr(type_value, "__name__", type_value)
        if hasattr(type_value, "value_index") or isinstance(type_value, (list, tuple, dict)):
            raise InvalidType(f"a dtype is wanted, not {said(type_value)}")
        raise InvalidType(f"unknown dtype {shown!r}", hint=did_you_mean(shown, DTYPES))
    return found


def _limits(dtype: DType) -> tuple[Any, Any]:
    import numpy as np

    kind = dtype.kind
    if kind == "b":
        return False, True
    if kind in "iu":
        info = np.iinfo(dtype.as_numpy_dtype)
        return int(info.min), int(info.max)
    if kind == "f":
        if dtype.base_dtype is bfloat16:
            import ml_dtypes

            limits: Any = ml_dtypes.finfo(ml_dtypes.bfloat16)  # type: ignore[no-untyped-call]
        else:
            limits = np.finfo(dtype.as_numpy_dtype)
        return limits.min, limits.max
    raise InvalidType(f"{dtype.name} has no least and greatest value")
