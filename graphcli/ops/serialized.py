"""Tensors as bytes (TensorProto), dense and sparse, and back."""
from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import GraphError, RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.types import DType
from ..wire.varint import put_varint
from ._datasets import kept
from ._sparse import checked, inside, numbered

CPU_ONLY = True


SOME = 1 << 16
"""Elements that are compared at a time."""


def _written(array: Any, dtype: DType, fields: bool = False) -> bytes:
    """A tensor as the bytes of a TensorProto. fields: strings in a field of their own."""
    from ..wire.encode import framed, joined
    from ..wire.summaries import tensor_head, tensor_proto

    array = np.asarray(array)
    if dtype.kind == "S" and not fields:
        texts = array.reshape(-1).tolist()
        lengths = b"".join(map(put_varint, map(len, texts)))
        content = framed(4, [lengths, *texts]) if texts else []
        return joined([tensor_head(array.shape, dtype.base_dtype.enum), *content])
    return joined(tensor_proto(np.ascontiguousarray(array).reshape(array.shape), dtype.base_dtype.enum))


def _read(data: bytes, dtype: DType, what: str, state: Any) -> Any:
    """The array of the bytes of a TensorProto, which has to be of this dtype and no more than a step may make; it may
    be a view of the bytes."""
    from google.protobuf.message import DecodeError

    from ..graphdef.tensors import read_tensor
    from ..wire.encode import without
    from ..wire.messages import message

    proto = message("TensorProto")()
    rest, content = without(data, proto.DESCRIPTOR.fields_by_name["tensor_content"].number)
    try:
        proto.ParseFromString(rest)
        if proto.dtype != dtype.base_dtype.enum:
            raise RunError(f"Type mismatch between parsed tensor (dtype {proto.dtype}) and {what} ({dtype.name})")
        return read_tensor(proto, getattr(state, "max_bytes", None), content)
    except RunError:
        raise
    except (DecodeError, GraphError, ValueError) as error:
        raise RunError(f"Could not parse {what}: {str(error).splitlines()[0]}") from None


@op
class SerializeTensor:
    """A tensor as the bytes of a TensorProto (tf.serialize_tensor)."""

    signature = "tensor: T -> serialized: string"
    attrs = "T: type"
    gradient = no_gradient

    def infer(n: Any, tensor: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        dtype = n.node.inputs[0].dtype
        return lambda tensor: np.array(_written(np.asarray(tensor), dtype, fields=True), object)

    def scratch(n: Any) -> Any:
        # the bytes of the string
        return n.bytes()


@op
class ParseTensor:
    """The tensor in the bytes of a TensorProto, which has to be of ``out_type`` (tf.parse_tensor)."""

    signature = "serialized: string -> output: out_type"
    attrs = "out_type: type"
    gradient = no_gradient

    def infer(n: Any, serialized: Any) -> Any:
        return None

    def kernel(n: Any) -> Any:
        dtype = n.out()

        def parse(serialized: Any) -> Any:
            if np.ndim(serialized):
                raise RunError(f"Expected `serialized` to be a scalar, got shape: {list(np.shape(serialized))}")
            array = _read(np.asarray(serialized).item(), dtype, "out_type", n.state)
            if sys.byteorder != "little":
                return array.astype(dtype.as_numpy_dtype)
            return array if array.flags.writeable else np.array(array)

        return parse


SPARSE = "sparse_indices: int64, sparse_values: T, sparse_shape: int64 -> serialized_sparse: out_type"


def in_three(parts: Any) -> Any:
    """The parts of a sparse tensor as a vector."""
    out = np.empty(3, object)
    for i, part in enumerate(parts):
        out[i] = part
    return out


def _writer(n: Any) -> Any:
    """What makes bytes of a part of a sparse tensor; a variant is the array itself."""
    if n.attrs["out_type"].name == "variant":
        return lambda array, dtype: array
    return _written


@op
class SerializeSparse:
    """A sparse tensor as three byte strings (tf.serialize_sparse)."""

    signature = SPARSE
    takes = "sparse_indices: [?, ?]; sparse_values: [?]; sparse_shape: [?]"
    attrs = "T: type; out_type: {string, variant} = string"
    gradient = undefined_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return (3,)

    def kernel(n: Any) -> Any:
        kinds, write = [t.dtype for t in n.node.inputs], _writer(n)

        def serialize(*arrays: Any) -> Any:
            checked(*arrays)
            parts = arrays if write is _written else kept(n, arrays)
            return in_three([write(a, dtype) for a, dtype in zip(parts, kinds)])

        return serialize

    def scratch(n: Any) -> Any:
        return sum(n.bytes(i) for i in range(3))


@op
class SerializeManySparse:
    """The rows of a sparse tensor, each as three byte strings (tf.serialize_many_sparse)."""

    signature = SPARSE
    takes = "sparse_indices: [?, ?]; sparse_values: [?]; sparse_shape: [?]"
    attrs = "T: type; out_type: {string, variant} = string"
    gradient = undefined_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return (None, 3)

    def kernel(n: Any) -> Any:
        whole, _, sizes = kinds = [t.dtype for t in n.node.inputs]
        write = _writer(n)

        def serialize(indices: Any, values: Any, shape: Any) -> Any:
            check_rows(indices, values, shape)
            out = np.empty((int(shape[0]), 3), object)
            for row, parts in enumerate(rows_of(indices, values, shape)):
                out[row] = in_three([write(a, dtype) for a, dtype in zip(parts, (whole, kinds[1], sizes))])
            return out

        return serialize


def check_rows(indices: Any, values: Any, shape: Any) -> None:
    """Raises RunError for what is no sparse tensor of rows, or is not in order."""
    checked(indices, values, shape)
    if len(shape) < 2:
        raise RunError(f"Rank of input SparseTensor should be > 1, but saw rank: {len(shape)}")
    inside(indices, shape)
    numbers, = numbered(indices)
    if any((numbers[i + 1:i + SOME + 1] <= numbers[i:i + SOME][:len(numbers) - i - 1]).any()
           for i in range(0, len(numbers), SOME)):
        raise RunError("the indices are out of order, or one is repeated")


def rows_of(indices: Any, values: Any, shape: Any) -> Iterator[tuple[Any, Any, Any]]:
    """The rows of a sparse tensor as sparse tensors."""
    ends = np.searchsorted(indices[:, 0], np.arange(int(shape[0]) + 1))
    for start, end in zip(ends, ends[1:]):
        yield indices[start:end, 1:].copy(), values[start:end].copy(), shape[1:].copy()


@op
class DeserializeManySparse:
    """Serialized sparse tensors as rows of one, in the greatest of their shapes (tf.deserialize_many_sparse)."""

    signature = "serialized_sparse: string -> sparse_indices: int64, sparse_values: dtype, sparse_shape: int64"
    attrs = "dtype: type"
    gradient = undefined_gradient

    def infer(n: Any, serialized: Any) -> Any:
        n.merge(n.with_rank(serialized, 2, "serialized_sparse")[1:], (3,), "numbers of columns")
        return [(None, None), (None,), (None,)]

    def kernel(n: Any) -> Any:
        kinds = [t.dtype for t in n.node.outputs]

        def deserialize(serialized: Any) -> Any:
            if serialized.ndim != 2 or serialized.shape[1] != 3:
                raise RunError(f"Serialized sparse should have three columns, not the shape {list(serialized.shape)}")
            return _rows(n, serialized, kinds, (len(serialized),))

        return deserialize


def _rows(n: Any, serialized: Any, kinds: Any, before: tuple[int, ...]) -> tuple[Any, Any, Any]:
    """[rows, 3] of serialized sparse tensors as one. before: the axes before theirs."""
    found: list[tuple[Any, ...]] = []
    for row, texts in enumerate(serialized):
        parts = tuple(_read(p, kind, f"serialized_sparse[{row}, {i}]", n.state) if isinstance(p, bytes) else p
                      for i, (p, kind) in enumerate(zip(texts, kinds)))
        checked(*parts)
        found.append(parts)
    return together(found, before)


def together(found: list[tuple[Any, ...]], before: tuple[int, ...]) -> tuple[Any, Any, Any]:
    """Sparse tensors of one rank as one. before: the axes before theirs. Raises RunError where there are none or ranks
    differ."""
    if not found:
        raise RunError("there must be at least one serialized sparse tensor")
    for row, (_, _, shape) in enumerate(found):
        if len(shape) != len(found[0][2]):
            raise RunError(f"Inconsistent rank across SparseTensors: rank prior to SparseTensor[{row}] was: "
                           f"{len(found[0][2])} but rank of SparseTensor[{row}] is: {len(shape)}")
    ends = np.cumsum([0, *(len(indices) for indices, _, _ in found)])
    places = np.empty((ends[-1], len(before) + len(found[0][2])), np.int64)
    values = np.empty(ends[-1], found[0][1].dtype)
    for row, (indices, some, _) in enumerate(found):
        mine = slice(ends[row], ends[row + 1])
        places[mine, :len(before)] = np.unravel_index(row, before) if before else ()
        places[mine, len(before):], values[mine] = indices, some
    sizes = np.max([shape for _, _, shape in found], axis=0)
    return places, values, np.concatenate([before, sizes]).astype(np.int64)


@op
class DeserializeSparse:
    """Serialized sparse tensors, of any shape before the last axis, as one: the axes before theirs."""

    signature = "serialized_sparse: Tserialized -> sparse_indices: int64, sparse_values: dtype, sparse_shape: int64"
    takes = "serialized_sparse: >=1"
    attrs = "dtype: type; Tserialized: {string, variant} = string"
    gradient = undefined_gradient

    def infer(n: Any, serialized: Any) -> Any:
        if serialized is not None:
            n.merge(serialized[-1:], (3,), "numbers of columns")
        return [(None, None), (None,), (None,)]

    def kernel(n: Any) -> Any:
        kinds = [t.dtype for t in n.node.outputs]

        def deserialize(serialized: Any) -> Any:
            if not serialized.ndim or serialized.shape[-1] != 3:
                raise RunError(f"Serialized sparse should have three columns, not the shape {list(serialized.shape)}")
            return _rows(n, serialized.reshape(-1, 3), kinds, serialized.shape[:-1])

        return deserialize
