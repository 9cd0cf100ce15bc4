"""Sums of products in blocks are the sums: whatever the equation, and however small the blocks."""
from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import _contraction, _products, _stacks

LABELS = "abcdef"


@st.composite
def equations(draw: Any) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """Two terms, of which labels may stand twice or alone, and what is kept in any order; sizes of 0 to 7."""
    sizes = {x: draw(st.sampled_from([1, 2, 3, 5, 7, 2, 3, 5, 0])) for x in LABELS}
    a, b = (draw(st.lists(st.sampled_from(LABELS), max_size=5)) for _ in range(2))
    kept = draw(st.lists(st.sampled_from(sorted({*a, *b}) or [""]), unique=True))
    return f"{''.join(a)},{''.join(b)}->{''.join(kept)}", tuple(sizes[x] for x in a), tuple(sizes[x] for x in b)


def small() -> Any:
    """Blocks of a few numbers."""
    return mock.patch.multiple(_contraction, LEAST=64, LARGEST=64, SIDE=16, PART=1, EVEN=2)


def numbers(dtype: str, shape: tuple[int, ...], seed: int) -> Any:
    found = np.random.default_rng(seed).integers(-9, 9, (2, *shape))
    return (found[0] + 1j * found[1] if dtype.startswith("c") else found[0]).astype(dtype)


@given(equations(), st.sampled_from(["int64", "float32", "float16", "complex64"]))
@settings(max_examples=400, deadline=None)
def test_an_equation_in_small_blocks_is_what_it_says(equation: Any, dtype: str) -> None:
    text, *shapes = equation
    a, b = (numbers(dtype, shape, i) for i, shape in enumerate(shapes))
    with tf.Graph().as_default() as graph:
        y = tf.apply_op("Einsum", None, [[tf.constant(a), tf.constant(b)]], {"equation": text})
    wanted = np.einsum(text, *(x.astype("complex128" if dtype == "complex64" else "float64") for x in (a, b)))
    with small(), Session(graph, passes=(), threads=2) as session:
        got = session.run(y)
    # whole numbers that all these dtypes hold
    assert got.shape == wanted.shape and (got.astype(wanted.dtype) == wanted).all() or abs(wanted).max() > 2048


@given(st.lists(st.integers(1, 3), max_size=2), st.tuples(*[st.integers(1, 9)] * 3), st.booleans(), st.booleans(),
       st.sampled_from(["V2", "V3"]), st.sampled_from(["complex64", "float16", "float32", "int8"]), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_stack_of_products_in_small_blocks_is_what_it_says(
        lead: Any, sizes: Any, adj_x: bool, adj_y: bool, version: str, dtype: str, spread: bool) -> None:
    rows, inner, columns = sizes
    version = {"int8": "V3", "float16": "V2"}.get(dtype, version)
    x = numbers(dtype, (*lead, *((inner, rows) if adj_x else (rows, inner))), 0)
    y = numbers(dtype, (*([1] * len(lead) if spread else lead), *((columns, inner) if adj_y else (inner, columns))), 1)
    attrs: dict[str, Any] = {"adj_x": adj_x, "adj_y": adj_y}
    if version == "V3":
        attrs["Tout"] = "int32" if dtype == "int8" else dtype
    with tf.Graph().as_default() as graph:
        z = tf.apply_op(f"BatchMatMul{version}", None, [tf.constant(x), tf.constant(y)], attrs)
    a, b = (v.astype("complex128").conj().swapaxes(-1, -2) if turned else v.astype("complex128")
            for v, turned in ((x, adj_x), (y, adj_y)))
    with small(), mock.patch.multiple(_stacks, LARGE=0, PART=0), Session(graph, passes=(), threads=2) as session:
        got = session.run(z)
    assert (got == a @ b).all()


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize("shape", [(400, 600), (3, 300, 400), (50, 30, 400)], ids=str)
def test_what_is_multiplied_with_itself_turned_has_the_bits_of_another_array(shape: Any, dtype: str) -> None:
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    with mock.patch.object(_products, "OWN", 1 << 16):
        own = _products.product_of_two(x, x.swapaxes(-1, -2))
        assert own.tobytes() == _products.product_of_two(x, x.swapaxes(-1, -2).copy(order="K")).tobytes()
        out = np.empty((*shape[:-1], shape[-2]), dtype).swapaxes(-1, -2)
        _products.product_of_two(x, x.swapaxes(-1, -2), out)
        other = np.empty_like(out)
        _products.product_of_two(x, x.copy().swapaxes(-1, -2), other)
        assert out.tobytes() == other.tobytes()


@pytest.mark.parametrize(("equation", "a", "b"), [
    ("bhqd,bkhd->bhqk", (4, 4, 64, 32), (4, 64, 4, 32)), ("aibj,cjdi->acbd", (16,) * 4, (16,) * 4),
    ("ijk,kjl->il", (100, 64, 64), (64, 64, 100)), ("ijk,jl->il", (300, 300, 2), (300, 300))])
@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64"])
def test_threads_change_no_bit(equation: str, a: Any, b: Any, dtype: str) -> None:
    values = [np.random.default_rng(0).standard_normal(s).astype(dtype) for s in (a, b)]
    with tf.Graph().as_default() as graph:
        y = tf.einsum(equation, *[tf.constant(v) for v in values])
    found = []
    for threads in (1, 2, 4):
        with Session(graph, passes=(), threads=threads) as session:
            found.append(session.run(y).tobytes())
    assert found[0] == found[1] == found[2]
