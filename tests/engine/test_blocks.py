"""Fused loops over blocks: threads, block sizes, layouts, failures, buffers."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.errors import RunError

from .test_passes import same

SIZE = 100_003


def chain(x: Any) -> Any:
    y = tf.tanh(x * 2.0 + 1.0) * x - tf.exp(-x) / (1.0 + x * x)
    return {"y": y, "sum": tf.reduce_sum(y), "mean": tf.reduce_mean(tf.square(y), keepdims=True)}


def rows(x: Any) -> Any:
    mean, spread = tf.nn.moments(x, [1], keep_dims=True)
    return {"norm": (x - mean) / tf.sqrt(spread + 1e-5), "soft": tf.nn.softmax(x), "sum": tf.reduce_sum(x * x, 1),
            "greatest": tf.reduce_max(x - mean, 1), "log": tf.reduce_logsumexp(x, 1),
            "bias": tf.nn.relu(tf.nn.bias_add(x, tf.linspace(-1.0, 1.0, 301)))}


def short_rows(x: Any) -> Any:
    """What all rows share is laid out along several of them."""
    bias, scale = tf.linspace(-1.0, 1.0, 6), tf.constant(np.arange(6, dtype=np.float32))
    y = tf.nn.relu(tf.nn.bias_add(x, bias)) * scale - tf.exp(bias)
    return {"y": y, "chosen": tf.where(tf.greater(y, 0.5), y, x), "least": tf.minimum(y, scale)}


@pytest.mark.parametrize(("make", "shape"), [
    (chain, (SIZE,)), (chain, (7, 11, 1301)), (rows, (311, 301)), (short_rows, (20, 31, 37, 6)),
    (short_rows, (16411, 6))])
def test_threads_and_block_sizes_change_no_bit(make: Any, shape: Any) -> None:
    x = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    with tf.Graph().as_default() as graph:
        holder = tf.placeholder(tf.float32, shape)
        fetches = make(holder)
    plain = Session(graph, passes=()).run(fetches, {holder: x})
    for threads in (1, 2, 4):
        for block in (1, 999, 20_000, 65536, 10**9):
            session = Session(graph, threads=threads, block=block)
            assert any(s.program is not None and s.program.shape for s in session.plan(fetches, [holder]).steps)
            assert same(session.run(fetches, {holder: x}), plain)
            session.close()


def test_softmax_of_rows_of_every_kind_is_exact_and_the_same_in_every_block() -> None:
    """Short rows, long ones, rows with masks, of the least, the greatest and no numbers: each decides for itself."""
    x = np.random.default_rng(1).standard_normal((90, 700)).astype(np.float32)
    for i, change in enumerate([lambda r: r * 2, lambda r: r * 9, lambda r: r - 20, lambda r: r + 80, lambda r: r - 1e4,
                                lambda r: r * 1e30, lambda r: np.where(r > 0, r, np.float32(-1e9)),
                                lambda r: np.where(r > 0, r, -np.inf), lambda r: r * 0]):
        x[i::9] = change(x[i::9])
    with tf.Graph().as_default() as graph:
        holder = tf.placeholder(tf.float32, (None, 700))
        fetch = tf.nn.softmax(holder * 1.0)
    plain = Session(graph, passes=()).run(fetch, {holder: x})
    wide = x.astype(np.float64)
    wide = np.exp(wide - wide.max(1, keepdims=True))
    wide /= wide.sum(1, keepdims=True)
    assert np.all(np.abs(plain - wide) <= 1e-6 * wide + 1e-38)
    for threads, block in ((1, 999), (2, 7000), (2, 65536)):
        with Session(graph, threads=threads, block=block) as session:
            assert same(session.run(fetch, {holder: x}), plain)
    x[3, 5], x[9, 2], x[20, 1] = np.nan, np.inf, -np.inf
    got = Session(graph).run(fetch, {holder: x})
    assert [i for i in range(90) if np.isnan(got[i]).any()] == [3, 9]
    assert same(got[20, 1], np.float32(0))


@pytest.mark.parametrize("number", [0.0, -0.0, 1.0, 3.0, np.inf, np.nan])
@pytest.mark.parametrize("shape", [(5,), (7, 300), (90, 1000)])
def test_an_array_that_is_one_number_everywhere_is_that_number(shape: tuple[int, ...], number: float) -> None:
    x = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    x.flat[0], x.flat[1] = 0.0, -0.0
    with tf.Graph().as_default() as graph:
        holder, held = tf.placeholder(tf.float32, shape), tf.constant(np.full(shape, number, np.float32))
        fetches = [tf.tanh(y) + 1.0 for y in (
            holder + held, held - holder, holder * held, holder / held, held / holder, tf.maximum(holder, held),
            tf.minimum(held, holder), tf.cast(holder >= held, tf.float32), tf.cast(tf.equal(held, holder), tf.float32),
            tf.where(holder > 0.0, holder * 2.0, held), tf.where(holder < 0.0, held, holder * 3.0),
            tf.reduce_sum(holder, -1, keepdims=True) * held)]
        zeros = tf.zeros(shape) * 1.0 / holder
    plain = Session(graph, passes=()).run([fetches, zeros], {holder: x})
    with Session(graph) as session:
        assert same(session.run([fetches, zeros], {holder: x}), plain)


@pytest.mark.parametrize("held", [(), (1,), (1, 1), (1, 1, 1)])
@pytest.mark.parametrize("op", [lambda x, c: tf.tanh(x) * c, lambda x, c: c - x, lambda x, c: tf.maximum(x, c),
                                lambda x, c: x + tf.zeros_like(c)])
@pytest.mark.parametrize("size", [3, 300])
def test_a_constant_of_one_number_may_have_any_rank(size: int, op: Any, held: Any) -> None:
    x = np.random.default_rng(1).standard_normal((2, size, size)).astype(np.float32)
    with tf.Graph().as_default() as graph:
        holder = tf.placeholder(tf.float32, x.shape)
        fetches = [op(holder, tf.constant(np.full(held, 2.0, np.float32))),
                   op(tf.reduce_sum(holder), tf.constant(np.full(held, 2.0, np.float32)))]
    plain = Session(graph, passes=()).run(fetches, {holder: x})
    for block in (1, 65536):
        assert same(Session(graph, block=block).run(fetches, {holder: x}), plain)


@pytest.mark.parametrize("number", [lambda b: tf.maximum(b, 0.5), lambda b: tf.minimum(tf.maximum(0.2, b), 0.8)])
def test_what_is_made_of_a_row_before_the_loop_meets_one_number(number: Any) -> None:
    x, b = (np.random.default_rng(1).random(size, np.float32) for size in ((300, 2000), (1, 2000)))
    with tf.Graph().as_default() as graph:
        rows, row = tf.placeholder(tf.float32, x.shape), tf.placeholder(tf.float32, b.shape)
        y = rows * number(row)
    plain = Session(graph, passes=()).run(y, {rows: x, row: b})
    for block in (999, 65536):
        assert same(Session(graph, block=block).run(y, {rows: x, row: b}), plain)


@pytest.mark.parametrize("held", [(3,), (1, 3), (7, 1), (7, 3), (1, 1, 3), (1, 7, 1), (1, 1, 1), (9, 1, 1, 3)])
@pytest.mark.parametrize("joined", [False, True])
def test_a_constant_that_is_no_number_is_the_same_in_every_block(held: Any, joined: bool) -> None:
    """A constant row, column or sheet beside an array of many blocks, alone and in a chain with sums of rows."""
    x = np.random.default_rng(1).standard_normal((9, 601, 7, 3)).astype(np.float32)
    constant = np.arange(1, 1 + np.prod(held), dtype=np.float32).reshape(held)
    with tf.Graph().as_default() as graph:
        holder = tf.placeholder(tf.float32, x.shape)
        y = holder * tf.constant(constant)
        if joined:
            sums = tf.reduce_sum(tf.where(y > 0.0, y, holder), -1, keepdims=True)
            y = tf.tanh(y * 2.0) + sums * tf.constant(constant)
    plain = Session(graph, passes=()).run(y, {holder: x})
    for threads, block in ((1, 999), (2, 65536)):
        with Session(graph, threads=threads, block=block) as session:
            assert same(session.run(y, {holder: x}), plain)


@pytest.mark.parametrize("over", [False, True], ids=["new", "over a dead array"])
@pytest.mark.parametrize("make", [
    lambda x, b: tf.nn.relu(x + b),
    lambda x, b: tf.tanh(x + 1.0) * tf.exp(-x + b),
    lambda x, b: tf.where(x + b > 0.0, tf.exp(x * 0.5), -x) - tf.square(x),
    lambda x, b: (tf.nn.relu(x * 2.0), tf.sqrt(tf.abs(x - b)) + tf.nn.relu(x * 2.0)),
    lambda x, b: tf.where(tf.exp(x) > 1.5, tf.exp(x), tf.exp(x) - x) * b,
    lambda x, b: (x + b) * (x - b) / (tf.square(x + b) + 1.0),
])
def test_what_becomes_an_output_is_made_in_its_block(make: Any, over: bool) -> None:
    """The same bits where results on the way lie in the block of the output, and that over an input."""
    x, b = (np.random.default_rng(1).standard_normal(s).astype(np.float32) for s in ((600, 301), (301,)))
    with tf.Graph().as_default() as graph:
        holders = tf.placeholder(tf.float32, x.shape), tf.placeholder(tf.float32, b.shape)
        y = make(tf.cumsum(holders[0], exclusive=True) if over else holders[0], holders[1])
    feeds = dict(zip(holders, (x, b)))
    plain = Session(graph, passes=()).run(y, feeds)
    for threads, block in ((1, 999), (2, 65536)):
        with Session(graph, threads=threads, block=block) as session:
            assert same(session.run(y, feeds), plain)


def test_a_bias_and_its_activation_need_no_scratch() -> None:
    with tf.Graph().as_default() as graph:
        x, b = tf.placeholder(tf.float32, (600, 301)), tf.placeholder(tf.float32, (301,))
        y = tf.nn.relu(tf.nn.bias_add(tf.cumsum(x), b))
    with Session(graph) as session:
        plan = session.plan(y, [x, b])
        last = plan.steps[-1]
        assert last.program is not None and len(last.program.nodes) == 2
        from graphcli.engine.blocks import Laid, build
        from graphcli.engine.workers import Workers

        program = last.program
        laid = Laid(list(program.inputs.values()), list(program.outputs.values()), [-1], [False])
        made = build(program, laid, Workers(1))
        assert made.scratch == 0


@pytest.mark.parametrize("constants", [(), (0,), (2, 3), (0, 1, 2, 3)], ids=str)
@pytest.mark.parametrize(("shape", "dtype"), [((4, 32, 32, 16), "float32"), ((3, 7, 5, 6), "float32"),
                                              ((2, 9, 9, 200), "float32"), ((2, 33, 31, 24), "float16")], ids=str)
def test_batch_normalization_by_given_averages_is_one_loop_with_what_is_made_of_it(
        shape: Any, dtype: str, constants: tuple[int, ...]) -> None:
    random, channels = np.random.default_rng(3), shape[-1:]
    with tf.Graph().as_default() as graph:
        x, beside = tf.placeholder(dtype, shape), tf.placeholder(dtype, shape)
        given = [tf.constant(random.random(channels, np.float32)) if i in constants
                 else tf.placeholder(tf.float32, channels) for i in range(4)]
        first = tf.nn.fused_batch_norm(x, *given, is_training=False)[0]
        normed = first.op.outputs
        y = tf.nn.relu(first + beside)
    feeds = {h: random.standard_normal(h.shape.as_list()).astype(h.dtype.as_numpy_dtype) for h in (x, beside)}
    feeds.update((h, random.random(channels, np.float32)) for i, h in enumerate(given) if i not in constants)
    plain = Session(graph, passes=()).run([y, *normed], feeds)
    for threads, block in ((1, 65536), (2, 999)):
        with Session(graph, threads=threads, block=block) as session:
            assert len(session.plan(y, feeds).steps) == 1
            assert same(session.run(y, feeds), plain[0])
            assert same(session.run([y, *normed], feeds), plain)


@pytest.mark.parametrize("size", [4, 4000])
@pytest.mark.parametrize("reduced", [tf.reduce_sum, tf.reduce_mean, tf.reduce_max, tf.reduce_prod, tf.reduce_logsumexp,
                                     tf.nn.l2_loss, lambda y: tf.reduce_sum(y, 0, keepdims=True),
                                     lambda y: tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=y)])
def test_what_is_repeated_counts_as_often_in_a_sum(reduced: Any, size: int) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (2, 2))
        one = tf.reshape(tf.reduce_mean(x), [1])
        y = [reduced(tf.tile(one, [size])), reduced(tf.broadcast_to(one, [size]))]
    feeds = {x: np.array([[1.01, 1.02], [0.99, 1.0]], np.float32)}
    plain = Session(graph, passes=()).run(y, feeds)
    assert same(Session(graph, passes=["fuse"]).run(y, feeds), plain)
    assert same(Session(graph).run(y, feeds), plain)


def test_feeds_of_any_layout() -> None:
    x = np.random.default_rng(1).standard_normal((401, 302)).astype(np.float32)
    with tf.Graph().as_default() as graph:
        holder = tf.placeholder(tf.float32, (401, 302))
        y = tf.nn.softmax(tf.tanh(holder) * 2.0)
    session = Session(graph)
    wanted = session.run(y, {holder: x})
    backwards = x[::-1].copy()[::-1]
    for given in (np.asfortranarray(x), backwards, np.broadcast_to(x, x.shape)):
        given = np.array(given, copy=None)
        assert same(session.run(y, {holder: given}), wanted)
    frozen = x.copy()
    frozen.flags.writeable = False
    assert same(session.run(y, {holder: frozen}), wanted)


def test_a_fetched_array_is_the_caller_s_own() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (4,))
        y = x * 2.0
        fetches = [y, tf.reshape(y, (2, 2)), tf.identity(y), y + 1.0, x, tf.constant([1.0, 2.0])]
    session = Session(graph)
    given = np.arange(4, dtype=np.float32)
    first = session.run(fetches, {x: given})
    for i, value in enumerate(first):
        assert value.flags.writeable and not np.may_share_memory(value, given)
        assert not any(np.may_share_memory(value, other) for other in first[i + 1:])
        value[...] = -1
    again = session.run(fetches, {x: given})
    assert again[0].tolist() == [0, 2, 4, 6] and again[5].tolist() == [1, 2] and given.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("size", [8, SIZE])
def test_sessions_may_be_shared_by_threads(size: int) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (size,))
        y = x
        for _ in range(6):
            y = tf.tanh(y * 2.0 + x)
        fetch = [y, tf.reduce_sum(y)]
    session = Session(graph, threads=2)
    step = session.make_callable(fetch, [x])
    inputs = [np.full(size, i / 10, np.float32) for i in range(8)]
    wanted = [step(i) for i in inputs]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            assert same(list(pool.map(step, inputs)), wanted)
            assert same(list(pool.map(lambda i: session.run(fetch, {x: i}), inputs)), wanted)
    session.close()


def test_a_failure_within_a_fused_loop_names_its_node(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise MemoryError("none left")

    for size in (SIZE, 3):
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.float32, (size,), name="x")
            y = tf.exp(tf.negative(x, name="turned"), name="raised") + 1.0
        session = Session(graph, threads=1)
        session.run(y, {x: np.ones(size)})
        executable = next(iter(next(iter(session.plans.runs.values())).by_shape.values()))
        part = executable.parts[0]
        kernel = part.space["k0"]
        monkeypatch.setitem(kernel.__globals__, "exp", broken)
        with pytest.raises(RunError, match=r"raised \(Exp\): not enough memory: none left") as info:
            session.run(y, {x: np.ones(size)})
        assert info.value.notes[0][0] == f"turned:0 is float32 [{size}]"


def test_an_update_takes_a_variable_of_any_layout() -> None:
    with tf.Graph().as_default() as graph:
        v = tf.Variable(np.zeros((300, 400), np.float32))
        step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(v * v - v))
    sessions = [Session(graph), Session(graph, passes=())]
    for session in sessions:
        session.initialize()
        session.state.slot(v.op).value = np.asfortranarray(session.value(v))
        for _ in range(3):
            session.run(step)
    assert same(sessions[0].value(v), sessions[1].value(v))


def test_new_shapes_are_new_plans_up_to_a_number() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (None, None))
        y = tf.reduce_sum(x / tf.cast(tf.size(x), tf.float32))
    session = Session(graph)
    step = session.make_callable(y, [x])
    for n in range(1, 30):
        assert step(np.ones((n, 3), np.float32)) == pytest.approx(1.0)
        assert session.run(y, {x: np.ones((2, n))}) == pytest.approx(1.0)


def test_a_fetched_value_never_lies_in_a_buffer_of_the_plan() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (1,))
        y = tf.tanh(tf.exp(x))
        fetches = [y, y * 2.0]
    for passes in (("reuse",), ("fuse",), ("fuse", "reuse")):
        step = Session(graph, passes=passes).make_callable(fetches, [x])
        first = step(np.ones(1, np.float32))
        kept = [np.copy(v) for v in first]
        step(np.zeros(1, np.float32))
        assert same(first, kept)


def test_a_sum_of_one_thing_many_times_does_not_lie_over_it() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (40_000,))
        fetch = [tf.add_n([x + x] * 3), tf.add_n([tf.tanh(x), x * 2.0, tf.tanh(x), tf.tanh(x)])]
    given = {x: np.linspace(-2, 2, 40_000, dtype=np.float32)}
    for found, plain in zip(Session(graph, threads=2).run(fetch, given), Session(graph, passes=()).run(fetch, given)):
        assert np.array_equal(found, plain)


def test_the_condition_of_several_choices_is_cast_once() -> None:
    with tf.Graph().as_default() as graph:
        x, y = tf.placeholder(tf.float32, [40, 30]), tf.placeholder(tf.float64, [40, 30])
        above = x > 0.25
        fetches = [tf.where(above, x, tf.zeros_like(x)) + tf.where(above, x * 2.0, x - 1.0), tf.where(above, y, -y),
                   tf.where(above, tf.ones_like(y), y), above]
    values = np.resize(np.array([0.5, -0.0, np.nan, np.inf, -np.inf, 0.25], np.float32), (40, 30))
    feeds = {x: values, y: values.astype(np.float64)}
    with Session(graph) as session, Session(graph, passes=()) as plain:
        wanted = plain.run(fetches, feeds)
        for _ in range(2):
            assert same(session.run(fetches, feeds), wanted)
