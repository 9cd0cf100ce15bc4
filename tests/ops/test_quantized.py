"""Quantized dtypes: what they are, and in constants of graphs; activations that builds of TensorFlow lack;
products that are exact."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.graphdef.tensors import read_tensor
from graphcli.ops._quanta import Quanta, by_table, rounded, steps, widened
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


ENDS = [((-1.0, 1.0), (-2.0, 2.0)), ((0.0, 6.0), (-0.5, 1.5)), ((5.0, 5.5), (-1.0, 1.0)), ((5.0, 5.1), (3.0, 3.01))]
"""Zero may be one of the numbers, or so far away that products are exact in double precision alone."""


def bytes_(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).integers(0, 256, shape).astype(np.uint8)


def zero_of(low: float, high: float) -> int:
    return int(Quanta(tf.quint8, low, high).zero)


@pytest.mark.parametrize("ends", ENDS, ids=str)
@pytest.mark.parametrize("threads", [1, 2])
def test_products_of_bytes_are_whole_numbers_of_32_bits(ends: Any, threads: int) -> None:
    a, b, x, w = bytes_(300, 700), bytes_(700, 600), bytes_(3, 17, 19, 33), bytes_(3, 2, 33, 40)
    with tf.Graph().as_default() as graph:
        args = [np.float32(e) for pair in ends for e in pair]
        made = [tf.apply_op("QuantizedMatMul", None, [*(tf.bitcast(v, tf.quint8) for v in (a, b)), *args], {})[0],
                tf.apply_op("QuantizedConv2D", None, [*(tf.bitcast(v, tf.quint8) for v in (x, w)), *args],
                            {"strides": [1, 1, 1, 1], "padding": "VALID"})[0]]
    with tf.Session(graph=graph, config=tf.ConfigProto(intra_op_parallelism_threads=threads)) as session:
        product, convolved = session.run(made)
    (zero_a, zero_b), wide = [zero_of(*e) for e in ends], np.int64
    np.testing.assert_array_equal(product, ((a.astype(wide) - zero_a) @ (b.astype(wide) - zero_b)).astype(np.int32))
    seen = np.lib.stride_tricks.sliding_window_view(x.astype(wide) - zero_a, (3, 2), (1, 2))
    wanted = np.einsum("nhwcij,ijcf->nhwf", seen, w.astype(wide) - zero_b)
    np.testing.assert_array_equal(convolved, wanted.astype(np.int32))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_halves_are_rounded_away_from_zero(kind: Any) -> None:
    halves = (np.arange(-3000, 3000) + 0.5).astype(kind)
    x = np.concatenate([halves, np.nextafter(halves, kind(0)), np.nextafter(halves, kind(9e9)),
                        np.array([0, -0.0, 1e30, -1e30, 2.0 ** 22 + 0.5], kind)])
    whole = np.trunc(x)
    np.testing.assert_array_equal(rounded(x), np.where(abs(x - whole) >= 0.5, whole + np.sign(x), whole))


@pytest.mark.parametrize("dtype", [tf.qint8, tf.quint8])
def test_many_bytes_are_widened_as_one_is(dtype: Any) -> None:
    have, want = Quanta(dtype, -0.7, 2.0), Quanta(tf.qint32, -40000, 40000)
    x = np.arange(have.lowest, have.highest + 1).astype(have.type)
    first, step, within = steps(have, want)
    assert within
    np.testing.assert_array_equal(widened(x, have, want), first + step * x.astype(np.int64))
    many = np.tile(x, 8)
    np.testing.assert_array_equal(by_table(have.all_values, many)(many), have.all_values(many))
