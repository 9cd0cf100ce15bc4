"""Quantized dtypes: what they are, and in constants of graphs; activations that builds of TensorFlow lack."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.graphdef.tensors import read_tensor
from graphcli.wire.messages import message


@pytest.mark.parametrize(("name", "enum", "kind"), [("qint8", 11, "int8"), ("quint8", 12, "uint8"),
                                                    ("qint32", 13, "int32"), ("qint16", 15, "int16"),
                                                    ("quint16", 16, "uint16")])
def test_a_quantized_dtype_is_whole_numbers_in_memory(name: str, enum: int, kind: str) -> None:
    dtype = getattr(tf, name)
    assert (dtype.as_datatype_enum, dtype.is_quantized, dtype.is_integer) == (enum, True, False)
    assert np.dtype(dtype.as_numpy_dtype).name == kind and not tf.int8.is_quantized
    proto = message("TensorProto")()
    proto.dtype = enum
    proto.tensor_shape.dim.add().size = 3
    proto.int_val.extend([5, 7])
    np.testing.assert_array_equal(read_tensor(proto), np.array([5, 7, 7], kind))
    proto.ClearField("int_val")
    proto.tensor_content = np.array([1, 2, 3], kind).tobytes()
    np.testing.assert_array_equal(read_tensor(proto), np.array([1, 2, 3], kind))


@pytest.mark.parametrize(("low", "high"), [(-1.0, 9.0), (0.5, 2.0), (-9.0, -1.0)])
def test_quantized_relu_x_is_relu_6_at_6(low: float, high: float) -> None:
    def run(made: Any) -> Any:
        with tf.Session(graph=tf.Graph()) as session, session.graph.as_default():
            q = made(tf.bitcast((np.arange(12) * 21).astype(np.uint8), tf.quint8))
            return session.run(list(q))

    ours = run(lambda x: tf.nn.quantized_relu_x(x, 6.0, low, high))
    wanted = run(lambda x: tf.raw_ops.QuantizedRelu6(features=x, min_features=low, max_features=high))
    for a, b in zip(ours, wanted, strict=True):
        np.testing.assert_array_equal(a, b)
