"""Arrays as the messages that a GraphDef carries, and back (tf.make_tensor_proto, tf.make_ndarray)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue
from ..graph.shapes import as_shape, count, show
from ..graph.types import as_dtype
from .graph_def import parsed
from .values import fill_shape, make_array

EXPORTS = """
tf io contrib.util: make_tensor_proto make_ndarray
"""


def make_tensor_proto(values: Any, dtype: Any = None, shape: Any = None, verify_shape: bool = False,
                      allow_broadcast: bool = False) -> Any:
    """A TensorProto of values, by the rules of tf.constant (tf.make_tensor_proto).

    shape: that of the values if None; the last value is repeated where it has more elements, which verify_shape
    refuses and allow_broadcast allows of one value alone. Raises InvalidType or InvalidValue for what does not fit.
    """
    from ..graphdef.tensors import tensor_proto

    array = make_array(values, dtype)
    static = array.shape if shape is None else as_shape(shape)
    if array.shape != static:
        total = count(static)
        if static is None or total is None:
            raise InvalidValue(f"the shape of a tensor must be known, not {show(static)}")
        if array.size != total and array.size != 1 if allow_broadcast else verify_shape:
            raise InvalidType(f"a value of shape {show(array.shape)} was to have shape {show(static)}")
        array = fill_shape(array, static, total)
    return tensor_proto(array, None if dtype is None else as_dtype(dtype))


def make_ndarray(tensor: Any) -> Any:
    """The array of a TensorProto of graphcli or TensorFlow, the caller's own (tf.make_ndarray).

    Raises InvalidType for what is no TensorProto, InvalidValue for one whose content does not fill its shape.
    """
    from ..graphdef.tensors import read_tensor

    return np.array(read_tensor(parsed(tensor, "TensorProto")))
