"""Sparse tensors say what the dense ones say that they stand for."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import graphcli.tf1 as tf
from graphcli import Session
from graphcli.errors import GraphError
from graphcli.graph.kernel import in_turn
from graphcli.ops import _grouped, _meeting, _ranges, _sparse_rows, _together, sparse_distance, sparse_join
from graphcli.ops._sparse import joined, numbered

NUMBERS = st.integers(-3, 3).map(float)
SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)


def arrays(shape: Any = SHAPES) -> Any:
    return hnp.arrays(np.float32, shape, elements=NUMBERS)


def of(dense: Any, shuffle: int | None = None) -> Any:
    """The sparse tensor of what is not 0, perhaps out of order."""
    at = np.argwhere(dense)
    order = np.arange(len(at)) if shuffle is None else np.random.default_rng(shuffle).permutation(len(at))
    return tf.SparseTensor(at[order], dense[tuple(at[order].T)], dense.shape)


def run(make: Any) -> Any:
    with tf.Graph().as_default() as graph:
        fetched = make()
        with Session(graph) as session:
            return session.run(fetched)


def dense_of(value: Any) -> Any:
    """The array of a fetched sparse tensor, whose elements come in order and only once."""
    numbers, = numbered(np.asarray(value.indices))
    assert (np.diff(numbers) > 0).all()
    out = np.zeros(value.dense_shape, value.values.dtype)
    for place, number in zip(value.indices, value.values):
        out[tuple(place)] = number
    return out


@given(arrays(), st.integers(0, 9))
def test_reorder_transpose_and_the_dense_tensor(x: Any, seed: int) -> None:
    there, turned, back = run(lambda: [tf.sparse_reorder(of(x, seed)), tf.sparse_transpose(of(x, seed)),
                                       tf.sparse_tensor_to_dense(of(x))])
    assert (dense_of(there) == x).all() and (dense_of(turned) == x.T).all() and (back == x).all()


@given(arrays(hnp.array_shapes(min_dims=1, max_dims=2, max_side=20)), st.integers(0, 9), st.sampled_from([8, 1 << 15]))
def test_empty_rows_get_an_element_whatever_is_done_at_a_time(x: Any, seed: int, some: int) -> None:
    def make() -> Any:
        sparse = of(x, seed if seed < 5 else None)
        filled, empty = tf.sparse_fill_empty_rows(sparse, 7.0)
        back = empty.op.outputs[3]
        gradients = tf.apply_op("SparseFillEmptyRowsGrad", None, [back, tf.square(filled.values)])
        return filled, empty, back, sparse, gradients

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse_join, "SOME", some)
        filled, empty, back, sparse, (values, default) = run(make)
    assert (empty == ~x.reshape(len(x), -1).any(1)).all()
    expected = x.copy().reshape(len(x), -1)
    expected[empty, 0] = 7
    assert (np.diff(filled.indices[:, 0]) >= 0).all()
    out = np.zeros_like(expected)
    out[tuple(filled.indices.T) if x.ndim == 2 else (filled.indices[:, 0], 0)] = filled.values
    assert (out == expected).all() and len(filled.values) == np.count_nonzero(expected)
    assert (filled.indices[back] == sparse.indices).all() and (filled.values[back] == sparse.values).all()
    assert (values == sparse.values ** 2).all() and default == 49 * empty.sum()


@given(arrays(), arrays(), st.integers(0, 9), st.sampled_from([3, 1 << 15]), st.data())
def test_joining_and_taking_apart_whatever_is_done_at_a_time(x: Any, y: Any, seed: int, some: int, data: Any) -> None:
    axis = data.draw(st.integers(0, x.ndim - 1))
    shape = list(x.shape)
    shape[axis] = 3
    y = np.resize(y, shape)
    whole = np.concatenate([x, y, x], axis)
    start = [data.draw(st.integers(0, n)) for n in whole.shape]
    size = [data.draw(st.integers(0, n)) for n in whole.shape]
    many = data.draw(st.integers(1, whole.shape[axis]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_sparse_rows, "SOME", some)
        joined_, cut, parts = run(lambda: [tf.sparse_concat(axis, [of(x, seed), of(y), of(x)]),
                                           tf.sparse_slice(of(whole), start, size),
                                           tf.sparse_split(sp_input=of(whole), num_split=many, axis=axis)])
    assert (dense_of(joined_) == whole).all()
    box = whole[tuple(slice(a, a + n) for a, n in zip(start, size))]
    assert (dense_of(cut) == box).all()
    assert (np.concatenate([dense_of(p) for p in parts], axis) == whole).all()


@given(arrays(), st.integers(0, 9), st.data())
def test_reductions(x: Any, seed: int, data: Any) -> None:
    axes = data.draw(st.lists(st.integers(-x.ndim, x.ndim - 1), unique_by=lambda a: a % x.ndim))
    keep = data.draw(st.booleans())
    sums, sparse = run(lambda: [tf.sparse_reduce_sum(of(x, seed), axes, keepdims=keep),
                                tf.sparse_reduce_sum_sparse(of(x, seed), axes, keepdims=keep)])
    wanted = x.sum(axis=tuple(axes), keepdims=keep)
    assert sums.shape == wanted.shape and np.allclose(sums, wanted)
    assert tuple(sparse.dense_shape) == wanted.shape and np.allclose(dense_of(sparse), wanted)


@given(SHAPES.flatmap(lambda shape: st.tuples(arrays(shape), arrays(shape))))
def test_two_of_one_shape(pair: Any) -> None:
    x, y = pair
    added, greater, lesser, mixed = run(lambda: [tf.sparse_add(of(x), of(y)), tf.sparse_maximum(of(x), of(y)),
                                                 tf.sparse_minimum(of(x), of(y)), tf.sparse_add(of(x), y)])
    assert (dense_of(added) == x + y).all() and (mixed == x + y).all()
    assert (dense_of(greater) == np.maximum(x, y)).all() and (dense_of(lesser) == np.minimum(x, y)).all()


@given(arrays(), st.data())
def test_parts(x: Any, data: Any) -> None:
    axis = data.draw(st.integers(0, x.ndim - 1))
    number = data.draw(st.integers(1, x.shape[axis]))
    start = [data.draw(st.integers(0, s)) for s in x.shape]
    size = [data.draw(st.integers(0, s)) for s in x.shape]
    parts, cut, twice = run(lambda: [tf.sparse_split(sp_input=of(x), num_split=number, axis=axis),
                                     tf.sparse_slice(of(x), start, size), tf.sparse_concat(axis, [of(x), of(x, 1)])])
    for part, wanted in zip(parts, np.array_split(x, number, axis), strict=True):
        assert (dense_of(part) == wanted).all()
    assert (dense_of(cut) == x[tuple(slice(a, a + b) for a, b in zip(start, size))]).all()
    assert (dense_of(twice) == np.concatenate([x, x], axis)).all()


@given(hnp.array_shapes(min_dims=2, max_dims=2, max_side=5).flatmap(arrays), st.integers(0, 9), st.data())
def test_products(x: Any, seed: int, data: Any) -> None:
    adjoint_a, adjoint_b = data.draw(st.booleans()), data.draw(st.booleans())
    inner = x.shape[0] if adjoint_a else x.shape[1]
    y = data.draw(arrays((3, inner) if adjoint_b else (inner, 3)))
    product = run(lambda: tf.sparse_tensor_dense_matmul(of(x, seed), y, adjoint_a, adjoint_b))
    assert np.allclose(product, (x.T if adjoint_a else x) @ (y.T if adjoint_b else y))


@given(arrays(), st.integers(0, 9))
def test_empty_rows_are_filled_and_all_else_is_kept(x: Any, seed: int) -> None:
    (filled, empty), = run(lambda: [tf.sparse_fill_empty_rows(of(x, seed), 9.0)])
    wanted = x.reshape(len(x), -1).any(axis=1)
    assert (empty == ~wanted).all() and (np.diff(filled.indices[:, 0]) >= 0).all()
    full = np.zeros(x.shape, np.float32)
    full[tuple(filled.indices.T)] = filled.values
    assert (full[wanted] == x[wanted]).all()
    assert all(row.reshape(-1)[0] == 9 for row in full[~wanted])


@given(arrays(), st.data())
def test_other_shapes(x: Any, data: Any) -> None:
    total = x.size
    first = data.draw(st.sampled_from([k for k in range(1, total + 1) if total % k == 0]))
    reshaped = run(lambda: tf.sparse_reshape(of(x), [first, -1, 1]))
    assert (dense_of(reshaped) == x.reshape(first, -1, 1)).all()


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_lists_in_order_meet_as_a_merge_of_them(a: list[int], b: list[int]) -> None:
    first, second = sorted(set(a)), sorted(set(b))
    from_a, from_b = joined(np.array(first, np.int64), np.array(second, np.int64))
    wanted = sorted({*first, *second})
    assert [first[i] if i >= 0 else second[j] for i, j in zip(from_a, from_b)] == wanted
    assert [(n in first, n in second) for n in wanted] == [(i >= 0, j >= 0) for i, j in zip(from_a, from_b)]


def test_places_of_a_shape_that_is_beyond_numbers_are_ordered() -> None:
    sizes = [2**40, 2**40, 3]
    at = np.array([[5, 2**40 - 1, 0], [0, 7, 2], [5, 0, 1], [0, 7, 1]])
    found = run(lambda: tf.sparse_reorder(tf.SparseTensor(at, [1.0, 2.0, 3.0, 4.0], sizes)))
    assert found.values.tolist() == [4, 2, 3, 1]


@pytest.mark.parametrize("call", [
    lambda sp: tf.sparse_tensor_dense_matmul(sp, np.ones([4, 1], np.float32)), lambda sp: tf.sparse_tensor_to_dense(sp),
    lambda sp: tf.sparse_add(sp, np.zeros([2, 4], np.float32)), lambda sp: tf.sparse_reduce_sum(sp, 1),
    lambda sp: (sp * np.ones([2, 4], np.float32)).values, lambda sp: tf.sparse_fill_empty_rows(sp, 0.0)[1],
])
def test_an_element_outside_of_the_shape_is_told(call: Any) -> None:
    with pytest.raises(GraphError):
        run(lambda: call(tf.SparseTensor([[0, 1], [2, 0]], [1.0, 2.0], [2, 4])))


@pytest.mark.parametrize("numbers", [[1, 2, 3], [b"a", b"b", b"cd"], [0.5, float("nan")]], ids=str)
def test_long_sequences_are_as_far_from_each_other_as_one_by_one(numbers: list[Any]) -> None:
    rng = np.random.default_rng(0)
    for a, b in ((60, 30), (3, 40), (50, 24), (25, 80)):
        one, other = (np.array([numbers[i] for i in rng.integers(0, len(numbers), n)],
                               object if isinstance(numbers[0], bytes) else None) for n in (a, b))
        assert sparse_distance._edits(one, other) == sparse_distance._few_edits(one.tolist(), other.tolist())


@pytest.mark.parametrize("step", [1, 3, 50])
@pytest.mark.parametrize("far", [0, -1 << 61, 1 << 61], ids=["near 0", "low", "high"])
def test_elements_that_are_met_some_at_a_time_are_those_that_are_met_at_once(step: int, far: int,
                                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_meeting, "STEP", step)
    rng = np.random.default_rng(0)
    for one, other in ((0.5, 0.5), (0.9, 0.1), (0.0, 0.4), (0.4, 0.0), (0.0, 0.0), (0.1, 1.0)):
        a, b = (np.argwhere(rng.random((5, 6, 3)) < share) + [far, 0, 1] for share in (one, other))
        wanted = joined(*numbered(a, b))
        parts = [(np.where(mine < 0, -1, mine + i), np.where(found < 0, -1, found + j))
                 for i, j, mine, found in _meeting.meeting(a, b)]
        for which in (0, 1):
            assert np.concatenate([p[which] for p in parts] or [[]]).tolist() == wanted[which].tolist()
        assert len(a) + len(b) <= step or _meeting.united(a, b) == len(wanted[0])


@pytest.mark.parametrize("columns", [1, 2])
def test_elements_in_the_order_of_their_places_come_range_by_range(columns: int,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_grouped, "MANY", 10)
    monkeypatch.setattr(_grouped, "STEP", 16)
    monkeypatch.setattr(_ranges, "STEP", 16)
    rng = np.random.default_rng(0)
    for high in (1, 2, 5, 40):
        rows = np.where(rng.random((400, columns)) < 0.3, 1, rng.integers(-high, high, (400, columns)))
        parts = list(map(np.array, _grouped.grouped(rows, 1000, in_turn) or ()))
        assert np.concatenate(parts).tolist() == np.lexsort(rows.T[::-1]).tolist()
        ends = [{tuple(row) for row in rows[p].tolist()} for p in parts]
        assert not any(a & b for a, b in zip(ends, ends[1:]))
        assert _grouped.grouped(rows[np.lexsort(rows.T[::-1])], 1000, in_turn) is None


@pytest.mark.parametrize("span", [1, 7, 300, 70_000])
def test_values_that_are_brought_together_stand_in_their_order(span: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_together, "STEP", 64)
    monkeypatch.setattr(_together, "PARTS", 4)
    monkeypatch.setattr(_together, "room", lambda size: 4 * span if span > 300 else 50)
    rng = np.random.default_rng(0)
    numbers, values = rng.integers(0, span, 1000), rng.random(1000)
    sort = np.argsort(numbers, kind="stable")
    found, first = np.unique(numbers[sort], return_index=True)
    parts = list(_together.together(lambda piece: numbers[piece], values, span, 0))
    begins = np.cumsum([0, *(len(v) for _, _, v in parts)])
    assert np.concatenate([n for n, _, _ in parts]).tolist() == found.tolist()
    assert np.concatenate([f + b for (_, f, _), b in zip(parts, begins)]).tolist() == first.tolist()
    assert np.concatenate([v for _, _, v in parts]).tolist() == values[sort].tolist()


@pytest.mark.parametrize(("shape", "axes"), [((40, 30), 0), ((6, 70, 8), [0]), ((6, 70, 8), [1]), ((6, 7, 80), [0, 1])])
def test_sums_that_are_brought_together_are_those_of_what_is_put_in_order(shape: Any, axes: Any) -> None:
    rng = np.random.default_rng(0)
    x = np.where(rng.random(shape) < 0.5, rng.random(shape), 0).astype(np.float32)

    def make() -> Any:
        return [tf.sparse_reduce_sum(of(x, 1), axes), tf.sparse_reduce_max(of(x, 1), axes, keepdims=True),
                tf.sparse_reduce_sum_sparse(of(x, 1), axes)]

    wanted = run(make)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_together, "MANY", 0)
        patch.setattr(_together, "STEP", 8)
        patch.setattr(_together, "PARTS", 2)
        found = run(make)
    assert all((a == b).all() for a, b in zip((*found[:2], *found[2]), (*wanted[:2], *wanted[2]), strict=True))


@pytest.mark.parametrize("lengths", [(1, 1), (3, 200), (200, 3), (23, 24), (40, 60), (60, 40)])
def test_one_sequence_is_as_far_from_another_as_the_other_way_round(lengths: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.integers(0, 4, length) for length in lengths)
    wanted = sparse_distance._few_edits(a.tolist(), b.tolist())
    assert sparse_distance._edits(a, b) == sparse_distance._edits(b, a) == wanted
