"""Tensors as bytes and back (tf.serialize_tensor, tf.serialize_sparse and their like)."""
from __future__ import annotations

from typing import Any

from .framework import apply_op
from .sparse_tensor import SparseTensor, sparse

EXPORTS = """
tf io: serialize_tensor parse_tensor serialize_sparse serialize_many_sparse deserialize_many_sparse
"""


def serialize_tensor(tensor: Any, name: str | None = None) -> Any:
    """A tensor as the bytes of a TensorProto, a string (tf.serialize_tensor)."""
    return apply_op("SerializeTensor", name, [tensor])


def parse_tensor(serialized: Any, out_type: Any, name: str | None = None) -> Any:
    """The tensor in the bytes of a TensorProto (tf.parse_tensor). One of another dtype is a run error."""
    return apply_op("ParseTensor", name, [serialized], {"out_type": out_type})


def serialize_sparse(sp_input: Any, name: str | None = None, out_type: Any = "string") -> Any:
    """A sparse tensor as three strings (tf.serialize_sparse)."""
    return apply_op("SerializeSparse", name, sparse(sp_input).components, {"out_type": out_type})


def serialize_many_sparse(sp_input: Any, name: str | None = None, out_type: Any = "string") -> Any:
    """The rows of a sparse tensor, each as three strings: [n, 3] (tf.serialize_many_sparse)."""
    return apply_op("SerializeManySparse", name, sparse(sp_input).components, {"out_type": out_type})


def deserialize_many_sparse(serialized_sparse: Any, dtype: Any, rank: int | None = None,
                            name: str | None = None) -> SparseTensor:
    """Serialized sparse tensors, [n, 3] strings, as rows of one, of this rank (tf.deserialize_many_sparse)."""
    indices, values, shape = apply_op("DeserializeManySparse", name, [serialized_sparse], {"dtype": dtype})
    indices.set_shape([None, rank])
    shape.set_shape([rank])
    return SparseTensor(indices, values, shape)
