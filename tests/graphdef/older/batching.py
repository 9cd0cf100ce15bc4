"""Batches of steps, pairs of near tokens, and where readers stand."""
from __future__ import annotations

from typing import Any


def batched(tf: Any) -> Any:
    from tensorflow.contrib.batching.python.ops import batch_ops as batching  # type: ignore[import-not-found,unused-ignore]

    @batching.batch_function_v1(1, 8, 1000, allowed_batch_sizes=[4, 8])
    def doubled(x: Any, y: Any) -> Any:
        return x * 2. + tf.cast(tf.shape(x)[0], tf.float32), y + 1

    x, y = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.int32, [None])
    out = doubled(x, y)
    return [(out, {x: [[1., 2.], [3., 4.], [5., 6.]], y: [7, 8, 9]}), (out, {x: [[1., 2.]] * 5, y: [1] * 5}),
            (out, {x: [[1., 2.]] * 9, y: [1] * 9}), (out, {x: [[1., 2.]], y: [1, 2]})]


def differentiated(tf: Any) -> Any:
    from tensorflow.contrib.batching.python.ops import batch_ops as batching  # type: ignore[import-not-found,unused-ignore]

    @batching.batch_function_v1(1, 8, 1000)
    def squared(x: Any) -> Any:
        return tf.square(x)

    x = tf.placeholder(tf.float32, [None, 2])
    return [(tf.gradients(squared(x) * 3., x), {x: [[1., 2.], [3., -4.], [5., 6.]]})]


def of_functions(tf: Any) -> Any:
    from tensorflow.contrib.batching.python.ops import batch_ops as batching  # type: ignore[import-not-found,unused-ignore]

    w = tf.constant([[2.], [3.]])

    @batching.batch_function(1, 8, 1000, allowed_batch_sizes=[4, 8])
    def weighed(x: Any) -> Any:
        return tf.matmul(x, w), tf.reduce_sum(x, 1)

    x = tf.placeholder(tf.float32, [None, 2])
    return [(weighed(x), {x: [[1., 2.], [3., 4.], [5., 6.]]}), (weighed(x), {x: [[1., 2.]] * 9})]


def near(tf: Any) -> Any:
    from tensorflow.contrib import text  # type: ignore[import-not-found,unused-ignore]

    x = tf.placeholder(tf.string, [None])
    some, all_, few = (text.skip_gram_sample(x, 1, 4, start, limit, itself, seed=5) for start, limit, itself in (
        (2, 5, False), (0, -1, True), (1, 8, False)))
    words = {x: list("abcdefghij")}
    return [(some, words), (some, words), (all_, words), (few, words), (few, words), (few, words), (few, {x: ["a"]}),
            (text.skip_gram_sample(x, 3, 1), words), (text.skip_gram_sample(x, -1, 1), words)]


def standing(tf: Any) -> Any:
    queue = tf.FIFOQueue(9, tf.string, [[]])
    steps: Any = [[queue.enqueue_many([["one", "two", "three"]])]]
    state = tf.placeholder(tf.string, [])
    for reader in (tf.IdentityReader(), tf.TextLineReader()):
        told, restored = reader.serialize_state(), reader.restore_state(state)
        steps += [[told]]
        if isinstance(reader, tf.IdentityReader):
            steps += [[*reader.read(queue)], [told], [reader.num_work_units_completed()],
                      ([restored], {state: b"\x08\x01\x10\x02\x18\x05\x22\x01a"}), [told],
                      [reader.num_records_produced()], ([restored], {state: b"\xff"}),
                      ([restored], {state: b"\x08\x01\x18\x05"}), ([restored], {state: b""}), [told],
                      [*reader.read(queue)], [told]]
        else:
            steps += [([restored], {state: b""})]
    return steps
