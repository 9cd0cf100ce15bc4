"""However an array lies in memory: what is fed, what a constant is made of, and what ops turn round keep their bits."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.plan import PASSES
from graphcli.engine.program import SMALL
from graphcli.errors import GraphError

from ..ops import cases, check
from ..ops.test_cases import CASES, OURS
from .test_passes import same


class Sub(np.ndarray[Any, Any]):
    """An array of a class of its own."""


def spread(x: Any) -> Any:
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    return wide[..., ::2]


def locked(x: Any) -> Any:
    x = x.copy()
    x.flags.writeable = False
    return x


def shifted(x: Any) -> Any:
    room = np.empty(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
    room[...] = x
    return room


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "columns first": np.asfortranarray, "back to front": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
    "apart": spread, "read-only": locked, "bytes turned": lambda x: x.astype(x.dtype.newbyteorder()),
    "of a class of its own": lambda x: x.view(Sub), "a list": lambda x: x.tolist(), "between two words": shifted}
FUNCTIONS: list[Callable[[Any], Any]] = [
    tf.exp, tf.expm1, tf.log1p, tf.sin, tf.cos, tf.tan, tf.asin, tf.atan, tf.sinh, tf.cosh, tf.tanh, tf.asinh, tf.atanh,
    tf.sigmoid, tf.erf, lambda x: tf.pow(tf.abs(x), x), lambda x: tf.atan2(x, x + 0.5), tf.nn.softmax]


def numbers(dtype: str, *shape: int) -> Any:
    return np.random.default_rng(3).uniform(-0.99, 0.99, shape).astype(dtype)


@pytest.mark.parametrize("call", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_layout_of_what_is_fed_changes_no_bit(dtype: str, layout: str, call: bool) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(dtype, (61, 43))
        y = tf.placeholder(dtype, (None, None))
        fetches = [f(t) for f in FUNCTIONS for t in (x, y)]
        fetches += [tf.matmul(x, y, transpose_b=True), tf.reduce_sum(x, 0), tf.reduce_sum(y), tf.bitcast(x, {
            "float16": tf.int16, "float32": tf.int32, "float64": tf.int64}[dtype]), tf.identity(y)]
    given = numbers(dtype, 61, 43)
    fed = LAYOUTS[layout](given)
    before = np.array(fed, given.dtype)
    with Session(graph, passes=()) as session:
        want = session.run(fetches, {x: given, y: given})
    for passes in ((), PASSES):
        with mock.patch("graphcli.engine.program.SMALL", 1), Session(graph, passes=passes, block=1000) as session:
            took = session.make_callable(fetches, [x, y])
            got = took(fed, fed) if call else session.run(fetches, {x: fed, y: fed})
            assert same(got, want)
            assert [v.dtype for v in got] == [v.dtype for v in want]
    assert same([np.asarray(fed, given.dtype)], [before])


TURNED: dict[str, Callable[[Any], Any]] = {
    "reverse": lambda x: tf.reverse(x, [0, 1]), "slice back": lambda x: x[::-1, ::-1],
    "one back": lambda x: x[:1, 0][::-1],
    "running sum": lambda x: tf.cumsum(x, 1, reverse=True) / 50.0, "column": lambda x: x[:, 2],
    "every third": lambda x: tf.reshape(x, (-1,))[::3], "row of the turned": lambda x: tf.transpose(x)[1],
    "unstacked": lambda x: tf.unstack(x, axis=1)[3], "split": lambda x: tf.split(x, [1, 42], 1)[0],
    "diagonal": lambda x: tf.diag_part(x[:43])}


@pytest.mark.parametrize("small", [1, SMALL])
@pytest.mark.parametrize("turned", TURNED)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_is_turned_round_has_the_bits_of_the_same_numbers_fed(dtype: str, turned: str, small: int) -> None:
    given = numbers(dtype, 61, 43)
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(dtype, (61, 43))
        part = TURNED[turned](x)
        held = TURNED[turned](tf.constant(given))
        plain = tf.placeholder(dtype, part.shape)
        few = FUNCTIONS[:-1]
        ways = [[f(t) for f in few] for t in (plain, part, held)]
    with mock.patch("graphcli.engine.program.SMALL", small):
        for passes in ((), ("fold",), ("fuse",), PASSES):
            with Session(graph, passes=passes, block=100) as session:
                feeds = {x: given, plain: session.run(part, {x: given})}
                want, *others = [session.run(way, feeds) for way in ways]
                assert same(others[0], want) and same(others[1], want)


@pytest.mark.parametrize("make", [
    tf.constant, tf.convert_to_tensor, lambda a: tf.placeholder_with_default(a, a.shape), lambda a: tf.identity(a),
    lambda a: tf.Variable(a).initialized_value(), lambda a: tf.constant(a, name="k")])
@pytest.mark.parametrize("dtype", ["f4", ">f4", "O"])
def test_a_constant_is_what_the_array_was_when_it_was_made(make: Callable[[Any], Any], dtype: str) -> None:
    array = np.array(["a", b"b"] if dtype == "O" else [1.0, 2.0], dtype)
    with tf.Graph().as_default() as graph:
        tensor = make(array)
    array[0] = array[1]
    with Session(graph) as session:
        session.initialize()
        value = session.run(tensor)
    assert value.tolist() == ([b"a", b"b"] if dtype == "O" else [1.0, 2.0])
    assert value.dtype.isnative


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(61, 43), (17, 9), (5, 64), (3, 37), (130, 140)])
def test_a_product_has_the_bits_of_its_numbers_alone(sizes: tuple[int, int], dtype: str) -> None:
    """Whether both matrices are one, which equal ops are merged into one, whose columns are in one piece: BLAS has
    functions of its own for all of these."""
    rows, inner = sizes
    with tf.Graph().as_default() as graph:
        x, w = tf.placeholder(dtype, (inner, rows)), tf.placeholder(dtype, (inner, 7))
        turned, again = tf.nn.relu(tf.transpose(x)) * 2.0, tf.transpose(tf.nn.relu(x)) * 2.0
        few = tf.transpose(tf.transpose(w) + 1.0)
        fetches = [tf.matmul(turned, again, transpose_b=True), tf.matmul(turned, turned, transpose_b=True),
                   tf.matmul(turned, few), tf.matmul(w, again, transpose_a=True, transpose_b=True),
                   tf.matmul(turned[tf.newaxis], few[tf.newaxis]), tf.einsum("ij,jk->ik", turned, few),
                   tf.einsum("ij,kj->ik", turned, again), tf.einsum("ij,ij->", turned, again),
                   tf.nn.conv2d(turned[tf.newaxis, tf.newaxis], few[tf.newaxis, tf.newaxis], 1, "VALID"),
                   tf.norm(turned, axis=0), tf.reduce_sum(turned, 0), tf.nn.moments(turned, [0])[1]]
        plain = tf.placeholder(dtype, (rows, inner))
        other = tf.placeholder(dtype, (rows, inner))
        fetches.append(tf.matmul(plain, other, transpose_b=True))
    numbers_of_x, numbers_of_w = numbers(dtype, inner, rows), numbers(dtype, inner, 7)
    given = numbers(dtype, rows, inner)
    feeds = {x: numbers_of_x, w: numbers_of_w, plain: given, other: given}
    want = None
    for small in (1, SMALL):
        for passes in ((), ("fuse",), ("merge",), ("simplify", "reuse"), PASSES):
            with mock.patch("graphcli.engine.program.SMALL", small), Session(graph, passes=passes) as session:
                got = session.run(fetches, feeds)
                feeds[other] = given.copy()
            want = want or got
            assert same(got, want)


@pytest.mark.parametrize(("row", "kind"), [p for p in CASES if p.values[1] in {
    "float32", "float64"} and not p.values[0].program])  # type: ignore[union-attr]
def test_every_op_gives_the_same_bits_for_inputs_that_lie_in_columns(row: cases.Row, kind: str) -> None:
    plain = laid(row, kind, lambda rank: [*range(rank)])
    assert same(laid(row, kind, lambda rank: [*range(rank)][::-1]), plain)
    assert same(laid(row, kind, lambda rank: [*range(rank - 2), rank - 1, rank - 2]), plain)


def laid(row: cases.Row, kind: str, turn: Callable[[int], list[int]]) -> Any:
    """What an op gives of inputs that were fed turned, and are turned back."""
    feeds: dict[Any, Any] = {}

    def fed(item: Any) -> Any:
        if isinstance(item, list):
            return [fed(x) for x in item]
        if not isinstance(item, tuple):
            return item
        array = item[0].astype(tf.as_dtype(item[1]).as_numpy_dtype)
        axes = turn(array.ndim) if array.ndim > 1 else [*range(array.ndim)]
        tensor = tf.placeholder(item[1], [array.shape[a] for a in axes])
        feeds[tensor] = array.transpose(axes).copy()
        return tensor if axes == sorted(axes) else tf.transpose(tensor, np.argsort(axes))

    with tf.Graph().as_default() as graph:
        try:
            made = check.flat(OURS.raw(row.op, *map(fed, row.values(kind)), **row.attrs))
            with Session(graph, seed=1, passes=()) as session:
                return session.run([t for t in made if hasattr(t, "dtype")], feeds)
        except GraphError as error:
            return [type(error).__name__]


@pytest.mark.parametrize("passes", [(), PASSES])
@pytest.mark.parametrize("resource", [True, False])
def test_the_rows_of_a_variable_lie_in_one_piece(resource: bool, passes: Any) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder("float32", (3, 4))
        held = tf.transpose(tf.constant(numbers("float32", 3, 4)))
        some = [tf.get_variable(f"v{i}", initializer=t, use_resource=resource) for i, t in enumerate(
            (held, tf.nn.relu(held) + 0.5))]
        changes = [tf.assign(some[0], tf.transpose(x)), tf.assign_add(some[1], tf.transpose(x))]
    with Session(graph, passes=passes) as session:
        session.initialize()
        for _ in range(2):
            assert all(slot.value.flags.c_contiguous for slot in session.state.slots.values())
            session.run(changes, {x: numbers("float32", 3, 4)})


def test_numbers_that_are_cut_out_of_bytes_have_the_bits_of_the_same_numbers_fed() -> None:
    given = numbers("float32", 5000)
    with tf.Graph().as_default() as graph:
        raw, plain = tf.placeholder(tf.uint8, (20_001,)), tf.placeholder(tf.float32, (5000,))
        cut = tf.bitcast(tf.reshape(raw[1:], (-1, 4)), tf.float32)
        ways = [[tf.reduce_sum(t), tf.reduce_mean(tf.tanh(t)), tf.asin(t)] for t in (cut, plain)]
    for passes in ((), PASSES):
        with Session(graph, passes=passes) as session:
            got, want = session.run(ways, {raw: np.frombuffer(b"x" + given.tobytes(), np.uint8), plain: given})
            assert same(got, want)
