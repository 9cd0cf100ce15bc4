"""Running: feeds, fetches, order, liveness, failures."""
from __future__ import annotations

import weakref
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.listeners import NanCheck, Profile, Trace
from graphcli.errors import Finished, GraphError, InvalidArgument, InvalidType, InvalidValue, NotFound, RunError

from .toy import Toy


@pytest.fixture
def toy() -> Toy:
    return Toy()


def test_any_nesting_of_fetches(toy: Toy) -> None:
    x = toy.input("x", (2,))
    y = toy.add(x, x, "y")
    Pair = namedtuple("Pair", "a b")
    got = Session(toy.graph).run({"one": [y, "y:0"], "two": Pair(y, (x,)), "op": y.op}, {x: [1, 2]})
    assert got["one"][0].tolist() == got["one"][1].tolist() == [2, 4]
    assert isinstance(got["two"], Pair) and got["two"].b[0].tolist() == [1, 2]
    assert got["op"] is None


def test_only_what_is_needed_runs_and_any_tensor_can_be_fed(toy: Toy) -> None:
    x = toy.input("x")
    broken = toy.op("ToyFail", x, name="broken")
    toy.add(broken, broken, "y")
    assert Session(toy.graph).run("y", {"broken": 3.0}) == 6.0


def test_a_missing_feed_names_placeholder_and_path(toy: Toy) -> None:
    x = toy.input("x", (None, 3))
    y = toy.add(x, x, "mid")
    toy.add(y, y, "out")
    with pytest.raises(RunError, match=r"placeholder 'x' \(float32 \[\?, 3\]\) must be fed") as info:
        Session(toy.graph).run("out")
    assert info.value.notes[0][0] == "needed by x -> mid -> out"
    assert "--feed x=" in str(info.value.hint)


@pytest.mark.parametrize(("dtype", "value", "kind", "words"), [
    ("float32", [1.0, 2.0, 3.0], InvalidValue, r"shape \[3\]; its shape is \[2\]"),
    ("int32", [1.5, 2.0], InvalidType, "fractions"),
    ("uint8", [256, 1], InvalidValue, "0 to 255"),
    ("float32", ["a", "b"], InvalidValue, "text"),
    ("float32", [1j, 2], InvalidType, "complex"),
    ("float32", [[1], [1, 2]], InvalidValue, "the rows of .* differ"),
    ("string", [1, 2], InvalidType, "string tensor"),
    ("int64", [2**70, 1], InvalidValue, "cannot hold"),
])
def test_feeds_that_do_not_fit(toy: Toy, dtype: str, value: Any, kind: Any, words: str) -> None:
    x = toy.input("x", (2,), dtype)
    with pytest.raises(kind, match=words):
        Session(toy.graph).run(x, {x: value})


@pytest.mark.parametrize(("dtype", "value", "want"), [
    ("int32", [1.0, 2.0], [1, 2]), ("float32", [True, False], [1, 0]), ("bool", [1, 0], [True, False]),
    ("string", ["a", b"b"], [b"a", b"b"]), ("complex64", [1, 2], [1, 2]), ("float16", [1, 2], [1, 2]),
])
def test_feeds_that_fit(toy: Toy, dtype: str, value: Any, want: Any) -> None:
    x = toy.input("x", (2,), dtype)
    got = Session(toy.graph).run(x, {x: value})
    assert got.tolist() == want


def test_feeds_are_never_written_to_and_fetches_never_change(toy: Toy) -> None:
    x = toy.input("x", (2,))
    v = toy.variable("v", [0, 0])
    put = toy.op("Assign", v.ref, x, name="put")
    inc = toy.op("ToyInc", v.ref, x, name="inc")
    session = Session(toy.graph)
    fed = np.array([1, 2], np.float32)
    first = session.run(put, {x: fed})
    read = session.run([v.read, v, toy.op("ToyFlip", v.read)])
    same = session.run(x, {x: fed})
    session.run([inc, v], {x: fed})
    assert fed.tolist() == first.tolist() == read[0].tolist() == read[1].tolist() == [1, 2]
    assert read[2].tolist() == [2, 1]
    same[:] = 7
    assert fed.tolist() == [1, 2]


def test_constants_are_not_handed_out(toy: Toy) -> None:
    c = toy.const([1, 2])
    session = Session(toy.graph)
    session.run(c)[:] = 9
    assert session.run(c).tolist() == [1, 2]


def test_readers_run_before_writers_and_ordered_ones_after(toy: Toy) -> None:
    v = toy.variable("v", [1.0])
    one = toy.const([1.0])
    inc = toy.op("ToyInc", v.ref, one, name="inc")
    old = toy.add(v.read, one, "old")
    new = toy.op("ToyAdd", v.read, one, name="new", after=[inc.op])
    session = Session(toy.graph)
    session.initialize()
    got = session.run([inc, old, new, v, v.read, v.ref])
    assert [float(g[0]) for g in got] == [2, 2, 3, 2, 1, 2]


def test_a_view_of_a_variable_is_as_old_as_its_reader(toy: Toy) -> None:
    v = toy.variable("v", [1.0, 2.0])
    flipped = toy.op("ToyFlip", v.read, name="flipped")
    inc = toy.op("ToyInc", v.ref, toy.const([1.0, 1.0]), name="inc")
    later = toy.op("ToyFlip", flipped, name="later", after=[inc.op])
    session = Session(toy.graph)
    session.initialize()
    assert [g.tolist() for g in session.run([flipped, inc, later])] == [[2, 1], [2, 3], [1, 2]]


def test_unordered_writes_land_in_graph_order(toy: Toy) -> None:
    v = toy.variable("v", [0.0])
    second = toy.const([2.0], "late")
    a = toy.op("ToyInc", v.ref, second, name="a")
    b = toy.op("Assign", v.ref, toy.const([5.0]), name="b")
    session = Session(toy.graph)
    session.initialize()
    assert session.run([b, a, v])[2].tolist() == [5.0]
    seen = session.run([b, a])
    assert [s.tolist() for s in seen] == [[5.0], [7.0]]


def test_rules_that_contradict_each_other_still_run(toy: Toy) -> None:
    a, b = toy.variable("a", [1.0]), toy.variable("b", [2.0])
    wb = toy.node("Assign", b.ref, toy.const([20.0]), name="wb")
    ra = toy.op("ToyAdd", a.read, a.read, name="ra", after=[wb])
    wa = toy.node("Assign", a.ref, toy.const([10.0]), name="wa")
    rb = toy.op("ToyAdd", b.read, b.read, name="rb", after=[wa])
    session = Session(toy.graph)
    session.initialize()
    values = [session.run([wa, wb, ra, rb]) for _ in range(2)]
    assert [v.tolist() for v in values[0][2:]] == [[2.0], [40.0]]


def test_initialization_follows_the_data(toy: Toy) -> None:
    a = toy.variable("a", [3.0])
    b = toy.variable("b", [0.0])
    b.initializer = toy.op("Assign", b.ref, toy.add(a.read, a.read), name="b/Assign2").op
    session = Session(toy.graph)
    session.initialize()
    assert session.value(b).tolist() == [6.0]


def test_uninitialized_variables_are_named(toy: Toy) -> None:
    v = toy.variable("v", [1.0])
    y = toy.add(v.read, v.read, "y")
    session = Session(toy.graph)
    for fetch in (y, v, v.read, v.ref):
        with pytest.raises(RunError, match="variable 'v' is not initialized"):
            session.run(fetch)
    with pytest.raises(RunError, match="not initialized"):
        session.value(v)


def test_values_are_freed_at_their_last_use(toy: Toy) -> None:
    x = toy.input("x", (4,))
    y = toy.add(x, x, "y")
    z = toy.op("ToyFlip", y, name="z")
    w = toy.add(z, z, "w")
    toy.op("ToySum", w, x, name="end", N=2)
    alive: dict[str, Any] = {}

    def see(node: Any, arrays: Any) -> None:
        if node.name == "end":
            assert alive["y"]() is None and alive["z"]() is None
        alive[node.name] = weakref.ref(arrays[0])

    got = Session(toy.graph, listeners=[Trace(see)]).run("end", {x: np.ones(4, np.float32)})
    assert got.tolist() == [5, 5, 5, 5]
    assert alive.keys() == {"y", "z", "w", "end"}


def test_a_failure_is_told_with_node_shapes_and_dtypes(toy: Toy) -> None:
    x = toy.input("x")
    y = toy.add(x, toy.const([[1, 2], [3, 4]], "m"), "y")
    with pytest.raises(RunError, match=r"y \(ToyAdd\): the shapes \[3\] and \[2, 2\] do not broadcast") as info:
        Session(toy.graph).run(y, {x: [1, 2, 3]})
    assert info.value.notes[0][0] == "x:0 is float32 [3]; m:0 is float32 [2, 2]"
    assert isinstance(info.value.__cause__, ValueError)


def test_several_outputs_and_list_inputs(toy: Toy) -> None:
    c = toy.const([5.0])
    both = toy.node("ToyBoth", c, toy.const([3.0]), name="both")
    total = toy.op("ToySum", both.outputs[0], both.outputs[1], c, name="total", N=3)
    session = Session(toy.graph)
    assert session.run([total, "both:1"])[1].tolist() == [2.0]
    assert session.run(both.outputs[0]).tolist() == [8.0]


def test_private_state_is_the_session_s(toy: Toy) -> None:
    n = toy.op("ToyCount", name="n")
    one, two = Session(toy.graph), Session(toy.graph)
    assert [one.run(n), one.run(n), two.run(n), one.run([n, n])] == [1, 2, 1, [3, 3]]


def test_make_callable(toy: Toy) -> None:
    x = toy.input("x", (2,))
    v = toy.variable("v", [0, 0])
    session = Session(toy.graph)
    session.initialize()
    step = session.make_callable({"v": v, "inc": toy.op("ToyInc", v.ref, x)}, [x])
    step([1, 1])
    assert step(np.array([1, 2]))["v"].tolist() == [2, 3]
    with pytest.raises(InvalidArgument, match="'x'.* must be fed"):
        step()
    session.close()
    with pytest.raises(Finished, match="closed"):
        step([1, 1])


def test_names_that_are_not_there(toy: Toy) -> None:
    x = toy.input("wide")
    session = Session(toy.graph)
    with pytest.raises(NotFound) as info:
        session.run("wade", {x: 1})
    assert info.value.hint == "did you mean 'wide'?"
    with pytest.raises(GraphError):
        session.run("wide", {"other": 1})
    with pytest.raises(InvalidValue, match="not an element of this graph"):
        session.run(Toy().const(1.0))


def test_listeners(toy: Toy) -> None:
    x = toy.input("x")
    toy.add(x, x, "y")
    profile = Profile()
    Session(toy.graph, listeners=[profile]).run("y", {x: 1.0})
    assert [p[:3] for p in profile.slowest()] == [("y", "ToyAdd", 1)]
    with pytest.raises(RunError, match=r"y \(ToyAdd\): output 0 holds infinity"):
        Session(toy.graph, listeners=[NanCheck()]).run("y", {x: 3e38})


def test_large_results_are_refused_before_memory_is_asked_for(toy: Toy) -> None:
    x = toy.input("x", (1024, 1))
    y = toy.add(x, toy.input("z", (1, 1024)), "y")
    with pytest.raises(RunError, match=r"makes float32 \[1024, 1024\], 4.0 MiB, and the limit is 1.0 MiB"):
        Session(toy.graph, max_bytes=2**20).run(y, {x: np.ones((1024, 1)), "z": np.ones((1, 1024))})


def test_a_plan_is_a_value_that_can_be_printed(toy: Toy) -> None:
    x = toy.input("x", (2,))
    v = toy.variable("v", [0, 0])
    y = toy.add(x, v.read, "y")
    inc = toy.op("ToyInc", v.ref, y, name="inc")
    plan = Session(toy.graph).plan([inc, v, y.op], [x])
    assert str(plan).splitlines() == [
        "feed v0 = x:0 float32 [2]",
        "v1 = ToyAdd(v0, v)  # y; frees v0",
        "_ = ToyInc(&v, v1)  # inc; frees v1",
        "v2 = copy(v)  # inc",
        "return v2, v, None",
    ]
    assert plan.pruned == 3


def test_sizes_that_follow_from_values_are_checked_when_they_are_known() -> None:
    import graphcli.tf1 as tf

    graph = tf.Graph()
    with graph.as_default():
        dims = tf.placeholder(tf.int32, [None])
        y = tf.fill(dims, 1.0, name="y")
    session = Session(graph, max_bytes=2**20)
    assert session.run(y, {dims: [2, 2]}).tolist() == [[1, 1], [1, 1]]
    with pytest.raises(RunError, match=r"y \(Fill\) makes float32 \[10000, 100000\], 3.7 GiB, and the limit is"):
        session.run(y, {dims: [10000, 100000]})


def test_bodies_shared_among_threads_all_run_and_failures_come_back() -> None:
    from graphcli.engine.workers import Workers

    workers = Workers(3)
    seen: list[int] = []
    workers.each(50, seen.append)
    assert sorted(seen) == list(range(50))

    def body(i: int) -> None:
        if i == 30:
            raise ValueError("thirty")

    with pytest.raises(ValueError, match="thirty"):
        workers.each(50, body)
    workers.close()


@pytest.mark.parametrize("threads", [2, 4])
def test_a_convolution_has_the_same_bits_for_any_number_of_threads(threads: int) -> None:
    import graphcli.tf1 as tf

    graph = tf.Graph()
    rng = np.random.default_rng(0)
    with graph.as_default():
        x = tf.constant(rng.standard_normal((3, 20, 20, 8)).astype("float32"))
        w = tf.constant(rng.standard_normal((3, 3, 8, 16)).astype("float32"))
        d = tf.constant(rng.standard_normal((3, 3, 8, 2)).astype("float32"))
        y = tf.nn.conv2d(x, w, [1, 1, 1, 1], "SAME")
        z = tf.nn.depthwise_conv2d(x, d, [1, 1, 1, 1], "SAME")
        fetches = [y, z, *tf.gradients(tf.reduce_sum(y * y) + tf.reduce_sum(z * z), [x, w, d])]
    one, more = (Session(graph, threads=t).run(fetches) for t in (1, threads))
    for a, b in zip(one, more):
        assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
def test_a_large_product_has_the_same_bits_for_any_number_of_threads(turned: tuple[bool, bool]) -> None:
    import graphcli.tf1 as tf

    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal(s[::-1] if t else s).astype("float32")
            for s, t in zip(((300, 500), (500, 210)), turned))
    with tf.Graph().as_default() as graph:
        x, y = tf.placeholder(tf.float32, [None, None]), tf.placeholder(tf.float32, [None, None])
        product = tf.matmul(x, y, *turned)
    one, three = (Session(graph, threads=t).run(product, {x: a, y: b}) for t in (1, 3))
    assert one.tobytes() == three.tobytes()
    np.testing.assert_allclose(one, (a.T if turned[0] else a) @ (b.T if turned[1] else b), rtol=1e-4, atol=1e-3)


def test_blas_has_its_threads_back_after_a_step(blas_has_two_threads: None) -> None:
    import graphcli.tf1 as tf
    from graphcli.graph.blas import _libraries

    before = [library.get_num_threads() for library in _libraries()]
    with tf.Graph().as_default() as graph:
        y = tf.matmul(tf.placeholder_with_default(np.ones((2, 2), "float32"), [None, 2]), tf.ones([2, 2]))
    Session(graph, threads=2).run(y)
    assert [library.get_num_threads() for library in _libraries()] == before


def test_a_product_has_the_same_bits_folded_and_in_a_step() -> None:
    import graphcli.tf1 as tf

    rng = np.random.default_rng(0)
    with tf.Graph().as_default() as graph:
        y = tf.matmul(tf.constant(rng.standard_normal((2, 50000)).astype("float32")),
                      tf.constant(rng.standard_normal((50000, 2)).astype("float32")))
    folded, run = Session(graph).run(y), Session(graph, passes=()).run(y)
    assert folded.tobytes() == run.tobytes()


def test_blas_has_one_thread_in_a_step_however_it_is_called(
        monkeypatch: pytest.MonkeyPatch, blas_has_two_threads: None) -> None:
    import graphcli.tf1 as tf
    from graphcli.graph.blas import _libraries
    from graphcli.ops import matmul

    seen: list[int] = []
    divided = matmul.divided

    def watched(n: Any, multiply: Any) -> Any:
        product = divided(n, multiply)

        def counted(a: Any, b: Any) -> Any:
            seen.extend(library.get_num_threads() for library in _libraries())
            return product(a, b)

        return counted

    monkeypatch.setattr(matmul, "divided", watched)
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 2])
        y = tf.matmul(x, tf.ones([2, 2]))
    session, value = Session(graph, threads=2), np.ones((3, 2), "float32")
    session.run(y, {x: value})
    step = session.make_callable(y, [x])
    for _ in range(3):
        step(value)
    assert set(seen) == {1} and len(seen) >= 4


def test_a_mistake_in_a_kernel_is_told_as_ours_with_the_node(monkeypatch: pytest.MonkeyPatch) -> None:
    import graphcli.tf1 as tf
    from graphcli.ops import matmul

    def wrong(n: Any, multiply: Any) -> Any:
        return lambda a, b: nothing  # type: ignore[name-defined]  # noqa: F821

    monkeypatch.setattr(matmul, "divided", wrong)
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 2])
        y = tf.matmul(x, tf.ones([2, 2]), name="y")
    with pytest.raises(RunError, match=r"y \(MatMul\): this is a bug in graphcli: NameError"):
        Session(graph).run(y, {x: np.ones((3, 2), "float32")})


@pytest.mark.parametrize("assign", ["assign_add", "assign", "scatter_add"])
def test_what_writes_to_a_variable_that_is_fed_is_refused(assign: str) -> None:
    import graphcli.tf1 as tf

    with tf.Graph().as_default() as graph:
        w = tf.get_variable("w", [2], use_resource=False)
        value = tf.constant([1.0, 2.0])
        t = tf.scatter_add(w, [0, 1], value, name="t") if assign == "scatter_add" else getattr(tf, assign)(
            w, value, name="t")
    session = Session(graph)
    session.initialize()
    with pytest.raises(RunError, match=r"t \(\w+\) writes to the variable 'w', in whose place a value is fed"):
        session.run(t, {graph.get_tensor_by_name("w:0"): np.zeros(2, "float32")})
    assert session.run(graph.get_tensor_by_name("w:0"), {graph.get_tensor_by_name("w:0"): np.ones(2, "float32")}
                       ).tolist() == [1, 1]


@pytest.mark.parametrize("passes", [(), None], ids=["plain", "all"])
def test_a_variable_is_taken_by_reference_and_by_value_in_one_op(passes: Any) -> None:
    with tf.Graph().as_default() as graph:
        w = tf.Variable([1.0, 2.0])
        held = w.op.outputs[0]
        less = tf.apply_op("ApplyGradientDescent", None, [held, 0.5, held])
    with Session(graph, passes=passes) as session:
        session.initialize()
        session.run(less)
        assert session.run(w).tolist() == [0.5, 1.0]
