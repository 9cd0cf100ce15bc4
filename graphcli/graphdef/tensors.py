"""TensorProto and numpy arrays, as make_tensor_proto and Tensor::FromProto of TensorFlow convert them."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.shapes import Static
from ..graph.types import DType, as_dtype, string
from ..wire.messages import message
from ..wire.varint import get_varint

CONTENT = frozenset("float16 float32 float64 int8 int16 int32 int64 uint8 uint32 uint64".split())
"""Dtypes whose arrays are written as their bytes (_TENSOR_CONTENT_TYPES of TensorFlow)."""
FIELDS = {
    "float32": "float_val", "float64": "double_val", "int32": "int_val", "int16": "int_val", "int8": "int_val",
    "uint8": "int_val", "uint16": "int_val", "float16": "half_val", "bfloat16": "half_val", "bool": "bool_val",
    "complex64": "scomplex_val", "complex128": "dcomplex_val", "int64": "int64_val", "uint32": "uint32_val",
    "uint64": "uint64_val", "string": "string_val", "qint8": "int_val", "quint8": "int_val", "qint16": "int_val",
    "quint16": "int_val", "qint32": "int_val",
}
STRINGS = 1 << 13
"""Strings that are Python's at a time."""
REPEATED = 16
"""Elements from which an array of one value is written as that value, as tf.zeros writes its constant."""


class OpaqueTensor:
    """A constant of a dtype that only files bring, kept as it was written."""

    __slots__ = ("proto", "dtype", "shape")

    def __init__(self, proto: Any, dtype: DType, shape: tuple[int, ...]) -> None:
        self.proto = proto
        self.dtype = dtype
        self.shape = shape

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        return int(self.proto.ByteSize())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpaqueTensor) and _bytes(self.proto) == _bytes(other.proto)

    def __hash__(self) -> int:
        return hash(_bytes(self.proto))

    def __repr__(self) -> str:
        return f"<{self.dtype.name} {list(self.shape)}>"


def _bytes(proto: Any) -> bytes:
    data: bytes = proto.SerializeToString(deterministic=True)
    return data


def put_shape(proto: Any, static: Static) -> None:
    """Fills a TensorShapeProto."""
    if static is None:
        proto.unknown_rank = True
        return
    for size in static:
        proto.dim.add(size=-1 if size is None else size)


def read_shape(proto: Any) -> Static:
    """The static shape of a TensorShapeProto. Raises InvalidValue for a negative size."""
    if proto.unknown_rank:
        return None
    sizes = [d.size for d in proto.dim]
    if not sizes or min(sizes) >= 0:
        return tuple(sizes)
    if min(sizes) < -1:
        raise InvalidValue(f"a shape has the size {min(sizes)}")
    return tuple([None if s == -1 else s for s in sizes])


def put_tensor(proto: Any, value: Any, dtype: DType | None = None) -> None:
    """Fills a TensorProto from an array (tensor_util.make_tensor_proto)."""
    if isinstance(value, OpaqueTensor):
        proto.CopyFrom(value.proto)
        return
    array = np.asarray(value)
    if dtype is None:
        dtype = string if array.dtype.kind in "SUO" else as_dtype(array.dtype)
    dtype = dtype.base_dtype
    proto.dtype = dtype.enum
    put_shape(proto.tensor_shape, array.shape)
    flat = array.reshape(-1) if array.strides != (0,) * array.ndim or not array.ndim else array.reshape(-1)[:1]
    if flat.size == array.size >= REPEATED and _uniform(flat):
        flat = flat[:1]
    if dtype.name in CONTENT and flat.size > 1:
        proto.tensor_content = np.ascontiguousarray(flat).astype(flat.dtype.newbyteorder("<"), copy=False).tobytes()
        return
    field = getattr(proto, FIELDS[dtype.name])
    if dtype.kind == "S":
        field.extend([v.encode() if isinstance(v, str) else bytes(v) for v in flat.tolist()])
    elif dtype.kind == "c":
        field.extend([part for v in flat.tolist() for part in (v.real, v.imag)])
    elif FIELDS[dtype.name] == "half_val":
        field.extend(flat.view(np.uint16).tolist())
    else:
        field.extend(flat.tolist())


def _uniform(flat: Any) -> bool:
    """Whether all elements are one value, to the bit."""
    if flat.dtype.kind == "O":
        return all(v == flat[0] for v in flat)
    data = np.ascontiguousarray(flat)
    rows = data.view(np.uint8).reshape(data.size, -1)
    return bool((rows == rows[0]).all())


def tensor_proto(value: Any, dtype: DType | None = None) -> Any:
    """A TensorProto of an array."""
    proto = message("TensorProto")()
    put_tensor(proto, value, dtype)
    return proto


def read_tensor(proto: Any, max_bytes: int | None = None, content: Any = None) -> Any:
    """The array of a TensorProto; a value that stands for many is one element that is repeated, not copied.

    max_bytes: what it may take. content: its ``tensor_content``, where that lies elsewhere. Raises InvalidValue for a
    dtype or shape that is none, for content that does not fill the shape, and beyond max_bytes.
    """
    dtype = as_dtype(int(proto.dtype))
    static = read_shape(proto.tensor_shape)
    if static is None or None in static:
        raise InvalidValue("the shape of a constant is not known")
    shape = tuple(s for s in static if s is not None)
    total = math.prod(shape)
    if max_bytes is not None and total * dtype.size > max_bytes:
        raise InvalidValue(f"a constant of {total * dtype.size:,} bytes, more than {max_bytes:,}",
                           hint="--max-bytes allows more")
    if dtype.name not in FIELDS:
        return OpaqueTensor(proto, dtype, shape)
    kind = np.dtype(dtype.as_numpy_dtype)
    content = proto.tensor_content if content is None else content
    if len(content) and dtype.kind != "S":
        found = len(content)
        if found != total * kind.itemsize:
            raise InvalidValue(f"a constant of {total} {dtype.name} needs {total * kind.itemsize} bytes, not {found}")
        return np.frombuffer(content, kind).reshape(shape)
    if len(content):
        return _strings_of_content(content, total).reshape(shape)
    values = getattr(proto, FIELDS[dtype.name])
    if dtype.kind == "S":
        array = np.empty(len(values), object)
        for i in range(0, len(values), STRINGS):
            array[i:i + STRINGS] = values[i:i + STRINGS]
    elif dtype.kind == "c":
        pairs = np.array(values, np.float32 if dtype.size == 8 else np.float64)
        array = pairs[:len(pairs) // 2 * 2].view(kind)
    elif FIELDS[dtype.name] == "half_val":
        array = np.array(values, np.uint32).astype(np.uint16).view(kind)
    else:
        array = np.array(values, _wide(dtype)).astype(kind)
    return _filled(array, shape, total, dtype)


def _wide(dtype: DType) -> Any:
    return np.int64 if dtype.kind in "iq" or dtype.name in ("uint8", "uint16") else dtype.as_numpy_dtype


def _filled(array: Any, shape: tuple[int, ...], total: int, dtype: DType) -> Any:
    """The last value stands for all that are left out; none at all stand for zeros."""
    if array.size >= total:
        return array[:total].reshape(shape)
    if array.size == 0:
        array = np.array([b""], object) if dtype.kind == "S" else np.zeros(1, array.dtype)
    if array.size == 1:
        return np.broadcast_to(array.reshape(()), shape)
    rest = np.broadcast_to(array[-1:], (total - array.size,))
    return np.concatenate([array, rest]).reshape(shape)


def _strings_of_content(data: Any, total: int) -> Any:
    """Strings of tensor_content: their lengths as varints, then their bytes (port::EncodeStringList)."""
    if total > len(data):
        raise InvalidValue(f"a constant of {total} strings in {len(data)} bytes")
    sizes, at = [], 0
    for _ in range(total):
        try:
            size, at = get_varint(data, at)
        except ValueError:
            raise InvalidValue("the lengths of a constant's strings end too early") from None
        sizes.append(size)
    if at + sum(sizes) != len(data):
        raise InvalidValue(f"the strings of a constant have {sum(sizes)} bytes, there are {len(data) - at}")
    array = np.empty(total, object)
    for i, size in enumerate(sizes):
        array[i] = bytes(data[at:at + size])
        at += size
    return array
