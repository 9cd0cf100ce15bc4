"""Buffers of a step, variables chosen by number, streams in variables, and what only old graphs have."""
from __future__ import annotations

from typing import Any


def files(tf: Any) -> dict[str, bytes]:
    return {}


def _of_version(tf: Any, producer: int) -> Any:
    """Lets the graph hold what later versions took away; makes such a node."""
    proto = tf.GraphDef()
    proto.versions.producer = producer
    proto.node.add(op="NoOp", name="old")
    tf.import_graph_def(proto, name="")
    return lambda op, **arguments: getattr(tf.raw_ops, op)(**arguments)


def temporary(tf: Any) -> Any:
    r = tf.raw_ops
    x = tf.placeholder(tf.float32, [2])
    made = r.TemporaryVariable(shape=[2], dtype=tf.float32, var_name="sum")
    zero = tf.assign(made, [0., 0.])
    with tf.control_dependencies([zero]):
        added = [tf.assign_add(made, x * float(i)) for i in (1, 2, 5)]
    with tf.control_dependencies(added):
        whole = r.DestroyTemporaryVariable(ref=made, var_name="sum")
    return [([whole], {x: [1., 2.]}), ([whole, whole * 2.], {x: [3., -2.]}), ([whole], {x: [1., 2.]})]


def selected(tf: Any) -> Any:
    a, b, c = (tf.Variable([float(i), 1.], use_resource=False) for i in range(3))
    other = tf.Variable([[1.]], use_resource=False)
    which = tf.placeholder(tf.int32, [])
    found = tf.raw_ops.RefSelect(index=which, inputs=[v._ref() for v in (a, b, c)])
    either = tf.raw_ops.RefSelect(index=which, inputs=[a._ref(), other._ref()])
    read = tf.identity(found) * 1.
    return [[tf.global_variables_initializer()], ([read], {which: 0}), ([read], {which: 2}), ([read], {which: 3}),
            ([read], {which: -1}), [tf.assign_add(b, [10., 20.]).op], ([read], {which: 1}),
            ([tf.shape(either)], {which: 1})]


def _stream(tf: Any, state: list[int]) -> Any:
    import numpy as np

    return tf.Variable(np.array(state, np.int64), use_resource=True)


def streams(tf: Any) -> Any:
    r = tf.raw_ops
    v = _stream(tf, [5, -3, 77])
    algorithm, few = tf.placeholder(tf.int64, []), tf.placeholder(tf.int32, [None])
    floats = [r.StatefulUniform, r.StatefulStandardNormalV2, r.StatefulTruncatedNormal]
    drawn = [op(resource=v.handle, algorithm=algorithm, shape=few, dtype=kind)
             for op in floats for kind in (tf.float16, tf.bfloat16, tf.float32, tf.float64)]
    drawn = [tf.cast(d, tf.float32) if d.dtype == tf.bfloat16 else d for d in drawn]
    whole = [r.StatefulUniformFullInt(resource=v.handle, algorithm=algorithm, shape=few, dtype=kind)
             for kind in (tf.int32, tf.int64, tf.uint32, tf.uint64)]
    some = [r.StatefulUniformInt(resource=v.handle, algorithm=algorithm, shape=few, minval=tf.constant(low, kind),
                                 maxval=tf.constant(200, kind))
            for kind, low in ((tf.int32, -5), (tf.int64, -5))]
    wrong = r.StatefulUniformInt(resource=v.handle, algorithm=algorithm, shape=few, minval=3, maxval=3)
    skip = r.RngSkip(resource=v.handle, algorithm=algorithm, delta=3)
    steps: list[Any] = [[v.initializer]]
    for each in (*drawn, *whole, *some):
        steps += [([each], {algorithm: 1, few: [2, 3]}), [v.value()]]
    return [*steps, ([skip], {algorithm: 1}), [v.value()], ([drawn[0]], {algorithm: 2, few: [2]}),
            ([drawn[2]], {algorithm: 9, few: [2]}), ([drawn[2]], {algorithm: 1, few: [-2]}),
            ([drawn[2]], {algorithm: 1, few: [0]}), ([wrong], {algorithm: 1, few: [2]}), [v.value()]]


def old_streams(tf: Any) -> Any:
    make = _of_version(tf, 28)
    v, short = _stream(tf, [1, 5, -3, 77]), _stream(tf, [1, 5, 77])
    drawn = [make("StatefulStandardNormal", resource=v.handle, shape=[2, 3], dtype=kind)
             for kind in (tf.float32, tf.float64)]
    wrong = make("StatefulStandardNormal", resource=short.handle, shape=[2])
    return [[v.initializer, short.initializer], [drawn[0]], [drawn[1]], [v.value()], [wrong]]


def no_streams(tf: Any) -> Any:
    short, matrix = _stream(tf, [5, 77]), tf.Variable([[5, 6, 7]], dtype=tf.int64, use_resource=True)
    floats = tf.Variable([5., 6., 7.], use_resource=True)
    return [[tf.global_variables_initializer()],
            *[[tf.raw_ops.StatefulUniform(resource=v.handle, algorithm=1, shape=[2])] for v in (short, matrix, floats)]]


def binomials(tf: Any) -> Any:
    # of one row: how rows are shared among threads has a say in what they get
    v = _stream(tf, [5, 0, 77])
    # the buffer that a constant and a variable share is not written to by the first of them
    steps: list[Any] = [[v.initializer], [tf.raw_ops.StatefulUniformFullInt(resource=v.handle, algorithm=1, shape=[1])]]
    for shape, counts, probs in (([1, 4], 10., .3), ([1, 40], 100., .7), ([1, 2, 3], [50.], [.6]), ([0, 2], 5., .5),
                                 ([1], [10.], [.3]),
                                 ([1, 3], -1., .3), ([1, 3], 5., 1.5), ([1, 3], 5., -.2), ([2, 3], [1., 2., 3.], .4)):
        for kind in (tf.int64, tf.float32):
            steps.append([tf.raw_ops.StatefulRandomBinomial(
                resource=v.handle, algorithm=1, shape=shape, counts=tf.constant(counts, tf.float64),
                probs=tf.constant(probs, tf.float64), dtype=kind)])
    return [*steps, [v.value()]]


def by_chance(tf: Any) -> Any:
    drawn = [tf.raw_ops.NonDeterministicInts(shape=[2, 3], dtype=kind)
             for kind in (tf.int32, tf.int64, tf.uint32, tf.uint64)]
    tf.raw_ops.Timestamp()
    tf.raw_ops.Abort(error_msg="not run")
    return [[tf.shape(d) for d in drawn]]


def old_poisson(tf: Any) -> Any:
    make = _of_version(tf, 21)
    return [[make("RandomPoisson", shape=[3], rate=tf.constant([.5, 4., 30.], kind), seed=3, seed2=7)]
            for kind in (tf.float16, tf.float32, tf.float64)] * 2


def debugged(tf: Any) -> Any:
    v = tf.Variable([1., 2.], use_resource=False)
    x = tf.placeholder(tf.float32, [2])
    y = tf.raw_ops.DebugGradientIdentity(input=x * 2.)
    # not looked for in variables by the Python of the time: the reference is made by hand
    w = tf.raw_ops.DebugGradientRefIdentity(input=v._ref())
    return [[v.initializer], ([y], {x: [1., 5.]}), [w + 1.], [tf.assign_add(w, [5., 5.]).op], [v.value()]]


def bits(tf: Any) -> Any:
    r = tf.raw_ops
    steps: list[Any] = []
    for kind in (tf.bool, tf.float16, tf.float32, tf.float64, tf.int8, tf.int16, tf.int32, tf.int64):
        given = tf.placeholder(tf.float32)
        x = given > 0. if kind == tf.bool else tf.cast(given, kind)
        packed = r.CompareAndBitpack(input=x, threshold=tf.constant(False) if kind == tf.bool else tf.cast(1.5, kind))
        steps.append(([packed], {given: [[[i % 5 - 1. for i in range(16)]], [[i % 3 + .7 for i in range(16)]]]}))
    return [*steps, ([packed], {given: [1.] * 9}), ([packed], {given: 3.}), ([packed], {given: [[]]})]


def constants(tf: Any) -> Any:
    r = tf.raw_ops
    name = "ten"
    return [[r.ImmutableConst(dtype=tf.string, shape=[2], memory_region_name=name)]]
