"""Gradients that several steps put together, of whole tensors and of rows."""
import threading

import numpy as np

import graphcli.tf1 as tf

SOON = tf.RunOptions(timeout_in_ms=100)


def told(fetch, feed=None, options=None):
    """What a step gives, or the kind of error that ends it."""
    try:
        value = session.run(fetch, feed, options=options)
        if isinstance(value, tuple):
            print(*[np.asarray(v).tolist() for v in value])
        else:
            print(np.asarray(value).tolist())
    except tf.errors.OpError as error:
        print("failed:", error.error_code, error.op and error.op.type)


def refused(call):
    try:
        call()
        print("made")
    except (TypeError, ValueError) as error:
        print(*[k.__name__ for k in (TypeError, ValueError) if isinstance(error, k)])


x = tf.placeholder(tf.float32, None)
step = tf.placeholder(tf.int64, [])
mean = tf.ConditionalAccumulator(tf.float32, [2], name="mean")
print(mean.name, mean.dtype == tf.float32, mean.accumulator_ref.dtype == tf.resource)
add, take_one, take_two = mean.apply_grad(tf.reshape(x, [2]), step), mean.take_grad(1), mean.take_grad(2)
print(take_one.shape, mean.take_grad(1, name="named").op.name)
count, forward = mean.num_accumulated(), mean.set_global_step(step)
free = tf.ConditionalAccumulator(tf.float64, name="free")
add_free, take_free = free.apply_grad(tf.cast(x, tf.float64), 5), free.take_grad(1)
total = tf.ConditionalAccumulator(tf.float32, [], reduction_type="SUM")
add_total, take_total = total.apply_grad(tf.reshape(x, [])), total.take_grad(2)
add_later = total.apply_grad(tf.reshape(x, []), local_step=1)
half = tf.ConditionalAccumulator(tf.float16, [])
add_half, take_half = half.apply_grad(tf.cast(x, tf.float16)), half.take_grad(3)
indices, rows, shape = tf.placeholder(tf.int64, None), tf.placeholder(tf.float32, None), tf.placeholder(tf.int64, None)
sparse = tf.SparseConditionalAccumulator(tf.float32, name="sparse")
print(sparse.accumulator_ref.dtype.name, sparse.name)
add_rows, take_rows = sparse.apply_grad(indices, rows, local_step=9), sparse.take_grad(2)
add_known, take_slices = sparse.apply_grad(indices, rows, shape, 9), sparse.take_indexed_slices_grad(1)
three = tf.SparseConditionalAccumulator(tf.float32, [3, 2], reduction_type="SUM")
add_three, take_three = three.apply_grad(indices, rows, shape), three.take_grad(1)
add_slices = three.apply_indexed_slices_grad(tf.IndexedSlices(tf.ones([2, 2]), tf.constant([2, 0])), local_step=1)
once, again = (tf.ConditionalAccumulator(tf.float32, [], shared_name="shared") for _ in range(2))
add_once, count_again = once.apply_grad(3.0), again.num_accumulated()
first, second = (tf.FIFOQueue(3, tf.int32, [[]], shared_name="shared") for _ in range(2))
third = tf.FIFOQueue(4, tf.int32, [[]], shared_name="shared")
for call in (lambda: mean.apply_grad([1.0, 2.0, 3.0]), lambda: mean.apply_grad(["a", "b"]),
             lambda: mean.take_grad([1]), lambda: tf.ConditionalAccumulator(tf.string, [2]),
             lambda: tf.ConditionalAccumulator(tf.float32, [2], reduction_type="MAX"),
             lambda: mean.apply_grad([1.0, 2.0], local_step=1.5), lambda: mean.apply_grad([1.0, 2.0], local_step=[1])):
    refused(call)

session = tf.Session()
told(count)
told(take_two, options=SOON)
told(add, {x: [1, 2], step: 0})
told(take_two, options=SOON)
told(count)
told(add, {x: [3, 6], step: 7})
told(take_two)
told(add, {x: [1, 2], step: 0})
told(count)
told(add, {x: [1, 2], step: 1})
told(forward, {step: 4})
told(add, {x: [1, 2], step: 3})
told(count)
told(forward, {step: 2})
told(add, {x: [2, 2], step: 3})
told(take_one)
for value in ([1, 2], [[1, 2]], [1, 2, 3], 4):
    told(add_free, {x: value})
told(take_free)
told(add_free, {x: [[4]]})
told(take_free)
for wrong in (free.take_grad(0), free.take_grad(-1)):
    told(wrong)
for value in (1, 2, 4):
    told(add_total, {x: value})
    told(add_half, {x: value / 3})
told(take_total)
told(take_half)
for ids, values in (([0, 2], [[1, 2], [3, 4]]), ([2, 1], [[5, 6], [7, 8]])):
    told(add_rows, {indices: ids, rows: values})
told(take_rows)
for ids, values in (([0, 0], [[1, 2], [3, 4]]), ([0], [[1, 2]]), ([0], [[1, 2, 3]]), ([0], [1]), ([[0]], [[1, 2]]),
                    ([0, 1], [[1, 2]]), ([0], 3), ([], np.zeros([0, 2]))):
    told(add_rows, {indices: ids, rows: values})
told(take_rows)
told(add_known, {indices: [9, -1], rows: [1, 2], shape: [4]})
told(take_slices)
for ids, size in (([0, 1], [4, 2]), ([0, 1], [3, 2]), ([0, 5], [3, 2]), ([0, 1], [3, 1])):
    told(add_three, {indices: ids, rows: [[1, 2], [3, 4]], shape: size})
told(add_slices)
told(take_three)
told(add_once)
told(count_again)
told(first.enqueue(3))
told(second.size())
told(third.size())

# a step waits for the steps of others
found = []
waiting = threading.Thread(target=lambda: found.append(session.run(take_total)))
waiting.start()
for value in (10, 20):
    session.run(add_later, {x: value})
waiting.join()
print(found)
