"""What ops cost, counted by hand: operations, and the bytes of what they read and write."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.analysis.cost import cost

F32 = tf.float32
N, M, K = 5, 7, 3


def x(*shape: int, dtype: Any = F32) -> Any:
    return tf.placeholder(dtype, shape)


def sparse() -> Any:
    return tf.SparseTensor(x(N, 2, dtype=tf.int64), x(N), [M, K])


def variable(*shape: int, resource: bool = False) -> Any:
    return tf.get_variable("table", shape, use_resource=resource)


def update(optimizer: Any, resource: bool = False) -> Any:
    v = variable(N, M, resource=resource)
    return optimizer.apply_gradients([(x(N, M), v)])


def of_rows(optimizer: Any) -> Any:
    v = variable(1000, M)
    return optimizer.apply_gradients([(tf.IndexedSlices(x(N, M), x(N, dtype=tf.int64)), v)])


def gradient(y: Any, of: Any) -> Any:
    return tf.gradients(y, of)


CASES: list[tuple[str, Callable[[], Any], int, int]] = [
    # op type, a graph with one of it, its operations, the bytes that it reads and writes
    ("Tanh", lambda: tf.tanh(x(N, M)), N * M, 4 * 2 * N * M),
    ("Sigmoid", lambda: tf.sigmoid(x(N, M)), 4 * N * M, 4 * 2 * N * M),
    ("AddV2", lambda: x(N, M) + x(M), N * M, 4 * (2 * N * M + M)),
    ("SquaredDifference", lambda: tf.squared_difference(x(N), x(N)), 2 * N, 4 * 3 * N),
    ("Less", lambda: x(N) < x(N), N, 2 * 4 * N + N),
    ("Cast", lambda: tf.cast(x(N), tf.float64), 0, 4 * N + 8 * N),
    ("Select", lambda: tf.where(x(N, dtype=tf.bool), x(N), x(N)), 0, N + 3 * 4 * N),
    ("AddN", lambda: tf.add_n([x(N), x(N), x(N)]), 2 * N, 4 * 4 * N),
    ("BiasAdd", lambda: tf.nn.bias_add(x(N, M), x(M)), N * M, 4 * (2 * N * M + M)),
    ("Softmax", lambda: tf.nn.softmax(x(N, M)), 5 * N * M, 4 * 2 * N * M),
    ("Sum", lambda: tf.reduce_sum(x(N, M), 1), N * M, 4 * (N * M + 1 + N)),
    ("ArgMax", lambda: tf.argmax(x(N, M), 1), N * M, 4 * (N * M + 1) + 8 * N),
    ("Cumsum", lambda: tf.cumsum(x(N)), N, 4 * (2 * N + 1)),
    ("L2Loss", lambda: tf.nn.l2_loss(x(N, M)), 2 * N * M, 4 * (N * M + 1)),
    ("MatMul", lambda: tf.matmul(x(N, K), x(K, M)), 2 * N * K * M, 4 * (N * K + K * M + N * M)),
    ("BatchMatMulV2", lambda: tf.matmul(x(2, N, K), x(2, M, K), transpose_b=True), 2 * 2 * N * K * M,
     4 * 2 * (N * K + K * M + N * M)),
    ("Einsum", lambda: tf.einsum("...ik,kj->...ij", x(2, N, K), x(K, M)), 2 * 2 * N * K * M,
     4 * (2 * N * K + K * M + 2 * N * M)),
    ("Conv2D", lambda: tf.nn.conv2d(x(2, 8, 8, 3), x(3, 3, 3, 4), [1, 2, 2, 1], "SAME"), 2 * 2 * 4 * 4 * 4 * 27,
     4 * (2 * 64 * 3 + 9 * 12 + 2 * 16 * 4)),
    ("Conv3D", lambda: tf.nn.conv3d(x(1, 4, 4, 4, 2), x(2, 2, 2, 2, 3), [1] * 5, "VALID"), 2 * 27 * 3 * 16,
     4 * (64 * 2 + 8 * 6 + 27 * 3)),
    ("MaxPool", lambda: tf.nn.max_pool(x(1, 4, 4, 3), [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), 4 * 3 * 4,
     4 * (16 * 3 + 4 * 3)),
    ("MaxPoolGrad", lambda: gradient(tf.nn.max_pool(p := x(1, 4, 4, 3), [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), p),
     4 * 3 * 4, 4 * (2 * 16 * 3 + 2 * 4 * 3)),
    ("LRN", lambda: tf.nn.lrn(x(1, 2, 2, 9), depth_radius=2), 36 * (2 * 5 + 3), 4 * 2 * 36),
    ("FFT", lambda: tf.fft(x(2, 8, dtype=tf.complex64)), 5 * 2 * 8 * 3, 8 * 2 * 16),
    ("ResizeBilinear", lambda: tf.image.resize_bilinear(x(1, 2, 2, 3), [4, 4]), 6 * 48, 4 * (12 + 48 + 2)),
    ("Cholesky", lambda: tf.cholesky(x(6, 6)), 72, 4 * 72),
    ("MatrixSolve", lambda: tf.matrix_solve(x(6, 6), x(6, 2)), 144 + 2 * 36 * 2, 4 * (36 + 24)),
    ("MatrixTriangularSolve", lambda: tf.matrix_triangular_solve(x(6, 6), x(6, 2)), 36 * 2, 4 * (36 + 24)),
    ("Svd", lambda: tf.svd(x(6, 4), compute_uv=False), 2 * 6 * 16 + 2 * 64, 4 * (24 + 4)),
    ("SelfAdjointEigV2", lambda: tf.self_adjoint_eig(x(4, 4)), 9 * 64, 4 * (16 + 4 + 16)),
    ("GatherV2", lambda: tf.gather(x(1000, M), x(N, dtype=tf.int64)), 0, 4 * 2 * N * M + 8 * N + 4),
    ("StridedSlice", lambda: x(1000, M)[10:20], 0, 4 * (2 * 10 * M + 3)),
    ("ConcatV2", lambda: tf.concat([x(N, M), x(N, M)], 0), 0, 4 * (4 * N * M + 1)),
    ("Transpose", lambda: tf.transpose(x(N, M)), 0, 4 * (2 * N * M + 2)),
    ("TopKV2", lambda: tf.nn.top_k(x(N, M), 2), 0, 4 * (N * M + 1 + 2 * 2 * N)),
    ("UnsortedSegmentSum", lambda: tf.unsorted_segment_sum(x(N, M), x(N, dtype=tf.int32), 3), N * M,
     4 * (N * M + N + 1 + 3 * M)),
    # N elements of an [M, K] matrix
    ("SparseTensorDenseMatMul", lambda: tf.sparse_tensor_dense_matmul(sparse(), x(K, 2)), 2 * N * 2,
     8 * 2 * N + 4 * N + 8 * 2 + 4 * (K * 2 + M * 2)),
    ("SparseSoftmax", lambda: tf.sparse_softmax(sparse()), 5 * N, 8 * 2 * N + 4 * 2 * N + 8 * 2),
    ("SparseReduceSum", lambda: tf.sparse_reduce_sum(sparse(), 1), N, 8 * 2 * N + 4 * N + 8 * 2 + 4 + 4 * M),
    ("StringJoin", lambda: tf.string_join([x(N, dtype=tf.string)] * 2), 0, 0),
    ("SparseSoftmaxCrossEntropyWithLogits", lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=x(N, dtype=tf.int64), logits=x(N, M)), 8 * N * M, 4 * (2 * N * M + N) + 8 * N),
    ("ApplyGradientDescent", lambda: update(tf.train.GradientDescentOptimizer(0.1)), 2 * N * M, 4 * (3 * N * M + 1)),
    ("ResourceApplyGradientDescent", lambda: update(tf.train.GradientDescentOptimizer(0.1), True), 2 * N * M,
     4 * (3 * N * M + 1)),
    ("ApplyAdam", lambda: update(tf.train.AdamOptimizer()), 12 * N * M, 4 * (7 * N * M + 6)),
    ("ScatterSub", lambda: of_rows(tf.train.GradientDescentOptimizer(0.1)), N * M, 4 * 3 * N * M + 8 * N),
    # of how many distinct rows only the ids tell: one
    ("SparseApplyAdagrad", lambda: of_rows(tf.train.AdagradOptimizer(0.1)), 5 * M, 4 * (2 * 2 * M + M + 1) + 8),
    ("AssignAdd", lambda: tf.assign_add(variable(N, M), x(N, M)), N * M, 4 * 3 * N * M),
    ("AssignAddVariableOp", lambda: tf.assign_add(variable(N, M, resource=True), x(N, M)), N * M, 4 * 3 * N * M),
    ("ResourceGather", lambda: tf.gather(variable(1000, M, resource=True), x(N, dtype=tf.int64)), 0,
     4 * 2 * N * M + 8 * N),
    ("RandomUniform", lambda: tf.random_uniform((N, M)), N * M, 4 * (N * M + 2)),
]


@pytest.mark.parametrize(("kind", "make", "flops", "touched"), CASES, ids=[c[0] for c in CASES])
def test_operations_and_bytes_are_those_by_hand(kind: str, make: Callable[[], Any], flops: int, touched: int) -> None:
    with tf.Graph().as_default() as graph:
        make()
    found = cost(graph)
    assert (found.by_op().get(kind, 0), found.bytes_by_op().get(kind, 0)) == (flops, touched)


def test_a_sparse_step_costs_the_same_for_any_table() -> None:
    def step(rows: int) -> tuple[int, int]:
        with tf.Graph().as_default() as graph:
            table = tf.get_variable("table", (rows, 16))
            found = tf.nn.embedding_lookup(table, tf.placeholder(tf.int64, (8,)))
            tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(found))
        known = cost(graph)
        return known.total, known.total_bytes

    assert step(100) == step(1_000_000)


def test_nothing_of_a_shape_of_nothing() -> None:
    with tf.Graph().as_default() as graph:
        tf.matmul(tf.tanh(x(0, 3)), x(3, 4))
        tf.fft(x(0, dtype=tf.complex64))
    assert cost(graph).total == 0


def test_the_body_of_a_loop_is_counted_once() -> None:
    with tf.Graph().as_default() as graph:
        tf.while_loop(lambda i, a: i < 100, lambda i, a: (i + 1, tf.matmul(a, a)), (0, x(4, 4)))
    assert cost(graph).by_op()["MatMul"] == 2 * 4 ** 3 and np.sum(list(cost(graph).flops.values())) == 128 + 2
