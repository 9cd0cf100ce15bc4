"""The dtypes and shapes of TF1 under its names."""
from __future__ import annotations

from ..graph.dimension import Dimension
from ..graph.shapes import TensorShape
from ..graph.types import (
    DType,
    as_dtype,
    bfloat16,
    bool_,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    qint8,
    qint16,
    qint32,
    quint8,
    quint16,
    resource,
    string,
    uint8,
    uint16,
    uint32,
    uint64,
    variant,
)

EXPORTS = """
tf: TensorShape Dimension
tf dtypes: as_dtype DType float16 bfloat16 float32 float64 half=float16 double=float64 int8 int16 int32
tf dtypes: int64 uint8 uint16 uint32 uint64 bool=bool_ string complex64 complex128 resource variant
tf dtypes: qint8 qint16 qint32 quint8 quint16
"""

__all__ = [
    "DType", "Dimension", "TensorShape", "as_dtype", "bfloat16", "bool_", "complex64", "complex128", "float16",
    "float32", "float64", "int8", "int16", "int32", "int64", "qint8", "qint16", "qint32", "quint8", "quint16",
    "resource", "string", "uint8", "uint16", "uint32",
    "uint64", "variant",
]
