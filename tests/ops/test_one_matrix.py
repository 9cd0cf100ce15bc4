"""Large matrices, one at a time: by LAPACK in their own precision, or by numpy.linalg where LAPACK is not known. Both
keep the same laws, and say the same where there is no answer."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.errors import RunError
from graphcli.graph import lapack
from graphcli.ops import _one_matrix

SIZE = 130
KINDS = ("float32", "float64", "complex64", "complex128")
known = lapack.lapack(np.dtype("f4")) is not None


@pytest.fixture(autouse=True)
def smaller(monkeypatch: Any) -> None:
    """Of some tiles, and no larger than needs be."""
    monkeypatch.setattr(_one_matrix, "LARGE", SIZE * SIZE // 4)


@pytest.fixture(params=["lapack", "numpy"])
def way(request: Any, monkeypatch: Any) -> Iterator[str]:
    if request.param == "numpy":
        monkeypatch.setattr(_one_matrix, "lapack", lambda dtype: None)
    elif not known:
        pytest.skip("numpy's LAPACK is not the one of its wheels")
    yield request.param


def draw(*shape: int, kind: str = "float64", seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    return (x + 1j * rng.standard_normal(shape) if kind.startswith("complex") else x).astype(kind)


def adjoint(x: Any) -> Any:
    return np.conj(np.swapaxes(x, -1, -2))


def regular(*lead: int, kind: str, size: int = SIZE) -> Any:
    return (draw(*lead, size, size, kind=kind) / size ** 0.5 + 2 * np.eye(size)).astype(kind)


def definite(*lead: int, kind: str, size: int = SIZE) -> Any:
    x = draw(*lead, size, size, kind=kind)
    return (x @ adjoint(x) / size + np.eye(size)).astype(kind)


def asked(op: str, *arrays: Any, threads: int = 2, **attrs: Any) -> Any:
    """What an op gives for arrays that are fed; a list where it gives several."""
    with tf.Graph().as_default() as graph:
        holders = [tf.placeholder(a.dtype, a.shape) for a in arrays]
        made = tf.apply_op(op, None, list(holders), attrs)
    fetches = list(made) if isinstance(made, (list, tuple)) else made
    before = [a.copy() for a in arrays]
    with Session(graph, threads=threads) as session:
        found = session.run(fetches, dict(zip(holders, arrays)))
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(arrays, before)), "a feed was written to"
    return found


def several(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


def near(found: Any, wanted: Any, kind: str, times: float = 1.0) -> None:
    """Equal but for what rounding leaves of some hundred sums."""
    eps = np.finfo(np.dtype(kind)).eps
    assert found.dtype == np.dtype(kind)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max(initial=0) <= 100 * times * eps * max(1.0, np.abs(wanted).max(initial=0))


LAWS: dict[str, Callable[[str], None]] = {}


def law(check: Callable[[str], None]) -> Callable[[str], None]:
    LAWS[check.__name__] = check
    return check


@law
def cholesky(kind: str) -> None:
    for x in (definite(kind=kind), definite(2, kind=kind)):
        factor = asked("Cholesky", x + np.triu(np.full_like(x, 7), 1))
        near(factor @ adjoint(factor), x, kind)
        assert not np.triu(factor, 1).any()


@law
def inverse(kind: str) -> None:
    for x in (regular(kind=kind), regular(2, kind=kind)):
        one = np.broadcast_to(np.eye(SIZE), x.shape)
        near(asked("MatrixInverse", x) @ x, one, kind)
        near(asked("MatrixInverse", x, adjoint=True) @ adjoint(x), one, kind)


@law
def solve(kind: str) -> None:
    for x, rhs in ((regular(kind=kind), draw(SIZE, 3, kind=kind)),
                   (regular(2, kind=kind), draw(2, SIZE, 700, kind=kind)),
                   (regular(kind=kind, size=4), draw(4, 6000, kind=kind))):
        near(x @ asked("MatrixSolve", x, rhs), rhs, kind)
        near(adjoint(x) @ asked("MatrixSolve", x, rhs, adjoint=True), rhs, kind)


@law
def triangular_solve(kind: str) -> None:
    x = regular(2, 1, kind=kind)
    for rhs in (draw(3, SIZE, 1, kind=kind), draw(SIZE, 5, kind=kind)):
        for lower, part in ((True, np.tril(x)), (False, np.triu(x))):
            wanted = np.broadcast_to(rhs, (2, rhs.shape[0] if rhs.ndim > 2 else 1, *rhs.shape[-2:]))
            near(part @ asked("MatrixTriangularSolve", x, rhs, lower=lower), wanted, kind)
            near(adjoint(part) @ asked("MatrixTriangularSolve", x, rhs, lower=lower, adjoint=True), wanted, kind)


@law
def general_eigenvalues(kind: str) -> None:
    whole = {"float32": "complex64", "float64": "complex128"}.get(kind, kind)
    for x in (regular(kind=kind), regular(2, kind=kind), definite(kind=kind)):
        e, v = asked("Eig", x, Tout=tf.as_dtype(whole))
        near(x.astype(whole) @ v, v * e[..., None, :], whole, 10)
        near(np.linalg.norm(v, axis=-2), np.ones(e.shape), np.linalg.norm(v, axis=-2).dtype.name)
        alone, none = asked("Eig", x, Tout=tf.as_dtype(whole), compute_v=False)
        assert none.size == 0
        # in another order, as LAPACK gives them
        apart = np.abs(alone[..., None] - e[..., None, :])
        assert max(apart.min(-1).max(), apart.min(-2).max()) <= 1e4 * np.finfo(whole).eps


@law
def determinants(kind: str) -> None:
    x = regular(2, kind=kind)
    sign, log = asked("LogMatrixDeterminant", x)
    wanted_sign, wanted_log = np.linalg.slogdet(x.astype("complex128" if kind.startswith("complex") else "float64"))
    near(sign, wanted_sign.astype(kind), kind)
    near(log, wanted_log.astype(kind), kind)
    x = x / np.float32(2.2)
    near(asked("MatrixDeterminant", x), np.linalg.det(x), kind, times=100)
    x[:, :, 1] *= -1
    near(asked("MatrixDeterminant", x), np.linalg.det(x), kind, times=100)


@law
def factors(kind: str) -> None:
    x = draw(2, SIZE, SIZE, kind=kind)
    lu, order = asked("Lu", x)
    near((np.tril(lu, -1) + np.eye(SIZE, dtype=kind)) @ np.triu(lu), np.stack([a[p] for a, p in zip(x, order)]), kind)
    assert np.abs(np.tril(lu, -1)).max() <= 1 + 1e-6, "each pivot is the greatest of its column"


@law
def orthogonal_factors(kind: str) -> None:
    for rows, columns in ((SIZE, SIZE), (2 * SIZE, 100), (100, 2 * SIZE), (9000, 2)):
        x = draw(rows, columns, kind=kind)
        for full in (False, rows < 999):
            q, r = asked("Qr", x, full_matrices=full)
            wanted_q, wanted_r = np.linalg.qr(x, "complete" if full else "reduced")
            near(adjoint(q) @ q, np.eye(q.shape[1]), kind)
            near(q @ r, x, kind)
            less = min(rows, columns)
            near(q[:, :less], wanted_q[:, :less], kind, times=30)
            near(r, wanted_r, kind, times=30)
            assert not np.tril(r, -1).any()


@law
def singular_values(kind: str) -> None:
    for rows, columns in ((SIZE, SIZE), (2 * SIZE, 100), (100, 2 * SIZE), (3 * SIZE, 200)):
        x = draw(2, rows, columns, kind=kind)
        wanted = np.linalg.svd(x, compute_uv=False).astype(kind)
        for full in (False, True):
            s, u, v = asked("Svd", x, full_matrices=full)
            near(s, wanted, kind)
            near(adjoint(u) @ u, np.broadcast_to(np.eye(u.shape[-1]), (2, *u.shape[-1:] * 2)), kind)
            near(adjoint(v) @ v, np.broadcast_to(np.eye(v.shape[-1]), (2, *v.shape[-1:] * 2)), kind)
            near(u[..., :min(rows, columns)] * s[:, None] @ adjoint(v[..., :min(rows, columns)]), x, kind)
        near(asked("Svd", x, compute_uv=False)[0], wanted, kind)


@law
def self_adjoint_eigenvalues(kind: str) -> None:
    x = definite(2, kind=kind)
    e, v = asked("SelfAdjointEigV2", np.tril(x))
    near(e, np.linalg.eigvalsh(x).astype(kind), kind)
    near(adjoint(v) @ v, np.broadcast_to(np.eye(SIZE), x.shape), kind)
    near(v * e[:, None] @ adjoint(v), x, kind)
    near(asked("SelfAdjointEigV2", x, compute_v=False)[0], e, kind)
    for scale in (1e30, 1e-30):
        scaled, vectors = asked("SelfAdjointEigV2", (x * scale).astype(kind))
        near((scaled / scale).astype(kind), e, kind)
        near(adjoint(vectors) @ vectors, np.broadcast_to(np.eye(SIZE), x.shape), kind)


@law
def least_squares(kind: str) -> None:
    for rows, columns in ((2 * SIZE, 100), (100, 2 * SIZE)):
        x, rhs = draw(2, rows, columns, kind=kind), draw(2, rows, 3, kind=kind)
        wanted = np.linalg.solve(adjoint(x) @ x + 0.5 * np.eye(columns), adjoint(x) @ rhs)
        near(asked("MatrixSolveLs", x, rhs, np.float64(0.5)), wanted, kind, times=30)
        x[..., 3] = x[..., 7]
        wanted = np.linalg.pinv(x, 1e-6 if kind in ("float32", "complex64") else 1e-14) @ rhs
        near(asked("MatrixSolveLs", x, rhs, np.float64(0), fast=False), wanted, kind, times=10)


@law
def exponential(kind: str) -> None:
    x = (draw(3, SIZE, SIZE, kind=kind) * np.array([0.001, 0.05, 0.3])[:, None, None]).astype(kind)
    e, v = np.linalg.eig(x.astype("complex128"))
    wanted = (v * np.exp(e)[:, None]) @ np.linalg.inv(v)
    for one, right in zip(asked("MatrixExponential", x), wanted if kind.startswith("complex") else wanted.real):
        near(one, right.astype(kind), kind, times=10)


@law
def square_root_and_logarithm(kind: str) -> None:
    for x in (definite(kind=kind), regular(kind=kind), regular(2, kind=kind)):
        root = asked("MatrixSquareRoot", x)
        near(root @ root, x, kind, times=3)
        assert np.linalg.eigvals(root).real.min() > 0
        if kind.startswith("complex"):
            near(asked("MatrixExponential", asked("MatrixLogarithm", x)), x, kind, times=1000)


@law
def a_root_and_a_logarithm_of_negative_eigenvalues(kind: str) -> None:
    real = not kind.startswith("complex")
    vectors = np.linalg.qr(draw(SIZE, SIZE, kind=kind))[0]
    values = np.linspace(1, 3, SIZE) * np.where(np.arange(SIZE) == 7, -1, 1)
    x = (vectors * values @ adjoint(vectors)).astype(kind)
    root = asked("MatrixSquareRoot", x)
    if real:
        assert np.isnan(root).all()
        return
    near(root @ root, x, kind, times=3)
    near(asked("MatrixExponential", asked("MatrixLogarithm", x)), x, kind, times=1000)


@pytest.mark.parametrize(("way", "kind"), [*(("lapack", k) for k in KINDS), *(("numpy", k) for k in KINDS[::3])],
                         indirect=["way"])
@pytest.mark.parametrize("name", LAWS)
def test_a_large_matrix_keeps_the_law_either_way(way: str, name: str, kind: str) -> None:
    LAWS[name](kind)


@pytest.mark.parametrize("kind", ["float64", "complex128"])
def test_vectors_have_the_signs_of_numpys(way: str, kind: str) -> None:
    x = draw(2 * SIZE, 100, kind=kind)
    for given in (x, adjoint(x), x[:100], x[:170]):
        s, u, v = asked("Svd", np.ascontiguousarray(given))
        wanted = np.linalg.svd(given, full_matrices=False)
        assert all(np.abs(a - b).max() < 1e-9 for a, b in zip((u, s, adjoint(v)), wanted))
    x = definite(kind=kind)
    for found, right in zip(asked("SelfAdjointEigV2", x), np.linalg.eigh(x)):
        assert np.abs(found - right).max() < 1e-9


def test_a_singular_matrix_is_refused_either_way(way: str) -> None:
    x = regular(2, kind="float32")
    x[1, :, 5] = 0
    x[1, 5] = 0
    for op, rest in (("MatrixInverse", ()), ("MatrixSolve", (draw(2, SIZE, 3, kind="float32"),))):
        with pytest.raises(RunError, match=r"Input matrix is not invertible\."):
            asked(op, x, *rest)
    with pytest.raises(RunError, match=r"Input is not invertible\."):
        asked("Lu", x)
    sign, log = asked("LogMatrixDeterminant", x)
    assert sign.tolist() == [1, 0] and log[1] == -np.inf
    assert asked("MatrixDeterminant", x)[1] == 0
    with pytest.raises(RunError, match="Input matrix was rank deficient or ill-conditioned"):
        asked("MatrixSolveLs", x * 0, draw(2, SIZE, 3, kind="float32"), np.float64(0))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_positive_definite_has_no_factor_either_way(way: str, kind: str) -> None:
    x = definite(2, kind=kind)
    x[1, 120, 120] = -3
    good, bad = asked("Cholesky", x)
    near(good @ adjoint(good), x[0], kind)
    if kind.startswith("complex"):
        assert not bad.any()
    else:
        assert np.isnan(bad[np.tril_indices(SIZE)]).all() and not np.triu(bad, 1).any()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_spreads_alike_either_way(monkeypatch: Any, value: float) -> None:
    x, rhs = regular(kind="float32"), draw(SIZE, 2, kind="float32")
    x[70, 30] = value
    whole = definite(kind="float32")
    whole[70, 30] = whole[30, 70] = value
    rows: list[tuple[Any, ...]] = [("Cholesky", whole), ("MatrixInverse", x), ("MatrixSolve", x, rhs),
                                   ("MatrixTriangularSolve", x, rhs), ("MatrixTriangularSolve", adjoint(x), rhs),
                                   ("Svd", x), ("LogMatrixDeterminant", x), ("MatrixExponential", x)]
    found = [asked(*row) for row in rows]
    monkeypatch.setattr(_one_matrix, "lapack", lambda dtype: None)
    for row, mine in zip(rows, found):
        for a, b in zip(several(mine), several(asked(*row)), strict=True):
            assert np.array_equal(np.isfinite(a), np.isfinite(b)), row[0]


OPS: dict[str, tuple[Callable[..., Any], int, dict[str, Any]]] = {
    "Cholesky": (definite, 0, {}), "MatrixInverse": (regular, 0, {}), "MatrixSolve": (regular, 5, {}),
    "MatrixTriangularSolve": (regular, 5, {}), "LogMatrixDeterminant": (regular, 0, {}), "Lu": (regular, 0, {}),
    "Qr": (regular, 0, {}), "Svd": (regular, 0, {}), "SelfAdjointEigV2": (definite, 0, {}),
    "MatrixSquareRoot": (definite, 0, {}), "MatrixExponential": (regular, 0, {})}


@pytest.mark.parametrize("op", OPS)
def test_the_bits_are_those_of_one_thread_one_matrix_and_rows(way: str, op: str) -> None:
    make, columns, attrs = OPS[op]
    arrays = [make(4, kind="float32", size=140)] + [draw(4, 140, columns, kind="float32")] * bool(columns)

    def bits(*given: Any, threads: int = 1) -> list[bytes]:
        return [np.asarray(a).tobytes() for a in several(asked(op, *given, threads=threads, **attrs))]

    wanted = bits(*arrays)
    for threads in (2, 4):
        assert bits(*arrays, threads=threads) == wanted
    each = [bits(*(a[i] for a in arrays)) for i in range(4)]
    assert [b"".join(parts) for parts in zip(*each)] == wanted
    assert bits(*(np.asfortranarray(a) for a in arrays)) == wanted
    assert bits(*(np.repeat(a, 2, -1)[..., ::2] for a in arrays)) == wanted


def test_no_columns_are_no_columns(way: str) -> None:
    x = regular(kind="float32")
    for op in ("MatrixSolve", "MatrixTriangularSolve"):
        assert asked(op, x, np.zeros((SIZE, 0), "float32")).shape == (SIZE, 0)
    assert asked("MatrixSolveLs", np.zeros((9000, 0), "float32"), draw(9000, 3, kind="float32"),
                 np.float64(0)).shape == (0, 3)
    assert asked("Qr", np.zeros((20_000, 0), "float32"))[0].shape == (20_000, 0)


def test_other_dtypes_and_other_libraries_have_no_routines(monkeypatch: Any) -> None:
    assert lapack.lapack(np.dtype("f2")) is None
    assert lapack.lapack(np.dtype("i4")) is None
    monkeypatch.setattr(lapack, "bundled", lambda: None)
    assert lapack._lapack.__wrapped__("f") is None
    monkeypatch.setattr(lapack, "bundled", object)
    assert lapack._lapack.__wrapped__("f") is None


def begun(size: int, value: float, row: int, column: int) -> Any:
    """A regular matrix with one number that is none, or infinite."""
    matrix = (np.eye(size) + np.random.default_rng(0).random((size, size)) / size).astype(np.float32)
    matrix[row, column] = value
    return matrix


@pytest.mark.parametrize("size", [2, 8, 300])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_of_what_is_not_finite_there_is_tensorflows_answer(way: str, size: int, value: float) -> None:
    inside = begun(size, value, size // 2, 0)
    for what in (inside, begun(size, value, 0, size - 1)):
        assert np.isnan(asked("MatrixSquareRoot", what)).all()
        assert np.isnan(asked("MatrixLogarithm", what.astype(np.complex64))).all()
        rhs = np.ones((size, 2), np.float32)
        assert not asked("MatrixSolveLs", what, rhs, np.array(0.0), fast=False).any()
    for vectors in (True, False):
        with pytest.raises(RunError, match="was not successful"):
            asked("SelfAdjointEigV2", inside, compute_v=vectors)
        # above the diagonal nothing is read
        assert np.isfinite(asked("SelfAdjointEigV2", begun(size, value, 0, size - 1), compute_v=vectors)[0]).all()


@pytest.mark.parametrize("size", [2, 8, 300])
def test_a_matrix_that_begins_with_nan_is_singular_and_its_determinant_has_no_sign(way: str, size: int) -> None:
    first, later = begun(size, np.nan, 0, 0), begun(size, np.nan, size // 2, 0)
    rhs = np.ones((size, 2), np.float32)
    for op, rest in (("MatrixInverse", ()), ("MatrixSolve", (rhs,)), ("Lu", ())):
        with pytest.raises(RunError, match="not invertible"):
            asked(op, first, *rest)
        assert np.isnan(several(asked(op, later, *rest))[0]).any()
    for what in (first, later):
        assert all(np.isnan(part) for part in asked("LogMatrixDeterminant", what))
