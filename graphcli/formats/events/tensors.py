"""TensorProto to numpy, as far as summaries need it (tensorflow/core/framework/tensor.proto)."""
from __future__ import annotations

from typing import Any

from ...errors import GraphError
from ...graph.types import as_dtype, string

FIELDS = {"float32": "float_val", "float64": "double_val", "int64": "int64_val", "uint64": "uint64_val",
          "uint32": "uint32_val", "bool": "bool_val"}


def to_array(proto: Any) -> Any:
    """The array of a TensorProto. Raises GraphError where its bytes do not fill its shape."""
    import numpy as np

    dtype = as_dtype(proto.dtype)
    shape = tuple(d.size for d in proto.tensor_shape.dim)
    count = int(np.prod(shape, dtype=np.int64)) if shape else 1
    kind = object if dtype is string else dtype.as_numpy_dtype
    if proto.tensor_content:
        flat = np.frombuffer(proto.tensor_content, kind)
    elif dtype is string:
        flat = np.array([*proto.string_val, None], object)[:-1]
    elif dtype.name in ("float16", "bfloat16"):
        flat = np.array(proto.half_val, np.uint16).view(kind)
    else:
        flat = np.array(getattr(proto, FIELDS.get(dtype.name, "int_val")), kind)
    if 0 < flat.size < count:
        flat = np.concatenate([flat, np.repeat(flat[-1:], count - flat.size)])
    elif not flat.size and count:
        flat = np.full(count, b"", object) if dtype is string else np.zeros(count, kind)
    if flat.size != count:
        raise GraphError(f"a tensor of shape {list(shape)} with {flat.size} values")
    return flat.reshape(shape)
