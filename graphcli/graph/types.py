"""DType, Dimension and TensorShape: what is known of a value before it exists.

Inside the library a static shape is a plain tuple with None for an unknown size, and None for an
unknown rank; ``TensorShape`` is the same thing as TF1 users see it.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from ..errors import InvalidType, InvalidValue, did_you_mean

ShapeTuple = tuple[int | None, ...]
Static = ShapeTuple | None


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
        if self.kind in "SqO":
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
        return False

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


_NUMPY = {"bool": "bool_"}

float32 = DType("float32", 1, "f", 4)
float64 = DType("float64", 2, "f", 8)
int32 = DType("int32", 3, "i", 4)
uint8 = DType("uint8", 4, "u", 1)
int16 = DType("int16", 5, "i", 2)
int8 = DType("int8", 6, "i", 1)
string = DType("string", 7, "S", 16)
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
FOREIGN = {d.name: d for d in (
    unknown, DType("qint8", 11, "q", 1), DType("quint8", 12, "q", 1), DType("qint32", 13, "q", 4),
    DType("qint16", 15, "q", 2), DType("quint16", 16, "q", 2), DType("float8_e5m2", 24, "q", 1),
    DType("float8_e4m3fn", 25, "q", 1), DType("float8_e4m3fnuz", 26, "q", 1), DType("float8_e4m3b11fnuz", 27, "q", 1),
    DType("float8_e5m2fnuz", 28, "q", 1), DType("int4", 29, "q", 1), DType("uint4", 30, "q", 1),
    DType("int2", 31, "q", 1), DType("uint2", 32, "q", 1), DType("float4_e2m1fn", 33, "q", 1))}
"""Dtypes that only files bring: they are kept and shown, and nothing computes with them."""
_BY_ENUM = {e.enum: e for d in (DTYPES | FOREIGN).values() for e in (d, d.ref)}
_BY_NAME = DTYPES | FOREIGN | _ALIASES | {d.ref.name: d.ref for d in (DTYPES | FOREIGN).values()}
_BY_PYTHON = {float: float32, int: int64, bool: bool_, str: string, bytes: string, complex: complex128}


def as_dtype(value: object) -> DType:
    """The DType of a name, an enum number, a numpy dtype or a Python type (tf.as_dtype).

    Raises InvalidType for anything else, with the nearest name.
    """
    if isinstance(value, DType):
        return value
    if isinstance(value, str):
        found = _BY_NAME.get(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        found = _BY_ENUM.get(value)
    elif isinstance(value, type) and value in _BY_PYTHON:
        found = _BY_PYTHON[value]
    else:
        name = getattr(value, "name", None) or getattr(value, "__name__", None)
        kind = getattr(value, "kind", None)
        found = string if kind in ("U", "S", "O") else _BY_NAME.get(str(name).rstrip("_"))
    if found is None:
        shown = getattr(value, "__name__", value)
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


class Dimension:
    """A size that may be unknown (tf.Dimension); arithmetic with an unknown size is unknown."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        if isinstance(value, Dimension):
            value = value.value
        self.value: int | None = None if value is None else int(value)  # type: ignore[call-overload]
        if self.value is not None and self.value < 0:
            raise InvalidValue(f"a dimension must be at least 0, not {self.value}")

    def __index__(self) -> int:
        if self.value is None:
            raise InvalidType("the size of this dimension is unknown before the graph runs",
                              hint="tf.shape(x)[i] has it at run time")
        return self.value

    __int__ = __index__

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> Any:
        value = other.value if isinstance(other, Dimension) else other
        if self.value is None or value is None:
            return None
        return self.value == value

    def __ne__(self, other: object) -> Any:
        same = self == other
        return None if same is None else not same

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"Dimension({self.value})"

    def __str__(self) -> str:
        return "?" if self.value is None else str(self.value)

    def assert_is_compatible_with(self, other: object) -> None:
        """Raises InvalidValue if both sizes are known and differ."""
        if not self.is_compatible_with(other):
            raise InvalidValue(f"the sizes {self} and {other} differ")

    def is_compatible_with(self, other: object) -> bool:
        value = Dimension(other).value
        return self.value is None or value is None or self.value == value

    def merge_with(self, other: object) -> Dimension:
        value = Dimension(other).value
        if not self.is_compatible_with(value):
            raise InvalidValue(f"the dimensions {self} and {value} are not compatible")
        return Dimension(value if self.value is None else self.value)


def _arithmetic(symbol: str, function: Any) -> None:
    def forward(self: Dimension, other: object) -> Any:
        value = other.value if isinstance(other, Dimension) else other
        if value is not None and not isinstance(value, int):
            return NotImplemented
        return Dimension(None if self.value is None or value is None else function(self.value, value))

    def backward(self: Dimension, other: object) -> Any:
        if other is not None and not isinstance(other, int):
            return NotImplemented
        return Dimension(None if self.value is None or other is None else function(other, self.value))

    def compare(self: Dimension, other: object) -> Any:
        value = other.value if isinstance(other, Dimension) else other
        return None if self.value is None or value is None else function(self.value, value)

    if symbol in ("lt", "le", "gt", "ge"):
        setattr(Dimension, f"__{symbol}__", compare)
    else:
        setattr(Dimension, f"__{symbol}__", forward)
        setattr(Dimension, f"__r{symbol}__", backward)


for _symbol in ("add", "sub", "mul", "floordiv", "mod", "lt", "le", "gt", "ge"):
    _arithmetic(_symbol, getattr(__import__("operator"), _symbol))


class TensorShape:
    """A static shape as TF1 shows it (tf.TensorShape): rank and sizes may be unknown."""

    __slots__ = ("tuple",)

    def __init__(self, dims: object) -> None:
        self.tuple: Static = as_shape(dims)

    @property
    def rank(self) -> int | None:
        return None if self.tuple is None else len(self.tuple)

    ndims = rank

    @property
    def dims(self) -> list[Dimension] | None:
        return None if self.tuple is None else [Dimension(d) for d in self.tuple]

    def as_list(self) -> list[int | None]:
        if self.tuple is None:
            raise InvalidValue("as_list() is not defined on a shape of unknown rank")
        return list(self.tuple)

    def num_elements(self) -> int | None:
        return count(self.tuple)

    def is_fully_defined(self) -> bool:
        return self.tuple is not None and None not in self.tuple

    def is_compatible_with(self, other: object) -> bool:
        return compatible(self.tuple, as_shape(other))

    def merge_with(self, other: object) -> TensorShape:
        return TensorShape(merge(self.tuple, as_shape(other)))

    def concatenate(self, other: object) -> TensorShape:
        tail = as_shape(other)
        return TensorShape(None if self.tuple is None or tail is None else self.tuple + tail)

    def with_rank(self, rank: int) -> TensorShape:
        if self.tuple is None:
            return TensorShape((None,) * rank)
        if len(self.tuple) != rank:
            raise InvalidValue(f"the shape {self} must have rank {rank}")
        return self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape. Raises InvalidValue if its rank is known and lower."""
        if self.tuple is not None and len(self.tuple) < rank:
            raise InvalidValue(f"shape {self} must have at least rank {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape. Raises InvalidValue if its rank is known and higher."""
        if self.tuple is not None and len(self.tuple) > rank:
            raise InvalidValue(f"shape {self} must have at most rank {rank}")
        return self

    def assert_same_rank(self, other: object) -> None:
        """Raises InvalidValue if both ranks are known and differ."""
        tail = as_shape(other)
        if self.tuple is not None and tail is not None and len(self.tuple) != len(tail):
            raise InvalidValue(f"the shapes {self} and {show(tail)} differ in rank")

    def assert_is_fully_defined(self) -> None:
        """Raises InvalidValue if the rank or a size is not known."""
        if not self.is_fully_defined():
            raise InvalidValue(f"shape {self} is not fully defined")

    def __add__(self, other: object) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: object) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def assert_has_rank(self, rank: int) -> None:
        if self.rank not in (None, rank):
            raise InvalidValue(f"the shape {self} must have rank {rank}")

    def assert_is_compatible_with(self, other: object) -> None:
        if not self.is_compatible_with(other):
            raise InvalidValue(f"the shapes {self} and {TensorShape(other)} are not compatible")

    def __len__(self) -> int:
        if self.tuple is None:
            raise InvalidValue("a shape of unknown rank has no length")
        return len(self.tuple)

    def __iter__(self) -> Iterator[Dimension]:
        if self.tuple is None:
            raise InvalidValue("a shape of unknown rank cannot be iterated")
        return iter([Dimension(d) for d in self.tuple])

    def __getitem__(self, key: Any) -> Any:
        if self.tuple is None:
            if isinstance(key, slice):
                return TensorShape(None)
            return Dimension(None)
        if isinstance(key, slice):
            return TensorShape(self.tuple[key])
        return Dimension(self.tuple[key])

    def __bool__(self) -> bool:
        return self.tuple is not None

    def __eq__(self, other: object) -> bool:
        try:
            return self.tuple == as_shape(other)
        except TypeError:
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self.tuple)

    def __repr__(self) -> str:
        return f"TensorShape({None if self.tuple is None else list(self.tuple)})"

    def __str__(self) -> str:
        if self.tuple is None:
            return "<unknown>"
        inner = ", ".join("?" if d is None else str(d) for d in self.tuple)
        return f"({inner},)" if len(self.tuple) == 1 else f"({inner})"


def as_shape(value: object) -> Static:
    """A static shape from what TF1 takes for one: None, a number, a list, a TensorShape.

    Raises InvalidType or InvalidValue if it is none.
    """
    if value is None:
        return None
    if type(value) is tuple and all(d is None or type(d) is int and d >= 0 for d in value):
        return value
    if isinstance(value, TensorShape):
        return value.tuple
    if isinstance(value, Dimension):
        return (value.value,)
    if isinstance(value, (str, bytes)):
        raise InvalidType(f"a shape is a list of sizes, not {value!r}")
    if isinstance(value, Iterable):
        return tuple(as_size(d) for d in value)
    return (as_size(value),)


def as_size(value: object) -> int | None:
    """One size of a static shape: None or a whole number that is not negative."""
    if value is None:
        return None
    if isinstance(value, Dimension):
        return value.value
    if isinstance(value, (bool, str, bytes, float)) or not hasattr(value, "__index__"):
        raise InvalidType(f"a size in a shape is a whole number or null, not {value!r}")
    size = value.__index__()
    if size < 0:
        raise InvalidValue(f"a size in a shape must be at least 0, not {size}",
                           hint="write null for an unknown size")
    return int(size)


def count(shape: Static) -> int | None:
    """How many elements a shape has; None if that is unknown."""
    if shape is None or None in shape:
        return None
    total = 1
    for size in shape:
        total *= size  # type: ignore[operator]
    return total


def compatible(a: Static, b: Static) -> bool:
    """Whether some shape is an instance of both."""
    if a is None or b is None:
        return True
    return len(a) == len(b) and all(x is None or y is None or x == y for x, y in zip(a, b))


def merge(a: Static, b: Static) -> Static:
    """What is known by either of two shapes of one value. Raises InvalidValue if they differ."""
    if a is None:
        return b
    if b is None:
        return a
    if not compatible(a, b):
        raise InvalidValue(f"the shapes {show(a)} and {show(b)} are not compatible")
    return tuple(y if x is None else x for x, y in zip(a, b))


def broadcast(a: Static, b: Static) -> Static:
    """The shape of a broadcast of two. Raises InvalidValue if they do not broadcast."""
    if a == b and a is not None and None not in a:
        return a
    if a is None or b is None:
        return None
    out: list[int | None] = []
    long, short = (a, b) if len(a) >= len(b) else (b, a)
    padded = (1,) * (len(long) - len(short)) + short
    for x, y in zip(long, padded):
        if x == y or y == 1:
            out.append(x)
        elif x == 1:
            out.append(y)
        elif x is None or y is None:
            # a 0 may meet a 1 or a 0: TensorFlow leaves it open
            out.append((y if x is None else x) or None)
        else:
            raise InvalidValue(f"the shapes {show(a)} and {show(b)} do not broadcast: {x} meets {y}")
    return tuple(out)


def show(shape: Static | Sequence[int | None]) -> str:
    """A shape for a message: ``[?, 784]``, ``[]``, ``?`` for an unknown rank."""
    if shape is None:
        return "?"
    return "[" + ", ".join("?" if d is None else str(d) for d in shape) + "]"
