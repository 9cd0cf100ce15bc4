"""Equations of batches of matrices whose batches broadcast."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .conversion import convert_to_tensor
from .framework import name_scope
from .modules import modules

tf = modules["tf"]


def broadcast(matrices: list[Any]) -> list[Any]:
    """The matrices with the batch that all of them broadcast to."""
    with name_scope(None, "broadcast_matrix_batch_dims"):
        batch = matrices[0].shape[:-2]
        for matrix in matrices[1:]:
            batch = tf.broadcast_static_shape(batch, matrix.shape[:-2])
        if batch.is_fully_defined():
            return [m if m.shape[:-2] == batch else
                    tf.broadcast_to(m, tf.concat([batch.as_list(), tf.shape(m)[-2:]], axis=0)) for m in matrices]
        sizes = tf.shape(matrices[0])[:-2]
        for matrix in matrices[1:]:
            sizes = tf.broadcast_dynamic_shape(sizes, tf.shape(matrix)[:-2])
        return [tf.broadcast_to(m, tf.concat([sizes, tf.shape(m)[-2:]], axis=0)) for m in matrices]


def _wide(matrix: Any, rhs: Any, adjoint: bool) -> tuple[Any, Any, Callable[[Any], Any], bool]:
    """A batch of right sides beside one matrix as one right side of more columns, where that is less work.

    Returns both, how the solution is folded again, and whether the matrix is still to be taken for its adjoint.
    """
    def same(x: Any) -> Any:
        return x

    few, many = matrix.shape.ndims, rhs.shape.ndims
    if few is None or many is None or few >= many:
        return matrix, rhs, same, True
    extra = many - few
    # as in TensorFlow, whether they are used or not
    outer, inner = tf.shape(rhs)[:extra], tf.shape(rhs)[extra:]
    batch = rhs.shape[:extra]
    if batch.is_fully_defined() and rhs.shape[-1].value is not None:
        size = matrix.shape[-2 if adjoint else -1].value
        if np.prod(batch.as_list()) < 2 or size is not None and size <= rhs.shape[-1].value:
            return matrix, rhs, same, True
    if adjoint:
        matrix = tf.linalg.adjoint(matrix)
    outer, inner = tf.shape(rhs)[:extra], tf.shape(rhs)[extra:]
    order = np.concatenate([np.arange(extra, many), np.arange(0, extra)], 0)
    flat = tf.reshape(tf.transpose(rhs, perm=order.tolist()), tf.concat((inner[:-1], [-1]), 0))

    def folded(x: Any) -> Any:
        sizes = tf.concat((tf.shape(x)[:-1], [inner[-1]], outer), 0)
        return tf.transpose(tf.reshape(x, sizes), perm=np.argsort(order).tolist())

    return matrix, flat, folded, False


def cholesky_solved(factor: Any, rhs: Any) -> Any:
    """cholesky_solve of batches that broadcast."""
    with name_scope(None, "CholeskySolveWithBroadcast"):
        return tf.cholesky_solve(*broadcast([factor, rhs]))


def solved(matrix: Any, rhs: Any, adjoint: bool) -> Any:
    """matrix_solve of batches that broadcast."""
    with name_scope(None, "MatrixSolveWithBroadcast"):
        matrix, rhs, folded, turn = _wide(convert_to_tensor(matrix, name="matrix"), convert_to_tensor(rhs, name="rhs"),
                                          adjoint)
        matrix, rhs = broadcast([matrix, rhs])
        return folded(tf.matrix_solve(matrix, rhs, adjoint=adjoint and turn))


def triangular_solved(matrix: Any, rhs: Any, adjoint: bool) -> Any:
    """matrix_triangular_solve of lower matrices, of batches that broadcast."""
    with name_scope(None, "MatrixTriangularSolve"):
        matrix, rhs, folded, turn = _wide(convert_to_tensor(matrix, name="matrix"), convert_to_tensor(rhs, name="rhs"),
                                          adjoint)
        matrix, rhs = broadcast([matrix, rhs])
        return folded(tf.matrix_triangular_solve(matrix, rhs, lower=turn or not adjoint, adjoint=adjoint and turn))
