"""Equations of three diagonals are solved in pieces as in one: by LAPACK, side by side and by numpy.linalg."""
from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.graph.lapack import lapack
from graphcli.ops import _tridiagonal, linalg_tridiagonal

KINDS = ["float32", "float64", "complex64", "complex128"]


def system(dtype: str, size: int, columns: int, *lead: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(size)
    out = []
    for shape in ((*lead, 3, size), (*lead, size, columns)):
        x = rng.standard_normal((2, *shape))
        out.append((x[0] + 1j * x[1] if dtype[0] == "c" else x[0]).astype(dtype))
    # what stands in the corners is not looked at
    out[0][..., 0, -1] = out[0][..., 2, 0] = 1e30
    return out[0], out[1]


def dense(diagonals: Any) -> Any:
    size = diagonals.shape[-1]
    out = np.zeros((*diagonals.shape[:-2], size, size), diagonals.dtype)
    for i in range(size):
        out[..., i, i] = diagonals[..., 1, i]
        if i:
            out[..., i - 1, i], out[..., i, i - 1] = diagonals[..., 0, i - 1], diagonals[..., 2, i]
    return out


def solved(diagonals: Any, rhs: Any, **attrs: Any) -> Any:
    with tf.Graph().as_default() as graph:
        y = tf.apply_op("TridiagonalSolve", None, [tf.constant(diagonals), tf.constant(rhs)], attrs)
    with Session(graph, passes=(), threads=2) as session:
        return session.run(y)


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize(("size", "columns", "rows"), [
    (100, 1, 100), (100, 1, 7), (100, 3, 7), (99, 2, 33), (100, 1, 99), (100, 2, 50), (3, 1, 1), (2, 2, 1), (1, 1, 1),
    (64, 1, 1)], ids=str)
def test_a_long_system_in_pieces_is_solved(dtype: str, size: int, columns: int, rows: int) -> None:
    own = lapack(np.dtype(dtype))
    if own is None:
        pytest.skip("numpy's LAPACK is not the one of its wheels")
    diagonals, rhs = system(dtype, size, columns)
    out, whole = rhs.copy(), rhs.copy()
    with mock.patch.object(_tridiagonal, "rows_of", lambda *_: rows):
        assert _tridiagonal.Long(own, diagonals, out).solve()
    _tridiagonal.Long(own, diagonals, whole).solve()
    wanted = np.linalg.solve(dense(diagonals).astype("complex128"), rhs)
    limit = np.finfo(dtype).eps * np.linalg.cond(dense(diagonals).astype("complex128")) * np.abs(wanted).max()
    assert np.abs(out - wanted).max() <= 4 * limit and np.abs(out - whole).max() <= 4 * limit


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize(("lead", "size", "columns"), [((200,), 50, 2), ((40, 10), 5, 1), ((3,), 60, 0), ((0,), 5, 1),
                                                       ((5000,), 1, 1), ((3,), 2000, 2)], ids=str)
def test_however_many_systems_there_are_each_is_solved(dtype: str, lead: Any, size: int, columns: int) -> None:
    diagonals, rhs = system(dtype, size, columns, *lead)
    for own in (lapack, lambda _: None):
        with mock.patch.object(linalg_tridiagonal, "lapack", own), mock.patch.object(linalg_tridiagonal, "FEW", 0):
            got = solved(diagonals, rhs)
        assert got.shape == rhs.shape and got.dtype == dtype
        some = slice(0, 20)
        if rhs.size and size < 1000:
            matrices = dense(diagonals.reshape(-1, 3, size)[some]).astype("complex128")
            wanted = np.linalg.solve(matrices, rhs.reshape(-1, size, columns)[some])
            limit = np.finfo(dtype).eps * np.linalg.cond(matrices)[:, None, None] * np.abs(wanted).max(
                (1, 2), keepdims=True)
            assert (np.abs(got.reshape(-1, size, columns)[some] - wanted) <= 4 * limit).all()


@pytest.mark.parametrize(("lead", "size"), [((), 300), ((400,), 20), ((2,), 3)], ids=str)
def test_a_system_without_an_answer_is_nan_and_the_others_are_solved(lead: Any, size: int) -> None:
    diagonals, rhs = system("float32", size, 1, *lead)
    first = diagonals.reshape(-1, 3, size)[0]
    first[:, 1] = first[2, 2] = first[0, 0] = 0  # a row and a column of zeros
    got = solved(diagonals, rhs).reshape(-1, size)
    assert np.isnan(got[0]).all() and np.isfinite(got[1:]).all()


def test_what_is_fed_is_not_written_to() -> None:
    diagonals, rhs = system("float32", 40, 1)
    kept = diagonals.copy(), rhs.copy()
    with mock.patch.object(linalg_tridiagonal, "lapack", lambda _: None):
        with tf.Graph().as_default() as graph:
            d, b = tf.placeholder(tf.float32, diagonals.shape), tf.placeholder(tf.float32, rhs.shape)
            y = tf.apply_op("TridiagonalSolve", None, [d, b])
        with Session(graph) as session:
            session.run(y, {d: diagonals, b: rhs})
    assert (diagonals == kept[0]).all() and (rhs == kept[1]).all()


@pytest.mark.parametrize("part", [1, 64, 1 << 18])
@pytest.mark.parametrize(("lead", "size", "columns"), [((), 50, 3), ((4, 3), 7, 2), ((3,), 1, 1), ((2,), 0, 3),
                                                       ((), 4, 0)], ids=str)
def test_a_tridiagonal_product_in_pieces_is_the_product(part: int, lead: Any, size: int, columns: int) -> None:
    diagonals, rhs = system("float64", size, columns, *lead) if size else (np.zeros((*lead, 3, 0)), np.zeros((
        *lead, 0, columns)))
    with tf.Graph().as_default() as graph:
        y = tf.apply_op("TridiagonalMatMul", None, [
            *(tf.constant(diagonals[..., i:i + 1, :]) for i in range(3)), tf.constant(rhs)])
    with mock.patch.object(linalg_tridiagonal, "PART", part), Session(graph, passes=(), threads=2) as session:
        assert np.allclose(session.run(y), dense(diagonals) @ rhs, rtol=1e-12, atol=1e-12)
